//! The database: one SQL text that serves SQLite now and PostgreSQL later.
//!
//! So: `$n` placeholders only; flags are integers or names; sums are cast; ids are made by the program; no `u64`; nothing
//! is read inside a transaction that did not come from [`Db::begin`], and any error ends the transaction.

use super::{Result, StoreError};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{Any, AnyPool, Executor as _, Transaction};
use std::fmt::Write as _;
use std::path::Path;
use std::str::FromStr as _;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");

/// A transaction.
pub(crate) type Tx = Transaction<'static, Any>;

/// The database.
#[derive(Clone, Debug)]
pub(crate) struct Db {
    read: AnyPool,
    /// One connection: SQLite has one writer.
    write: AnyPool,
}

impl Db {
    pub(crate) async fn open(file: &Path) -> Result<Self> {
        sqlx::any::install_default_drivers();
        let options = AnyConnectOptions::from_str(&url_of(file))?;
        let pool = |connections| {
            AnyPoolOptions::new().max_connections(connections).max_lifetime(None).idle_timeout(None).after_connect(
                |connection, _| {
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
                },
            )
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

    /// A transaction that only reads, all of it at one point in time.
    pub(crate) async fn snapshot(&self) -> Result<Transaction<'static, Any>> {
        Ok(self.read.begin().await?)
    }

    pub(crate) fn read(&self) -> &AnyPool {
        &self.read
    }

    /// For what cannot be done inside a transaction.
    pub(crate) fn writer(&self) -> &AnyPool {
        &self.write
    }

    pub(crate) async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

/// `$from, $from+1, …`: placeholders for a list of `count` values.
pub(crate) fn list(from: usize, count: usize) -> String {
    (from..from + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

/// The location of a database file as a URL; bytes that mean something in a URL are escaped.
pub(super) fn url_of(file: &Path) -> String {
    let mut url = String::from("sqlite://");
    for byte in file.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => url.push(char::from(*byte)),
            other => write!(url, "%{other:02X}").expect("writing to a string succeeds"),
        }
    }
    url + "?mode=rwc"
}
