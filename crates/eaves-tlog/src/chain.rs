//! A household's own entries: whether they are all there, in their order, as they were written.
//!
//! The reader takes what a vault shows, believes none of it, and says what is wrong with which. It does not stop at the
//! first fault. What it cannot know is whether anything comes after the last entry shown: that is [`crate::monitor`]'s.

use crate::checkpoint::Checkpoint;
use crate::details::Details;
use crate::entry::{Entry, Head, Line, Opening};
use crate::merkle::verify_inclusion;
use eaves_domain::{Base64Url, Digest, HouseholdId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far two honest clocks may be apart, in microseconds: ten minutes.
pub const CLOCK_US_MAX: i64 = 600_000_000;

/// One entry as a vault shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Shown {
    /// Place in the log.
    pub index: u64,
    /// The entry's bytes.
    pub entry: Base64Url,
    /// What opens it.
    pub opening: Opening,
    /// From the leaf to the root.
    pub proof: Vec<Digest>,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Fault {
    /// It cannot be read.
    Malformed,
    /// It belongs to another household.
    WrongHousehold,
    /// Opening and entry do not fit: one of them was changed.
    Altered,
    /// It is not in the log where it is said to be.
    NotIncluded,
    /// It is left out.
    Missing,
    /// It does not stand where its number, or its place in the log, belongs.
    OutOfOrder,
    /// It is shown twice.
    Repeated,
    /// It does not continue the one before it.
    Broken,
    /// It says it is older than it can be.
    Backdated,
    /// It says it is from later than now.
    FromFuture,
    /// Its details are gone before their time.
    ErasedTooEarly,
    /// It was in the log at the last visit, and was not shown then.
    HeldBack,
    /// It was promised, and another stands in its place, or none.
    Dropped,
}

impl Fault {
    /// The permanent code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::WrongHousehold => "wrong-household",
            Self::Altered => "altered",
            Self::NotIncluded => "not-included",
            Self::Missing => "missing",
            Self::OutOfOrder => "out-of-order",
            Self::Repeated => "repeated",
            Self::Broken => "broken",
            Self::Backdated => "backdated",
            Self::FromFuture => "from-future",
            Self::ErasedTooEarly => "erased-too-early",
            Self::HeldBack => "held-back",
            Self::Dropped => "dropped",
        }
    }
}

/// One fault, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The household's number of the entry, if it is known.
    pub sequence: Option<u64>,
    /// Place in the log, if it is known.
    pub index: Option<u64>,
    /// How many entries in a row; more than one only for [`Fault::Missing`].
    pub count: u64,
    /// What is wrong.
    pub fault: Fault,
}

/// One entry that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// Place in the log.
    pub index: u64,
    /// Its leaf hash.
    pub leaf: Digest,
    /// Its line.
    pub line: Line,
    /// Who did what; `None` when the details are erased.
    pub details: Option<Details>,
}

/// What comes of reading.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Entries whose place and content are proved, by sequence.
    pub entries: Vec<Read>,
    /// Faults, by sequence as far as it is known.
    pub findings: Vec<Finding>,
    /// Where the chain stands after the last entry before the first fault.
    pub head: Option<Head>,
}

/// What the reader knows already.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Whose entries.
    pub household: HouseholdId,
    /// From where on: [`Head::EMPTY`] for all of them; `None` for a stretch from the middle.
    pub from: Option<Head>,
    /// The clock.
    pub now: Timestamp,
    /// How long details are kept at least, in microseconds: those that are gone sooner are a fault.
    pub details_kept_us: i64,
}

/// Reads what a vault shows of a household's entries under a checkpoint that is believed.
pub fn read(known: &Known, checkpoint: &Checkpoint, shown: &[Shown]) -> Reading {
    let mut reading = Reading::default();
    let mut by_sequence: BTreeMap<u64, Read> = BTreeMap::new();
    let mut highest = None;
    for one in shown {
        match read_one(known, checkpoint, one) {
            Ok(read) => {
                let sequence = read.line.sequence;
                if by_sequence.contains_key(&sequence) {
                    reading.find(Some(sequence), Some(one.index), Fault::Repeated);
                    continue;
                }
                if highest > Some(sequence) {
                    reading.find(Some(sequence), Some(one.index), Fault::OutOfOrder);
                }
                highest = highest.max(Some(sequence));
                by_sequence.insert(sequence, read);
            }
            Err((sequence, fault)) => {
                reading.find(sequence, Some(one.index), fault);
            }
        }
    }
    reading.entries = by_sequence.into_values().collect();
    reading.check_joins(known);
    reading.head = reading.last_sound(known.from);
    reading.findings.sort();
    reading
}

