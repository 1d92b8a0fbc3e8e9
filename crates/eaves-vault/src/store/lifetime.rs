//! Lifetimes that were shortened: they count for what is stored already, too.
//!
//! A recording's link says until when it is kept by the rules that held when it was made. A later roster with a shorter
//! lifetime brings that forward, never back. The change is written down with the roster and carried out in steps, so that
//! it survives a restart and holds up nobody.

use super::db::Tx;
use super::{Result, Store, StoreError, signed};
use eaves_domain::envelope::Envelope;
use eaves_domain::link::Link;
use eaves_domain::retention::{Class, Lifetimes};
use eaves_domain::roster::Roster;
use eaves_domain::{HouseholdId, RoomId, Timestamp};

/// How many recordings one transaction looks at.
const STEP: i64 = 2_000;

const CLASSES: [Class; 2] = [Class::Continuous, Class::Event];

/// The name of a class as the database stores it.
pub(super) fn class_name(class: Class) -> &'static str {
    match class {
        Class::Continuous => "continuous",
        Class::Event => "event",
    }
}

fn lifetime_us(lifetimes: &Lifetimes, class: Class) -> i64 {
    lifetimes.keep_until(class, Timestamp(0)).as_us()
}

async fn newest(tx: &mut Tx, household: HouseholdId) -> Result<Option<Envelope>> {
    let row: Option<(String,)> =
        sqlx::query_as("SELECT envelope FROM roster WHERE household = $1 ORDER BY version DESC LIMIT 1")
            .bind(household.to_hex())
            .fetch_optional(&mut **tx)
            .await?;
    row.map(|(json,)| serde_json::from_str(&json).map_err(|_| StoreError::Damaged("a stored roster is malformed")))
        .transpose()
}

/// Until when a recording may be kept by a roster that is newer than the one its hub obeyed; `None` when there is none.
pub(super) async fn newer_limit(tx: &mut Tx, link: &Link, class: Class) -> Result<Option<Timestamp>> {
    let row: Option<(i64,)> = sqlx::query_as(
        "SELECT version FROM roster WHERE household = $1 AND version > $2 ORDER BY version DESC LIMIT 1",
    )
    .bind(link.household.to_hex())
    .bind(signed(link.roster))
    .fetch_optional(&mut **tx)
    .await?;
    if row.is_none() {
        return Ok(None);
    }
    let roster = newest(tx, link.household).await?.and_then(|envelope| envelope.peek::<Roster>().ok());
    Ok(roster.and_then(|r| r.room(link.room).map(|room| room.lifetimes.keep_until(class, link.end_us))))
}

/// Notes what the verified roster in `next` shortens. Call before it is stored.
pub(super) async fn note_shorter(tx: &mut Tx, household: HouseholdId, next: &Envelope) -> Result<()> {
    let before = newest(tx, household).await?.and_then(|envelope| envelope.peek::<Roster>().ok());
    let (Some(before), Ok(next)) = (before, next.peek::<Roster>()) else { return Ok(()) };
    for room in &next.rooms {
        let Some(old) = before.room(room.room) else { continue };
        for class in CLASSES {
            if lifetime_us(&room.lifetimes, class) < lifetime_us(&old.lifetimes, class) {
                note(tx, household, room.room, class, lifetime_us(&room.lifetimes, class)).await?;
            }
        }
    }
    Ok(())
}

async fn note(tx: &mut Tx, household: HouseholdId, room: RoomId, class: Class, lifetime_us: i64) -> Result<()> {
    sqlx::query(
        "INSERT INTO shortening (household, room, class, lifetime_us, cursor_us) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (household, room, class)
         DO UPDATE SET lifetime_us = excluded.lifetime_us, cursor_us = excluded.cursor_us",
    )
    .bind(household.to_hex())
    .bind(room.to_hex())
    .bind(class_name(class))
    .bind(lifetime_us)
    .bind(i64::MIN)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

impl Store {
    /// Brings forward the end of what a shortened lifetime reaches: one step. False when nothing is left to do.
    pub(super) async fn shorten_some(&self) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let row: Option<(String, String, String, i64, i64)> =
            sqlx::query_as("SELECT household, room, class, lifetime_us, cursor_us FROM shortening LIMIT 1")
                .fetch_optional(&mut *tx)
                .await?;
        let Some((household, room, class, lifetime_us, cursor)) = row else { return Ok(false) };
        let end: Option<(i64,)> = sqlx::query_as(
            "SELECT start_us FROM link WHERE household = $1 AND state = 'kept' AND start_us >= $2
             ORDER BY start_us LIMIT 1 OFFSET $3",
        )
        .bind(household.clone())
        .bind(cursor)
        .bind(STEP)
        .fetch_optional(&mut *tx)
        .await?;
        // Several links may start together; the next step begins with all of them, so none is passed over, and a step of
        // links that all start together goes past them in one.
        let until = end.map(|(start,)| if start > cursor { start } else { start.saturating_add(1) });
        sqlx::query(
            "UPDATE link SET keep_until_us = end_us + $4
             WHERE household = $1 AND state = 'kept' AND start_us >= $5 AND start_us < $6
               AND room = $2 AND class = $3 AND keep_until_us > end_us + $4",
        )
        .bind(household.clone())
        .bind(room.clone())
        .bind(class.clone())
        .bind(lifetime_us)
        .bind(cursor)
        .bind(until.unwrap_or(i64::MAX))
        .execute(&mut *tx)
        .await?;
        let statement = match until {
            Some(_) => "UPDATE shortening SET cursor_us = $4 WHERE household = $1 AND room = $2 AND class = $3",
            None => "DELETE FROM shortening WHERE household = $1 AND room = $2 AND class = $3 AND cursor_us < $4",
        };
        sqlx::query(statement)
            .bind(household)
            .bind(room)
            .bind(class)
            .bind(until.unwrap_or(i64::MAX))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(true)
    }
}
