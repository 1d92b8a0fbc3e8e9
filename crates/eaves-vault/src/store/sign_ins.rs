//! The secrets behind sign-ins at work: found or made when the store opens, and the columns sealed under them.

use super::account::wrapped_place;
use super::{Db, Result, SignInSecrets, Store, StoreError, sign_in_file};
use crate::auth::lockbox::{Lockbox, Place};
use eaves_domain::{HouseholdId, MemberId};
use sqlx::Executor as _;
use std::path::Path;
use zeroize::Zeroizing;

/// Where OPAQUE's secret lay before it had a file.
const OLD_SETTING: &str = "opaque-sign-in-key";

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| StoreError::Io(std::io::Error::other("there is no randomness")))?;
    Ok(bytes)
}

/// The secrets of the store in `dir`: read, or made for a store without accounts, or moved out of an older database.
pub(super) async fn settle(db: &Db, dir: &Path) -> Result<SignInSecrets> {
    let old: Option<(Vec<u8>,)> =
        sqlx::query_as("SELECT value FROM setting WHERE name = $1").bind(OLD_SETTING).fetch_optional(db.read()).await?;
    match (sign_in_file::read(dir)?, old) {
        (Some(found), None) => Ok(found),
        (Some(found), Some((setup,))) => {
            // The move was cut off after its first half.
            if *found.setup != setup {
                return Err(StoreError::Damaged("sign-in.key belongs to another database"));
            }
            move_out(db, &found).await?;
            Ok(found)
        }
        (None, old) => {
            let is_move = old.is_some();
            let (accounts,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM account").fetch_one(db.read()).await?;
            if !is_move && accounts > 0 {
                return Err(StoreError::Damaged(
                    "sign-in.key is missing, and without it nobody can sign in; put back the one of a backup",
                ));
            }
            let made = SignInSecrets::make(old.map(|(setup,)| setup))?;
            sign_in_file::write(dir, &made)?;
            if is_move {
                move_out(db, &made).await?;
            }
            Ok(made)
        }
    }
}

/// Household, member, way, and what lay open: nonce and ciphertext.
type OldRow = (String, String, String, Vec<u8>, Vec<u8>);

/// Seals what lay open in the database and takes OPAQUE's secret out of it, then rewrites the file of the database so that
/// neither is left in its corners.
async fn move_out(db: &Db, secrets: &SignInSecrets) -> Result<()> {
    let lockbox = Lockbox::new(&secrets.vault_key);
    let mut tx = db.begin().await?;
    let rows: Vec<OldRow> =
        sqlx::query_as("SELECT household, member, way, nonce, ciphertext FROM wrapped_secret WHERE sealed IS NULL")
            .fetch_all(&mut *tx)
            .await?;
    for (household, member, way, nonce, ciphertext) in rows {
        let damaged = || StoreError::Damaged("a wrapped secret belongs to nobody");
        let owner = HouseholdId::from_hex(&household).zip(MemberId::from_hex(&member)).ok_or_else(damaged)?;
        let sealed = lockbox.seal(&wrapped_place(owner.0, owner.1, &way), random()?, &[nonce, ciphertext].concat());
        sqlx::query(
            "UPDATE wrapped_secret SET sealed = $4, nonce = NULL, ciphertext = NULL
             WHERE household = $1 AND member = $2 AND way = $3",
        )
        .bind(household)
        .bind(member)
        .bind(way)
        .bind(sealed)
        .execute(&mut *tx)
        .await?;
    }
    sqlx::query("DELETE FROM setting WHERE name = $1").bind(OLD_SETTING).execute(&mut *tx).await?;
    tx.commit().await?;
    db.writer().execute("VACUUM").await?;
    db.writer().execute("PRAGMA wal_checkpoint(TRUNCATE)").await?;
    Ok(())
}

impl Store {
    /// The secrets behind sign-ins.
    pub fn sign_in_secrets(&self) -> &SignInSecrets {
        &self.sign_ins
    }

    /// Seals a value that shall lie in `place`.
    pub(super) fn seal_column(&self, place: &Place<'_>, plain: &[u8]) -> Result<Vec<u8>> {
        Ok(self.lockbox.seal(place, random()?, plain))
    }

    /// Opens a value that lay in `place`.
    pub(super) fn open_column(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        self.lockbox.open(place, sealed).map_err(|_| StoreError::Damaged("a sealed column does not open"))
    }

    /// Members with a way in that does not open under the vault key.
    pub(super) async fn shut_columns(&self) -> Result<Vec<(String, String)>> {
        let rows: Vec<(String, String, String, Option<Vec<u8>>)> =
            sqlx::query_as("SELECT household, member, way, sealed FROM wrapped_secret")
                .fetch_all(self.db.read())
                .await?;
        let opens = |household: &str, member: &str, way: &str, sealed: &Option<Vec<u8>>| {
            let owner = HouseholdId::from_hex(household).zip(MemberId::from_hex(member));
            owner.zip(sealed.as_ref()).is_some_and(|((household, member), sealed)| {
                self.lockbox.open(&wrapped_place(household, member, way), sealed).is_ok()
            })
        };
        let shut = rows.into_iter().filter(|(household, member, way, sealed)| !opens(household, member, way, sealed));
        Ok(shut.map(|(household, member, ..)| (household, member)).collect())
    }
}
