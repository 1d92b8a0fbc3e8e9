//! Erasure: keys first, at once and for good; bytes next, as housekeeping that survives restarts.

use super::{Result, Store, StoreError, unsigned};
use eaves_domain::command::EraseTarget;
use eaves_domain::link::PartKind;
use eaves_domain::{CommandId, DeviceId, HouseholdId, RecordingId, Timestamp};

/// Recordings of one device that were erased together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasedSome {
    /// Whose.
    pub household: HouseholdId,
    /// Which device's.
    pub device: DeviceId,
    /// Which.
    pub recordings: Vec<RecordingId>,
}

/// How many recordings one transaction erases.
const BATCH: usize = 500;

struct Doomed {
    recording: RecordingId,
    device: DeviceId,
    leaf: u64,
    bytes: i64,
}

impl Store {
    /// Destroys the keys of `targets` by the wish of `command`. Targets that are gone already, or whose link is another,
    /// are passed over. When this returns, nothing opens the returned recordings any more.
    pub async fn erase(
        &self,
        household: HouseholdId,
        device: DeviceId,
        targets: &[EraseTarget],
        command: CommandId,
    ) -> Result<ErasedSome> {
        let mut recordings = Vec::new();
        for batch in targets.chunks(BATCH) {
            let mut doomed = Vec::new();
            for target in batch {
                let row: Option<(i64, i64)> = sqlx::query_as(
                    "SELECT leaf, body_bytes FROM link
                     WHERE household = $1 AND recording = $2 AND device = $3 AND digest = $4 AND state = 'kept' AND leaf IS NOT NULL",
                )
                .bind(household.to_hex())
                .bind(target.recording.to_hex())
                .bind(device.to_hex())
                .bind(target.link.to_hex())
                .fetch_optional(self.db.read())
                .await?;
                if let Some((leaf, bytes)) = row {
                    doomed.push(Doomed { recording: target.recording, device, leaf: unsigned(leaf), bytes });
                }
            }
            self.destroy(household, &doomed, Some(command)).await?;
            recordings.extend(doomed.iter().map(|d| d.recording));
        }
        Ok(ErasedSome { household, device, recordings })
    }

    /// Destroys the keys of recordings whose time is over at `now`: one batch. Empty when there was nothing to do.
    pub async fn expire(&self, now: Timestamp) -> Result<Vec<ErasedSome>> {
        let rows: Vec<(String, String, String, i64, i64)> = sqlx::query_as(
            "SELECT household, recording, device, leaf, body_bytes FROM link
             WHERE state = 'kept' AND keep_until_us <= $1 AND leaf IS NOT NULL AND recording IS NOT NULL
             ORDER BY keep_until_us LIMIT $2",
        )
        .bind(now.as_us())
        .bind(BATCH as i64)
        .fetch_all(self.db.read())
        .await?;
        let malformed = StoreError::Damaged("an id in the database is malformed");
        let mut by_household: std::collections::BTreeMap<HouseholdId, Vec<Doomed>> = std::collections::BTreeMap::new();
        for (household, recording, device, leaf, bytes) in rows {
            let (Some(household), Some(recording), Some(device)) =
                (HouseholdId::from_hex(&household), RecordingId::from_hex(&recording), DeviceId::from_hex(&device))
            else {
                return Err(malformed);
            };
            by_household.entry(household).or_default().push(Doomed { recording, device, leaf: unsigned(leaf), bytes });
        }
        let mut out: Vec<ErasedSome> = Vec::new();
        for (household, doomed) in by_household {
            self.destroy(household, &doomed, None).await?;
            for one in doomed {
                match out.iter_mut().find(|e| e.household == household && e.device == one.device) {
                    Some(some) => some.recordings.push(one.recording),
                    None => out.push(ErasedSome { household, device: one.device, recordings: vec![one.recording] }),
                }
            }
        }
        Ok(out)
    }

