//! Getting an owner.

use super::{Answer, Conductor};
use crate::event::Event;
use crate::random;
use crate::vault::VaultError;
use eaves_api::problem::Code;
use eaves_domain::Digest;
use eaves_domain::envelope::Envelope;
use eaves_domain::roster::Roster;

impl Conductor {
    pub(super) fn look_after_claim(&mut self) {
        let Some((claim, showing)) = &mut self.claim else { return };
        let now = self.shared.clock.now().wall;
        if claim.due().is_none_or(|due| now >= due || due.since_us(now) > eaves_domain::claim::CLAIM_US_MAX) {
            let Ok(random) = random::bytes() else { return };
            if let Some(new) = claim.renew(random, now) {
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
                tracing::info!("the hub has an owner");
                self.shared.events.tell(Event::Claimed);
                self.follow_roster_in_force().await;
                self.ask_for_rosters();
            }
            Err(error) => tracing::error!(%error, "the first roster could not be kept; the vault will send it again"),
        }
    }
}
