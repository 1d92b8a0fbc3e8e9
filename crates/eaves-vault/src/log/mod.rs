//! The vault's log: what touched a household is written down with the act itself, and can be proved afterwards.
//!
//! - *write*: in the act's own transaction, [`Log::write`]. The act and its entry are there both or not at all.
//! - *publish*: entries that are committed → tiles, each a file that never changes once it is full → the checkpoint,
//!   signed, in place of the one before and of no other. Then receipts and proofs can be given. No act is answered as done
//!   before its entry is published.
//!
//! A crash between any two of these steps is finished by the next publication: the same entries give the same tiles.
//!
//! **No fork.** The checkpoint is the one thing that says which history this log has shown, so it lies in a folder of its
//! own, which no backup holds. A log whose database has fewer entries than its checkpoint, or others, does not open
//! ([`LogError::Behind`], [`LogError::Forked`]): that is what a restored backup looks like.
//!
//! Trust: whoever holds the folder can destroy the log, and with its key sign another one. Hubs and apps that have seen
//! this one notice (`eaves-tlog`). Nothing in the tiles says whose an entry is; the database does, for as long as the
//! openings are kept.
//!
//! Formats: `docs/spec/log.md`. Design and what is still missing: `docs/design/log.md`.

mod files;
mod keeper;
mod reading;
pub(crate) mod restored;
#[cfg(test)]
mod tests;

use crate::store::{Db, Steps, Store, StoreError};
use eaves_domain::{Digest, HouseholdId, Timestamp};
use eaves_tlog::append::Edge;
use eaves_tlog::checkpoint::Checkpoint;
use eaves_tlog::details::Details;
use eaves_tlog::entry::{Head, Nonces};
use eaves_tlog::merkle::leaf_hash;
use eaves_tlog::note::{Note, VerifierKey};
use eaves_tlog::tile::{self, Kind, Tile};
use files::TileFiles;
use keeper::Keeper;
pub use reading::Visit;
use restored::Restored;
use sqlx::{Any, Transaction};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Mutex;

/// The most entries of one checkpoint: a bound on memory, not on the log.
const BATCH: i64 = 4_096;

/// What can go wrong with the log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// Database or disk.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database has fewer entries than the log has shown: a backup was restored.
    #[error("the log's database is behind what the log has shown; was a backup restored?")]
    Behind,
    /// The database has other entries than the log has shown.
    #[error("the log's database holds another history than the log has shown")]
    Forked,
    /// Key, checkpoint or a tile is missing or damaged.
    #[error("the log is damaged: {0}")]
    Damaged(&'static str),
    /// Something that the log does not have.
    #[error("the log has no such entry")]
    NotFound,
    /// The log's own arithmetic refused.
    #[error("the log refused: {0}")]
    Refused(#[from] eaves_tlog::Error),
}

impl From<std::io::Error> for LogError {
    fn from(error: std::io::Error) -> Self {
        Self::Store(StoreError::from_write(error))
    }
}

impl From<sqlx::Error> for LogError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

type Result<T> = std::result::Result<T, LogError>;

/// An entry that is written, once its transaction is committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Place in the log.
    pub position: u64,
    /// Number in the household.
    pub sequence: u64,
    /// Its leaf hash.
    pub leaf: Digest,
}

/// What has been published.
#[derive(Clone, Debug)]
struct Published {
    edge: Edge,
    /// The checkpoint's bytes, as they are on disk.
    note: Vec<u8>,
}

#[derive(Debug)]
struct Inner {
    db: Db,
    files: TileFiles,
    keeper: Keeper,
    key: keeper::LogKey,
    /// `None` after a publication that failed: what it left on disk is read again before the next.
    published: Mutex<Option<Published>>,
    /// Entries under the last checkpoint, for who only wants to know whether theirs is.
    size: AtomicU64,
}

/// The log.
#[derive(Clone, Debug)]
pub struct Log(Arc<Inner>);

