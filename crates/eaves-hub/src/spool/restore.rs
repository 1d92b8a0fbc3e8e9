//! Putting a device's folder in order after a start, clean or not.

use super::item::{Item, ItemKind, RecordingItem, SpooledPart};
use super::log::{Interrupted, scan};
use super::queue::{Entry, EntryKind, HeadRecord};
use crate::durable::{Disk, read_if_there, remove_if_there, replace};
use eaves_domain::Digest;
use eaves_domain::link::{Part, PartKind, RECORDING_US_MAX};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

/// The path of the item at `seq`.
pub(super) fn item_path(dir: &Path, seq: u64) -> PathBuf {
    dir.join(format!("{seq:010}.item"))
}

/// The path of the log at `seq`.
pub(super) fn log_path(dir: &Path, seq: u64) -> PathBuf {
    dir.join(format!("{seq:010}.log"))
}

/// The path of the head.
pub(super) fn head_path(dir: &Path) -> PathBuf {
    dir.join("head.json")
}

/// What a folder holds once it is in order.
pub(super) struct Restored {
    pub(super) record: HeadRecord,
    pub(super) entries: Vec<Entry>,
    pub(super) next_seq: u64,
    /// Whether a recording was found that had not been finished.
    pub(super) interrupted: bool,
}

/// Reads a device's folder, completes what was interrupted and removes what is done.
pub(super) fn restore(disk: &dyn Disk, dir: &Path) -> io::Result<Restored> {
    let record = match read_if_there(disk, &head_path(dir))? {
        None => HeadRecord::EMPTY,
        Some(bytes) => serde_json::from_slice(&bytes).map_err(|_| damaged("a chain's head"))?,
    };
    let mut items = BTreeMap::new();
    let mut logs = BTreeSet::new();
    for name in disk.list(dir)? {
        let Some((seq, kind)) = name.split_once('.') else { continue };
        match (seq.parse::<u64>(), kind) {
            (Ok(seq), "item") => {
                let bytes = disk.read(&dir.join(&name))?;
                let item: Item = serde_json::from_slice(&bytes).map_err(|_| damaged("an item of the spool"))?;
                items.insert(seq, item);
            }
            (Ok(seq), "log") => {
                logs.insert(seq);
            }
            _ if name.ends_with(".tmp") => remove_if_there(disk, &dir.join(&name))?,
            _ => {}
        }
    }
    let last = items.values().map(|i| i.through).chain(logs.iter().copied()).chain(record.uploaded_seq).max();
    let next_seq = last.map_or(0, |last| last.saturating_add(1));

    // Positions that are done, or that a merged gap stands for.
    let mut done_through = record.uploaded_seq;
    let mut entries = Vec::new();
    for (seq, item) in &items {
        if done_through.is_some_and(|done| *seq <= done) {
            remove_if_there(disk, &item_path(dir, *seq))?;
            continue;
        }
        done_through = Some(item.through);
        entries.push(entry(item));
    }
    let mut interrupted = false;
    for seq in logs {
        match items.get(&seq) {
            Some(item) if entries.iter().any(|e| e.seq == seq) && matches!(item.kind, ItemKind::Recording(_)) => {}
            None if done_through.is_none_or(|done| seq > done) => {
                interrupted = true;
                match complete(disk, dir, seq)? {
                    Some(entry) => entries.push(entry),
                    None => remove_if_there(disk, &log_path(dir, seq))?,
                }
            }
            _ => remove_if_there(disk, &log_path(dir, seq))?,
        }
    }
    Ok(Restored { record, entries, next_seq, interrupted })
}

/// Makes an item of a log that was interrupted: cut at the last group of pictures that is whole.
pub(super) fn complete(disk: &dyn Disk, dir: &Path, seq: u64) -> io::Result<Option<Entry>> {
    let scanned = match scan(disk, &log_path(dir, seq)) {
        // Removed by an attempt that was told it had failed.
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        other => other?,
    };
    let Some(Interrupted { begin, media: Some((body, end)) }) = scanned else { return Ok(None) };
    let span = end.since_us(begin.start_us);
    if !(1..=RECORDING_US_MAX).contains(&span) {
        return Ok(None);
    }
    let part =
        Part { part: PartKind::Media, header: Digest::of(&begin.header.0), body: body.digest, body_bytes: body.bytes };
    let item = Item {
        seq,
        through: seq,
        start_us: begin.start_us,
        end_us: end,
        place: begin.place,
        kind: ItemKind::Recording(RecordingItem {
            recording: begin.recording,
            run: begin.run,
            class: begin.class,
            keep_until_us: begin.lifetimes.keep_until(begin.class, end),
            cut: true,
            parts: vec![SpooledPart { part, header: begin.header, extents: body.extents }],
        }),
    };
    // What the process wrote may not have reached the medium yet; an item never names bytes that a power cut can take.
    disk.sync_file(&log_path(dir, seq))?;
    write_item(disk, dir, &item)?;
    Ok(Some(entry(&item)))
}

/// Makes an item durable.
pub(super) fn write_item(disk: &dyn Disk, dir: &Path, item: &Item) -> io::Result<()> {
    let json = serde_json::to_vec(item).expect("items have string keys and finite numbers only");
    replace(disk, &item_path(dir, item.seq), &json)
}

/// The short form of an item.
pub(super) fn entry(item: &Item) -> Entry {
    Entry {
        seq: item.seq,
        through: item.through,
        start: item.start_us,
        end: item.end_us,
        place: item.place,
        kind: match &item.kind {
            ItemKind::Gap { cause } => EntryKind::Gap(*cause),
            ItemKind::Recording(r) => {
                EntryKind::Recording { recording: r.recording, bytes: item.body_bytes(), keep_until: r.keep_until_us }
            }
        },
    }
}

fn damaged(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{what} is damaged"))
}
