//! The hub's letterbox: opens small documents that were sealed to the hub itself.
//!
//! A camera's address and password reach the hub sealed to the hub's own recipient, past a vault that must not read
//! them. This crate opens those letters and nothing else. It is apart from `eaves-open` so that the program can link it
//! without linking the reading side of the household's formats (invariant A1). It cannot become a way to recordings:
//!
//! - it takes one identity, the hub's, by name and by type; a hub is never given the identity of a room, and a roster
//!   names the hub's recipient for settings only;
//! - it refuses anything longer than [`LETTER_BYTES_MAX`], and knows one chunk of 64 KiB only: a body of a recording,
//!   even one sealed to the hub by mistake, does not open;
//! - it knows no cut bodies, no ranges, no links.
//!
//! The form is that of `docs/spec/sealed-part.md`: one stanza, `mlkem768x25519`, everything else refused. Every refusal
//! of what is inside looks alike, so that nobody learns by trying.
//!
//! **Trust.** Letters come from the vault. Whoever writes one can have it refused, or tell the hub something; so the
//! hub takes letters only out of signed documents. Pure like its siblings (invariant A4).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use chacha20poly1305::aead::Aead as _;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _};
use eaves_seal::Recipient;
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use hpke::kdf::HkdfSha256;
use hpke::kem::XWing;
use hpke::{Deserializable as _, Kem, OpModeR};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The longest letter, in bytes of its age file: less than one whole chunk of a recording.
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
        self.open(letter).ok_or(InboxError::NotForUs)
    }

    fn open(&self, letter: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let letter = Letter::parse(letter)?;
        let encapsulated = <XWing as Kem>::EncappedKey::from_bytes(&letter.encapsulated).ok()?;
        let file_key = hpke::single_shot_open::<hpke::aead::ChaCha20Poly1305, HkdfSha256, XWing>(
            &OpModeR::Base,
            &self.private,
            &encapsulated,
            b"age-encryption.org/mlkem768x25519",
            &letter.wrapped,
            b"",
        )
        .map(Zeroizing::new)
        .ok()?;
        let mut mac = Hmac::<Sha256>::new_from_slice(derive(&file_key, b"", b"header").as_slice()).ok()?;
        mac.update(letter.covered);
        mac.verify_slice(&letter.mac).ok()?;
        let (payload_nonce, chunk) = letter.body.split_first_chunk::<16>()?;
        let payload_key = derive(&file_key, payload_nonce, b"payload");
        // The first chunk and the last one: a letter has no other.
        let nonce = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        let cipher = ChaCha20Poly1305::new((&*payload_key).into());
        cipher.decrypt((&nonce).into(), chunk).map(Zeroizing::new).ok()
    }
}

/// HKDF-SHA256 as age uses it.
fn derive(file_key: &[u8], salt: &[u8], info: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(Some(salt), file_key).expand(info, out.as_mut_slice()).expect("32 bytes is a valid length");
    out
}

/// The pieces of a letter, before anything is opened.
struct Letter<'a> {
    encapsulated: Vec<u8>,
    wrapped: Vec<u8>,
    /// Everything up to and including `---`: what the MAC covers.
    covered: &'a [u8],
    mac: Vec<u8>,
    body: &'a [u8],
}

impl<'a> Letter<'a> {
    fn parse(letter: &'a [u8]) -> Option<Self> {
        let mut rest = letter;
        let mut line = || {
            let end = rest.iter().position(|b| *b == b'\n')?;
            let (line, after) = rest.split_at_checked(end)?;
            rest = after.get(1..)?;
            Some(line)
        };
        if line()? != b"age-encryption.org/v1" {
            return None;
        }
        let encapsulated = BASE64_STANDARD_NO_PAD.decode(line()?.strip_prefix(b"-> mlkem768x25519 ")?).ok()?;
        let wrapped = BASE64_STANDARD_NO_PAD.decode(line()?).ok()?;
        // A second stanza would stand here, and is refused by not being the MAC.
        let mac_line = line()?;
        let mac = BASE64_STANDARD_NO_PAD.decode(mac_line.strip_prefix(b"--- ")?).ok()?;
        let header_bytes = letter.len().checked_sub(rest.len())?;
        let covered_bytes = header_bytes.checked_sub(mac_line.len())?.checked_add(2)?;
        Some(Self { encapsulated, wrapped, covered: letter.get(..covered_bytes)?, mac, body: rest })
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

    #[test]
    fn a_second_stanza_is_refused() {
        let hub = hub(1);
        let letter = eaves_seal::seal_small(hub.recipient(), b"rtsp").unwrap();
        let at = letter.windows(4).position(|w| w == b"\n---").unwrap();
        let mut changed = letter.clone();
        changed.splice(at..at, b"\n-> X25519 AAAA\nAAAA".iter().copied());
        assert_eq!(hub.open_letter(&changed).unwrap_err(), InboxError::NotForUs);
    }

    proptest::proptest! {
        #[test]
        fn any_letter_opens_to_what_was_sealed(text in proptest::collection::vec(proptest::num::u8::ANY, 0..2000)) {
            let hub = hub(1);
            let letter = eaves_seal::seal_small(hub.recipient(), &text).unwrap();
            assert_eq!(*hub.open_letter(&letter).unwrap(), text);
        }

        #[test]
        fn arbitrary_bytes_are_refused(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..3000)) {
            assert!(hub(1).open_letter(&bytes).is_err());
        }
    }
}
