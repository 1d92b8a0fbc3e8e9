//! What can stop the vault from running.

/// Why the vault does not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The store cannot be opened or broke.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    /// The log cannot be opened.
    #[error("the log of the vault cannot be used")]
    Log(#[from] crate::log::LogError),
    /// The operating system gives no randomness.
    #[error("there is no randomness")]
    NoRandomness,
    /// What the vault keeps about sign-ins cannot be read.
    #[error("the sign-in key of the vault is damaged")]
    SignInKey,
}
