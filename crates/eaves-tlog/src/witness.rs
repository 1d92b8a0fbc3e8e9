//! The witness (c2sp.org/tlog-witness v1, `add-checkpoint`): signs what it has seen, and never a fork or a step back.
//!
//! Each hub is one for the vault's log. The decision is here; the one line of memory per log is the caller's. It must
//! be compared and stored in one step, on disk, **before** the cosignature leaves: [`Cosigned`] gives its line only to
//! a caller who says so. Two requests that race are then answered one after the other.

use crate::checkpoint::Checkpoint;
use crate::merkle::verify_consistency;
use crate::note::{Note, SignatureLine, VerifierKey};
use crate::{Error, cosignature, text};
use eaves_domain::{Digest, Timestamp};
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

/// A request: here is a checkpoint, and a proof from the one that you saw last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// Size of the checkpoint that the witness is thought to have signed last; 0 for none.
    pub old: u64,
    /// Proof from there.
    pub proof: Vec<Digest>,
    /// The checkpoint.
    pub checkpoint: Note,
}

impl Update {
    /// Reads the body of a request.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > 2 * crate::note::NOTE_BYTES_MAX {
            return Err(Error::TooLarge);
        }
        let whole = std::str::from_utf8(bytes).map_err(|_| Error::Malformed)?;
        let (head, checkpoint) = whole.split_once("\n\n").ok_or(Error::Malformed)?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).ok_or(Error::Malformed)?;
        let old = text::decimal(old)?;
        Ok(Self { old, proof: text::hashes(lines)?, checkpoint: Note::parse(checkpoint.as_bytes())? })
    }
}

impl std::fmt::Display for Update {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{}", text::base64(hash.0)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

/// What a witness remembers of one log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Remembered {
    /// Size of the newest checkpoint that it signed.
    pub size: u64,
    /// Its root.
    pub root: Digest,
}

/// Who signs, and for which logs.
#[derive(Clone)]
pub struct Witness {
    /// The witness's name.
    pub name: String,
    /// Its key.
    pub key: SigningKey,
    /// The logs that it watches, under their origins.
    pub logs: Vec<VerifierKey>,
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Witness({})", self.name)
    }
}

/// What comes of a request.
#[derive(Debug)]
pub enum Answer {
    /// Store, then answer 200.
    Cosign(Cosigned),
    /// 409: the witness signed another size last, this one.
    Conflict {
        /// The size.
        size: u64,
    },
    /// Anything else.
    Refuse(Refusal),
}

/// A cosignature that waits for its memory to be safe.
#[derive(Debug)]
pub struct Cosigned {
    /// Which log, by origin.
    pub origin: String,
    /// What to store in place of what was remembered.
    pub remember: Remembered,
    line: SignatureLine,
}

impl Cosigned {
    /// The line. Call this when [`Cosigned::remember`] is on disk, and was stored in place of what the decision saw.
    pub fn after_it_is_stored(self) -> SignatureLine {
        self.line
    }
}

/// Why a witness does not sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It does not watch this log.
    #[error("this log is not watched here")]
    UnknownLog,
    /// The log did not sign it.
    #[error("the log did not sign this checkpoint")]
    NotSigned,
    /// Not a request, or the old size lies above the new one.
    #[error("not a request, or the old size lies above the new one")]
    Malformed,
    /// It does not continue what was signed before: proof of a log that lies, and worth keeping.
    #[error("the checkpoint does not continue the one that was signed before")]
    Fork,
}

impl Refusal {
    /// The HTTP status of the protocol.
    pub const fn status(self) -> u16 {
        match self {
            Self::UnknownLog => 404,
            Self::NotSigned => 403,
            Self::Malformed => 400,
            Self::Fork => 422,
        }
    }
}

impl Witness {
    /// Decides on a request. `remembered` is what was stored for the checkpoint's origin; see [`Witness::origin`].
    pub fn handle(&self, update: &Update, remembered: Option<&Remembered>, now: Timestamp) -> Answer {
        match self.decide(update, remembered, now) {
            Ok(answer) => answer,
            Err(refusal) => Answer::Refuse(refusal),
        }
    }

    /// The origin that a request claims: the key under which memory is kept.
    pub fn origin(update: &Update) -> &str {
        update.checkpoint.text().split('\n').next().unwrap_or_default()
    }

    fn decide(&self, update: &Update, remembered: Option<&Remembered>, now: Timestamp) -> Result<Answer, Refusal> {
        let origin = Self::origin(update);
        let keys: Vec<_> = self.logs.iter().filter(|key| key.name() == origin).collect();
        if keys.is_empty() {
            return Err(Refusal::UnknownLog);
        }
        let mut checkpoint = None;
        for key in keys {
            match Checkpoint::verified(&update.checkpoint, key) {
                Ok(verified) => checkpoint = Some(verified),
                // Another of the log's keys may have signed.
                Err(Error::NotSignedByTrusted) => {}
                Err(Error::BadSignature) => return Err(Refusal::NotSigned),
                Err(Error::NotConsistent) => return Err(Refusal::Fork),
                Err(_) => return Err(Refusal::Malformed),
            }
        }
        let checkpoint = checkpoint.ok_or(Refusal::NotSigned)?;
        if update.old > checkpoint.size {
            return Err(Refusal::Malformed);
        }
        let empty = Remembered { size: 0, root: crate::merkle::empty_root() };
        let known = remembered.unwrap_or(&empty);
        if update.old != known.size {
            return Ok(Answer::Conflict { size: known.size });
        }
        verify_consistency(&update.proof, (known.size, known.root), (checkpoint.size, checkpoint.root))
            .map_err(|_| Refusal::Fork)?;
        let line = cosignature::sign(&update.checkpoint, &self.name, &self.key, now).map_err(|_| Refusal::Malformed)?;
        let remember = Remembered { size: checkpoint.size, root: checkpoint.root };
        Ok(Answer::Cosign(Cosigned { origin: checkpoint.origin, remember, line }))
    }
}
