//! Second steps that a member set up, recoveries that wait, and the removal of ways in.

use super::db::Tx;
use super::{Result, Store};
use crate::auth::lockbox::Place;
use crate::auth::ways::Ways;
use eaves_domain::{Digest, HouseholdId, MemberId, Timestamp};
use zeroize::Zeroizing;

/// Whether an authenticator app's secret counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TotpState {
    /// It does.
    On,
    /// Not before the app has shown that it has it.
    New,
}

impl TotpState {
    const fn name(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::New => "new",
        }
    }
}

/// What a removal came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// It is gone.
    Done,
    /// There was none.
    NotThere,
    /// It is the last way in of its kind, so it stays.
    Last,
}

/// A way in that can be removed.
#[derive(Clone, Copy, Debug)]
pub enum Removed<'a> {
    /// The password.
    Password,
    /// The recovery kit.
    Kit,
    /// The authenticator app.
    Totp,
    /// A passkey.
    Passkey(&'a [u8]),
}

fn place(household: HouseholdId, member: MemberId, state: TotpState) -> Place<'static> {
    Place { table: "totp", household, member, column: state.name() }
}

async fn forget_way(tx: &mut Tx, household: HouseholdId, member: MemberId, way: &str) -> Result<()> {
    sqlx::query("DELETE FROM wrapped_secret WHERE household = $1 AND member = $2 AND way = $3")
        .bind(household.to_hex())
        .bind(member.to_hex())
        .bind(way.to_owned())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Runs a statement about what a member has, by household and member; how many rows it changed.
async fn change_own(tx: &mut Tx, sql: &'static str, household: HouseholdId, member: MemberId) -> Result<u64> {
    let done = sqlx::query(sql).bind(household.to_hex()).bind(member.to_hex()).execute(&mut **tx).await?;
    Ok(done.rows_affected())
}

impl Store {
    /// Keeps a new secret for an authenticator app, beside the one that counts.
    pub async fn put_new_totp(&self, household: HouseholdId, member: MemberId, secret: &[u8]) -> Result<()> {
        let sealed = self.seal_column(&place(household, member, TotpState::New), secret)?;
        let mut tx = self.db.begin().await?;
        sqlx::query(
            "INSERT INTO totp (household, member, state, secret, last_step) VALUES ($1, $2, 'new', $3, 0)
             ON CONFLICT (household, member, state) DO UPDATE SET secret = excluded.secret, last_step = 0",
        )
        .bind(household.to_hex())
        .bind(member.to_hex())
        .bind(sealed)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The secret of an authenticator app.
    pub async fn totp(
        &self,
        household: HouseholdId,
        member: MemberId,
        state: TotpState,
    ) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let row: Option<(Vec<u8>,)> =
            sqlx::query_as("SELECT secret FROM totp WHERE household = $1 AND member = $2 AND state = $3")
                .bind(household.to_hex())
                .bind(member.to_hex())
                .bind(state.name())
                .fetch_optional(self.db.read())
                .await?;
        row.map(|(sealed,)| self.open_column(&place(household, member, state), &sealed)).transpose()
    }

    /// Uses up a time step; false when it, or a later one, was used before.
    pub async fn use_totp_step(&self, household: HouseholdId, member: MemberId, step: u64) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let done = sqlx::query(
            "UPDATE totp SET last_step = $3 WHERE household = $1 AND member = $2 AND state = 'on' AND last_step < $3",
        )
        .bind(household.to_hex())
        .bind(member.to_hex())
        .bind(super::signed(step))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Makes `secret`, the new one that was just shown to work at `step`, the one that counts.
    pub async fn confirm_totp(&self, household: HouseholdId, member: MemberId, secret: &[u8], step: u64) -> Result<()> {
        let sealed = self.seal_column(&place(household, member, TotpState::On), secret)?;
        let mut tx = self.db.begin().await?;
        change_own(&mut tx, "DELETE FROM totp WHERE household = $1 AND member = $2", household, member).await?;
        sqlx::query("INSERT INTO totp (household, member, state, secret, last_step) VALUES ($1, $2, 'on', $3, $4)")
            .bind(household.to_hex())
            .bind(member.to_hex())
            .bind(sealed)
            .bind(super::signed(step))
            .execute(&mut *tx)
            .await?;
        self.commit_told(tx).await?;
        Ok(())
    }

    /// Replaces the recovery codes by those with these digests.
    pub async fn put_recovery_codes(&self, household: HouseholdId, member: MemberId, digests: &[Digest]) -> Result<()> {
        let mut tx = self.db.begin().await?;
        change_own(&mut tx, "DELETE FROM recovery_code WHERE household = $1 AND member = $2", household, member)
            .await?;
        for digest in digests {
            sqlx::query("INSERT INTO recovery_code (household, member, code_hash) VALUES ($1, $2, $3)")
                .bind(household.to_hex())
                .bind(member.to_hex())
                .bind(digest.to_hex())
                .execute(&mut *tx)
                .await?;
        }
        self.commit_told(tx).await?;
        Ok(())
    }

    /// How many recovery codes are left.
    pub async fn recovery_codes(&self, household: HouseholdId, member: MemberId) -> Result<u32> {
        let (count,): (i64,) =
            sqlx::query_as("SELECT COUNT(*) FROM recovery_code WHERE household = $1 AND member = $2")
                .bind(household.to_hex())
                .bind(member.to_hex())
                .fetch_one(self.db.read())
                .await?;
        Ok(u32::try_from(count).unwrap_or(0))
    }

    /// Uses up a recovery code; false when there is none such.
    pub async fn use_recovery_code(&self, household: HouseholdId, member: MemberId, digest: Digest) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let done = sqlx::query("DELETE FROM recovery_code WHERE household = $1 AND member = $2 AND code_hash = $3")
            .bind(household.to_hex())
            .bind(member.to_hex())
            .bind(digest.to_hex())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Starts a recovery that waits until `until`, unless one waits already. Until when it waits, and whether it is new.
    pub async fn start_recovery(
        &self,
        household: HouseholdId,
        member: MemberId,
        until: Timestamp,
    ) -> Result<(Timestamp, bool)> {
        let mut tx = self.db.begin().await?;
        let done = sqlx::query(
            "INSERT INTO recovery (household, member, until_us) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )
        .bind(household.to_hex())
        .bind(member.to_hex())
        .bind(until.as_us())
        .execute(&mut *tx)
        .await?;
        let (until,): (i64,) = sqlx::query_as("SELECT until_us FROM recovery WHERE household = $1 AND member = $2")
            .bind(household.to_hex())
            .bind(member.to_hex())
            .fetch_one(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok((Timestamp(until), done.rows_affected() == 1))
    }

    /// Until when a recovery waits, if there is one.
    pub async fn recovery(&self, household: HouseholdId, member: MemberId) -> Result<Option<Timestamp>> {
        let row: Option<(i64,)> = sqlx::query_as("SELECT until_us FROM recovery WHERE household = $1 AND member = $2")
            .bind(household.to_hex())
            .bind(member.to_hex())
            .fetch_optional(self.db.read())
            .await?;
        Ok(row.map(|(until,)| Timestamp(until)))
    }

    /// Ends a recovery: it was stopped, or it is used up. False when there was none.
    pub async fn end_recovery(&self, household: HouseholdId, member: MemberId) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let ended =
            change_own(&mut tx, "DELETE FROM recovery WHERE household = $1 AND member = $2", household, member).await?;
        tx.commit().await?;
        Ok(ended == 1)
    }

    /// Removes a way in, unless the others are not enough: see [`Ways::are_enough`].
    pub async fn remove_way(&self, household: HouseholdId, member: MemberId, way: Removed<'_>) -> Result<Removal> {
        let mut tx = self.db.begin().await?;
        let ways: Vec<(String,)> =
            sqlx::query_as("SELECT way FROM wrapped_secret WHERE household = $1 AND member = $2")
                .bind(household.to_hex())
                .bind(member.to_hex())
                .fetch_all(&mut *tx)
                .await?;
        let passkeys: Vec<(String, i64)> = sqlx::query_as(
            "SELECT credential, CASE WHEN wrapped IS NULL THEN 0 ELSE 1 END FROM passkey WHERE household = $1 AND member = $2",
        )
        .bind(household.to_hex())
        .bind(member.to_hex())
        .fetch_all(&mut *tx)
        .await?;
        let totp: Option<(i64,)> =
            sqlx::query_as("SELECT last_step FROM totp WHERE household = $1 AND member = $2 AND state = 'on'")
                .bind(household.to_hex())
                .bind(member.to_hex())
                .fetch_optional(&mut *tx)
                .await?;
        let has = |name: &str| ways.iter().any(|(way,)| way == name);
        let before = Ways {
            password: has("password"),
            kit: has("kit"),
            passkeys: passkeys.len(),
            opening: passkeys.iter().filter(|(_, opens)| *opens != 0).count(),
            totp: totp.is_some(),
        };
        let (is_there, after) = match way {
            Removed::Password => (before.password, Ways { password: false, ..before }),
            Removed::Kit => (before.kit, Ways { kit: false, ..before }),
            Removed::Totp => (before.totp, Ways { totp: false, ..before }),
            Removed::Passkey(credential) => {
                let credential = hex::encode(credential);
                let found = passkeys.iter().find(|(other, _)| *other == credential);
                let opening = before.opening - usize::from(found.is_some_and(|(_, opens)| *opens != 0));
                let passkeys = before.passkeys - usize::from(found.is_some());
                (found.is_some(), Ways { passkeys, opening, ..before })
            }
        };
        if !is_there {
            return Ok(Removal::NotThere);
        }
        if !after.are_enough() {
            return Ok(Removal::Last);
        }
        match way {
            Removed::Password => {
                forget_way(&mut tx, household, member, "password").await?;
                sqlx::query("UPDATE account SET opaque_record = $3 WHERE household = $1 AND member = $2")
                    .bind(household.to_hex())
                    .bind(member.to_hex())
                    .bind(Vec::<u8>::new())
                    .execute(&mut *tx)
                    .await?;
            }
            Removed::Kit => {
                forget_way(&mut tx, household, member, "kit").await?;
                sqlx::query("UPDATE account SET kit_key = $3 WHERE household = $1 AND member = $2")
                    .bind(household.to_hex())
                    .bind(member.to_hex())
                    .bind(Vec::<u8>::new())
                    .execute(&mut *tx)
                    .await?;
                change_own(&mut tx, "DELETE FROM recovery WHERE household = $1 AND member = $2", household, member)
                    .await?;
            }
            Removed::Totp => {
                change_own(&mut tx, "DELETE FROM totp WHERE household = $1 AND member = $2", household, member).await?;
            }
            Removed::Passkey(credential) => {
                sqlx::query("DELETE FROM passkey WHERE household = $1 AND member = $2 AND credential = $3")
                    .bind(household.to_hex())
                    .bind(member.to_hex())
                    .bind(hex::encode(credential))
                    .execute(&mut *tx)
                    .await?;
            }
        }
        self.commit_told(tx).await?;
        Ok(Removal::Done)
    }
}
