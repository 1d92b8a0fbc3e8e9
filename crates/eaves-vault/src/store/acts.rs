//! Acts and their entries in the log: both in one transaction, or neither.
//!
//! Whoever is about to change something that the household hears of says so first: [`Store::telling`]. The change that
//! is made through the store that this gives is committed together with its entries. When an entry cannot be written,
//! the change is not made: no log, no act.

use super::db::Tx;
use super::{Result, Store, StoreError};
use crate::log::{Log, LogError};
use eaves_domain::{HouseholdId, MemberId, Timestamp};
use eaves_tlog::details::{Details, What, Who};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What the next change of a store is, in the log's words.
#[derive(Debug)]
struct Told {
    household: HouseholdId,
    now: Timestamp,
    details: Vec<Details>,
}

/// What is still to be written down by this store.
#[derive(Clone, Debug, Default)]
pub(super) struct Telling(Option<Arc<Mutex<Option<Told>>>>);

impl Telling {
    /// Taken once: the change after the next is another one.
    fn take(&self) -> Option<Told> {
        self.0.as_ref().and_then(|told| told.lock().unwrap_or_else(PoisonError::into_inner).take())
    }
}

impl From<LogError> for StoreError {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Store(error) => error,
            LogError::Damaged(what) => Self::Damaged(what),
            _ => Self::Damaged("the log could not be written"),
        }
    }
}

impl Store {
    /// This store, whose next change is written down as `details`.
    pub(crate) fn telling(&self, household: HouseholdId, now: Timestamp, details: Vec<Details>) -> Self {
        let told = Told { household, now, details };
        Self { telling: Telling(Some(Arc::new(Mutex::new(Some(told))))), ..self.clone() }
    }

    /// The same, for one thing that a member does.
    pub(crate) fn telling_of(&self, (household, member): (HouseholdId, MemberId), now: Timestamp, what: What) -> Self {
        self.telling(household, now, vec![Details { who: Who::Member { member }, what }])
    }

    /// Writes down what this store tells, where nothing else changes in the database.
    pub(crate) async fn tell(&self) -> Result<()> {
        let tx = self.db.begin().await?;
        self.commit_told(tx).await
    }

    /// Commits a change, together with its entries if it tells any.
    pub(super) async fn commit_told(&self, tx: Tx) -> Result<()> {
        self.commit_if(true, tx).await
    }

    /// The same, where it may have turned out that there was nothing to change: then there is nothing to tell either.
    pub(super) async fn commit_if(&self, changed: bool, mut tx: Tx) -> Result<()> {
        let told = if changed { self.telling.take() } else { None };
        let mut end = 0;
        if let Some(told) = told {
            for details in &told.details {
                end = Log::write(&mut tx, told.household, details, told.now).await?.position + 1;
            }
        }
        tx.commit().await?;
        self.written.fetch_max(end, Ordering::SeqCst);
        Ok(())
    }

    /// How many entries the log has at least, of those that this process wrote.
    pub(crate) fn written(&self) -> u64 {
        self.written.load(Ordering::SeqCst)
    }
}

/// How many entries are written. Shared by all clones of a store.
pub(super) type Written = Arc<AtomicU64>;
