//! Commands: verified, kept, carried out as far as the vault can, relayed to the hub for the rest.

use super::acts;
use super::failure::{Answer, Failure};
use super::guard::Caller;
use super::homes::Told;
use super::reading::{Body, InPath};
use crate::vault::Shared;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use eaves_api::app::{CommandOutcome, CommandState, Event};
use eaves_api::channel::ToHub;
use eaves_api::problem::Code;
use eaves_domain::command::{Action, Command, CommandError, EraseTarget};
use eaves_domain::envelope::Envelope;
use eaves_domain::{CommandId, DeviceId, HouseholdId};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

/// Erasing more recordings than this at once needs a fresh proof.
const ERASE_FREE: usize = 100;

/// Whether a command does what a stolen session must not do.
fn needs_fresh_proof(action: &Action) -> bool {
    match action {
        Action::Erase { targets, .. } => targets.len() > ERASE_FREE,
        Action::Arm { on } => !on,
        _ => false,
    }
}

pub(super) async fn post(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(envelope): Body<Envelope>,
) -> Answer<(StatusCode, Json<CommandState>)> {
    let now = shared.now();
    let roster = &caller.in_force.roster;
    let command = Command::accept(&envelope, roster, now).map_err(|error| match error {
        CommandError::NotAllowed => Failure::from(Code::NotAllowed),
        CommandError::OutOfTime => Failure::from(Code::OutOfTime),
        CommandError::WrongSize => Failure::refused("The command names too few or too many recordings."),
        CommandError::WrongHousehold => Failure::refused("The command is for another household."),
        _ => Failure::refused("The command is not signed by the member it names."),
    })?;
    if command.member != caller.member {
        return Err(Code::NotAllowed.into());
    }
    if needs_fresh_proof(&command.action) {
        caller.check_strong(now)?;
    }
    // Bytes and keys are the vault's to destroy; everything else only a hub can do.
    let is_for_hubs = !matches!(command.action, Action::Erase { .. });
    if is_for_hubs && !shared.homes.is_hub_connected(caller.household) {
        return Err(Code::HubAway.into());
    }
    // The id is the nonce: one that was seen is a replay.
    let store = match acts::of_command(&command) {
        Some(what) => shared.store.telling_of((caller.household, caller.member), now, what),
        None => shared.store.clone(),
    };
    if !store.add_command(caller.household, command.command, &envelope, now).await? {
        return Err(Code::Conflict.into());
    }
    // Nothing is relayed and nothing destroyed before it is in the log.
    shared.publish().await?;
    let relayed = ToHub::Command { command: envelope };
    match &command.action {
        Action::Erase { device, targets } => {
            // Not to be cut off when the request is: once begun, it is carried through.
            let (shared, device, targets) = (shared.clone(), *device, targets.clone());
            let hub = roster.device(device).map(|device| device.hub);
            let (household, id) = (caller.household, command.command);
            let erasing = tokio::spawn(async move {
                let erased = erase(&shared, household, device, &targets, id).await;
                if let Some(hub) = hub {
                    let _ = shared.hubs.send(hub, relayed);
                }
                erased
            });
            erasing.await.map_err(|_| Failure::from(Code::Internal))??;
        }
        Action::Probe { hub, .. } => {
            if !shared.hubs.send(*hub, relayed) {
                return Err(Code::HubAway.into());
            }
        }
        Action::Privacy { .. } | Action::Arm { .. } | Action::Restart { .. } | Action::Stop { .. } => {
            let hubs = roster.hubs.iter();
            if hubs.filter(|hub| shared.hubs.send(hub.hub, relayed.clone())).count() == 0 {
                return Err(Code::HubAway.into());
            }
        }
    }
    let stored = shared.store.command(caller.household, command.command).await?.ok_or(Code::Internal)?;
    Ok((StatusCode::ACCEPTED, Json(stored.state)))
}

/// Destroys keys, and tells everybody. What fails here is taken up again by [`resume`].
async fn erase(
    shared: &Shared,
    household: HouseholdId,
    device: DeviceId,
    targets: &[EraseTarget],
    id: CommandId,
) -> Answer<()> {
    erasing(shared, id, true);
    let erased = shared.store.erase(household, device, targets, id).await;
    erasing(shared, id, false);
    shared.unfinished.fetch_or(erased.is_err(), Ordering::Relaxed);
    shared.homes.tell_erased(erased?);
    went_on(shared, household, id).await;
    shared.doomed.notify_one();
    Ok(())
}

