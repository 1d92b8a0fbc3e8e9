//! Tiles: the tree as files (c2sp.org/tlog-tiles). A tile holds up to 256 neighbouring hashes; a full one never changes.
//!
//! Level 0 holds leaf hashes, level `l` the roots of full tiles of the level below. Entry bundles hold the entries
//! themselves. Paths are the same in a folder and behind an address.

use crate::merkle::{self, Nodes, fold_complete};
use crate::{Error, SIZE_MAX, text};
use eaves_domain::Digest;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Hashes of a full tile, entries of a full bundle.
pub const WIDTH: u64 = 256;
/// The level above which no tree of [`SIZE_MAX`] leaves has a tile.
const LEVEL_MAX: u8 = 6;
const HASH_BYTES: usize = 32;

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Hashes of this level.
    Hashes(u8),
    /// Entries.
    Entries,
}

/// One tile or bundle of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// Hashes or entries.
    pub kind: Kind,
    /// Which of its level, from the left.
    pub index: u64,
    /// How many it holds: 256 when it is full.
    pub width: u16,
}

impl Tile {
    /// Whether it will never change.
    pub const fn is_full(self) -> bool {
        self.width as u64 == WIDTH
    }

    /// The tile at this place in a tree of `size` leaves, as wide as it is there; `None` when the tree has none.
    pub fn at(kind: Kind, index: u64, size: u64) -> Option<Self> {
        let level = match kind {
            Kind::Hashes(level) => level,
            Kind::Entries => 0,
        };
        let count = if level > LEVEL_MAX { 0 } else { size >> (8 * u32::from(level)) };
        let width = count.saturating_sub(index.checked_mul(WIDTH)?).min(WIDTH);
        let width = u16::try_from(width).ok().filter(|width| *width > 0)?;
        Some(Self { kind, index, width })
    }

    /// All tiles and bundles of a tree of `size` leaves.
    pub fn all(size: u64) -> impl Iterator<Item = Self> {
        let levels = (0..=LEVEL_MAX).map(Kind::Hashes).chain([Kind::Entries]);
        levels.flat_map(move |kind| (0..).map_while(move |index| Self::at(kind, index, size)))
    }

    /// The path: `tile/<level>/<index>[.p/<width>]`, the index in groups of three digits.
    pub fn path(self) -> String {
        let level = match self.kind {
            Kind::Hashes(level) => level.to_string(),
            Kind::Entries => "entries".to_owned(),
        };
        let mut groups = format!("{:03}", self.index % 1000);
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups = format!("x{:03}/{groups}", rest % 1000);
            rest /= 1000;
        }
        let partial = if self.is_full() { String::new() } else { format!(".p/{}", self.width) };
        format!("tile/{level}/{groups}{partial}")
    }

    /// Reads [`Tile::path`]; every other way to write one is refused.
    pub fn parse(path: &str) -> Result<Self, Error> {
        if path.len() > 64 {
            return Err(Error::TooLarge);
        }
        let (level, rest) = path.strip_prefix("tile/").and_then(|p| p.split_once('/')).ok_or(Error::Malformed)?;
        let kind = match level {
            "entries" => Kind::Entries,
            level => {
                let level = text::decimal(level)?;
                Kind::Hashes(u8::try_from(level).ok().filter(|level| *level <= 63).ok_or(Error::Malformed)?)
            }
        };
        let (groups, width) = match rest.split_once(".p/") {
            Some((groups, width)) => {
                let width = text::decimal(width)?;
                (groups, u16::try_from(width).ok().filter(|w| (1..256).contains(w)).ok_or(Error::Malformed)?)
            }
            None => (rest, WIDTH as u16),
        };
        let mut index: u64 = 0;
        let mut groups = groups.split('/').peekable();
        while let Some(group) = groups.next() {
            let digits = if groups.peek().is_some() { group.strip_prefix('x') } else { Some(group) };
            let digits = digits.filter(|d| d.len() == 3 && d.bytes().all(|b| b.is_ascii_digit()));
            let value: u64 = digits.and_then(|d| d.parse().ok()).ok_or(Error::Malformed)?;
            index = index.checked_mul(1000).and_then(|i| i.checked_add(value)).ok_or(Error::Malformed)?;
        }
        let tile = Self { kind, index, width };
        // Leading groups of zeroes would be a second way to write the same index.
        if tile.path() == path && index <= SIZE_MAX { Ok(tile) } else { Err(Error::Malformed) }
    }
}

/// The bytes of a tile of hashes.
pub fn hashes_to_bytes(hashes: &[Digest]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// Reads a tile of hashes, at most a full one.
pub fn hashes_from_bytes(bytes: &[u8]) -> Result<Vec<Digest>, Error> {
    let (hashes, rest) = bytes.as_chunks::<HASH_BYTES>();
    if hashes.is_empty() || hashes.len() as u64 > WIDTH || !rest.is_empty() {
        return Err(Error::Malformed);
    }
    Ok(hashes.iter().copied().map(Digest).collect())
}

/// The bytes of an entry bundle: each entry behind its length in two bytes, big-endian.
pub fn entries_to_bytes<E: AsRef<[u8]>>(entries: &[E]) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    for entry in entries {
        let entry = entry.as_ref();
        out.extend(u16::try_from(entry.len()).map_err(|_| Error::TooLarge)?.to_be_bytes());
        out.extend(entry);
    }
    Ok(out)
}

