//! A simulated log: files in memory, households that write, a hub that cosigns.

use crate::home::{NOON, S};
use eaves_domain::envelope::PublicKey;
use eaves_domain::{HouseholdId, HubId, Timestamp};
use eaves_tlog::append::Edge;
use eaves_tlog::chain::Shown;
use eaves_tlog::checkpoint::Checkpoint;
use eaves_tlog::cosignature;
use eaves_tlog::details::{Details, What, Who};
use eaves_tlog::entry::{Entry, Head, Nonces, Opening};
use eaves_tlog::merkle::{prove_consistency, prove_inclusion};
use eaves_tlog::note::{KeyKind, Note, VerifierKey};
use eaves_tlog::proof::{Policy, Proof};
use eaves_tlog::tile::{self, Kind, Tile, Tiles};
use ed25519_dalek::SigningKey;
use std::collections::BTreeMap;

/// A log with everything that it ever published. It keeps partial tiles of every size, as a log may.
#[derive(Debug, Clone)]
pub struct SimulatedLog {
    /// Its name.
    pub origin: String,
    key: SigningKey,
    /// The right edge.
    pub edge: Edge,
    /// Its files, by path.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Who writes: per household the head, and what was written.
    pub households: BTreeMap<HouseholdId, (Head, Vec<(u64, Opening)>)>,
}

impl SimulatedLog {
    /// Log number `n`, empty.
    pub fn new(n: u8) -> Self {
        Self {
            origin: format!("eaves.invalid/log/{}", hex::encode([n; 16])),
            key: SigningKey::from_bytes(&[n; 32]),
            edge: Edge::default(),
            files: BTreeMap::new(),
            households: BTreeMap::new(),
        }
    }

    /// The key that signs.
    pub fn signing_key(&self) -> &SigningKey {
        &self.key
    }

    /// The key that verifies.
    pub fn key(&self) -> VerifierKey {
        VerifierKey::new(&self.origin, KeyKind::Note, PublicKey::of(&self.key)).expect("a proper name")
    }

    /// Number of entries.
    pub fn size(&self) -> u64 {
        self.edge.size()
    }

    /// Appends raw entries.
    pub fn append(&mut self, entries: &[Vec<u8>]) {
        let appended = self.edge.append(entries).expect("small entries");
        self.files.extend(appended.files.into_iter().map(|(tile, bytes)| (tile.path(), bytes)));
    }

    /// Appends `count` entries of strangers.
    pub fn strangers(&mut self, count: u64) {
        for _ in 0..count {
            let mut stranger = Head::EMPTY;
            let n = self.size();
            let (entry, _) = stranger.write(HouseholdId([0xfe; 16]), &signed_out(), NOON, &nonces(n ^ 0x5555));
            self.append(&[entry.to_bytes().to_vec()]);
        }
    }

    /// Writes down something of a household.
    pub fn write(&mut self, household: HouseholdId, details: &Details, now: Timestamp) -> (u64, Opening) {
        let index = self.size();
        let (head, _) = self.households.entry(household).or_insert((Head::EMPTY, Vec::new()));
        let (entry, opening) = head.write(household, details, now, &nonces(index));
        self.append(&[entry.to_bytes().to_vec()]);
        self.keep(household, index, opening.clone());
        (index, opening)
    }

    /// Puts an opening that somebody made among those that are shown.
    pub fn keep(&mut self, household: HouseholdId, index: u64, opening: Opening) {
        self.households.entry(household).or_insert((Head::EMPTY, Vec::new())).1.push((index, opening));
    }

    /// What the log says of itself.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint::new(&self.origin, self.size(), self.edge.root()).expect("a proper name")
    }

    /// The same, signed.
    pub fn note(&self) -> Note {
        self.checkpoint().sign(&self.key).expect("a proper name")
    }

    /// The same, cosigned by a hub at `now`.
    pub fn cosigned(&self, hub: HubId, key: &SigningKey, now: Timestamp) -> Note {
        let mut note = self.note();
        let line = cosignature::sign(&note, &cosignature::hub_name(hub), key, now).expect("after 1970");
        note.add(line);
        note
    }

    /// Whose word counts: this log's, and of `quorum` of `witnesses`.
    pub fn policy(&self, witnesses: Vec<VerifierKey>, quorum: usize) -> Policy {
        Policy { log: self.key(), witnesses, quorum }
    }

    /// The tiles that are asked for, as the log has them at this size.
    pub fn tiles(&self, wanted: impl IntoIterator<Item = Tile>) -> Tiles {
        let mut tiles = Tiles::new(self.size());
        for tile in wanted {
            tiles.insert(tile, &self.files[&tile.path()]).expect("the log's own tile");
        }
        tiles
    }

    /// The proof for the entry at `index`.
    pub fn inclusion(&self, index: u64) -> Vec<eaves_domain::Digest> {
        let tiles = self.tiles(tile::for_inclusion(index, self.size()).expect("in the log"));
        prove_inclusion(&tiles, index, self.size()).expect("in the log")
    }

    /// The proof that this log continues the one of `old` entries.
    pub fn consistency(&self, old: u64) -> Vec<eaves_domain::Digest> {
        let tiles = self.tiles(tile::for_consistency(old, self.size()).expect("smaller"));
        prove_consistency(&tiles, old, self.size()).expect("smaller")
    }

    /// The entry at `index`, from its bundle.
    pub fn entry(&self, index: u64) -> Vec<u8> {
        let tile = Tile::at(Kind::Entries, index / tile::WIDTH, self.size()).expect("in the log");
        let entries = tile::entries_from_bytes(&self.files[&tile.path()]).expect("the log's own bundle");
        entries[usize::try_from(index % tile::WIDTH).expect("small")].to_vec()
    }

    /// All entries of a household from a sequence on, as an honest vault shows them.
    pub fn shown(&self, household: HouseholdId, from: u64) -> Vec<Shown> {
        let all = self.households.get(&household).map(|(_, all)| all.as_slice()).unwrap_or_default();
        let wanted = all.iter().filter(|(_, opening)| opening.line().is_ok_and(|line| line.sequence >= from));
        wanted
            .map(|(index, opening)| Shown {
                index: *index,
                entry: self.entry(*index).into(),
                opening: opening.clone(),
                proof: self.inclusion(*index),
            })
            .collect()
    }

    /// A receipt for an entry.
    pub fn receipt(&self, index: u64, opening: &Opening, checkpoint: Note) -> Proof {
        Proof { extra: Some(opening.to_bytes()), index, hashes: self.inclusion(index), checkpoint }
    }
}

/// Nonces that grow from a number, so that a simulated log is the same each time.
pub fn nonces(n: u64) -> Nonces {
    let grow = |label: u8| eaves_domain::Digest::of(&[&[label], n.to_be_bytes().as_slice()].concat()).0;
    Nonces { line: grow(1), details: grow(2) }
}

/// The simplest thing that can happen.
pub fn signed_out() -> Details {
    Details { who: Who::Vault, what: What::SessionEnded { why: eaves_tlog::details::SessionEnd::Expired } }
}

/// A time some seconds after noon.
pub fn after_noon(seconds: i64) -> Timestamp {
    NOON.plus_us(seconds * S)
}

/// The entry that an opening opens, as the log has it.
pub fn entry_bytes(opening: &Opening) -> Vec<u8> {
    Entry::to_bytes(opening.entry()).to_vec()
}
