//! The spool with its files: every decision of [`super::queue`], carried out in order.
//!
//! All methods block and may be called from any thread. One lock covers a decision and its file operations, so that no
//! upload can read an item that is about to be replaced. The bytes of a recording in the making do not take it.

use super::item::{Item, ItemKind, Place, Signer};
use super::log::{Begin, LogWriter};
use super::queue::{Entry, EntryKind, Failure, HeadRecord, Outbox, Output};
use super::restore::{complete, entry, head_path, item_path, log_path, restore, write_item};
use crate::durable::{Disk, is_full, remove_if_there, replace};
use crate::timeline::Gap;
use eaves_domain::command::EraseTarget;
use eaves_domain::envelope::Envelope;
use eaves_domain::link::ChainHead;
use eaves_domain::{DeviceId, Timestamp};
use ed25519_dalek::SigningKey;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The bounds of the spool.
#[derive(Clone, Copy, Debug)]
pub struct SpoolLimits {
    /// The most that waiting items may occupy, in bytes. A recording in the making per camera comes on top.
    pub bytes_max: u64,
    /// The most items that are uploaded at once.
    pub uploads_max: usize,
}

/// The spool.
pub struct Spool {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    state: Mutex<State>,
    changed: tokio::sync::Notify,
}

struct State {
    outbox: Outbox,
    next_seq: BTreeMap<DeviceId, u64>,
    interrupted: BTreeMap<DeviceId, bool>,
    /// Decided, but not carried out yet; strictly in order. More than momentarily filled only while the disk fails.
    unsettled: VecDeque<Output>,
}

