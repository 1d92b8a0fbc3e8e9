//! The state of the box, and claiming it.

use super::acts;
use super::begin::{self, Asker, Beginning};
use super::door::{self, Door, Trying};
use super::failure::{Answer, Failure};
use super::guard;
use super::login::{self, handle_text};
use super::reading::Body;
use super::{Peer, passkeys};
use crate::auth::{is_same_secret, opaque};
use crate::store::{Account, NewHousehold, StoreError};
use crate::vault::Shared;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::Response;
use eaves_api::app::{self, ClaimFinish, ClaimHub, ClaimRegister, Registration, Way};
use eaves_api::hub::Pairing;
use eaves_api::people::HubJoin;
use eaves_api::problem::Code;
use eaves_domain::claim::HubIntroduction;
use eaves_domain::roster::{KeyWrap, Role, Roster};
use eaves_domain::{Base64Url, Digest, HubId, ScopeId};
use eaves_tlog::details::WayIn;
use std::sync::Arc;

/// Bytes of one wrapped identity: an age file of about 2 kB.
const WRAP_BYTES_MAX: usize = 8 << 10;
const WRAPS_MAX: usize = 4_096;

pub(super) async fn state(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Answer<Json<app::State>> {
    let claimed = shared.store.is_claimed().await?;
    let claimable = !claimed && shared.store.pairing(shared.now()).await?.is_some();
    let caller = guard::caller(&shared, &headers).await?;
    let session = caller.as_ref().map(begin::powers);
    let signed_in = match caller {
        Some(caller) => Some(app::Identity { household: caller.household, member: caller.member, pending: false }),
        None => guard::newcomer(&shared, &headers).await?.map(|waiting| app::Identity {
            household: waiting.household,
            member: waiting.member,
            pending: true,
        }),
    };
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let guarded = shared.gate.is_guarded(shared.now());
    let passkeys = passkeys::availability(&shared, &headers);
    Ok(Json(app::State { claimed, claimable, version, signed_in, session, passkeys, guarded }))
}

/// The hub behind `token`. Charged to the network until the token proves right.
async fn paired(shared: &Shared, mut door: Door, token: &Base64Url) -> Answer<Pairing> {
    if shared.store.is_claimed().await? {
        return Err(Code::AlreadyClaimed.into());
    }
    waiting(shared, &mut door, token).await
}

/// The same, also for a household that exists and gets another hub.
async fn waiting(shared: &Shared, door: &mut Door, token: &Base64Url) -> Answer<Pairing> {
    let charge = door.charge(shared, Trying::Code, None).await?;
    let pairing = behind(shared, token).await?;
    door::refund(shared, &charge).await?;
    Ok(pairing)
}

async fn behind(shared: &Shared, token: &Base64Url) -> Answer<Pairing> {
    let pairing = shared.store.pairing(shared.now()).await?.ok_or(Code::ClaimRefused)?.0;
    if !is_same_secret(&Digest::of(&token.0).0, &pairing.token_hash.0) {
        return Err(Code::ClaimRefused.into());
    }
    Ok(pairing)
}

pub(super) async fn hub(
    State(shared): State<Arc<Shared>>,
    door: Door,
    Body(claim): Body<ClaimHub>,
) -> Answer<Json<HubIntroduction>> {
    Ok(Json(paired(&shared, door, &claim.token).await?.introduction))
}

/// A hub for a household that exists, for its owner.
pub(super) async fn waiting_hub(
    State(shared): State<Arc<Shared>>,
    mut door: Door,
    Body(claim): Body<ClaimHub>,
) -> Answer<Json<HubIntroduction>> {
    Ok(Json(waiting(&shared, &mut door, &claim.token).await?.introduction))
}

/// Whether `roster` names the hub that waits behind a token, with its keys; then who sent the roster knows the code.
/// Only owners come here, with a code of 80 bits that they have typed: there is nothing to count.
pub(super) async fn is_joined_by(shared: &Shared, join: &HubJoin, roster: &Roster) -> Answer<HubId> {
    let introduced = behind(shared, &join.token).await?.introduction;
    let named = roster.hub(introduced.hub);
    let is_named =
        named.is_some_and(|hub| hub.signing_key == introduced.signing_key && hub.recipient == introduced.recipient);
    if !is_named || join.roster_mac.0.len() != 32 {
        return Err(Failure::refused("The roster does not name the hub that waits."));
    }
    Ok(introduced.hub)
}

pub(super) async fn register(
    State(shared): State<Arc<Shared>>,
    door: Door,
    Body(claim): Body<ClaimRegister>,
) -> Answer<Json<Registration>> {
    paired(&shared, door, &claim.token).await?;
    let handle = handle_text(&claim.handle)?;
    login::registration(&shared, &handle, &claim.registration_request)
}

pub(super) async fn finish(
    State(shared): State<Arc<Shared>>,
    door: Door,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    Body(claim): Body<ClaimFinish>,
) -> Answer<Response> {
    let pairing = paired(&shared, door, &claim.token).await?;
    let handle = handle_text(&claim.handle)?;
    let roster =
        Roster::accept_first(&claim.roster, None).map_err(|_| Failure::refused("The first roster was refused."))?;
    let introduced = &pairing.introduction;
    let names_hub = roster.hub(introduced.hub).is_some_and(|hub| hub.signing_key == introduced.signing_key);
    let names_owner = roster.member(claim.member).is_some_and(|member| member.role == Role::Owner);
    if !names_hub || !names_owner || roster.hubs.len() != 1 {
        return Err(Failure::refused("The first roster does not name the hub and the owner."));
    }
    let is_complete = opaque::is_record(&claim.registration_record.0)
        && claim.ksf_preset == app::KSF_PRESET
        && login::is_wrapped(&claim.password, Way::Password)
        && login::is_wrapped(&claim.kit, Way::Kit)
        && claim.roster_mac.0.len() == 32
        && are_wraps_of(&claim.key_wraps, &roster);
    if !is_complete {
        return Err(Code::InvalidRequest.into());
    }
    let account = Account {
        household: roster.household,
        member: claim.member,
        opaque_record: claim.registration_record.0,
        ksf_preset: claim.ksf_preset,
        kit_key: Some(claim.kit_key),
    };
    let new = NewHousehold {
        household: roster.household,
        handle: &handle,
        account: &account,
        roster: &claim.roster,
        hub: introduced.hub,
        roster_mac: &claim.roster_mac.0,
        key_wraps: &claim.key_wraps,
        wrapped: [&claim.password, &claim.kit],
    };
    let now = shared.now();
    let first = acts::of_roster(claim.member, None, &roster, claim.roster.payload_digest());
    match shared.store.telling(roster.household, now, first).make_household(&new, now).await {
        Ok(()) => {}
        Err(StoreError::Conflict) => return Err(Code::AlreadyClaimed.into()),
        Err(error) => return Err(error.into()),
    }
    shared.homes.put_roster(&claim.roster, roster);
    // The hub's channel carries it over, and again until it is taken.
    shared.claimed.notify_waiters();
    let (household, member, wrapped) = (account.household, account.member, Some(claim.password));
    let beginning = Beginning { household, member, way: WayIn::Claim, wrapped, recovered: false, tell: false };
    begin::begin(&shared, Asker::new(peer, &headers), beginning).await
}

/// Whether each wrap is of a scope and for a member that the roster names.
pub(super) fn are_wraps_of(wraps: &[KeyWrap], roster: &Roster) -> bool {
    wraps.len() <= WRAPS_MAX
        && wraps.iter().all(|wrap| {
            let is_scope = wrap.scope == ScopeId::from(roster.household)
                || roster.rooms.iter().any(|room| ScopeId::from(room.room) == wrap.scope);
            is_scope && wrap.wrapped.0.len() <= WRAP_BYTES_MAX && roster.member(wrap.member).is_some()
        })
}
