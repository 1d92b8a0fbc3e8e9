//! Entries: what of an act is in the log, and what opens it.
//!
//! ```text
//! entry    = 0x01 ‖ HMAC-SHA-256(key = nonce, "eaves/log/line/v1" ‖ 0x00 ‖ line)            33 bytes
//! line     = { household, sequence, previous, atUs, details }                              JSON, as committed
//! details  = HMAC-SHA-256(key = details nonce, "eaves/log/details/v1" ‖ 0x00 ‖ text)        in the line
//! text     = { who, kind, … }                                                              JSON, as committed
//! ```
//!
//! Nonces are 32 random bytes, new for each. Without its nonce an entry is as good as random, also to somebody who can
//! guess every word of it; so two entries of one household are not linkable by a reader of the log.
//!
//! Two layers, because the details are what must be forgotten in time, and the chain is what must not have holes.
//! Destroying details and their nonce leaves a line that says: something of this household was written then. Destroying
//! line and nonce too leaves 33 bytes that say nothing. The log changes by neither.

use crate::details::Details;
use crate::{Error, merkle};
use eaves_domain::{Base64Url, Digest, HouseholdId, Timestamp};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// Length of every entry.
pub const ENTRY_BYTES: usize = 33;
/// The longest line or details that are read.
pub const TEXT_BYTES_MAX: usize = 16 << 10;
const NONCE_BYTES: usize = 32;

/// An entry as the log has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    /// `0x01`: something that touched a household, as a commitment.
    Household(Digest),
    /// `0x02`: a release of the app, public: SHA-256 of its list of files. The same for everybody.
    Release(Digest),
}

impl Entry {
    /// The bytes in the log.
    pub fn to_bytes(self) -> [u8; ENTRY_BYTES] {
        let (kind, digest) = match self {
            Self::Household(digest) => (0x01, digest),
            Self::Release(digest) => (0x02, digest),
        };
        let mut bytes = [kind; ENTRY_BYTES];
        bytes[1..].copy_from_slice(&digest.0);
        bytes
    }

    /// Reads an entry. Entries of kinds to come are refused here; whoever only counts them need not read them.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (kind, digest) = bytes.split_first().ok_or(Error::Malformed)?;
        let digest = Digest(digest.try_into().map_err(|_| Error::Malformed)?);
        match kind {
            0x01 => Ok(Self::Household(digest)),
            0x02 => Ok(Self::Release(digest)),
            _ => Err(Error::Malformed),
        }
    }

    /// The hash of its leaf: its name.
    pub fn leaf(self) -> Digest {
        merkle::leaf_hash(&self.to_bytes())
    }
}

/// What an entry commits to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Line {
    /// Whose.
    pub household: HouseholdId,
    /// Position among the household's entries, from 0, without holes.
    pub sequence: u64,
    /// Leaf hash of the household's entry before; `null` at 0.
    pub previous: Option<Digest>,
    /// When it was written. Never before the entry before.
    pub at_us: Timestamp,
    /// Commitment to the details.
    pub details: Digest,
}

/// The details and their nonce: what is erased first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OpenDetails {
    /// 32 random bytes.
    pub nonce: Base64Url,
    /// The exact bytes that were committed to.
    pub text: Base64Url,
}

/// What opens an entry. Kept beside the log, for those who may see it, for as long as the rules say.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Opening {
    /// 32 random bytes.
    pub nonce: Base64Url,
    /// The exact bytes that were committed to.
    pub line: Base64Url,
    /// The details, until they are erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<OpenDetails>,
}

