//! The two-slot file that holds the root key of one key tree, overwritten in place, and the pair of its live copies.
//!
//! A slot is `epoch ‖ key ‖ SHA-256(epoch ‖ key)`; the slot of epoch `e` is `e % 2`. Both slots are written when the file
//! is made, so that overwriting later needs no room on the disk. The file is opened anew for each use: a copy whose disk
//! comes and goes is found again, and one that is lost never stops the other.

use super::fault::Steps;
use eaves_domain::HouseholdId;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Length of a key.
pub(super) const KEY: usize = 32;
/// Slots lie this far apart, so that no write touches both.
const SLOT_DISTANCE: u64 = 4096;
const SLOT: usize = 8 + KEY + 32;

/// A key that is wiped from memory when dropped.
pub(super) type Secret = Zeroizing<[u8; KEY]>;

/// The file name of a household's root.
pub(super) fn name_of(household: HouseholdId) -> String {
    format!("{household}.root")
}

fn offset(epoch: u64) -> u64 {
    (epoch % 2) * SLOT_DISTANCE
}

/// The root of `epoch` in the file at `path`; `None` when there is no such file or its slot holds something else.
pub(super) fn read(path: &Path, epoch: u64) -> Option<Secret> {
    let file = File::open(path).ok()?;
    let mut slot = Zeroizing::new([0; SLOT]);
    file.read_exact_at(slot.as_mut_slice(), offset(epoch)).ok()?;
    let (body, sum) = slot.split_at(8 + KEY);
    let is_whole = eaves_domain::Digest::of(body).0 == *sum && body[..8] == epoch.to_le_bytes();
    is_whole.then(|| Zeroizing::new(<[u8; KEY]>::try_from(&body[8..]).expect("a slot holds one key")))
}

fn noise() -> std::io::Result<[u8; SLOT]> {
    let mut noise = [0; SLOT];
    getrandom::fill(&mut noise).map_err(|_| std::io::Error::other("there is no randomness"))?;
    Ok(noise)
}

fn open_for_writing(path: &Path) -> std::io::Result<File> {
    match OpenOptions::new().write(true).open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let dir = path.parent().ok_or_else(|| std::io::Error::other("a root file has a folder"))?;
            std::fs::create_dir_all(dir)?;
            let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
            file.write_all_at(&noise()?, 0)?;
            file.write_all_at(&noise()?, SLOT_DISTANCE)?;
            file.sync_all()?;
            File::open(dir)?.sync_all()?;
            Ok(file)
        }
        other => other,
    }
}

fn write(path: &Path, epoch: u64, key: &Secret, steps: &Steps) -> std::io::Result<()> {
    let mut slot = Zeroizing::new([0; SLOT]);
    slot[..8].copy_from_slice(&epoch.to_le_bytes());
    slot[8..8 + KEY].copy_from_slice(key.as_slice());
    let sum = eaves_domain::Digest::of(&slot[..8 + KEY]);
    slot[8 + KEY..].copy_from_slice(&sum.0);
    steps.pass()?;
    let file = open_for_writing(path)?;
    file.write_all_at(slot.as_slice(), offset(epoch))?;
    file.sync_data()?;
    steps.pass()
}

/// Overwrites the slot that does not hold `epoch`.
fn destroy_other(path: &Path, epoch: u64, steps: &Steps) -> std::io::Result<()> {
    steps.pass()?;
    let file = open_for_writing(path)?;
    file.write_all_at(&noise()?, offset(epoch.wrapping_add(1)))?;
    file.sync_data()?;
    steps.pass()
}

/// The live copies of one household's root.
#[derive(Debug)]
pub(super) struct Copies {
    paths: [PathBuf; 2],
    /// Copies that failed when they were last used.
    pub(super) failing: [bool; 2],
    steps: Steps,
}

impl Copies {
    pub(super) fn new(dirs: &[PathBuf; 2], household: HouseholdId, steps: Steps) -> Self {
        Self { paths: dirs.each_ref().map(|dir| dir.join(name_of(household))), failing: [false; 2], steps }
    }

    /// Finds the root of `epoch`, makes a copy that lacks it anew, and overwrites what an interrupted erasure left.
    /// `None` when no copy has it.
    pub(super) fn settle(&mut self, epoch: u64) -> Option<Secret> {
        let found = self.paths.each_ref().map(|path| read(path, epoch));
        let key = found.iter().flatten().next()?.clone();
        for (at, path) in self.paths.iter().enumerate() {
            let mut outcome = Ok(());
            if found[at].is_none() {
                tracing::warn!(copy = at, "a copy of a key tree's root was missing and is made anew");
                outcome = write(path, epoch, &key, &self.steps);
            }
            // A crash may have left the root of an erasure that did not happen, or of one whose old root must go.
            outcome = outcome.and_then(|()| destroy_other(path, epoch, &self.steps));
            self.failing[at] = note(at, outcome).is_err();
        }
        Some(key)
    }

    /// Puts a new root beside the old one. One copy suffices; none is an error.
    pub(super) fn write(&mut self, epoch: u64, key: &Secret) -> std::io::Result<()> {
        self.on_each(|path, steps| write(path, epoch, key, steps))
    }

    /// Overwrites every root but the one of `epoch`. False when a copy could not be reached: it may hold the old root.
    pub(super) fn destroy_others(&mut self, epoch: u64) -> std::io::Result<bool> {
        self.on_each(|path, steps| destroy_other(path, epoch, steps))?;
        Ok(!self.failing.contains(&true))
    }

    fn on_each(&mut self, act: impl Fn(&Path, &Steps) -> std::io::Result<()>) -> std::io::Result<()> {
        let mut last = Ok(());
        for (at, path) in self.paths.iter().enumerate() {
            let outcome = note(at, act(path, &self.steps));
            self.failing[at] = outcome.is_err();
            if outcome.is_err() {
                last = outcome;
            }
        }
        if self.failing == [true; 2] { last } else { Ok(()) }
    }
}

fn note(at: usize, outcome: std::io::Result<()>) -> std::io::Result<()> {
    if let Err(error) = &outcome {
        tracing::error!(copy = at, kind = ?error.kind(), "a copy of a key tree's root cannot be written: one copy is left");
    }
    outcome
}
