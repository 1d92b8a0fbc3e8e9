//! Signed notes (c2sp.org/signed-note v1): a text, an empty line, and lines of signatures.
//!
//! Two kinds of key are known: `0x01`, Ed25519 over the text, and `0x04`, an Ed25519 cosignature with the time at which
//! it was made ([`crate::cosignature`]). Lines of other keys are carried along and believed by nobody.

use crate::{Error, text};
use eaves_domain::envelope::PublicKey;
use ed25519_dalek::{Signer as _, SigningKey};
use sha2::{Digest as _, Sha256};

/// The longest note that is read.
pub const NOTE_BYTES_MAX: usize = 256 << 10;
/// The most lines of signatures that are read.
pub const SIGNATURES_MAX: usize = 64;
const NAME_BYTES_MAX: usize = 255;

/// What a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// `0x01`: the text of a note.
    Note,
    /// `0x04`: a checkpoint, and that nothing newer was seen at that time.
    Cosignature,
}

impl KeyKind {
    const fn byte(self) -> u8 {
        match self {
            Self::Note => 0x01,
            Self::Cosignature => 0x04,
        }
    }
}

/// Whether a name may name a key: not empty, without blanks, plus and control characters.
pub fn is_name(name: &str) -> bool {
    let is_odd = |c: char| c.is_whitespace() || c == '+' || c < ' ';
    !name.is_empty() && name.len() <= NAME_BYTES_MAX && !name.contains(is_odd)
}

/// A key that somebody trusts, under a name: a *vkey*.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VerifierKey {
    name: String,
    kind: KeyKind,
    key: PublicKey,
}

impl VerifierKey {
    /// A key under a name.
    pub fn new(name: &str, kind: KeyKind, key: PublicKey) -> Result<Self, Error> {
        if is_name(name) { Ok(Self { name: name.to_owned(), kind, key }) } else { Err(Error::Malformed) }
    }

    /// Reads `<name>+<key id>+<base64 of kind and key>`.
    pub fn parse(vkey: &str) -> Result<Self, Error> {
        if vkey.len() > 2 * NAME_BYTES_MAX {
            return Err(Error::TooLarge);
        }
        let mut parts = vkey.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Error::Malformed);
        };
        let bytes = text::bytes(key)?;
        let (kind, key) = bytes.split_first().ok_or(Error::Malformed)?;
        let kind = match kind {
            0x01 => KeyKind::Note,
            0x04 => KeyKind::Cosignature,
            _ => return Err(Error::Malformed),
        };
        let key = <[u8; 32]>::try_from(key).map_err(|_| Error::Malformed)?;
        let read = Self::new(name, kind, PublicKey(key))?;
        if format!("{:08x}", read.id()) == id { Ok(read) } else { Err(Error::Malformed) }
    }

    /// The text form.
    pub fn to_text(&self) -> String {
        let key = [&[self.kind.byte()], self.key.0.as_slice()].concat();
        format!("{}+{:08x}+{}", self.name, self.id(), text::base64(key))
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs.
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The public key.
    pub const fn key(&self) -> PublicKey {
        self.key
    }

    /// The first four bytes of SHA-256 over name, kind and key. A hint, short on purpose.
    pub fn id(&self) -> u32 {
        let hash = Sha256::new_with_prefix(self.name.as_bytes()).chain_update([b'\n', self.kind.byte()]);
        let hash: [u8; 32] = hash.chain_update(self.key.0).finalize().into();
        u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
    }

    /// Whether a line claims to be by this key.
    pub fn claims(&self, line: &SignatureLine) -> bool {
        line.name == self.name && line.id == self.id()
    }
}

/// One line of signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureLine {
    /// Name of the key.
    pub name: String,
    /// Its id.
    pub id: u32,
    /// What follows the id.
    pub signature: Vec<u8>,
}

impl SignatureLine {
    /// Reads a line, without its newline.
    pub fn parse(line: &str) -> Result<Self, Error> {
        let (name, blob) = line.strip_prefix("— ").and_then(|rest| rest.split_once(' ')).ok_or(Error::Malformed)?;
        let blob = text::bytes(blob)?;
        let (id, signature) = blob.split_first_chunk::<4>().ok_or(Error::Malformed)?;
        if !is_name(name) || signature.is_empty() {
            return Err(Error::Malformed);
        }
        Ok(Self { name: name.to_owned(), id: u32::from_be_bytes(*id), signature: signature.to_vec() })
    }
}

impl std::fmt::Display for SignatureLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let blob = [self.id.to_be_bytes().as_slice(), &self.signature].concat();
        write!(f, "— {} {}", self.name, text::base64(blob))
    }
}

/// A note: a text and who signed it, or says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<SignatureLine>,
}

impl Note {
    /// A text that nobody signed yet. It ends with a newline and has no other control character.
    pub fn new(text: String) -> Result<Self, Error> {
        if text.len() > NOTE_BYTES_MAX {
            return Err(Error::TooLarge);
        }
        let is_text = text.ends_with('\n') && text.bytes().all(|b| b >= b' ' || b == b'\n');
        if is_text { Ok(Self { text, signatures: Vec::new() }) } else { Err(Error::Malformed) }
    }

    /// Reads a note with at least one signature, whoever made it.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > NOTE_BYTES_MAX {
            return Err(Error::TooLarge);
        }
        let whole = std::str::from_utf8(bytes).map_err(|_| Error::Malformed)?;
        let (text, lines) = whole.rsplit_once("\n\n").ok_or(Error::Malformed)?;
        let lines = lines.strip_suffix('\n').ok_or(Error::Malformed)?;
        let mut note = Self::new(format!("{text}\n"))?;
        for line in lines.split('\n') {
            if note.signatures.len() == SIGNATURES_MAX {
                return Err(Error::TooLarge);
            }
            note.signatures.push(SignatureLine::parse(line)?);
        }
        Ok(note)
    }

    /// The text, up to and with its last newline: what is signed. Believe it only after [`Note::verify`].
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The lines.
    pub fn signatures(&self) -> &[SignatureLine] {
        &self.signatures
    }

    /// Adds a line.
    pub fn add(&mut self, line: SignatureLine) {
        self.signatures.push(line);
    }

    /// Signs the text with a key of kind `0x01`.
    pub fn sign(&mut self, name: &str, key: &SigningKey) -> Result<(), Error> {
        let id = VerifierKey::new(name, KeyKind::Note, PublicKey::of(key))?.id();
        let signature = key.sign(self.text.as_bytes()).to_bytes().to_vec();
        self.add(SignatureLine { name: name.to_owned(), id, signature });
        Ok(())
    }

    /// Succeeds if `key`, of kind `0x01`, signed this text. A line that claims so and is wrong spoils the note.
    pub fn verify(&self, key: &VerifierKey) -> Result<(), Error> {
        if key.kind() != KeyKind::Note {
            return Err(Error::NotSignedByTrusted);
        }
        let mut is_signed = false;
        for line in self.signatures.iter().filter(|line| key.claims(line)) {
            if !key.key().verify(self.text.as_bytes(), &line.signature) {
                return Err(Error::BadSignature);
            }
            is_signed = true;
        }
        if is_signed { Ok(()) } else { Err(Error::NotSignedByTrusted) }
    }
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
