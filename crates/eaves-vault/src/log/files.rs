//! Tiles on a disk. A file is there whole or not at all, and never gets other bytes than it had.

use super::{LogError, Result};
use crate::store::Steps;
use eaves_tlog::tile::Tile;
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// The folder of tiles.
#[derive(Debug)]
pub(super) struct TileFiles {
    root: PathBuf,
    steps: Steps,
}

impl TileFiles {
    pub(super) fn open(root: &Path, steps: Steps) -> Result<Self> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(root)?;
        Ok(Self { root: root.to_owned(), steps })
    }

    /// The bytes of a tile. A full one also stands for its partial forms, which are removed once it is there.
    pub(super) fn read(&self, tile: Tile) -> Option<Vec<u8>> {
        std::fs::read(self.root.join(tile.path())).ok()
    }

    /// Writes tiles and flushes them: when this returns, a power cut cannot take them away.
    pub(super) fn write(&self, tiles: &[(Tile, Vec<u8>)]) -> Result<()> {
        let mut folders = BTreeSet::new();
        for (tile, bytes) in tiles {
            let path = self.root.join(tile.path());
            let folder = path.parent().ok_or(LogError::Damaged("a tile without a folder"))?;
            std::fs::create_dir_all(folder)?;
            // The folder's own name must last too, up to the root.
            folders.extend(folder.ancestors().take_while(|above| above.starts_with(&self.root)).map(Path::to_owned));
            match std::fs::read(&path) {
                Ok(there) if there == *bytes => continue,
                Ok(_) => return Err(LogError::Damaged("a tile would change")),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
            self.steps.pass()?;
            let unfinished = self.root.join("unfinished");
            let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            std::fs::rename(&unfinished, &path)?;
            self.steps.pass()?;
        }
        for folder in folders {
            File::open(folder)?.sync_all()?;
        }
        self.steps.pass()?;
        Ok(())
    }

    /// Removes the partial forms of tiles that became full. Housekeeping: what stays is only in the way.
    pub(super) fn remove_outgrown(&self, tiles: &[(Tile, Vec<u8>)]) {
        for (tile, _) in tiles.iter().filter(|(tile, _)| tile.is_full()) {
            let partial = self.root.join(format!("{}.p", tile.path()));
            if let Err(error) = std::fs::remove_dir_all(partial)
                && error.kind() != std::io::ErrorKind::NotFound
            {
                tracing::warn!(kind = ?error.kind(), "outgrown tiles of the log stay");
            }
        }
    }
}
