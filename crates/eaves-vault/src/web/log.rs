//! The log, as it is shown: its public files to anybody, a household's entries to its members, and receipts.
//!
//! Owners and adults see everything of the household. A guest sees that something was written down, so that their app can
//! hold the chain together, and what of it is about themselves.

use super::failure::{Answer, Failure};
use super::guard::Caller;
use super::notices::is_adult;
use super::reading::{InPath, InQuery};
use crate::vault::Shared;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use eaves_api::app::{LOG_PAGE_MAX, LogPage};
use eaves_api::problem::Code;
use eaves_domain::MemberId;
use eaves_tlog::chain::Shown;
use serde::Deserialize;
use std::sync::Arc;

/// Full tiles never change; partial ones and the checkpoint do.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

pub(super) async fn checkpoint(State(shared): State<Arc<Shared>>) -> Answer<Response> {
    let note = shared.log.public_file("checkpoint").await?.ok_or(Code::NotFound)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], note).into_response())
}

pub(super) async fn tile(State(shared): State<Arc<Shared>>, InPath(tile): InPath<String>) -> Answer<Response> {
    let path = format!("tile/{tile}");
    let bytes = shared.log.public_file(&path).await?.ok_or(Code::NotFound)?;
    let kept = if path.contains(".p/") { "no-store" } else { FOR_EVER };
    let headers = [(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, kept)];
    Ok((headers, bytes).into_response())
}

/// What an app remembers, and what it wants to see.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Wanted {
    /// The size that it remembers.
    #[serde(default)]
    size: u64,
    /// From which sequence on.
    #[serde(default)]
    from: u64,
    /// Under a checkpoint of this size, and not the newest.
    at: Option<u64>,
    limit: Option<u32>,
}

pub(super) async fn page(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    InQuery(Wanted { size, from, at, limit }): InQuery<Wanted>,
) -> Answer<Json<LogPage>> {
    let limit = limit.unwrap_or(LOG_PAGE_MAX).clamp(1, LOG_PAGE_MAX);
    let visit = shared.log.visit_at(caller.household, size, from, limit, at).await?;
    let mut entries = visit.shown;
    if !is_adult(&caller) {
        entries.iter_mut().for_each(|shown| leave_out_others(shown, caller.member));
    }
    Ok(Json(LogPage {
        key: shared.log.key().to_text(),
        checkpoint: visit.checkpoint.to_string(),
        consistency: visit.consistency,
        entries,
        more: !visit.is_all,
    }))
}

/// Takes out details that are not about `member`.
fn leave_out_others(shown: &mut Shown, member: MemberId) {
    let is_own = shown.opening.details().is_ok_and(|details| details.is_some_and(|details| details.is_about(member)));
    if !is_own {
        shown.opening.details = None;
    }
}

#[derive(Deserialize)]
pub(super) struct Which {
    sequence: u64,
}

/// The receipt of an entry: one file, and who has it needs nothing else.
pub(super) async fn receipt(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    InQuery(Which { sequence }): InQuery<Which>,
) -> Answer<Response> {
    if !is_adult(&caller) {
        let visit = shared.log.visit(caller.household, 0, sequence, 1).await?;
        let details = visit.shown.first().and_then(|shown| shown.opening.details().ok().flatten());
        if !details.is_some_and(|details| details.is_about(caller.member)) {
            return Err(Failure::from(Code::NotFound));
        }
    }
    let receipt = shared.log.receipt(caller.household, sequence).await?;
    let name = format!("attachment; filename=\"eaves-{sequence}.tlog-proof\"");
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, receipt.to_string()).into_response())
}
