//! Another log after a restore.
//!
//! The key of a log is in no backup, so a restored vault cannot go on with the log that it had, and must not: whoever has
//! seen more of it would see it forked. It begins another, with a name and a key of its own, keeps what the backup has
//! of the old one as closed, and writes down in every household's chain that this happened.

use super::{Log, LogError, Result, unsigned};
use crate::store::{Db, StoreError};
use eaves_domain::{HouseholdId, Timestamp};
use eaves_tlog::details::{Details, What, Who};
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

/// Lies in a restored folder until its log has begun.
const MARK: &str = "restored.json";

/// What was restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Restored {
    /// When the backup was made.
    pub(crate) backup_us: Timestamp,
    /// When it was put back.
    pub(crate) restored_us: Timestamp,
}

impl Restored {
    /// Leaves the mark in a folder that is being restored.
    pub(crate) fn mark(self, dir: &Path) -> std::io::Result<()> {
        let mut file = File::create(dir.join(MARK))?;
        file.write_all(&serde_json::to_vec(&self)?)?;
        file.sync_all()
    }

    /// The mark, if the folder was restored and its log has not begun.
    pub(super) fn read(dir: &Path) -> Result<Option<Self>> {
        match std::fs::read(dir.join(MARK)) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map(Some).map_err(|_| LogError::Damaged("the mark of a restore"))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Closes what the backup has of the old log and begins the one of `origin`, all or nothing.
    pub(super) async fn begin(self, db: &Db, origin: &str) -> Result<()> {
        let mut tx = db.begin().await?;
        for statement in [
            "INSERT INTO closed_log_entry
                 (origin, position, entry, household, sequence, nonce, line, details_nonce, details)
             SELECT log_state.origin, position, entry, household, sequence, nonce, line, details_nonce, details
             FROM log_entry JOIN log_state ON log_state.one = 1",
            "DELETE FROM log_entry",
            "DELETE FROM log_state",
        ] {
            sqlx::query(statement).execute(&mut *tx).await?;
        }
        sqlx::query("INSERT INTO log_state (one, origin, size) VALUES (1, $1, 0)")
            .bind(origin.to_owned())
            .execute(&mut *tx)
            .await?;
        let heads: Vec<(String, Option<i64>)> = sqlx::query_as(
            "SELECT household.household, next_sequence FROM household
             LEFT JOIN log_head ON log_head.household = household.household ORDER BY household.household",
        )
        .fetch_all(&mut *tx)
        .await?;
        sqlx::query("DELETE FROM log_head").execute(&mut *tx).await?;
        for (household, entries) in heads {
            let household = HouseholdId::from_hex(&household).ok_or(StoreError::Damaged("an id is malformed"))?;
            let what = What::LogBegun { entries: unsigned(entries.unwrap_or(0)), backup_us: self.backup_us };
            Log::write(&mut tx, household, &Details { who: Who::Operator, what }, self.restored_us).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Takes the mark away: the log has begun.
    pub(super) fn settled(dir: &Path) -> Result<()> {
        std::fs::remove_file(dir.join(MARK))?;
        Ok(File::open(dir)?.sync_all()?)
    }
}
