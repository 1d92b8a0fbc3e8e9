//! Getting an owner.

use super::{Answer, Conductor};
use crate::claim::{Claim, KeptCode};
use crate::durable::{read_if_there, remove_if_there, replace};
use crate::event::Event;
use crate::hub::Shared;
use crate::random;
use crate::vault::VaultError;
use eaves_api::problem::Code;
use eaves_domain::Digest;
use eaves_domain::envelope::Envelope;
use eaves_domain::roster::Roster;
use std::io;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// The codes that were shown to an owner and not heard of since. A secret until there is an owner.
fn codes_path(shared: &Shared) -> PathBuf {
    shared.config.dir.join("claim-codes")
}

/// The claim of a hub without an owner, with the codes that it showed before it was stopped.
pub(super) fn take_up(shared: &Shared) -> Claim {
    let read = read_if_there(&*shared.disk, &codes_path(shared)).ok().flatten().map(Zeroizing::new);
    // Without them, or when they are damaged, it starts with a new code only.
    let kept: Vec<KeptCode> = read.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default();
    Claim::after_restart(shared.own.clone(), &kept, shared.clock.now().wall)
}

fn keep_codes(shared: &Shared, claim: &Claim) -> io::Result<()> {
    let json = Zeroizing::new(serde_json::to_vec(&claim.to_keep()).map_err(io::Error::other)?);
    replace(&*shared.disk, &codes_path(shared), &json)
}

/// There is an owner: no code is worth anything any more.
pub(super) fn forget_codes(shared: &Shared) {
    if let Err(error) = remove_if_there(&*shared.disk, &codes_path(shared)) {
        tracing::warn!(%error, "the claim codes could not be removed; they are good for nothing any more");
    }
}

impl Conductor {
    pub(super) fn look_after_claim(&mut self) {
        let Some((claim, showing)) = &mut self.claim else { return };
        let now = self.shared.clock.now().wall;
        if claim.due().is_none_or(|due| now >= due || due.since_us(now) > eaves_domain::claim::CLAIM_US_MAX) {
            let Ok(random) = random::bytes() else { return };
            if let Some(new) = claim.renew(random, now) {
                // On disk before anybody can type it.
                if let Err(error) = keep_codes(&self.shared, claim) {
                    tracing::error!(%error, "the claim code could not be kept: should the hub be killed while it is claimed, start anew");
                }
                let expires = new.pairing.expires_us;
                self.shared.events.tell(Event::ClaimCode { code: new.code.clone(), expires });
                *showing = Some(new);
                self.introduced = false;
            }
        }
        if let Some(showing) = showing.as_ref().filter(|_| !self.introduced && !self.asking.introduction) {
            self.asking.introduction = true;
            let (client, answers, pairing) =
                (self.shared.client.clone(), self.answers.clone(), showing.pairing.clone());
            tokio::spawn(async move {
                let token_hash = pairing.token_hash;
                let answer = client.introduce(&pairing).await;
                // Nobody listens when the hub stops.
                let _ = answers.send(Answer::Introduced(token_hash, answer)).await;
            });
        }
    }

    /// The vault has answered an introduction.
    pub(super) fn introduced(&mut self, token_hash: Digest, answer: Result<(), VaultError>) {
        self.asking.introduction = false;
        let is_current = self
            .claim
            .as_ref()
            .and_then(|(_, showing)| showing.as_ref())
            .is_some_and(|showing| showing.pairing.token_hash == token_hash);
        match answer {
            Ok(()) if is_current => {
                self.introduced = true;
                self.hurry.notify_one();
            }
            Ok(()) => {}
            Err(VaultError::Refused(Code::AlreadyClaimed)) => {
                tracing::error!("the vault has an owner already, but this hub does not know them");
            }
            Err(error) => tracing::debug!(%error, "the hub could not introduce itself yet"),
        }
    }

    pub(super) async fn claimed(&mut self, envelope: &Envelope, mac: &[u8]) {
        let Some((claim, _)) = &self.claim else {
            // The vault repeats it until it is sure that we have it; anything else than what we have changes nothing.
            let first = self.household.in_force().map(|r| r.roster.household);
            if envelope.peek::<Roster>().ok().map(|r| r.household) != first {
                tracing::error!("the vault claims that somebody else owns this hub; that is refused");
            }
            return;
        };
        let roster = match claim.accept(envelope, mac, self.shared.clock.now().wall) {
            Ok(roster) => roster,
            Err(error) => {
                tracing::error!(%error, "a claim was refused");
                return;
            }
        };
        match self.household.pin(envelope, roster) {
            Ok(_) => {
                self.claim = None;
                forget_codes(&self.shared);
                tracing::info!("the hub has an owner");
                self.shared.events.tell(Event::Claimed);
                self.follow_roster_in_force().await;
                self.ask_for_rosters();
            }
            Err(error) => tracing::error!(%error, "the first roster could not be kept; the vault will send it again"),
        }
    }
}
