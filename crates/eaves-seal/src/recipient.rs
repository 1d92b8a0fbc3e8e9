//! To whom something is sealed: an age recipient of type `mlkem768x25519`, `age1pq1…`.

use crate::SealError;
use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32, Checksum, Hrp};
use hpke::kem::XWing;
use hpke::{Deserializable, Kem, Serializable};
use std::str::FromStr;

const HRP: &str = "age1pq";
/// Length of an X-Wing public key.
const KEY_BYTES: usize = 1216;

/// Bech32 (BIP 173) without its limit of 90 characters, as age uses it.
#[derive(Debug)]
enum LongBech32 {}

impl Checksum for LongBech32 {
    type MidstateRepr = u32;
    const CODE_LENGTH: usize = usize::MAX;
    const CHECKSUM_LENGTH: usize = 6;
    const GENERATOR_SH: [u32; 5] = Bech32::GENERATOR_SH;
    const TARGET_RESIDUE: u32 = Bech32::TARGET_RESIDUE;
}

/// A post-quantum age recipient: public, so it may be printed, compared and cloned.
#[derive(Clone)]
pub struct Recipient {
    key: <XWing as Kem>::PublicKey,
    text: String,
}

impl Recipient {
    /// Reads `age1pq1…`, strictly: lower case, right checksum, a usable key, the one canonical spelling.
    pub fn parse(text: &str) -> Result<Self, SealError> {
        let checked = CheckedHrpstring::new::<LongBech32>(text).map_err(|_| {
            // Without a limit on length, a text that is not ours fails on its checksum or its characters; the kinds
            // of age recipients that we refuse on purpose deserve their own sentence.
            if text.starts_with("ssh-") { SealError::NotPostQuantum } else { SealError::NotARecipient }
        })?;
        if checked.hrp() != Hrp::parse(HRP).expect("lower-case letters and digits") {
            let is_age = text.starts_with("age1");
            return Err(if is_age { SealError::NotPostQuantum } else { SealError::NotARecipient });
        }
        let bytes: Vec<u8> = checked.byte_iter().collect();
        let recipient = Self::from_key_bytes(&bytes)?;
        // Non-zero padding bits or upper case would give one key two spellings, and texts are compared elsewhere.
        if recipient.text == text { Ok(recipient) } else { Err(SealError::NotARecipient) }
    }

    /// The recipient with this X-Wing public key of 1216 bytes.
    pub fn from_key_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        if bytes.len() != KEY_BYTES {
            return Err(SealError::NotARecipient);
        }
        let key = <XWing as Kem>::PublicKey::from_bytes(bytes).map_err(|_| SealError::NotARecipient)?;
        if key.to_bytes().as_slice() != bytes {
            return Err(SealError::NotARecipient);
        }
        let hrp = Hrp::parse(HRP).expect("lower-case letters and digits");
        let text = bech32::encode::<LongBech32>(hrp, bytes).expect("there is no limit on length");
        Ok(Self { key, text })
    }

    /// The recipient of the identity that grows from `seed`, for whoever makes identities. The private half is dropped
    /// at once; nothing in this crate can use it.
    pub fn of_seed(seed: &[u8; 32]) -> Self {
        let private = <XWing as Kem>::PrivateKey::from_bytes(seed).expect("any 32 bytes are an X-Wing seed");
        let public = <XWing as Kem>::sk_to_pk(&private).to_bytes();
        Self::from_key_bytes(&public).expect("the public half of a seed is a recipient")
    }

    /// `age1pq1…`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// `age1pq1…`, by value.
    pub fn to_text(&self) -> String {
        self.text.clone()
    }

    pub(crate) fn key(&self) -> &<XWing as Kem>::PublicKey {
        &self.key
    }
}

impl FromStr for Recipient {
    type Err = SealError;

    fn from_str(text: &str) -> Result<Self, SealError> {
        Self::parse(text)
    }
}

impl PartialEq for Recipient {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Recipient {}

/// Prints the first characters only: a recipient is nearly two thousand characters long.
impl std::fmt::Debug for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Recipient({}…)", self.text.get(..16).unwrap_or_default())
    }
}
