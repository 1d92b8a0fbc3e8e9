//! An audit pack: what was done in a household's name, checked with no network. `docs/spec/audit-pack.md`.
//!
//! Nothing of a pack is believed. The list of files is signed, so that no bit can change unnoticed; but whoever keeps
//! the log holds that key, so everything is checked again by what the keeper cannot make: the tree, the witnesses, the
//! chain. Reading goes on after a fault, and each is said of its file.

use crate::archive::Files;
use crate::pack_list::{List, PackPath};
use crate::{Error, RosterHistory};
use eaves_domain::envelope::{Envelope, PublicKey};
use eaves_domain::{Digest, Timestamp};
use eaves_tlog::chain::{self, Finding, Known, Reading, Shown};
use eaves_tlog::checkpoint::Checkpoint;
use eaves_tlog::cosignature::{Cosignature, hub_key};
use eaves_tlog::details::What;
use eaves_tlog::entry::{Head, Opening};
use eaves_tlog::merkle::{prove_consistency, prove_inclusion, verify_consistency};
use eaves_tlog::note::{Note, VerifierKey};
use eaves_tlog::proof::{Policy, Proof};
use eaves_tlog::tile::{Kind, Tile, Tiles};
use serde::{Deserialize, Serialize};

/// The most openings in one file.
pub const OPENINGS_A_FILE: usize = 256;

/// One element of a file of openings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PackOpening {
    /// Place in the log.
    pub index: u64,
    /// What opens it.
    pub opening: Opening,
}

/// Why something of a pack does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PackFault {
    /// The list names it, and it is not there.
    #[error("is missing")]
    Missing,
    /// It is not the file that the list names.
    #[error("was changed after the pack was made")]
    Changed,
    /// It is there, and the list does not name it.
    #[error("was put into the pack afterwards")]
    NotListed,
    /// It is in a place where a pack has nothing.
    #[error("does not belong into a pack")]
    Stray,
    /// The pack is of another log than the one asked for.
    #[error("is of another log than the one you trust")]
    WrongLog,
    /// A text, tile or proof of the log.
    #[error("{0}")]
    Log(#[from] eaves_tlog::Error),
    /// A roster.
    #[error("{0}")]
    Roster(Error),
    /// An entry.
    #[error("{}", describe(*.0))]
    Entry(Finding),
    /// A receipt of something that the chain does not have there.
    #[error("is the receipt of an entry that this household's chain does not have")]
    OtherEntry,
    /// An entry that names another roster than the pack holds under that version.
    #[error("names another roster than the one of that version")]
    OtherRoster,
}

fn describe(finding: Finding) -> &'static str {
    match finding.fault.code() {
        "missing" => "is left out",
        "altered" => "was changed",
        "not-included" => "is not in the log",
        "out-of-order" => "does not stand in its place",
        "repeated" => "is there twice",
        "broken" => "does not continue the one before",
        "backdated" => "is older than the one before",
        "from-future" => "is from after the pack was made",
        "wrong-household" => "belongs to another household",
        _ => "cannot be read",
    }
}

/// A fault, and in what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackProblem {
    /// A path, or `entry 7`.
    pub what: String,
    /// What is wrong with it.
    pub fault: PackFault,
}

/// What a pack says and what is wrong with it.
#[derive(Debug)]
pub struct PackReport {
    /// The list.
    pub list: List,
    /// Whether the log's key was known from elsewhere.
    pub is_log_pinned: bool,
    /// The rosters, if they verify.
    pub rosters: Option<RosterHistory>,
    /// The newest checkpoint, if it counts.
    pub checkpoint: Option<Checkpoint>,
    /// Hubs of the household that saw it, and when.
    pub cosignatures: Vec<Cosignature>,
    /// The household's entries.
    pub reading: Reading,
    /// Receipts that verify.
    pub receipts: u64,
    /// Older checkpoints that the newest continues.
    pub older: u64,
    /// Files that say something which is not checked.
    pub unchecked: Vec<String>,
    /// Faults, in the order of the checks.
    pub problems: Vec<PackProblem>,
}

/// What whoever checks knows from elsewhere.
#[derive(Debug, Clone, Default)]
pub struct Pinned {
    /// The log's key.
    pub log: Option<VerifierKey>,
    /// The key of the owner who signed the first roster.
    pub owner: Option<PublicKey>,
}

/// Checks a pack. An error means that there is no list that could be checked at all.
pub fn verify_pack<F: Files>(files: &F, pinned: &Pinned) -> Result<PackReport, PackFault> {
    let list = List::parse(&files.read("audit-pack").ok_or(PackFault::Missing)?)?;
    let mut report = PackReport {
        is_log_pinned: pinned.log.is_some(),
        rosters: None,
        checkpoint: None,
        cosignatures: Vec::new(),
        reading: Reading::default(),
        receipts: 0,
        older: 0,
        unchecked: Vec::new(),
        problems: Vec::new(),
        list,
    };
    if pinned.log.as_ref().is_some_and(|key| *key != report.list.log) {
        report.problem("audit-pack", PackFault::WrongLog);
    }
    let held = report.check_files(files);
    report.check_rosters(&held, pinned.owner);
    if let Some(policy) = report.check_checkpoint(&held)
        && let Some(tiles) = report.check_tiles(&held)
    {
        report.check_older(&held, &policy, &tiles);
        report.check_chain(&held, &tiles);
        report.check_receipts(&held, &policy, &tiles);
    }
    report.check_rosters_of_entries();
    Ok(report)
}

