//! Erasure: keys first, at once and for good; bytes next, as housekeeping that survives restarts.

use super::db::{Tx, list};
use super::{Result, Store, StoreError, uninterrupted, unsigned};
use eaves_domain::command::EraseTarget;
use eaves_domain::link::PartKind;
use eaves_domain::{CommandId, DeviceId, HouseholdId, RecordingId, Timestamp};
use sqlx::AssertSqlSafe;
use std::collections::{BTreeMap, BTreeSet};

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
/// How many bodies one step removes.
const BODIES: i64 = 256;

/// A kept recording that shall go.
struct Doomed {
    recording: String,
    device: String,
    digest: String,
    leaf: u64,
    bytes: i64,
}

fn ids(doomed: &[Doomed]) -> Result<Vec<(DeviceId, RecordingId)>> {
    let parse = |d: &Doomed| Some((DeviceId::from_hex(&d.device)?, RecordingId::from_hex(&d.recording)?));
    doomed.iter().map(|d| parse(d).ok_or(StoreError::Damaged("an id in the database is malformed"))).collect()
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
            let wanted: BTreeMap<String, String> =
                batch.iter().map(|t| (t.recording.to_hex(), t.link.to_hex())).collect();
            let of_device = device.to_hex();
            let names = wanted.keys().cloned().collect();
            let is_wanted =
                move |d: &Doomed| d.device == of_device && wanted.get(&d.recording).is_some_and(|l| *l == d.digest);
            let destroyed = self.destroy(household, names, is_wanted, Some(command)).await?;
            recordings.extend(destroyed.into_iter().map(|(_, recording)| recording));
        }
        Ok(ErasedSome { household, device, recordings })
    }

    /// Destroys the keys of recordings whose time is over at `now`: one batch. Empty when there was nothing to do.
    pub async fn expire(&self, now: Timestamp) -> Result<Vec<ErasedSome>> {
        while self.shorten_some().await? {}
        let rows: Vec<(String, String)> = sqlx::query_as(
            "SELECT household, recording FROM link
             WHERE state = 'kept' AND keep_until_us <= $1 AND recording IS NOT NULL ORDER BY keep_until_us LIMIT $2",
        )
        .bind(now.as_us())
        .bind(BATCH as i64)
        .fetch_all(self.db.read())
        .await?;
        let mut by_household: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (household, recording) in rows {
            by_household.entry(household).or_default().push(recording);
        }
        let mut out = Vec::new();
        for (household, names) in by_household {
            let household =
                HouseholdId::from_hex(&household).ok_or(StoreError::Damaged("an id in the database is malformed"))?;
            let mut by_device: BTreeMap<DeviceId, Vec<RecordingId>> = BTreeMap::new();
            for (device, recording) in self.destroy(household, names, |_| true, None).await? {
                by_device.entry(device).or_default().push(recording);
            }
            out.extend(by_device.into_iter().map(|(device, recordings)| ErasedSome { household, device, recordings }));
        }
        Ok(out)
    }

    /// Destroys the keys of those of `recordings` that are kept and `wanted`.
    async fn destroy(
        &self,
        household: HouseholdId,
        recordings: Vec<String>,
        wanted: impl Fn(&Doomed) -> bool + Send + 'static,
        command: Option<CommandId>,
    ) -> Result<Vec<(DeviceId, RecordingId)>> {
        let store = self.clone();
        uninterrupted(async move { store.destroy_now(household, &recordings, wanted, command).await }).await
    }

    async fn destroy_now(
        &self,
        household: HouseholdId,
        recordings: &[String],
        wanted: impl Fn(&Doomed) -> bool + Send,
        command: Option<CommandId>,
    ) -> Result<Vec<(DeviceId, RecordingId)>> {
        let mut tree = self.trees.lock(household).await;
        let mut tx = self.db.begin().await?;
        let mut doomed = kept(&mut tx, household, recordings).await?;
        doomed.retain(wanted);
        if doomed.is_empty() {
            return Ok(Vec::new());
        }
        let destroyed = ids(&doomed)?;
        let leaves: Vec<u64> = doomed.iter().map(|d| d.leaf).collect();
        let rekeyed = tree.erase(&mut tx, &leaves).await?;
        let wish = command.map(CommandId::to_hex);
        let state = if command.is_some() { "erased" } else { "expired" };
        let of = format!("household = $1 AND recording IN ({})", list(3, doomed.len()));
        for statement in [
            format!("UPDATE link SET state = '{state}', command = $2, leaf = NULL WHERE {of}"),
            format!(
                "INSERT INTO doomed_body (household, recording, part, command)
                 SELECT household, recording, part, CAST($2 AS TEXT) FROM part WHERE {of}"
            ),
        ] {
            let query = sqlx::query(AssertSqlSafe(statement)).bind(household.to_hex()).bind(wish.clone());
            doomed.iter().fold(query, |query, d| query.bind(d.recording.clone())).execute(&mut *tx).await?;
        }
        let names = list(2, doomed.len());
        let statement = format!("DELETE FROM part WHERE household = $1 AND recording IN ({names})");
        let query = sqlx::query(AssertSqlSafe(statement)).bind(household.to_hex());
        doomed.iter().fold(query, |query, d| query.bind(d.recording.clone())).execute(&mut *tx).await?;
        sqlx::query(
            "UPDATE household SET used_bytes = used_bytes - $2, recordings = recordings - $3 WHERE household = $1",
        )
        .bind(household.to_hex())
        .bind(doomed.iter().map(|d| d.bytes).sum::<i64>())
        .bind(doomed.len() as i64)
        .execute(&mut *tx)
        .await?;
        if let Some(wish) = wish {
            sqlx::query(
                "UPDATE command SET keys_destroyed = keys_destroyed + $3 WHERE household = $1 AND command = $2",
            )
            .bind(household.to_hex())
            .bind(wish)
            .bind(doomed.len() as i64)
            .execute(&mut *tx)
            .await?;
        }
        self.steps.pass()?;
        self.commit_told(tx).await?;
        if !tree.destroy_old(rekeyed)? {
            tracing::error!(%household, "an erasure is not complete: a copy of the old root cannot be reached");
        }
        Ok(destroyed)
    }

    /// Removes the bytes of erased recordings; returns the commands that went on. Call until it returns nothing.
    pub async fn remove_doomed(&self) -> Result<Vec<(HouseholdId, CommandId)>> {
        loop {
            let rows: Vec<(String, String, String, Option<String>)> =
                sqlx::query_as("SELECT household, recording, part, command FROM doomed_body LIMIT $1")
                    .bind(BODIES)
                    .fetch_all(self.db.read())
                    .await?;
            if rows.is_empty() {
                return Ok(Vec::new());
            }
            let touched = self.remove_bodies(rows).await?;
            // A batch of recordings that merely expired moves no command; it must not end the caller's loop.
            if !touched.is_empty() {
                return Ok(touched.into_iter().collect());
            }
        }
    }

    async fn remove_bodies(
        &self,
        rows: Vec<(String, String, String, Option<String>)>,
    ) -> Result<BTreeSet<(HouseholdId, CommandId)>> {
        let mut gone: BTreeMap<(String, String), Option<String>> = BTreeMap::new();
        for (household, recording, part, command) in &rows {
            let (owner, id, kind) = parse(household, recording, part)?;
            self.blobs.remove(owner, id, kind).await?;
            gone.insert((household.clone(), recording.clone()), command.clone());
        }
        let mut tx = self.db.begin().await?;
        for (household, recording, part, _) in &rows {
            sqlx::query("DELETE FROM doomed_body WHERE household = $1 AND recording = $2 AND part = $3")
                .bind(household.clone())
                .bind(recording.clone())
                .bind(part.clone())
                .execute(&mut *tx)
                .await?;
        }
        let mut touched = BTreeSet::new();
        for ((household, recording), command) in gone {
            let Some(command) = command else { continue };
            let (left,): (i64,) =
                sqlx::query_as("SELECT COUNT(*) FROM doomed_body WHERE household = $1 AND recording = $2")
                    .bind(household.clone())
                    .bind(recording)
                    .fetch_one(&mut *tx)
                    .await?;
            if left == 0 {
                sqlx::query("UPDATE command SET bytes_gone = bytes_gone + 1 WHERE household = $1 AND command = $2")
                    .bind(household.clone())
                    .bind(command.clone())
                    .execute(&mut *tx)
                    .await?;
            }
            if let (Some(owner), Some(command)) = (HouseholdId::from_hex(&household), CommandId::from_hex(&command)) {
                touched.insert((owner, command));
            }
        }
        tx.commit().await?;
        Ok(touched)
    }

    /// Removes bodies that arrived before `older_than` and that no link ever named.
    pub async fn remove_orphans(&self, older_than: Timestamp) -> Result<u64> {
        let rows: Vec<(String, String, String)> =
            sqlx::query_as("SELECT household, recording, part FROM pending_body WHERE made_us < $1 LIMIT $2")
                .bind(older_than.as_us())
                .bind(BODIES)
                .fetch_all(self.db.read())
                .await?;
        let mut count = 0;
        for (household, recording, part) in rows {
            let (owner, id, kind) = parse(&household, &recording, &part)?;
            // Its link may be on its way: nothing is committed under the lock, and a body that was taken is passed over.
            let _tree = self.trees.lock(owner).await;
            let mut tx = self.db.begin().await?;
            let done = sqlx::query(
                "DELETE FROM pending_body WHERE household = $1 AND recording = $2 AND part = $3 AND made_us < $4",
            )
            .bind(household)
            .bind(recording)
            .bind(part)
            .bind(older_than.as_us())
            .execute(&mut *tx)
            .await?;
            if done.rows_affected() == 1 {
                // Before the commit: should the removal fail, the row stays and it is tried again.
                self.blobs.remove(owner, id, kind).await?;
                tx.commit().await?;
                count += 1;
            }
        }
        Ok(count)
    }
}

