//! The counters of the throttle, so that a restart forgives nothing and an attack does not wait for the disk.
//!
//! Counters are decided on in memory. A refusal changes nothing and so costs no write. What is charged is written down
//! before anybody is answered, many charges in one transaction: whoever waits for the disk while another writes finds its
//! own charge written with the next. A program that is killed has lost nothing that anybody was told.

use super::{Db, Result, Store, StoreError, db, signed, uninterrupted, unsigned};
use crate::auth::throttle::{self, Counter, Wait};
use eaves_domain::Timestamp;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counters that are kept in memory beyond those being written.
const CACHED_MAX: usize = 100_000;
/// The row that says until when strangers must bring work.
const GUARD: &str = "guard";

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

#[derive(Clone, Copy, Debug)]
struct Cached {
    bucket: Bucket,
    keep_until: Timestamp,
}

#[derive(Debug, Default)]
struct State {
    cached: HashMap<String, Cached>,
    /// Changed and not yet being written.
    dirty: HashSet<String>,
    /// Being written.
    in_flight: HashSet<String>,
    /// What is dirty now will be written as this batch.
    batch: u64,
    /// How often the cache was thinned out.
    thinned: u64,
}

/// The counters.
#[derive(Debug, Default)]
pub(super) struct Counters {
    state: Mutex<State>,
    /// The next batch that is not on disk yet. Whoever holds it writes.
    unwritten: tokio::sync::Mutex<u64>,
}

impl Counters {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Brings counters into memory; true when they are all there now.
    async fn load(&self, db: &Db, names: &[String]) -> Result<bool> {
        let (missing, thinned) = {
            let state = self.state();
            let missing: Vec<_> = names.iter().filter(|name| !state.cached.contains_key(*name)).cloned().collect();
            (missing, state.thinned)
        };
        if missing.is_empty() {
            return Ok(true);
        }
        let text = format!(
            "SELECT bucket, failures, blocked_us, changed_us, keep_until_us FROM throttle WHERE bucket IN ({})",
            db::list(1, missing.len())
        );
        let mut query = sqlx::query_as(sqlx::AssertSqlSafe(text));
        for name in &missing {
            query = query.bind(name.clone());
        }
        let rows: Vec<(String, i64, i64, i64, i64)> = query.fetch_all(db.read()).await?;
        let mut state = self.state();
        if state.thinned != thinned {
            // What was read may be older than what was in memory in between.
            return Ok(false);
        }
        for (name, failures, blocked, changed, keep) in rows {
            let bucket =
                Bucket { failures: unsigned(failures), blocked_until: Timestamp(blocked), changed: Timestamp(changed) };
            state.cached.entry(name).or_insert(Cached { bucket, keep_until: Timestamp(keep) });
        }
        for name in missing {
            state.cached.entry(name).or_insert(Cached { bucket: Bucket::EMPTY, keep_until: Timestamp(0) });
        }
        Ok(true)
    }

    /// Decides in memory; the batch with which the change will be written, or `None` when nothing changed.
    fn decide(
        &self,
        counters: &[Counter],
        names: &[String],
        decide: impl FnOnce(&mut [Bucket]) -> std::result::Result<(), Wait>,
    ) -> Option<std::result::Result<Option<u64>, Wait>> {
        let mut state = self.state();
        let mut buckets = Vec::with_capacity(names.len());
        for name in names {
            buckets.push(state.cached.get(name)?.bucket);
        }
        let before = buckets.clone();
        if let Err(wait) = decide(&mut buckets) {
            return Some(Err(wait));
        }
        if buckets == before {
            return Some(Ok(None));
        }
        for ((counter, name), bucket) in counters.iter().zip(names).zip(buckets) {
            let keep_until = counter.keep_until(&bucket);
            state.cached.insert(name.clone(), Cached { bucket, keep_until });
            state.dirty.insert(name.clone());
        }
        if state.cached.len() > CACHED_MAX {
            let State { cached, dirty, in_flight, thinned, .. } = &mut *state;
            cached.retain(|name, _| dirty.contains(name) || in_flight.contains(name));
            *thinned += 1;
        }
        Some(Ok(Some(state.batch)))
    }