/// Files whose bytes are those of the list.
struct Held(Vec<(PackPath, Vec<u8>)>);

impl Held {
    fn under(&self, folder: &str) -> impl Iterator<Item = (&PackPath, &[u8])> {
        let held = self.0.iter().filter(move |(path, _)| path.is_under(folder));
        held.map(|(path, bytes)| (path, bytes.as_slice()))
    }

    fn get(&self, path: &str) -> Option<&[u8]> {
        self.0.iter().find(|(held, _)| held.as_str() == path).map(|(_, bytes)| bytes.as_slice())
    }
}

impl PackReport {
    fn problem(&mut self, what: &str, fault: PackFault) {
        self.problems.push(PackProblem { what: what.to_owned(), fault });
    }

    /// Whether everything is in order.
    pub fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    fn check_files<F: Files>(&mut self, files: &F) -> Held {
        let mut held = Vec::new();
        for (path, digest) in self.list.files.clone() {
            match files.read(path.as_str()) {
                None => self.problem(path.as_str(), PackFault::Missing),
                Some(bytes) if Digest::of(&bytes) != digest => self.problem(path.as_str(), PackFault::Changed),
                Some(bytes) => held.push((path, bytes)),
            }
        }
        self.find_strays(files, "");
        for (path, _) in &held {
            if path.is_under("notes/") {
                self.unchecked.push(path.as_str().to_owned());
            } else if path.as_str() != "checkpoint"
                && !["checkpoints/", "tile/", "openings/", "receipts/", "roster/"].iter().any(|f| path.is_under(f))
            {
                let stray = PackProblem { what: path.as_str().to_owned(), fault: PackFault::Stray };
                self.problems.push(stray);
            }
        }
        Held(held)
    }

    /// Files that are there and not in the list.
    fn find_strays<F: Files>(&mut self, files: &F, folder: &str) {
        for name in files.list(folder.trim_end_matches('/')) {
            let path = format!("{folder}{name}");
            let is_listed = path == "audit-pack" || self.list.files.iter().any(|(file, _)| file.as_str() == path);
            let below = format!("{path}/");
            if !is_listed && self.list.files.iter().any(|(file, _)| file.is_under(&below)) {
                self.find_strays(files, &below);
            } else if !is_listed {
                self.problem(&path, PackFault::NotListed);
            }
        }
    }

    fn check_rosters(&mut self, held: &Held, owner: Option<PublicKey>) {
        let mut envelopes = Vec::new();
        for (path, bytes) in held.under("roster/") {
            match serde_json::from_slice::<Envelope>(bytes) {
                Ok(envelope) => envelopes.push(envelope),
                Err(_) => return self.problem(path.as_str(), PackFault::Roster(Error::Malformed)),
            }
        }
        if envelopes.is_empty() {
            return;
        }
        match RosterHistory::accept(&envelopes, owner) {
            Ok(history) if history.current().household == self.list.household => self.rosters = Some(history),
            Ok(_) => self.problem("roster", PackFault::Roster(Error::WrongHousehold)),
            Err(error) => self.problem("roster", PackFault::Roster(error)),
        }
    }

    /// Hubs that some roster names: each may have witnessed.
    fn witnesses(&self) -> Vec<VerifierKey> {
        let hubs = self.rosters.iter().flat_map(RosterHistory::versions).flat_map(|roster| &roster.hubs);
        let mut keys: Vec<_> = hubs.map(|hub| hub_key(hub.hub, hub.signing_key)).collect();
        keys.dedup();
        keys
    }

    fn check_checkpoint(&mut self, held: &Held) -> Option<Policy> {
        let policy = Policy { log: self.list.log.clone(), witnesses: self.witnesses(), quorum: 0 };
        let Some(bytes) = held.get("checkpoint") else {
            self.problem("checkpoint", PackFault::Missing);
            return None;
        };
        match Note::parse(bytes).and_then(|note| policy.accept(&note)) {
            Ok(accepted) => {
                self.checkpoint = Some(accepted.checkpoint);
                self.cosignatures = accepted.cosignatures;
                Some(policy)
            }
            Err(error) => {
                self.problem("checkpoint", error.into());
                None
            }
        }
    }

    fn check_tiles(&mut self, held: &Held) -> Option<Tiles> {
        let checkpoint = self.checkpoint.clone()?;
        let mut tiles = Tiles::new(checkpoint.size);
        for (path, bytes) in held.under("tile/") {
            // Entries of others are nobody's business: a pack has hashes only.
            let tile = Tile::parse(path.as_str()).and_then(|tile| match tile.kind {
                Kind::Entries => Err(eaves_tlog::Error::Malformed),
                Kind::Hashes(_) => tiles.insert(tile, bytes),
            });
            if let Err(error) = tile {
                self.problem(path.as_str(), error.into());
            }
        }
        match tiles.verify(checkpoint.root) {
            Ok(()) => Some(tiles),
            Err(error) => {
                self.problem("tile", error.into());
                None
            }
        }
    }

