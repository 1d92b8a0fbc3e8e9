//! Claiming: until an owner has typed the code from the console, the hub shows one and records nothing.
//!
//! A pure machine. It makes a code, hands out what the vault may know of it, and judges what the vault claims that the
//! owner has sent. Whoever controls the vault knows neither the code nor the key derived from it: a roster of their own,
//! or one with a swapped hub key, is refused, and nothing changes.
//!
//! A hub that is killed after the owner has finished, and before it has heard of it, must still be claimed when it starts
//! again, or box and owner would be locked out of each other. So the codes are kept on its disk until it has an owner.
//! Each start shows a new one; the older ones are good for what the vault says right after the start, and for no typing.

use eaves_api::hub::Pairing;
use eaves_domain::claim::{CLAIM_US_MAX, ClaimCode, HubIntroduction};
use eaves_domain::envelope::{Envelope, PublicKey};
use eaves_domain::roster::{Roster, RosterError};
use eaves_domain::{Base64Url, Digest, HubId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use zeroize::Zeroize as _;

/// How long after its end a code is still believed: the owner finished in time, the vault was slow to say so.
const GRACE_US: i64 = 120_000_000;
/// How long a hub may be off between the claim and hearing of it.
const OFF_US_MAX: i64 = 86_400_000_000;
/// Codes that are believed beside the one that is shown.
const OLDER_MAX: usize = 8;

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
    /// The roster is none that a hub can begin with.
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

/// A code as it is kept on the hub's disk. It is a secret, as long as the hub has no owner.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeptCode {
    code: String,
    ends_us: Timestamp,
}

impl Drop for KeptCode {
    fn drop(&mut self) {
        self.code.zeroize();
    }
}

impl std::fmt::Debug for KeptCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
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
    older: VecDeque<Code>,
}

impl Claim {
    /// A hub without an owner and without a code.
    pub fn new(own: PublicIdentity) -> Self {
        Self { own, current: None, older: VecDeque::new() }
    }

    /// A hub without an owner that was killed when it had shown these codes; it starts at `now`.
    pub fn after_restart(own: PublicIdentity, kept: &[KeptCode], now: Timestamp) -> Self {
        let is_recent = |ends: Timestamp| now.since_us(ends) <= OFF_US_MAX && ends.since_us(now) <= CLAIM_US_MAX;
        let older = kept.iter().filter(|kept| is_recent(kept.ends_us)).filter_map(|kept| {
            // What the owner finished while it was good, the vault may say now.
            Some(Code { code: ClaimCode::from_text(&kept.code)?, ends: kept.ends_us.max(now) })
        });
        Self { own, current: None, older: older.take(OLDER_MAX).collect() }
    }

    /// What has to be on disk before a code is shown.
    pub fn to_keep(&self) -> Vec<KeptCode> {
        let codes = self.current.iter().chain(&self.older);
        codes.map(|code| KeptCode { code: code.code.to_text(), ends_us: code.ends }).collect()
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
        self.older.extend(self.current.replace(Code { code: code.clone(), ends }));
        self.older.retain(|older| now <= older.ends.plus_us(GRACE_US));
        while self.older.len() > OLDER_MAX {
            self.older.pop_front();
        }
        let introduction = HubIntroduction {
            hub: self.own.hub,
            signing_key: self.own.signing_key,
            recipient: self.own.recipient.clone(),
            mac: Base64Url(code.introduction_mac(self.own.hub, &self.own.signing_key, &self.own.recipient)),
        };
        let token_hash = Digest::of(&code.vault_token());
        Some(Showing { code, pairing: Pairing { token_hash, expires_us: ends, introduction } })
    }

    /// Judges the first roster that this hub gets (of a new household, or of one that it joins) and its MAC. The caller pins the roster, makes that durable and drops this machine, which
    /// burns the code.
    pub fn accept(&self, envelope: &Envelope, mac: &[u8], now: Timestamp) -> Result<Roster, ClaimError> {
        let digest = envelope.payload_digest();
        let knows_code = self
            .current
            .iter()
            .chain(&self.older)
            .any(|code| now <= code.ends.plus_us(GRACE_US) && code.code.verifies_roster(digest, mac));
        if !knows_code {
            return Err(ClaimError::WrongMac);
        }
        let roster = Roster::accept_vouched(envelope)?;
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
        assert_eq!(claim.accept(&envelope, &mac, NOW), Err(ClaimError::Roster(RosterError::Forked)));
    }

    #[test]
    fn second_hub_takes_a_later_roster_from_an_owner_who_typed_its_code_and_from_nobody_else() {
        let home = Home::new();
        let (claim, showing) = claim(&home);
        let mut roster = home.roster();
        (roster.version, roster.previous) = (7, Some(Digest::of(b"the sixth")));
        let good = home.sign(&roster);
        let mac = showing.code.roster_mac(good.payload_digest());
        assert_eq!(claim.accept(&good, &mac, NOW).unwrap(), roster);
        let guess = ClaimCode::from_random([6; 10]).roster_mac(good.payload_digest());
        assert_eq!(claim.accept(&good, &guess, NOW), Err(ClaimError::WrongMac));
        let by_adult = Envelope::sign(&roster, &home.adult);
        let refused = claim.accept(&by_adult, &mac, NOW);
        assert!(matches!(refused, Err(ClaimError::Roster(RosterError::Envelope(_)))), "{refused:?}");
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

    #[test]
    fn code_of_before_a_restart_is_believed_for_a_moment_and_is_not_shown_again() {
        let home = Home::new();
        let (before, showing) = claim(&home);
        let envelope = home.sign(&home.roster());
        let mac = showing.code.roster_mac(envelope.payload_digest());
        // Off for some hours.
        let now = NOW.plus_us(5 * 3_600_000_000);
        let mut after = Claim::after_restart(home.own(), &before.to_keep(), now);
        let new = after.renew([9; 10], now).unwrap();
        assert_ne!(new.code.to_text(), showing.code.to_text());
        assert_eq!(after.accept(&envelope, &mac, now.plus_us(1_000_000)).unwrap(), home.roster());
        assert_eq!(after.accept(&envelope, &mac, now.plus_us(GRACE_US + 1)), Err(ClaimError::WrongMac));
        let again = Claim::after_restart(home.own(), &after.to_keep(), now.plus_us(60_000_000));
        assert!(again.accept(&envelope, &mac, now.plus_us(61_000_000)).is_ok(), "killed once more");
        // Off for too long, or a clock that makes no sense.
        for now in [NOW.plus_us(OFF_US_MAX + 2 * CLAIM_US_MAX), NOW.plus_us(-3_600_000_000)] {
            let late = Claim::after_restart(home.own(), &before.to_keep(), now);
            assert_eq!(late.accept(&envelope, &mac, now), Err(ClaimError::WrongMac));
        }
    }

    #[test]
    fn kept_codes_do_not_grow_and_print_nothing() {
        let home = Home::new();
        let (mut claim, showing) = claim(&home);
        for start in 1..50_u8 {
            let now = NOW.plus_us(i64::from(start) * 1_000_000);
            claim = Claim::after_restart(home.own(), &claim.to_keep(), now);
            claim.renew([start; 10], now).unwrap();
        }
        assert!(claim.to_keep().len() <= OLDER_MAX + 1);
        assert!(!format!("{:?}", claim.to_keep()).contains(&showing.code.to_text()));
    }
}
