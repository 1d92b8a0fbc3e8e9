//! What the log shows: its public files to anybody, a household's entries to those who may see them, receipts.
//!
//! Everything is shown as of the last checkpoint: what is written and not published yet does not exist for a reader.

use super::{Inner, Log, LogError, Published, Result, signed, unsigned};
use eaves_domain::{Base64Url, Digest, HouseholdId};
use eaves_tlog::chain::Shown;
use eaves_tlog::entry::{OpenDetails, Opening};
use eaves_tlog::merkle::{prove_consistency, prove_inclusion};
use eaves_tlog::note::Note;
use eaves_tlog::proof::Proof;
use eaves_tlog::tile::{self, Kind, Tile, Tiles};
use std::collections::BTreeSet;

/// What a member's app is shown at a visit.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The checkpoint.
    pub checkpoint: Note,
    /// Proof that it continues the size that the app remembers.
    pub consistency: Vec<Digest>,
    /// The household's entries from the sequence asked for.
    pub shown: Vec<Shown>,
    /// Whether these are all.
    pub is_all: bool,
}

type Row = (i64, Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>);

impl Log {
    /// A public file: `checkpoint`, or a tile or bundle of it by its path. `None` for everything else.
    pub async fn public_file(&self, path: &str) -> Result<Option<Vec<u8>>> {
        let published = self.0.published().await?;
        if path == "checkpoint" {
            return Ok(Some(published.note));
        }
        let Ok(tile) = Tile::parse(path) else { return Ok(None) };
        // What a publication that was cut off left behind is nobody's business yet.
        let shown = Tile::at(tile.kind, tile.index, published.edge.size());
        Ok(shown.filter(|shown| tile.width <= shown.width).and_then(|_| self.0.files.read(tile)))
    }

    /// What an app that remembers `size` and `from` is shown, at most `limit` entries.
    pub async fn visit(&self, household: HouseholdId, size: u64, from: u64, limit: u32) -> Result<Visit> {
        self.visit_at(household, size, from, limit, None).await
    }

    /// The same under a checkpoint of size `at`, if that is not the newest: entries and proofs are those of then. The
    /// checkpoint itself the app has already.
    pub async fn visit_at(
        &self,
        household: HouseholdId,
        size: u64,
        from: u64,
        limit: u32,
        at: Option<u64>,
    ) -> Result<Visit> {
        let published = self.0.published().await?;
        let newest = published.edge.size().min(at.unwrap_or(u64::MAX));
        // Somebody who remembers more than there is gets no proof, and will say so.
        let consistency = if size <= newest {
            let tiles = self.0.tiles(newest, &tile::for_consistency(size, newest)?)?;
            prove_consistency(&tiles, size, newest)?
        } else {
            Vec::new()
        };
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT position, entry, nonce, line, details_nonce, details FROM log_entry
             WHERE household = $1 AND sequence >= $2 AND position < $3 ORDER BY sequence LIMIT $4",
        )
        .bind(household.to_hex())
        .bind(signed(from))
        .bind(signed(newest))
        .bind(i64::from(limit) + 1)
        .fetch_all(self.0.db.read())
        .await?;
        let is_all = rows.len() <= usize::try_from(limit).unwrap_or(usize::MAX);
        let rows = rows.into_iter().take(usize::try_from(limit).unwrap_or(usize::MAX));
        let shown = rows.map(|row| self.0.show(newest, row)).collect::<Result<_>>()?;
        Ok(Visit { checkpoint: Note::parse(&published.note)?, consistency, shown, is_all })
    }

    /// The receipt of a published entry of a household.
    pub async fn receipt(&self, household: HouseholdId, sequence: u64) -> Result<Proof> {
        let visit = self.visit(household, 0, sequence, 1).await?;
        let shown = visit.shown.into_iter().next().ok_or(LogError::NotFound)?;
        let is_it = shown.opening.line().is_ok_and(|line| line.sequence == sequence);
        if !is_it {
            return Err(LogError::NotFound);
        }
        let extra = Some(shown.opening.to_bytes());
        Ok(Proof { extra, index: shown.index, hashes: shown.proof, checkpoint: visit.checkpoint })
    }

    /// Forgets the details of a household's entries up to a sequence. The log does not change by it.
    pub async fn forget_details(&self, household: HouseholdId, through: u64) -> Result<u64> {
        let mut tx = self.0.db.begin().await?;
        let done = sqlx::query(
            "UPDATE log_entry SET details_nonce = NULL, details = NULL
             WHERE household = $1 AND sequence <= $2 AND details IS NOT NULL",
        )
        .bind(household.to_hex())
        .bind(signed(through))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }

    /// Forgets a household: its entries stay in the log and say nothing to anybody any more.
    pub async fn forget_household(&self, household: HouseholdId) -> Result<u64> {
        let mut tx = self.0.db.begin().await?;
        let done = sqlx::query(
            "UPDATE log_entry SET household = NULL, sequence = NULL, nonce = NULL, line = NULL, details_nonce = NULL,
             details = NULL WHERE household = $1",
        )
        .bind(household.to_hex())
        .execute(&mut *tx)
        .await?;
        sqlx::query("DELETE FROM log_head WHERE household = $1").bind(household.to_hex()).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }
}

impl Inner {
    /// What is published, read again from disk if the last publication failed.
    async fn published(&self) -> Result<Published> {
        let mut place = self.published.lock().await;
        let published = match place.take() {
            Some(published) => published,
            None => self.load().await?,
        };
        *place = Some(published.clone());
        Ok(published)
    }

    fn tiles(&self, size: u64, wanted: &BTreeSet<Tile>) -> Result<Tiles> {
        let mut tiles = Tiles::new(size);
        for tile in wanted {
            let bytes = self.files.read(*tile).or_else(|| self.wider(*tile));
            tiles.insert(*tile, &bytes.ok_or(LogError::Damaged("a tile is missing"))?)?;
        }
        Ok(tiles)
    }

    /// The first hashes of the full tile, where a partial one was asked for that has been removed since.
    fn wider(&self, tile: Tile) -> Option<Vec<u8>> {
        let Kind::Hashes(_) = tile.kind else { return None };
        let full = self.files.read(Tile { width: u16::try_from(tile::WIDTH).ok()?, ..tile })?;
        full.get(..32 * usize::from(tile.width)).map(<[u8]>::to_vec)
    }

    fn show(&self, size: u64, (position, entry, nonce, line, details_nonce, details): Row) -> Result<Shown> {
        let index = unsigned(position);
        let tiles = self.tiles(size, &tile::for_inclusion(index, size)?)?;
        let (Some(nonce), Some(line)) = (nonce, line) else { return Err(LogError::NotFound) };
        let details =
            details_nonce.zip(details).map(|(nonce, text)| OpenDetails { nonce: nonce.into(), text: text.into() });
        Ok(Shown {
            index,
            entry: Base64Url(entry),
            opening: Opening { nonce: nonce.into(), line: line.into(), details },
            proof: prove_inclusion(&tiles, index, size)?,
        })
    }
}