    async fn destroy(&self, household: HouseholdId, doomed: &[Doomed], command: Option<CommandId>) -> Result<()> {
        if doomed.is_empty() {
            return Ok(());
        }
        let mut tree = self.trees.lock(household).await?;
        let mut tx = self.db.begin().await?;
        let leaves: Vec<u64> = doomed.iter().map(|d| d.leaf).collect();
        let rekeyed = tree.erase(&mut tx, &leaves).await?;
        for one in doomed {
            sqlx::query(
                "UPDATE link SET state = $3, command = $4, leaf = NULL WHERE household = $1 AND recording = $2",
            )
            .bind(household.to_hex())
            .bind(one.recording.to_hex())
            .bind(if command.is_some() { "erased" } else { "expired" })
            .bind(command.map(CommandId::to_hex))
            .execute(&mut *tx)
            .await?;
            sqlx::query(
                "INSERT INTO doomed_body (household, recording, part, command)
                 SELECT household, recording, part, $3 FROM part WHERE household = $1 AND recording = $2",
            )
            .bind(household.to_hex())
            .bind(one.recording.to_hex())
            .bind(command.map(CommandId::to_hex))
            .execute(&mut *tx)
            .await?;
            sqlx::query("DELETE FROM part WHERE household = $1 AND recording = $2")
                .bind(household.to_hex())
                .bind(one.recording.to_hex())
                .execute(&mut *tx)
                .await?;
            sqlx::query(
                "UPDATE household SET used_bytes = used_bytes - $2, recordings = recordings - 1 WHERE household = $1",
            )
            .bind(household.to_hex())
            .bind(one.bytes)
            .execute(&mut *tx)
            .await?;
        }
        if let Some(command) = command {
            sqlx::query(
                "UPDATE command SET keys_destroyed = keys_destroyed + $3 WHERE household = $1 AND command = $2",
            )
            .bind(household.to_hex())
            .bind(command.to_hex())
            .bind(doomed.len() as i64)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        tree.destroy_old(rekeyed)
    }

    /// Removes the bytes of erased recordings; returns the commands that went on. Call until it returns nothing.
    pub async fn remove_doomed(&self) -> Result<Vec<(HouseholdId, CommandId)>> {
        let rows: Vec<(String, String, String, Option<String>)> =
            sqlx::query_as("SELECT household, recording, part, command FROM doomed_body LIMIT 256")
                .fetch_all(self.db.read())
                .await?;
        let mut touched = std::collections::BTreeSet::new();
        for (household, recording, part, command) in rows {
            let parsed =
                (HouseholdId::from_hex(&household), RecordingId::from_hex(&recording), PartKind::from_name(&part));
            let (Some(owner), Some(id), Some(kind)) = parsed else {
                return Err(StoreError::Damaged("an id in the database is malformed"));
            };
            self.blobs.remove(owner, id, kind).await?;
            let mut tx = self.db.begin().await?;
            sqlx::query("DELETE FROM doomed_body WHERE household = $1 AND recording = $2 AND part = $3")
                .bind(household.clone())
                .bind(recording.clone())
                .bind(part)
                .execute(&mut *tx)
                .await?;
            if let Some(command) = command {
                let (left,): (i64,) =
                    sqlx::query_as("SELECT COUNT(*) FROM doomed_body WHERE household = $1 AND recording = $2")
                        .bind(household.clone())
                        .bind(recording)
                        .fetch_one(&mut *tx)
                        .await?;
                if left == 0 {
                    sqlx::query("UPDATE command SET bytes_gone = bytes_gone + 1 WHERE household = $1 AND command = $2")
                        .bind(household)
                        .bind(command.clone())
                        .execute(&mut *tx)
                        .await?;
                }
                if let Some(command) = CommandId::from_hex(&command) {
                    touched.insert((owner, command));
                }
            }
            tx.commit().await?;
        }
        Ok(touched.into_iter().collect())
    }

    /// Removes bodies that arrived before `older_than` and that no link ever named.
    pub async fn remove_orphans(&self, older_than: Timestamp) -> Result<u64> {
        let rows: Vec<(String, String, String)> =
            sqlx::query_as("SELECT household, recording, part FROM pending_body WHERE made_us < $1 LIMIT 256")
                .bind(older_than.as_us())
                .fetch_all(self.db.read())
                .await?;
        let count = rows.len() as u64;
        for (household, recording, part) in rows {
            let parsed =
                (HouseholdId::from_hex(&household), RecordingId::from_hex(&recording), PartKind::from_name(&part));
            let (Some(owner), Some(id), Some(kind)) = parsed else {
                return Err(StoreError::Damaged("an id in the database is malformed"));
            };
            self.blobs.remove(owner, id, kind).await?;
            let mut tx = self.db.begin().await?;
            sqlx::query("DELETE FROM pending_body WHERE household = $1 AND recording = $2 AND part = $3")
                .bind(household)
                .bind(recording)
                .bind(part)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
        }
        Ok(count)
    }
}
