//! The chains of devices: taking bodies and the next link, and giving out headers and bodies.

use super::db::Tx;
use super::{BodyWriter, Result, Store, StoreError, StoredBody, lifetime, signed, uninterrupted, unsigned};
use eaves_api::app::Headers;
use eaves_api::{HEADER_BYTES_MAX, PART_BYTES_MAX};
use eaves_domain::envelope::Envelope;
use eaves_domain::link::{ChainHead, Link, LinkKind, PartKind};
use eaves_domain::{Base64Url, DeviceId, Digest, HouseholdId, RecordingId, Timestamp};

/// How taking a link ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitOutcome {
    /// It is in.
    Committed,
    /// It was in already.
    Repeated,
    /// It is not the next one; this is where the chain ends.
    NotNext(ChainHead),
    /// A body is missing, or is not what the link says.
    BodyMismatch,
}

fn id<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| StoreError::Damaged("an id in the database is malformed"))
}

fn header_context(household: HouseholdId, recording: RecordingId, part: PartKind) -> String {
    format!("{household}|{recording}|{}", part.as_str())
}

impl Store {
    /// Where the chain of `device` ends.
    pub async fn head(&self, household: HouseholdId, device: DeviceId) -> Result<ChainHead> {
        let row: Option<(i64, Option<String>)> =
            sqlx::query_as("SELECT next_index, digest FROM chain WHERE household = $1 AND device = $2")
                .bind(household.to_hex())
                .bind(device.to_hex())
                .fetch_optional(self.db.read())
                .await?;
        head_of(row)
    }

    /// Starts to receive a body.
    pub async fn receive_body(
        &self,
        household: HouseholdId,
        recording: RecordingId,
        part: PartKind,
    ) -> Result<BodyWriter> {
        let mut tx = self.db.snapshot().await?;
        if is_linked(&mut tx, household, recording).await? {
            // A late repetition must not replace what the link vouches for, nor bring back what was erased.
            return Err(StoreError::Conflict);
        }
        drop(tx);
        self.blobs.create(household, recording, part, PART_BYTES_MAX).await
    }

    /// Makes a received body durable, to be named by a link soon.
    pub async fn keep_body(
        &self,
        household: HouseholdId,
        recording: RecordingId,
        part: PartKind,
        body: BodyWriter,
        now: Timestamp,
    ) -> Result<StoredBody> {
        let ready = body.finish().await?;
        let store = self.clone();
        uninterrupted(async move {
            // Under the tree's lock no link of this household is committed and no orphan removed meanwhile.
            let _tree = store.trees.lock(household).await;
            let mut tx = store.db.begin().await?;
            if is_linked(&mut tx, household, recording).await? {
                return Err(StoreError::Conflict);
            }
            let before = pending(&mut tx, household, recording, part).await?;
            let described = (ready.stored.digest.to_hex(), signed(ready.stored.bytes));
            if before.is_some_and(|before| before != described) {
                // Else a crash before the renaming below would leave the old bytes under the new description.
                store.blobs.remove(household, recording, part).await?;
            }
            // Described before it gets its final name: every file in the folder is known to the database.
            sqlx::query(
                "INSERT INTO pending_body (household, recording, part, digest, bytes, made_us) VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (household, recording, part)
                 DO UPDATE SET digest = excluded.digest, bytes = excluded.bytes, made_us = excluded.made_us",
            )
            .bind(household.to_hex())
            .bind(recording.to_hex())
            .bind(part.as_str())
            .bind(described.0)
            .bind(described.1)
            .bind(now.as_us())
            .execute(&mut *tx)
            .await?;
            store.steps.pass()?;
            tx.commit().await?;
            store.steps.pass()?;
            ready.publish().await
        })
        .await
    }

    /// Takes `link` (already verified against the roster) as the next of its chain.
    pub async fn commit_link(
        &self,
        link: &Link,
        envelope: &Envelope,
        headers: Option<&Headers>,
    ) -> Result<CommitOutcome> {
        let (store, link, envelope, headers) = (self.clone(), link.clone(), envelope.clone(), headers.cloned());
        uninterrupted(async move { store.commit(&link, &envelope, headers.as_ref()).await }).await
    }

