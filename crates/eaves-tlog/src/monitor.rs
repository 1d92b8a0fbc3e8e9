//! What an app remembers between visits, and how it tells that the keeper of the log lied.
//!
//! A visit brings a checkpoint, a proof that it continues the one remembered, and *all* entries of the household from
//! the remembered head on, as far as the checkpoint reaches. Then:
//!
//! | lie | how it shows |
//! |---|---|
//! | two histories | same size and another root, or no proof of consistency ([`Alarm::TwoHistories`]) |
//! | rolled back | fewer entries than remembered ([`Alarm::RolledBack`]) |
//! | an entry dropped | a hole in the numbers ([`Fault::Missing`]), or a promise not kept ([`Fault::Dropped`]) |
//! | an entry slipped in later | its place in the log is from before the last visit ([`Fault::HeldBack`]) |
//! | backdated | it came after the last visit and says it was before ([`Fault::Backdated`]) |
//! | time stands still | no witness has signed for a day ([`Alarm::Stale`]) |

use crate::Error;
use crate::chain::{self, CLOCK_US_MAX, Fault, Finding, Known, Reading, Shown};
use crate::entry::Head;
use crate::merkle::verify_consistency;
use crate::note::Note;
use crate::proof::{Accepted, Policy, Proved};
use eaves_domain::{Digest, HouseholdId, Timestamp};
use serde::{Deserialize, Serialize};

/// How long a witness may be silent, in microseconds: a day.
pub const STALE_US: i64 = 86_400_000_000;
/// The most promises that are remembered; the oldest go first.
pub const PROMISES_MAX: usize = 256;

/// An entry that must be there at the next visit: somebody has seen a proof of it, or a hub has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Promise {
    /// Its number in the household.
    pub sequence: u64,
    /// Its leaf hash.
    pub leaf: Digest,
}

/// What is remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Memory {
    /// Size of the newest log that was seen.
    pub size: u64,
    /// Its root.
    pub root: Digest,
    /// When, by the app's own clock.
    pub seen_us: Timestamp,
    /// The household's chain, as far as it was sound.
    pub head: Head,
    /// What must come.
    pub promises: Vec<Promise>,
}

/// What a visit brings.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    /// The checkpoint.
    pub checkpoint: &'a Note,
    /// Proof from the remembered size; empty on the first visit.
    pub consistency: &'a [Digest],
    /// The household's entries from the remembered head on.
    pub shown: &'a [Shown],
}

/// Something that nobody honest would show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Alarm {
    /// Less than was seen before.
    RolledBack {
        /// Remembered size.
        from: u64,
        /// Size that is shown.
        to: u64,
    },
    /// What is shown does not continue what was seen.
    TwoHistories,
    /// No trusted witness has signed for long.
    Stale {
        /// When the last one did.
        since: Timestamp,
    },
    /// About one entry.
    Entry(Finding),
}

impl Alarm {
    /// The permanent code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::RolledBack { .. } => "rolled-back",
            Self::TwoHistories => "two-histories",
            Self::Stale { .. } => "stale",
            Self::Entry(finding) => finding.fault.code(),
        }
    }
}

/// What comes of a visit.
#[derive(Debug)]
pub struct Visited {
    /// What is wrong; nothing, if all is well.
    pub alarms: Vec<Alarm>,
    /// What to remember from now on. It does not move past a lie.
    pub memory: Memory,
    /// The entries that were read.
    pub reading: Reading,
    /// The checkpoint.
    pub accepted: Accepted,
}

/// Who watches.
#[derive(Clone, Debug)]
pub struct Monitor {
    /// Whose word counts.
    pub policy: Policy,
    /// Whose entries.
    pub household: HouseholdId,
    /// How long details are kept at least, in microseconds.
    pub details_kept_us: i64,
}

