//! Backup and restore.
//!
//! A backup holds a consistent copy of the database, the sealed bodies, and the roots of the key trees in a folder of
//! their own. While roots lie in a backup, what was erased since can be opened again by whoever holds that backup: that is
//! the disclosed window of [`ROOTS_IN_BACKUP_DAYS`]. After it, `restore` refuses the roots, and `backup` removes the
//! roots of older backups beside it.

use super::{Result, Store, StoreConfig, StoreError};
use eaves_domain::Timestamp;
use std::path::Path;

/// Roots may lie in a backup for so many days.
pub const ROOTS_IN_BACKUP_DAYS: i64 = 7;

/// What a backup holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackupReport {
    /// Sealed bodies.
    pub bodies: u64,
    /// Their bytes.
    pub bytes: u64,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Stamp {
    format: u32,
    made_us: Timestamp,
}

impl Store {
    /// Copies everything to `out`, which must not exist or be empty.
    pub async fn backup(&self, out: &Path, now: Timestamp) -> Result<BackupReport> {
        std::fs::create_dir_all(out)?;
        if std::fs::read_dir(out)?.next().is_some() {
            return Err(StoreError::Conflict);
        }
        let database = out.join("vault.db");
        let target = database
            .to_str()
            .filter(|t| !t.contains('\''))
            .ok_or(StoreError::Damaged("the backup folder's name cannot be used"))?;
        // Bodies are copied after the database, so every link in it finds its bodies; later ones are left out.
        sqlx::query(sqlx::AssertSqlSafe(format!("VACUUM INTO '{target}'"))).execute(self.db.read()).await?;
        let mut report = BackupReport { bodies: 0, bytes: 0 };
        for (household, name, path) in self.blobs.all()? {
            let shelf = out.join("bodies").join(household).join(&name[..2.min(name.len())]);
            std::fs::create_dir_all(&shelf)?;
            let to = shelf.join(name);
            if std::fs::hard_link(&path, &to).is_err() {
                match std::fs::copy(&path, &to) {
                    Ok(_) => {}
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                    Err(error) => return Err(StoreError::from_write(error)),
                }
            }
            report.bodies += 1;
            report.bytes += std::fs::metadata(&to)?.len();
        }
        let roots = out.join("roots");
        std::fs::create_dir_all(&roots)?;
        for household in self.households().await? {
            let [first, _] = self.trees.root_files(household);
            if first.exists() {
                std::fs::copy(&first, roots.join(format!("{household}.root"))).map_err(StoreError::from_write)?;
            }
        }
        let stamp = serde_json::to_vec(&Stamp { format: 1, made_us: now })
            .map_err(|_| StoreError::Damaged("a stamp cannot be written"))?;
        std::fs::write(out.join("eaves-backup.json"), stamp).map_err(StoreError::from_write)?;
        remove_old_roots(out, now)?;
        Ok(report)
    }
}

fn stamp_of(folder: &Path) -> Option<Stamp> {
    serde_json::from_slice(&std::fs::read(folder.join("eaves-backup.json")).ok()?).ok()
}

fn is_past_window(stamp: &Stamp, now: Timestamp) -> bool {
    now.since_us(stamp.made_us) > ROOTS_IN_BACKUP_DAYS * 86_400_000_000
}

/// Removes the roots of backups that lie beside `out` and are past the window.
fn remove_old_roots(out: &Path, now: Timestamp) -> Result<()> {
    let Some(shelf) = out.parent() else { return Ok(()) };
    for entry in std::fs::read_dir(shelf)? {
        let folder = entry?.path();
        if folder.join("roots").is_dir() && stamp_of(&folder).is_some_and(|stamp| is_past_window(&stamp, now)) {
            std::fs::remove_dir_all(folder.join("roots"))?;
        }
    }
    Ok(())
}

/// Puts a backup back into an empty place.
pub fn restore(backup: &Path, config: &StoreConfig, now: Timestamp) -> Result<()> {
    let stamp = stamp_of(backup).filter(|s| s.format == 1).ok_or(StoreError::Damaged("this folder is not a backup"))?;
    if !backup.join("roots").is_dir() || is_past_window(&stamp, now) {
        return Err(StoreError::Damaged(
            "the roots of this backup are past their seven days: nothing in it can be opened any more",
        ));
    }
    if config.database().exists() || config.first_roots().exists() {
        return Err(StoreError::Conflict);
    }
    copy_folder(&backup.join("bodies"), &config.blobs())?;
    copy_folder(&backup.join("roots"), &config.first_roots())?;
    copy_folder(&backup.join("roots"), &config.second_roots_dir)?;
    std::fs::copy(backup.join("vault.db"), config.database()).map_err(StoreError::from_write)?;
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    if !from.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target).map_err(StoreError::from_write)?;
        }
    }
    Ok(())
}
