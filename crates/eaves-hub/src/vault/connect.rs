//! How the hub reaches the vault: TCP, TLS, or memory when both roles run in one process.

use futures::future::BoxFuture;
use std::io;
use tokio::io::{AsyncRead, AsyncWrite};

/// A byte stream to the vault.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Makes byte streams to the vault. Whoever implements it also authenticates the vault, where the way there is not
/// private: the hub trusts the vault with ciphertext only, but its session token goes there too.
pub trait Connect: Send + Sync + 'static {
    /// A new stream.
    fn connect(&self) -> BoxFuture<'_, io::Result<Box<dyn Stream>>>;

    /// What the `Host` header says.
    fn authority(&self) -> &str;
}
