//! The vault's durable side: metadata in SQL, sealed bodies in files, and the key tree that makes erasure final.
//!
//! The store sees ciphertext and opaque ids only. Its order of work is what makes it safe:
//!
//! - *keep*: body to a temporary file → fsync → described in the database → rename → fsync folder → one transaction with
//!   headers, link and chain head, which looks whether the bodies are there. So a kept link has its bodies, and every file
//!   is known to the database as one of: part of a kept recording, waiting for its link, about to be removed.
//! - *erase*: the new root of the key tree beside the old one → one transaction that re-keys the path and marks the link
//!   → the old root overwritten. From then on no copy of anything opens the recording. Only then the bytes go.
//!
//! Both can be cut off between any two steps, by a crash or by a caller that goes away; opening the store finishes what
//! was begun ([`fault`] is how the tests know). One process has the folder at a time, because another's half-done work
//! looks like a crash. Locks are taken in one order: the household's tree, then the transaction.
//!
//! Trust: whoever holds the folder can at worst count recordings, see when they were made and how large they are, destroy
//! them, and hold them back. They cannot read one: a header that they take out of the key tree is still sealed to the
//! room. Nor add one that the app would accept, nor bring back an erased one; that takes a copy of the roots from before
//! the erasure, and the only such copies are backups within their window ([`ROOTS_IN_BACKUP_DAYS`]) and what a disk keeps of
//! a block after it was overwritten in place, which the file system, a snapshot or flash may do behind our back.

mod account;
mod acts;
mod blob;
mod chain;
mod check;
mod command;
mod copy;
mod db;
mod erase;
mod fault;
mod household;
mod invite;
mod key_tree;
mod known_device;
mod lifetime;
mod notice;
mod passkey;
mod root_file;
mod second_way;
mod session;
mod sign_in_file;
mod sign_ins;
mod throttle;
mod timeline;
pub mod view;

#[cfg(test)]
mod tests;

pub use account::{Account, NewHousehold};
pub use blob::{BodyWriter, StoredBody};
pub use chain::CommitOutcome;
pub use check::Finding;
pub use command::StoredCommand;
pub use copy::{BackupReport, ROOTS_IN_BACKUP_DAYS, restore};
pub use erase::ErasedSome;
pub use household::{People, RosterStep, StoredPairing};
pub use invite::{JoinOutcome, NewAccount, OpenInvite};
pub use notice::{NOTICE_US_MAX, NOTICES_MAX};
pub use passkey::PasskeyRow;
pub use second_way::{Removal, Removed, TotpState};
pub use session::{HubSession, SessionRow};
pub use sign_in_file::SignInSecrets;
pub use throttle::Bucket;
pub use timeline::{ChainSlice, LinkRow};

use crate::auth::lockbox::Lockbox;
pub(crate) use db::Db;
use eaves_domain::Timestamp;
pub(crate) use fault::Steps;
use std::fs::File;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What can go wrong in the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database refused or broke.
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
    /// A file could not be read or written.
    #[error("a file of the store failed")]
    Io(#[from] std::io::Error),
    /// Another process has the folder open.
    #[error("the store is in use by another process; stop it first")]
    InUse,
    /// There is no room for more.
    #[error("the disk is full")]
    DiskFull,
    /// More bytes than a part may have.
    #[error("the body is too large")]
    TooLarge,
    /// What the store holds contradicts itself. Data may be lost; nothing more is written.
    #[error("the store is damaged: {0}")]
    Damaged(&'static str),
    /// Something in the store stands against the request.
    #[error("somebody else was first")]
    Conflict,
}

impl StoreError {
    /// Tells a full disk from other failures of a write.
    pub(crate) fn from_write(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Io(error),
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|e| e.code().map(|code| code.into_owned()));
        // SQLITE_FULL.
        if code.as_deref() == Some("13") { Self::DiskFull } else { Self::Database(error) }
    }
}

type Result<T> = std::result::Result<T, StoreError>;

/// Where the store lives.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// Database, bodies and the first copy of the roots.
    pub data_dir: PathBuf,
    /// The second copy of the roots; another disk is best.
    pub second_roots_dir: PathBuf,
}

impl StoreConfig {
    /// Everything below one folder.
    pub fn in_folder(data_dir: &Path) -> Self {
        Self { data_dir: data_dir.to_owned(), second_roots_dir: data_dir.join("roots-second") }
    }

    fn database(&self) -> PathBuf {
        self.data_dir.join("vault.db")
    }

    fn blobs(&self) -> PathBuf {
        self.data_dir.join("bodies")
    }

