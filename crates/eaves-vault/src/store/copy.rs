//! Backup and restore.
//!
//! A backup holds a consistent copy of the database, the sealed bodies, the secrets behind sign-ins, and the roots of the
//! key trees in a folder of their own. While roots lie in a backup, what was erased since can be opened again by whoever holds that backup: that is
//! the disclosed window of [`ROOTS_IN_BACKUP_DAYS`]. After it, `restore` refuses the roots, and `backup` removes the
//! roots of older backups beside it.
//!
//! Restoring goes back in time: recordings that were erased after the backup was made, and within its window, are there
//! again, because the backup's own root opens them. Expired ones expire again at the first sweep; erased ones must be
//! erased again, which is why `restore` refuses to write over a surviving root. A backup's database together with the
//! *current* root opens nothing at all: that root is of another epoch.
//!
//! The key of the log is in no backup. A restored vault begins another log and says so in it (`crate::log`).

use super::{Result, Store, StoreConfig, StoreError, db, key_tree, root_file, sign_in_file};
use crate::log::restored::Restored;
use eaves_domain::Timestamp;
use sqlx::Connection as _;
use std::path::Path;

/// Roots may lie in a backup for so many days.
pub const ROOTS_IN_BACKUP_DAYS: i64 = 7;

const STAMP: &str = "eaves-backup.json";
/// Before 2, the secrets behind sign-ins lay in the database.
const FORMAT: u32 = 2;

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
        let roots = out.join("roots");
        std::fs::create_dir_all(&roots)?;
        {
            // While the trees are locked nothing is erased: database and roots are of the same epoch.
            let mut locks = Vec::new();
            let households = self.households().await?;
            for household in &households {
                locks.push(self.trees.lock(*household).await);
            }
            sqlx::query(sqlx::AssertSqlSafe(format!("VACUUM INTO '{target}'"))).execute(self.db.read()).await?;
            for household in households {
                let [first, second] = self.trees.root_files(household);
                let Some(epoch) = key_tree::epoch(&self.db, household).await? else { continue };
                let live = [first, second].into_iter().find(|path| root_file::read(path, epoch).is_some());
                let live = live.ok_or(StoreError::Damaged("no copy of the key tree's root is left"))?;
                copy_file(&live, &roots.join(root_file::name_of(household)))?;
            }
        }
        forget_sessions(&database).await?;
        sign_in_file::write(out, &self.sign_ins)?;
        // Bodies after the database, so that every link in it finds its bodies; those of later links do no harm.
        let mut report = BackupReport { bodies: 0, bytes: 0 };
        for (household, name, path) in self.blobs.all()? {
            let shelf = out.join("bodies").join(household).join(name.get(..2).unwrap_or_default());
            std::fs::create_dir_all(&shelf)?;
            let to = shelf.join(name);
            match std::fs::hard_link(&path, &to).or_else(|_| copy_file(&path, &to)) {
                Ok(()) => {}
                // Erased in the meantime.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(StoreError::from_write(error)),
            }
            report.bodies += 1;
            report.bytes += std::fs::metadata(&to)?.len();
        }
        let stamp = serde_json::to_vec(&Stamp { format: FORMAT, made_us: now })
            .map_err(|_| StoreError::Damaged("a stamp cannot be written"))?;
        // The stamp is last: a backup that was interrupted has none and is refused.
        std::fs::write(out.join(STAMP), stamp).map_err(StoreError::from_write)?;
        for name in ["vault.db", STAMP] {
            std::fs::File::open(out.join(name))?.sync_all()?;
        }
        remove_old_roots(out, now)?;
        Ok(report)
    }
}

/// Takes sessions and known devices out of a copied database: what was ended or forgotten since must not live again after
/// a restore.
async fn forget_sessions(database: &Path) -> Result<()> {
    let mut connection = sqlx::AnyConnection::connect(&db::url_of(database)).await?;
    for statement in [
        "PRAGMA secure_delete = ON",
        "DELETE FROM session",
        "DELETE FROM hub_session",
        "DELETE FROM pairing",
        "DELETE FROM known_device",
    ] {
        sqlx::query(statement).execute(&mut connection).await?;
    }
    Ok(connection.close().await?)
}

fn stamp_of(folder: &Path) -> Option<Stamp> {
    serde_json::from_slice(&std::fs::read(folder.join(STAMP)).ok()?).ok()
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
    let stamp = stamp_of(backup)
        .filter(|s| (1..=FORMAT).contains(&s.format))
        .ok_or(StoreError::Damaged("this folder is not a backup"))?;
    let sign_ins = sign_in_file::read(backup)?;
    if stamp.format >= 2 && sign_ins.is_none() {
        return Err(StoreError::Damaged("sign-in.key is missing in this backup: nobody could sign in"));
    }
    if !backup.join("roots").is_dir() || is_past_window(&stamp, now) {
        return Err(StoreError::Damaged(
            "the roots of this backup are past their seven days: nothing in it can be opened any more",
        ));
    }
    // Roots that live on elsewhere are newer than the backup's: writing over them would bring back what was erased since,
    // and nobody would know.
    let holds_any = |dir: &Path| std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
    if holds_any(&config.data_dir) || holds_any(&config.second_roots_dir) {
        return Err(StoreError::Conflict);
    }
    copy_folder(&backup.join("bodies"), &config.blobs())?;
    copy_folder(&backup.join("roots"), &config.first_roots())?;
    copy_folder(&backup.join("roots"), &config.second_roots_dir)?;
    if let Some(sign_ins) = sign_ins {
        sign_in_file::write(&config.data_dir, &sign_ins)?;
    }
    Restored { backup_us: stamp.made_us, restored_us: now }.mark(&config.data_dir)?;
    // The database is last: without it the store does not open, so a restore that was interrupted cannot be used.
    copy_file(&backup.join("vault.db"), &config.database()).map_err(StoreError::from_write)?;
    Ok(())
}

/// Copies a file and makes the copy durable.
fn copy_file(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::copy(from, to)?;
    std::fs::File::open(to)?.sync_all()
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
            copy_file(&entry.path(), &target).map_err(StoreError::from_write)?;
        }
    }
    Ok(())
}