    async fn commit(&self, link: &Link, envelope: &Envelope, headers: Option<&Headers>) -> Result<CommitOutcome> {
        let household = link.household;
        let mut tree = self.trees.lock(household).await;
        let mut tx = self.db.begin().await?;
        let row: Option<(i64, Option<String>)> =
            sqlx::query_as("SELECT next_index, digest FROM chain WHERE household = $1 AND device = $2")
                .bind(household.to_hex())
                .bind(link.device.to_hex())
                .fetch_optional(&mut *tx)
                .await?;
        let head = head_of(row)?;
        let digest = envelope.payload_digest();
        if head.next_index != link.index || head.digest != link.previous {
            let known: Option<(String,)> =
                sqlx::query_as("SELECT digest FROM link WHERE household = $1 AND device = $2 AND idx = $3")
                    .bind(household.to_hex())
                    .bind(link.device.to_hex())
                    .bind(signed(link.index))
                    .fetch_optional(&mut *tx)
                    .await?;
            return Ok(match known {
                Some((known,)) if known == digest.to_hex() => CommitOutcome::Repeated,
                _ => CommitOutcome::NotNext(head),
            });
        }
        let mut leaf = None;
        let mut body_bytes = 0;
        let mut keep_until = None;
        let mut lives_as = None;
        if let LinkKind::Recording { recording, parts, keep_until_us, class, .. } = &link.kind {
            let Some(headers) = headers else { return Ok(CommitOutcome::BodyMismatch) };
            let (given, secret) = tree.allocate(&mut tx).await?;
            leaf = Some(given);
            let limit = lifetime::newer_limit(&mut tx, link, *class).await?;
            keep_until = Some(limit.map_or(*keep_until_us, |limit| limit.min(*keep_until_us)).as_us());
            lives_as = Some(lifetime::class_name(*class));
            for part in parts {
                let header = match part.part {
                    PartKind::Media => Some(&headers.media),
                    PartKind::Card => headers.card.as_ref(),
                    PartKind::Poster => headers.poster.as_ref(),
                };
                let arrived = pending(&mut tx, household, *recording, part.part).await?;
                // After a crash a body may be described that never got its name.
                let on_disk = self.blobs.length(household, *recording, part.part).await?;
                let is_right = header.is_some_and(|h| h.0.len() <= HEADER_BYTES_MAX && Digest::of(&h.0) == part.header)
                    && on_disk == Some(part.body_bytes)
                    && arrived == Some((part.body.to_hex(), signed(part.body_bytes)));
                let Some(header) = header.filter(|_| is_right) else { return Ok(CommitOutcome::BodyMismatch) };
                body_bytes += part.body_bytes;
                sqlx::query(
                    "INSERT INTO part (household, recording, part, header, body_bytes) VALUES ($1, $2, $3, $4, $5)",
                )
                .bind(household.to_hex())
                .bind(recording.to_hex())
                .bind(part.part.as_str())
                .bind(secret.seal(&header_context(household, *recording, part.part), &header.0))
                .bind(signed(part.body_bytes))
                .execute(&mut *tx)
                .await?;
            }
            // Bodies of parts that the link does not name are not kept.
            for part in PartKind::ALL.into_iter().filter(|kind| parts.iter().all(|p| p.part != *kind)) {
                sqlx::query(
                    "INSERT INTO doomed_body (household, recording, part, command)
                     SELECT household, recording, part, NULL FROM pending_body
                     WHERE household = $1 AND recording = $2 AND part = $3",
                )
                .bind(household.to_hex())
                .bind(recording.to_hex())
                .bind(part.as_str())
                .execute(&mut *tx)
                .await?;
            }
            sqlx::query("DELETE FROM pending_body WHERE household = $1 AND recording = $2")
                .bind(household.to_hex())
                .bind(recording.to_hex())
                .execute(&mut *tx)
                .await?;
            sqlx::query(
                "UPDATE household SET used_bytes = used_bytes + $2, recordings = recordings + 1 WHERE household = $1",
            )
            .bind(household.to_hex())
            .bind(signed(body_bytes))
            .execute(&mut *tx)
            .await?;
        }
        let signature =
            envelope.signatures.first().ok_or(StoreError::Damaged("a verified document has a signature"))?;
        sqlx::query(
            "INSERT INTO link (household, device, idx, digest, payload, keyid, signature, recording, start_us, end_us,
                               keep_until_us, state, command, leaf, body_bytes, room, class)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'kept', NULL, $12, $13, $14, $15)",
        )
        .bind(household.to_hex())
        .bind(link.device.to_hex())
        .bind(signed(link.index))
        .bind(digest.to_hex())
        .bind(envelope.payload.0.clone())
        .bind(signature.keyid.clone())
        .bind(signature.sig.0.clone())
        .bind(link.recording().map(RecordingId::to_hex))
        .bind(link.start_us.as_us())
        .bind(link.end_us.as_us())
        .bind(keep_until)
        .bind(leaf.map(signed))
        .bind(signed(body_bytes))
        .bind(link.room.to_hex())
        .bind(lives_as)
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "INSERT INTO chain (household, device, next_index, digest) VALUES ($1, $2, $3, $4)
             ON CONFLICT (household, device) DO UPDATE SET next_index = excluded.next_index, digest = excluded.digest",
        )
        .bind(household.to_hex())
        .bind(link.device.to_hex())
        .bind(signed(link.index.saturating_add(1)))
        .bind(digest.to_hex())
        .execute(&mut *tx)
        .await?;
        self.steps.pass()?;
        tx.commit().await?;
        self.steps.pass()?;
        Ok(CommitOutcome::Committed)
    }

    /// Which device a recording is of, and whether it is still kept.
    pub async fn recording_device(
        &self,
        household: HouseholdId,
        recording: RecordingId,
    ) -> Result<Option<(DeviceId, bool)>> {
        let row: Option<(String, String)> =
            sqlx::query_as("SELECT device, state FROM link WHERE household = $1 AND recording = $2")
                .bind(household.to_hex())
                .bind(recording.to_hex())
                .fetch_optional(self.db.read())
                .await?;
        row.map(|(device, state)| Ok((id(&device)?, state == "kept"))).transpose()
    }

    /// Which device's a recording is, when it begins, and whether it is kept.
    pub async fn recording_place(
        &self,
        household: HouseholdId,
        recording: RecordingId,
    ) -> Result<Option<(DeviceId, Timestamp, bool)>> {
        let row: Option<(String, i64, String)> =
            sqlx::query_as("SELECT device, start_us, state FROM link WHERE household = $1 AND recording = $2")
                .bind(household.to_hex())
                .bind(recording.to_hex())
                .fetch_optional(self.db.read())
                .await?;
        row.map(|(device, start, state)| Ok((id(&device)?, Timestamp(start), state == "kept"))).transpose()
    }

    /// The age headers of a kept recording.
    pub async fn headers(&self, household: HouseholdId, recording: RecordingId) -> Result<Option<Headers>> {
        let mut tree = self.trees.lock(household).await;
        let mut tx = self.db.snapshot().await?;
        let leaf: Option<(Option<i64>,)> =
            sqlx::query_as("SELECT leaf FROM link WHERE household = $1 AND recording = $2 AND state = 'kept'")
                .bind(household.to_hex())
                .bind(recording.to_hex())
                .fetch_optional(&mut *tx)
                .await?;
        let Some((Some(leaf),)) = leaf else { return Ok(None) };
        let secret = tree.leaf(&mut tx, unsigned(leaf)).await?;
        let rows: Vec<(String, Vec<u8>)> =
            sqlx::query_as("SELECT part, header FROM part WHERE household = $1 AND recording = $2")
                .bind(household.to_hex())
                .bind(recording.to_hex())
                .fetch_all(&mut *tx)
                .await?;
        drop(tx);
        let mut headers = Headers { media: Base64Url::default(), card: None, poster: None };
        for (part, sealed) in rows {
            let part = PartKind::from_name(&part).ok_or(StoreError::Damaged("a part of an unknown kind"))?;
            let header = secret.open(&header_context(household, recording, part), &sealed);
            let header = Base64Url(header.ok_or(StoreError::Damaged("a header does not open"))?);
            match part {
                PartKind::Media => headers.media = header,
                PartKind::Card => headers.card = Some(header),
                PartKind::Poster => headers.poster = Some(header),
            }
        }
        Ok(Some(headers))
    }

    /// Length of a kept part's body.
    pub async fn part_bytes(
        &self,
        household: HouseholdId,
        recording: RecordingId,
        part: PartKind,
    ) -> Result<Option<u64>> {
        let row: Option<(i64,)> =
            sqlx::query_as("SELECT body_bytes FROM part WHERE household = $1 AND recording = $2 AND part = $3")
                .bind(household.to_hex())
                .bind(recording.to_hex())
                .bind(part.as_str())
                .fetch_optional(self.db.read())
                .await?;
        Ok(row.map(|(bytes,)| unsigned(bytes)))
    }

    /// A kept part's body, from `offset` on.
    pub async fn read_body(
        &self,
        household: HouseholdId,
        recording: RecordingId,
        part: PartKind,
        offset: u64,
    ) -> Result<tokio::fs::File> {
        self.blobs.read(household, recording, part, offset).await
    }

    /// Bytes used, recordings kept, and when the oldest of them began.
    pub async fn usage(&self, household: HouseholdId) -> Result<(u64, u64, Option<Timestamp>)> {
        let row: Option<(i64, i64)> =
            sqlx::query_as("SELECT used_bytes, recordings FROM household WHERE household = $1")
                .bind(household.to_hex())
                .fetch_optional(self.db.read())
                .await?;
        let oldest: Option<(i64,)> = sqlx::query_as(
            "SELECT start_us FROM link WHERE household = $1 AND state = 'kept' AND recording IS NOT NULL ORDER BY start_us LIMIT 1",
        )
        .bind(household.to_hex())
        .fetch_optional(self.db.read())
        .await?;
        let (used, recordings) = row.unwrap_or((0, 0));
        Ok((unsigned(used), unsigned(recordings), oldest.map(|(us,)| Timestamp(us))))
    }
}

