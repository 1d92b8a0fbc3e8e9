//! The hub that waits to be claimed, and the rosters of a household.

use super::{Result, Store, StoreError, signed};
use eaves_api::hub::Pairing;
use eaves_domain::envelope::Envelope;
use eaves_domain::roster::KeyWrap;
use eaves_domain::{Base64Url, HouseholdId, HubId, MemberId, ScopeId, Timestamp};

/// A waiting hub.
#[derive(Clone, Debug)]
pub struct StoredPairing(pub Pairing);

type Tx = sqlx::Transaction<'static, sqlx::Any>;

fn parse<T: serde::de::DeserializeOwned>(json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(|_| StoreError::Damaged("a stored document is malformed"))
}

fn write<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|_| StoreError::Damaged("a document cannot be written"))
}

pub(super) async fn put_roster(
    tx: &mut Tx,
    household: HouseholdId,
    version: u64,
    roster: &Envelope,
    wraps: &[KeyWrap],
) -> Result<()> {
    sqlx::query("INSERT INTO roster (household, version, digest, envelope) VALUES ($1, $2, $3, $4)")
        .bind(household.to_hex())
        .bind(signed(version))
        .bind(roster.payload_digest().to_hex())
        .bind(write(roster)?)
        .execute(&mut **tx)
        .await?;
    for wrap in wraps {
        // The first wrap of an epoch stays: a later one may not replace what a member already holds.
        sqlx::query(
            "INSERT INTO key_wrap (household, scope, epoch, member, wrapped) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        )
        .bind(household.to_hex())
        .bind(wrap.scope.to_hex())
        .bind(i64::from(wrap.epoch))
        .bind(wrap.member.to_hex())
        .bind(wrap.wrapped.0.clone())
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

pub(super) async fn put_delivery(
    tx: &mut Tx,
    household: HouseholdId,
    hub: HubId,
    roster: &Envelope,
    mac: &[u8],
) -> Result<()> {
    sqlx::query(
        "INSERT INTO hub_delivery (household, hub, roster, mac) VALUES ($1, $2, $3, $4)
         ON CONFLICT (household, hub) DO UPDATE SET roster = excluded.roster, mac = excluded.mac",
    )
    .bind(household.to_hex())
    .bind(hub.to_hex())
    .bind(write(roster)?)
    .bind(mac.to_vec())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Who came and who left with a roster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// Named now, and not before.
    pub came: Vec<MemberId>,
    /// Named before, and not now.
    pub left: Vec<MemberId>,
}

/// The next roster and what follows from it.
pub struct RosterStep<'a> {
    /// Whose.
    pub household: HouseholdId,
    /// Its version.
    pub version: u64,
    /// The roster.
    pub envelope: &'a Envelope,
    /// Identities that are new in it.
    pub wraps: &'a [KeyWrap],
    /// Who came and who left.
    pub people: &'a People,
    /// A hub that comes with it, and the proof that its owner knows the hub's code.
    pub hub: Option<(HubId, &'a [u8])>,
}

impl Store {
    /// Whether any household exists.
    pub async fn is_claimed(&self) -> Result<bool> {
        let (count,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM household").fetch_one(self.db.read()).await?;
        Ok(count > 0)
    }

    /// Remembers the hub that waits to be claimed, or to become another hub of a household.
    pub async fn put_pairing(&self, pairing: &Pairing) -> Result<()> {
        let mut tx = self.db.begin().await?;
        sqlx::query(
            "INSERT INTO pairing (slot, token_hash, expires_us, introduction) VALUES (1, $1, $2, $3)
             ON CONFLICT (slot) DO UPDATE
             SET token_hash = excluded.token_hash, expires_us = excluded.expires_us, introduction = excluded.introduction",
        )
        .bind(pairing.token_hash.to_hex())
        .bind(pairing.expires_us.as_us())
        .bind(write(&pairing.introduction)?)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The hub that waits to be claimed, if its code still holds at `now`.
    pub async fn pairing(&self, now: Timestamp) -> Result<Option<StoredPairing>> {
        let row: Option<(String, i64, String)> =
            sqlx::query_as("SELECT token_hash, expires_us, introduction FROM pairing WHERE expires_us > $1")
                .bind(now.as_us())
                .fetch_optional(self.db.read())
                .await?;
        row.map(|(hash, expires, introduction)| {
            Ok(StoredPairing(Pairing {
                token_hash: eaves_domain::Digest::from_hex(&hash)
                    .ok_or(StoreError::Damaged("a digest is malformed"))?,
                expires_us: Timestamp(expires),
                introduction: parse(&introduction)?,
            }))
        })
        .transpose()
    }

    /// A roster that a hub has not taken yet, with the proof that its owner knows the hub's code.
    pub async fn delivery_to(&self, household: HouseholdId, hub: HubId) -> Result<Option<(Envelope, Vec<u8>)>> {
        let row: Option<(String, Vec<u8>)> =
            sqlx::query_as("SELECT roster, mac FROM hub_delivery WHERE household = $1 AND hub = $2")
                .bind(household.to_hex())
                .bind(hub.to_hex())
                .fetch_optional(self.db.read())
                .await?;
        row.map(|(roster, mac)| Ok((parse(&roster)?, mac))).transpose()
    }

    /// A hub has asked for rosters, so it has taken the first that it knows.
    pub async fn delivered_to(&self, household: HouseholdId, hub: HubId) -> Result<()> {
        let mut tx = self.db.begin().await?;
        sqlx::query("DELETE FROM hub_delivery WHERE household = $1 AND hub = $2")
            .bind(household.to_hex())
            .bind(hub.to_hex())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// All households.
    pub async fn households(&self) -> Result<Vec<HouseholdId>> {
        let rows: Vec<(String,)> = sqlx::query_as("SELECT household FROM household").fetch_all(self.db.read()).await?;
        rows.iter().map(|(id,)| HouseholdId::from_hex(id).ok_or(StoreError::Damaged("an id is malformed"))).collect()
    }

    /// Rosters from `version` on, in order.
    pub async fn rosters(&self, household: HouseholdId, from: u64) -> Result<Vec<Envelope>> {
        let rows: Vec<(String,)> = sqlx::query_as(
            "SELECT envelope FROM roster WHERE household = $1 AND version >= $2 ORDER BY version LIMIT 1000",
        )
        .bind(household.to_hex())
        .bind(signed(from))
        .fetch_all(self.db.read())
        .await?;
        rows.iter().map(|(json,)| parse(json)).collect()
    }

    /// The newest roster.
    pub async fn newest_roster(&self, household: HouseholdId) -> Result<Option<Envelope>> {
        let row: Option<(String,)> =
            sqlx::query_as("SELECT envelope FROM roster WHERE household = $1 ORDER BY version DESC LIMIT 1")
                .bind(household.to_hex())
                .fetch_optional(self.db.read())
                .await?;
        row.map(|(json,)| parse(&json)).transpose()
    }

    /// Adds the next roster, with all that follows from it: who left is removed at once, who came is no newcomer any more, a
    /// hub that comes with it will get it. [`StoreError::Conflict`] when that version is there already.
    pub async fn add_roster(&self, step: &RosterStep<'_>) -> Result<()> {
        let household = step.household;
        let mut tx = self.db.begin().await?;
        let (newest,): (i64,) = sqlx::query_as("SELECT CAST(MAX(version) AS BIGINT) FROM roster WHERE household = $1")
            .bind(household.to_hex())
            .fetch_one(&mut *tx)
            .await?;
        if signed(step.version) != newest + 1 {
            return Err(StoreError::Conflict);
        }
        super::lifetime::note_shorter(&mut tx, household, step.envelope).await?;
        put_roster(&mut tx, household, step.version, step.envelope, step.wraps).await?;
        for member in &step.people.left {
            super::invite::remove_member(&mut tx, household, *member).await?;
        }
        super::invite::settle_newcomers(&mut tx, household, &step.people.came).await?;
        if let Some((hub, mac)) = step.hub {
            put_delivery(&mut tx, household, hub, step.envelope, mac).await?;
            sqlx::query("DELETE FROM pairing").execute(&mut *tx).await?;
        }
        self.commit_told(tx).await?;
        Ok(())
    }

    /// The shared identities that are wrapped to a member.
    pub async fn key_wraps(&self, household: HouseholdId, member: MemberId) -> Result<Vec<KeyWrap>> {
        let rows: Vec<(String, i64, Vec<u8>)> = sqlx::query_as(
            "SELECT scope, epoch, wrapped FROM key_wrap WHERE household = $1 AND member = $2 ORDER BY scope, epoch",
        )
        .bind(household.to_hex())
        .bind(member.to_hex())
        .fetch_all(self.db.read())
        .await?;
        rows.into_iter()
            .map(|(scope, epoch, wrapped)| {
                let damaged = || StoreError::Damaged("a key wrap is malformed");
                Ok(KeyWrap {
                    scope: ScopeId::from_hex(&scope).ok_or_else(damaged)?,
                    epoch: u32::try_from(epoch).map_err(|_| damaged())?,
                    member,
                    wrapped: Base64Url(wrapped),
                })
            })
            .collect()
    }
}