impl Monitor {
    /// Judges a visit. An error means that the checkpoint is not one that counts: nothing was learned, remember nothing.
    pub fn visit(&self, memory: Option<&Memory>, visit: &Visit<'_>, now: Timestamp) -> Result<Visited, Error> {
        let accepted = self.policy.accept(visit.checkpoint)?;
        let checkpoint = &accepted.checkpoint;
        if let Some((alarm, memory)) = memory.and_then(|memory| Some((compare(memory, &accepted, visit)?, memory))) {
            return Ok(Visited {
                alarms: vec![alarm],
                memory: memory.clone(),
                reading: Reading { head: Some(memory.head), ..Reading::default() },
                accepted,
            });
        }
        let known = Known {
            household: self.household,
            from: Some(memory.map_or(Head::EMPTY, |memory| memory.head)),
            now,
            details_kept_us: self.details_kept_us,
        };
        let mut reading = chain::read(&known, checkpoint, visit.shown);
        let promises = memory.map_or(&[][..], |memory| &memory.promises);
        let mut found = memory.map(|memory| times(memory, &reading)).unwrap_or_default();
        found.extend(promises.iter().filter_map(|promise| broken(promise, known.from, &reading)));
        reading.findings.extend(found);
        reading.findings.sort();
        let head = reading.last_sound(known.from).unwrap_or(Head::EMPTY);
        let kept = promises.iter().copied().filter(|promise| promise.sequence >= head.next_sequence).collect();
        let mut alarms: Vec<_> = reading.findings.iter().copied().map(Alarm::Entry).collect();
        // The freshest of the witnesses; a policy without witnesses has nothing that could be stale.
        let newest = accepted.cosignatures.iter().map(|one| one.at).max();
        alarms.extend(newest.filter(|at| now.since_us(*at) > STALE_US).map(|since| Alarm::Stale { since }));
        let memory = Memory { size: checkpoint.size, root: checkpoint.root, seen_us: now, head, promises: kept };
        Ok(Visited { alarms, memory, reading, accepted })
    }
}

impl Memory {
    /// Remembers that an entry must come: from a receipt that was verified.
    pub fn expect(&mut self, receipt: &Proved) {
        let promise = Promise { sequence: receipt.line.sequence, leaf: receipt.opening.entry().leaf() };
        self.promise(promise);
    }

    /// Remembers that an entry must come, on the word of somebody else who is trusted: a hub of the household.
    pub fn promise(&mut self, promise: Promise) {
        if promise.sequence >= self.head.next_sequence && !self.promises.contains(&promise) {
            self.promises.push(promise);
            let surplus = self.promises.len().saturating_sub(PROMISES_MAX);
            self.promises.drain(..surplus);
        }
    }
}

/// Whether the log itself went on honestly.
fn compare(memory: &Memory, accepted: &Accepted, visit: &Visit<'_>) -> Option<Alarm> {
    let checkpoint = &accepted.checkpoint;
    if checkpoint.size < memory.size {
        return Some(Alarm::RolledBack { from: memory.size, to: checkpoint.size });
    }
    let old = (memory.size, memory.root);
    let is_continued = verify_consistency(visit.consistency, old, (checkpoint.size, checkpoint.root)).is_ok();
    (!is_continued).then_some(Alarm::TwoHistories)
}

/// What the last visit says about when entries can have been written.
fn times(memory: &Memory, reading: &Reading) -> Vec<Finding> {
    let judge = |read: &chain::Read| {
        let fault = if read.index < memory.size {
            Fault::HeldBack
        } else if memory.seen_us.since_us(read.line.at_us) > CLOCK_US_MAX {
            Fault::Backdated
        } else {
            return None;
        };
        Some(Finding { sequence: Some(read.line.sequence), index: Some(read.index), count: 1, fault })
    };
    let new = reading.entries.iter().filter(|read| read.line.sequence >= memory.head.next_sequence);
    new.filter_map(judge).collect()
}

/// A promise that is not kept. It must be kept by the first visit after it was given.
fn broken(promise: &Promise, from: Option<Head>, reading: &Reading) -> Option<Finding> {
    if promise.sequence < from.map_or(0, |head| head.next_sequence) {
        return None;
    }
    let there = reading.entries.iter().find(|read| read.line.sequence == promise.sequence);
    let is_kept = there.is_some_and(|read| read.leaf == promise.leaf);
    let index = there.map(|read| read.index);
    (!is_kept).then_some(Finding { sequence: Some(promise.sequence), index, count: 1, fault: Fault::Dropped })
}
