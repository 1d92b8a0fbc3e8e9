//! Accounts, the secrets under their ways in, and the transaction that makes a household.

use super::{Result, Store, StoreError};
use crate::auth::lockbox::Place;
use eaves_api::app::{Way, WayIn, WrappedSecret};
use eaves_domain::envelope::{Envelope, PublicKey};
use eaves_domain::roster::KeyWrap;
use eaves_domain::{Base64Url, HouseholdId, HubId, MemberId, Timestamp};

/// What a sign-in needs.
#[derive(Clone)]
pub struct Account {
    /// Whose household.
    pub household: HouseholdId,
    /// Which member.
    pub member: MemberId,
    /// OPAQUE registration record; empty when there is no password.
    pub opaque_record: Vec<u8>,
    /// Argon2id parameters by number.
    pub ksf_preset: u8,
    /// The key that the recovery kit signs with, if there is a kit.
    pub kit_key: Option<PublicKey>,
}

/// Everything that a claim brings.
pub struct NewHousehold<'a> {
    /// Its id.
    pub household: HouseholdId,
    /// The login handle.
    pub handle: &'a str,
    /// The first owner's account.
    pub account: &'a Account,
    /// The first roster.
    pub roster: &'a Envelope,
    /// Which hub.
    pub hub: HubId,
    /// For the hub.
    pub roster_mac: &'a [u8],
    /// Shared identities, wrapped to the owner.
    pub key_wraps: &'a [KeyWrap],
    /// The member secret under each way in.
    pub wrapped: [&'a WrappedSecret; 2],
}

/// Bytes of the nonce with which the app wrapped a secret.
const WRAPPED_NONCE: usize = 12;

pub(super) fn way_name(way: Way) -> &'static str {
    match way {
        Way::Password => "password",
        Way::Kit => "kit",
        Way::Passkey => "passkey",
    }
}

type Tx = sqlx::Transaction<'static, sqlx::Any>;

/// Where a member secret under one way in lies.
pub(super) const fn wrapped_place(household: HouseholdId, member: MemberId, way: &str) -> Place<'_> {
    Place { table: "wrapped_secret", household, member, column: way }
}

