//! Who watched what live.

use super::{Result, Store, StoreError};
use eaves_api::app::View;
use eaves_domain::{DeviceId, HouseholdId, MemberId, Timestamp};

/// How long a view is remembered: ninety days, in microseconds.
pub const VIEW_US: i64 = 90 * 86_400_000_000;
/// The most views that one answer carries.
const VIEWS_MAX: i64 = 1_000;

impl Store {
    /// Notes a view that is over.
    pub async fn add_view(&self, household: HouseholdId, view: &View) -> Result<()> {
        let mut tx = self.db.begin().await?;
        sqlx::query("INSERT INTO view (household, device, member, from_us, to_us) VALUES ($1, $2, $3, $4, $5)")
            .bind(household.to_hex())
            .bind(view.device.to_hex())
            .bind(view.member.to_hex())
            .bind(view.from_us.as_us())
            .bind(view.to_us.as_us())
            .execute(&mut *tx)
            .await?;
        self.commit_told(tx).await?;
        Ok(())
    }

    /// The newest views of a household, newest first.
    pub async fn views(&self, household: HouseholdId) -> Result<Vec<View>> {
        let rows: Vec<(String, String, i64, i64)> = sqlx::query_as(
            "SELECT device, member, from_us, to_us FROM view WHERE household = $1 ORDER BY to_us DESC LIMIT $2",
        )
        .bind(household.to_hex())
        .bind(VIEWS_MAX)
        .fetch_all(self.db.read())
        .await?;
        let damaged = || StoreError::Damaged("a view is malformed");
        rows.into_iter()
            .map(|(device, member, from, to)| {
                Ok(View {
                    device: DeviceId::from_hex(&device).ok_or_else(damaged)?,
                    member: MemberId::from_hex(&member).ok_or_else(damaged)?,
                    from_us: Timestamp(from),
                    to_us: Timestamp(to),
                })
            })
            .collect()
    }

    /// Forgets views that ended before `until`.
    pub async fn forget_views(&self, until: Timestamp) -> Result<u64> {
        let mut tx = self.db.begin().await?;
        let done = sqlx::query("DELETE FROM view WHERE to_us < $1").bind(until.as_us()).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }
}
