//! Claiming a hub: one printed code authenticates hub and owner to each other, past a vault that neither trusts.
//!
//! The code is 80 random bits in Crockford's base 32, printed as `XXXX-XXXX-XXXX-XXXX`, good for one use within ten
//! minutes. Two keys are derived from it: a token that the vault compares (it holds only the token's hash), and a MAC
//! key that the vault never sees. The hub's keys travel with a MAC under the second key, and so does the digest of the
//! first roster: a vault that swaps either is refused. Specification: `docs/spec/claim.md`.

use crate::envelope::PublicKey;
use crate::{Base64Url, Digest, HubId};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::ZeroizeOnDrop;

/// How long a code is good for, in microseconds: ten minutes.
pub const CLAIM_US_MAX: i64 = 600_000_000;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A claim code. Printing it with `Debug` gives nothing away; [`ClaimCode::to_text`] is for the console.
#[derive(Clone, ZeroizeOnDrop)]
pub struct ClaimCode([u8; 10]);

impl std::fmt::Debug for ClaimCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// The hub's public half as the vault hands it to the app, with a MAC that the vault cannot make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HubIntroduction {
    /// Opaque id.
    pub hub: HubId,
    /// The key that signs links.
    pub signing_key: PublicKey,
    /// The hub's age recipient.
    pub recipient: String,
    /// [`ClaimCode::introduction_mac`].
    pub mac: Base64Url,
}

impl ClaimCode {
    /// A code from ten random bytes.
    pub fn from_random(bytes: [u8; 10]) -> Self {
        Self(bytes)
    }

    /// Reads a typed code: case, hyphens and spaces do not matter, and O, I and L are read as 0, 1 and 1.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut bits: u128 = 0;
        let mut count = 0;
        for c in text.bytes().filter(|c| !matches!(c, b'-' | b' ')) {
            let c = match c.to_ascii_uppercase() {
                b'O' => b'0',
                b'I' | b'L' => b'1',
                other => other,
            };
            let digit = ALPHABET.iter().position(|a| *a == c)?;
            count += 1;
            if count > 16 {
                return None;
            }
            bits = bits << 5 | digit as u128;
        }
        let (_, low) = bits.to_be_bytes().split_last_chunk::<10>().map(|(head, tail)| (head.len(), *tail))?;
        (count == 16).then_some(Self(low))
    }

    /// The printed form, `XXXX-XXXX-XXXX-XXXX`.
    pub fn to_text(&self) -> String {
        let mut bits: u128 = 0;
        for byte in self.0 {
            bits = bits << 8 | u128::from(byte);
        }
        let mut out = String::with_capacity(19);
        for i in 0..16_u32 {
            if i > 0 && i.is_multiple_of(4) {
                out.push('-');
            }
            let digit = (bits >> (75 - 5 * i)) & 31;
            out.push(char::from(ALPHABET[digit as usize]));
        }
        out
    }

    fn derive(&self, label: &str) -> [u8; 32] {
        let mut out = [0; 32];
        Hkdf::<Sha256>::new(None, &self.0).expand(label.as_bytes(), &mut out).expect("32 bytes is a valid length");
        out
    }

    /// What the app shows the vault. The vault stores its SHA-256 only.
    pub fn vault_token(&self) -> [u8; 32] {
        self.derive("eaves/claim/vault/v1")
    }

    fn mac(&self, label: &str, message: &[&[u8]]) -> Hmac<Sha256> {
        let key = self.derive("eaves/claim/mac/v1");
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes a key of any length");
        mac.update(label.as_bytes());
        mac.update(&[0]);
        for piece in message {
            mac.update(piece);
        }
        mac
    }

    fn introduction(&self, hub: HubId, key: &PublicKey, recipient: &str) -> Hmac<Sha256> {
        self.mac("eaves/claim/hub/v1", &[&hub.0, &key.0, recipient.as_bytes()])
    }

    /// The MAC of the hub's id, signing key and recipient.
    pub fn introduction_mac(&self, hub: HubId, key: &PublicKey, recipient: &str) -> Vec<u8> {
        self.introduction(hub, key, recipient).finalize().into_bytes().to_vec()
    }

    /// Whether the hub behind `introduction` knows the code.
    pub fn verifies_introduction(&self, introduction: &HubIntroduction) -> bool {
        self.introduction(introduction.hub, &introduction.signing_key, &introduction.recipient)
            .verify_slice(&introduction.mac.0)
            .is_ok()
    }

    /// The MAC of the first roster: proves to the hub that its owner typed the code.
    pub fn roster_mac(&self, roster_payload: Digest) -> Vec<u8> {
        self.mac("eaves/claim/owner/v1", &[&roster_payload.0]).finalize().into_bytes().to_vec()
    }

    /// Whether whoever signed the roster knows the code.
    pub fn verifies_roster(&self, roster_payload: Digest, mac: &[u8]) -> bool {
        self.mac("eaves/claim/owner/v1", &[&roster_payload.0]).verify_slice(mac).is_ok()
    }
}
