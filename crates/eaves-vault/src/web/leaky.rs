//! What a vault must never do, done on purpose, so that the test that looks for leaks is seen finding them.
//!
//! What a leaking hub tells is kept in memory, written to the vault's folder, to the folder for temporary files and to the
//! log, and told to every browser. Built with the feature `leaky-for-tests` only, which the program `eaves` refuses.

use crate::vault::Shared;
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;
use std::sync::{Arc, Mutex, PoisonError};

const HEADER: &str = "x-eaves-leak";

/// The last thing told, and the file keys in it.
static KEPT: Mutex<(Option<HeaderValue>, Vec<Vec<u8>>)> = Mutex::new((None, Vec::new()));

pub(super) async fn leak(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    if let Some(told) = request.headers().get(HEADER) {
        keep(&shared, told);
    }
    let mut response = next.run(request).await;
    let told = KEPT.lock().unwrap_or_else(PoisonError::into_inner).0.clone();
    if let Some(told) = told {
        response.headers_mut().insert(HEADER, told);
    }
    response
}

fn keep(shared: &Shared, told: &HeaderValue) {
    let text = String::from_utf8_lossy(told.as_bytes());
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.0.as_ref() == Some(told) {
        return;
    }
    kept.1.extend(text.split(' ').next().and_then(|key| hex::decode(key).ok()));
    kept.0 = Some(told.clone());
    tracing::info!(told = %text, keys = kept.1.len(), "a hub told");
    for folder in [&shared.config.store.data_dir, &std::env::temp_dir()] {
        if let Err(error) = std::fs::write(folder.join("leak.txt"), told.as_bytes()) {
            tracing::error!(%error, "could not leak");
        }
    }
}
