//! A member's sessions: where they are signed in, and ending that.

use super::failure::Answer;
use super::guard::Caller;
use super::notices::{self, Told};
use super::reading::{InPath, InQuery};
use crate::auth::{known_device, session};
use crate::store::Store;
use crate::vault::Shared;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::AppendHeaders;
use eaves_api::app::{Network, NoticeKind, Session, Sessions};
use eaves_api::problem::Code;
use eaves_tlog::details::{SessionEnd, What};
use std::collections::HashSet;
use std::sync::Arc;

/// Whether this browser shall also no longer be known.
#[derive(serde::Deserialize)]
pub(super) struct Logout {
    #[serde(default)]
    forget: bool,
}

pub(super) async fn logout(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    InQuery(Logout { forget }): InQuery<Logout>,
) -> Answer<(StatusCode, AppendHeaders<Vec<(HeaderName, String)>>)> {
    let is_secure = shared.config.is_secure;
    let mut cookies = vec![(header::SET_COOKIE, session::no_cookie(is_secure))];
    let store = telling(&shared, &caller, SessionEnd::SignedOut);
    if forget {
        store.end_session_and_device(caller.household, caller.member, &caller.session, None).await?;
        cookies.push((header::SET_COOKIE, known_device::no_cookie(is_secure)));
    } else {
        store.end_session(caller.household, caller.member, &caller.session).await?;
    }
    Ok((StatusCode::NO_CONTENT, AppendHeaders(cookies)))
}

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Answer<Json<Sessions>> {
    let (rows, now) = (shared.store.sessions(caller.household, caller.member).await?, shared.now());
    let known: HashSet<_> =
        shared.store.known_devices(caller.household, caller.member).await?.into_iter().map(|d| d.device).collect();
    let own = rows.iter().find(|row| row.session == caller.session).and_then(|row| row.network.clone());
    let live = rows.into_iter().filter(|row| session::is_live(row.started, row.used, now));
    let sessions = live
        .map(|row| Session {
            this: row.session == caller.session,
            watching: shared.relay.watching(&row.session),
            device_known: row.device.as_ref().is_some_and(|device| known.contains(device)),
            network: if row.network.is_some() && row.network == own {
                Network::This
            } else {
                notices::place(&shared, caller.household, row.network.as_deref())
            },
            session: row.session,
            client: row.client,
            started_us: row.started,
            used_us: row.used,
        })
        .collect();
    Ok(Json(Sessions { sessions }))
}

pub(super) async fn end(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    InPath(session): InPath<String>,
) -> Answer<StatusCode> {
    // Whoever ends a session from elsewhere does not trust that browser; their own stays known.
    let keep = caller.device.as_deref();
    let store = telling(&shared, &caller, SessionEnd::Elsewhere);
    let was_there = store.end_session_and_device(caller.household, caller.member, &session, keep).await?;
    if !was_there {
        return Err(Code::NotFound.into());
    }
    tell(&shared, &caller).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn end_others(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Answer<StatusCode> {
    let store = telling(&shared, &caller, SessionEnd::Elsewhere);
    let ended = store.end_other_sessions(caller.household, caller.member, Some(&caller.session)).await?;
    if ended > 0 {
        tell(&shared, &caller).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Ends every session of the member, this one too, and forgets every device.
pub(super) async fn end_all(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Answer<(StatusCode, AppendHeaders<Vec<(HeaderName, String)>>)> {
    let store = telling(&shared, &caller, SessionEnd::Elsewhere);
    store.end_other_sessions(caller.household, caller.member, None).await?;
    tell(&shared, &caller).await?;
    let is_secure = shared.config.is_secure;
    let cookies = [session::no_cookie(is_secure), known_device::no_cookie(is_secure)];
    Ok((StatusCode::NO_CONTENT, AppendHeaders(cookies.map(|cookie| (header::SET_COOKIE, cookie)).to_vec())))
}

/// The store, which writes down that sessions of the caller end.
fn telling(shared: &Shared, caller: &Caller, why: SessionEnd) -> Store {
    shared.store.telling_of((caller.household, caller.member), shared.now(), What::SessionEnded { why })
}

async fn tell(shared: &Shared, caller: &Caller) -> Answer<()> {
    let told = Told { session: Some(caller.session.clone()), ..Told::default() };
    notices::tell_member(shared, caller.household, caller.member, NoticeKind::SessionEnded, told).await
}
