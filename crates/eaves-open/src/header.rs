//! The age header: read strictly, and opened to the file key. `docs/spec/sealed-part.md`.
//!
//! We read one form only: version 1, exactly one stanza, of type `mlkem768x25519`, with arguments and body of the
//! exact lengths. Everything else that age allows is refused here, so that no reader of Eaves can be led to a weaker
//! recipient.

use crate::{Error, Identity};
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The longest header that is looked at. Ours has about 1.7 kB.
pub const HEADER_BYTES_MAX: usize = 4_096;

const VERSION_LINE: &str = "age-encryption.org/v1";
const STANZA_TYPE: &str = "mlkem768x25519";
const ENCAPSULATED_BYTES: usize = 1_120;
const WRAPPED_BYTES: usize = 32;

/// Base64 without padding in its one canonical spelling: padding and stray bits are refused.
const STRICT_BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(false),
);

/// A header that was read, not yet opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    encapsulated: Vec<u8>,
    wrapped: Vec<u8>,
    /// Everything up to and including `---`: what the MAC covers.
    covered: Vec<u8>,
    mac: Vec<u8>,
}

/// The key of one part. Not `Clone`; wiped when dropped.
pub struct FileKey(Zeroizing<[u8; 16]>);

impl std::fmt::Debug for FileKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl FileKey {
    fn derive(&self, salt: &[u8], info: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut out = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(salt), self.0.as_slice())
            .expand(info, out.as_mut_slice())
            .expect("32 bytes is a valid length");
        out
    }

    /// The key of the STREAM chunks.
    pub(crate) fn payload_key(&self, payload_nonce: &[u8; 16]) -> Zeroizing<[u8; 32]> {
        self.derive(payload_nonce, b"payload")
    }
}

/// Length of the header with which an age file starts, or `None` when no header ends within [`HEADER_BYTES_MAX`].
pub fn header_bytes(file: &[u8]) -> Option<usize> {
    let looked_at = file.get(..file.len().min(HEADER_BYTES_MAX))?;
    let mac_line = looked_at.windows(5).position(|w| w == b"\n--- ")?.checked_add(1)?;
    let newline = looked_at.get(mac_line..)?.iter().position(|b| *b == b'\n')?;
    mac_line.checked_add(newline)?.checked_add(1)
}

impl Header {
    /// Reads exactly one header, newline of its MAC line included.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > HEADER_BYTES_MAX {
            return Err(Error::Malformed);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Error::Malformed)?;
        let text = text.strip_suffix('\n').ok_or(Error::Malformed)?;
        let mut lines = text.split('\n');
        if lines.next() != Some(VERSION_LINE) {
            return Err(Error::Malformed);
        }
        let arguments = lines.next().and_then(|l| l.strip_prefix("-> ")).ok_or(Error::Malformed)?;
        // The recipients come first: a file for another kind of recipient gets that answer, not "malformed".
        let has_one_stanza = text.matches("\n-> ").count() == 1;
        let mut arguments = arguments.split(' ');
        if arguments.next() != Some(STANZA_TYPE) || !has_one_stanza {
            return Err(Error::ForeignStanza);
        }
        let encapsulated = decode(arguments.next(), ENCAPSULATED_BYTES)?;
        let wrapped = decode(lines.next(), WRAPPED_BYTES)?;
        let mac_line = lines.next().ok_or(Error::Malformed)?;
        let mac = decode(mac_line.strip_prefix("--- "), 32)?;
        if arguments.next().is_some() || lines.next().is_some() {
            return Err(Error::Malformed);
        }
        let covered_bytes = text.len().checked_sub(mac_line.len()).and_then(|n| n.checked_add(3));
        let covered = covered_bytes.and_then(|n| bytes.get(..n)).ok_or(Error::Malformed)?.to_vec();
        Ok(Self { encapsulated, wrapped, covered, mac })
    }

    /// Opens the file key with `identity` and checks that the header is the one that was written with it.
    pub fn open(&self, identity: &Identity) -> Result<FileKey, Error> {
        let key = FileKey(identity.unwrap(&self.encapsulated, &self.wrapped)?);
        let mut mac = Hmac::<Sha256>::new_from_slice(key.derive(b"", b"header").as_slice())
            .expect("HMAC takes a key of any length");
        mac.update(&self.covered);
        mac.verify_slice(&self.mac).map_err(|_| Error::ChangedHeader)?;
        Ok(key)
    }
}

fn decode(text: Option<&str>, bytes: usize) -> Result<Vec<u8>, Error> {
    let decoded = text.and_then(|t| STRICT_BASE64.decode(t).ok()).ok_or(Error::Malformed)?;
    if decoded.len() == bytes { Ok(decoded) } else { Err(Error::Malformed) }
}
