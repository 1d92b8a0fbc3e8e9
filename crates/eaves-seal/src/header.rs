//! The age header: one stanza that wraps a fresh file key, and a MAC. `docs/spec/sealed-part.md`.

use crate::{Recipient, SealError};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use eaves_domain::Digest;
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::XWing;
use hpke::{OpModeS, Serializable};
use sha2::Sha256;
use zeroize::Zeroizing;

/// HPKE's `info`: keeps a wrapped file key from meaning anything elsewhere.
const WRAP_INFO: &[u8] = b"age-encryption.org/mlkem768x25519";

/// The sixteen bytes under which one file is sealed. Not `Clone`, not `Debug`, wiped when dropped.
pub(crate) struct FileKey(Zeroizing<[u8; 16]>);

impl FileKey {
    /// A fresh key. There is no other way to get one: a file key is used once.
    pub(crate) fn random() -> Result<Self, SealError> {
        let mut key = Zeroizing::new([0; 16]);
        getrandom::fill(key.as_mut_slice()).map_err(|_| SealError::NoRandomness)?;
        Ok(Self(key))
    }

    /// The key itself: what nobody may have.
    #[cfg(feature = "leaky-for-tests")]
    pub(crate) fn leaked(&self) -> [u8; 16] {
        *self.0
    }

    /// HKDF-SHA256 of the file key, as age derives all its keys.
    pub(crate) fn derive(&self, salt: &[u8], info: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut out = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(salt), self.0.as_slice())
            .expand(info, out.as_mut_slice())
            .expect("32 bytes is a valid length");
        out
    }
}

/// The header of a sealed part: everything up to and including the newline after the MAC. It is stored apart from the
/// body, and destroying it destroys the part.
#[derive(Clone, PartialEq, Eq)]
pub struct Header(Vec<u8>);

impl std::fmt::Debug for Header {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Header({} bytes)", self.0.len())
    }
}

impl Header {
    /// Wraps `key` to `recipient`.
    pub(crate) fn wrap(key: &FileKey, recipient: &Recipient) -> Result<Self, SealError> {
        let (enc, wrapped) = hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, XWing>(
            &OpModeS::Base,
            recipient.key(),
            WRAP_INFO,
            key.0.as_slice(),
            b"",
        )
        .map_err(|_| SealError::NotARecipient)?;
        let mut text = format!(
            "age-encryption.org/v1\n-> mlkem768x25519 {}\n{}\n---",
            BASE64_STANDARD_NO_PAD.encode(enc.to_bytes()),
            BASE64_STANDARD_NO_PAD.encode(wrapped),
        );
        let mut mac = Hmac::<Sha256>::new_from_slice(key.derive(b"", b"header").as_slice())
            .expect("HMAC takes a key of any length");
        mac.update(text.as_bytes());
        text.push(' ');
        BASE64_STANDARD_NO_PAD.encode_string(mac.finalize().into_bytes(), &mut text);
        text.push('\n');
        Ok(Self(text.into_bytes()))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, by value.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// What a link says about the header.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.0)
    }
}
