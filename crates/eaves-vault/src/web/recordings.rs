//! Chains, headers and sealed bodies, for who may see the room.

use super::failure::{Answer, Failure};
use super::guard::Caller;
use super::opened::Opening;
use super::reading::{InPath, InQuery};
use crate::store::LinkRow;
use crate::vault::Shared;
use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use eaves_api::LINKS_MAX;
use eaves_api::app::{ChainEntry, Headers, Links, Storage};
use eaves_api::problem::Code;
use eaves_domain::link::PartKind;
use eaves_domain::roster::Role;
use eaves_domain::{DeviceId, RecordingId, Timestamp};
use eaves_tlog::details::What;
use serde::Deserialize;
use std::sync::{Arc, PoisonError};
use tokio::io::AsyncReadExt as _;
use tokio_util::io::ReaderStream;

/// Bodies are read in pieces of this size.
const PIECE: usize = 256 << 10;

impl Caller {
    /// Whether this member may see what `device` recorded. What a removed device left belongs to the owners.
    pub(super) fn may_see(&self, device: DeviceId) -> bool {
        let roster = &self.in_force.roster;
        let is_owner = roster.member(self.member).is_some_and(|member| member.role == Role::Owner);
        roster.may_see_device(self.member, device) || (is_owner && roster.device(device).is_none())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Stretch {
    from_us: Option<i64>,
    to_us: Option<i64>,
    from_index: Option<u64>,
    to_index: Option<u64>,
    limit: Option<u32>,
}

pub(super) async fn links(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    InPath(device): InPath<DeviceId>,
    InQuery(stretch): InQuery<Stretch>,
) -> Answer<Json<Links>> {
    let head = shared.store.head(caller.household, device).await?;
    let is_known = caller.in_force.roster.device(device).is_some() || head.next_index > 0;
    if !is_known || !caller.may_see(device) {
        return Err(Code::NotFound.into());
    }
    let limit = stretch.limit.unwrap_or(LINKS_MAX).clamp(1, LINKS_MAX);
    let slice = match stretch {
        Stretch { from_us: Some(from), to_us: Some(to), from_index: None, to_index: None, .. } => {
            let (from, to) = (Timestamp(from), Timestamp(to));
            shared.store.links_by_time(caller.household, device, from, to, limit).await?
        }
        Stretch { from_index: Some(from), to_index, from_us: None, to_us: None, .. } => {
            let to = to_index.unwrap_or(head.next_index);
            shared.store.links_by_index(caller.household, device, from, to, limit).await?
        }
        _ => return Err(Code::InvalidRequest.into()),
    };
    let links = slice.links.into_iter().map(entry).collect::<Answer<Vec<_>>>()?;
    Ok(Json(Links { links, head, more: slice.more }))
}

fn entry(row: LinkRow) -> Answer<ChainEntry> {
    let link = row.envelope;
    match (row.state.as_str(), row.command) {
        ("kept", _) => Ok(ChainEntry::Kept { link }),
        ("erased", Some(command)) => Ok(ChainEntry::Erased { link, command }),
        ("expired", _) => Ok(ChainEntry::Expired { link }),
        _ => {
            tracing::error!("a link is neither kept, erased nor expired");
            Err(Code::Internal.into())
        }
    }
}

/// Lets through who may know of `recording`, while it is kept.
async fn kept(shared: &Shared, caller: &Caller, recording: RecordingId) -> Answer<(DeviceId, Timestamp)> {
    let found = shared.store.recording_place(caller.household, recording).await?;
    let (device, start, is_kept) = found.ok_or(Code::NotFound)?;
    if !caller.may_see(device) {
        return Err(Code::NotFound.into());
    }
    if is_kept { Ok((device, start)) } else { Err(Code::Erased.into()) }
}

/// Writes down that the caller opens what a camera recorded, before the first byte of it.
async fn note(shared: &Shared, caller: &Caller, opening: Opening) -> Answer<()> {
    let now = shared.now();
    let is_known = shared.opened.lock().unwrap_or_else(PoisonError::into_inner).knows(&opening, now);
    if is_known {
        return Ok(());
    }
    let Opening { device, from, part, .. } = opening;
    let what = What::RecordingOpened { device, from_us: from, to_us: opening.to(), part };
    shared.note(shared.store.telling_of((caller.household, caller.member), now, what)).await?;
    shared.opened.lock().unwrap_or_else(PoisonError::into_inner).note(opening, now);
    Ok(())
}

pub(super) async fn headers(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    InPath(recording): InPath<RecordingId>,
) -> Answer<Json<Headers>> {
    kept(&shared, &caller, recording).await?;
    Ok(Json(shared.store.headers(caller.household, recording).await?.ok_or(Code::Erased)?))
}

pub(super) async fn part(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    InPath((recording, name)): InPath<(RecordingId, String)>,
    headers: HeaderMap,
) -> Answer<Response> {
    let part = PartKind::from_name(&name).ok_or(Code::NotFound)?;
    let (device, start) = kept(&shared, &caller, recording).await?;
    let total = shared.store.part_bytes(caller.household, recording, part).await?.ok_or(Code::NotFound)?;
    let asked = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let range = match asked.map_or(Range::Whole, |text| read_range(text, total)) {
        Range::Whole => None,
        Range::Of(from, to) => Some((from, to)),
        Range::Outside => {
            let mut response = Failure::from(Code::BadRange).into_response();
            put(&mut response, header::CONTENT_RANGE, &format!("bytes */{total}"));
            return Ok(response);
        }
    };
    let (from, length) = range.map_or((0, total), |(from, to)| (from, to - from + 1));
    note(&shared, &caller, Opening::of(&caller.session, device, start, part)).await?;
    let file = shared.store.read_body(caller.household, recording, part, from).await?;
    let body = Body::from_stream(ReaderStream::with_capacity(file.take(length), PIECE));
    let mut response = body.into_response();
    put(&mut response, header::CONTENT_TYPE, "application/octet-stream");
    put(&mut response, header::ACCEPT_RANGES, "bytes");
    put(&mut response, header::CONTENT_LENGTH, &length.to_string());
    if let Some((from, to)) = range {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        put(&mut response, header::CONTENT_RANGE, &format!("bytes {from}-{to}/{total}"));
    }
    Ok(response)
}

fn put(response: &mut Response, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Range {
    /// Nothing that is understood was asked for: everything is sent (RFC 9110 section 14.2).
    Whole,
    /// First and last byte.
    Of(u64, u64),
    /// None of it is there.
    Outside,
}

fn read_range(text: &str, total: u64) -> Range {
    let Some((from, to)) = text.strip_prefix("bytes=").and_then(|spec| spec.split_once('-')) else {
        return Range::Whole;
    };
    let number = |text: &str| if text.bytes().all(|b| b.is_ascii_digit()) { text.parse::<u64>().ok() } else { None };
    match (from, to) {
        ("", suffix) => match number(suffix) {
            None => Range::Whole,
            Some(length) if length == 0 || total == 0 => Range::Outside,
            Some(length) => Range::Of(total.saturating_sub(length), total - 1),
        },
        (from, to) => {
            let (Some(from), Some(to)) = (number(from), if to.is_empty() { Some(u64::MAX) } else { number(to) }) else {
                return Range::Whole;
            };
            if from > to {
                Range::Whole
            } else if from >= total {
                Range::Outside
            } else {
                Range::Of(from, to.min(total - 1))
            }
        }
    }
}

pub(super) async fn storage(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Answer<Json<Storage>> {
    let (used_bytes, recordings, oldest_us) = shared.store.usage(caller.household).await?;
    Ok(Json(Storage { used_bytes, free_bytes: shared.store.free_bytes()?, recordings, oldest_us }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_http_says() {
        let cases = [
            ("bytes=0-", Range::Of(0, 99)),
            ("bytes=0-0", Range::Of(0, 0)),
            ("bytes=10-19", Range::Of(10, 19)),
            ("bytes=90-1000", Range::Of(90, 99)),
            ("bytes=-10", Range::Of(90, 99)),
            ("bytes=-1000", Range::Of(0, 99)),
            ("bytes=-0", Range::Outside),
            ("bytes=100-", Range::Outside),
            ("bytes=99999999999999999999-", Range::Whole),
            ("bytes=5-4", Range::Whole),
            ("bytes=0-1,3-4", Range::Whole),
            ("bytes=+1-2", Range::Whole),
            ("lines=0-1", Range::Whole),
            ("bytes=", Range::Whole),
        ];
        for (text, range) in cases {
            assert_eq!(read_range(text, 100), range, "{text}");
        }
        assert_eq!(read_range("bytes=0-", 0), Range::Outside);
    }
}
