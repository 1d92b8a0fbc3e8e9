//! Passkeys: public halves, and the member secret under those that open.

use super::{Result, Store, StoreError};
use crate::auth::lockbox::Place;
use eaves_api::app::{PasskeyKind, Way, WrappedSecret};
use eaves_domain::{Base64Url, HouseholdId, MemberId, Timestamp};

/// A stored passkey.
#[derive(Clone, Debug)]
pub struct PasskeyRow {
    /// The credential id.
    pub credential: Vec<u8>,
    /// Whose household.
    pub household: HouseholdId,
    /// Which member.
    pub member: MemberId,
    /// The library's record of the public key.
    pub public_half: Vec<u8>,
    /// Where it lives.
    pub kind: PasskeyKind,
    /// Whether its provider keeps copies.
    pub synced: bool,
    /// What the person calls it, sealed by the app.
    pub label: Option<Vec<u8>>,
    /// When it was made.
    pub made: Timestamp,
    /// When it was last used.
    pub used: Option<Timestamp>,
    /// Whether the member secret is wrapped under it.
    pub opens: bool,
}

fn kind_name(kind: PasskeyKind) -> &'static str {
    match kind {
        PasskeyKind::ThisDevice => "this-device",
        PasskeyKind::Phone => "phone",
        PasskeyKind::SecurityKey => "security-key",
        PasskeyKind::Unknown => "unknown",
    }
}

fn kind_of(name: &str) -> PasskeyKind {
    let all = [PasskeyKind::ThisDevice, PasskeyKind::Phone, PasskeyKind::SecurityKey];
    all.into_iter().find(|kind| kind_name(*kind) == name).unwrap_or(PasskeyKind::Unknown)
}

type Row = (String, String, String, Vec<u8>, String, i64, Option<Vec<u8>>, i64, Option<i64>, i64);

const COLUMNS: &str = "credential, household, member, public_half, kind, synced, label, made_us, used_us, \
    CASE WHEN wrapped IS NULL THEN 0 ELSE 1 END";

fn passkey_of(row: Row) -> Result<PasskeyRow> {
    let damaged = || StoreError::Damaged("a passkey is malformed");
    let (credential, household, member, public_half, kind, synced, label, made, used, opens) = row;
    Ok(PasskeyRow {
        credential: hex::decode(credential).map_err(|_| damaged())?,
        household: HouseholdId::from_hex(&household).ok_or_else(damaged)?,
        member: MemberId::from_hex(&member).ok_or_else(damaged)?,
        public_half,
        kind: kind_of(&kind),
        synced: synced != 0,
        label,
        made: Timestamp(made),
        used: used.map(Timestamp),
        opens: opens != 0,
    })
}

fn place(household: HouseholdId, member: MemberId, column: &str) -> Place<'_> {
    Place { table: "passkey", household, member, column }
}

impl Store {
    /// Adds a passkey. [`StoreError::Conflict`] when that credential is there already, whoever has it.
    pub async fn add_passkey(&self, row: &PasskeyRow, wrapped: Option<&WrappedSecret>) -> Result<()> {
        let credential = hex::encode(&row.credential);
        let wrapped = self.sealed_wrap(row.household, row.member, &credential, wrapped)?;
        let mut tx = self.db.begin().await?;
        let done = sqlx::query(
            "INSERT INTO passkey (credential, household, member, public_half, kind, synced, label, wrapped, made_us)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        )
        .bind(credential)
        .bind(row.household.to_hex())
        .bind(row.member.to_hex())
        .bind(row.public_half.clone())
        .bind(kind_name(row.kind))
        .bind(i64::from(row.synced))
        .bind(row.label.clone())
        .bind(wrapped)
        .bind(row.made.as_us())
        .execute(&mut *tx)
        .await?;
        self.commit_if(done.rows_affected() == 1, tx).await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    fn sealed_wrap(
        &self,
        household: HouseholdId,
        member: MemberId,
        credential: &str,
        wrapped: Option<&WrappedSecret>,
    ) -> Result<Option<Vec<u8>>> {
        let sealed = wrapped.map(|wrapped| {
            let plain = [wrapped.nonce.0.as_slice(), &wrapped.ciphertext.0].concat();
            self.seal_column(&place(household, member, credential), &plain)
        });
        sealed.transpose()
    }

    /// The passkey of a credential id.
    pub async fn passkey(&self, credential: &[u8]) -> Result<Option<PasskeyRow>> {
        let sql = format!("SELECT {COLUMNS} FROM passkey WHERE credential = $1");
        let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(hex::encode(credential))
            .fetch_optional(self.db.read())
            .await?;
        row.map(passkey_of).transpose()
    }

    /// The passkeys of a member, oldest first.
    pub async fn passkeys(&self, household: HouseholdId, member: MemberId) -> Result<Vec<PasskeyRow>> {
        let sql =
            format!("SELECT {COLUMNS} FROM passkey WHERE household = $1 AND member = $2 ORDER BY made_us, credential");
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(household.to_hex())
            .bind(member.to_hex())
            .fetch_all(self.db.read())
            .await?;
        rows.into_iter().map(passkey_of).collect()
    }

    /// The member secret under a passkey, if it opens.
    pub async fn passkey_wrap(&self, row: &PasskeyRow) -> Result<Option<WrappedSecret>> {
        let credential = hex::encode(&row.credential);
        let found: Option<(Option<Vec<u8>>,)> = sqlx::query_as("SELECT wrapped FROM passkey WHERE credential = $1")
            .bind(credential.clone())
            .fetch_optional(self.db.read())
            .await?;
        let Some((Some(sealed),)) = found else { return Ok(None) };
        let plain = self.open_column(&place(row.household, row.member, &credential), &sealed)?;
        let (nonce, ciphertext) =
            plain.split_at_checked(12).ok_or(StoreError::Damaged("a wrapped secret is malformed"))?;
        Ok(Some(WrappedSecret {
            way: Way::Passkey,
            credential: Some(Base64Url(row.credential.clone())),
            nonce: Base64Url(nonce.to_vec()),
            ciphertext: Base64Url(ciphertext.to_vec()),
        }))
    }

    /// Notes a use, with what the library remembers of it (the counter).
    pub async fn passkey_used(
        &self,
        credential: &[u8],
        public_half: &[u8],
        synced: bool,
        now: Timestamp,
    ) -> Result<()> {
        let mut tx = self.db.begin().await?;
        sqlx::query("UPDATE passkey SET public_half = $2, synced = $3, used_us = $4 WHERE credential = $1")
            .bind(hex::encode(credential))
            .bind(public_half.to_vec())
            .bind(i64::from(synced))
            .bind(now.as_us())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Changes label or wrap of a member's passkey; false when there is none such.
    pub async fn change_passkey(
        &self,
        household: HouseholdId,
        member: MemberId,
        credential: &[u8],
        label: Option<&[u8]>,
        wrapped: Option<&WrappedSecret>,
    ) -> Result<bool> {
        let credential = hex::encode(credential);
        let wrapped = self.sealed_wrap(household, member, &credential, wrapped)?;
        let mut tx = self.db.begin().await?;
        let done = sqlx::query(
            "UPDATE passkey SET label = COALESCE($4, label), wrapped = COALESCE($5, wrapped)
             WHERE household = $1 AND member = $2 AND credential = $3",
        )
        .bind(household.to_hex())
        .bind(member.to_hex())
        .bind(credential)
        .bind(label.map(<[u8]>::to_vec))
        .bind(wrapped)
        .execute(&mut *tx)
        .await?;
        self.commit_if(done.rows_affected() == 1, tx).await?;
        Ok(done.rows_affected() == 1)
    }
}
