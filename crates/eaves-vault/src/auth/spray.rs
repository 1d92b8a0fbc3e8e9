//! Spraying: many names tried once each, from many places, which no counter of one name or one network sees.
//!
//! What gives it away is the number of *different* names that fail within a minute. Beyond [`NAMES_MAX`] the vault is
//! guarded for ten minutes: whoever shows no known device pays a proof of work before an attempt is taken
//! ([`super::work`]). Nobody is refused for it. Who succeeds takes their name back out. While the vault is guarded, attempts
//! that brought no work keep it so.

use eaves_domain::Timestamp;
use std::collections::{HashMap, VecDeque};

/// So many different names may fail within [`WINDOW_US`].
pub const NAMES_MAX: usize = 40;
/// How long a failure counts.
pub const WINDOW_US: i64 = 60_000_000;
/// How long the vault stays guarded after the last alarm.
pub const GUARDED_US: i64 = 600_000_000;
/// Failures that are remembered; more than enough for the threshold, so losing older ones changes nothing.
const REMEMBERED_MAX: usize = 4_096;

/// A name, hashed: what it is does not matter here, only that it differs.
pub type Name = u64;

/// The detector.
#[derive(Debug)]
pub struct Spray {
    recent: VecDeque<(Timestamp, Name)>,
    /// How often each name is in `recent`.
    names: HashMap<Name, u32>,
    guarded_until: Timestamp,
}

impl Default for Spray {
    fn default() -> Self {
        Self::guarded_until(Timestamp(0))
    }
}

impl Spray {
    /// As it was before a restart.
    pub fn guarded_until(until: Timestamp) -> Self {
        Self { recent: VecDeque::new(), names: HashMap::new(), guarded_until: until }
    }

    /// Whether strangers must bring work.
    pub fn is_guarded(&self, now: Timestamp) -> bool {
        // A clock that was moved back does not guard for longer than an alarm would.
        now < self.guarded_until && self.guarded_until.since_us(now) <= GUARDED_US
    }

    /// A stranger tried `name` and has not succeeded. Until when the vault is guarded, if that has to be noted anew.
    pub fn tried(&mut self, name: Name, now: Timestamp) -> Option<Timestamp> {
        self.forget(now);
        self.recent.push_back((now, name));
        *self.names.entry(name).or_default() += 1;
        if self.names.len() <= NAMES_MAX {
            return None;
        }
        let until = now.plus_us(GUARDED_US);
        // Noted once per window and not once per attempt: what a restart forgets is less than a minute.
        let is_news = until.since_us(self.guarded_until) >= WINDOW_US || !self.is_guarded(now);
        if is_news {
            self.guarded_until = until;
        }
        is_news.then_some(until)
    }

    /// Somebody who tried `name` succeeded: what they mistyped before was no attack.
    pub fn succeeded(&mut self, name: Name) {
        if self.names.remove(&name).is_some() {
            self.recent.retain(|(_, tried)| *tried != name);
        }
    }

    fn forget(&mut self, now: Timestamp) {
        while let Some((at, name)) = self.recent.front().copied() {
            let is_over = !(0..WINDOW_US).contains(&now.since_us(at));
            if !is_over && self.recent.len() < REMEMBERED_MAX {
                return;
            }
            self.recent.pop_front();
            if let Some(count) = self.names.get_mut(&name) {
                *count -= 1;
                if *count == 0 {
                    self.names.remove(&name);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;

    #[test]
    fn many_names_within_a_minute_raise_the_alarm_and_one_name_never_does() {
        let mut spray = Spray::default();
        for n in 0..10_000 {
            assert_eq!(spray.tried(7, Timestamp(n)), None);
        }
        for name in 100..100 + NAMES_MAX as u64 - 1 {
            assert_eq!(spray.tried(name, Timestamp(SECOND)), None);
        }
        assert!(!spray.is_guarded(Timestamp(SECOND)));
        assert_eq!(spray.tried(1, Timestamp(SECOND)), Some(Timestamp(SECOND).plus_us(GUARDED_US)));
        assert!(spray.is_guarded(Timestamp(SECOND)));
        assert!(spray.is_guarded(Timestamp(SECOND + GUARDED_US - 1)));
        assert!(!spray.is_guarded(Timestamp(SECOND + GUARDED_US)));
    }

    #[test]
    fn failures_at_the_pace_of_a_normal_day_raise_none() {
        let mut spray = Spray::default();
        let pace = WINDOW_US / (NAMES_MAX as i64 - 1);
        for n in 0..10_000 {
            assert_eq!(spray.tried(n as u64, Timestamp(n * pace)), None);
        }
        assert!(spray.recent.len() <= NAMES_MAX);
    }

    #[test]
    fn who_succeeds_after_a_typing_error_is_no_sign_of_an_attack() {
        let mut spray = Spray::default();
        for name in 0..1_000 {
            assert_eq!(spray.tried(name, Timestamp(SECOND)), None);
            spray.succeeded(name);
        }
        assert!(!spray.is_guarded(Timestamp(SECOND)));
    }

    #[test]
    fn it_stays_guarded_while_the_attack_lasts_and_is_noted_once_a_minute() {
        let mut spray = Spray::default();
        let (mut noted, mut now) = (0, 0);
        for name in 0..600_000 {
            now = name as i64 * SECOND / 100;
            noted += usize::from(spray.tried(name, Timestamp(now)).is_some());
            assert!(name <= NAMES_MAX as u64 || spray.is_guarded(Timestamp(now)));
        }
        assert!((90..=101).contains(&noted), "{noted} in {} minutes", now / WINDOW_US);
        assert!(spray.recent.len() <= REMEMBERED_MAX && spray.names.len() <= REMEMBERED_MAX);
    }

    #[test]
    fn a_restart_keeps_it_guarded_and_a_clock_that_is_moved_back_does_not_guard_for_ever() {
        let spray = Spray::guarded_until(Timestamp(GUARDED_US));
        assert!(spray.is_guarded(Timestamp(1)));
        assert!(!spray.is_guarded(Timestamp(-SECOND)));
    }
}
