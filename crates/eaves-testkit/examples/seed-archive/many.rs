//! A large archive, made by multiplying one recording: rows of the same size in the same tables, and a file for each.

use crate::Result;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use std::fs::File;
use std::path::Path;

/// Rows for one transaction.
const BATCH: i64 = 50_000;
const MINUTE_US: i64 = 60_000_000;
/// The camera of the copies; the household does not know it.
const DEVICE: &str = "fedcba98765432100123456789abcdef";

/// Adds `count` recordings to the vault in `dir`.
pub(crate) async fn seed(dir: &Path, count: i64) -> Result<()> {
    let options = SqliteConnectOptions::new().filename(dir.join("vault.db"));
    let mut db = options.connect().await?;
    for pragma in ["synchronous = OFF", "cache_size = -200000"] {
        sqlx::query(sqlx::AssertSqlSafe(format!("PRAGMA {pragma}"))).execute(&mut db).await?;
    }
    let (household, example, leaf): (String, String, i64) =
        sqlx::query_as("SELECT household, recording, leaf FROM link WHERE recording IS NOT NULL ORDER BY idx LIMIT 1")
            .fetch_one(&mut db)
            .await?;
    let (next_leaf, body_bytes): (i64, i64) = sqlx::query_as(
        "SELECT MAX(link.leaf) + 1, MAX(part.body_bytes) FROM link JOIN part ON part.part = 'media' WHERE part.recording = $1",
    )
    .bind(&example)
    .fetch_one(&mut db)
    .await?;
    let mut done = 0;
    while done < count {
        let until = (done + BATCH).min(count);
        copies(&mut db, &household, &example, next_leaf, done..until).await?;
        done = until;
    }
    // As many nodes of the key tree as their leaves need.
    sqlx::query(
        "WITH RECURSIVE n (i) AS (SELECT $2 / 256 + 1 UNION ALL SELECT i + 1 FROM n WHERE i < ($2 + $3) / 256)
         INSERT INTO key_node (household, level, idx, sealed)
         SELECT $1, 2, i, randomblob(8220) FROM n WHERE i NOT IN (SELECT idx FROM key_node WHERE level = 2)",
    )
    .bind(&household)
    .bind(next_leaf)
    .bind(count)
    .execute(&mut db)
    .await?;
    sqlx::query("UPDATE key_tree SET next_leaf = $2 WHERE household = $1")
        .bind(&household)
        .bind(next_leaf + count)
        .execute(&mut db)
        .await?;
    sqlx::query(
        "UPDATE household SET recordings = recordings + $2, used_bytes = used_bytes + $2 * $3 WHERE household = $1",
    )
    .bind(&household)
    .bind(count)
    .bind(body_bytes)
    .execute(&mut db)
    .await?;
    sqlx::query(
        "INSERT INTO chain (household, device, next_index, digest) SELECT $1, $2, $3, digest FROM link WHERE leaf = $4",
    )
    .bind(&household)
    .bind(DEVICE)
    .bind(count)
    .bind(leaf)
    .execute(&mut db)
    .await?;
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut db).await?;
    db.close().await?;
    bodies(&dir.join("bodies").join(&household), count)
}

/// Their ids count up behind the two digits of their shelf, so that the files can be named without asking.
async fn copies(
    db: &mut SqliteConnection,
    household: &str,
    example: &str,
    next_leaf: i64,
    range: std::ops::Range<i64>,
) -> Result<()> {
    let mut tx = db.begin().await?;
    sqlx::query(
        "WITH RECURSIVE n (i) AS (SELECT $3 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $4)
         INSERT INTO link (household, device, idx, digest, payload, keyid, signature, recording, start_us, end_us,
                           keep_until_us, state, command, leaf, body_bytes, room, class)
         SELECT household, $5, i, lower(hex(randomblob(32))), payload, keyid, signature, printf('%02x%030x', i % 256, i),
                start_us - ($7 - i) * $8, end_us - ($7 - i) * $8, keep_until_us + i, state, command, $6 + i, body_bytes, room, class
         FROM link, n WHERE household = $1 AND recording = $2",
    )
    .bind(household)
    .bind(example)
    .bind(range.start)
    .bind(range.end)
    .bind(DEVICE)
    .bind(next_leaf)
    .bind(range.end.max(1_000_000))
    .bind(MINUTE_US)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "WITH RECURSIVE n (i) AS (SELECT $3 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $4)
         INSERT INTO part (household, recording, part, header, body_bytes)
         SELECT household, printf('%02x%030x', i % 256, i), part, header, body_bytes
         FROM part, n WHERE household = $1 AND recording = $2 AND part = 'media'",
    )
    .bind(household)
    .bind(example)
    .bind(range.start)
    .bind(range.end)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

fn bodies(shelves: &Path, count: i64) -> Result<()> {
    for shelf in 0..256 {
        std::fs::create_dir_all(shelves.join(format!("{shelf:02x}")))?;
    }
    for i in 0..count {
        let shelf = i % 256;
        File::create(shelves.join(format!("{shelf:02x}")).join(format!("{shelf:02x}{i:030x}.media")))?;
    }
    Ok(())
}
