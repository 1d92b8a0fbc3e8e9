//! The file that proves one entry (c2sp.org/tlog-proof@v1), `.tlog-proof`: what Eaves calls a receipt.
//!
//! Its `extra` line holds the entry's [`Opening`], so that the file explains itself with no network. That line is not
//! signed; it counts because the commitment over it is the entry that the rest proves.

use crate::checkpoint::Checkpoint;
use crate::cosignature::{self, Cosignature};
use crate::details::Details;
use crate::entry::{Line, Opening};
use crate::merkle::{leaf_hash, verify_inclusion};
use crate::note::{NOTE_BYTES_MAX, Note, VerifierKey};
use crate::{Error, text};
use eaves_domain::Digest;

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// A proof as it travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The `extra` line's bytes.
    pub extra: Option<Vec<u8>>,
    /// Place of the entry.
    pub index: u64,
    /// From the leaf to the root.
    pub hashes: Vec<Digest>,
    /// The checkpoint, with who signed it.
    pub checkpoint: Note,
}

/// Whose word counts.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The log, under its origin.
    pub log: VerifierKey,
    /// Witnesses that are trusted.
    pub witnesses: Vec<VerifierKey>,
    /// How many of them must have signed.
    pub quorum: usize,
}

/// A checkpoint that a [`Policy`] accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// Who of the trusted witnesses saw it, and when.
    pub cosignatures: Vec<Cosignature>,
}

impl Policy {
    /// Accepts a checkpoint of the log that enough witnesses signed.
    pub fn accept(&self, note: &Note) -> Result<Accepted, Error> {
        let checkpoint = Checkpoint::verified(note, &self.log)?;
        let cosignatures = cosignature::verify(note, &self.witnesses)?;
        if cosignatures.len() < self.quorum {
            return Err(Error::CosignatureMissing);
        }
        Ok(Accepted { checkpoint, cosignatures })
    }
}

/// What a receipt proves.
#[derive(Clone, Debug)]
pub struct Proved {
    /// The checkpoint that it is in.
    pub accepted: Accepted,
    /// The line that was committed to.
    pub line: Line,
    /// The opening.
    pub opening: Opening,
    /// Who did what; `None` when the receipt does not tell.
    pub details: Option<Details>,
}

impl Proof {
    /// Reads a proof.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > 2 * NOTE_BYTES_MAX {
            return Err(Error::TooLarge);
        }
        let whole = std::str::from_utf8(bytes).map_err(|_| Error::Malformed)?;
        let (head, checkpoint) = whole.split_once("\n\n").ok_or(Error::Malformed)?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(FIRST_LINE) {
            return Err(Error::Malformed);
        }
        let extra = lines.next_if(|line| line.starts_with("extra "));
        let extra = extra.map(|line| text::bytes(line.strip_prefix("extra ").unwrap_or_default())).transpose()?;
        let index = lines.next().and_then(|line| line.strip_prefix("index ")).ok_or(Error::Malformed)?;
        Ok(Self {
            extra,
            index: text::decimal(index)?,
            hashes: text::hashes(lines)?,
            checkpoint: Note::parse(checkpoint.as_bytes())?,
        })
    }

    /// Verifies that `entry` is where the proof says, in a log whose checkpoint `policy` accepts.
    pub fn verify(&self, entry: &[u8], policy: &Policy) -> Result<Accepted, Error> {
        let accepted = policy.accept(&self.checkpoint)?;
        let Checkpoint { size, root, .. } = accepted.checkpoint;
        verify_inclusion(&self.hashes, leaf_hash(entry), self.index, size, root)?;
        Ok(accepted)
    }

    /// Verifies a receipt: the entry is made from the opening in `extra`.
    pub fn verify_receipt(&self, policy: &Policy) -> Result<Proved, Error> {
        let opening = Opening::parse(self.extra.as_deref().ok_or(Error::Malformed)?)?;
        let accepted = self.verify(&opening.entry().to_bytes(), policy)?;
        Ok(Proved { accepted, line: opening.line()?, details: opening.details()?, opening })
    }
}

impl std::fmt::Display for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", text::base64(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.hashes.iter().try_for_each(|hash| writeln!(f, "{}", text::base64(hash.0)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}
