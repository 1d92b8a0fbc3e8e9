//! One program per role and folder: two vaults on one store, or two hubs on one spool, would undo each other's work.

use anyhow::{Context as _, bail};
use std::fs::{File, TryLockError};
use std::path::Path;

/// Held as long as the role works on the folder. The operating system lets go of it when the process ends, however it
/// ends.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "the lock is held by the open file")] File);

/// Takes the folder for `role`, or says that somebody has it.
pub(crate) fn take(data_dir: &Path, role: &str) -> anyhow::Result<Lock> {
    std::fs::create_dir_all(data_dir).with_context(|| format!("could not make the folder {}", data_dir.display()))?;
    let path = data_dir.join(format!("{role}.lock"));
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.with_context(|| format!("could not open {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => {
            bail!("Eaves is running on the folder {} already; stop it first", data_dir.display())
        }
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("could not lock {}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::take;

    #[test]
    fn a_folder_is_for_one_program_of_each_role_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let vault = take(dir.path(), "vault").unwrap();
        assert!(take(dir.path(), "vault").unwrap_err().to_string().contains("already"));
        let hub = take(dir.path(), "hub").unwrap();
        drop(vault);
        assert!(take(dir.path(), "vault").is_ok());
        drop(hub);
    }
}