impl std::fmt::Debug for OpenDetails {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl std::fmt::Debug for Opening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Two random nonces for one entry.
#[derive(Clone, zeroize::ZeroizeOnDrop)]
pub struct Nonces {
    /// For the line.
    pub line: [u8; 32],
    /// For the details.
    pub details: [u8; 32],
}

impl std::fmt::Debug for Nonces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

fn commit(nonce: &[u8], label: &str, text: &[u8]) -> Digest {
    let mut mac = Hmac::<Sha256>::new_from_slice(nonce).expect("HMAC takes a key of any length");
    mac.update(label.as_bytes());
    mac.update(&[0]);
    mac.update(text);
    Digest(mac.finalize().into_bytes().into())
}

fn commit_line(nonce: &[u8], line: &[u8]) -> Digest {
    commit(nonce, "eaves/log/line/v1", line)
}

fn commit_details(nonce: &[u8], text: &[u8]) -> Digest {
    commit(nonce, "eaves/log/details/v1", text)
}

/// Where a household's chain stands: what its next entry continues, and what a reader remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Head {
    /// Sequence of the next entry.
    pub next_sequence: u64,
    /// Leaf hash of the last entry; `null` before the first.
    pub last: Option<Digest>,
    /// When the last entry was written.
    pub at_us: Timestamp,
}

impl Head {
    /// Before the first entry.
    pub const EMPTY: Self = Self { next_sequence: 0, last: None, at_us: Timestamp(0) };

    /// Writes down `details` as the household's next entry, and moves on. A clock that stepped back is not followed.
    pub fn write(
        &mut self,
        household: HouseholdId,
        details: &Details,
        now: Timestamp,
        nonces: &Nonces,
    ) -> (Entry, Opening) {
        let text = details.to_bytes();
        let line = Line {
            household,
            sequence: self.next_sequence,
            previous: self.last,
            at_us: now.max(self.at_us),
            details: commit_details(&nonces.details, &text),
        };
        let opening = Opening {
            nonce: nonces.line.to_vec().into(),
            line: serde_json::to_vec(&line).expect("a line has string keys").into(),
            details: Some(OpenDetails { nonce: nonces.details.to_vec().into(), text: text.into() }),
        };
        let entry = opening.entry();
        *self = Self { next_sequence: self.next_sequence + 1, last: Some(entry.leaf()), at_us: line.at_us };
        (entry, opening)
    }
}

impl Opening {
    /// Reads an opening as JSON, as in a receipt or an audit pack.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > 4 * TEXT_BYTES_MAX {
            return Err(Error::TooLarge);
        }
        let opening: Self = serde_json::from_slice(bytes).map_err(|_| Error::Malformed)?;
        let details = opening.details.iter().map(|details| (&details.nonce, &details.text));
        for (nonce, text) in details.chain([(&opening.nonce, &opening.line)]) {
            if nonce.0.len() != NONCE_BYTES {
                return Err(Error::Malformed);
            }
            if text.0.len() > TEXT_BYTES_MAX {
                return Err(Error::TooLarge);
            }
        }
        Ok(opening)
    }

    /// The JSON form.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("an opening has string keys")
    }

    /// The entry that it opens.
    pub fn entry(&self) -> Entry {
        Entry::Household(commit_line(&self.nonce.0, &self.line.0))
    }

    /// The line. It means something only once its entry is known to be in the log.
    pub fn line(&self) -> Result<Line, Error> {
        let line: Line = serde_json::from_slice(&self.line.0).map_err(|_| Error::Malformed)?;
        let is_in_range = line.sequence <= crate::SIZE_MAX && line.at_us.as_us().unsigned_abs() <= crate::SIZE_MAX;
        if is_in_range { Ok(line) } else { Err(Error::Malformed) }
    }

    /// The details, `None` when they were erased.
    pub fn details(&self) -> Result<Option<Details>, Error> {
        let Some(details) = &self.details else { return Ok(None) };
        if commit_details(&details.nonce.0, &details.text.0) != self.line()?.details {
            return Err(Error::Altered);
        }
        Details::from_bytes(&details.text.0).map(Some)
    }

    /// Forgets the details, for ever if this was the last copy of their nonce. The entry stays opened as to its place.
    pub fn forget_details(&mut self) {
        self.details = None;
    }
}
