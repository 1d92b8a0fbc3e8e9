//! The limiter of every door: counters that are charged when an attempt starts and refunded when it succeeds.
//!
//! With OPAQUE the guesser knows whether a guess was right as soon as KE2 is out, so whoever stops there must pay as
//! much as whoever goes on. A **handle**'s counter counts failures in a row of strangers: the first few are free, then waits
//! double up to an hour, and after [`FAILURES_MAX`] in a row the way in is closed to strangers until another way opens it.
//! A **known device** has a counter of its own, so that strangers slow only strangers. A **network**'s (IPv4 /24,
//! IPv6 /56) leaks, so that one place cannot try many names for long. A **second step**'s counts what is tried after a
//! right first step.
//! Pure: the store holds the counters, lets this decide, and writes them down before anybody is answered, so that a
//! restart forgets nothing.

use crate::store::Bucket;
use eaves_domain::{Digest, HouseholdId, MemberId, Timestamp};
use std::net::IpAddr;

/// So many failures in a row close a way in (NIST SP 800-63B-4).
pub const FAILURES_MAX: u64 = 100;
/// So many failures in a row cost no wait.
pub const FAILURES_FREE: u64 = 5;
const WAIT_US_MIN: i64 = 30_000_000;
const WAIT_US_MAX: i64 = 3_600_000_000;
/// So many failures in a row on a known device, and it counts as a stranger's for an hour.
pub const DEVICE_FAILURES: u64 = 10;
const DEVICE_WAIT_US: i64 = 3_600_000_000;
/// A network may have so many failures open.
pub const NETWORK_MAX: u64 = 60;
/// One of them is forgotten each half minute.
const NETWORK_LEAK_US: i64 = 30_000_000;
const DAY_US: i64 = 86_400_000_000;
/// A counter that did not change for so long is dropped, so that made-up names do not fill the disk for ever.
const KEEP_US: i64 = 90 * DAY_US;
/// A closed way in is remembered for so long.
const KEEP_CLOSED_US: i64 = 3_650 * DAY_US;

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counter {
    /// Passwords that strangers tried for one handle.
    Password(String),
    /// Recovery kits tried for one handle. A kit has 160 bits: it is slowed, but never closed.
    Kit(String),
    /// What was tried from one known device.
    Device(String),
    /// Second steps tried after a right first one, for one account.
    SecondStep(HouseholdId, MemberId),
    /// Attempts from one network.
    Network(Option<IpAddr>),
}

impl Counter {
    /// The name under which the store keeps it. Neither a handle nor an address can be read from it.
    pub fn name(&self) -> String {
        let text = match self {
            Self::Password(handle) => format!("password|{handle}"),
            Self::Kit(handle) => format!("kit|{handle}"),
            Self::Device(device) => format!("device|{device}"),
            Self::SecondStep(household, member) => format!("second-step|{household}|{member}"),
            Self::Network(None) => "network|unknown".to_owned(),
            Self::Network(Some(IpAddr::V4(address))) => {
                let [a, b, c, _] = address.octets();
                format!("network|{a}.{b}.{c}")
            }
            Self::Network(Some(IpAddr::V6(address))) => match address.to_ipv4_mapped() {
                Some(v4) => return Self::Network(Some(IpAddr::V4(v4))).name(),
                None => format!("network|{:014x}", u128::from(*address) >> 72),
            },
        };
        Digest::of(text.as_bytes()).to_hex()
    }

    /// Until when a counter matters that last changed as `bucket` says.
    pub fn keep_until(&self, bucket: &Bucket) -> Timestamp {
        let us = match self {
            Self::Network(_) => i64::try_from(NETWORK_MAX).unwrap_or(i64::MAX).saturating_mul(NETWORK_LEAK_US),
            _ if bucket.failures >= FAILURES_MAX => KEEP_CLOSED_US,
            _ => KEEP_US,
        };
        bucket.changed.plus_us(us)
    }

    /// Whether another attempt is taken now.
    fn admits(&self, bucket: &mut Bucket, now: Timestamp) -> Result<(), Wait> {
        match self {
            Self::Network(_) => {
                leak(bucket, now);
                if bucket.failures >= NETWORK_MAX {
                    return Err(wait_until(bucket.changed.plus_us(NETWORK_LEAK_US), now));
                }
            }
            Self::Password(_) | Self::Device(_) | Self::SecondStep(..) if bucket.failures >= FAILURES_MAX => {
                return Err(Wait { seconds: None });
            }
            _ => {
                // A wait never lasts longer than the longest, however the clock was moved.
                let until = bucket.blocked_until.min(now.plus_us(WAIT_US_MAX));
                if until > now {
                    return Err(wait_until(until, now));
                }
            }
        }
        Ok(())
    }

