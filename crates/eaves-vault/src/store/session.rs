//! Sessions of members and of hubs. Tokens are stored as SHA-256 only: a stolen database holds no live session.

use super::{Result, Store, StoreError};
use eaves_domain::{Digest, HouseholdId, HubId, MemberId, Timestamp};

/// A member's session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// Opaque id, shown to the member.
    pub session: String,
    /// Whose household.
    pub household: HouseholdId,
    /// Which member.
    pub member: MemberId,
    /// A coarse name of browser and system.
    pub client: String,
    /// When it began.
    pub started: Timestamp,
    /// When it was last used.
    pub used: Timestamp,
    /// The known device that it began on.
    pub device: Option<String>,
    /// When it last showed a fresh proof.
    pub strong: Timestamp,
    /// Since when one from a recovery may do what needs a fresh proof.
    pub powers_from: Option<Timestamp>,
    /// The network it began from, as a keyed digest.
    pub network: Option<String>,
}

/// A hub's session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HubSession {
    /// Whose household.
    pub household: HouseholdId,
    /// Which hub.
    pub hub: HubId,
}

type Row = (String, String, String, String, i64, i64, Option<String>, i64, Option<i64>, Option<String>);

const COLUMNS: &str =
    "session, household, member, client, started_us, used_us, device, strong_us, powers_from_us, network";

fn session_of(row: Row) -> Result<SessionRow> {
    let (session, household, member, client, started, used, device, strong, powers_from, network) = row;
    let damaged = || StoreError::Damaged("a session is malformed");
    Ok(SessionRow {
        session,
        household: HouseholdId::from_hex(&household).ok_or_else(damaged)?,
        member: MemberId::from_hex(&member).ok_or_else(damaged)?,
        client,
        started: Timestamp(started),
        used: Timestamp(used),
        device,
        strong: Timestamp(strong),
        powers_from: powers_from.map(Timestamp),
        network,
    })
}

impl Store {
    /// Adds a session under the digest of its token.
    pub async fn add_session(&self, token: Digest, row: &SessionRow) -> Result<()> {
        let mut tx = self.db.begin().await?;
        sqlx::query(
            "INSERT INTO session (token_hash, session, household, member, client, started_us, used_us, device,
             strong_us, powers_from_us, network) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(token.to_hex())
        .bind(row.session.clone())
        .bind(row.household.to_hex())
        .bind(row.member.to_hex())
        .bind(row.client.clone())
        .bind(row.started.as_us())
        .bind(row.used.as_us())
        .bind(row.device.clone())
        .bind(row.strong.as_us())
        .bind(row.powers_from.map(Timestamp::as_us))
        .bind(row.network.clone())
        .execute(&mut *tx)
        .await?;
        self.commit_told(tx).await?;
        Ok(())
    }

    /// The session behind a token.
    pub async fn session(&self, token: Digest) -> Result<Option<SessionRow>> {
        let sql = format!("SELECT {COLUMNS} FROM session WHERE token_hash = $1");
        let row: Option<Row> =
            sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(token.to_hex()).fetch_optional(self.db.read()).await?;
        row.map(session_of).transpose()
    }

    /// Notes that a session was used.
    pub async fn touch_session(&self, token: Digest, now: Timestamp) -> Result<()> {
        self.stamp_session("UPDATE session SET used_us = $2 WHERE token_hash = $1", token, now).await
    }

    /// Notes that a session showed a fresh proof.
    pub async fn strengthen_session(&self, token: Digest, now: Timestamp) -> Result<()> {
        self.stamp_session("UPDATE session SET strong_us = $2 WHERE token_hash = $1", token, now).await
    }

