//! How the hub reaches the vault: TCP, TLS, or memory when both roles run in one process.

use bytes::Bytes;
use futures::future::BoxFuture;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::{Request, Response};
use std::io;
use tokio::io::{AsyncRead, AsyncWrite};

/// A byte stream to the vault.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// The body of a request or of an answer.
pub type Body = UnsyncBoxBody<Bytes, io::Error>;

/// Makes byte streams to the vault. Whoever implements it also authenticates the vault, where the way there is not
/// private: the hub trusts the vault with ciphertext only, but its session token goes there too.
pub trait Connect: Send + Sync + 'static {
    /// A new stream.
    fn connect(&self) -> BoxFuture<'_, io::Result<Box<dyn Stream>>>;

    /// What the `Host` header says.
    fn authority(&self) -> &str;

    /// Carries one request to a vault in the same process: the same request, but no byte of its body is copied into a
    /// stream and out of it again. By default the way is a stream, and the request comes back.
    fn carry(&self, request: Request<Body>) -> Carried<'_> {
        Carried::ByStream(Box::new(request))
    }
}

/// What became of a request given to [`Connect::carry`].
pub enum Carried<'a> {
    /// There is no shorter way; the request comes back.
    ByStream(Box<Request<Body>>),
    /// It is on its way.
    Inside(BoxFuture<'a, io::Result<Response<Body>>>),
}
