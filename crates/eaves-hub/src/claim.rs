//! Claiming: until an owner has typed the code from the console, the hub shows one and records nothing.
//!
//! A pure machine. It makes a code, hands out what the vault may know of it, and judges what the vault claims that the
//! owner has sent. Whoever controls the vault knows neither the code nor the key derived from it: a roster of their own,
//! or one with a swapped hub key, is refused, and nothing changes.

use eaves_api::hub::Pairing;
use eaves_domain::claim::{CLAIM_US_MAX, ClaimCode, HubIntroduction};
use eaves_domain::envelope::{Envelope, PublicKey};
use eaves_domain::roster::{Roster, RosterError};
use eaves_domain::{Base64Url, Digest, HubId, Timestamp};

/// How long after its end a code is still believed: the owner finished in time, the vault was slow to say so.
const GRACE_US: i64 = 120_000_000;

/// The public half of a hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicIdentity {
    /// Opaque id.
    pub hub: HubId,
    /// Verifies links.
    pub signing_key: PublicKey,
    /// The age recipient.
    pub recipient: String,
}

impl PublicIdentity {
    /// Whether a roster names this hub with these keys.
    pub fn is_in(&self, roster: &Roster) -> bool {
        roster.hub(self.hub).is_some_and(|hub| hub.signing_key == self.signing_key && hub.recipient == self.recipient)
    }
}

/// Why a claim was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimError {
    /// Whoever made the roster does not know a code that is good now.
    #[error("whoever sent the roster does not know the code")]
    WrongMac,
    /// The roster is not a first roster.
    #[error(transparent)]
    Roster(#[from] RosterError),
    /// The roster names other keys for this hub, or another hub.
    #[error("the roster does not name this hub's keys")]
    OtherKeys,
}

struct Code {
    code: ClaimCode,
    ends: Timestamp,
}

/// A code to show, and what the vault is told of it.
#[derive(Clone)]
pub struct Showing {
    /// For the console.
    pub code: ClaimCode,
    /// For the vault.
    pub pairing: Pairing,
}

/// The machine of a hub without an owner.
pub struct Claim {
    own: PublicIdentity,
    current: Option<Code>,
    before: Option<Code>,
}

impl Claim {
    /// A hub without an owner and without a code.
    pub fn new(own: PublicIdentity) -> Self {
        Self { own, current: None, before: None }
    }

    /// When [`Claim::renew`] is due.
    pub fn due(&self) -> Option<Timestamp> {
        self.current.as_ref().map(|code| code.ends)
    }

    /// Makes a new code if there is none that is good for a while. `random` becomes the code.
    pub fn renew(&mut self, random: [u8; 10], now: Timestamp) -> Option<Showing> {
        // A clock that was moved back must not make a code last longer.
        let lasts = |code: &Code| now < code.ends && code.ends.since_us(now) <= CLAIM_US_MAX;
        if self.current.as_ref().is_some_and(lasts) {
            return None;
        }
        let code = ClaimCode::from_random(random);
        let ends = now.plus_us(CLAIM_US_MAX);
        self.before = self.current.replace(Code { code: code.clone(), ends });
        let introduction = HubIntroduction {
            hub: self.own.hub,
            signing_key: self.own.signing_key,
            recipient: self.own.recipient.clone(),
            mac: Base64Url(code.introduction_mac(self.own.hub, &self.own.signing_key, &self.own.recipient)),
        };
        let token_hash = Digest::of(&code.vault_token());
        Some(Showing { code, pairing: Pairing { token_hash, expires_us: ends, introduction } })
    }

