//! The hub's letterbox: opens small documents that were sealed to the hub itself.
//!
//! A camera's address and password reach the hub sealed to the hub's own recipient, past a vault that must not read
//! them. This crate opens those letters and nothing else. It is apart from `eaves-open` so that the program can link it
//! without linking the reading side of the household's formats (invariant A1):
//!
//! - it takes one identity, the hub's; a hub is never given the identity of a room, so a recording does not open here;
//! - it refuses anything longer than [`LETTER_BYTES_MAX`], which no recording fits in;
//! - it knows no cut bodies, no ranges, no manifests.
//!
//! Pure like its siblings (invariant A4).

use age_core::format::{FileKey, Stanza};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use eaves_seal::Recipient;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::XWing;
use hpke::{Deserializable as _, Kem, OpModeR};
use std::io::Read as _;
use zeroize::Zeroizing;

/// The longest letter, in bytes of its age file.
pub const LETTER_BYTES_MAX: usize = 64 << 10;

/// Why a letter was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InboxError {
    /// It is longer than [`LETTER_BYTES_MAX`].
    #[error("the letter is too long")]
    TooLong,
    /// It is not sealed to this hub, or it was changed.
    #[error("the letter is not for this hub, or it was changed")]
    NotForUs,
}

/// The hub's own identity. There is no way to use it for anything but a letter.
pub struct HubIdentity {
    private: <XWing as Kem>::PrivateKey,
    recipient: Recipient,
}

impl std::fmt::Debug for HubIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl HubIdentity {
    /// The identity that grows from 32 random bytes.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let private = <XWing as Kem>::PrivateKey::from_bytes(seed).expect("every 32 bytes are an X-Wing seed");
        Self { private, recipient: Recipient::of_seed(seed) }
    }

    /// To whom letters for this hub are sealed.
    pub fn recipient(&self) -> &Recipient {
        &self.recipient
    }

    /// Opens a letter.
    pub fn open_letter(&self, letter: &[u8]) -> Result<Zeroizing<Vec<u8>>, InboxError> {
        if letter.len() > LETTER_BYTES_MAX {
            return Err(InboxError::TooLong);
        }
        let decryptor = age::Decryptor::new(letter).map_err(|_| InboxError::NotForUs)?;
        let mut reader = decryptor
            .decrypt(std::iter::once(&Key(&self.private) as &dyn age::Identity))
            .map_err(|_| InboxError::NotForUs)?;
        let mut plaintext = Zeroizing::new(Vec::with_capacity(letter.len()));
        reader.read_to_end(&mut plaintext).map_err(|_| InboxError::NotForUs)?;
        Ok(plaintext)
    }
}

struct Key<'a>(&'a <XWing as Kem>::PrivateKey);

impl age::Identity for Key<'_> {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, age::DecryptError>> {
        if stanza.tag != "mlkem768x25519" {
            return None;
        }
        let [encapsulated] = stanza.args.as_slice() else { return Some(Err(age::DecryptError::InvalidHeader)) };
        let unwrap = || {
            let bytes = BASE64_STANDARD_NO_PAD.decode(encapsulated).ok()?;
            let encapsulated = <XWing as Kem>::EncappedKey::from_bytes(&bytes).ok()?;
            let key = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, XWing>(
                &OpModeR::Base,
                self.0,
                &encapsulated,
                b"age-encryption.org/mlkem768x25519",
                &stanza.body,
                b"",
            )
            .ok()?;
            let key = Zeroizing::new(key);
            let key = <[u8; 16]>::try_from(key.as_slice()).ok()?;
            Some(FileKey::new(Box::new(key)))
        };
        Some(unwrap().ok_or(age::DecryptError::DecryptionFailed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hub(byte: u8) -> HubIdentity {
        HubIdentity::from_seed(&[byte; 32])
    }

    #[test]
    fn a_letter_to_the_hub_opens() {
        let hub = hub(1);
        let letter = eaves_seal::seal_small(hub.recipient(), b"rtsp").unwrap();
        assert_eq!(hub.open_letter(&letter).unwrap().as_slice(), b"rtsp");
    }

    #[test]
    fn a_letter_to_somebody_else_does_not_open() {
        let letter = eaves_seal::seal_small(hub(2).recipient(), b"rtsp").unwrap();
        assert_eq!(hub(1).open_letter(&letter).unwrap_err(), InboxError::NotForUs);
    }

    #[test]
    fn any_flipped_byte_of_a_letter_is_refused() {
        let hub = hub(1);
        let letter = eaves_seal::seal_small(hub.recipient(), b"rtsp").unwrap();
        for at in (0..letter.len()).step_by(7) {
            let mut changed = letter.clone();
            changed[at] ^= 1;
            assert!(hub.open_letter(&changed).is_err(), "byte {at}");
        }
    }

    #[test]
    fn a_letter_as_long_as_a_recording_is_refused() {
        let hub = hub(1);
        let letter = eaves_seal::seal_small(hub.recipient(), &vec![0; LETTER_BYTES_MAX]).unwrap();
        assert_eq!(hub.open_letter(&letter).unwrap_err(), InboxError::TooLong);
    }

    #[test]
    fn the_recipient_text_reads_back() {
        let text = hub(1).recipient().to_text();
        assert!(text.starts_with("age1pq1"));
        assert_eq!(Recipient::parse(&text).unwrap().to_text(), text);
        assert!(Recipient::parse("age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p").is_err());
    }
}
