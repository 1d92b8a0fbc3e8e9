//! Why the hub does not start, or stops.

/// Why the hub does not start, or stops. None of these carries a name, an address or a key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The disk failed.
    #[error("the hub's data folder could not be used")]
    Disk(#[from] std::io::Error),
    /// There is state, but not the identity that it belongs to. Making a new identity would orphan every recording's
    /// chain, so nothing is made.
    #[error("the hub's identity file is missing although the hub has been in use: restore it from a backup")]
    IdentityMissing,
    /// The identity file is not what the hub wrote.
    #[error("the hub's identity file is damaged: restore it from a backup")]
    IdentityDamaged,
    /// The rosters on disk do not form a chain that starts at the pinned one.
    #[error("the pinned rosters of the hub are damaged: restore them from a backup")]
    RostersDamaged,
    /// The operating system gives no random bytes.
    #[error("no randomness")]
    Randomness,
}