pub(super) async fn add_account(tx: &mut Tx, handle: &str, account: &Account) -> Result<()> {
    sqlx::query(
        "INSERT INTO account (handle, household, member, opaque_record, ksf_preset, kit_key) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(handle.to_owned())
    .bind(account.household.to_hex())
    .bind(account.member.to_hex())
    .bind(account.opaque_record.clone())
    .bind(i64::from(account.ksf_preset))
    .bind(account.kit_key.map(|key| key.0.to_vec()).unwrap_or_default())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Household, member, OPAQUE record, preset and kit key of an account.
type Row = (String, String, Vec<u8>, i64, Vec<u8>);

impl Store {
    pub(super) async fn put_wrapped(
        &self,
        tx: &mut Tx,
        household: HouseholdId,
        member: MemberId,
        wrapped: &WrappedSecret,
        now: Timestamp,
    ) -> Result<()> {
        let way = way_name(wrapped.way);
        let plain = [wrapped.nonce.0.as_slice(), &wrapped.ciphertext.0].concat();
        sqlx::query(
            "INSERT INTO wrapped_secret (household, member, way, sealed, made_us) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (household, member, way) DO UPDATE SET sealed = excluded.sealed, made_us = excluded.made_us",
        )
        .bind(household.to_hex())
        .bind(member.to_hex())
        .bind(way)
        .bind(self.seal_column(&wrapped_place(household, member, way), &plain)?)
        .bind(now.as_us())
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// Makes a household with its first owner, all or nothing. [`StoreError::Conflict`] when somebody was first.
    pub async fn make_household(&self, new: &NewHousehold<'_>, now: Timestamp) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let (existing,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM household").fetch_one(&mut *tx).await?;
        if existing > 0 {
            return Err(StoreError::Conflict);
        }
        sqlx::query("INSERT INTO household (household, made_us, used_bytes, recordings) VALUES ($1, $2, 0, 0)")
            .bind(new.household.to_hex())
            .bind(now.as_us())
            .execute(&mut *tx)
            .await?;
        add_account(&mut tx, new.handle, new.account).await?;
        for wrapped in new.wrapped {
            self.put_wrapped(&mut tx, new.household, new.account.member, wrapped, now).await?;
        }
        super::household::put_roster(&mut tx, new.household, 1, new.roster, new.key_wraps).await?;
        super::household::put_delivery(&mut tx, new.household, new.hub, new.roster, new.roster_mac).await?;
        sqlx::query("DELETE FROM pairing").execute(&mut *tx).await?;
        self.commit_told(tx).await?;
        Ok(())
    }

    /// The account behind a login handle.
    pub async fn account(&self, handle: &str) -> Result<Option<Account>> {
        let row: Option<Row> = sqlx::query_as(
            "SELECT household, member, opaque_record, ksf_preset, kit_key FROM account WHERE handle = $1",
        )
        .bind(handle.to_owned())
        .fetch_optional(self.db.read())
        .await?;
        row.map(|(household, member, opaque_record, ksf_preset, kit_key)| {
            let damaged = || StoreError::Damaged("an account is malformed");
            Ok(Account {
                household: HouseholdId::from_hex(&household).ok_or_else(damaged)?,
                member: MemberId::from_hex(&member).ok_or_else(damaged)?,
                opaque_record,
                ksf_preset: u8::try_from(ksf_preset).map_err(|_| damaged())?,
                kit_key: match kit_key.as_slice() {
                    [] => None,
                    key => Some(PublicKey(<[u8; 32]>::try_from(key).map_err(|_| damaged())?)),
                },
            })
        })
        .transpose()
    }

    /// The account of a member.
    pub async fn account_of(&self, household: HouseholdId, member: MemberId) -> Result<Option<Account>> {
        match self.handle_of(household, member).await? {
            Some(handle) => self.account(&handle).await,
            None => Ok(None),
        }
    }

    /// The login handle of a member.
    pub async fn handle_of(&self, household: HouseholdId, member: MemberId) -> Result<Option<String>> {
        let row: Option<(String,)> = sqlx::query_as("SELECT handle FROM account WHERE household = $1 AND member = $2")
            .bind(household.to_hex())
            .bind(member.to_hex())
            .fetch_optional(self.db.read())
            .await?;
        Ok(row.map(|(handle,)| handle))
    }

    /// The member secret under one way in.
    pub async fn wrapped_secret(
        &self,
        household: HouseholdId,
        member: MemberId,
        way: Way,
    ) -> Result<Option<WrappedSecret>> {
        let name = way_name(way);
        let row: Option<(Vec<u8>,)> =
            sqlx::query_as("SELECT sealed FROM wrapped_secret WHERE household = $1 AND member = $2 AND way = $3")
                .bind(household.to_hex())
                .bind(member.to_hex())
                .bind(name)
                .fetch_optional(self.db.read())
                .await?;
        let Some((sealed,)) = row else { return Ok(None) };
        let plain = self.open_column(&wrapped_place(household, member, name), &sealed)?;
        let (nonce, ciphertext) =
            plain.split_at_checked(WRAPPED_NONCE).ok_or(StoreError::Damaged("a wrapped secret is malformed"))?;
        let (nonce, ciphertext) = (Base64Url(nonce.to_vec()), Base64Url(ciphertext.to_vec()));
        Ok(Some(WrappedSecret { way, credential: None, nonce, ciphertext }))
    }

    /// Which ways in a member has, and since when; passkeys that open are among them.
    pub async fn ways_in(&self, household: HouseholdId, member: MemberId) -> Result<Vec<WayIn>> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT way, made_us FROM wrapped_secret WHERE household = $1 AND member = $2
             UNION ALL
             SELECT 'passkey', made_us FROM passkey WHERE household = $1 AND member = $2 AND wrapped IS NOT NULL
             ORDER BY 1, 2",
        )
        .bind(household.to_hex())
        .bind(member.to_hex())
        .fetch_all(self.db.read())
        .await?;
        let all = [Way::Password, Way::Kit, Way::Passkey];
        Ok(rows
            .into_iter()
            .filter_map(|(name, made)| {
                let way = all.into_iter().find(|way| way_name(*way) == name)?;
                Some(WayIn { way, made_us: Timestamp(made) })
            })
            .collect())
    }

    /// Replaces the recovery kit; the old one is void at once.
    pub async fn replace_kit(
        &self,
        household: HouseholdId,
        member: MemberId,
        kit: &WrappedSecret,
        key: PublicKey,
        now: Timestamp,
    ) -> Result<()> {
        let mut tx = self.db.begin().await?;
        self.put_wrapped(&mut tx, household, member, kit, now).await?;
        sqlx::query("UPDATE account SET kit_key = $3 WHERE household = $1 AND member = $2")
            .bind(household.to_hex())
            .bind(member.to_hex())
            .bind(key.0.to_vec())
            .execute(&mut *tx)
            .await?;
        // A recovery that waits was begun with the old one.
        sqlx::query("DELETE FROM recovery WHERE household = $1 AND member = $2")
            .bind(household.to_hex())
            .bind(member.to_hex())
            .execute(&mut *tx)
            .await?;
        self.commit_told(tx).await?;
        Ok(())
    }

    /// Replaces the password, ends every other session and forgets every other device.
    #[allow(clippy::too_many_arguments, reason = "they are what a new password consists of, each of its own type")]
    pub async fn replace_password(
        &self,
        household: HouseholdId,
        member: MemberId,
        record: Vec<u8>,
        ksf_preset: u8,
        password: &WrappedSecret,
        keep_session: &str,
        now: Timestamp,
    ) -> Result<()> {
        let mut tx = self.db.begin().await?;
        self.put_wrapped(&mut tx, household, member, password, now).await?;
        sqlx::query("UPDATE account SET opaque_record = $3, ksf_preset = $4 WHERE household = $1 AND member = $2")
            .bind(household.to_hex())
            .bind(member.to_hex())
            .bind(record)
            .bind(i64::from(ksf_preset))
            .execute(&mut *tx)
            .await?;
        super::session::end_others(&mut tx, household, member, Some(keep_session)).await?;
        self.commit_told(tx).await?;
        Ok(())
    }
}
