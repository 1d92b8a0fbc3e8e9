//! What hubs bring: introductions, sessions, sealed bodies, links, outcomes.

use super::commands;
use super::failure::{Answer, Failure};
use super::guard::HubCaller;
use super::homes::Told;
use super::reading::{Body, InPath, InQuery};
use super::roster::From;
use crate::auth::random;
use crate::auth::session::{HUB_SESSION_US_MAX, Token};
use crate::store::{CommitOutcome, HubSession, StoreError};
use crate::vault::Shared;
use axum::Json;
use axum::extract::{Extension, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use eaves_api::app::{CommandOutcome, Event, RosterChain};
use eaves_api::hub::{Head, LinkUpload, Pairing, Session, SessionRequest};
use eaves_api::problem::Code;
use eaves_api::{HEADER_BYTES_MAX, PART_BYTES_MAX};
use eaves_domain::claim::CLAIM_US_MAX;
use eaves_domain::envelope::{Envelope, PublicKey};
use eaves_domain::link::{Link, LinkKind, PartKind};
use eaves_domain::roster::Roster;
use eaves_domain::{CommandId, DeviceId, HouseholdId, RecordingId};
use futures::StreamExt as _;
use std::sync::Arc;
use std::time::Duration;

/// How far a hub's clock may be off when it signs in.
const SESSION_REQUEST_US: i64 = 600_000_000;
/// A body of which no piece comes for so long is given up.
const PIECE_WAIT: Duration = Duration::from_secs(60);

pub(super) async fn pairing(State(shared): State<Arc<Shared>>, Body(pairing): Body<Pairing>) -> Answer<StatusCode> {
    let now = shared.now();
    let left = pairing.expires_us.since_us(now);
    let is_sensible = left > 0
        && left <= CLAIM_US_MAX.saturating_add(SESSION_REQUEST_US)
        && pairing.introduction.recipient.len() <= 4_096
        && pairing.introduction.mac.0.len() == 32;
    if !is_sensible {
        return Err(Code::InvalidRequest.into());
    }
    match shared.store.put_pairing(&pairing).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(StoreError::Conflict) => Err(Code::AlreadyClaimed.into()),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn session(
    State(shared): State<Arc<Shared>>,
    Body(envelope): Body<Envelope>,
) -> Answer<Json<Session>> {
    let now = shared.now();
    let claimed: SessionRequest = envelope.peek().map_err(|_| Failure::from(Code::SignInFailed))?;
    let home = shared.homes.of_hub(&shared.store, claimed.hub).await?;
    let (key, household) = match &home {
        Some((household, in_force)) => (in_force.roster.hub(claimed.hub).map(|hub| hub.signing_key), Some(*household)),
        None => (unclaimed_key(&shared, &claimed).await?, None),
    };
    let key = key.ok_or(Code::SignInFailed)?;
    let request: SessionRequest = envelope.verify(&[key]).map_err(|_| Failure::from(Code::SignInFailed))?;
    let is_now = now.since_us(request.issued_us).saturating_abs() <= SESSION_REQUEST_US;
    if !is_now || request.nonce.0.len() != 16 {
        return Err(Code::SignInFailed.into());
    }
    let nonce = format!("{}|{}", request.hub, hex::encode(&request.nonce.0));
    // Twice the window: the signed time may lie ahead of this clock.
    if !shared.store.remember_nonce(&nonce, now, now.plus_us(2 * SESSION_REQUEST_US)).await? {
        return Err(Code::SignInFailed.into());
    }
    let (token, expires_us) = (Token::from_random(random()?), now.plus_us(HUB_SESSION_US_MAX));
    match household {
        Some(household) => {
            let session = HubSession { household, hub: request.hub };
            shared.store.add_hub_session(token.digest(), session, expires_us).await?;
        }
        None => shared.hubs.add_unclaimed(token.digest(), request.hub, now, expires_us),
    }
    Ok(Json(Session { token: token.into_text(), expires_us }))
}

/// The key with which a hub introduced itself that nobody has claimed.
async fn unclaimed_key(shared: &Shared, request: &SessionRequest) -> Answer<Option<PublicKey>> {
    let pairing = shared.store.pairing(shared.now()).await?;
    let introduction = pairing.map(|pairing| pairing.0.introduction);
    Ok(introduction.filter(|hub| hub.hub == request.hub).map(|hub| hub.signing_key))
}

pub(super) async fn roster(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<HubCaller>,
    InQuery(From { from }): InQuery<From>,
) -> Answer<Json<RosterChain>> {
    let (household, _) = caller.home()?;
    let rosters = shared.store.rosters(household, from).await?;
    // A hub asks for rosters once it has taken the first.
    shared.store.delivered_to(household, caller.hub).await?;
    Ok(Json(RosterChain { rosters, key_wraps: Vec::new(), anchor: None }))
}

pub(super) async fn head(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<HubCaller>,
    InPath(device): InPath<DeviceId>,
) -> Answer<Json<Head>> {
    let (household, in_force) = caller.home()?;
    let head = shared.store.head(household, device).await?;
    let is_of_another = in_force.roster.device(device).is_some_and(|device| device.hub != caller.hub);
    if is_of_another {
        return Err(Code::NotFound.into());
    }
    Ok(Json(Head { head }))
}

pub(super) async fn part(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<HubCaller>,
    InPath((recording, name)): InPath<(RecordingId, String)>,
    request: Request,
) -> Answer<StatusCode> {
    let (household, _) = caller.home()?;
    let part = PartKind::from_name(&name).ok_or(Code::NotFound)?;
    if shared.store.recording_device(household, recording).await?.is_some() {
        // The link is in already: the body was taken, or it was erased meanwhile. Either way nothing is written.
        return Ok(StatusCode::NO_CONTENT);
    }
    let mut writer = shared.store.receive_body(household, recording, part).await?;
    let (mut pieces, mut received) = (request.into_body().into_data_stream(), 0_u64);
    loop {
        let piece = match tokio::time::timeout(PIECE_WAIT, pieces.next()).await {
            Err(_) | Ok(Some(Err(_))) => return Err(Code::InvalidRequest.into()),
            Ok(None) => break,
            Ok(Some(Ok(piece))) => piece,
        };
        received = received.saturating_add(piece.len() as u64);
        if received > PART_BYTES_MAX {
            return Err(Code::TooLarge.into());
        }
        writer.write(piece).await?;
    }
    shared.store.keep_body(household, recording, part, writer, shared.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn link(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<HubCaller>,
    Body(upload): Body<LinkUpload>,
) -> Answer<Response> {
    let (household, in_force) = caller.home()?;
    let key = in_force.roster.hub(caller.hub).map(|hub| hub.signing_key).ok_or(Code::NotAllowed)?;
    let link: Link = upload.link.verify(&[key]).map_err(|_| Failure::refused("The link is not signed by the hub."))?;
    link.check().map_err(|_| Failure::refused("The link contradicts itself."))?;
    let is_own = link.household == household && link.hub == caller.hub;
    if !is_own || !is_assigned(&shared, household, &in_force.roster, &link).await? {
        return Err(Code::NotAllowed.into());
    }
    let fits = match (&link.kind, &upload.headers) {
        (LinkKind::Gap { .. }, headers) => headers.is_none(),
        (LinkKind::Recording { .. }, None) => false,
        (LinkKind::Recording { .. }, Some(headers)) => {
            let all = [Some(&headers.media), headers.card.as_ref(), headers.poster.as_ref()];
            all.into_iter().flatten().all(|header| header.0.len() <= HEADER_BYTES_MAX)
        }
    };
    if !fits {
        return Err(Code::InvalidRequest.into());
    }
    match shared.store.commit_link(&link, &upload.link, upload.headers.as_ref()).await? {
        CommitOutcome::Committed => {
            let event = Event::Link { device: link.device, link: upload.link };
            shared.homes.tell(household, Told { event, device: Some(link.device), member: None });
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        CommitOutcome::Repeated => Ok(StatusCode::NO_CONTENT.into_response()),
        CommitOutcome::NotNext(head) => Ok((StatusCode::CONFLICT, Json(Head { head })).into_response()),
        CommitOutcome::BodyMismatch => Err(Failure::refused("A body is missing or is not what the link says.")),
    }
}

/// Whether the device is (or, by the roster that the link names, was) this hub's, so that what was recorded before a
/// device was removed still arrives.
async fn is_assigned(shared: &Shared, household: HouseholdId, newest: &Roster, link: &Link) -> Answer<bool> {
    let assigns = |roster: &Roster| roster.device(link.device).map(|device| device.hub == link.hub);
    if let Some(is_own) = assigns(newest) {
        return Ok(is_own);
    }
    let named = shared.store.rosters(household, link.roster).await?.into_iter().next();
    let named = named.and_then(|envelope| envelope.peek::<Roster>().ok()).filter(|r| r.version == link.roster);
    Ok(named.as_ref().and_then(assigns).unwrap_or(false))
}

pub(super) async fn result(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<HubCaller>,
    InPath(command): InPath<CommandId>,
    Body(outcome): Body<CommandOutcome>,
) -> Answer<StatusCode> {
    let (household, _) = caller.home()?;
    commands::finished(&shared, household, command, &outcome).await?;
    Ok(StatusCode::NO_CONTENT)
}