    /// Judges a first roster and its MAC. The caller pins the roster, makes that durable and drops this machine, which
    /// burns the code.
    pub fn accept(&self, envelope: &Envelope, mac: &[u8], now: Timestamp) -> Result<Roster, ClaimError> {
        let digest = envelope.payload_digest();
        let knows_code = [&self.current, &self.before]
            .into_iter()
            .flatten()
            .any(|code| now <= code.ends.plus_us(GRACE_US) && code.code.verifies_roster(digest, mac));
        if !knows_code {
            return Err(ClaimError::WrongMac);
        }
        let roster = Roster::accept_first(envelope, None)?;
        if !self.own.is_in(&roster) {
            return Err(ClaimError::OtherKeys);
        }
        Ok(roster)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::household::example::Home;

    const NOW: Timestamp = Timestamp(1_700_000_000_000_000);

    fn claim(home: &Home) -> (Claim, Showing) {
        let mut claim = Claim::new(home.own());
        let showing = claim.renew([5; 10], NOW).unwrap();
        (claim, showing)
    }

    #[test]
    fn owner_who_knows_the_code_is_accepted() {
        let home = Home::new();
        let (claim, showing) = claim(&home);
        assert!(showing.code.verifies_introduction(&showing.pairing.introduction));
        assert_eq!(showing.pairing.token_hash, Digest::of(&showing.code.vault_token()));
        let envelope = home.sign(&home.roster());
        let mac = showing.code.roster_mac(envelope.payload_digest());
        assert_eq!(claim.accept(&envelope, &mac, NOW).unwrap(), home.roster());
    }

    #[test]
    fn vault_that_makes_its_own_owner_is_refused() {
        let home = Home::new();
        let (claim, showing) = claim(&home);
        let envelope = home.sign(&home.roster());
        let guess = ClaimCode::from_random([6; 10]).roster_mac(envelope.payload_digest());
        assert_eq!(claim.accept(&envelope, &guess, NOW), Err(ClaimError::WrongMac));
        // And the true MAC does not vouch for another roster.
        let mac = showing.code.roster_mac(envelope.payload_digest());
        let mut other = home.roster();
        other.epoch = 2;
        assert_eq!(claim.accept(&home.sign(&other), &mac, NOW), Err(ClaimError::WrongMac));
    }

    #[test]
    fn roster_with_swapped_keys_of_this_hub_is_refused() {
        let home = Home::new();
        let (claim, showing) = claim(&home);
        let swaps: [fn(&mut Roster); 3] = [
            |r| r.hubs[0].signing_key = PublicKey([1; 32]),
            |r| r.hubs[0].recipient = "age1pq1other".into(),
            |r| {
                r.hubs[0].hub = HubId([99; 16]);
                r.devices.clear();
            },
        ];
        for swap in swaps {
            let mut roster = home.roster();
            swap(&mut roster);
            let envelope = home.sign(&roster);
            let mac = showing.code.roster_mac(envelope.payload_digest());
            assert_eq!(claim.accept(&envelope, &mac, NOW), Err(ClaimError::OtherKeys));
        }
    }

    #[test]
    fn roster_that_is_no_first_roster_is_refused() {
        let home = Home::new();
        let (claim, showing) = claim(&home);
        let mut roster = home.roster();
        roster.version = 2;
        let envelope = home.sign(&roster);
        let mac = showing.code.roster_mac(envelope.payload_digest());
        assert_eq!(claim.accept(&envelope, &mac, NOW), Err(ClaimError::Roster(RosterError::WrongVersion)));
    }

    #[test]
    fn code_ends_after_ten_minutes_and_a_moved_clock_makes_a_new_one() {
        let home = Home::new();
        let (mut claim, showing) = claim(&home);
        assert!(claim.renew([7; 10], NOW.plus_us(CLAIM_US_MAX - 1)).is_none());
        assert_eq!(claim.due(), Some(NOW.plus_us(CLAIM_US_MAX)));
        let later = NOW.plus_us(CLAIM_US_MAX);
        assert!(claim.renew([7; 10], later).is_some());
        let envelope = home.sign(&home.roster());
        let mac = showing.code.roster_mac(envelope.payload_digest());
        assert!(claim.accept(&envelope, &mac, later.plus_us(1)).is_ok(), "finished in time, told late");
        let too_late = later.plus_us(GRACE_US + 1);
        assert_eq!(claim.accept(&envelope, &mac, too_late), Err(ClaimError::WrongMac));
        assert!(claim.renew([8; 10], NOW.plus_us(-3_600_000_000)).is_some());
    }
}
