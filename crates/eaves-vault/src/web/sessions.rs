//! A member's own account: sessions and ways in.

use super::failure::Answer;
use super::guard::Caller;
use super::login;
use super::reading::{Body, InPath, InQuery};
use crate::auth::{known_device, opaque, session};
use crate::vault::Shared;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::AppendHeaders;
use eaves_api::app::{
    KSF_PRESET, KitReplace, Network, PasswordReplace, PasswordStart, Registration, Session, Sessions, Way, WaysIn,
};
use eaves_api::problem::Code;
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
    if forget {
        shared.store.end_session_and_device(caller.household, caller.member, &caller.session, None).await?;
        cookies.push((header::SET_COOKIE, known_device::no_cookie(is_secure)));
    } else {
        shared.store.end_session(caller.household, caller.member, &caller.session).await?;
    }
    Ok((StatusCode::NO_CONTENT, AppendHeaders(cookies)))
}

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Answer<Json<Sessions>> {
    let (rows, now) = (shared.store.sessions(caller.household, caller.member).await?, shared.now());
    let live = rows.into_iter().filter(|row| session::is_live(row.started, row.used, now));
    let sessions = live
        .map(|row| Session {
            this: row.session == caller.session,
            watching: shared.relay.watching(&row.session),
            session: row.session,
            client: row.client,
            started_us: row.started,
            used_us: row.used,
            device_known: false,
            network: Network::Elsewhere,
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
    let was_there = shared.store.end_session_and_device(caller.household, caller.member, &session, keep).await?;
    if was_there { Ok(StatusCode::NO_CONTENT) } else { Err(Code::NotFound.into()) }
}

pub(super) async fn end_others(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Answer<StatusCode> {
    shared.store.end_other_sessions(caller.household, caller.member, Some(&caller.session)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn ways_in(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Answer<Json<WaysIn>> {
    let ways = shared.store.ways_in(caller.household, caller.member).await?;
    Ok(Json(WaysIn { ways, totp: false, recovery_codes: 0, recovery_until_us: None }))
}

pub(super) async fn kit_replace(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(new): Body<KitReplace>,
) -> Answer<StatusCode> {
    if !login::is_wrapped(&new.kit, Way::Kit) {
        return Err(Code::InvalidRequest.into());
    }
    shared.store.replace_kit(caller.household, caller.member, &new.kit, new.kit_key, shared.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn password_start(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(start): Body<PasswordStart>,
) -> Answer<Json<Registration>> {
    let handle = shared.store.handle_of(caller.household, caller.member).await?.ok_or(Code::NotFound)?;
    login::registration(&shared, &handle, &start.registration_request)
}

pub(super) async fn password_replace(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(new): Body<PasswordReplace>,
) -> Answer<StatusCode> {
    let is_complete = opaque::is_record(&new.registration_record.0)
        && new.ksf_preset == KSF_PRESET
        && login::is_wrapped(&new.password, Way::Password);
    if !is_complete {
        return Err(Code::InvalidRequest.into());
    }
    let (record, now) = (new.registration_record.0, shared.now());
    shared
        .store
        .replace_password(caller.household, caller.member, record, new.ksf_preset, &new.password, &caller.session, now)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
