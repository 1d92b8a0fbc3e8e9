//! Which item is handed to the vault next, and what has to give way when the spool is full.
//!
//! A pure machine over all devices. Order within a device is sacred: one item at a time, oldest first.
//!
//! **The first item of a queue is frozen.** It is the only one whose link may already be in the vault without the hub
//! knowing (the answer was lost). Changing it could fork the chain, so a full spool never drops it; it gives way only
//! after the vault's head has shown that its link is not there.

use super::item::Place;
use eaves_domain::link::{ChainHead, GapCause};
use eaves_domain::{DeviceId, RecordingId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// The least that any item counts for: its file occupies a block.
pub const ITEM_BYTES_MIN: u64 = 4_096;
const BACKOFF_US_MIN: i64 = 1_000_000;
const BACKOFF_US_MAX: i64 = 60_000_000;
/// How long to leave a vault alone that refuses a chain.
const REFUSED_US: i64 = 300_000_000;

/// What is remembered of a device's chain when its items are gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HeadRecord {
    /// Where the chain ends that the vault has confirmed.
    pub head: ChainHead,
    /// The last position in the queue that is part of it.
    pub uploaded_seq: Option<u64>,
    /// The end of the last link's span.
    pub end_us: Option<Timestamp>,
}

impl HeadRecord {
    /// Of a device that has no chain.
    pub const EMPTY: Self = Self { head: ChainHead::EMPTY, uploaded_seq: None, end_us: None };
}

/// What the machine knows of an item; the rest is in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// First position it stands for.
    pub seq: u64,
    /// Last position it stands for.
    pub through: u64,
    /// Start of the span.
    pub start: Timestamp,
    /// End of the span.
    pub end: Timestamp,
    /// Where.
    pub place: Place,
    /// What.
    pub kind: EntryKind,
}

/// Recording or gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A recording.
    Recording {
        /// Which.
        recording: RecordingId,
        /// Bytes of its bodies.
        bytes: u64,
        /// When it is to be erased.
        keep_until: Timestamp,
    },
    /// A gap.
    Gap(GapCause),
}

impl Entry {
    fn bytes(&self) -> u64 {
        match self.kind {
            EntryKind::Recording { bytes, .. } => bytes.max(ITEM_BYTES_MIN),
            EntryKind::Gap(_) => ITEM_BYTES_MIN,
        }
    }

    fn is_recording(&self) -> bool {
        matches!(self.kind, EntryKind::Recording { .. })
    }
}

/// How the vault's head compares with ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The vault waits for the link that we want to hand over.
    InStep,
    /// The vault has exactly the link that we want to hand over: the answer was lost.
    AlreadyThere,
    /// The vault shows less than it has confirmed.
    RolledBack,
    /// The vault shows another history.
    Forked,
}

/// Compares the head that a vault shows with the confirmed one and the one that the next link would make.
pub fn judge(confirmed: ChainHead, next: ChainHead, shown: ChainHead) -> Verdict {
    if shown == confirmed {
        Verdict::InStep
    } else if shown == next {
        Verdict::AlreadyThere
    } else if shown.next_index < confirmed.next_index {
        Verdict::RolledBack
    } else {
        Verdict::Forked
    }
}

/// Why an upload did not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No answer, or the vault is busy: try again soon.
    Unavailable,
    /// The vault refuses the document, or shows less or another history: try again much later.
    Refused,
    /// The vault's head shows that the link is not there, and its bodies are lost on our side.
    BodyLost,
}