/// Reads an entry bundle, at most a full one.
pub fn entries_from_bytes(bytes: &[u8]) -> Result<Vec<&[u8]>, Error> {
    let mut out = Vec::new();
    let mut rest = bytes;
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let (entry, after) = after.split_at_checked(u16::from_be_bytes(*length).into()).ok_or(Error::Malformed)?;
        if out.len() as u64 == WIDTH {
            return Err(Error::TooLarge);
        }
        out.push(entry);
        rest = after;
    }
    if rest.is_empty() && !out.is_empty() { Ok(out) } else { Err(Error::Malformed) }
}

/// Tiles of a tree of `size` leaves that somebody has fetched. As nodes they are believed: whoever needs them
/// authentic verifies the proof that comes out, or calls [`Tiles::verify`].
#[derive(Clone, Debug, Default)]
pub struct Tiles {
    size: u64,
    tiles: BTreeMap<(u8, u64), Vec<Digest>>,
}

impl Tiles {
    /// No tiles yet, of a tree of `size` leaves.
    pub fn new(size: u64) -> Self {
        Self { size, tiles: BTreeMap::new() }
    }

    /// Takes a tile. It must be one of this tree, as wide as its name says.
    pub fn insert(&mut self, tile: Tile, bytes: &[u8]) -> Result<(), Error> {
        let Kind::Hashes(level) = tile.kind else { return Err(Error::Malformed) };
        let hashes = hashes_from_bytes(bytes)?;
        let needed = Tile::at(tile.kind, tile.index, self.size).ok_or(Error::OutOfRange)?;
        if hashes.len() != usize::from(tile.width) || tile.width < needed.width {
            return Err(Error::Malformed);
        }
        // A later, wider tile serves an older, smaller tree.
        self.tiles.insert((level, tile.index), hashes.into_iter().take(needed.width.into()).collect());
        Ok(())
    }

    /// The hashes of a tile that is there.
    pub fn hashes(&self, level: u8, index: u64) -> Option<&[Digest]> {
        self.tiles.get(&(level, index)).map(Vec::as_slice)
    }

    /// Whether every hash of every tile here is one of the tree under `root`. Tiles above and at the right edge must
    /// be there too, or it cannot be told.
    pub fn verify(&self, root: Digest) -> Result<(), Error> {
        if merkle::root(self, self.size)? != root {
            return Err(Error::NotIncluded);
        }
        for (&(level, index), hashes) in &self.tiles {
            if hashes.len() as u64 == WIDTH {
                let above = self.hashes(level + 1, index / WIDTH).ok_or(Error::TileMissing)?;
                let named = usize::try_from(index % WIDTH).ok().and_then(|at| above.get(at));
                if named != Some(&fold_complete(hashes)?) {
                    return Err(Error::NotIncluded);
                }
            }
            // One that is not full stands at the right edge: all of it went into the root.
        }
        Ok(())
    }
}

impl Nodes for Tiles {
    fn node(&self, height: u32, index: u64) -> Result<Digest, Error> {
        let (tile, span) = place(height, index, self.size).ok_or(Error::OutOfRange)?;
        let Kind::Hashes(level) = tile.kind else { return Err(Error::OutOfRange) };
        let hashes = self.hashes(level, tile.index).ok_or(Error::TileMissing)?;
        fold_complete(hashes.get(span).ok_or(Error::TileMissing)?)
    }
}

/// The tile with the node's hashes, and where in it they lie.
fn place(height: u32, index: u64, size: u64) -> Option<(Tile, std::ops::Range<usize>)> {
    let level = u8::try_from(height / 8).ok()?;
    let count = 1u64 << (height % 8);
    let first = index.checked_mul(count)?;
    let tile = Tile::at(Kind::Hashes(level), first / WIDTH, size)?;
    let start = usize::try_from(first % WIDTH).ok()?;
    Some((tile, start..start + usize::try_from(count).ok()?))
}

/// Which tiles of a tree of `size` leaves an act upon its nodes asks for.
fn needed(size: u64, ask: impl FnOnce(&Recorder) -> Result<(), Error>) -> Result<BTreeSet<Tile>, Error> {
    let recorder = Recorder { size, asked: RefCell::default() };
    ask(&recorder)?;
    Ok(recorder.asked.into_inner())
}

/// The tiles from which to prove that leaf `index` is in the tree.
pub fn for_inclusion(index: u64, size: u64) -> Result<BTreeSet<Tile>, Error> {
    needed(size, |nodes| merkle::prove_inclusion(nodes, index, size).map(drop))
}

/// The tiles, all of the newer tree, from which to prove that it continues the older.
pub fn for_consistency(old: u64, new: u64) -> Result<BTreeSet<Tile>, Error> {
    needed(new, |nodes| merkle::prove_consistency(nodes, old, new).map(drop))
}

/// The tiles at the right edge: all that an appender and a root need.
pub fn for_root(size: u64) -> Result<BTreeSet<Tile>, Error> {
    needed(size, |nodes| merkle::root(nodes, size).map(drop))
}

struct Recorder {
    size: u64,
    asked: RefCell<BTreeSet<Tile>>,
}

impl Nodes for Recorder {
    fn node(&self, height: u32, index: u64) -> Result<Digest, Error> {
        let (tile, _) = place(height, index, self.size).ok_or(Error::OutOfRange)?;
        self.asked.borrow_mut().insert(tile);
        Ok(Digest([0; 32]))
    }
}
