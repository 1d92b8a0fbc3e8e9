//! The app itself: files that were built in (or of a folder), and the page for every address of the app.

use super::failure::Failure;
use crate::vault::Shared;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use axum::response::{IntoResponse, Response};
use eaves_api::problem::Code;
use rust_embed::{EmbeddedFile, RustEmbed};
use std::borrow::Cow;
use std::path::{Component, Path};
use std::sync::Arc;

#[derive(RustEmbed)]
#[folder = "../../app/dist"]
#[allow_missing = true]
struct BuiltIn;

const INDEX: &str = "index.html";
/// What is shown when the program was built without the app.
const NO_APP: &str = "<!doctype html><title>Eaves</title><p>This program was built without its app. \
    Run <code>npm ci</code> and <code>npm run build</code> in the folder <code>app</code>, then build it again.";

/// Answers whatever is no route: a file of the app, or the app's page.
pub(super) async fn get(State(shared): State<Arc<Shared>>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    let is_api = ["api/", "hub/"].iter().any(|prefix| path.starts_with(prefix));
    if is_api || (method != Method::GET && method != Method::HEAD) {
        return not_found().await;
    }
    // Every address of the app that is no file is answered with the page; a missing file must not be.
    let is_page = !path.rsplit('/').next().unwrap_or("").contains('.');
    let name = if path.is_empty() || is_page { INDEX } else { path };
    let Some((bytes, tag)) = file(&shared, name).await else {
        return if is_page {
            let page = [(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))];
            (page, NO_APP).into_response()
        } else {
            not_found().await
        };
    };
    let is_hashed = name.starts_with("assets/");
    let keep = if is_hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut about: Vec<(HeaderName, HeaderValue)> = vec![
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type(name))),
        (header::CACHE_CONTROL, HeaderValue::from_static(keep)),
    ];
    about.extend(HeaderValue::from_str(&tag).ok().map(|tag| (header::ETAG, tag)));
    let is_known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = if is_known {
        axum::http::StatusCode::NOT_MODIFIED.into_response()
    } else {
        axum::body::Body::from(bytes).into_response()
    };
    response.headers_mut().extend(about);
    response
}

/// There is no such thing.
pub(super) async fn not_found() -> Response {
    Failure::from(Code::NotFound).into_response()
}

async fn file(shared: &Shared, name: &str) -> Option<(Vec<u8>, String)> {
    let bytes = match &shared.config.app_dir {
        Some(dir) => {
            let is_below = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
            if !is_below {
                return None;
            }
            tokio::fs::read(dir.join(name)).await.ok()?
        }
        None => BuiltIn::get(name).map(|EmbeddedFile { data, .. }: EmbeddedFile| match data {
            Cow::Borrowed(bytes) => bytes.to_vec(),
            Cow::Owned(bytes) => bytes,
        })?,
    };
    let tag = format!("\"{}\"", eaves_domain::Digest::of(&bytes).to_hex());
    Some((bytes, tag))
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or("") {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
