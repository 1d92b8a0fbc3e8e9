//! Notices. They are added and they age; nothing else ever happens to one.

use super::db::Tx;
use super::{Result, Store, StoreError, signed, unsigned};
use eaves_api::app::{Network, Notice};
use eaves_domain::{HouseholdId, MemberId, Timestamp};

/// They are kept for so long, in microseconds.
pub const NOTICE_US_MAX: i64 = 90 * 86_400_000_000;
/// One answer carries so many.
pub const NOTICES_MAX: u32 = 200;

fn name_of<T: serde::Serialize>(value: &T) -> Result<String> {
    let name = serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned));
    name.ok_or(StoreError::Damaged("a name cannot be written"))
}

fn of_name<T: serde::de::DeserializeOwned>(name: &str) -> Result<T> {
    serde_json::from_value(name.into()).map_err(|_| StoreError::Damaged("a notice is malformed"))
}

type Row = (i64, String, i64, Option<String>, Option<String>, Option<String>, Option<String>, Option<i64>);

fn notice_of((notice, kind, at, member, session, client, network, until): Row) -> Result<Notice> {
    let damaged = || StoreError::Damaged("a notice is malformed");
    Ok(Notice {
        notice: unsigned(notice),
        kind: of_name(&kind)?,
        at_us: Timestamp(at),
        member: member.map(|member| MemberId::from_hex(&member).ok_or_else(damaged)).transpose()?,
        session,
        client,
        network: network.map(|network| of_name::<Network>(&network)).transpose()?,
        until_us: until.map(Timestamp),
    })
}

async fn insert(tx: &mut Tx, household: HouseholdId, to: Option<MemberId>, notice: Notice) -> Result<Notice> {
    let (last,): (Option<i64>,) = sqlx::query_as("SELECT MAX(notice) FROM notice WHERE household = $1")
        .bind(household.to_hex())
        .fetch_one(&mut **tx)
        .await?;
    let number = last.unwrap_or(0) + 1;
    sqlx::query(
        "INSERT INTO notice (household, notice, to_member, kind, at_us, member, session, client, network, until_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(household.to_hex())
    .bind(number)
    .bind(to.map(|member| member.to_hex()))
    .bind(name_of(&notice.kind)?)
    .bind(notice.at_us.as_us())
    .bind(notice.member.map(|member| member.to_hex()))
    .bind(notice.session.clone())
    .bind(notice.client.clone())
    .bind(notice.network.as_ref().map(name_of).transpose()?)
    .bind(notice.until_us.map(Timestamp::as_us))
    .execute(&mut **tx)
    .await?;
    Ok(Notice { notice: unsigned(number), ..notice })
}

impl Store {
    /// Adds a notice for `to`, or for all adults; its number is filled in.
    pub async fn add_notice(&self, household: HouseholdId, to: Option<MemberId>, notice: Notice) -> Result<Notice> {
        let mut tx = self.db.begin().await?;
        let notice = insert(&mut tx, household, to, notice).await?;
        self.commit_told(tx).await?;
        Ok(notice)
    }

    /// Adds a notice for a member who got none of its kind since then; of several at once, one is added.
    pub async fn add_notice_once(
        &self,
        household: HouseholdId,
        member: MemberId,
        notice: Notice,
        since: Timestamp,
    ) -> Result<Option<Notice>> {
        let mut tx = self.db.begin().await?;
        let (count,): (i64,) = sqlx::query_as(
            "SELECT COUNT(*) FROM notice WHERE household = $1 AND to_member = $2 AND kind = $3 AND at_us >= $4",
        )
        .bind(household.to_hex())
        .bind(member.to_hex())
        .bind(name_of(&notice.kind)?)
        .bind(since.as_us())
        .fetch_one(&mut *tx)
        .await?;
        if count > 0 {
            return Ok(None);
        }
        let notice = insert(&mut tx, household, Some(member), notice).await?;
        self.commit_told(tx).await?;
        Ok(Some(notice))
    }

    /// Notices after number `after` and not from before `since` for a member, and those for all adults if it is one. One more than fits says that
    /// there are more.
    pub async fn notices(
        &self,
        household: HouseholdId,
        member: MemberId,
        is_adult: bool,
        after: u64,
        since: Timestamp,
    ) -> Result<Vec<Notice>> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT notice, kind, at_us, member, session, client, network, until_us FROM notice
             WHERE household = $1 AND notice > $2 AND (to_member = $3 OR (to_member IS NULL AND $4 = 1))
             AND at_us >= $6 ORDER BY notice LIMIT $5",
        )
        .bind(household.to_hex())
        .bind(signed(after))
        .bind(member.to_hex())
        .bind(i64::from(is_adult))
        .bind(i64::from(NOTICES_MAX) + 1)
        .bind(since.as_us())
        .fetch_all(self.db.read())
        .await?;
        rows.into_iter().map(notice_of).collect()
    }

    /// Removes notices from before `moment`; the newest of a household stays, so that numbers go on.
    pub async fn forget_notices(&self, moment: Timestamp) -> Result<u64> {
        let mut tx = self.db.begin().await?;
        let done = sqlx::query(
            "DELETE FROM notice WHERE at_us < $1
             AND notice < (SELECT MAX(newest.notice) FROM notice AS newest WHERE newest.household = notice.household)",
        )
        .bind(moment.as_us())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }
}