async fn is_linked(tx: &mut Tx, household: HouseholdId, recording: RecordingId) -> Result<bool> {
    let row: Option<(i64,)> = sqlx::query_as("SELECT idx FROM link WHERE household = $1 AND recording = $2")
        .bind(household.to_hex())
        .bind(recording.to_hex())
        .fetch_optional(&mut **tx)
        .await?;
    Ok(row.is_some())
}

/// Digest and length of a body that waits for its link.
async fn pending(
    tx: &mut Tx,
    household: HouseholdId,
    recording: RecordingId,
    part: PartKind,
) -> Result<Option<(String, i64)>> {
    let row =
        sqlx::query_as("SELECT digest, bytes FROM pending_body WHERE household = $1 AND recording = $2 AND part = $3")
            .bind(household.to_hex())
            .bind(recording.to_hex())
            .bind(part.as_str())
            .fetch_optional(&mut **tx)
            .await?;
    Ok(row)
}

fn head_of(row: Option<(i64, Option<String>)>) -> Result<ChainHead> {
    let Some((next, digest)) = row else { return Ok(ChainHead::EMPTY) };
    let digest =
        digest.map(|d| Digest::from_hex(&d).ok_or(StoreError::Damaged("a digest in the database is malformed")));
    Ok(ChainHead { next_index: unsigned(next), digest: digest.transpose()? })
}