    /// Counts an attempt that is taken.
    fn count(&self, bucket: &mut Bucket, now: Timestamp) {
        bucket.failures = bucket.failures.saturating_add(1);
        match self {
            Self::Network(_) => {}
            Self::Device(_) => {
                bucket.changed = now;
                if bucket.failures.is_multiple_of(DEVICE_FAILURES) {
                    bucket.blocked_until = now.plus_us(DEVICE_WAIT_US);
                }
            }
            Self::Password(_) | Self::Kit(_) | Self::SecondStep(..) => {
                bucket.changed = now;
                if let Some(beyond) = bucket.failures.checked_sub(FAILURES_FREE) {
                    let times = u32::try_from(beyond.min(20)).unwrap_or(20);
                    let doubled = WAIT_US_MIN.checked_shl(times).unwrap_or(WAIT_US_MAX);
                    bucket.blocked_until = now.plus_us(doubled.min(WAIT_US_MAX));
                }
            }
        }
    }
}

/// Why an attempt is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Seconds after which trying again makes sense; `None` when this way in is closed.
    pub seconds: Option<u32>,
}

fn wait_until(until: Timestamp, now: Timestamp) -> Wait {
    let seconds = until.since_us(now).max(0).saturating_add(999_999) / 1_000_000;
    Wait { seconds: Some(u32::try_from(seconds).unwrap_or(u32::MAX)) }
}

fn leak(bucket: &mut Bucket, now: Timestamp) {
    let elapsed = now.since_us(bucket.changed);
    if elapsed < 0 {
        // The clock was moved back: start counting time from here.
        bucket.changed = now;
        return;
    }
    let leaked = elapsed / NETWORK_LEAK_US;
    bucket.failures = bucket.failures.saturating_sub(leaked.unsigned_abs());
    bucket.changed = bucket.changed.plus_us(leaked.saturating_mul(NETWORK_LEAK_US));
}

/// Takes an attempt and charges every counter, or refuses it and charges none. `buckets` belong to `counters`.
pub fn charge(counters: &[Counter], buckets: &mut [Bucket], now: Timestamp) -> Result<(), Wait> {
    for (counter, bucket) in counters.iter().zip(buckets.iter_mut()) {
        counter.admits(bucket, now)?;
    }
    for (counter, bucket) in counters.iter().zip(buckets.iter_mut()) {
        counter.count(bucket, now);
    }
    Ok(())
}

