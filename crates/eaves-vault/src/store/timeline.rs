//! Stretches of a device's chain, by time or by index.

use super::{Result, Store, StoreError, signed, unsigned};
use eaves_domain::envelope::{Document, Envelope, EnvelopeSignature};
use eaves_domain::link::Link;
use eaves_domain::{Base64Url, DeviceId, HouseholdId, Timestamp};
use sqlx::Row as _;
use std::collections::BTreeMap;

/// A stretch stops after so many bytes of documents: an erased link comes with the command that named it, and a command
/// may name thousands.
const STRETCH_BYTES_MAX: usize = 16 << 20;

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
    /// In order of index, without a hole.
    pub links: Vec<LinkRow>,
    /// Whether a limit cut it.
    pub more: bool,
}

impl Store {
    /// Links of `device` that overlap `from..to`, and whatever lies between them in the chain; at most `limit`.
    pub async fn links_by_time(
        &self,
        household: HouseholdId,
        device: DeviceId,
        from: Timestamp,
        to: Timestamp,
        limit: u32,
    ) -> Result<ChainSlice> {
        // Both ends are found in the index on time, and the stretch between them is read by index: the cost is that of
        // the answer, however long the chain is. The ends are a minimum and a maximum because a clock may have stepped.
        let (first, last, count): (Option<i64>, Option<i64>, i64) = sqlx::query_as(
            "SELECT MIN(idx), MAX(idx), COUNT(*) FROM (
                 SELECT idx FROM link WHERE household = $1 AND device = $2 AND end_us >= $3 AND end_us <= $4
                 ORDER BY end_us, idx LIMIT $5
             ) AS inside",
        )
        .bind(household.to_hex())
        .bind(device.to_hex())
        .bind(from.as_us())
        .bind(to.as_us())
        .bind(i64::from(limit) + 1)
        .fetch_one(self.db.read())
        .await?;
        let mut ends: Vec<i64> = first.into_iter().chain(last).collect();
        if count <= i64::from(limit) {
            let across: Option<(i64, i64)> = sqlx::query_as(
                "SELECT idx, start_us FROM link WHERE household = $1 AND device = $2 AND end_us > $3
                 ORDER BY end_us, idx LIMIT 1",
            )
            .bind(household.to_hex())
            .bind(device.to_hex())
            .bind(from.max(to).as_us())
            .fetch_optional(self.db.read())
            .await?;
            ends.extend(across.filter(|(_, start)| *start <= to.as_us()).map(|(idx, _)| idx));
        }
        let (Some(first), Some(last)) = (ends.iter().min(), ends.iter().max()) else {
            return Ok(ChainSlice { links: Vec::new(), more: false });
        };
        self.links_by_index(household, device, unsigned(*first), unsigned(last.saturating_add(1)), limit).await
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
            "SELECT idx, payload, keyid, signature, state, command FROM link
             WHERE household = $1 AND device = $2 AND idx >= $3 AND idx < $4 ORDER BY idx LIMIT $5",
        )
        .bind(household.to_hex())
        .bind(device.to_hex())
        .bind(signed(from))
        .bind(signed(to))
        .bind(i64::from(limit) + 1)
        .fetch_all(self.db.read())
        .await?;
        let mut slice = ChainSlice { links: Vec::new(), more: rows.len() > limit as usize };
        let mut commands: BTreeMap<String, Envelope> = BTreeMap::new();
        let mut bytes = 0;
        for row in rows.iter().take(limit as usize) {
            let envelope = Envelope {
                payload_type: Link::PAYLOAD_TYPE.to_owned(),
                payload: Base64Url(row.try_get(1)?),
                signatures: vec![EnvelopeSignature { keyid: row.try_get(2)?, sig: Base64Url(row.try_get(3)?) }],
            };
            let command = match row.try_get::<Option<String>, _>(5)? {
                None => None,
                Some(id) => {
                    if !commands.contains_key(&id) {
                        commands.insert(id.clone(), self.stored_command(household, &id).await?);
                    }
                    commands.get(&id).cloned()
                }
            };
            bytes += envelope.payload.0.len() + command.as_ref().map_or(0, |command| command.payload.0.len());
            if bytes > STRETCH_BYTES_MAX && !slice.links.is_empty() {
                slice.more = true;
                break;
            }
            slice.links.push(LinkRow { index: unsigned(row.try_get(0)?), envelope, state: row.try_get(4)?, command });
        }
        Ok(slice)
    }

    async fn stored_command(&self, household: HouseholdId, command: &str) -> Result<Envelope> {
        let (json,): (String,) = sqlx::query_as("SELECT envelope FROM command WHERE household = $1 AND command = $2")
            .bind(household.to_hex())
            .bind(command)
            .fetch_optional(self.db.read())
            .await?
            .ok_or(StoreError::Damaged("the command behind an erasure is missing"))?;
        serde_json::from_str(&json).map_err(|_| StoreError::Damaged("a stored command is malformed"))
    }
}
