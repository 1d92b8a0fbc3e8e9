//! The chains of devices: taking the next link, and giving out a stretch of them.

use super::{BodyWriter, Result, Store, StoreError, StoredBody, signed, unsigned};
use eaves_api::app::Headers;
use eaves_api::{HEADER_BYTES_MAX, PART_BYTES_MAX};
use eaves_domain::envelope::{Envelope, EnvelopeSignature};
use eaves_domain::link::{ChainHead, Link, LinkKind, PartKind};
use eaves_domain::{Base64Url, DeviceId, Digest, HouseholdId, RecordingId, Timestamp};
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// One stored link.
#[derive(Clone, Debug)]
pub struct LinkRow {
    /// Position in the chain.
    pub index: u64,
    /// The link as it was sent.
    pub envelope: Envelope,
    /// `kept`, `erased` or `expired`.
    pub state: String,
    /// The signed wish, when erased.
    pub command: Option<Envelope>,
}

/// A stretch of a chain.
#[derive(Clone, Debug)]
pub struct ChainSlice {
    /// In order of index.
    pub links: Vec<LinkRow>,
    /// Whether a limit cut it.
    pub more: bool,
}

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

/// A part that can be served.
#[derive(Clone, Copy, Debug)]
pub struct KeptPart {
    /// Whose.
    pub device: DeviceId,
    /// Length of its body.
    pub bytes: u64,
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
        let known: Option<(String,)> = sqlx::query_as("SELECT state FROM link WHERE household = $1 AND recording = $2")
            .bind(household.to_hex())
            .bind(recording.to_hex())
            .fetch_optional(self.db.read())
            .await?;
        if known.is_some() {
            // A late repetition must not replace what the link vouches for, nor bring back what was erased.
            return Err(StoreError::Conflict);
        }
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
        let stored = body.finish().await?;
        let mut tx = self.db.begin().await?;
        sqlx::query(
            "INSERT INTO pending_body (household, recording, part, digest, bytes, made_us) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (household, recording, part)
             DO UPDATE SET digest = excluded.digest, bytes = excluded.bytes, made_us = excluded.made_us",
        )
        .bind(household.to_hex())
        .bind(recording.to_hex())
        .bind(part.as_str())
        .bind(stored.digest.to_hex())
        .bind(signed(stored.bytes))
        .bind(now.as_us())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(stored)
    }

    /// Takes `link` (already verified against the roster) as the next of its chain.
    pub async fn commit_link(
        &self,
        link: &Link,
        envelope: &Envelope,
        headers: Option<&Headers>,
    ) -> Result<CommitOutcome> {
        let household = link.household;
        let mut tree = self.trees.lock(household).await?;
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
        if let LinkKind::Recording { recording, parts, keep_until_us, .. } = &link.kind {
            let Some(headers) = headers else { return Ok(CommitOutcome::BodyMismatch) };
            let (given, secret) = tree.allocate(&mut tx).await?;
            leaf = Some(given);
            keep_until = Some(keep_until_us.as_us());
            for part in parts {
                let header = match part.part {
                    PartKind::Media => Some(&headers.media),
                    PartKind::Card => headers.card.as_ref(),
                    PartKind::Poster => headers.poster.as_ref(),
                };
                let pending: Option<(String, i64)> = sqlx::query_as(
                    "SELECT digest, bytes FROM pending_body WHERE household = $1 AND recording = $2 AND part = $3",
                )
                .bind(household.to_hex())
                .bind(recording.to_hex())
                .bind(part.part.as_str())
                .fetch_optional(&mut *tx)
                .await?;
                let is_right = header.is_some_and(|h| h.0.len() <= HEADER_BYTES_MAX && Digest::of(&h.0) == part.header)
                    && pending == Some((part.body.to_hex(), signed(part.body_bytes)));
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
                               keep_until_us, state, command, leaf, body_bytes)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'kept', NULL, $12, $13)",
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
        tx.commit().await?;
        Ok(CommitOutcome::Committed)
    }

    /// Links of `device` that overlap `from..to`, at most `limit`.
    pub async fn links_by_time(
        &self,
        household: HouseholdId,
        device: DeviceId,
        from: Timestamp,
        to: Timestamp,
        limit: u32,
    ) -> Result<ChainSlice> {
        // Links are in order of time, so the first that ends after `from` begins an unbroken stretch of indexes.
        let first: Option<(i64,)> = sqlx::query_as(
            "SELECT idx FROM link WHERE household = $1 AND device = $2 AND end_us >= $3 ORDER BY end_us, idx LIMIT 1",
        )
        .bind(household.to_hex())
        .bind(device.to_hex())
        .bind(from.as_us())
        .fetch_optional(self.db.read())
        .await?;
        let Some((first,)) = first else { return Ok(ChainSlice { links: Vec::new(), more: false }) };
        let rows = sqlx::query(
            "SELECT l.idx, l.payload, l.keyid, l.signature, l.state, c.envelope FROM link l
             LEFT JOIN command c ON c.household = l.household AND c.command = l.command
             WHERE l.household = $1 AND l.device = $2 AND l.idx >= $3 AND l.start_us <= $4 ORDER BY l.idx LIMIT $5",
        )
        .bind(household.to_hex())
        .bind(device.to_hex())
        .bind(first)
        .bind(to.as_us())
        .bind(i64::from(limit) + 1)
        .fetch_all(self.db.read())
        .await?;
        slice(&rows, limit)
    }

    /// Links of `device` with `from ≤ index < to`, at most `limit`.
    pub async fn links_by_index(
        &self,
        household: HouseholdId,
        device: DeviceId,
        from: u64,
        to: u64,
        limit: u32,
    ) -> Result<ChainSlice> {
        let rows = sqlx::query(
            "SELECT l.idx, l.payload, l.keyid, l.signature, l.state, c.envelope FROM link l
             LEFT JOIN command c ON c.household = l.household AND c.command = l.command
             WHERE l.household = $1 AND l.device = $2 AND l.idx >= $3 AND l.idx < $4 ORDER BY l.idx LIMIT $5",
        )
        .bind(household.to_hex())
        .bind(device.to_hex())
        .bind(signed(from))
        .bind(signed(to))
        .bind(i64::from(limit) + 1)
        .fetch_all(self.db.read())
        .await?;
        slice(&rows, limit)
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

    /// The age headers of a kept recording.
    pub async fn headers(&self, household: HouseholdId, recording: RecordingId) -> Result<Option<Headers>> {
        let mut tree = self.trees.lock(household).await?;
        let mut tx = self.db.begin().await?;
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
        tx.commit().await?;
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

fn head_of(row: Option<(i64, Option<String>)>) -> Result<ChainHead> {
    let Some((next, digest)) = row else { return Ok(ChainHead::EMPTY) };
    let digest =
        digest.map(|d| Digest::from_hex(&d).ok_or(StoreError::Damaged("a digest in the database is malformed")));
    Ok(ChainHead { next_index: unsigned(next), digest: digest.transpose()? })
}

/// Rows of `idx, payload, keyid, signature, state, command envelope`.
fn slice(rows: &[AnyRow], limit: u32) -> Result<ChainSlice> {
    let limit = limit as usize;
    let links = rows.iter().take(limit).map(link_of).collect::<Result<_>>()?;
    Ok(ChainSlice { links, more: rows.len() > limit })
}

fn link_of(row: &AnyRow) -> Result<LinkRow> {
    let envelope = Envelope {
        payload_type: <Link as eaves_domain::envelope::Document>::PAYLOAD_TYPE.to_owned(),
        payload: Base64Url(row.try_get(1)?),
        signatures: vec![EnvelopeSignature { keyid: row.try_get(2)?, sig: Base64Url(row.try_get(3)?) }],
    };
    let command: Option<String> = row.try_get(5)?;
    let command = command
        .map(|json| serde_json::from_str(&json).map_err(|_| StoreError::Damaged("a stored command is malformed")));
    Ok(LinkRow { index: unsigned(row.try_get(0)?), envelope, state: row.try_get(4)?, command: command.transpose()? })
}
