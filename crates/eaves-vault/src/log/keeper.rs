//! The log's key and its last checkpoint, in a folder of their own that no backup holds.
//!
//! The checkpoint is replaced only in place of the one that the writer knows: compared, written beside, flushed, renamed,
//! and the folder flushed. Whoever could put an old one back could make the log tell two histories.

use super::{LogError, Result};
use crate::store::Steps;
use eaves_domain::Digest;
use eaves_domain::envelope::PublicKey;
use eaves_tlog::note::{KeyKind, VerifierKey};
use ed25519_dalek::SigningKey;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const KEY: &str = "log.key";
const CHECKPOINT: &str = "checkpoint";
const MAGIC: &str = "eaves-log-key/1";

/// Name and key of a log, made once.
pub(super) struct LogKey {
    pub(super) origin: String,
    pub(super) key: SigningKey,
    verifier: VerifierKey,
}

impl std::fmt::Debug for LogKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl LogKey {
    fn new(origin: &str, seed: &[u8; 32]) -> Result<Self> {
        let key = SigningKey::from_bytes(seed);
        let verifier = VerifierKey::new(origin, KeyKind::Note, PublicKey::of(&key))?;
        Ok(Self { origin: origin.to_owned(), key, verifier })
    }

    pub(super) fn verifier(&self) -> VerifierKey {
        self.verifier.clone()
    }

    /// `eaves-log-key/1`, origin, seed in hexadecimal, and the SHA-256 over these lines.
    fn to_text(&self) -> Zeroizing<String> {
        let seed = Zeroizing::new(hex::encode(self.key.as_bytes()));
        let body = Zeroizing::new(format!("{MAGIC}\n{}\n{}\n", self.origin, &*seed));
        Zeroizing::new(format!("{}{}\n", &*body, Digest::of(body.as_bytes()).to_hex()))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.split('\n');
        let (magic, origin, seed, _sum) = (lines.next()?, lines.next()?, lines.next()?, lines.next()?);
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(seed, bytes.as_mut_slice()).ok()?;
        let key = Self::new(origin, &bytes).ok()?;
        (magic == MAGIC && *key.to_text() == text).then_some(key)
    }
}

/// The folder.
#[derive(Debug)]
pub(super) struct Keeper {
    dir: PathBuf,
    steps: Steps,
}

impl Keeper {
    pub(super) fn open(dir: &Path, steps: Steps) -> Result<Self> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        Ok(Self { dir: dir.to_owned(), steps })
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>> {
        match std::fs::read(self.dir.join(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn read_key(&self) -> Result<Option<LogKey>> {
        let Some(bytes) = self.read(KEY)?.map(Zeroizing::new) else { return Ok(None) };
        let key = std::str::from_utf8(&bytes).ok().and_then(LogKey::parse);
        key.map(Some).ok_or(LogError::Damaged("its key is damaged"))
    }

    /// A new log: random name and key. Only where there is no log yet.
    pub(super) fn make_key(&self, origin_prefix: &str) -> Result<LogKey> {
        let mut name = [0; 16];
        let mut seed = Zeroizing::new([0; 32]);
        for bytes in [name.as_mut_slice(), seed.as_mut_slice()] {
            getrandom::fill(bytes).map_err(|_| std::io::Error::other("there is no randomness"))?;
        }
        let key = LogKey::new(&format!("{origin_prefix}/log/{}", hex::encode(name)), &seed)?;
        self.put(KEY, key.to_text().as_bytes())?;
        Ok(key)
    }

    pub(super) fn read_checkpoint(&self) -> Result<Option<Vec<u8>>> {
        self.read(CHECKPOINT)
    }

    /// Puts `new` in place of `expected`, and of nothing else.
    pub(super) fn swap(&self, expected: Option<&[u8]>, new: &[u8]) -> Result<()> {
        if self.read_checkpoint()?.as_deref() != expected {
            return Err(LogError::Forked);
        }
        self.put(CHECKPOINT, new)
    }

    /// Writes a file so that it is there whole or as it was.
    fn put(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let unfinished = self.dir.join(format!("{name}.new"));
        match std::fs::remove_file(&unfinished) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        self.steps.pass()?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        self.steps.pass()?;
        std::fs::rename(&unfinished, self.dir.join(name))?;
        File::open(&self.dir)?.sync_all()?;
        self.steps.pass()?;
        Ok(())
    }
}
