//! The Merkle tree of RFC 6962: hashes, and proofs made and verified (RFC 9162, section 2.1).
//!
//! A tree is known here by its *nodes*: the hashes of complete subtrees, `2^height` leaves wide and aligned to that
//! width. Every hash that a proof asks for is one, or is folded from a few at the right edge. Where nodes come from is
//! somebody else's: [`crate::tile`] finds them in tiles.

use crate::Error;
use eaves_domain::Digest;
use sha2::{Digest as _, Sha256};

/// The longest proof: one hash a level.
pub const PROOF_HASHES_MAX: usize = 63;

/// The hash of the empty tree: SHA-256 of nothing.
pub fn empty_root() -> Digest {
    Digest::of(&[])
}

/// The hash of a leaf. It is also the name of its entry wherever one entry speaks of another.
pub fn leaf_hash(entry: &[u8]) -> Digest {
    Digest(Sha256::new_with_prefix([0]).chain_update(entry).finalize().into())
}

/// The hash over two subtrees.
pub fn node_hash(left: Digest, right: Digest) -> Digest {
    Digest(Sha256::new_with_prefix([1]).chain_update(left.0).chain_update(right.0).finalize().into())
}

/// Where the hashes of complete subtrees come from.
pub trait Nodes {
    /// The hash over leaves `index << height .. (index + 1) << height`.
    fn node(&self, height: u32, index: u64) -> Result<Digest, Error>;
}

/// The leaves' hashes at hand, for trees that fit into memory.
impl Nodes for [Digest] {
    fn node(&self, height: u32, index: u64) -> Result<Digest, Error> {
        let width = 1u64.checked_shl(height).ok_or(Error::OutOfRange)?;
        let start = index.checked_mul(width).and_then(|start| usize::try_from(start).ok()).ok_or(Error::OutOfRange)?;
        let end = usize::try_from(width).ok().and_then(|width| start.checked_add(width)).ok_or(Error::OutOfRange)?;
        fold_complete(self.get(start..end).ok_or(Error::OutOfRange)?)
    }
}

/// The hash over a power of two of neighbours of one height.
pub(crate) fn fold_complete(hashes: &[Digest]) -> Result<Digest, Error> {
    if !hashes.len().is_power_of_two() {
        return Err(Error::OutOfRange);
    }
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        row = row.chunks_exact(2).map(|pair| node_hash(pair[0], pair[1])).collect();
    }
    row.first().copied().ok_or(Error::OutOfRange)
}

/// The largest power of two below `width`, which is at least 2.
fn split(width: u64) -> u64 {
    1 << (63 - (width - 1).leading_zeros())
}

/// The hash over leaves `start..end`, of which `start` is aligned as in every RFC 6962 subtree.
fn range<N: Nodes + ?Sized>(nodes: &N, start: u64, end: u64) -> Result<Digest, Error> {
    let width = end - start;
    if width.is_power_of_two() {
        return nodes.node(width.trailing_zeros(), start / width);
    }
    let middle = start + split(width);
    Ok(node_hash(range(nodes, start, middle)?, range(nodes, middle, end)?))
}

/// The root of the tree with `size` leaves.
pub fn root<N: Nodes + ?Sized>(nodes: &N, size: u64) -> Result<Digest, Error> {
    if size == 0 { Ok(empty_root()) } else { range(nodes, 0, size) }
}

/// The proof that leaf `index` is in the tree of `size` leaves: siblings, from the leaf up.
pub fn prove_inclusion<N: Nodes + ?Sized>(nodes: &N, index: u64, size: u64) -> Result<Vec<Digest>, Error> {
    if index >= size || size > crate::SIZE_MAX {
        return Err(Error::OutOfRange);
    }
    let mut proof = Vec::new();
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            proof.push(range(nodes, middle, end)?);
            end = middle;
        } else {
            proof.push(range(nodes, start, middle)?);
            start = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The proof that the tree of `new` leaves continues the tree of `old` leaves.
pub fn prove_consistency<N: Nodes + ?Sized>(nodes: &N, old: u64, new: u64) -> Result<Vec<Digest>, Error> {
    if old > new || new > crate::SIZE_MAX {
        return Err(Error::OutOfRange);
    }
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let mut proof = Vec::new();
    let (mut start, mut end) = (0, new);
    // Walk to the smallest subtree that ends where the old tree ends.
    while end != old {
        let middle = start + split(end - start);
        if old <= middle {
            proof.push(range(nodes, middle, end)?);
            end = middle;
        } else {
            proof.push(range(nodes, start, middle)?);
            start = middle;
        }
    }
    // The verifier knows it when it is the old tree itself.
    if start != 0 {
        proof.push(range(nodes, start, end)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Whether `proof` leads from `leaf` at `index` to the `root` of a tree of `size` leaves (RFC 9162, 2.1.3.2).
pub fn verify_inclusion(proof: &[Digest], leaf: Digest, index: u64, size: u64, root: Digest) -> Result<(), Error> {
    if index >= size || proof.len() > PROOF_HASHES_MAX {
        return Err(Error::NotIncluded);
    }
    let (mut position, mut last, mut hash) = (index, size - 1, leaf);
    for sibling in proof {
        if last == 0 {
            return Err(Error::NotIncluded);
        }
        if position & 1 == 1 || position == last {
            hash = node_hash(*sibling, hash);
            // At the right edge some levels have no sibling.
            while position & 1 == 0 && position != 0 {
                position >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(hash, *sibling);
        }
        position >>= 1;
        last >>= 1;
    }
    if last == 0 && hash == root { Ok(()) } else { Err(Error::NotIncluded) }
}

/// Whether `proof` shows that a tree continues another (RFC 9162, 2.1.4.2). Each tree is its size and its root.
pub fn verify_consistency(proof: &[Digest], old: (u64, Digest), new: (u64, Digest)) -> Result<(), Error> {
    let refused = Err(Error::NotConsistent);
    let ((old, old_root), (new, new_root)) = (old, new);
    if old > new || proof.len() > PROOF_HASHES_MAX {
        return refused;
    }
    if (old == 0 && old_root != empty_root()) || (new == 0 && new_root != empty_root()) {
        return refused;
    }
    if old == 0 || old == new {
        return if proof.is_empty() && (old == 0 || old_root == new_root) { Ok(()) } else { refused };
    }
    let (mut position, mut last) = (old - 1, new - 1);
    while position & 1 == 1 {
        position >>= 1;
        last >>= 1;
    }
    // A complete old tree is its own first hash.
    let (first, rest) = if old.is_power_of_two() {
        (old_root, proof)
    } else {
        let Some((first, rest)) = proof.split_first() else { return refused };
        (*first, rest)
    };
    let (mut old_hash, mut new_hash) = (first, first);
    for sibling in rest {
        if last == 0 {
            return refused;
        }
        if position & 1 == 1 || position == last {
            old_hash = node_hash(*sibling, old_hash);
            new_hash = node_hash(*sibling, new_hash);
            while position & 1 == 0 && position != 0 {
                position >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash(new_hash, *sibling);
        }
        position >>= 1;
        last >>= 1;
    }
    if last == 0 && old_hash == old_root && new_hash == new_root { Ok(()) } else { refused }
}