/// What one entry proves by itself.
fn read_one(known: &Known, checkpoint: &Checkpoint, shown: &Shown) -> Result<Read, (Option<u64>, Fault)> {
    let entry = Entry::from_bytes(&shown.entry.0).map_err(|_| (None, Fault::Malformed))?;
    if shown.opening.entry() != entry {
        // The line is not what the log has; its number may still help whoever looks for it.
        return Err((shown.opening.line().ok().map(|line| line.sequence), Fault::Altered));
    }
    let line = shown.opening.line().map_err(|_| (None, Fault::Malformed))?;
    let fail = |fault| (Some(line.sequence), fault);
    if line.household != known.household {
        return Err((None, Fault::WrongHousehold));
    }
    let leaf = entry.leaf();
    verify_inclusion(&shown.proof, leaf, shown.index, checkpoint.size, checkpoint.root)
        .map_err(|_| fail(Fault::NotIncluded))?;
    let details = shown.opening.details().map_err(|error| match error {
        crate::Error::Altered => fail(Fault::Altered),
        _ => fail(Fault::Malformed),
    })?;
    Ok(Read { index: shown.index, leaf, line, details })
}

impl Reading {
    fn find(&mut self, sequence: Option<u64>, index: Option<u64>, fault: Fault) {
        self.findings.push(Finding { sequence, index, count: 1, fault });
    }

    /// How the entries hang together.
    fn check_joins(&mut self, known: &Known) {
        let mut found = Vec::new();
        let mut head = known.from;
        let mut index_before = None;
        for read in &self.entries {
            let line = &read.line;
            let mut find = |fault| {
                found.push(Finding { sequence: Some(line.sequence), index: Some(read.index), count: 1, fault });
            };
            if index_before >= Some(read.index) {
                find(Fault::OutOfOrder);
            }
            match head {
                None if (line.sequence == 0) != line.previous.is_none() => find(Fault::Broken),
                // Something that was read before, shown again, or another in its place.
                Some(head) if line.sequence < head.next_sequence => find(Fault::Repeated),
                Some(head) if line.sequence == head.next_sequence => {
                    if line.previous != head.last {
                        find(Fault::Broken);
                    }
                    if line.at_us < head.at_us {
                        find(Fault::Backdated);
                    }
                }
                _ => {}
            }
            if line.at_us.since_us(known.now) > CLOCK_US_MAX {
                find(Fault::FromFuture);
            }
            if read.details.is_none() && known.now.since_us(line.at_us) < known.details_kept_us {
                find(Fault::ErasedTooEarly);
            }
            if let Some(head) = head.filter(|head| head.next_sequence < line.sequence) {
                let count = line.sequence - head.next_sequence;
                found.push(Finding { sequence: Some(head.next_sequence), index: None, count, fault: Fault::Missing });
            }
            index_before = Some(read.index);
            head = Some(read.head());
        }
        self.findings.extend(found);
    }

    /// The head after the last entry before the first fault. A fault whose number is unknown may be anywhere.
    pub(crate) fn last_sound(&self, from: Option<Head>) -> Option<Head> {
        let first_fault = self.findings.iter().map(|finding| finding.sequence.unwrap_or(0)).min();
        let sound = self.entries.iter().take_while(|read| first_fault.is_none_or(|first| read.line.sequence < first));
        sound.last().map(Read::head).or(from)
    }
}

impl Read {
    /// Where the chain stands after this entry.
    pub fn head(&self) -> Head {
        Head { next_sequence: self.line.sequence.saturating_add(1), last: Some(self.leaf), at_us: self.line.at_us }
    }
}
