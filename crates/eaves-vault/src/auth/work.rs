//! Proof of work: what a stranger pays for an attempt while the vault is guarded. `docs/spec/proof-of-work.md`.
//!
//! A challenge is 16 random bytes, the time it was made, and a MAC over both, so that handing one out costs no memory. Only
//! one that was solved is remembered, for as long as it is good. The MAC's key lives as long as the process: after a
//! restart every challenge from before is void, and none can be used a second time.

use eaves_domain::{Base64Url, Timestamp};
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;

/// So many leading zero bits a solution has: a quarter of a million hashes on average.
pub const BITS: u8 = 18;
/// A challenge is good for so long.
pub const GOOD_US: i64 = 120_000_000;
/// Solved challenges that are remembered. Each has cost whoever solved it [`BITS`] of work.
const SOLVED_MAX: usize = 65_536;
const RANDOM: usize = 16;
/// Bytes of a challenge.
pub const CHALLENGE: usize = RANDOM + 8 + 32;

/// Hands out challenges and takes solutions.
pub struct Work {
    key: [u8; 32],
    solved: HashMap<[u8; RANDOM], Timestamp>,
}

impl std::fmt::Debug for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Leading zero bits of SHA-256 over a challenge and a nonce.
pub fn zero_bits(challenge: &[u8], nonce: u64) -> u32 {
    let digest = Sha256::new().chain_update(challenge).chain_update(nonce.to_be_bytes()).finalize();
    let whole = digest.iter().take_while(|byte| **byte == 0).count();
    let rest = digest.get(whole).map_or(0, |byte| byte.leading_zeros());
    u32::try_from(whole).unwrap_or(0) * 8 + rest
}

impl Work {
    /// With a key of fresh randomness.
    pub fn new(key: [u8; 32]) -> Self {
        Self { key, solved: HashMap::new() }
    }

    fn mac(&self, head: &[u8]) -> Hmac<Sha256> {
        let mac = <Hmac<Sha256> as hmac::Mac>::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        mac.chain_update(head).chain_update([BITS])
    }

    /// A new challenge.
    pub fn challenge(&self, random: [u8; RANDOM], now: Timestamp) -> Base64Url {
        let mut bytes = [random.as_slice(), &now.as_us().to_be_bytes()].concat();
        let mac = self.mac(&bytes).finalize().into_bytes();
        bytes.extend_from_slice(&mac);
        Base64Url(bytes)
    }

    /// Takes what a client brings, `<challenge>.<nonce>`: whether it is work, done for us, in time, and not used before.
    pub fn take(&mut self, brought: &str, now: Timestamp) -> bool {
        let Some((challenge, nonce)) = brought.split_once('.') else { return false };
        let (Some(challenge), Ok(nonce)) = (Base64Url::from_text(challenge), nonce.parse()) else { return false };
        let challenge = challenge.0;
        let Some((head, mac)) = challenge.split_at_checked(RANDOM + 8).filter(|_| challenge.len() == CHALLENGE) else {
            return false;
        };
        let (Some(random), Some(made)) = (head.first_chunk::<RANDOM>(), head.last_chunk::<8>()) else { return false };
        let is_fresh = |made: Timestamp| (0..GOOD_US).contains(&now.since_us(made));
        if !is_fresh(Timestamp(i64::from_be_bytes(*made)))
            || zero_bits(&challenge, nonce) < u32::from(BITS)
            || self.mac(head).verify_slice(mac).is_err()
        {
            return false;
        }
        if self.solved.len() >= SOLVED_MAX {
            self.solved.retain(|_, made| is_fresh(*made));
        }
        self.solved.len() < SOLVED_MAX && self.solved.insert(*random, Timestamp(i64::from_be_bytes(*made))).is_none()
    }

    /// Forgets what is over.
    pub fn sweep(&mut self, now: Timestamp) {
        self.solved.retain(|_, made| (0..GOOD_US).contains(&now.since_us(*made)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn solve(challenge: &Base64Url) -> String {
        let nonce = (0..u64::MAX).find(|nonce| zero_bits(&challenge.0, *nonce) >= u32::from(BITS)).unwrap();
        format!("{}.{nonce}", challenge.to_text())
    }

    #[test]
    fn work_counts_once_in_time_and_for_the_vault_that_asked_for_it() {
        let mut work = Work::new([1; 32]);
        let (made, other) = (Timestamp(1_000), Work::new([2; 32]).challenge([3; 16], Timestamp(1_000)));
        let solved = solve(&work.challenge([3; 16], made));
        let last = made.plus_us(GOOD_US - 1);
        assert!(!work.take(&solved, made.plus_us(GOOD_US)), "too late");
        assert!(!work.take(&solved, Timestamp(0)), "from the future");
        assert!(work.take(&solved, last));
        assert!(!work.take(&solved, last), "used");
        assert!(!work.take(&solve(&other), made), "of somebody else");
        assert!(!Work::new([9; 32]).take(&solved, last), "of before a restart");
    }

    #[test]
    fn a_nonce_that_was_not_worked_for_counts_for_nothing() {
        let mut work = Work::new([1; 32]);
        let challenge = work.challenge([3; 16], Timestamp(0));
        let lazy = (0..).find(|nonce| zero_bits(&challenge.0, *nonce) < u32::from(BITS)).unwrap();
        assert!(!work.take(&format!("{}.{lazy}", challenge.to_text()), Timestamp(0)));
        let solved = solve(&challenge);
        let (text, nonce) = solved.split_once('.').unwrap();
        let mut changed = Base64Url::from_text(text).unwrap();
        changed.0[CHALLENGE - 1] ^= 1;
        for wrong in ["", ".", "AA.1", text, &format!("{text}.-1"), &format!("{}.{nonce}", changed.to_text())] {
            assert!(!work.take(wrong, Timestamp(0)), "{wrong}");
        }
        assert!(work.take(&solved, Timestamp(0)));
    }

    #[test]
    fn the_vectors_of_proof_of_work_hold() {
        let page: serde_json::Value =
            serde_json::from_str(include_str!("../../../../vectors/proof-of-work.json")).unwrap();
        let cases = page["cases"].as_array().unwrap();
        assert!(cases.len() > 10);
        for case in cases {
            let (challenge, nonce) = case["header"].as_str().unwrap().split_once('.').unwrap();
            let challenge = Base64Url::from_text(challenge).unwrap();
            assert_eq!((challenge.0.len(), nonce), (CHALLENGE, case["nonce"].as_str().unwrap()));
            let bits = u32::try_from(case["bits"].as_u64().unwrap()).unwrap();
            let is_work = zero_bits(&challenge.0, nonce.parse().unwrap()) >= bits;
            assert_eq!(is_work, case["expect"] == "ok", "{}", case["name"]);
        }
    }

    #[test]
    fn zero_bits_are_counted_across_bytes() {
        let first = (0..).find(|nonce| zero_bits(b"x", *nonce) >= 12).unwrap();
        let digest = Sha256::new().chain_update(b"x").chain_update(u64::to_be_bytes(first)).finalize();
        assert_eq!((digest[0], digest[1] >> 4), (0, 0));
    }
}
