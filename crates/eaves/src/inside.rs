//! The way from the hub to the vault when both run in one process: the same wire API, over memory.

use axum::Router;
use eaves_hub::vault::{Body, Carried, Connect, Stream};
use futures::future::BoxFuture;
use http_body_util::BodyExt as _;
use hyper::Request;
use hyper::service::Service as _;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use std::io;
use tokio_util::task::AbortOnDropHandle;

/// Bytes that may wait in each direction.
const BUFFER: usize = 256 << 10;

/// Serves `router` to whoever connects, without a socket.
pub(crate) struct Inside(pub(crate) Router);

impl Connect for Inside {
    fn connect(&self) -> BoxFuture<'_, io::Result<Box<dyn Stream>>> {
        Box::pin(async move {
            let (near, far) = tokio::io::duplex(BUFFER);
            let service = TowerToHyperService::new(self.0.clone());
            tokio::spawn(async move {
                let connection =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(far), service);
                if connection.with_upgrades().await.is_err() {
                    tracing::debug!("a connection between hub and vault broke");
                }
            });
            Ok(Box::new(near) as Box<dyn Stream>)
        })
    }

    fn authority(&self) -> &str {
        "vault"
    }

    fn carry(&self, request: Request<Body>) -> Carried<'_> {
        let service = TowerToHyperService::new(self.0.clone());
        Carried::Inside(Box::pin(async move {
            // A task of its own, as a connection has: what goes wrong in the vault does not end the hub's upload. It ends
            // with whoever waits for it.
            let task = AbortOnDropHandle::new(tokio::spawn(service.call(request)));
            let answer = task.await.map_err(io::Error::other)?.unwrap_or_else(|never| match never {});
            Ok(answer.map(|body| body.map_err(io::Error::other).boxed_unsync()))
        }))
    }
}