async fn kept(tx: &mut Tx, household: HouseholdId, recordings: &[String]) -> Result<Vec<Doomed>> {
    if recordings.is_empty() {
        return Ok(Vec::new());
    }
    let statement = format!(
        "SELECT recording, device, digest, leaf, body_bytes FROM link
         WHERE household = $1 AND state = 'kept' AND leaf IS NOT NULL AND recording IN ({})",
        list(2, recordings.len())
    );
    let query = sqlx::query_as::<_, (String, String, String, i64, i64)>(AssertSqlSafe(statement));
    let query = recordings.iter().fold(query.bind(household.to_hex()), |query, name| query.bind(name.clone()));
    let rows = query.fetch_all(&mut **tx).await?;
    Ok(rows
        .into_iter()
        .map(|(recording, device, digest, leaf, bytes)| Doomed {
            recording,
            device,
            digest,
            leaf: unsigned(leaf),
            bytes,
        })
        .collect())
}

fn parse(household: &str, recording: &str, part: &str) -> Result<(HouseholdId, RecordingId, PartKind)> {
    match (HouseholdId::from_hex(household), RecordingId::from_hex(recording), PartKind::from_name(part)) {
        (Some(household), Some(recording), Some(part)) => Ok((household, recording, part)),
        _ => Err(StoreError::Damaged("an id in the database is malformed")),
    }
}
