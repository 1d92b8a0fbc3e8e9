//! The tree as files: paths, tiles, bundles, and appending to what is there.

use eaves_domain::Digest;
use eaves_testkit::log::SimulatedLog;
use eaves_tlog::Error;
use eaves_tlog::append::Edge;
use eaves_tlog::merkle::{leaf_hash, prove_consistency, prove_inclusion, root};
use eaves_tlog::tile::{self, Kind, Tile, Tiles};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn entry(i: u64) -> Vec<u8> {
    format!("entry {i}").into_bytes()
}

/// The examples of c2sp.org/tlog-tiles.
#[test]
fn paths_are_those_of_the_specification() {
    let tile = Tile { kind: Kind::Hashes(0), index: 1_234_067, width: 256 };
    assert_eq!(tile.path(), "tile/0/x001/x234/067");
    let all: Vec<_> = Tile::all(70_000).filter(|tile| tile.kind != Kind::Entries).collect();
    let count = |level, is_full| all.iter().filter(|t| t.kind == Kind::Hashes(level) && t.is_full() == is_full).count();
    assert_eq!([count(0, true), count(0, false), count(1, true), count(1, false), count(2, false)], [273, 1, 1, 1, 1]);
    let paths: Vec<_> = all.iter().filter(|tile| !tile.is_full()).map(|tile| tile.path()).collect();
    assert_eq!(paths, ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]);
    let paths: Vec<_> = Tile::all(256).map(Tile::path).collect();
    assert_eq!(paths, ["tile/0/000", "tile/1/000.p/1", "tile/entries/000"]);
}

#[test]
fn a_path_is_written_in_one_way_only() {
    for path in ["tile/0/000", "tile/63/x001/x234/067", "tile/entries/999.p/255", "tile/1/x001/000.p/1"] {
        assert_eq!(Tile::parse(path).unwrap().path(), path);
    }
    for path in [
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/+1/000",
        "tile/0/0000",
        "tile/0/x000/000",
        "tile/0/x001",
        "tile/0/001/000",
        "tile/0/x01/000",
        "tile/0/x001/x000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000.p/1/",
        "tile/0/000.p/1.p/1",
        "tile/data/000",
        "/tile/0/000",
        "tile/0/000/",
        "tile/0/ 00",
        "tile/0/..",
        "tile/0/x001/../000",
        "tile/0/０００",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/999",
    ] {
        assert!(Tile::parse(path).is_err(), "{path}");
    }
}

/// What a log of `size` entries has published, when it was appended in `batches`.
fn published(batches: &[u64]) -> (Edge, BTreeMap<String, Vec<u8>>, Vec<Digest>) {
    let mut edge = Edge::default();
    let mut files = BTreeMap::new();
    let mut leaves = Vec::new();
    for count in batches {
        let from = edge.size();
        let entries: Vec<_> = (from..from + count).map(entry).collect();
        let appended = edge.append(&entries).unwrap();
        assert_eq!(appended.leaves, entries.iter().map(|e| leaf_hash(e)).collect::<Vec<_>>());
        assert_eq!((appended.size, appended.root), (edge.size(), edge.root()));
        leaves.extend(appended.leaves);
        for (tile, bytes) in appended.files {
            if let Some(before) = files.insert(tile.path(), bytes.clone()) {
                assert_eq!(before, bytes, "{} never changes", tile.path());
            }
        }
    }
    (edge, files, leaves)
}

#[test]
fn after_every_append_up_to_600_the_files_hold_the_tree_and_a_restart_goes_on() {
    let mut edge = Edge::default();
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut leaves = Vec::new();
    for size in 1..=600u64 {
        let appended = edge.append(&[entry(size - 1)]).unwrap();
        leaves.extend(appended.leaves);
        files.extend(appended.files.into_iter().map(|(tile, bytes)| (tile.path(), bytes)));
        assert_eq!(edge.root(), root(leaves.as_slice(), size).unwrap(), "{size}");
        // Every tile that a tree of this size has is there, and all of them are part of it.
        let mut tiles = Tiles::new(size);
        for tile in Tile::all(size).filter(|tile| tile.kind != Kind::Entries) {
            tiles.insert(tile, &files[&tile.path()]).unwrap();
        }
        tiles.verify(edge.root()).unwrap();
        let again = Edge::restore(size, edge.root(), |tile| files.get(&tile.path()).cloned()).unwrap();
        assert_eq!(again, edge, "{size}");
        // Proofs from only the tiles that were asked for.
        for index in [0, size / 2, size - 1] {
            let mut few = Tiles::new(size);
            for tile in tile::for_inclusion(index, size).unwrap() {
                few.insert(tile, &files[&tile.path()]).unwrap();
            }
            assert_eq!(prove_inclusion(&few, index, size), prove_inclusion(leaves.as_slice(), index, size));
            let mut few = Tiles::new(size);
            for tile in tile::for_consistency(index, size).unwrap() {
                few.insert(tile, &files[&tile.path()]).unwrap();
            }
            assert_eq!(prove_consistency(&few, index, size), prove_consistency(leaves.as_slice(), index, size));
        }
    }
}

