//! The counters of the throttle, so that a restart forgives nothing.

use super::{Result, Store, signed, unsigned};
use eaves_domain::Timestamp;

/// One counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Consecutive failures that count.
    pub failures: u64,
    /// No attempt is taken before this.
    pub blocked_until: Timestamp,
    /// When it last changed.
    pub changed: Timestamp,
}

impl Bucket {
    /// A counter that never counted.
    pub const EMPTY: Self = Self { failures: 0, blocked_until: Timestamp(0), changed: Timestamp(0) };
}

impl Store {
    /// Reads the counters `names`, lets `decide` change them, and writes them back, all in one transaction.
    pub async fn throttle<T: Send>(
        &self,
        names: &[String],
        decide: impl FnOnce(&mut [Bucket]) -> T + Send,
    ) -> Result<T> {
        let mut tx = self.db.begin().await?;
        let mut buckets = Vec::with_capacity(names.len());
        for name in names {
            let row: Option<(i64, i64, i64)> =
                sqlx::query_as("SELECT failures, blocked_us, changed_us FROM throttle WHERE bucket = $1")
                    .bind(name.clone())
                    .fetch_optional(&mut *tx)
                    .await?;
            buckets.push(row.map_or(Bucket::EMPTY, |(failures, blocked, changed)| Bucket {
                failures: unsigned(failures),
                blocked_until: Timestamp(blocked),
                changed: Timestamp(changed),
            }));
        }
        let answer = decide(&mut buckets);
        for (name, bucket) in names.iter().zip(&buckets) {
            sqlx::query(
                "INSERT INTO throttle (bucket, failures, blocked_us, changed_us) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (bucket) DO UPDATE
                 SET failures = excluded.failures, blocked_us = excluded.blocked_us, changed_us = excluded.changed_us",
            )
            .bind(name.clone())
            .bind(signed(bucket.failures))
            .bind(bucket.blocked_until.as_us())
            .bind(bucket.changed.as_us())
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(answer)
    }
}
