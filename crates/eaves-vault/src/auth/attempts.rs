//! Sign-ins that have started and not ended: kept for one minute, in bounded memory, and good for one try.

use crate::web::door::Charge;
use eaves_domain::envelope::PublicKey;
use eaves_domain::{HouseholdId, MemberId, Timestamp};
use std::collections::HashMap;
use zeroize::Zeroize;

/// How long an attempt may take, in microseconds.
pub const ATTEMPT_US_MAX: i64 = 60_000_000;
/// How many of strangers may be open at once. Counters keep any one place far below it, and proof of work any crowd.
pub const ATTEMPTS_MAX: usize = 65_536;
/// How many of known devices may be open at once, whatever strangers do.
pub const KNOWN_MAX: usize = 4_096;

/// What is being proved.
pub enum Proof {
    /// That the app knows the password: OPAQUE's state.
    Password(Vec<u8>),
    /// That the app holds the kit: what to sign, and with which key (`None` for a name that nobody has).
    Kit {
        /// 32 random bytes.
        challenge: [u8; 32],
        /// The kit's public key.
        key: Option<PublicKey>,
    },
}

impl Drop for Proof {
    fn drop(&mut self) {
        if let Self::Password(state) = self {
            state.zeroize();
        }
    }
}

/// One attempt.
pub struct Attempt {
    /// What is being proved.
    pub proof: Proof,
    /// Whose account it is about, if there is one.
    pub account: Option<(HouseholdId, MemberId)>,
    /// What was charged for it.
    pub(crate) charge: Charge,
    /// When it started.
    pub started: Timestamp,
}

/// All open attempts.
#[derive(Default)]
pub struct Attempts {
    strangers: HashMap<[u8; 16], Attempt>,
    known: HashMap<[u8; 16], Attempt>,
}

impl Attempts {
    /// Opens an attempt; false when too many are open.
    pub fn open(&mut self, id: [u8; 16], attempt: Attempt) -> bool {
        let now = attempt.started;
        let is_known = attempt.charge.device.is_some();
        let (lane, max) = if is_known { (&mut self.known, KNOWN_MAX) } else { (&mut self.strangers, ATTEMPTS_MAX) };
        if lane.len() >= max {
            lane.retain(|_, open| is_open(open, now));
        }
        if lane.len() >= max {
            return false;
        }
        lane.insert(id, attempt);
        true
    }

    /// Takes an attempt out: it is used up, whatever comes of it.
    pub fn take(&mut self, id: &[u8], now: Timestamp) -> Option<Attempt> {
        let id = <[u8; 16]>::try_from(id).ok()?;
        let found = self.known.remove(&id).or_else(|| self.strangers.remove(&id));
        found.filter(|open| is_open(open, now))
    }

    /// Forgets what is over.
    pub fn sweep(&mut self, now: Timestamp) {
        self.known.retain(|_, open| is_open(open, now));
        self.strangers.retain(|_, open| is_open(open, now));
    }
}

fn is_open(attempt: &Attempt, now: Timestamp) -> bool {
    (0..=ATTEMPT_US_MAX).contains(&now.since_us(attempt.started))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(started: i64) -> Attempt {
        Attempt {
            proof: Proof::Password(vec![1]),
            account: None,
            charge: Charge::default(),
            started: Timestamp(started),
        }
    }

    #[test]
    fn an_attempt_is_good_for_one_try_and_one_minute() {
        let mut attempts = Attempts::default();
        assert!(attempts.open([1; 16], attempt(0)));
        assert!(attempts.take(&[1; 16], Timestamp(ATTEMPT_US_MAX)).is_some());
        assert!(attempts.take(&[1; 16], Timestamp(0)).is_none(), "used up");
        assert!(attempts.open([1; 16], attempt(0)));
        assert!(attempts.take(&[1; 16], Timestamp(ATTEMPT_US_MAX + 1)).is_none(), "too late");
    }

    #[test]
    fn memory_is_bounded_and_comes_back() {
        let mut attempts = Attempts::default();
        for i in 0..ATTEMPTS_MAX {
            let mut id = [0; 16];
            id[..8].copy_from_slice(&(i as u64).to_be_bytes());
            assert!(attempts.open(id, attempt(0)));
        }
        assert!(!attempts.open([9; 16], attempt(1)));
        let mut known = attempt(1);
        known.charge.device = Some("device".to_owned());
        assert!(attempts.open([8; 16], known), "a crowd of strangers leaves room for who is known");
        assert!(attempts.open([9; 16], attempt(ATTEMPT_US_MAX + 1)));
    }
}