impl Spool {
    /// Opens the spool in `dir` and completes what was interrupted.
    pub fn open(disk: Arc<dyn Disk>, dir: PathBuf, limits: SpoolLimits) -> io::Result<Self> {
        disk.create_dir(&dir)?;
        let mut state = State {
            outbox: Outbox::new(limits.bytes_max, limits.uploads_max),
            next_seq: BTreeMap::new(),
            interrupted: BTreeMap::new(),
            unsettled: VecDeque::new(),
        };
        for name in disk.list(&dir)? {
            let Some(device) = DeviceId::from_hex(&name) else { continue };
            let restored = restore(&*disk, &dir.join(&name))?;
            state.outbox.restore(device, restored.record, restored.entries);
            state.next_seq.insert(device, restored.next_seq);
            state.interrupted.insert(device, restored.interrupted);
        }
        Ok(Self { disk, dir, state: Mutex::new(state), changed: tokio::sync::Notify::new() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere cannot leave the state half-changed in a way that matters more than stopping to record.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn device_dir(&self, device: DeviceId) -> PathBuf {
        self.dir.join(device.to_hex())
    }

    /// The disk below.
    pub fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    /// Free bytes on the disk.
    pub fn free_bytes(&self) -> io::Result<u64> {
        self.disk.free_bytes(&self.dir)
    }

    /// Wakes when there may be something to upload.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// The end of what is known of a device, spooled or uploaded.
    pub fn covered(&self, device: DeviceId) -> Option<Timestamp> {
        self.state().outbox.covered(device)
    }

    /// Whether a recording of the device was found unfinished when the spool was opened.
    pub fn was_interrupted(&self, device: DeviceId) -> bool {
        self.state().interrupted.get(&device).copied().unwrap_or(false)
    }

    /// The chain as the vault has confirmed it.
    pub fn head(&self, device: DeviceId) -> HeadRecord {
        self.state().outbox.head(device)
    }

    /// Items that wait, and what they occupy.
    pub fn waiting(&self) -> (usize, u64) {
        let state = self.state();
        (state.outbox.len(), state.outbox.bytes())
    }

    /// Makes the device's folder. Needed before anything else is done for a new device.
    pub fn add_device(&self, device: DeviceId) -> io::Result<()> {
        let mut state = self.state();
        self.disk.create_dir(&self.device_dir(device))?;
        if !state.outbox.has(device) {
            state.outbox.restore(device, HeadRecord::EMPTY, Vec::new());
        }
        Ok(())
    }

    /// Begins a recording. The caller appends to the log, then calls [`Spool::finish`] or [`Spool::cut`].
    pub fn begin(&self, device: DeviceId, begin: &Begin) -> io::Result<(u64, LogWriter)> {
        let seq = self.take_seq(&mut self.state(), device);
        let dir = self.device_dir(device);
        let path = log_path(&dir, seq);
        let begun = LogWriter::begin(&*self.disk, &path, begin).and_then(|log| {
            self.disk.sync_dir(&dir)?;
            Ok(log)
        });
        if begun.is_err() {
            // Best effort; what stays is found at the next start.
            let _ = remove_if_there(&*self.disk, &path);
        }
        Ok((seq, begun?))
    }

    /// The recording is complete and its log is durable. After an error it may or may not be an item; see
    /// [`Spool::cut`], which may be tried until it succeeds.
    pub fn finish(&self, device: DeviceId, item: &Item) -> io::Result<()> {
        let mut state = self.state();
        write_item(&*self.disk, &self.device_dir(device), item)?;
        let outputs = state.outbox.append(device, entry(item));
        self.settle(&mut state, outputs);
        self.changed.notify_one();
        Ok(())
    }

    /// The recording was interrupted: what is whole of it is kept. Returns its end; `None` when nothing is whole.
    pub fn cut(&self, device: DeviceId, seq: u64) -> io::Result<Option<Timestamp>> {
        let mut state = self.state();
        let dir = self.device_dir(device);
        let Some(entry) = complete(&*self.disk, &dir, seq)? else {
            // An item may be there although [`Spool::finish`] was told that it could not be written.
            remove_if_there(&*self.disk, &item_path(&dir, seq))?;
            remove_if_there(&*self.disk, &log_path(&dir, seq))?;
            self.disk.sync_dir(&dir)?;
            return Ok(None);
        };
        let outputs = state.outbox.append(device, entry);
        self.settle(&mut state, outputs);
        self.changed.notify_one();
        Ok(Some(entry.end))
    }

    /// A position for a gap, to be announced by [`Spool::gap`] before anything later.
    pub fn reserve(&self, device: DeviceId) -> u64 {
        self.take_seq(&mut self.state(), device)
    }

    /// Announces a gap at a reserved position. May be tried until it succeeds.
    pub fn gap(&self, device: DeviceId, seq: u64, place: Place, gap: Gap) -> io::Result<()> {
        let mut state = self.state();
        let kind = ItemKind::Gap { cause: gap.cause };
        let item = Item { seq, through: seq, start_us: gap.start, end_us: gap.end, place, kind };
        write_item(&*self.disk, &self.device_dir(device), &item)?;
        let outputs = state.outbox.append(device, entry(&item));
        self.settle(&mut state, outputs);
        self.changed.notify_one();
        Ok(())
    }

    fn take_seq(&self, state: &mut State, device: DeviceId) -> u64 {
        let next = state.next_seq.entry(device).or_insert(0);
        let seq = *next;
        *next = next.saturating_add(1);
        seq
    }

    /// The items to upload now; see [`Outbox::start_uploads`]. None while a decision could not be carried out: what the
    /// files say and what would be uploaded must be the same.
    pub fn start_uploads(&self, now_us: i64) -> Vec<(DeviceId, Entry, HeadRecord)> {
        let mut state = self.state();
        self.settle(&mut state, Vec::new());
        if state.unsettled.is_empty() { state.outbox.start_uploads(now_us) } else { Vec::new() }
    }

    /// Whether a decision waits for a disk that fails.
    pub fn is_unsettled(&self) -> bool {
        !self.state().unsettled.is_empty()
    }

    /// When to call [`Spool::start_uploads`] again.
    pub fn wake_at_us(&self) -> Option<i64> {
        self.state().outbox.wake_at_us()
    }

    /// The item at `seq` of a device.
    pub fn item(&self, device: DeviceId, seq: u64) -> io::Result<Item> {
        let bytes = self.disk.read(&item_path(&self.device_dir(device), seq))?;
        serde_json::from_slice(&bytes).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))
    }

    /// Sealed bytes of a recording.
    pub fn read_body(&self, device: DeviceId, seq: u64, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        self.disk.read_at(&log_path(&self.device_dir(device), seq), offset, len)
    }

    /// Whether the sealed bodies of a recording are there.
    pub fn has_body(&self, device: DeviceId, seq: u64) -> bool {
        self.disk.read_at(&log_path(&self.device_dir(device), seq), 0, 1).is_ok()
    }

    /// The vault has confirmed the item at `seq`.
    pub fn uploaded(&self, device: DeviceId, seq: u64, head: ChainHead) {
        let mut state = self.state();
        let outputs = state.outbox.uploaded(device, seq, head);
        self.settle(&mut state, outputs);
        self.changed.notify_one();
    }

    /// The item at `seq` was not taken.
    pub fn failed(&self, device: DeviceId, seq: u64, failure: Failure, now_us: i64, jitter: u32) {
        let mut state = self.state();
        let outputs = state.outbox.failed(device, seq, failure, now_us, jitter);
        self.settle(&mut state, outputs);
        self.changed.notify_one();
    }

    /// The vault can be reached again.
    pub fn vault_is_back(&self) {
        self.state().outbox.vault_is_back();
        self.changed.notify_one();
    }

    /// Drops what is too old.
    pub fn expire(&self, now: Timestamp) {
        let mut state = self.state();
        let outputs = state.outbox.expire(now);
        self.settle(&mut state, outputs);
    }

    /// A member's command names these recordings, each with the link that vouches for it. Only a recording whose link
    /// somebody has seen can be named, and of those the spool holds at most the first of a queue, when the vault's
    /// answer to it was lost. If the link agrees, the vault has it: the chain moves on over it, and the bytes go.
    /// Returns how many were dropped.
    pub fn erase(&self, signer: Signer, key: &SigningKey, targets: &[EraseTarget]) -> io::Result<usize> {
        let mut state = self.state();
        for target in targets {
            let Some((entry, record)) = state.outbox.first_recording(signer.device, target.recording) else { continue };
            let item = self.item(signer.device, entry.seq)?;
            let envelope = Envelope::sign(&item.link(signer, record.head), key);
            let digest = envelope.payload_digest();
            if digest == target.link {
                let head = ChainHead { next_index: record.head.next_index.saturating_add(1), digest: Some(digest) };
                let outputs = state.outbox.uploaded(signer.device, entry.seq, head);
                self.settle(&mut state, outputs);
                self.changed.notify_one();
                return Ok(1);
            }
        }
        Ok(0)
    }

    /// Carries out what was decided, after what was decided before. What fails is tried again by the next call.
    fn settle(&self, state: &mut State, outputs: Vec<Output>) {
        state.unsettled.extend(outputs);
        while let Some(output) = state.unsettled.front() {
            if let Err(error) = self.carry_out(output) {
                tracing::error!(%error, "the spool could not be changed on disk; uploads wait");
                return;
            }
            state.unsettled.pop_front();
        }
    }

    fn carry_out(&self, output: &Output) -> io::Result<()> {
        match *output {
            Output::KeepHead(device, record) => self.keep_head(device, &record),
            Output::Forget(device, seq) => self.forget(device, seq),
            Output::ReplaceByGap(device, entry, swallowed) => {
                self.replace_by_gap(device, &entry)?;
                swallowed.map_or(Ok(()), |seq| self.forget(device, seq))
            }
        }
    }

    fn forget(&self, device: DeviceId, seq: u64) -> io::Result<()> {
        let dir = self.device_dir(device);
        // A log without an item would be taken for an interrupted recording, if nothing else told its end.
        remove_if_there(&*self.disk, &log_path(&dir, seq))?;
        remove_if_there(&*self.disk, &item_path(&dir, seq))
    }

    fn keep_head(&self, device: DeviceId, record: &HeadRecord) -> io::Result<()> {
        let dir = self.device_dir(device);
        let json = serde_json::to_vec(record).expect("heads have string keys and finite numbers only");
        match replace(&*self.disk, &head_path(&dir), &json) {
            Err(error) if is_full(&error) => {
                // The bodies of what was just confirmed are the space that is needed. Without them the item can still
                // be signed again, should the head be lost.
                if let Some(seq) = record.uploaded_seq {
                    remove_if_there(&*self.disk, &log_path(&dir, seq))?;
                }
                replace(&*self.disk, &head_path(&dir), &json)
            }
            other => other,
        }
    }

    fn replace_by_gap(&self, device: DeviceId, entry: &Entry) -> io::Result<()> {
        let dir = self.device_dir(device);
        let EntryKind::Gap(cause) = entry.kind else { return Ok(()) };
        let item = Item {
            seq: entry.seq,
            through: entry.through,
            start_us: entry.start,
            end_us: entry.end,
            place: entry.place,
            kind: ItemKind::Gap { cause },
        };
        if let Err(error) = write_item(&*self.disk, &dir, &item) {
            if !is_full(&error) {
                return Err(error);
            }
            // The bodies that are being dropped are the space that is needed.
            remove_if_there(&*self.disk, &log_path(&dir, entry.seq))?;
            write_item(&*self.disk, &dir, &item)?;
        }
        // The gap is durable: should the rest not happen, the next start removes it.
        remove_if_there(&*self.disk, &log_path(&dir, entry.seq))
    }
}
