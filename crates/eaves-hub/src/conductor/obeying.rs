//! Obeying commands that passed the gate.

use super::Conductor;
use crate::commands::Refusal;
use crate::hub::Shared;
use crate::keeping::NotKept;
use crate::looking;
use crate::spool::Signer;
use crate::vault::{VaultError, blocking};
use eaves_api::app::CommandOutcome;
use eaves_domain::command::{Action, Command};
use eaves_domain::envelope::Envelope;
use eaves_domain::home::HomeError;
use eaves_domain::{CommandId, DeviceId};
use std::sync::PoisonError;
use std::time::Duration;

impl Conductor {
    pub(super) async fn command(&mut self, envelope: Envelope) {
        let Some(in_force) = self.household.in_force().cloned() else { return };
        let Ok(claimed) = envelope.peek::<Command>() else {
            tracing::warn!("the vault relayed a command that is none");
            return;
        };
        if matches!(claimed.action, Action::Probe { hub, .. } if hub != self.shared.own.hub) {
            return;
        }
        let (shared, now) = (self.shared.clone(), self.shared.clock.now().wall);
        let admitted = tokio::task::spawn_blocking(move || {
            let mut commands = shared.commands.lock().unwrap_or_else(PoisonError::into_inner);
            commands.admit(&envelope, &in_force.roster, now)
        });
        let device = match &claimed.action {
            Action::Erase { device, .. } => Some(*device),
            Action::Probe { .. }
            | Action::Privacy { .. }
            | Action::Arm { .. }
            | Action::Restart { .. }
            | Action::Stop { .. } => None,
        };
        match admitted.await {
            Ok(Ok(command)) => self.obey(command, self.signer(device)).await,
            Ok(Err(refusal)) => {
                tracing::warn!(%refusal, "a command was refused");
                // The vault keeps the first answer, so a replay must not answer for the command that was obeyed.
                if refusal != Refusal::Replayed && device.is_none() {
                    let outcome = CommandOutcome::Refused { reason: refusal.reason().to_owned() };
                    self.tell_outcome(claimed.command, outcome);
                }
            }
            Err(_) => tracing::error!("the gate for commands panicked"),
        }
    }

    fn signer(&self, device: Option<DeviceId>) -> Option<Signer> {
        let household = self.household.in_force()?.roster.household;
        Some(Signer { household, hub: self.shared.own.hub, device: device? })
    }

    async fn obey(&mut self, command: Command, signer: Option<Signer>) {
        let shared = self.shared.clone();
        match command.action {
            Action::Erase { targets, .. } => {
                tokio::spawn(async move {
                    let key = shared.key.clone();
                    let Some(signer) = signer else { return };
                    let erased = blocking(&shared.spool, move |spool| spool.erase(signer, &key, &targets)).await;
                    // The answer to an erasure is the vault's: it destroys the keys, and counts.
                    match erased {
                        Ok(dropped) => tracing::info!(dropped, "a member's erasure was obeyed"),
                        Err(error) => tracing::error!(%error, "an erasure could not be carried out"),
                    }
                });
            }
            Action::Probe { request, reply_to, .. } => {
                let looks = self.looks.clone();
                tokio::spawn(async move {
                    let Ok(_permit) = looks.acquire_owned().await else { return };
                    let id = command.command;
                    let (household, hub) = (command.household, shared.own.hub);
                    let asked = looking::Asked { household, command: id, hub, key: &shared.key };
                    let outcome = looking::look(&*shared.cameras, &shared.inbox, asked, &request.0, &reply_to).await;
                    report(&shared, id, &outcome).await;
                });
            }
            Action::Privacy { .. } | Action::Arm { .. } | Action::Stop { .. } => {
                let kept = self.keeping.obey(&command, shared.clock.now().wall);
                // Also when it could not be written down: what a member stops is stopped.
                self.follow_roster_in_force().await;
                let outcome = match kept {
                    Ok(()) => CommandOutcome::Done { reply: None },
                    Err(not_kept) => {
                        tracing::warn!(%not_kept, "a command");
                        let reason = match not_kept {
                            NotKept::Home(HomeError::NotWaiting) => "not-waiting",
                            _ => "failed",
                        };
                        CommandOutcome::Refused { reason: reason.to_owned() }
                    }
                };
                self.tell_outcome(command.command, outcome);
            }
            Action::Restart { device } => {
                // Another hub's camera is none of ours to answer for.
                if let Some(running) = self.workers.get(&device) {
                    running.orders.send_modify(|orders| orders.restarts = orders.restarts.wrapping_add(1));
                    self.tell_outcome(command.command, CommandOutcome::Done { reply: None });
                }
            }
        }
    }

    fn tell_outcome(&self, command: CommandId, outcome: CommandOutcome) {
        let shared = self.shared.clone();
        tokio::spawn(async move { report(&shared, command, &outcome).await });
    }
}

/// Tells the vault how a command ended; a vault that is away asks the member to try again.
async fn report(shared: &Shared, command: CommandId, outcome: &CommandOutcome) {
    for attempt in 0..5_u32 {
        match shared.client.post_outcome(command, outcome).await {
            Err(VaultError::Away) => tokio::time::sleep(Duration::from_secs(1 << attempt)).await,
            Err(error) => return tracing::warn!(%error, "the vault does not want to know how a command ended"),
            Ok(()) => return,
        }
    }
}
