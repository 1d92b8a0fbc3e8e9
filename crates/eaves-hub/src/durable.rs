//! Files that survive a power cut: the few operations the hub needs of a disk, and the one way to replace a file.
//!
//! Everything the hub keeps goes through [`Disk`], so that a test can fail or "pull the plug" at each single step
//! (see `faulty`). What comes in here is ciphertext, signed documents or the hub's own identity, never plaintext media.
//!
//! All calls block. The async side makes them from blocking threads.

use std::io;
use std::path::{Path, PathBuf};

#[cfg(test)]
pub(crate) mod faulty;
#[cfg(feature = "leaky-for-tests")]
pub(crate) mod leaky;
mod real;
pub use real::RealDisk;

/// A disk. Durability is explicit: bytes after [`DiskFile::sync`], names after [`Disk::sync_dir`].
pub trait Disk: Send + Sync + 'static {
    /// The whole file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// Up to `len` bytes from `offset`; fewer at the end of the file.
    fn read_at(&self, path: &Path, offset: u64, len: usize) -> io::Result<Vec<u8>>;
    /// A new file that only this user may read. Fails if the name is taken.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// Makes the bytes of a file durable that somebody wrote.
    fn sync_file(&self, path: &Path) -> io::Result<()>;
    /// Gives `from` the name `to`; what had that name is gone.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// The names in a folder; none when there is no such folder.
    fn list(&self, dir: &Path) -> io::Result<Vec<String>>;
    /// Makes a folder that only this user may enter, with its parents. Fine when it is there.
    fn create_dir(&self, dir: &Path) -> io::Result<()>;
    /// Makes the names in a folder durable.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
    /// Free bytes for this user on the disk that holds `dir`.
    fn free_bytes(&self, dir: &Path) -> io::Result<u64>;
}

/// A file being written at its end.
pub trait DiskFile: Send {
    /// Appends the pieces in order. After an error, how much of them is in the file is unknown.
    fn append(&mut self, pieces: &[&[u8]]) -> io::Result<()>;
    /// Makes everything appended so far durable.
    fn sync(&mut self) -> io::Result<()>;
}

/// Replaces the file at `path` by `bytes`: temporary file, fsync, rename, fsync of the folder.
///
/// On success the new content is durable. On failure the file holds either the old or the new content, whole, now and
/// after a crash; the caller must not assume which.
pub fn replace(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = path.parent().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    let temporary = temporary_name(path);
    remove_if_there(disk, &temporary)?;
    let mut file = disk.create(&temporary)?;
    let written = file.append(&[bytes]).and_then(|()| file.sync());
    drop(file);
    if let Err(error) = written.and_then(|()| disk.rename(&temporary, path)) {
        // Best effort: on a full disk the half-written file must not take the last space.
        let _ = disk.remove(&temporary);
        return Err(error);
    }
    disk.sync_dir(dir)
}

/// Reads a file that may be absent.
pub fn read_if_there(disk: &dyn Disk, path: &Path) -> io::Result<Option<Vec<u8>>> {
    match disk.read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Removes a file that may be absent.
pub fn remove_if_there(disk: &dyn Disk, path: &Path) -> io::Result<()> {
    match disk.remove(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Whether an error says that the disk (or the user's share of it) is full.
pub fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

fn temporary_name(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".tmp");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests;
