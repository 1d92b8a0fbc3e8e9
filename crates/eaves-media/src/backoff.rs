//! How long to wait before trying again. It never gives up.

use std::time::Duration;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);

/// Exponential back-off with jitter, from one second to one minute, for ever.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The time to wait now. `random` is uniform over all values; it moves the time between half and the whole of
    /// the step, so that cameras that vanished together do not come back together.
    pub fn wait(&mut self, random: u32) -> Duration {
        let step = FIRST.saturating_mul(1 << self.failures.min(6)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        let half = step / 2;
        (half + half.mul_f64(f64::from(random) / f64::from(u32::MAX))).max(FIRST)
    }

    /// The camera did well: start again with the shortest wait.
    pub fn progressed(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_minute_and_never_end() {
        let mut backoff = Backoff::default();
        let waits: Vec<_> = (0..100).map(|_| backoff.wait(u32::MAX).as_secs()).collect();
        assert_eq!(&waits[..8], &[1, 2, 4, 8, 16, 32, 60, 60]);
        assert!(waits[8..].iter().all(|wait| *wait == 60));
        backoff.progressed();
        assert_eq!(backoff.wait(u32::MAX), FIRST);
    }

    #[test]
    fn jitter_stays_within_half_and_whole_and_above_a_second() {
        for random in [0, 1, u32::MAX / 2, u32::MAX] {
            let mut backoff = Backoff { failures: 5 };
            let wait = backoff.wait(random);
            assert!((Duration::from_secs(16)..=Duration::from_secs(32)).contains(&wait), "{wait:?}");
            assert!(Backoff::default().wait(random) >= FIRST);
        }
    }
}
