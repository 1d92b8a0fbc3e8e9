//! Known devices: kept from a completed sign-in on, forgotten with the trust in them.

use super::{Result, Store, StoreError};
use crate::auth::known_device::{DEVICES_MAX, KnownDevice};
use eaves_domain::{Digest, HouseholdId, MemberId, Timestamp};

type Row = (String, String, String, String, String, i64, i64);

fn device_of((device, household, member, secret_hash, client, made, used): Row) -> Result<KnownDevice> {
    let damaged = || StoreError::Damaged("a known device is malformed");
    Ok(KnownDevice {
        device,
        household: HouseholdId::from_hex(&household).ok_or_else(damaged)?,
        member: MemberId::from_hex(&member).ok_or_else(damaged)?,
        secret_hash: Digest::from_hex(&secret_hash).ok_or_else(damaged)?,
        client,
        made: Timestamp(made),
        used: Timestamp(used),
    })
}

impl Store {
    /// Keeps a device; beyond the most that a member may have, the longest unused goes.
    pub async fn add_known_device(&self, known: &KnownDevice) -> Result<()> {
        let mut tx = self.db.begin().await?;
        sqlx::query(
            "INSERT INTO known_device (device, household, member, secret_hash, client, made_us, used_us)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(known.device.clone())
        .bind(known.household.to_hex())
        .bind(known.member.to_hex())
        .bind(known.secret_hash.to_hex())
        .bind(known.client.clone())
        .bind(known.made.as_us())
        .bind(known.used.as_us())
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "DELETE FROM known_device WHERE device IN (
                 SELECT device FROM known_device WHERE household = $1 AND member = $2 AND device <> $3
                 ORDER BY used_us DESC, device LIMIT 1000 OFFSET $4)",
        )
        .bind(known.household.to_hex())
        .bind(known.member.to_hex())
        .bind(known.device.clone())
        .bind(i64::try_from(DEVICES_MAX - 1).unwrap_or(i64::MAX))
        .execute(&mut *tx)
        .await?;
        self.commit_told(tx).await?;
        Ok(())
    }

    /// The device of this id. Whether the browser that names it is it, its secret says.
    pub async fn known_device(&self, device: &str) -> Result<Option<KnownDevice>> {
        let row: Option<Row> = sqlx::query_as(
            "SELECT device, household, member, secret_hash, client, made_us, used_us FROM known_device WHERE device = $1",
        )
        .bind(device.to_owned())
        .fetch_optional(self.db.read())
        .await?;
        row.map(device_of).transpose()
    }

    /// All devices that are known for a member, the last used first.
    pub async fn known_devices(&self, household: HouseholdId, member: MemberId) -> Result<Vec<KnownDevice>> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT device, household, member, secret_hash, client, made_us, used_us FROM known_device
             WHERE household = $1 AND member = $2 ORDER BY used_us DESC, device",
        )
        .bind(household.to_hex())
        .bind(member.to_hex())
        .fetch_all(self.db.read())
        .await?;
        rows.into_iter().map(device_of).collect()
    }

    /// Notes that somebody signed in with a device.
    pub async fn touch_known_device(&self, device: &str, now: Timestamp) -> Result<()> {
        let mut tx = self.db.begin().await?;
        sqlx::query("UPDATE known_device SET used_us = $2 WHERE device = $1")
            .bind(device.to_owned())
            .bind(now.as_us())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Forgets one device of a member; false when there is none such.
    pub async fn forget_device(&self, household: HouseholdId, member: MemberId, device: &str) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let done = sqlx::query("DELETE FROM known_device WHERE household = $1 AND member = $2 AND device = $3")
            .bind(household.to_hex())
            .bind(member.to_hex())
            .bind(device.to_owned())
            .execute(&mut *tx)
            .await?;
        self.commit_if(done.rows_affected() > 0, tx).await?;
        Ok(done.rows_affected() > 0)
    }

    /// Forgets every device of a member but `keep`.
    pub async fn forget_other_devices(
        &self,
        household: HouseholdId,
        member: MemberId,
        keep: Option<&str>,
    ) -> Result<u64> {
        let mut tx = self.db.begin().await?;
        let forgotten = forget_others(&mut tx, household, member, keep).await?;
        tx.commit().await?;
        Ok(forgotten)
    }

    /// Forgets devices that were last used before `used`.
    pub async fn forget_stale_devices(&self, used: Timestamp) -> Result<u64> {
        let mut tx = self.db.begin().await?;
        let done =
            sqlx::query("DELETE FROM known_device WHERE used_us < $1").bind(used.as_us()).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }
}

/// Forgets every device of a member but `keep`, as part of something larger: a new password, a member who is put out.
pub(super) async fn forget_others(
    tx: &mut super::db::Tx,
    household: HouseholdId,
    member: MemberId,
    keep: Option<&str>,
) -> Result<u64> {
    let done = sqlx::query("DELETE FROM known_device WHERE household = $1 AND member = $2 AND device <> $3")
        .bind(household.to_hex())
        .bind(member.to_hex())
        .bind(keep.unwrap_or_default().to_owned())
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected())
}
