//! Invitations, as owners make, see and take them back.

use super::failure::{Answer, Failure};
use super::guard::Caller;
use super::reading::{Body, InPath};
use crate::vault::Shared;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use eaves_api::people::{InviteMake, Invites};
use eaves_api::problem::Code;
use eaves_domain::InviteId;
use eaves_domain::invite::INVITE_US_MAX;
use eaves_tlog::details::What;
use std::sync::Arc;

/// How far the inviter's clock may be ahead.
const CLOCK_US: i64 = 600_000_000;

pub(super) async fn make(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(make): Body<InviteMake>,
) -> Answer<StatusCode> {
    let now = shared.now();
    let left = make.expires_us.since_us(now);
    let is_sensible =
        left > 0 && left <= INVITE_US_MAX + CLOCK_US && make.welcome.is_sensible() && make.kept.is_sensible();
    if !is_sensible {
        return Err(Code::InvalidRequest.into());
    }
    let what = What::Invited { invite: make.invite };
    let store = shared.store.telling_of((caller.household, caller.member), now, what);
    store.add_invite(caller.household, caller.member, &make, now).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Answer<Json<Invites>> {
    let invites = shared.store.invites(caller.household, caller.member, shared.now()).await?;
    Ok(Json(Invites { invites }))
}

pub(super) async fn take_back(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    InPath(invite): InPath<InviteId>,
) -> Answer<StatusCode> {
    let was_there = shared.store.take_back_invite(caller.household, invite).await?;
    if was_there { Ok(StatusCode::NO_CONTENT) } else { Err(Failure::from(Code::NotFound)) }
}