/// What the edge has to do, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Keep this head.
    KeepHead(DeviceId, HeadRecord),
    /// The files of this position are not needed any more.
    Forget(DeviceId, u64),
    /// Replace the file of this item by the gap and remove its log; then the files of the item that was swallowed.
    ReplaceByGap(DeviceId, Entry, Option<u64>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Upload {
    Waiting { since_us: i64, delay_us: i64 },
    InFlight,
}

#[derive(Clone, Debug)]
struct Queue {
    record: HeadRecord,
    entries: VecDeque<Entry>,
    upload: Upload,
    attempt: u32,
}

/// The machine. Its `now_us` is monotonic: a clock that is moved must not stop uploads for an hour.
#[derive(Clone, Debug)]
pub struct Outbox {
    queues: BTreeMap<DeviceId, Queue>,
    bytes_max: u64,
    uploads_max: usize,
}

impl Outbox {
    /// An outbox without devices that holds `bytes_max` and uploads at most `uploads_max` items at once.
    pub fn new(bytes_max: u64, uploads_max: usize) -> Self {
        Self { queues: BTreeMap::new(), bytes_max, uploads_max: uploads_max.max(1) }
    }

    /// Adds a device with what was found on disk, in order.
    pub fn restore(&mut self, device: DeviceId, record: HeadRecord, entries: Vec<Entry>) {
        let upload = Upload::Waiting { since_us: 0, delay_us: 0 };
        self.queues.insert(device, Queue { record, entries: entries.into(), upload, attempt: 0 });
    }

    /// Whether the device is known.
    pub fn has(&self, device: DeviceId) -> bool {
        self.queues.contains_key(&device)
    }

    /// The confirmed head of a device.
    pub fn head(&self, device: DeviceId) -> HeadRecord {
        self.queues.get(&device).map_or(HeadRecord::EMPTY, |q| q.record)
    }

    /// The end of what is spooled or uploaded of a device; `None` when nothing ever was.
    pub fn covered(&self, device: DeviceId) -> Option<Timestamp> {
        let queue = self.queues.get(&device)?;
        queue.entries.back().map(|e| e.end).or(queue.record.end_us)
    }

    /// Items that wait, over all devices.
    pub fn len(&self) -> usize {
        self.queues.values().map(|q| q.entries.len()).sum()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the waiting items count for.
    pub fn bytes(&self) -> u64 {
        self.queues.values().flat_map(|q| &q.entries).fold(0, |sum, e| sum.saturating_add(e.bytes()))
    }

    /// Appends an item whose files are durable.
    pub fn append(&mut self, device: DeviceId, entry: Entry) -> Vec<Output> {
        if !self.has(device) {
            self.restore(device, HeadRecord::EMPTY, Vec::new());
        }
        if let Some(queue) = self.queues.get_mut(&device) {
            queue.entries.push_back(entry);
        }
        self.make_room(self.bytes_max)
    }

    /// The items to upload now, oldest first; each is in flight until [`Outbox::uploaded`] or [`Outbox::failed`].
    pub fn start_uploads(&mut self, now_us: i64) -> Vec<(DeviceId, Entry, HeadRecord)> {
        let busy = self.queues.values().filter(|q| q.upload == Upload::InFlight).count();
        let mut ready: Vec<_> = self
            .queues
            .iter_mut()
            .filter_map(|(device, queue)| {
                let entry = *queue.entries.front()?;
                (due(queue.upload)? <= now_us).then_some((*device, entry, queue))
            })
            .collect();
        ready.sort_by_key(|(_, entry, _)| entry.end);
        let mut started = Vec::new();
        for (device, entry, queue) in ready.into_iter().take(self.uploads_max.saturating_sub(busy)) {
            queue.upload = Upload::InFlight;
            started.push((device, entry, queue.record));
        }
        started
    }

    /// When [`Outbox::start_uploads`] will have something that it has not now.
    pub fn wake_at_us(&self) -> Option<i64> {
        self.queues.values().filter(|q| !q.entries.is_empty()).filter_map(|q| due(q.upload)).min()
    }

    /// The vault has confirmed the item at `seq`; the chain now ends in `head`.
    pub fn uploaded(&mut self, device: DeviceId, seq: u64, head: ChainHead) -> Vec<Output> {
        let Some(queue) = self.queues.get_mut(&device) else { return Vec::new() };
        queue.upload = Upload::Waiting { since_us: 0, delay_us: 0 };
        queue.attempt = 0;
        let Some(entry) = queue.entries.front().copied().filter(|e| e.seq == seq) else { return Vec::new() };
        queue.entries.pop_front();
        queue.record = HeadRecord { head, uploaded_seq: Some(entry.through), end_us: Some(entry.end) };
        vec![Output::KeepHead(device, queue.record), Output::Forget(device, entry.seq)]
    }

    /// The item at `seq` was not taken. `jitter` is any random number.
    pub fn failed(&mut self, device: DeviceId, seq: u64, failure: Failure, now_us: i64, jitter: u32) -> Vec<Output> {
        let Some(queue) = self.queues.get_mut(&device) else { return Vec::new() };
        let delay_us = match failure {
            Failure::Unavailable => BACKOFF_US_MIN.saturating_mul(1 << queue.attempt.min(6)).min(BACKOFF_US_MAX),
            Failure::Refused => REFUSED_US,
            Failure::BodyLost => 0,
        };
        // Up to a quarter more, so that many hubs do not come back to a vault in the same second.
        let delay_us = delay_us.saturating_add(delay_us / 4 * i64::from(jitter % 1024) / 1024);
        queue.attempt = queue.attempt.saturating_add(1);
        queue.upload = Upload::Waiting { since_us: now_us, delay_us };
        match queue.entries.front_mut().filter(|e| e.seq == seq) {
            Some(entry) if failure == Failure::BodyLost && entry.is_recording() => {
                entry.kind = EntryKind::Gap(GapCause::RecordingFailed);
                vec![Output::ReplaceByGap(device, *entry, None)]
            }
            _ => Vec::new(),
        }
    }

    /// The vault can be reached again: nothing need wait longer. One that refused may have been put right meanwhile, and
    /// its head is looked at before it is given anything.
    pub fn vault_is_back(&mut self) {
        for queue in self.queues.values_mut() {
            if let Upload::Waiting { delay_us, .. } = &mut queue.upload {
                *delay_us = 0;
            }
        }
    }

    /// The recording at the front of a queue whose link a member's command names: it is in the vault, since somebody
    /// has seen it there. `None` when it is in flight, or not the first.
    pub fn first_recording(&self, device: DeviceId, recording: RecordingId) -> Option<(Entry, HeadRecord)> {
        let queue = self.queues.get(&device)?;
        let entry = queue.entries.front().copied()?;
        let is_it = matches!(entry.kind, EntryKind::Recording { recording: r, .. } if r == recording);
        (is_it && queue.upload != Upload::InFlight).then_some((entry, queue.record))
    }

    /// Drops recordings whose time is over, and the oldest ones when there is no room.
    pub fn expire(&mut self, now: Timestamp) -> Vec<Output> {
        let mut outputs = Vec::new();
        let devices: Vec<_> = self.queues.keys().copied().collect();
        for device in devices {
            // KNOWN GAP: the frozen first item is kept until the vault is back, which erases it at once.
            let mut at = 1;
            while let Some(queue) = self.queues.get(&device)
                && let Some(entry) = queue.entries.get(at)
            {
                match entry.kind {
                    EntryKind::Recording { keep_until, .. } if keep_until <= now => {
                        self.drop_at(device, at, &mut outputs)
                    }
                    _ => at += 1,
                }
            }
        }
        outputs.extend(self.make_room(self.bytes_max));
        outputs
    }

    /// Drops the oldest recordings until the rest counts for at most `bytes_max`.
    pub fn make_room(&mut self, bytes_max: u64) -> Vec<Output> {
        let mut outputs = Vec::new();
        let mut bytes = self.bytes();
        // Ends: each round there is one recording less, or one item less.
        while bytes > bytes_max {
            let oldest = |wanted: fn(&VecDeque<Entry>, usize) -> bool, queues: &BTreeMap<DeviceId, Queue>| {
                queues
                    .iter()
                    .filter_map(|(device, q)| {
                        let at = (1..q.entries.len()).find(|at| wanted(&q.entries, *at))?;
                        Some((q.entries.get(at)?.end, *device, at))
                    })
                    .min()
            };
            let recording = oldest(|entries, at| entries.get(at).is_some_and(Entry::is_recording), &self.queues);
            // When only gaps are left, neighbours are merged: a camera that comes and goes for months stays bounded.
            let pair = || oldest(|entries, at| entries.len() > at + 1, &self.queues);
            if let Some((_, device, at)) = recording {
                self.drop_at(device, at, &mut outputs);
            } else if let Some((_, device, at)) = pair() {
                self.merge_with_next(device, at, &mut outputs);
            } else {
                break;
            }
            bytes = self.bytes();
        }
        outputs
    }

    /// Turns the recording at `at` into a gap, merged with the gap before where the spool was full already.
    fn drop_at(&mut self, device: DeviceId, at: usize, outputs: &mut Vec<Output>) {
        let Some(queue) = self.queues.get_mut(&device) else { return };
        let Some(entry) = queue.entries.get_mut(at) else { return };
        entry.kind = EntryKind::Gap(GapCause::SpoolFull);
        let dropped = *entry;
        let before = at.checked_sub(1).filter(|before| *before > 0);
        if let Some(before) = before
            && let Some(gap) = queue.entries.get_mut(before)
            && gap.kind == EntryKind::Gap(GapCause::SpoolFull)
            && gap.end <= dropped.end
        {
            gap.through = dropped.through;
            gap.end = dropped.end;
            let merged = *gap;
            queue.entries.remove(at);
            outputs.push(Output::ReplaceByGap(device, merged, Some(dropped.seq)));
        } else {
            outputs.push(Output::ReplaceByGap(device, dropped, None));
        }
    }

    fn merge_with_next(&mut self, device: DeviceId, at: usize, outputs: &mut Vec<Output>) {
        let Some(queue) = self.queues.get_mut(&device) else { return };
        let Some(next) = queue.entries.remove(at + 1) else { return };
        let Some(gap) = queue.entries.get_mut(at) else { return };
        gap.through = next.through;
        // After a clock that was moved back the later gap may lie earlier: a gap never ends before it starts.
        gap.end = gap.end.max(next.end);
        gap.kind = EntryKind::Gap(GapCause::SpoolFull);
        outputs.push(Output::ReplaceByGap(device, *gap, Some(next.seq)));
    }
}

fn due(upload: Upload) -> Option<i64> {
    match upload {
        Upload::Waiting { since_us, delay_us } => Some(since_us.saturating_add(delay_us)),
        Upload::InFlight => None,
    }
}
