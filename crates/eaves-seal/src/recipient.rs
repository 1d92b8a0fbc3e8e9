//! The `mlkem768x25519` recipient: X-Wing, post-quantum and classical together (c2sp.org/age).

use crate::SealError;
use age::EncryptError;
use age::secrecy::ExposeSecret as _;
use age_core::format::{FileKey, Stanza};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use bech32::primitives::decode::CheckedHrpstring;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::XWing;
use hpke::{Deserializable as _, Kem, OpModeS, Serializable as _};
use std::collections::HashSet;

/// HPKE `info` of the file key's wrapping.
const INFO: &[u8] = b"age-encryption.org/mlkem768x25519";
/// Human-readable part of a recipient's text.
const PREFIX: &str = "age1pq";

/// Bech32 without its limit of 90 characters, as age uses it for post-quantum keys.
struct LongBech32;

impl bech32::Checksum for LongBech32 {
    type MidstateRepr = u32;
    const CODE_LENGTH: usize = usize::MAX;
    const CHECKSUM_LENGTH: usize = 6;
    const GENERATOR_SH: [u32; 5] = <bech32::Bech32 as bech32::Checksum>::GENERATOR_SH;
    const TARGET_RESIDUE: u32 = <bech32::Bech32 as bech32::Checksum>::TARGET_RESIDUE;
}

/// To whom something is sealed: a room, the household, a member or a hub.
#[derive(Clone)]
pub struct Recipient(<XWing as Kem>::PublicKey);

impl Recipient {
    /// Reads `age1pq1…`. Any other kind of recipient, X25519 among them, is refused.
    pub fn parse(text: &str) -> Result<Self, SealError> {
        let checked = CheckedHrpstring::new::<LongBech32>(text).map_err(|_| SealError::NotARecipient)?;
        if checked.hrp().as_str() != PREFIX {
            return Err(SealError::NotARecipient);
        }
        let bytes: Vec<u8> = checked.byte_iter().collect();
        <XWing as Kem>::PublicKey::from_bytes(&bytes).map(Self).map_err(|_| SealError::NotARecipient)
    }

    /// The recipient of the identity that grows from `seed`; for whoever makes identities.
    pub fn of_seed(seed: &[u8; 32]) -> Self {
        let private = <XWing as Kem>::PrivateKey::from_bytes(seed).expect("every 32 bytes are an X-Wing seed");
        Self(<XWing as Kem>::sk_to_pk(&private))
    }

    /// `age1pq1…`.
    pub fn to_text(&self) -> String {
        let prefix = bech32::Hrp::parse(PREFIX).expect("a valid human-readable part");
        bech32::encode::<LongBech32>(prefix, &self.0.to_bytes()).expect("LongBech32 has no limit")
    }
}

impl std::fmt::Debug for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recipient(mlkem768x25519)")
    }
}

impl age::Recipient for Recipient {
    fn wrap_file_key(&self, file_key: &FileKey) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        let (encapsulated, body) = hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, XWing>(
            &OpModeS::Base,
            &self.0,
            INFO,
            file_key.expose_secret(),
            b"",
        )
        .map_err(|_| EncryptError::Io(std::io::Error::other("encapsulation failed")))?;
        let stanza = Stanza {
            tag: "mlkem768x25519".into(),
            args: vec![BASE64_STANDARD_NO_PAD.encode(encapsulated.to_bytes())],
            body,
        };
        Ok((vec![stanza], HashSet::from(["postquantum".to_owned()])))
    }
}