    fn first_roots(&self) -> PathBuf {
        self.data_dir.join("roots")
    }
}

/// The store.
#[derive(Clone, Debug)]
pub struct Store {
    db: Db,
    blobs: blob::Blobs,
    trees: key_tree::KeyTrees,
    sign_ins: Arc<SignInSecrets>,
    lockbox: Lockbox,
    counters: Arc<throttle::Counters>,
    config: StoreConfig,
    steps: fault::Steps,
    telling: acts::Telling,
    written: acts::Written,
    /// Locked as long as the store is open: a second process would take the first one's half-done work for a crash.
    lock: Arc<File>,
}

impl Store {
    /// Opens the store in its folders and makes what is missing. Takes the same time however much is stored.
    pub async fn open(config: StoreConfig) -> Result<Self> {
        Self::open_with(config, fault::Steps::default()).await
    }

    pub(crate) async fn open_with(config: StoreConfig, steps: Steps) -> Result<Self> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&config.data_dir)?;
        let lock = File::options().create(true).truncate(false).write(true).open(config.data_dir.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => return Err(StoreError::InUse),
            Err(std::fs::TryLockError::Error(error)) => return Err(error.into()),
        }
        let is_new = !config.database().exists();
        let holds_any = |dir: &Path| std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
        if is_new && (holds_any(&config.blobs()) || holds_any(&config.first_roots())) {
            // Bodies without a database: a wrong path or a lost disk, and no reason to start afresh over it.
            return Err(StoreError::Damaged("there are bodies or roots but no database; is this the right folder?"));
        }
        let db = Db::open(&config.database()).await?;
        let blobs = blob::Blobs::open(&config.blobs(), steps.clone())?;
        let trees = key_tree::KeyTrees::new(&config.first_roots(), &config.second_roots_dir, steps.clone());
        let secrets = sign_ins::settle(&db, &config.data_dir).await?;
        let (lockbox, sign_ins) = (Lockbox::new(&secrets.vault_key), Arc::new(secrets));
        let store = Self {
            db,
            blobs,
            trees,
            sign_ins,
            lockbox,
            counters: Arc::default(),
            config,
            steps,
            telling: acts::Telling::default(),
            written: acts::Written::default(),
            lock: Arc::new(lock),
        };
        store.settle_roots().await?;
        Ok(store)
    }

    /// Makes the copies of every root agree with the database: finishes erasures that a crash interrupted and makes lost
    /// copies anew. Returns how many households have one live copy only.
    pub async fn settle_roots(&self) -> Result<u64> {
        let mut degraded = 0;
        for household in self.households().await? {
            let mut tree = self.trees.lock(household).await;
            let mut tx = self.db.begin().await?;
            if let Err(error) = tree.settle(&mut tx).await {
                // The other households must still be served.
                tracing::error!(%household, %error, "the key tree of a household cannot be opened");
            }
            degraded += u64::from(!tree.has_both_copies());
        }
        Ok(degraded)
    }

    /// For the log, which is written in the transactions of what it tells of, and lies beside the store.
    pub(crate) fn db(&self) -> &Db {
        &self.db
    }

    pub(crate) fn data_dir(&self) -> &Path {
        &self.config.data_dir
    }

    pub(crate) fn steps(&self) -> &Steps {
        &self.steps
    }

    /// Closes every connection and lets go of the folder. Call when nothing uses the store any more.
    pub async fn close(&self) {
        self.db.close().await;
        if let Err(error) = self.lock.unlock() {
            tracing::warn!(%error, "the folder of the store stays locked until the program ends");
        }
    }

    /// Free room on the disk of the bodies, in bytes.
    pub fn free_bytes(&self) -> Result<u64> {
        let stat = rustix::fs::statvfs(&self.config.data_dir).map_err(std::io::Error::from)?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }

    /// Remembers a nonce until `until`; false when it was there already.
    pub async fn remember_nonce(&self, nonce: &str, now: Timestamp, until: Timestamp) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        sqlx::query("DELETE FROM seen_nonce WHERE until_us < $1").bind(now.as_us()).execute(&mut *tx).await?;
        let done = sqlx::query("INSERT INTO seen_nonce (nonce, until_us) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(nonce)
            .bind(until.as_us())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }
}

/// A stored integer that cannot be negative.
pub(crate) fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// A length or index as SQL stores it.
pub(crate) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Runs `work` to its end even when whoever asked for it goes away, so that a closed connection cannot stop the store
/// between two steps that belong together.
pub(crate) async fn uninterrupted<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    tokio::spawn(work).await.unwrap_or(Err(StoreError::Damaged("work of the store was cut off")))
}