/// The attempt succeeded: failures in a row end, and the network gets its charge back.
pub fn refund(counters: &[Counter], buckets: &mut [Bucket]) {
    for (counter, bucket) in counters.iter().zip(buckets) {
        match counter {
            Counter::Network(_) => bucket.failures = bucket.failures.saturating_sub(1),
            _ => *bucket = Bucket { changed: bucket.changed, ..Bucket::EMPTY },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;

    fn password() -> [Counter; 1] {
        [Counter::Password("handle".to_owned())]
    }

    #[test]
    fn the_first_failures_cost_no_wait_and_later_ones_double_it() {
        let (counters, mut buckets) = (password(), [Bucket::EMPTY]);
        let now = Timestamp(SECOND);
        for _ in 0..FAILURES_FREE {
            assert_eq!(charge(&counters, &mut buckets, now), Ok(()));
        }
        assert_eq!(charge(&counters, &mut buckets, now), Err(Wait { seconds: Some(30) }));
        let later = now.plus_us(30 * SECOND);
        assert_eq!(charge(&counters, &mut buckets, later), Ok(()));
        assert_eq!(charge(&counters, &mut buckets, later), Err(Wait { seconds: Some(60) }));
    }

    #[test]
    fn a_hundred_failures_in_a_row_close_the_password_but_not_the_kit() {
        for (counters, is_closed) in [(password(), true), ([Counter::Kit("handle".to_owned())], false)] {
            let (mut buckets, mut now, mut taken) = ([Bucket::EMPTY], Timestamp(0), 0);
            for _ in 0..200 {
                now = now.plus_us(2 * WAIT_US_MAX);
                taken += u64::from(charge(&counters, &mut buckets, now).is_ok());
            }
            assert_eq!(taken, if is_closed { FAILURES_MAX } else { 200 });
        }
    }

    #[test]
    fn a_success_ends_the_failures_in_a_row() {
        let (counters, mut buckets) = (password(), [Bucket::EMPTY]);
        for round in 0..50 {
            let now = Timestamp(round);
            for _ in 0..FAILURES_FREE - 1 {
                assert_eq!(charge(&counters, &mut buckets, now), Ok(()));
            }
            refund(&counters, &mut buckets);
        }
    }

    #[test]
    fn one_network_cannot_try_many_names() {
        let (mut network, mut taken) = (Bucket::EMPTY, 0);
        let place = Counter::Network(Some("198.51.100.7".parse().unwrap()));
        for name in 0..1_000 {
            let counters = [Counter::Password(name.to_string()), place.clone()];
            let mut buckets = [Bucket::EMPTY, network];
            taken += u64::from(charge(&counters, &mut buckets, Timestamp(SECOND)).is_ok());
            network = buckets[1];
        }
        assert_eq!(taken, NETWORK_MAX);
        let mut buckets = [network];
        let later = Timestamp(SECOND).plus_us(NETWORK_LEAK_US * 2);
        assert_eq!(charge(std::slice::from_ref(&place), &mut buckets, later), Ok(()), "it leaks");
    }

    #[test]
    fn neighbours_share_a_network_counter_and_strangers_do_not() {
        let name = |text: &str| Counter::Network(Some(text.parse().unwrap())).name();
        assert_eq!(name("198.51.100.7"), name("198.51.100.200"));
        assert_ne!(name("198.51.100.7"), name("198.51.101.7"));
        assert_eq!(name("2001:db8:1:100::1"), name("2001:db8:1:1ff::2"));
        assert_ne!(name("2001:db8:1:100::1"), name("2001:db8:1:200::1"));
        assert_eq!(name("::ffff:198.51.100.7"), name("198.51.100.7"));
    }

    #[test]
    fn a_clock_that_is_moved_back_locks_nobody_out_for_longer_than_the_longest_wait() {
        let (counters, mut buckets) = (password(), [Bucket::EMPTY]);
        let late = Timestamp(1_000_000 * WAIT_US_MAX);
        for _ in 0..FAILURES_FREE {
            charge(&counters, &mut buckets, late).unwrap();
        }
        assert_eq!(charge(&counters, &mut buckets, Timestamp(0)), Err(Wait { seconds: Some(3_600) }));
    }

    #[test]
    fn a_known_device_is_a_strangers_for_an_hour_after_ten_failures_and_for_good_after_a_hundred() {
        let (counters, mut buckets) = ([Counter::Device("device".to_owned())], [Bucket::EMPTY]);
        let (mut now, mut taken) = (Timestamp(SECOND), 0);
        for _ in 0..DEVICE_FAILURES {
            assert_eq!(charge(&counters, &mut buckets, now), Ok(()));
        }
        assert_eq!(charge(&counters, &mut buckets, now), Err(Wait { seconds: Some(3_600) }));
        for _ in 0..1_000 {
            now = now.plus_us(DEVICE_WAIT_US);
            taken += u64::from(charge(&counters, &mut buckets, now).is_ok());
        }
        assert_eq!(taken, FAILURES_MAX - DEVICE_FAILURES);
        refund(&counters, &mut buckets);
        assert_eq!(charge(&counters, &mut buckets, now), Ok(()));
    }

    #[test]
    fn second_steps_are_counted_per_account_and_closed_like_passwords() {
        let of = |member| [Counter::SecondStep(HouseholdId([1; 16]), MemberId([member; 16]))];
        assert_ne!(of(1)[0].name(), of(2)[0].name());
        let (mut buckets, mut now, mut taken) = ([Bucket::EMPTY], Timestamp(0), 0);
        for _ in 0..200 {
            now = now.plus_us(2 * WAIT_US_MAX);
            taken += u64::from(charge(&of(1), &mut buckets, now).is_ok());
        }
        assert_eq!(taken, FAILURES_MAX);
    }

    #[test]
    fn a_closed_way_in_is_remembered_longest_and_a_network_no_longer_than_it_leaks() {
        let bucket = |failures| Bucket { failures, ..Bucket::EMPTY };
        let password = Counter::Password(String::new());
        assert!(password.keep_until(&bucket(FAILURES_MAX)) > password.keep_until(&bucket(FAILURES_MAX - 1)));
        let network = Counter::Network(None);
        let mut full = bucket(NETWORK_MAX);
        let until = network.keep_until(&full);
        leak(&mut full, until);
        assert_eq!(full.failures, 0);
    }

    proptest::proptest! {
        #[test]
        fn however_a_guesser_paces_a_hundred_guesses_are_all_there_are(waits in proptest::collection::vec(0..2 * WAIT_US_MAX, 0..400)) {
            let (counters, mut buckets, mut now, mut taken) = (password(), [Bucket::EMPTY], Timestamp(0), 0);
            for wait in waits {
                now = now.plus_us(wait);
                taken += u64::from(charge(&counters, &mut buckets, now).is_ok());
            }
            proptest::prop_assert!(taken <= FAILURES_MAX);
        }

        #[test]
        fn strangers_never_touch_a_known_device(guesses in 0..1_000_usize) {
            let (mut stranger, mut known) = ([Bucket::EMPTY], [Bucket::EMPTY]);
            for n in 0..guesses {
                let _ = charge(&password(), &mut stranger, Timestamp(n as i64 * SECOND));
            }
            proptest::prop_assert_eq!(charge(&[Counter::Device("owner".to_owned())], &mut known, Timestamp(0)), Ok(()));
            proptest::prop_assert_ne!(Counter::Device("owner".to_owned()).name(), password()[0].name());
        }
    }
}