/// Carries on with erasures that were accepted and did not come to their end: the vault was stopped in between, or its
/// disk had a bad moment. Their commands were judged when they were accepted, and erasing twice erases once.
pub(crate) async fn resume(shared: &Shared) {
    if !shared.unfinished.swap(false, Ordering::Relaxed) {
        return;
    }
    let resumed = async {
        // What was accepted is in the log before it is carried out, also now.
        shared.publish().await?;
        for (household, stored) in shared.store.unfinished_commands().await? {
            let command = stored.state.command;
            let is_at_work = shared.erasing.lock().unwrap_or_else(PoisonError::into_inner).contains(&command);
            let Ok(Command { action: Action::Erase { device, targets }, .. }) = stored.envelope.peek() else {
                continue;
            };
            if !is_at_work {
                tracing::info!("an erasure that was interrupted is carried on");
                erase(shared, household, device, &targets, command).await?;
            }
        }
        Answer::Ok(())
    };
    if let Err(failure) = resumed.await {
        tracing::error!(?failure, "an interrupted erasure could not be carried on; trying again");
        shared.unfinished.store(true, Ordering::Relaxed);
    }
}

fn erasing(shared: &Shared, command: CommandId, is_begun: bool) {
    let mut erasing = shared.erasing.lock().unwrap_or_else(PoisonError::into_inner);
    if is_begun {
        erasing.insert(command)
    } else {
        erasing.remove(&command)
    };
}

pub(super) async fn get(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    InPath(command): InPath<CommandId>,
) -> Answer<Json<CommandState>> {
    let stored = shared.store.command(caller.household, command).await?.ok_or(Code::NotFound)?;
    if !is_of(&stored.envelope, &caller) {
        return Err(Code::NotFound.into());
    }
    Ok(Json(stored.state))
}

fn is_of(envelope: &Envelope, caller: &Caller) -> bool {
    // It was verified when it was stored.
    envelope.peek::<Command>().is_ok_and(|command| command.member == caller.member)
}

/// An erasure went on: says so, and that it is done when keys and bytes are gone.
pub(crate) async fn went_on(shared: &Shared, household: HouseholdId, command: CommandId) {
    let is_erasing = shared.erasing.lock().unwrap_or_else(PoisonError::into_inner).contains(&command);
    let going_on = async {
        let Some(stored) = shared.store.command(household, command).await? else { return Ok(()) };
        let is_gone = stored.state.bytes_gone >= stored.state.keys_destroyed;
        if is_gone && !is_erasing && stored.state.outcome.is_none() {
            shared.store.finish_command(household, command, &CommandOutcome::Done { reply: None }).await?;
        }
        tell(shared, household, command).await
    };
    if let Err(failure) = going_on.await {
        tracing::error!(?failure, "the state of a command could not be noted");
    }
}

/// Tells the asker how far a command is.
pub(super) async fn tell(shared: &Shared, household: HouseholdId, command: CommandId) -> Answer<()> {
    let Some(stored) = shared.store.command(household, command).await? else { return Ok(()) };
    let member = stored.envelope.peek::<Command>().ok().map(|command| command.member);
    let event = Event::Command { state: stored.state };
    shared.homes.tell(household, Told { event, device: None, member });
    Ok(())
}

/// The hub says how a command ended.
pub(super) async fn finished(
    shared: &Shared,
    household: HouseholdId,
    command: CommandId,
    outcome: &CommandOutcome,
) -> Answer<()> {
    let stored = shared.store.command(household, command).await?.ok_or(Code::NotFound)?;
    let action = stored.envelope.peek::<Command>().map_err(|_| Code::Internal)?.action;
    // Of an erasure the vault itself knows best when it is done; the hub only dropped what it still held.
    if !matches!(action, Action::Erase { .. }) {
        shared.store.finish_command(household, command, outcome).await?;
        tell(shared, household, command).await?;
    }
    Ok(())
}
