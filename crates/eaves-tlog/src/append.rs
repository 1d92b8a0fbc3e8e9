//! Appending: from the right edge of a tree and some entries to new tiles and a new root.
//!
//! The edge is all of the tree that an appender needs: per level the hashes of the tile that is not full. It is made
//! anew from those tiles at start-up, and must then give the root of the last checkpoint.

use crate::merkle::{self, leaf_hash, node_hash};
use crate::tile::{self, Kind, Tile, Tiles, WIDTH};
use crate::{Error, SIZE_MAX};
use eaves_domain::Digest;

/// The largest entry of a C2SP log. Ours are [`crate::entry::ENTRY_BYTES`].
pub const ENTRY_BYTES_MAX: usize = u16::MAX as usize;

/// The right edge of a tree.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Edge {
    size: u64,
    /// Per level the hashes of the tile that is not full, which may be none.
    levels: Vec<Vec<Digest>>,
    /// The entries of the bundle that is not full.
    bundle: Vec<Vec<u8>>,
}

/// What an append has to write, before the checkpoint over it may be seen by anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Tiles and bundles with their bytes: full ones first, then the new right edge.
    pub files: Vec<(Tile, Vec<u8>)>,
    /// Leaves of the new tree.
    pub size: u64,
    /// Root of the new tree.
    pub root: Digest,
    /// Leaf hashes of the new entries, in order.
    pub leaves: Vec<Digest>,
}

impl Edge {
    /// The edge of the tree of `size` leaves, from its tiles and its last bundle. `read` gets a tile's bytes.
    /// It is refused unless it gives `root`.
    pub fn restore(size: u64, root: Digest, read: impl Fn(Tile) -> Option<Vec<u8>>) -> Result<Self, Error> {
        if size > SIZE_MAX {
            return Err(Error::TooLarge);
        }
        let mut tiles = Tiles::new(size);
        for tile in tile::for_root(size)? {
            tiles.insert(tile, &read(tile).ok_or(Error::TileMissing)?)?;
        }
        if merkle::root(&tiles, size)? != root {
            return Err(Error::NotConsistent);
        }
        let levels = (0u8..)
            .map_while(|level| {
                let count = size.checked_shr(8 * u32::from(level)).filter(|count| *count > 0)?;
                Some(tiles.hashes(level, count / WIDTH).unwrap_or_default().to_vec())
            })
            .collect::<Vec<_>>();
        let mut bundle = Vec::new();
        if let Some(tile) = Tile::at(Kind::Entries, size / WIDTH, size) {
            let bytes = read(tile).ok_or(Error::TileMissing)?;
            bundle.extend(tile::entries_from_bytes(&bytes)?.into_iter().map(<[u8]>::to_vec));
        }
        // The entries must be those whose hashes the tree has.
        let hashes: Vec<_> = bundle.iter().map(|entry| leaf_hash(entry)).collect();
        if levels.first().map(Vec::as_slice).unwrap_or_default() != hashes {
            return Err(Error::NotIncluded);
        }
        Ok(Self { size, levels, bundle })
    }

    /// Leaves of the tree.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root.
    pub fn root(&self) -> Digest {
        // Complete subtrees from the right, that is from the smallest, folded to the left.
        let mut root: Option<Digest> = None;
        for level in &self.levels {
            let mut rest = level.as_slice();
            while !rest.is_empty() {
                let width = 1usize << rest.len().trailing_zeros();
                let (before, last) = rest.split_at(rest.len() - width);
                let hash = merkle::fold_complete(last).unwrap_or_else(|_| merkle::empty_root());
                root = Some(root.map_or(hash, |right| node_hash(hash, right)));
                rest = before;
            }
        }
        root.unwrap_or_else(merkle::empty_root)
    }

    /// Appends `entries` and says what has to be written. Nothing changes when one is refused.
    pub fn append<E: AsRef<[u8]>>(&mut self, entries: &[E]) -> Result<Appended, Error> {
        let is_too_long = entries.iter().any(|entry| entry.as_ref().len() > ENTRY_BYTES_MAX);
        if is_too_long || self.size.saturating_add(entries.len() as u64) > SIZE_MAX {
            return Err(Error::TooLarge);
        }
        let mut files = Vec::new();
        let mut leaves = Vec::with_capacity(entries.len());
        for entry in entries {
            let leaf = leaf_hash(entry.as_ref());
            leaves.push(leaf);
            self.bundle.push(entry.as_ref().to_vec());
            if self.bundle.len() as u64 == WIDTH {
                let tile = Tile { kind: Kind::Entries, index: self.size / WIDTH, width: WIDTH as u16 };
                files.push((tile, tile::entries_to_bytes(&std::mem::take(&mut self.bundle))?));
            }
            self.push(leaf, &mut files)?;
        }
        if !entries.is_empty() {
            self.edge_files(&mut files)?;
        }
        Ok(Appended { files, size: self.size, root: self.root(), leaves })
    }

    /// Adds one leaf; a tile that it fills goes out, and its root up a level.
    fn push(&mut self, leaf: Digest, files: &mut Vec<(Tile, Vec<u8>)>) -> Result<(), Error> {
        self.size += 1;
        let mut hash = leaf;
        for level in 0u8.. {
            if self.levels.len() <= level.into() {
                self.levels.push(Vec::new());
            }
            let Some(row) = self.levels.get_mut(usize::from(level)) else { break };
            row.push(hash);
            if (row.len() as u64) < WIDTH {
                break;
            }
            let full = std::mem::take(row);
            let index = (self.size >> (8 * (u32::from(level) + 1))) - 1;
            let tile = Tile { kind: Kind::Hashes(level), index, width: WIDTH as u16 };
            files.push((tile, tile::hashes_to_bytes(&full)));
            hash = merkle::fold_complete(&full)?;
        }
        Ok(())
    }

    /// The tiles and the bundle that are not full.
    fn edge_files(&self, files: &mut Vec<(Tile, Vec<u8>)>) -> Result<(), Error> {
        for (level, row) in (0u8..).zip(&self.levels) {
            let count = self.size >> (8 * u32::from(level));
            if let Some(tile) = Tile::at(Kind::Hashes(level), count / WIDTH, self.size) {
                files.push((tile, tile::hashes_to_bytes(row)));
            }
        }
        if let Some(tile) = Tile::at(Kind::Entries, self.size / WIDTH, self.size) {
            files.push((tile, tile::entries_to_bytes(&self.bundle)?));
        }
        Ok(())
    }
}
