//! The erasable key tree: deleting bytes is housekeeping, this is erasure.
//!
//! Every kept recording has a leaf: a random 32-byte secret under which its age headers are sealed once more. Leaves sit
//! in nodes of 256, each node is sealed under a key that its parent holds, and the root node's key is in a tiny file that
//! is overwritten in place. To erase, the leaf is replaced, every key on its path is replaced, and the old root is
//! overwritten: any older copy of any node (in the write-ahead log, in freed pages, on a replica, in a backup) needs a
//! root key that no longer exists.
//!
//! Nodes are filled with random keys when they are made, so giving out a leaf writes nothing most of the time.
//! The price: the root lost is everything lost. So it is kept live in two places, each repaired from the other.

use super::fault::Steps;
use super::root_file::{self, Copies, KEY, Secret};
use super::{Db, Result, StoreError, signed, unsigned};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use eaves_domain::HouseholdId;
use hkdf::Hkdf;
use sha2::Sha256;
use sqlx::{Any, Transaction};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::{Mutex, OwnedMutexGuard};
use zeroize::{Zeroize as _, Zeroizing};

const FANOUT: u64 = 256;
/// Levels of nodes: 0 is the root node, 2 holds the leaves. 256³ leaves.
const DEPTH: u32 = 3;
const LEAVES: u64 = FANOUT.pow(DEPTH);
const NODE: usize = FANOUT as usize * KEY;

fn random_secret() -> Secret {
    let mut out = Zeroizing::new([0; KEY]);
    getrandom::fill(out.as_mut_slice()).expect("the operating system gives randomness");
    out
}

#[derive(Debug)]
struct Root {
    copies: Copies,
    /// The epoch and key that the database agrees with; `None` until first used.
    current: Option<(u64, Secret)>,
}

/// The key trees of all households.
#[derive(Clone, Debug)]
pub(crate) struct KeyTrees {
    dirs: Arc<[PathBuf; 2]>,
    roots: Arc<Mutex<BTreeMap<HouseholdId, Arc<Mutex<Root>>>>>,
    steps: Steps,
}

/// A leaf's secret. Sealing and opening headers is all it does.
pub(crate) struct LeafSecret(Secret);

impl LeafSecret {
    /// The secret itself, for tests that search for it.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    fn cipher(&self, context: &str) -> ChaCha20Poly1305 {
        let mut key = Zeroizing::new([0; KEY]);
        Hkdf::<Sha256>::new(None, self.0.as_slice())
            .expand(format!("eaves/header/v1|{context}").as_bytes(), key.as_mut_slice())
            .expect("32 bytes is a valid length");
        ChaCha20Poly1305::new(Key::from_slice(key.as_slice()))
    }

    /// Seals a header in its `context` (household, recording, part).
    pub(crate) fn seal(&self, context: &str, header: &[u8]) -> Vec<u8> {
        seal(&self.cipher(context), context.as_bytes(), header)
    }

    /// Opens what [`LeafSecret::seal`] sealed in the same context.
    pub(crate) fn open(&self, context: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        open(&self.cipher(context), context.as_bytes(), sealed)
    }
}

fn seal(cipher: &ChaCha20Poly1305, aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
    let mut out = vec![0; 12];
    getrandom::fill(&mut out).expect("the operating system gives randomness");
    let sealed = cipher
        .encrypt(Nonce::from_slice(&out), Payload { msg: plaintext, aad })
        .expect("a few kilobytes are within the cipher's limit");
    out.extend_from_slice(&sealed);
    out
}

fn open(cipher: &ChaCha20Poly1305, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, rest) = sealed.split_first_chunk::<12>()?;
    cipher.decrypt(Nonce::from_slice(nonce), Payload { msg: rest, aad }).ok()
}

/// A node in clear: 256 keys.
struct Node(Zeroizing<Vec<u8>>);

impl Node {
    fn random() -> Self {
        let mut keys = Zeroizing::new(vec![0; NODE]);
        getrandom::fill(&mut keys).expect("the operating system gives randomness");
        Self(keys)
    }

    fn slot(index: u64) -> std::ops::Range<usize> {
        let at = usize::try_from(index % FANOUT).expect("below 256") * KEY;
        at..at + KEY
    }

