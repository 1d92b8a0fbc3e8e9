//! Sealed bodies as files: `bodies/<household>/<first two digits>/<recording>.<part>`.
//!
//! A body is written under a random name in `incoming/`, synced, then renamed into place, so a file under its final name
//! is always whole. `incoming/` is emptied at start; nothing else is scanned.

use super::{Result, StoreError};
use eaves_domain::link::PartKind;
use eaves_domain::{Digest, HouseholdId, RecordingId};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};

/// The folder of bodies.
#[derive(Clone, Debug)]
pub(crate) struct Blobs {
    root: Arc<PathBuf>,
}

/// A body that is being received.
#[derive(Debug)]
pub struct BodyWriter {
    file: tokio::io::BufWriter<File>,
    incoming: PathBuf,
    target: PathBuf,
    hash: Sha256,
    bytes: u64,
    bytes_max: u64,
    is_finished: bool,
}

/// A body that is whole and on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredBody {
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Its length.
    pub bytes: u64,
}

fn sync_dir(dir: &Path) -> std::io::Result<()> {
    std::fs::File::open(dir)?.sync_all()
}

impl Blobs {
    pub(crate) fn open(root: &Path) -> Result<Self> {
        let incoming = root.join("incoming");
        std::fs::create_dir_all(&incoming)?;
        for entry in std::fs::read_dir(&incoming)? {
            std::fs::remove_file(entry?.path())?;
        }
        Ok(Self { root: Arc::new(root.to_owned()) })
    }

    pub(crate) fn path(&self, household: HouseholdId, recording: RecordingId, part: PartKind) -> PathBuf {
        let name = recording.to_hex();
        self.root.join(household.to_hex()).join(&name[..2]).join(format!("{name}.{}", part.as_str()))
    }

    pub(crate) async fn create(
        &self,
        household: HouseholdId,
        recording: RecordingId,
        part: PartKind,
        bytes_max: u64,
    ) -> Result<BodyWriter> {
        let mut name = [0; 16];
        getrandom::fill(&mut name).map_err(std::io::Error::other)?;
        let incoming = self.root.join("incoming").join(hex::encode(name));
        let file = File::create_new(&incoming).await.map_err(StoreError::from_write)?;
        Ok(BodyWriter {
            file: tokio::io::BufWriter::with_capacity(256 << 10, file),
            incoming,
            target: self.path(household, recording, part),
            hash: Sha256::new(),
            bytes: 0,
            bytes_max,
            is_finished: false,
        })
    }

    /// Up to `limit` bytes of a body from `offset`.
    pub(crate) async fn read(
        &self,
        household: HouseholdId,
        recording: RecordingId,
        part: PartKind,
        offset: u64,
    ) -> Result<File> {
        let mut file = File::open(self.path(household, recording, part)).await?;
        file.seek(std::io::SeekFrom::Start(offset)).await?;
        Ok(file)
    }

    /// Length on disk; `None` when the file is not there.
    pub(crate) async fn length(
        &self,
        household: HouseholdId,
        recording: RecordingId,
        part: PartKind,
    ) -> Result<Option<u64>> {
        match tokio::fs::metadata(self.path(household, recording, part)).await {
            Ok(meta) => Ok(Some(meta.len())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Digest of what is on disk.
    pub(crate) async fn digest(
        &self,
        household: HouseholdId,
        recording: RecordingId,
        part: PartKind,
    ) -> Result<Digest> {
        let mut file = File::open(self.path(household, recording, part)).await?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 256 << 10];
        loop {
            match file.read(&mut buffer).await? {
                0 => return Ok(Digest(hash.finalize().into())),
                n => hash.update(buffer.get(..n).unwrap_or_default()),
            }
        }
    }

    /// Removes a body. Its absence is success.
    pub(crate) async fn remove(&self, household: HouseholdId, recording: RecordingId, part: PartKind) -> Result<()> {
        let path = self.path(household, recording, part);
        tokio::task::spawn_blocking(move || match std::fs::remove_file(&path) {
            Ok(()) => path.parent().map_or(Ok(()), sync_dir),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        })
        .await
        .map_err(std::io::Error::other)??;
        Ok(())
    }

    /// Every body on disk, as (household folder, file name); for `check` and backup.
    pub(crate) fn all(&self) -> Result<Vec<(String, String, PathBuf)>> {
        let mut out = Vec::new();
        for household in std::fs::read_dir(&*self.root)? {
            let household = household?;
            let name = household.file_name().to_string_lossy().into_owned();
            if name == "incoming" || !household.file_type()?.is_dir() {
                continue;
            }
            for shelf in std::fs::read_dir(household.path())? {
                for file in std::fs::read_dir(shelf?.path())? {
                    let file = file?;
                    out.push((name.clone(), file.file_name().to_string_lossy().into_owned(), file.path()));
                }
            }
        }
        Ok(out)
    }
}

impl BodyWriter {
    /// Appends `bytes`; refuses to grow beyond the limit.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        if self.bytes > self.bytes_max {
            return Err(StoreError::TooLarge);
        }
        self.hash.update(bytes);
        self.file.write_all(bytes).await.map_err(StoreError::from_write)
    }

    /// Makes the body durable under its final name.
    pub async fn finish(mut self) -> Result<StoredBody> {
        self.file.flush().await.map_err(StoreError::from_write)?;
        self.file.get_ref().sync_data().await.map_err(StoreError::from_write)?;
        let (incoming, target) = (self.incoming.clone(), self.target.clone());
        tokio::task::spawn_blocking(move || {
            let shelf = target.parent().ok_or_else(|| std::io::Error::other("a body has a folder"))?;
            if !shelf.exists() {
                std::fs::create_dir_all(shelf)?;
                if let Some(above) = shelf.parent() {
                    sync_dir(above)?;
                }
            }
            std::fs::rename(&incoming, &target)?;
            sync_dir(shelf)
        })
        .await
        .map_err(std::io::Error::other)?
        .map_err(StoreError::from_write)?;
        self.is_finished = true;
        Ok(StoredBody { digest: Digest(self.hash.clone().finalize().into()), bytes: self.bytes })
    }
}

impl Drop for BodyWriter {
    fn drop(&mut self) {
        if !self.is_finished {
            // Best effort; the folder is emptied at the next start in any case.
            let _ = std::fs::remove_file(&self.incoming);
        }
    }
}
