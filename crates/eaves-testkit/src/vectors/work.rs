//! Vectors of `docs/spec/proof-of-work.md`: the first nonce that solves a challenge, and nonces that do not.

use super::expecting;
use eaves_domain::{Base64Url, Digest};
use serde_json::{Value, json};

fn zero_bits(challenge: &[u8], nonce: u64) -> u32 {
    let digest = Digest::of(&[challenge, &nonce.to_be_bytes()].concat()).0;
    let whole = digest.iter().take_while(|byte| **byte == 0).count();
    8 * u32::try_from(whole).unwrap_or(0) + digest.get(whole).map_or(0, |byte| byte.leading_zeros())
}

fn case(challenge: &[u8], bits: u32, nonce: u64) -> Value {
    let text = Base64Url(challenge.to_vec()).to_text();
    let hash = Digest::of(&[challenge, &nonce.to_be_bytes()].concat()).to_hex();
    json!({
        "challenge": text,
        "bits": bits,
        "nonce": nonce.to_string(),
        "sha256": hash,
        "header": format!("{text}.{nonce}"),
    })
}

/// The page.
pub(super) fn make() -> Value {
    let challenge = |seed: u8| (0..56).map(|i| seed.wrapping_mul(31).wrapping_add(i)).collect::<Vec<u8>>();
    let mut cases = Vec::new();
    for (seed, bits) in [(1, 1), (2, 8), (3, 9), (4, 12), (5, 18)] {
        let challenge = challenge(seed);
        let first = (0..u64::MAX).find(|nonce| zero_bits(&challenge, *nonce) >= bits).unwrap_or_default();
        cases.push(expecting(case(&challenge, bits, first), &format!("the first nonce with {bits} zero bits"), &[]));
        let lazy = (0..u64::MAX).find(|nonce| zero_bits(&challenge, *nonce) == bits - 1).unwrap_or_default();
        let name = format!("one zero bit less than {bits}");
        cases.push(expecting(case(&challenge, bits, lazy), &name, &["too-little-work"]));
    }
    // Beyond what a double can count exactly: a client that goes there must not round.
    let challenge = challenge(6);
    let large = (1_u64 << 53 | 1..u64::MAX).find(|nonce| zero_bits(&challenge, *nonce) >= 10).unwrap_or_default();
    cases.push(expecting(case(&challenge, 10, large), "a nonce beyond 2^53", &[]));
    json!({ "cases": cases })
}
