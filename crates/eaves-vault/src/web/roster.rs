//! The roster: read by every member, continued by owners.

use super::acts;
use super::claim::{self, are_wraps_of};
use super::failure::{Answer, Failure};
use super::guard::Caller;
use super::reading::{Body, InQuery};
use crate::auth::loosening;
use crate::store::{People, RosterStep, StoreError};
use crate::vault::Shared;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use eaves_api::app::{Event, RosterChain, RosterUpdate};
use eaves_api::channel::ToHub;
use eaves_api::problem::Code;
use eaves_domain::roster::{Roster, RosterError};
use serde::Deserialize;
use std::sync::Arc;

/// From which version on.
#[derive(Deserialize)]
pub(super) struct From {
    #[serde(default = "first")]
    pub(super) from: u64,
}

fn first() -> u64 {
    1
}

pub(super) async fn get(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    InQuery(From { from }): InQuery<From>,
) -> Answer<Json<RosterChain>> {
    let rosters = shared.store.rosters(caller.household, from).await?;
    let key_wraps = shared.store.key_wraps(caller.household, caller.member).await?;
    let anchor = shared.store.anchor(caller.household, caller.member).await?;
    Ok(Json(RosterChain { rosters, key_wraps, anchor }))
}

/// Who is in by `next` and was not by `before`, and the other way round.
fn people_of(before: &Roster, next: &Roster) -> People {
    let missing = |from: &Roster, of: &Roster| {
        from.members.iter().map(|line| line.member).filter(|member| of.member(*member).is_none()).collect()
    };
    People { came: missing(next, before), left: missing(before, next) }
}

pub(super) async fn put(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(update): Body<RosterUpdate>,
) -> Answer<StatusCode> {
    let before = &caller.in_force;
    let next = before.roster.accept_next(before.digest, &update.roster).map_err(|error| match error {
        RosterError::WrongVersion | RosterError::Forked => Failure::from(Code::Conflict),
        RosterError::WrongHousehold => Failure::refused("The roster belongs to another household."),
        RosterError::Inconsistent => Failure::refused("The roster contradicts itself."),
        RosterError::StaleKeys => Failure::refused("The roster leaves a key with somebody who may not have it."),
        _ => Failure::refused("The roster is not signed by an owner of the one before."),
    })?;
    if loosening::loosens(&before.roster, &next) {
        caller.check_strong(shared.now())?;
    }
    if !are_wraps_of(&update.key_wraps, &next) {
        return Err(Code::InvalidRequest.into());
    }
    let hub = match &update.hub {
        Some(join) => Some((claim::is_joined_by(&shared, join, &next).await?, join.roster_mac.0.as_slice())),
        None => None,
    };
    let people = people_of(&before.roster, &next);
    let step = RosterStep {
        household: caller.household,
        version: next.version,
        envelope: &update.roster,
        wraps: &update.key_wraps,
        people: &people,
        hub,
    };
    let told = acts::of_roster(caller.member, Some(&before.roster), &next, update.roster.payload_digest());
    match shared.store.telling(caller.household, shared.now(), told).add_roster(&step).await {
        Ok(()) => {}
        Err(StoreError::Conflict) => return Err(Code::Conflict.into()),
        Err(error) => return Err(error.into()),
    }
    if hub.is_some() {
        // The new hub's channel carries it over, and again until it is taken.
        shared.claimed.notify_waiters();
    }
    let (version, digest) = (next.version, update.roster.payload_digest());
    let hubs: Vec<_> = next.hubs.iter().chain(&before.roster.hubs).map(|hub| hub.hub).collect();
    let out: Vec<_> = before.roster.members.iter().map(|member| member.member).collect();
    for member in out.into_iter().filter(|member| next.member(*member).is_none()) {
        shared.store.end_other_sessions(caller.household, member, None).await?;
    }
    shared.homes.put_roster(&update.roster, next);
    shared.homes.tell_all(caller.household, Event::Roster { version, digest });
    for hub in hubs {
        // One that is away asks when it comes back.
        let _ = shared.hubs.send(hub, ToHub::RosterChanged);
    }
    Ok(StatusCode::NO_CONTENT)
}