    /// Whether the newest checkpoint continues an older one.
    fn continues(&self, tiles: &Tiles, older: &Checkpoint) -> Result<(), eaves_tlog::Error> {
        let newest = self.checkpoint.as_ref().ok_or(eaves_tlog::Error::NotConsistent)?;
        if older.size > newest.size {
            return Err(eaves_tlog::Error::NotConsistent);
        }
        let proof = prove_consistency(tiles, older.size, newest.size)?;
        verify_consistency(&proof, (older.size, older.root), (newest.size, newest.root))
    }

    fn check_older(&mut self, held: &Held, policy: &Policy, tiles: &Tiles) {
        for (path, bytes) in held.under("checkpoints/") {
            let accepted = Note::parse(bytes).and_then(|note| policy.accept(&note));
            match accepted.and_then(|accepted| self.continues(tiles, &accepted.checkpoint)) {
                Ok(()) => self.older += 1,
                Err(error) => self.problem(path.as_str(), error.into()),
            }
        }
    }

    fn check_chain(&mut self, held: &Held, tiles: &Tiles) {
        let Some(checkpoint) = self.checkpoint.clone() else { return };
        let mut shown = Vec::new();
        for (path, bytes) in held.under("openings/") {
            let page: Vec<PackOpening> = serde_json::from_slice(bytes).unwrap_or_default();
            if page.is_empty() || page.len() > OPENINGS_A_FILE {
                self.problem(path.as_str(), eaves_tlog::Error::Malformed.into());
            }
            // A place that the tree does not have gets no proof, and fails as not included.
            shown.extend(page.into_iter().map(|one| Shown {
                index: one.index,
                entry: one.opening.entry().to_bytes().to_vec().into(),
                proof: prove_inclusion(tiles, one.index, checkpoint.size).unwrap_or_default(),
                opening: one.opening,
            }));
        }
        let known = Known {
            household: self.list.household,
            from: Some(Head::EMPTY),
            now: self.list.exported_us,
            // A pack may be made long after; what was forgotten is counted, not judged.
            details_kept_us: i64::MIN,
        };
        self.reading = chain::read(&known, &checkpoint, &shown);
        for finding in self.reading.findings.clone() {
            let what = match (finding.sequence, finding.count) {
                (Some(sequence), 1) => format!("entry {sequence}"),
                (Some(sequence), count) => format!("entries {sequence} to {}", sequence.saturating_add(count - 1)),
                (None, _) => format!("the entry shown at place {}", finding.index.unwrap_or_default()),
            };
            self.problem(&what, PackFault::Entry(finding));
        }
        let end = self.reading.entries.last().map_or(0, |read| read.line.sequence.saturating_add(1));
        if end != self.list.entries {
            let missing = Finding {
                sequence: Some(end),
                index: None,
                count: self.list.entries.saturating_sub(end).max(1),
                fault: chain::Fault::Missing,
            };
            self.problem(&format!("entries {end} to {}", self.list.entries), PackFault::Entry(missing));
        }
    }

    fn check_receipts(&mut self, held: &Held, policy: &Policy, tiles: &Tiles) {
        for (path, bytes) in held.under("receipts/") {
            let proved = Proof::parse(bytes).and_then(|proof| proof.verify_receipt(policy));
            let continued = proved.and_then(|proved| {
                self.continues(tiles, &proved.accepted.checkpoint)?;
                Ok(proved)
            });
            match continued {
                Err(error) => self.problem(path.as_str(), error.into()),
                Ok(proved) => {
                    let leaf = proved.opening.entry().leaf();
                    let is_ours = |read: &chain::Read| read.line.sequence == proved.line.sequence && read.leaf == leaf;
                    if self.reading.entries.iter().any(is_ours) {
                        self.receipts += 1;
                    } else {
                        self.problem(path.as_str(), PackFault::OtherEntry);
                    }
                }
            }
        }
    }

    fn check_rosters_of_entries(&mut self) {
        let Some(rosters) = &self.rosters else { return };
        let others: Vec<_> = self
            .reading
            .entries
            .iter()
            .filter(|read| match read.details.as_ref().map(|details| &details.what) {
                Some(What::RosterChanged { version, roster }) => {
                    let has_version = rosters.versions().any(|known| known.version == *version);
                    has_version && rosters.check_not_rolled_back(*version, *roster).is_err()
                }
                _ => false,
            })
            .map(|read| read.line.sequence)
            .collect();
        for sequence in others {
            self.problem(&format!("entry {sequence}"), PackFault::OtherRoster);
        }
    }

    /// When the newest witness signed.
    pub fn seen_at(&self) -> Option<Timestamp> {
        self.cosignatures.iter().map(|one| one.at).max()
    }
}