    /// Returns when `batch` is on disk.
    async fn written(&self, db: &Db, batch: u64) -> Result<()> {
        let mut unwritten = self.unwritten.lock().await;
        if *unwritten > batch {
            return Ok(());
        }
        let rows: Vec<(String, Cached)> = {
            let mut state = self.state();
            state.batch += 1;
            state.in_flight = std::mem::take(&mut state.dirty);
            state.in_flight.iter().filter_map(|name| Some((name.clone(), *state.cached.get(name)?))).collect()
        };
        let outcome = write(db, &rows).await;
        let mut state = self.state();
        let in_flight = std::mem::take(&mut state.in_flight);
        if outcome.is_ok() {
            *unwritten = state.batch;
        } else {
            state.dirty.extend(in_flight);
        }
        outcome
    }
}

async fn write(db: &Db, rows: &[(String, Cached)]) -> Result<()> {
    let mut tx = db.begin().await?;
    for (name, Cached { bucket, keep_until }) in rows {
        sqlx::query(
            "INSERT INTO throttle (bucket, failures, blocked_us, changed_us, keep_until_us) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (bucket) DO UPDATE SET failures = excluded.failures, blocked_us = excluded.blocked_us,
                 changed_us = excluded.changed_us, keep_until_us = excluded.keep_until_us",
        )
        .bind(name.clone())
        .bind(signed(bucket.failures))
        .bind(bucket.blocked_until.as_us())
        .bind(bucket.changed.as_us())
        .bind(keep_until.as_us())
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

impl Store {
    async fn decide(
        &self,
        counters: &[Counter],
        decide: impl Fn(&mut [Bucket]) -> std::result::Result<(), Wait>,
    ) -> Result<std::result::Result<(), Wait>> {
        let names: Vec<_> = counters.iter().map(Counter::name).collect();
        let decided = loop {
            if self.counters.load(&self.db, &names).await?
                && let Some(decided) = self.counters.decide(counters, &names, &decide)
            {
                break decided;
            }
        };
        match decided {
            Err(wait) => Ok(Err(wait)),
            Ok(None) => Ok(Ok(())),
            Ok(Some(batch)) => {
                let (counters, db) = (Arc::clone(&self.counters), self.db.clone());
                uninterrupted(async move { counters.written(&db, batch).await }).await?;
                Ok(Ok(()))
            }
        }
    }

    /// Takes an attempt and charges every counter, or refuses it and charges none. What is charged is on disk.
    pub async fn charge(&self, counters: &[Counter], now: Timestamp) -> Result<std::result::Result<(), Wait>> {
        self.decide(counters, |buckets| throttle::charge(counters, buckets, now)).await
    }

    /// Gives back what was charged for an attempt that succeeded.
    pub async fn refund(&self, counters: &[Counter]) -> Result<()> {
        let refunded = self.decide(counters, |buckets| {
            throttle::refund(counters, buckets);
            Ok(())
        });
        refunded.await?.map_err(|_| StoreError::Damaged("a refund cannot be refused"))
    }

    /// Until when strangers must bring work.
    pub async fn guarded_until(&self) -> Result<Timestamp> {
        let row: Option<(i64,)> = sqlx::query_as("SELECT blocked_us FROM throttle WHERE bucket = $1")
            .bind(GUARD)
            .fetch_optional(self.db.read())
            .await?;
        Ok(Timestamp(row.map_or(0, |(until,)| until)))
    }

    /// Notes until when strangers must bring work.
    pub async fn note_guarded(&self, until: Timestamp) -> Result<()> {
        let bucket = Bucket { blocked_until: until, ..Bucket::EMPTY };
        write(&self.db, &[(GUARD.to_owned(), Cached { bucket, keep_until: until })]).await
    }

    /// Drops counters that no longer matter.
    pub async fn drop_old_counters(&self, now: Timestamp) -> Result<u64> {
        let mut tx = self.db.begin().await?;
        // A row of 0 was written before rows had an end.
        let done = sqlx::query("DELETE FROM throttle WHERE keep_until_us > 0 AND keep_until_us < $1")
            .bind(now.as_us())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }
}