#[test]
fn a_large_tree_has_three_levels_of_tiles() {
    let (edge, files, leaves) = published(&[65_000, 600]);
    let size = edge.size();
    assert_eq!(edge.root(), root(leaves.as_slice(), size).unwrap());
    assert!(files.contains_key("tile/1/000") && files.contains_key("tile/2/000.p/1"));
    let log_size_of_proof = prove_inclusion(leaves.as_slice(), 12_345, size).unwrap().len();
    assert_eq!(log_size_of_proof, 17);
    let mut few = Tiles::new(size);
    let wanted = tile::for_inclusion(12_345, size).unwrap();
    assert!(wanted.len() <= 6, "{wanted:?}");
    for tile in wanted {
        few.insert(tile, &files[&tile.path()]).unwrap();
    }
    assert_eq!(prove_inclusion(&few, 12_345, size), prove_inclusion(leaves.as_slice(), 12_345, size));
    let again = Edge::restore(size, edge.root(), |tile| files.get(&tile.path()).cloned()).unwrap();
    assert_eq!(again, edge);
}

#[test]
fn an_edge_is_refused_when_any_bit_of_its_files_is_not_that_of_the_checkpoint() {
    let mut log = SimulatedLog::new(1);
    log.strangers(259);
    let restore = |files: &BTreeMap<String, Vec<u8>>| {
        Edge::restore(log.size(), log.edge.root(), |tile| files.get(&tile.path()).cloned())
    };
    restore(&log.files).unwrap();
    for path in ["tile/0/001.p/3", "tile/1/000.p/1", "tile/entries/001.p/3"] {
        for bit in 0..log.files[path].len() * 8 {
            let mut files = log.files.clone();
            files.get_mut(path).unwrap()[bit / 8] ^= 1 << (bit % 8);
            assert!(restore(&files).is_err(), "{path}, bit {bit}");
        }
        let mut files = log.files.clone();
        files.remove(path);
        assert_eq!(restore(&files), Err(Error::TileMissing), "{path}");
    }
}

#[test]
fn tiles_are_refused_when_a_bit_is_not_that_of_the_root() {
    let mut log = SimulatedLog::new(1);
    log.strangers(520);
    let wanted: Vec<_> = Tile::all(log.size()).filter(|tile| tile.kind != Kind::Entries).collect();
    let tiles = |changed: Option<(Tile, usize)>| {
        let mut tiles = Tiles::new(log.size());
        for tile in &wanted {
            let mut bytes = log.files[&tile.path()].clone();
            if let Some((_, bit)) = changed.filter(|(which, _)| which == tile) {
                bytes[bit / 8] ^= 1 << (bit % 8);
            }
            tiles.insert(*tile, &bytes).unwrap();
        }
        tiles.verify(log.edge.root())
    };
    tiles(None).unwrap();
    for tile in &wanted {
        for bit in (0..log.files[&tile.path()].len() * 8).step_by(97) {
            assert_eq!(tiles(Some((*tile, bit))), Err(Error::NotIncluded), "{tile:?}, bit {bit}");
        }
    }
}

#[test]
fn what_is_too_large_is_refused_and_changes_nothing() {
    let mut edge = Edge::default();
    assert_eq!(edge.append(&[vec![0; 65_536]]), Err(Error::TooLarge));
    assert_eq!(edge, Edge::default());
    edge.append(&[vec![0; 65_535]]).unwrap();
    assert!(tile::entries_from_bytes(&[0; 2 * 256]).is_ok());
    assert_eq!(tile::entries_from_bytes(&[0; 2 * 257]), Err(Error::TooLarge));
    assert_eq!(tile::entries_from_bytes(&[0, 1]), Err(Error::Malformed), "shorter than it says");
    assert_eq!(tile::hashes_from_bytes(&[0; 8_193]), Err(Error::Malformed));
    assert_eq!(tile::hashes_from_bytes(&[0; 8_224]), Err(Error::Malformed));
    assert!(Tiles::new(5).insert(Tile { kind: Kind::Hashes(0), index: 0, width: 4 }, &[0; 128]).is_err(), "too narrow");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn batches_of_any_size_give_the_same_tree(batches in proptest::collection::vec(0u64..200, 1..8)) {
        let (edge, files, leaves) = published(&batches);
        let total: u64 = batches.iter().sum();
        prop_assert_eq!(edge.root(), root(leaves.as_slice(), total).unwrap());
        let (one_by_one, ..) = published(&vec![1; total as usize]);
        prop_assert_eq!(&edge, &one_by_one);
        if total > 0 {
            let again = Edge::restore(total, edge.root(), |tile| files.get(&tile.path()).cloned()).unwrap();
            prop_assert_eq!(again, edge);
        }
    }
}
