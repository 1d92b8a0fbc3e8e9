//! Signed commands and how far they are.

use super::{Result, Store, StoreError, unsigned};
use eaves_api::app::{CommandOutcome, CommandState};
use eaves_domain::envelope::Envelope;
use eaves_domain::{CommandId, HouseholdId, Timestamp};

/// A stored command.
#[derive(Clone, Debug)]
pub struct StoredCommand {
    /// As it was sent.
    pub envelope: Envelope,
    /// How far it is.
    pub state: CommandState,
}

impl Store {
    /// Takes a command; false when one of that id is there already (a replay).
    pub async fn add_command(
        &self,
        household: HouseholdId,
        command: CommandId,
        envelope: &Envelope,
        now: Timestamp,
    ) -> Result<bool> {
        let json = serde_json::to_string(envelope).map_err(|_| StoreError::Damaged("a document cannot be written"))?;
        let mut tx = self.db.begin().await?;
        let done = sqlx::query(
            "INSERT INTO command (household, command, envelope, outcome, keys_destroyed, bytes_gone, made_us)
             VALUES ($1, $2, $3, NULL, 0, 0, $4) ON CONFLICT DO NOTHING",
        )
        .bind(household.to_hex())
        .bind(command.to_hex())
        .bind(json)
        .bind(now.as_us())
        .execute(&mut *tx)
        .await?;
        self.commit_if(done.rows_affected() == 1, tx).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes how a command ended; the first answer stays.
    pub async fn finish_command(
        &self,
        household: HouseholdId,
        command: CommandId,
        outcome: &CommandOutcome,
    ) -> Result<bool> {
        let json = serde_json::to_string(outcome).map_err(|_| StoreError::Damaged("an outcome cannot be written"))?;
        let mut tx = self.db.begin().await?;
        let done =
            sqlx::query("UPDATE command SET outcome = $3 WHERE household = $1 AND command = $2 AND outcome IS NULL")
                .bind(household.to_hex())
                .bind(command.to_hex())
                .bind(json)
                .execute(&mut *tx)
                .await?;
        self.commit_if(done.rows_affected() == 1, tx).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Commands without an outcome, oldest first: whoever carried them out did not come to the end, or a hub has not
    /// answered.
    pub async fn unfinished_commands(&self) -> Result<Vec<(HouseholdId, StoredCommand)>> {
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT household, command FROM command WHERE outcome IS NULL ORDER BY made_us")
                .fetch_all(self.db.read())
                .await?;
        let mut found = Vec::with_capacity(rows.len());
        for (household, command) in rows {
            let ids = HouseholdId::from_hex(&household).zip(CommandId::from_hex(&command));
            let (household, command) = ids.ok_or(StoreError::Damaged("an id in the database is malformed"))?;
            found.extend(self.command(household, command).await?.map(|stored| (household, stored)));
        }
        Ok(found)
    }

    /// A command and how far it is.
    pub async fn command(&self, household: HouseholdId, command: CommandId) -> Result<Option<StoredCommand>> {
        let row: Option<(String, Option<String>, i64, i64)> = sqlx::query_as(
            "SELECT envelope, outcome, keys_destroyed, bytes_gone FROM command WHERE household = $1 AND command = $2",
        )
        .bind(household.to_hex())
        .bind(command.to_hex())
        .fetch_optional(self.db.read())
        .await?;
        let damaged = |_| StoreError::Damaged("a stored command is malformed");
        row.map(|(envelope, outcome, keys, bytes)| {
            Ok(StoredCommand {
                envelope: serde_json::from_str(&envelope).map_err(damaged)?,
                state: CommandState {
                    command,
                    outcome: outcome.map(|json| serde_json::from_str(&json).map_err(damaged)).transpose()?,
                    keys_destroyed: unsigned(keys),
                    bytes_gone: unsigned(bytes),
                },
            })
        })
        .transpose()
    }
}