    async fn stamp_session(&self, sql: &'static str, token: Digest, now: Timestamp) -> Result<()> {
        let mut tx = self.db.begin().await?;
        sqlx::query(sql).bind(token.to_hex()).bind(now.as_us()).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// All sessions of a member.
    pub async fn sessions(&self, household: HouseholdId, member: MemberId) -> Result<Vec<SessionRow>> {
        let sql = format!("SELECT {COLUMNS} FROM session WHERE household = $1 AND member = $2 ORDER BY used_us DESC");
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(household.to_hex())
            .bind(member.to_hex())
            .fetch_all(self.db.read())
            .await?;
        rows.into_iter().map(session_of).collect()
    }

    /// Ends one session of a member; false when there is none such.
    pub async fn end_session(&self, household: HouseholdId, member: MemberId, session: &str) -> Result<bool> {
        self.end_session_and_forget(household, member, session, None).await
    }

    /// Ends one session of a member and forgets the device it began on, unless that is `keep`; false when there is none
    /// such.
    pub async fn end_session_and_device(
        &self,
        household: HouseholdId,
        member: MemberId,
        session: &str,
        keep: Option<&str>,
    ) -> Result<bool> {
        self.end_session_and_forget(household, member, session, Some(keep.unwrap_or_default())).await
    }

    async fn end_session_and_forget(
        &self,
        household: HouseholdId,
        member: MemberId,
        session: &str,
        all_but: Option<&str>,
    ) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        if let Some(keep) = all_but {
            sqlx::query(
                "DELETE FROM known_device WHERE household = $1 AND member = $2 AND device <> $4 AND device IN (
                     SELECT device FROM session WHERE household = $1 AND member = $2 AND session = $3)",
            )
            .bind(household.to_hex())
            .bind(member.to_hex())
            .bind(session.to_owned())
            .bind(keep.to_owned())
            .execute(&mut *tx)
            .await?;
        }
        let done = sqlx::query("DELETE FROM session WHERE household = $1 AND member = $2 AND session = $3")
            .bind(household.to_hex())
            .bind(member.to_hex())
            .bind(session.to_owned())
            .execute(&mut *tx)
            .await?;
        self.commit_if(done.rows_affected() > 0, tx).await?;
        Ok(done.rows_affected() > 0)
    }

    /// Ends every session of a member but `keep`, and forgets every device but the one that `keep` began on. With no
    /// session to keep, all of them.
    pub async fn end_other_sessions(
        &self,
        household: HouseholdId,
        member: MemberId,
        keep: Option<&str>,
    ) -> Result<u64> {
        let mut tx = self.db.begin().await?;
        let ended = end_others(&mut tx, household, member, keep).await?;
        self.commit_if(ended > 0, tx).await?;
        Ok(ended)
    }

    /// Removes sessions that began before `started` or were last used before `used`, and old hub sessions.
    pub async fn end_stale_sessions(&self, started: Timestamp, used: Timestamp, now: Timestamp) -> Result<u64> {
        let mut tx = self.db.begin().await?;
        let done = sqlx::query("DELETE FROM session WHERE started_us < $1 OR used_us < $2")
            .bind(started.as_us())
            .bind(used.as_us())
            .execute(&mut *tx)
            .await?;
        sqlx::query("DELETE FROM hub_session WHERE expires_us < $1").bind(now.as_us()).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }

    /// Adds a hub's session under the digest of its token.
    pub async fn add_hub_session(&self, token: Digest, session: HubSession, expires: Timestamp) -> Result<()> {
        let mut tx = self.db.begin().await?;
        sqlx::query("INSERT INTO hub_session (token_hash, household, hub, expires_us) VALUES ($1, $2, $3, $4)")
            .bind(token.to_hex())
            .bind(session.household.to_hex())
            .bind(session.hub.to_hex())
            .bind(expires.as_us())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The hub behind a token, at `now`.
    pub async fn hub_session(&self, token: Digest, now: Timestamp) -> Result<Option<HubSession>> {
        let row: Option<(String, String)> =
            sqlx::query_as("SELECT household, hub FROM hub_session WHERE token_hash = $1 AND expires_us > $2")
                .bind(token.to_hex())
                .bind(now.as_us())
                .fetch_optional(self.db.read())
                .await?;
        row.map(|(household, hub)| {
            let damaged = || StoreError::Damaged("a hub session is malformed");
            Ok(HubSession {
                household: HouseholdId::from_hex(&household).ok_or_else(damaged)?,
                hub: HubId::from_hex(&hub).ok_or_else(damaged)?,
            })
        })
        .transpose()
    }
}

/// Ends every session of a member but `keep`, and forgets every device but the one that `keep` began on: as part of
/// something larger, such as a new password or a member who is put out.
pub(super) async fn end_others(
    tx: &mut super::db::Tx,
    household: HouseholdId,
    member: MemberId,
    keep: Option<&str>,
) -> Result<u64> {
    let keep = keep.unwrap_or_default();
    let kept: Option<(Option<String>,)> =
        sqlx::query_as("SELECT device FROM session WHERE household = $1 AND member = $2 AND session = $3")
            .bind(household.to_hex())
            .bind(member.to_hex())
            .bind(keep.to_owned())
            .fetch_optional(&mut **tx)
            .await?;
    let device = kept.and_then(|(device,)| device);
    super::known_device::forget_others(tx, household, member, device.as_deref()).await?;
    let done = sqlx::query("DELETE FROM session WHERE household = $1 AND member = $2 AND session <> $3")
        .bind(household.to_hex())
        .bind(member.to_hex())
        .bind(keep.to_owned())
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected())
}