impl Log {
    /// Opens the log of a store, and makes it when there was none. `origin_prefix` is the vault's public host name, or
    /// `eaves.invalid`; it counts when the log is made, and never again.
    pub async fn open(store: &Store, origin_prefix: &str) -> Result<Self> {
        let steps: Steps = store.steps().clone();
        let keeper = Keeper::open(&store.data_dir().join("log-head"), steps.clone())?;
        let files = TileFiles::open(&store.data_dir().join("log"), steps)?;
        let db = store.db().clone();
        let state: Option<(String,)> = sqlx::query_as("SELECT origin FROM log_state WHERE one = 1")
            .fetch_optional(db.read())
            .await
            .map_err(StoreError::from)?;
        let restored = Restored::read(store.data_dir())?;
        let key = match (keeper.read_key()?, &state) {
            (Some(key), _) => key,
            (None, Some(_)) if restored.is_none() => return Err(LogError::Damaged("its key is missing")),
            (None, _) => keeper.make_key(origin_prefix)?,
        };
        let is_of_key = state.as_ref().is_some_and(|(origin,)| *origin == key.origin);
        if keeper.read_checkpoint()?.is_none() {
            if state.is_some() && (is_of_key || restored.is_none()) {
                return Err(LogError::Damaged("its last checkpoint is missing; was a backup restored?"));
            }
            let empty = Checkpoint::new(&key.origin, 0, eaves_tlog::merkle::empty_root())?.sign(&key.key)?;
            keeper.swap(None, empty.to_string().as_bytes())?;
        }
        match (state, restored) {
            (Some(_), _) if is_of_key => {}
            (_, Some(restored)) => restored.begin(&db, &key.origin).await?,
            (Some(_), None) => return Err(LogError::Forked),
            (None, None) => {
                let mut tx = db.begin().await?;
                sqlx::query("INSERT INTO log_state (one, origin, size) VALUES (1, $1, 0) ON CONFLICT DO NOTHING")
                    .bind(key.origin.clone())
                    .execute(&mut *tx)
                    .await?;
                tx.commit().await?;
            }
        }
        if restored.is_some() {
            Restored::settled(store.data_dir())?;
        }
        let inner = Inner { db, files, keeper, key, published: Mutex::new(None), size: AtomicU64::new(0) };
        let published = inner.load().await?;
        *inner.published.lock().await = Some(published);
        Ok(Self(Arc::new(inner)))
    }

    /// The key that verifies this log's checkpoints, under its origin.
    pub fn key(&self) -> VerifierKey {
        self.0.key.verifier()
    }

    /// Writes down what happened, in the transaction in which it happens.
    pub async fn write(
        tx: &mut Transaction<'static, Any>,
        household: HouseholdId,
        details: &Details,
        now: Timestamp,
    ) -> Result<Written> {
        let row: Option<(i64, Vec<u8>, i64)> =
            sqlx::query_as("SELECT next_sequence, last, at_us FROM log_head WHERE household = $1")
                .bind(household.to_hex())
                .fetch_optional(&mut **tx)
                .await?;
        let mut head = match row {
            None => Head::EMPTY,
            Some((next, last, at)) => {
                let last = <[u8; 32]>::try_from(last).map_err(|_| LogError::Damaged("a head is no hash"))?;
                Head { next_sequence: unsigned(next), last: Some(Digest(last)), at_us: Timestamp(at) }
            }
        };
        let sequence = head.next_sequence;
        let (entry, opening) = head.write(household, details, now, &nonces()?);
        let (size,): (i64,) = sqlx::query_as("UPDATE log_state SET size = size + 1 WHERE one = 1 RETURNING size")
            .fetch_optional(&mut **tx)
            .await?
            .ok_or(LogError::Damaged("the log was never opened"))?;
        let kept = opening.details.as_ref().ok_or(LogError::Damaged("an entry without details"))?;
        sqlx::query(
            "INSERT INTO log_entry (position, entry, household, sequence, nonce, line, details_nonce, details)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(size - 1)
        .bind(entry.to_bytes().to_vec())
        .bind(household.to_hex())
        .bind(signed(sequence))
        .bind(opening.nonce.0.clone())
        .bind(opening.line.0.clone())
        .bind(kept.nonce.0.clone())
        .bind(kept.text.0.clone())
        .execute(&mut **tx)
        .await?;
        let leaf = entry.leaf();
        sqlx::query(
            "INSERT INTO log_head (household, next_sequence, last, at_us) VALUES ($1, $2, $3, $4)
             ON CONFLICT (household) DO UPDATE SET next_sequence = $2, last = $3, at_us = $4",
        )
        .bind(household.to_hex())
        .bind(signed(head.next_sequence))
        .bind(leaf.0.to_vec())
        .bind(head.at_us.as_us())
        .execute(&mut **tx)
        .await?;
        Ok(Written { position: unsigned(size - 1), sequence, leaf })
    }

    /// How many entries the last checkpoint covers.
    pub(crate) fn published_size(&self) -> u64 {
        self.0.size.load(Ordering::SeqCst)
    }

    /// Publishes every entry that is committed by now, and returns the checkpoint over them. Runs to its end even when
    /// whoever asked goes away.
    pub async fn publish(&self) -> Result<Note> {
        let inner = Arc::clone(&self.0);
        let work = tokio::spawn(async move { inner.publish().await });
        work.await.unwrap_or(Err(LogError::Damaged("a publication was cut off")))
    }
}

impl Inner {
    /// What is published, from disk; refused unless database, tiles and checkpoint tell one history.
    async fn load(&self) -> Result<Published> {
        let note = self.keeper.read_checkpoint()?.ok_or(LogError::Damaged("its last checkpoint is missing"))?;
        let checkpoint = Note::parse(&note)
            .and_then(|note| Checkpoint::verified(&note, &self.key.verifier()))
            .map_err(|_| LogError::Damaged("its last checkpoint is not signed by its key"))?;
        let (size,): (i64,) =
            sqlx::query_as("SELECT size FROM log_state WHERE one = 1").fetch_one(self.db.read()).await?;
        if unsigned(size) < checkpoint.size {
            return Err(LogError::Behind);
        }
        let edge = Edge::restore(checkpoint.size, checkpoint.root, |tile| self.files.read(tile))
            .map_err(|_| LogError::Damaged("its tiles are not those of its checkpoint"))?;
        self.check_last_entries(checkpoint.size).await?;
        self.size.store(checkpoint.size, Ordering::SeqCst);
        Ok(Published { edge, note })
    }

