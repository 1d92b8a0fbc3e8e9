//! Checkpoints (c2sp.org/tlog-checkpoint v1): a log's name, its size and its root, signed by the log.

use crate::note::{Note, VerifierKey, is_name};
use crate::{Error, SIZE_MAX, merkle, text};
use eaves_domain::Digest;
use ed25519_dalek::SigningKey;

/// The most extension lines that are read. Ours has none.
const EXTENSIONS_MAX: usize = 16;

/// What a checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name, also that of its key.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Root over them.
    pub root: Digest,
    /// Lines that some logs add. They are signed and mean nothing here.
    pub extensions: Vec<String>,
}

impl Checkpoint {
    /// A checkpoint without extensions.
    pub fn new(origin: &str, size: u64, root: Digest) -> Result<Self, Error> {
        if !is_name(origin) {
            return Err(Error::Malformed);
        }
        if size > SIZE_MAX {
            return Err(Error::TooLarge);
        }
        Ok(Self { origin: origin.to_owned(), size, root, extensions: Vec::new() })
    }

    /// Reads the text of a note. Nothing about signatures: see [`Checkpoint::verified`].
    pub fn parse(note_text: &str) -> Result<Self, Error> {
        let body = note_text.strip_suffix('\n').ok_or(Error::Malformed)?;
        let mut lines = body.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(Error::Malformed);
        };
        let checkpoint = Self {
            origin: origin.to_owned(),
            size: text::decimal(size)?,
            root: text::hash(root)?,
            extensions: lines.map(str::to_owned).collect(),
        };
        if checkpoint.extensions.len() > EXTENSIONS_MAX {
            return Err(Error::TooLarge);
        }
        let is_whole = !origin.is_empty() && checkpoint.extensions.iter().all(|line| !line.is_empty());
        if is_whole { Ok(checkpoint) } else { Err(Error::Malformed) }
    }

    /// The text that is signed.
    pub fn to_text(&self) -> String {
        let extensions: String = self.extensions.iter().map(|line| format!("{line}\n")).collect();
        format!("{}\n{}\n{}\n{extensions}", self.origin, self.size, text::base64(self.root.0))
    }

    /// Signs as the log.
    pub fn sign(&self, log_key: &SigningKey) -> Result<Note, Error> {
        let mut note = Note::new(self.to_text())?;
        note.sign(&self.origin, log_key)?;
        Ok(note)
    }

    /// What `note` says, if it is a checkpoint of the log that `log_key` names and that key signed it.
    pub fn verified(note: &Note, log_key: &VerifierKey) -> Result<Self, Error> {
        note.verify(log_key)?;
        let checkpoint = Self::parse(note.text())?;
        if checkpoint.origin != log_key.name() {
            return Err(Error::WrongOrigin);
        }
        let is_sensible = checkpoint.size > 0 || checkpoint.root == merkle::empty_root();
        if is_sensible { Ok(checkpoint) } else { Err(Error::NotConsistent) }
    }
}