    fn key(&self, index: u64) -> Secret {
        Zeroizing::new(<[u8; KEY]>::try_from(&self.0[Self::slot(index)]).expect("a slot holds one key"))
    }

    fn set(&mut self, index: u64, key: &Secret) {
        self.0[Self::slot(index)].copy_from_slice(key.as_slice());
    }

    fn aad(household: HouseholdId, level: u32, idx: u64) -> String {
        format!("eaves/key-node/v1|{household}|{level}|{idx}")
    }

    fn seal(&self, key: &Secret, household: HouseholdId, level: u32, idx: u64) -> Vec<u8> {
        seal(
            &ChaCha20Poly1305::new(Key::from_slice(key.as_slice())),
            Self::aad(household, level, idx).as_bytes(),
            &self.0,
        )
    }

    fn open(sealed: &[u8], key: &Secret, household: HouseholdId, level: u32, idx: u64) -> Result<Self> {
        let cipher = ChaCha20Poly1305::new(Key::from_slice(key.as_slice()));
        let keys = open(&cipher, Self::aad(household, level, idx).as_bytes(), sealed);
        let keys = keys
            .filter(|keys| keys.len() == NODE)
            .ok_or(StoreError::Damaged("a node of the key tree does not open"))?;
        Ok(Self(Zeroizing::new(keys)))
    }
}

/// The node of `leaf` on `level`.
fn node_of(leaf: u64, level: u32) -> u64 {
    leaf / FANOUT.pow(DEPTH - level)
}

/// The slot, within its parent, of whatever `leaf` passes through below `level`.
fn child_of(leaf: u64, level: u32) -> u64 {
    leaf / FANOUT.pow(DEPTH - 1 - level)
}

/// A household's tree, locked against others for the length of one transaction.
pub(crate) struct Tree {
    household: HouseholdId,
    root: OwnedMutexGuard<Root>,
    steps: Steps,
}

/// New root keys that wait for the transaction: they are in the files beside the old ones.
#[must_use = "the old root lives on until `destroy_old`"]
pub(crate) struct Rekeyed {
    epoch: u64,
    key: Secret,
}

impl KeyTrees {
    pub(crate) fn new(first: &Path, second: &Path, steps: Steps) -> Self {
        Self { dirs: Arc::new([first.to_owned(), second.to_owned()]), roots: Arc::default(), steps }
    }

    /// Locks the tree of `household`. Take the lock before the transaction, never after: that order cannot deadlock.
    pub(crate) async fn lock(&self, household: HouseholdId) -> Tree {
        let root = {
            let mut roots = self.roots.lock().await;
            let fresh = || Root { copies: Copies::new(&self.dirs, household, self.steps.clone()), current: None };
            roots.entry(household).or_insert_with(|| Arc::new(Mutex::new(fresh()))).clone()
        };
        Tree { household, root: root.lock_owned().await, steps: self.steps.clone() }
    }

    /// The files that hold the roots of `household`, for backup and `check`.
    pub(crate) fn root_files(&self, household: HouseholdId) -> [PathBuf; 2] {
        self.dirs.each_ref().map(|dir| dir.join(root_file::name_of(household)))
    }
}

impl Tree {
    /// The current root key, with both copies made to agree with the database. Makes the tree when there is none.
    async fn root_key(&mut self, tx: &mut Transaction<'static, Any>) -> Result<(u64, Secret)> {
        if let Some(found) = self.settle(tx).await? {
            return Ok(found);
        }
        // What was remembered came from a transaction that failed. Nor is this key remembered until it is read back: this
        // transaction may fail as well.
        self.root.current = None;
        let key = random_secret();
        self.root.copies.write(0, &key).map_err(StoreError::from_write)?;
        sqlx::query("INSERT INTO key_tree (household, epoch, next_leaf) VALUES ($1, 0, 0)")
            .bind(self.household.to_hex())
            .execute(&mut **tx)
            .await?;
        self.write_node(tx, 0, 0, &Node::random(), &key).await?;
        Ok((0, key))
    }