    /// Whether the database has the entries that the log has shown. The last tile speaks for all before it: a restored
    /// database ends earlier, so it is the last ones that differ.
    async fn check_last_entries(&self, size: u64) -> Result<()> {
        let Some(last) = size.checked_sub(1) else { return Ok(()) };
        let tile = Tile::at(Kind::Hashes(0), last / tile::WIDTH, size).ok_or(LogError::NotFound)?;
        let shown = self.files.read(tile).ok_or(LogError::Damaged("a tile is missing"))?;
        let shown = tile::hashes_from_bytes(&shown)?;
        let kept = self.entries_from(tile.index * tile::WIDTH).await?;
        let is_same =
            kept.len() >= shown.len() && kept.iter().zip(&shown).all(|(entry, leaf)| leaf_hash(entry) == *leaf);
        if is_same { Ok(()) } else { Err(LogError::Forked) }
    }

    /// Entries from a position on, at most a batch of them, without a hole.
    async fn entries_from(&self, position: u64) -> Result<Vec<Vec<u8>>> {
        let rows: Vec<(i64, Vec<u8>)> =
            sqlx::query_as("SELECT position, entry FROM log_entry WHERE position >= $1 ORDER BY position LIMIT $2")
                .bind(signed(position))
                .bind(BATCH)
                .fetch_all(self.db.read())
                .await?;
        let is_whole = (position..).zip(&rows).all(|(expected, (found, _))| unsigned(*found) == expected);
        if is_whole { Ok(rows.into_iter().map(|(_, entry)| entry).collect()) } else { Err(LogError::Forked) }
    }

    async fn publish(&self) -> Result<Note> {
        let mut place = self.published.lock().await;
        let mut published = match place.take() {
            Some(published) => published,
            None => self.load().await?,
        };
        loop {
            let entries = self.entries_from(published.edge.size()).await?;
            if entries.is_empty() {
                let note = Note::parse(&published.note)?;
                *place = Some(published);
                return Ok(note);
            }
            let appended = published.edge.append(&entries)?;
            self.files.write(&appended.files)?;
            let checkpoint = Checkpoint::new(&self.key.origin, appended.size, appended.root)?;
            let note = checkpoint.sign(&self.key.key)?.to_string().into_bytes();
            self.keeper.swap(Some(&published.note), &note)?;
            published.note = note;
            self.size.store(appended.size, Ordering::SeqCst);
            self.files.remove_outgrown(&appended.files);
        }
    }
}

fn nonces() -> Result<Nonces> {
    let mut nonces = Nonces { line: [0; 32], details: [0; 32] };
    for nonce in [&mut nonces.line, &mut nonces.details] {
        getrandom::fill(nonce).map_err(|_| std::io::Error::other("there is no randomness"))?;
    }
    Ok(nonces)
}

/// A stored integer that cannot be negative.
fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// A place or number as SQL stores it.
fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
