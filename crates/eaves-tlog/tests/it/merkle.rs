//! Hashes and proofs, against an independent implementation and against everything that is nearly right.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use eaves_domain::Digest;
use eaves_tlog::merkle::{leaf_hash, prove_consistency, prove_inclusion, root, verify_consistency, verify_inclusion};
use proptest::prelude::*;
use sha2_judge::Sha256;

const SIZES: u64 = 600;

fn entries(count: u64) -> Vec<Vec<u8>> {
    (0..count).map(|i| format!("entry {i}").into_bytes()).collect()
}

fn leaves(entries: &[Vec<u8>]) -> Vec<Digest> {
    entries.iter().map(|entry| leaf_hash(entry)).collect()
}

fn flip(digest: Digest, bit: usize) -> Digest {
    let mut bytes = digest.0;
    bytes[bit / 8] ^= 1 << (bit % 8);
    Digest(bytes)
}

fn bytes(hashes: &[Digest]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

fn judged(root: Digest, size: u64) -> RootHash<Sha256> {
    RootHash::new(root.0.into(), size)
}

/// The leaves and roots that the projects of certificate transparency test with.
#[test]
fn the_well_known_tree_of_eight_leaves_has_its_well_known_roots() {
    let leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
        .map(|text| leaf_hash(&hex::decode(text).unwrap()));
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    for (size, expected) in roots.into_iter().enumerate() {
        assert_eq!(root(&leaves[..size], size as u64).unwrap().to_hex(), expected, "{size}");
    }
}

#[test]
fn every_tree_up_to_600_leaves_is_the_one_of_an_independent_implementation() {
    let entries = entries(SIZES);
    let leaves = leaves(&entries);
    let mut judge = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    for size in 1..=SIZES {
        judge.push(entries[size as usize - 1].clone());
        let ours = root(&leaves[..size as usize], size).unwrap();
        assert_eq!(ours.0, judge.root().as_bytes()[..], "{size}");
        for index in [0, size / 3, size / 2, size - 1] {
            let proof = prove_inclusion(&leaves[..size as usize], index, size).unwrap();
            assert_eq!(bytes(&proof), judge.prove_inclusion(index as usize).as_bytes(), "{index} of {size}");
            verify_inclusion(&proof, leaves[index as usize], index, size, ours).unwrap();
            let theirs = InclusionProof::<Sha256>::try_from_bytes(bytes(&proof)).unwrap();
            judged(ours, size).verify_inclusion(&entries[index as usize], index, &theirs).unwrap();
        }
        for old in [1, size / 3, size / 2, size - 1].into_iter().filter(|old| (1..size).contains(old)) {
            let proof = prove_consistency(&leaves[..size as usize], old, size).unwrap();
            let before = root(&leaves[..old as usize], old).unwrap();
            verify_consistency(&proof, (old, before), (size, ours)).unwrap();
            assert_eq!(bytes(&proof), judge.prove_consistency((size - old) as usize).as_bytes(), "{old} to {size}");
            let theirs = ConsistencyProof::<Sha256>::try_from_bytes(bytes(&proof)).unwrap();
            judged(ours, size).verify_consistency(&judged(before, old), &theirs).unwrap();
        }
    }
}

#[test]
fn every_single_bit_of_a_proof_counts() {
    let entries = entries(SIZES);
    let leaves = leaves(&entries);
    for size in 1..=SIZES {
        let tree = &leaves[..size as usize];
        let now = root(tree, size).unwrap();
        let index = size * 7 % size.max(2).next_power_of_two() % size;
        let leaf = tree[index as usize];
        let proof = prove_inclusion(tree, index, size).unwrap();
        let is_in =
            |proof: &[Digest], leaf, index, size, root| verify_inclusion(proof, leaf, index, size, root).is_ok();
        assert!(is_in(&proof, leaf, index, size, now));
        let old = (size * 5 % size.max(2).next_power_of_two() % size).max(1);
        let before = root(tree, old).unwrap();
        let step = prove_consistency(tree, old, size).unwrap();
        let follows = |proof: &[Digest], old, new| verify_consistency(proof, old, new).is_ok();
        assert!(follows(&step, (old, before), (size, now)));
        for bit in 0..256 {
            assert!(!is_in(&proof, flip(leaf, bit), index, size, now));
            assert!(!is_in(&proof, leaf, index, size, flip(now, bit)));
            assert!(!follows(&step, (old, flip(before, bit)), (size, now)) || old == 0);
            assert!(!follows(&step, (old, before), (size, flip(now, bit))));
            for at in 0..proof.len() {
                let mut changed = proof.clone();
                changed[at] = flip(changed[at], bit);
                assert!(!is_in(&changed, leaf, index, size, now), "{index} of {size}, {at}, {bit}");
            }
            for at in 0..step.len() {
                let mut changed = step.clone();
                changed[at] = flip(changed[at], bit);
                assert!(!follows(&changed, (old, before), (size, now)), "{old} to {size}, {at}, {bit}");
            }
        }
        for other in (0..size).filter(|other| *other != index) {
            assert!(!is_in(&proof, leaf, other, size, now), "{other} for {index} of {size}");
        }
        // Shorter, longer, and other sizes that would need another number of hashes.
        let longer = [proof.as_slice(), &[leaf]].concat();
        assert!(!is_in(&longer, leaf, index, size, now));
        assert!(proof.is_empty() || !is_in(&proof[1..], leaf, index, size, now));
        assert!(proof.is_empty() || !is_in(&proof[..proof.len() - 1], leaf, index, size, now));
        assert!(!is_in(&proof, leaf, index, index, now), "a tree that ends before it");
        let longer = [step.as_slice(), &[leaf]].concat();
        assert!(!follows(&longer, (old, before), (size, now)));
        assert!(step.is_empty() || !follows(&step[..step.len() - 1], (old, before), (size, now)));
        assert!(step.is_empty() || !follows(&step, (size, now), (old, before)), "backwards");
    }
}

#[test]
fn a_tree_continues_itself_and_the_empty_one_and_nothing_else_without_a_proof() {
    let leaves = leaves(&entries(3));
    let (empty, two, three) =
        (root(&leaves[..0], 0).unwrap(), root(&leaves[..2], 2).unwrap(), root(&leaves[..], 3).unwrap());
    assert!(verify_consistency(&[], (0, empty), (3, three)).is_ok());
    assert!(verify_consistency(&[], (3, three), (3, three)).is_ok());
    assert!(verify_consistency(&[], (0, two), (3, three)).is_err(), "that is not how nothing looks");
    assert!(verify_consistency(&[], (3, two), (3, three)).is_err());
    assert!(verify_consistency(&[], (2, two), (3, three)).is_err());
    assert!(verify_consistency(&[two], (0, empty), (3, three)).is_err());
    assert!(verify_consistency(&[two], (3, three), (3, three)).is_err());
    assert!(verify_consistency(&[], (0, empty), (0, two)).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_proof_made_of_random_hashes_is_believed(
        hashes in proptest::collection::vec(any::<[u8; 32]>(), 0..70), index in any::<u64>(), size in any::<u64>(), old in any::<u64>(),
    ) {
        let hashes: Vec<_> = hashes.into_iter().map(Digest).collect();
        let (leaf, root) = (Digest([1; 32]), Digest([2; 32]));
        prop_assert!(verify_inclusion(&hashes, leaf, index, size, root).is_err());
        prop_assert!(verify_consistency(&hashes, (old, leaf), (size, root)).is_err());
    }
}
