//! Invitations, the accounts of newcomers who wait, and what goes when somebody is put out.

use super::{Account, Result, Store, StoreError, account};
use eaves_api::app::WrappedSecret;
use eaves_api::people::{Asked, Invite, InviteMake};
use eaves_domain::invite::{JoinAnswer, SealedLetter};
use eaves_domain::{Base64Url, Digest, HouseholdId, InviteId, MemberId, Timestamp};

/// Invitations that a household may have at a time.
const INVITES_MAX: i64 = 20;
/// Sign-in names that whoever has the link may try. Each that is taken tells them that somebody has it.
const TRIES_MAX: i64 = 3;

/// Every table that holds something of one member by the columns `household` and `member`, and loses it when they are put
/// out. A test holds this against the schema.
pub(super) const PERSONAL: &[&str] = &[
    "session",
    "known_device",
    "account",
    "wrapped_secret",
    "key_wrap",
    "anchor",
    "passkey",
    "totp",
    "recovery_code",
    "recovery",
];

/// What an invitation says to whoever shows its token.
#[derive(Clone, Debug)]
pub struct OpenInvite {
    /// Into which household.
    pub household: HouseholdId,
    /// Which.
    pub invite: InviteId,
    /// Who made it.
    pub inviter: MemberId,
    /// The inviter's letter.
    pub welcome: SealedLetter,
}

/// The account of somebody who answers an invitation.
pub struct NewAccount<'a> {
    /// The login handle.
    pub handle: &'a str,
    /// The account.
    pub account: &'a Account,
    /// What the inviter shall see.
    pub answer: &'a JoinAnswer,
    /// The roster that the newcomer pinned.
    pub anchor: &'a SealedLetter,
    /// The member secret under each way in.
    pub wrapped: [&'a WrappedSecret; 2],
}

/// How an answer was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinOutcome {
    /// The account waits.
    Waiting,
    /// The name is taken; another may be tried.
    NameTaken,
    /// There is no such invitation any more.
    Gone,
}

type Tx = sqlx::Transaction<'static, sqlx::Any>;
type InviteRow = (String, String, i64, i64, Vec<u8>, Vec<u8>, Option<String>, Option<i64>);

fn damaged() -> StoreError {
    StoreError::Damaged("an invitation is malformed")
}

fn letter(nonce: Vec<u8>, ciphertext: Vec<u8>) -> SealedLetter {
    SealedLetter { nonce: Base64Url(nonce), ciphertext: Base64Url(ciphertext) }
}

/// Removes everything of a member. Their recordings are the household's and stay.
pub(super) async fn remove_member(tx: &mut Tx, household: HouseholdId, member: MemberId) -> Result<()> {
    for table in PERSONAL {
        sqlx::query(sqlx::AssertSqlSafe(format!("DELETE FROM {table} WHERE household = $1 AND member = $2")))
            .bind(household.to_hex())
            .bind(member.to_hex())
            .execute(&mut **tx)
            .await?;
    }
    let own: Vec<(String,)> =
        sqlx::query_as("SELECT invite FROM invite WHERE household = $1 AND (inviter = $2 OR newcomer = $2)")
            .bind(household.to_hex())
            .bind(member.to_hex())
            .fetch_all(&mut **tx)
            .await?;
    for (invite,) in own {
        Box::pin(remove_invite(tx, household, &invite)).await?;
    }
    Ok(())
}

/// Removes an invitation, and the account of who answered it.
async fn remove_invite(tx: &mut Tx, household: HouseholdId, invite: &str) -> Result<Option<String>> {
    let found: Option<(String, Option<String>)> =
        sqlx::query_as("SELECT inviter, newcomer FROM invite WHERE household = $1 AND invite = $2")
            .bind(household.to_hex())
            .bind(invite.to_owned())
            .fetch_optional(&mut **tx)
            .await?;
    let Some((inviter, newcomer)) = found else { return Ok(None) };
    sqlx::query("DELETE FROM invite WHERE household = $1 AND invite = $2")
        .bind(household.to_hex())
        .bind(invite.to_owned())
        .execute(&mut **tx)
        .await?;
    if let Some(newcomer) = newcomer.as_deref().and_then(MemberId::from_hex) {
        Box::pin(remove_member(tx, household, newcomer)).await?;
    }
    Ok(Some(inviter))
}

