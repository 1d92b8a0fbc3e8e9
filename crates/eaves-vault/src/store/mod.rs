//! The vault's durable side: metadata in SQL, sealed bodies in files, and the key tree that makes erasure final.
//!
//! The store sees ciphertext and opaque ids only. Its order of work is what makes it safe:
//!
//! - *keep*: body to a temporary file → fsync → rename → fsync folder → one transaction with header, link and chain head.
//!   So a kept link always has its bodies. A body without a link is removed by housekeeping.
//! - *erase*: the new root of the key tree beside the old one → one transaction that re-keys the path and marks the link
//!   → the old root overwritten. From then on no copy of anything opens the recording. Only then the bytes go.
//!
//! Trust: whoever holds the folder can count recordings, see when they were made and how large they are, destroy them,
//! and hold them back. They cannot read one, nor add one that the app would accept, nor bring back an erased one.

mod account;
mod blob;
mod chain;
mod check;
mod command;
mod copy;
mod erase;
mod household;
mod key_tree;
mod session;
mod throttle;

pub use account::{Account, NewHousehold};
pub use blob::{BodyWriter, StoredBody};
pub use chain::{ChainSlice, CommitOutcome, KeptPart, LinkRow};
pub use check::Finding;
pub use command::StoredCommand;
pub use copy::{BackupReport, ROOTS_IN_BACKUP_DAYS, restore};
pub use erase::ErasedSome;
pub use household::StoredPairing;
pub use session::{HubSession, SessionRow};
pub use throttle::Bucket;

use eaves_domain::Timestamp;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{Any, AnyPool, Executor as _, Transaction};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");

/// What can go wrong in the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database refused or broke.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// A file could not be read or written.
    #[error("a file of the store failed")]
    Io(#[from] std::io::Error),
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

/// The database. One SQL text serves SQLite now and PostgreSQL later, so:
/// `$n` placeholders only; flags are integers; sums are cast; ids are made by the program; no `u64`; nothing is read
/// inside a transaction that did not come from [`Db::begin`], and any error ends the transaction.
#[derive(Clone, Debug)]
pub(crate) struct Db {
    read: AnyPool,
    /// One connection: SQLite has one writer.
    write: AnyPool,
}

impl Db {
    async fn open(file: &Path) -> Result<Self> {
        sqlx::any::install_default_drivers();
        let url = format!("sqlite://{}?mode=rwc", file.display());
        let options = AnyConnectOptions::from_str(&url)?;
        let pool = |connections| {
            AnyPoolOptions::new().max_connections(connections).after_connect(|connection, _| {
                Box::pin(async move {
                    for pragma in [
                        "PRAGMA journal_mode = WAL",
                        "PRAGMA synchronous = FULL",
                        "PRAGMA secure_delete = ON",
                        "PRAGMA busy_timeout = 5000",
                        "PRAGMA foreign_keys = ON",
                    ] {
                        connection.execute(pragma).await?;
                    }
                    Ok(())
                })
            })
        };
        let write = pool(1).connect_with(options.clone()).await?;
        MIGRATIONS.run(&write).await.map_err(|error| StoreError::Database(error.into()))?;
        let read = pool(4).connect_with(options).await?;
        Ok(Self { read, write })
    }

    /// A transaction that may write: it takes the writer's place at once, so that what it reads stays true.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Any>> {
        Ok(self.write.begin_with("BEGIN IMMEDIATE").await?)
    }

    pub(crate) fn read(&self) -> &AnyPool {
        &self.read
    }

    pub(crate) async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

/// The store.
#[derive(Clone, Debug)]
pub struct Store {
    db: Db,
    blobs: blob::Blobs,
    trees: key_tree::KeyTrees,
    config: StoreConfig,
}

impl Store {
    /// Opens the store in its folders and makes what is missing. Takes the same time however much is stored.
    pub async fn open(config: StoreConfig) -> Result<Self> {
        std::fs::create_dir_all(&config.data_dir)?;
        let is_new = !config.database().exists();
        if is_new && config.blobs().exists() && std::fs::read_dir(config.blobs())?.next().is_some() {
            // Bodies without a database: a wrong path or a lost disk, and no reason to start afresh over it.
            return Err(StoreError::Damaged("there are bodies but no database; is this the right folder?"));
        }
        let db = Db::open(&config.database()).await?;
        let blobs = blob::Blobs::open(&config.blobs())?;
        let trees = key_tree::KeyTrees::open(&config.first_roots(), &config.second_roots_dir)?;
        Ok(Self { db, blobs, trees, config })
    }

    /// Closes every connection.
    pub async fn close(&self) {
        self.db.close().await;
    }

    /// Free room on the disk of the bodies, in bytes.
    pub fn free_bytes(&self) -> Result<u64> {
        let stat = rustix::fs::statvfs(&self.config.data_dir).map_err(std::io::Error::from)?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }

    /// A named value, or `make()` stored under that name the first time.
    pub async fn setting(&self, name: &str, make: impl FnOnce() -> Vec<u8> + Send) -> Result<Vec<u8>> {
        let mut tx = self.db.begin().await?;
        let found: Option<(Vec<u8>,)> =
            sqlx::query_as("SELECT value FROM setting WHERE name = $1").bind(name).fetch_optional(&mut *tx).await?;
        if let Some((value,)) = found {
            return Ok(value);
        }
        let value = make();
        sqlx::query("INSERT INTO setting (name, value) VALUES ($1, $2)")
            .bind(name)
            .bind(value.clone())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(value)
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