    /// Like [`Tree::root_key`], but `None` when there is no tree. Finishes what an interrupted erasure left.
    pub(crate) async fn settle(&mut self, tx: &mut Transaction<'static, Any>) -> Result<Option<(u64, Secret)>> {
        let row: Option<(i64,)> = sqlx::query_as("SELECT epoch FROM key_tree WHERE household = $1")
            .bind(self.household.to_hex())
            .fetch_optional(&mut **tx)
            .await?;
        let Some((epoch,)) = row else { return Ok(None) };
        let epoch = unsigned(epoch);
        if let Some((known, key)) = &self.root.current
            && *known == epoch
            && !self.root.copies.failing.contains(&true)
        {
            return Ok(Some((epoch, key.clone())));
        }
        let key = self.root.copies.settle(epoch);
        let key = key.ok_or(StoreError::Damaged("no copy of the key tree's root is left"))?;
        self.root.current = Some((epoch, key.clone()));
        Ok(Some((epoch, key)))
    }

    /// Whether both copies of the root could be written when they were last used.
    pub(crate) fn has_both_copies(&self) -> bool {
        !self.root.copies.failing.contains(&true)
    }

    async fn read_node(
        &self,
        tx: &mut Transaction<'static, Any>,
        level: u32,
        idx: u64,
        key: &Secret,
    ) -> Result<Option<Node>> {
        let row: Option<(Vec<u8>,)> =
            sqlx::query_as("SELECT sealed FROM key_node WHERE household = $1 AND level = $2 AND idx = $3")
                .bind(self.household.to_hex())
                .bind(i64::from(level))
                .bind(signed(idx))
                .fetch_optional(&mut **tx)
                .await?;
        row.map(|(sealed,)| Node::open(&sealed, key, self.household, level, idx)).transpose()
    }

    async fn write_node(
        &self,
        tx: &mut Transaction<'static, Any>,
        level: u32,
        idx: u64,
        node: &Node,
        key: &Secret,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO key_node (household, level, idx, sealed) VALUES ($1, $2, $3, $4)
             ON CONFLICT (household, level, idx) DO UPDATE SET sealed = excluded.sealed",
        )
        .bind(self.household.to_hex())
        .bind(i64::from(level))
        .bind(signed(idx))
        .bind(node.seal(key, self.household, level, idx))
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// Gives out the next leaf and its secret.
    pub(crate) async fn allocate(&mut self, tx: &mut Transaction<'static, Any>) -> Result<(u64, LeafSecret)> {
        self.root_key(tx).await?;
        let (next,): (i64,) = sqlx::query_as("SELECT next_leaf FROM key_tree WHERE household = $1")
            .bind(self.household.to_hex())
            .fetch_one(&mut **tx)
            .await?;
        let leaf = self.free_leaf(tx, unsigned(next)).await?;
        sqlx::query("UPDATE key_tree SET next_leaf = $2 WHERE household = $1")
            .bind(self.household.to_hex())
            .bind(signed((leaf + 1) % LEAVES))
            .execute(&mut **tx)
            .await?;
        Ok((leaf, self.secret(tx, leaf, true).await?))
    }

    /// The first leaf from `next` on, around the end, that no kept recording uses. Leaves are given out in a ring: those of
    /// erased recordings hold new random secrets and serve again.
    async fn free_leaf(&self, tx: &mut Transaction<'static, Any>, next: u64) -> Result<u64> {
        let mut candidate = next % LEAVES;
        let mut looked_at = 0;
        while looked_at < LEAVES {
            let used: Vec<(i64,)> =
                sqlx::query_as("SELECT leaf FROM link WHERE household = $1 AND leaf >= $2 AND leaf < $3 ORDER BY leaf")
                    .bind(self.household.to_hex())
                    .bind(signed(candidate))
                    .bind(signed(candidate + FANOUT))
                    .fetch_all(&mut **tx)
                    .await?;
            let stretch = candidate..(candidate + FANOUT).min(LEAVES);
            let used = used.into_iter().map(|(leaf,)| Some(unsigned(leaf))).chain(std::iter::repeat(None));
            if let Some((free, _)) = stretch.clone().zip(used).find(|(leaf, used)| *used != Some(*leaf)) {
                return Ok(free);
            }
            looked_at += FANOUT;
            candidate = stretch.end % LEAVES;
        }
        Err(StoreError::Damaged("the key tree of this household is full"))
    }

