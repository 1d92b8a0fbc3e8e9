//! Sealed bodies as files: `bodies/<household>/<first two digits>/<recording>.<part>`.
//!
//! A body is written under a random name in `incoming/`, synced, then renamed into place, so a file under its final name
//! is always whole. `incoming/` is emptied at start; nothing else is scanned.

use super::fault::Steps;
use super::{Result, StoreError};
use bytes::Bytes;
use eaves_domain::link::PartKind;
use eaves_domain::{Digest, HouseholdId, RecordingId};
use sha2::{Digest as _, Sha256};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

/// Pieces are written when so many bytes are there.
const WRITE_BYTES: usize = 256 << 10;

/// The folder of bodies.
#[derive(Clone, Debug)]
pub(crate) struct Blobs {
    root: Arc<PathBuf>,
    steps: Steps,
}

/// A body that is being received.
#[derive(Debug)]
pub struct BodyWriter {
    /// Where it goes; away while a thread that may block writes, and for good when that failed.
    sink: Option<Sink>,
    /// Came, but is not written yet.
    waiting: Vec<Bytes>,
    waiting_bytes: usize,
    incoming: PathBuf,
    target: PathBuf,
    bytes: u64,
    bytes_max: u64,
    steps: Steps,
    is_finished: bool,
}

/// The file of a body and the digest of what is in it.
#[derive(Debug)]
struct Sink {
    file: std::fs::File,
    hash: Sha256,
}

/// A body that is whole and on disk under its temporary name.
#[derive(Debug)]
pub(crate) struct ReadyBody {
    incoming: PathBuf,
    target: PathBuf,
    steps: Steps,
    is_published: bool,
    pub(crate) stored: StoredBody,
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
    pub(crate) fn open(root: &Path, steps: Steps) -> Result<Self> {
        let incoming = root.join("incoming");
        std::fs::create_dir_all(&incoming)?;
        for entry in std::fs::read_dir(&incoming)? {
            std::fs::remove_file(entry?.path())?;
        }
        Ok(Self { root: Arc::new(root.to_owned()), steps })
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
        getrandom::fill(&mut name).map_err(|_| std::io::Error::other("there is no randomness"))?;
        let incoming = self.root.join("incoming").join(hex::encode(name));
        let file = File::create_new(&incoming).await.map_err(StoreError::from_write)?;
        Ok(BodyWriter {
            sink: Some(Sink { file: file.into_std().await, hash: Sha256::new() }),
            waiting: Vec::new(),
            waiting_bytes: 0,
            incoming,
            target: self.path(household, recording, part),
            bytes: 0,
            bytes_max,
            steps: self.steps.clone(),
            is_finished: false,
        })
    }

    /// A body, from `offset` on.
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
        let steps = self.steps.clone();
        tokio::task::spawn_blocking(move || {
            steps.pass()?;
            match std::fs::remove_file(&path) {
                Ok(()) => path.parent().map_or(Ok(()), sync_dir)?,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
            steps.pass()
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
    /// Appends a piece; refuses to grow beyond the limit. The piece is not copied on its way to the system.
    pub async fn write(&mut self, piece: impl Into<Bytes>) -> Result<()> {
        let piece = piece.into();
        self.bytes = self.bytes.saturating_add(piece.len() as u64);
        if self.bytes > self.bytes_max {
            return Err(StoreError::TooLarge);
        }
        self.waiting_bytes += piece.len();
        self.waiting.push(piece);
        if self.waiting_bytes < WRITE_BYTES { Ok(()) } else { self.write_waiting(false).await }
    }

    /// Writes and hashes what waits, on a thread that may block; with `sync`, what was written is durable then.
    async fn write_waiting(&mut self, sync: bool) -> Result<()> {
        let pieces = std::mem::take(&mut self.waiting);
        self.waiting_bytes = 0;
        let mut sink = self.sink.take().ok_or_else(|| std::io::Error::other("an earlier piece was not written"))?;
        let written = tokio::task::spawn_blocking(move || {
            for piece in &pieces {
                sink.hash.update(piece);
                sink.file.write_all(piece)?;
            }
            if sync {
                sink.file.sync_data()?;
            }
            Ok(sink)
        });
        self.sink = Some(written.await.map_err(std::io::Error::other)?.map_err(StoreError::from_write)?);
        Ok(())
    }

    /// Makes the body durable under its temporary name.
    pub(crate) async fn finish(mut self) -> Result<ReadyBody> {
        self.steps.pass()?;
        self.write_waiting(true).await?;
        self.steps.pass()?;
        self.is_finished = true;
        let sink = self.sink.take().ok_or_else(|| std::io::Error::other("the last piece was not written"))?;
        Ok(ReadyBody {
            incoming: self.incoming.clone(),
            target: self.target.clone(),
            steps: self.steps.clone(),
            is_published: false,
            stored: StoredBody { digest: Digest(sink.hash.finalize().into()), bytes: self.bytes },
        })
    }
}

impl ReadyBody {
    /// Gives the body its final name, durably.
    pub(crate) async fn publish(mut self) -> Result<StoredBody> {
        let (incoming, target, steps) = (self.incoming.clone(), self.target.clone(), self.steps.clone());
        tokio::task::spawn_blocking(move || {
            let shelf = target.parent().ok_or_else(|| std::io::Error::other("a body has a folder"))?;
            if !shelf.exists() {
                std::fs::create_dir_all(shelf)?;
                for above in shelf.ancestors().skip(1).take(2) {
                    sync_dir(above)?;
                }
            }
            steps.pass()?;
            std::fs::rename(&incoming, &target)?;
            sync_dir(shelf)?;
            steps.pass()
        })
        .await
        .map_err(std::io::Error::other)?
        .map_err(StoreError::from_write)?;
        self.is_published = true;
        Ok(self.stored)
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

impl Drop for ReadyBody {
    fn drop(&mut self) {
        if !self.is_published {
            let _ = std::fs::remove_file(&self.incoming);
        }
    }
}
