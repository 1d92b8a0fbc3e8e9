//! What the fuzz targets run: every reader of bytes that we did not write. Each must return, whatever it is given, and
//! what it accepted must be written as it was read. Not part of the interface.

use crate::checkpoint::Checkpoint;
use crate::cosignature;
use crate::details::Details;
use crate::entry::{Entry, Opening};
use crate::note::{KeyKind, Note, VerifierKey};
use crate::proof::{Policy, Proof};
use crate::tile::{self, Tile};
use crate::witness::Update;
use eaves_domain::envelope::PublicKey;

fn key(kind: KeyKind) -> VerifierKey {
    VerifierKey::new("eaves.invalid/nobody", kind, PublicKey([1; 32])).expect("a proper name")
}

/// Notes, and keys as text.
pub fn note(bytes: &[u8]) {
    if let Ok(note) = Note::parse(bytes) {
        assert_eq!(note.to_string().as_bytes(), bytes, "one way to write a note");
        assert!(note.verify(&key(KeyKind::Note)).is_err());
        let _ = cosignature::verify(&note, &[key(KeyKind::Cosignature)]);
    }
    if let Ok(key) = std::str::from_utf8(bytes).map_err(|_| ()).and_then(|text| VerifierKey::parse(text).map_err(drop))
    {
        assert_eq!(key.to_text().as_bytes(), bytes, "one way to write a key");
    }
}

/// Checkpoints.
pub fn checkpoint(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(checkpoint) = Checkpoint::parse(text) {
        assert_eq!(checkpoint.to_text(), text, "one way to write a checkpoint");
    }
}

/// Proofs, receipts, and what a witness is asked.
pub fn proof(bytes: &[u8]) {
    let policy = Policy { log: key(KeyKind::Note), witnesses: Vec::new(), quorum: 0 };
    if let Ok(proof) = Proof::parse(bytes) {
        assert_eq!(proof.to_string().as_bytes(), bytes, "one way to write a proof");
        assert!(proof.verify_receipt(&policy).is_err());
    }
    if let Ok(update) = Update::parse(bytes) {
        assert_eq!(update.to_string().as_bytes(), bytes, "one way to write a request");
    }
}

/// Paths of tiles.
pub fn tile_path(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(tile) = Tile::parse(text) {
        assert_eq!(tile.path(), text, "one way to write a path");
    }
}

/// Tiles, bundles, entries and openings.
pub fn tile_bytes(bytes: &[u8]) {
    if let Ok(hashes) = tile::hashes_from_bytes(bytes) {
        assert_eq!(tile::hashes_to_bytes(&hashes), bytes);
    }
    if let Ok(entries) = tile::entries_from_bytes(bytes) {
        assert_eq!(tile::entries_to_bytes(&entries).as_deref(), Ok(bytes));
    }
    if let Ok(entry) = Entry::from_bytes(bytes) {
        assert_eq!(entry.to_bytes(), bytes);
    }
    if let Ok(opening) = Opening::parse(bytes) {
        let _ = opening.line();
        let _ = opening.details();
    }
    let _ = Details::from_bytes(bytes);
}