    /// The secret of a leaf that was given out.
    pub(crate) async fn leaf(&mut self, tx: &mut Transaction<'static, Any>, leaf: u64) -> Result<LeafSecret> {
        self.secret(tx, leaf, false).await
    }

    async fn secret(&mut self, tx: &mut Transaction<'static, Any>, leaf: u64, make: bool) -> Result<LeafSecret> {
        let (_, mut key) = self.root_key(tx).await?;
        for level in 0..DEPTH {
            let idx = node_of(leaf, level);
            let node = match self.read_node(tx, level, idx, &key).await? {
                Some(node) => node,
                None if make => {
                    let node = Node::random();
                    self.write_node(tx, level, idx, &node, &key).await?;
                    node
                }
                None => return Err(StoreError::Damaged("a node of the key tree is missing")),
            };
            key = node.key(child_of(leaf, level));
        }
        Ok(LeafSecret(key))
    }

    /// Replaces the secrets of `leaves` and every key above them. The new root is on disk beside the old one when this
    /// returns; commit `tx`, then call [`Tree::destroy_old`].
    pub(crate) async fn erase(&mut self, tx: &mut Transaction<'static, Any>, leaves: &[u64]) -> Result<Rekeyed> {
        let (epoch, root_key) = self.root_key(tx).await?;
        let mut levels: Vec<BTreeMap<u64, Node>> = Vec::new();
        for level in 0..DEPTH {
            let mut nodes = BTreeMap::new();
            for leaf in leaves {
                let idx = node_of(*leaf, level);
                if nodes.contains_key(&idx) {
                    continue;
                }
                let key = match level.checked_sub(1).and_then(|above| levels.get(above as usize)) {
                    None => root_key.clone(),
                    Some(above) => {
                        let parent: &Node = above.get(&(idx / FANOUT)).expect("the level above holds every parent");
                        parent.key(idx)
                    }
                };
                let node = self.read_node(tx, level, idx, &key).await?;
                nodes.insert(idx, node.ok_or(StoreError::Damaged("a node of the key tree is missing"))?);
            }
            levels.push(nodes);
        }
        for leaf in leaves {
            if let Some(node) = levels.last_mut().and_then(|nodes| nodes.get_mut(&node_of(*leaf, DEPTH - 1))) {
                node.set(*leaf, &random_secret());
            }
        }
        let mut new_root = root_key;
        for level in (0..DEPTH).rev() {
            let nodes = levels.pop().expect("one map per level");
            for (idx, node) in nodes {
                let key = random_secret();
                self.write_node(tx, level, idx, &node, &key).await?;
                match levels.last_mut() {
                    Some(above) => {
                        above.get_mut(&(idx / FANOUT)).expect("the level above holds every parent").set(idx, &key)
                    }
                    None => new_root = key,
                }
            }
        }
        let epoch = epoch + 1;
        sqlx::query("UPDATE key_tree SET epoch = $2 WHERE household = $1")
            .bind(self.household.to_hex())
            .bind(signed(epoch))
            .execute(&mut **tx)
            .await?;
        // Until the transaction is in, nobody knows which root counts: the next user asks the database again.
        self.root.current = None;
        self.root.copies.write(epoch, &new_root).map_err(StoreError::from_write)?;
        self.steps.pass()?;
        Ok(Rekeyed { epoch, key: new_root })
    }

    /// Overwrites the root that the committed transaction made void. From here on the leaves are gone; false when a copy
    /// of the root could not be reached, which is tried again whenever the tree is used and by housekeeping.
    pub(crate) fn destroy_old(mut self, rekeyed: Rekeyed) -> Result<bool> {
        self.steps.pass()?;
        let is_confirmed = self.root.copies.destroy_others(rekeyed.epoch).map_err(StoreError::from_write)?;
        self.root.current = Some((rekeyed.epoch, rekeyed.key));
        Ok(is_confirmed)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Whether the tree's bookkeeping is in `db` at all; for `check`.
pub(crate) async fn epoch(db: &Db, household: HouseholdId) -> Result<Option<u64>> {
    let row: Option<(i64,)> = sqlx::query_as("SELECT epoch FROM key_tree WHERE household = $1")
        .bind(household.to_hex())
        .fetch_optional(db.read())
        .await?;
    Ok(row.map(|(epoch,)| unsigned(epoch)))
}
