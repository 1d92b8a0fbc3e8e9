//! The way from the hub to the vault when both run in one process: the same wire API, over memory.

use axum::Router;
use eaves_hub::vault::{Connect, Stream};
use futures::future::BoxFuture;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use std::io;

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
}
