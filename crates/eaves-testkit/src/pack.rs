//! A simulated audit pack: what a vault will export.

use crate::log::SimulatedLog;
use eaves_domain::envelope::Envelope;
use eaves_domain::{Digest, HouseholdId, Timestamp};
use eaves_open::{OPENINGS_A_FILE, PackList, PackOpening, PackPath};
use eaves_tlog::note::Note;
use eaves_tlog::proof::Proof;
use eaves_tlog::tile;
use std::collections::BTreeMap;

/// A pack in memory, by path.
pub type Pack = BTreeMap<String, Vec<u8>>;

/// What goes into a pack beside the entries.
#[derive(Debug, Default)]
pub struct Contents<'a> {
    /// The newest checkpoint, of the log as it is.
    pub checkpoint: Option<Note>,
    /// Older checkpoints, with their sizes.
    pub older: Vec<(u64, Note)>,
    /// Receipts, with the sizes of their checkpoints.
    pub receipts: Vec<(u64, Proof)>,
    /// Rosters, in order.
    pub rosters: &'a [Envelope],
    /// What else its maker says.
    pub notes: Vec<(&'static str, Vec<u8>)>,
}

/// Makes the pack of a household, as an honest vault would.
pub fn make(log: &SimulatedLog, household: HouseholdId, contents: &Contents<'_>, now: Timestamp) -> Pack {
    let mut pack = Pack::new();
    let checkpoint = contents.checkpoint.clone().unwrap_or_else(|| log.note());
    pack.insert("checkpoint".to_owned(), checkpoint.to_string().into_bytes());
    let entries = log.households.get(&household).map(|(_, entries)| entries.as_slice()).unwrap_or_default();
    let mut tiles = tile::for_root(log.size()).expect("a tree");
    for (index, _) in entries {
        tiles.extend(tile::for_inclusion(*index, log.size()).expect("in the log"));
    }
    for size in contents.older.iter().map(|(size, _)| size).chain(contents.receipts.iter().map(|(size, _)| size)) {
        tiles.extend(tile::for_consistency(*size, log.size()).expect("older"));
    }
    // Each full tile is vouched for by the one above it.
    let mut rest: Vec<_> = tiles.iter().copied().collect();
    while let Some(tile) = rest.pop() {
        rest.extend(above(tile, log.size()).filter(|above| tile.is_full() && tiles.insert(*above)));
    }
    for tile in tiles {
        pack.insert(tile.path(), log.files[&tile.path()].clone());
    }
    for (n, page) in entries.chunks(OPENINGS_A_FILE).enumerate() {
        let page: Vec<_> =
            page.iter().map(|(index, opening)| PackOpening { index: *index, opening: opening.clone() }).collect();
        let bytes = serde_json::to_vec(&page).expect("string keys");
        pack.insert(format!("openings/{:010}.json", n * OPENINGS_A_FILE), bytes);
    }
    for (size, note) in &contents.older {
        pack.insert(format!("checkpoints/{size:016}"), note.to_string().into_bytes());
    }
    for (n, (_, receipt)) in contents.receipts.iter().enumerate() {
        pack.insert(format!("receipts/{n:03}.tlog-proof"), receipt.to_string().into_bytes());
    }
    for (n, roster) in contents.rosters.iter().enumerate() {
        pack.insert(format!("roster/{:06}.json", n + 1), serde_json::to_vec(roster).expect("string keys"));
    }
    for (name, bytes) in &contents.notes {
        pack.insert(format!("notes/{name}"), bytes.clone());
    }
    sign(&mut pack, log, household, entries.len() as u64, now);
    pack
}

fn above(tile: tile::Tile, size: u64) -> Option<tile::Tile> {
    let tile::Kind::Hashes(level) = tile.kind else { return None };
    tile::Tile::at(tile::Kind::Hashes(level + 1), tile.index / tile::WIDTH, size)
}

/// Lists and signs what is in the pack now: what the log's keeper can always do, also after changing it.
pub fn sign(pack: &mut Pack, log: &SimulatedLog, household: HouseholdId, entries: u64, now: Timestamp) {
    pack.remove("audit-pack");
    let files = pack.iter().map(|(path, bytes)| (PackPath::parse(path).expect("a plain path"), Digest::of(bytes)));
    let list = PackList { household, exported_us: now, log: log.key(), entries, files: files.collect() };
    let mut note = Note::new(list.to_text()).expect("a text");
    note.sign(&log.origin, log.signing_key()).expect("a name");
    pack.insert("audit-pack".to_owned(), note.to_string().into_bytes());
}