/// Newcomers whom a roster names are in: their invitations are over.
pub(super) async fn settle_newcomers(tx: &mut Tx, household: HouseholdId, members: &[MemberId]) -> Result<()> {
    for member in members {
        sqlx::query("DELETE FROM invite WHERE household = $1 AND newcomer = $2")
            .bind(household.to_hex())
            .bind(member.to_hex())
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// Household, invitation, inviter, and nonce and ciphertext of the welcome.
type OpenRow = (String, String, String, Vec<u8>, Vec<u8>);

impl Store {
    /// Adds an invitation. [`StoreError::Conflict`] when there are too many, or one with this id or token.
    pub async fn add_invite(
        &self,
        household: HouseholdId,
        inviter: MemberId,
        make: &InviteMake,
        now: Timestamp,
    ) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let (open,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM invite WHERE household = $1")
            .bind(household.to_hex())
            .fetch_one(&mut *tx)
            .await?;
        if open >= INVITES_MAX {
            return Err(StoreError::Conflict);
        }
        let done = sqlx::query(
            "INSERT INTO invite (household, invite, inviter, token_hash, made_us, expires_us, welcome_nonce,
                                 welcome_ciphertext, kept_nonce, kept_ciphertext, tries)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0) ON CONFLICT DO NOTHING",
        )
        .bind(household.to_hex())
        .bind(make.invite.to_hex())
        .bind(inviter.to_hex())
        .bind(make.token_hash.to_hex())
        .bind(now.as_us())
        .bind(make.expires_us.as_us())
        .bind(make.welcome.nonce.0.clone())
        .bind(make.welcome.ciphertext.0.clone())
        .bind(make.kept.nonce.0.clone())
        .bind(make.kept.ciphertext.0.clone())
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::Conflict);
        }
        self.commit_told(tx).await?;
        Ok(())
    }

    /// The invitations of a household, as `reader` may see them.
    pub async fn invites(&self, household: HouseholdId, reader: MemberId, now: Timestamp) -> Result<Vec<Invite>> {
        let rows: Vec<InviteRow> = sqlx::query_as(
            "SELECT invite, inviter, made_us, expires_us, kept_nonce, kept_ciphertext, answer, asked_us FROM invite
             WHERE household = $1 AND expires_us > $2 ORDER BY made_us",
        )
        .bind(household.to_hex())
        .bind(now.as_us())
        .fetch_all(self.db.read())
        .await?;
        rows.into_iter()
            .map(|(invite, inviter, made, expires, nonce, ciphertext, answer, asked_us)| {
                let inviter = MemberId::from_hex(&inviter).ok_or_else(damaged)?;
                let asked = answer.zip(asked_us).map(|(answer, at)| {
                    let answer = serde_json::from_str(&answer).map_err(|_| damaged())?;
                    Ok::<_, StoreError>(Asked { answer, asked_us: Timestamp(at) })
                });
                Ok(Invite {
                    invite: InviteId::from_hex(&invite).ok_or_else(damaged)?,
                    inviter,
                    made_us: Timestamp(made),
                    expires_us: Timestamp(expires),
                    kept: (inviter == reader).then(|| letter(nonce, ciphertext)),
                    asked: asked.transpose()?,
                })
            })
            .collect()
    }

    /// The invitation behind a token, while nobody has answered it.
    pub async fn open_invite(&self, token_hash: Digest, now: Timestamp) -> Result<Option<OpenInvite>> {
        let row: Option<OpenRow> = sqlx::query_as(
            "SELECT household, invite, inviter, welcome_nonce, welcome_ciphertext FROM invite
             WHERE token_hash = $1 AND expires_us > $2 AND newcomer IS NULL AND tries < $3",
        )
        .bind(token_hash.to_hex())
        .bind(now.as_us())
        .bind(TRIES_MAX)
        .fetch_optional(self.db.read())
        .await?;
        row.map(|(household, invite, inviter, nonce, ciphertext)| {
            Ok(OpenInvite {
                household: HouseholdId::from_hex(&household).ok_or_else(damaged)?,
                invite: InviteId::from_hex(&invite).ok_or_else(damaged)?,
                inviter: MemberId::from_hex(&inviter).ok_or_else(damaged)?,
                welcome: letter(nonce, ciphertext),
            })
        })
        .transpose()
    }

    /// Answers an invitation: makes the account, which waits. All or nothing, but for the count of names that were tried.
    pub async fn answer_invite(&self, token_hash: Digest, new: &NewAccount<'_>, now: Timestamp) -> Result<JoinOutcome> {
        let (household, member) = (new.account.household, new.account.member);
        let mut tx = self.db.begin().await?;
        let answer = serde_json::to_string(new.answer).map_err(|_| damaged())?;
        let taken: Option<(String,)> = sqlx::query_as("SELECT member FROM account WHERE handle = $1")
            .bind(new.handle.to_owned())
            .fetch_optional(&mut *tx)
            .await?;
        if taken.is_some() {
            sqlx::query("UPDATE invite SET tries = tries + 1 WHERE token_hash = $1")
                .bind(token_hash.to_hex())
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            return Ok(JoinOutcome::NameTaken);
        }
        let done = sqlx::query(
            "UPDATE invite SET newcomer = $2, answer = $3, asked_us = $4
             WHERE token_hash = $1 AND household = $5 AND newcomer IS NULL AND expires_us > $4 AND tries < $6",
        )
        .bind(token_hash.to_hex())
        .bind(member.to_hex())
        .bind(answer)
        .bind(now.as_us())
        .bind(household.to_hex())
        .bind(TRIES_MAX)
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(JoinOutcome::Gone);
        }
        account::add_account(&mut tx, new.handle, new.account).await?;
        for wrapped in new.wrapped {
            self.put_wrapped(&mut tx, household, member, wrapped, now).await?;
        }
        sqlx::query("INSERT INTO anchor (household, member, nonce, ciphertext) VALUES ($1, $2, $3, $4)")
            .bind(household.to_hex())
            .bind(member.to_hex())
            .bind(new.anchor.nonce.0.clone())
            .bind(new.anchor.ciphertext.0.clone())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(JoinOutcome::Waiting)
    }

    /// Whether a member waits to be let in.
    pub async fn is_newcomer(&self, household: HouseholdId, member: MemberId, now: Timestamp) -> Result<bool> {
        let (count,): (i64,) =
            sqlx::query_as("SELECT COUNT(*) FROM invite WHERE household = $1 AND newcomer = $2 AND expires_us > $3")
                .bind(household.to_hex())
                .bind(member.to_hex())
                .bind(now.as_us())
                .fetch_one(self.db.read())
                .await?;
        Ok(count > 0)
    }

    /// Whether some account has this id already: ids are the newcomer's choice.
    pub async fn has_account(&self, household: HouseholdId, member: MemberId) -> Result<bool> {
        Ok(self.handle_of(household, member).await?.is_some())
    }

    /// Takes an invitation back, with the account of who answered it. False when there is none.
    pub async fn take_back_invite(&self, household: HouseholdId, invite: InviteId) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let was_there = remove_invite(&mut tx, household, &invite.to_hex()).await?.is_some();
        tx.commit().await?;
        Ok(was_there)
    }

    /// A newcomer does not want to wait any more; the answer names who had invited them.
    pub async fn leave_as_newcomer(&self, household: HouseholdId, member: MemberId) -> Result<()> {
        let mut tx = self.db.begin().await?;
        remove_member(&mut tx, household, member).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Forgets invitations that are over, and the accounts of who was never let in.
    pub async fn end_old_invites(&self, now: Timestamp) -> Result<()> {
        let old: Vec<(String, String)> =
            sqlx::query_as("SELECT household, invite FROM invite WHERE expires_us <= $1 LIMIT 1000")
                .bind(now.as_us())
                .fetch_all(self.db.read())
                .await?;
        for (household, invite) in old {
            let mut tx = self.db.begin().await?;
            let household = HouseholdId::from_hex(&household).ok_or_else(damaged)?;
            remove_invite(&mut tx, household, &invite).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// The roster that a member pinned.
    pub async fn anchor(&self, household: HouseholdId, member: MemberId) -> Result<Option<SealedLetter>> {
        let row: Option<(Vec<u8>, Vec<u8>)> =
            sqlx::query_as("SELECT nonce, ciphertext FROM anchor WHERE household = $1 AND member = $2")
                .bind(household.to_hex())
                .bind(member.to_hex())
                .fetch_optional(self.db.read())
                .await?;
        Ok(row.map(|(nonce, ciphertext)| letter(nonce, ciphertext)))
    }
}
