//! Joining: what somebody with an invitation's link may do. Everything is charged to the network until the token proves
//! right, and the one thing that a holder of a link can learn of others is bounded: that a sign-in name is taken, three times.

use super::Peer;
use super::begin::{self, Asker, Cookies};
use super::door::{self, Door, Trying};
use super::failure::Answer;
use super::guard::Newcomer;
use super::homes::Told;
use super::login::{self, handle_text};
use super::reading::Body;
use crate::auth::{opaque, session};
use crate::store::{Account, JoinOutcome, NewAccount, OpenInvite};
use crate::vault::Shared;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use eaves_api::app::{self, Event, Registration, Way};
use eaves_api::people::{InviteFound, JoinFinish, JoinInvite, JoinRegister, JoinState, Joined};
use eaves_api::problem::Code;
use eaves_domain::{Base64Url, Digest};
use std::sync::Arc;

/// The invitation behind `token`. Charged to the network until the token proves right.
async fn invited(shared: &Shared, mut door: Door, token: &Base64Url) -> Answer<(Digest, OpenInvite)> {
    let charge = door.charge(shared, Trying::Code, None).await?;
    // The token is 256 bits of HKDF output and only its digest is compared: there is nothing to guess bit by bit.
    let hash = Digest::of(&token.0);
    let found = shared.store.open_invite(hash, shared.now()).await?.ok_or(Code::InviteRefused)?;
    door::refund(shared, &charge).await?;
    Ok((hash, found))
}

pub(super) async fn invite(
    State(shared): State<Arc<Shared>>,
    door: Door,
    Body(join): Body<JoinInvite>,
) -> Answer<Json<InviteFound>> {
    let (_, OpenInvite { household, invite, welcome, .. }) = invited(&shared, door, &join.token).await?;
    Ok(Json(InviteFound { household, invite, welcome }))
}

pub(super) async fn register(
    State(shared): State<Arc<Shared>>,
    door: Door,
    Body(join): Body<JoinRegister>,
) -> Answer<Json<Registration>> {
    invited(&shared, door, &join.token).await?;
    let handle = handle_text(&join.handle)?;
    login::registration(&shared, &handle, &join.registration_request)
}

pub(super) async fn finish(
    State(shared): State<Arc<Shared>>,
    door: Door,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    Body(join): Body<JoinFinish>,
) -> Answer<(Cookies, Json<Joined>)> {
    let (token_hash, found) = invited(&shared, door, &join.token).await?;
    let handle = handle_text(&join.handle)?;
    let is_complete = opaque::is_record(&join.registration_record.0)
        && join.ksf_preset == app::KSF_PRESET
        && login::is_wrapped(&join.password, Way::Password)
        && login::is_wrapped(&join.kit, Way::Kit)
        && join.answer.letter.is_sensible()
        && join.answer.mac.0.len() == 32
        && join.anchor.is_sensible();
    let (household, member) = (found.household, join.answer.member);
    let in_force = shared.homes.roster(&shared.store, household).await?;
    let is_new = in_force.roster.member(member).is_none() && !shared.store.has_account(household, member).await?;
    if !is_complete || !is_new {
        return Err(Code::InvalidRequest.into());
    }
    let account = Account {
        household,
        member,
        opaque_record: join.registration_record.0,
        ksf_preset: join.ksf_preset,
        kit_key: Some(join.kit_key),
    };
    let new = NewAccount {
        handle: &handle,
        account: &account,
        answer: &join.answer,
        anchor: &join.anchor,
        wrapped: [&join.password, &join.kit],
    };
    match shared.store.answer_invite(token_hash, &new, shared.now()).await? {
        JoinOutcome::Waiting => {}
        JoinOutcome::NameTaken => return Err(Code::NameTaken.into()),
        JoinOutcome::Gone => return Err(Code::InviteRefused.into()),
    }
    let event = Event::JoinAsked { invite: found.invite };
    shared.homes.tell(household, Told { event, device: None, member: Some(found.inviter) });
    let cookies = begin::begin_waiting(&shared, Asker::new(peer, &headers), household, member).await?;
    Ok((cookies, Json(Joined { household, member })))
}

pub(super) async fn state(
    State(shared): State<Arc<Shared>>,
    Extension(newcomer): Extension<Newcomer>,
) -> Answer<Json<JoinState>> {
    let in_force = shared.homes.roster(&shared.store, newcomer.household).await?;
    Ok(Json(JoinState { is_in: in_force.roster.member(newcomer.member).is_some() }))
}

pub(super) async fn leave(
    State(shared): State<Arc<Shared>>,
    Extension(newcomer): Extension<Newcomer>,
) -> Answer<(StatusCode, [(HeaderName, String); 1])> {
    let in_force = shared.homes.roster(&shared.store, newcomer.household).await?;
    if in_force.roster.member(newcomer.member).is_some() {
        return Err(Code::Conflict.into());
    }
    shared.store.leave_as_newcomer(newcomer.household, newcomer.member).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, session::no_cookie(shared.config.is_secure))]))
}
