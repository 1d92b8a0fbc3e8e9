//! What one device leaves behind: its sealed recordings and its gaps, in order, on a disk that may fail.
//!
//! The recorder joins [`Timeline`] and [`Spool`]. It sees ciphertext only. Every operation on the disk that fails is
//! kept and tried again, before anything later is written, so that a failing disk can neither reorder the queue nor
//! make a hole that nobody announced.

use crate::spool::item::{Item, ItemKind, Place, RecordingItem, SpooledPart};
use crate::spool::log::{Begin, LogWriter};
use crate::spool::store::Spool;
use crate::timeline::{Event, Gap, Timeline};
use bytes::Bytes;
use eaves_domain::link::{GapCause, Part, PartKind, RECORDING_US_MAX};
use eaves_domain::{Base64Url, DeviceId, Digest, Timestamp};
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

/// How much earlier than announced a recording may turn out to have started: no reader minds such an overlap.
const EARLIER_US_MAX: i64 = 500_000;

/// A sealed part beside the media.
#[derive(Clone, Debug)]
pub struct SealedPart {
    /// Which.
    pub kind: PartKind,
    /// The age header.
    pub header: Vec<u8>,
    /// The body, in pieces.
    pub body: Vec<Bytes>,
}

/// The recorder of one device.
pub struct Recorder {
    spool: Arc<Spool>,
    device: DeviceId,
    place: Place,
    timeline: Timeline,
    open: Option<Open>,
    /// Not on disk yet, in order. More than momentarily filled only while the disk fails.
    unsettled: VecDeque<Unsettled>,
    down: Option<(GapCause, Timestamp)>,
}

struct Open {
    seq: u64,
    begin: Begin,
    log: LogWriter,
}

enum Unsettled {
    Gap { seq: u64, place: Place, gap: Gap },
    Cut { seq: u64, start: Timestamp },
}

impl Recorder {
    /// Takes up a device where its spool left off, or at `now` if it is new. `cause` is why nothing was recorded
    /// since.
    pub fn open(
        spool: Arc<Spool>,
        device: DeviceId,
        place: Place,
        now: Timestamp,
        cause: GapCause,
    ) -> io::Result<Self> {
        spool.add_device(device)?;
        let timeline = match spool.covered(device) {
            Some(covered) => Timeline::new(covered, cause),
            None => Timeline::new(now, GapCause::CameraChanged),
        };
        Ok(Self { spool, device, place, timeline, open: None, unsettled: VecDeque::new(), down: None })
    }

    /// Until when everything is a recording or an announced gap.
    pub fn covered(&self) -> Timestamp {
        self.timeline.covered()
    }

    /// Whether a recording is being written.
    pub fn is_recording(&self) -> bool {
        self.open.is_some()
    }

    /// The device moved, or its room got a new key. Holds for what begins from now on.
    pub fn set_place(&mut self, place: Place) {
        self.place = place;
    }

    /// A recording begins. An open one is cut.
    pub fn begin(&mut self, begin: Begin) -> io::Result<()> {
        self.interrupt()?;
        let start = begin.start_us;
        let gaps = self.timeline.handle(Event::Began { start });
        self.down = None;
        let begun = self.announce(gaps).and_then(|()| self.spool.begin(self.device, &begin));
        match begun {
            Ok((seq, log)) => {
                self.open = Some(Open { seq, begin, log });
                Ok(())
            }
            Err(error) => {
                self.timeline.handle(Event::Ended { end: start });
                Err(error)
            }
        }
    }

    /// Appends sealed media to the recording, which is whole up to `end`.
    pub fn media(&mut self, pieces: &[Bytes], end: Option<Timestamp>) -> io::Result<()> {
        let Some(open) = &mut self.open else { return Ok(()) };
        open.log.media(pieces)?;
        end.map_or(Ok(()), |end| open.log.progress(end))
    }

    /// Makes the recording so far durable.
    pub fn flush(&mut self) -> io::Result<()> {
        self.open.as_mut().map_or(Ok(()), |open| open.log.flush())
    }

    /// The recording is complete. `start` and `end` are what its pictures vouch for in the end.
    ///
    /// If the disk fails, the recording becomes a cut one as soon as that can be written.
    pub fn finish(
        &mut self,
        start: Timestamp,
        end: Timestamp,
        last_media: &[Bytes],
        parts: Vec<SealedPart>,
    ) -> io::Result<()> {
        let Some(Open { seq, begin, mut log }) = self.open.take() else { return Ok(()) };
        let start = start.max(begin.start_us.plus_us(-EARLIER_US_MAX));
        let end = end.min(start.plus_us(RECORDING_US_MAX));
        let write = || -> io::Result<Item> {
            log.media(last_media)?;
            let mut spooled = Vec::with_capacity(1 + parts.len());
            for SealedPart { kind, header, body } in parts {
                let body = log.part(&body)?;
                spooled.push(spooled_part(kind, Base64Url(header), body));
            }
            let media = log.finish()?;
            spooled.insert(0, spooled_part(PartKind::Media, begin.header.clone(), media));
            let recording = RecordingItem {
                recording: begin.recording,
                run: begin.run,
                class: begin.class,
                keep_until_us: begin.lifetimes.keep_until(begin.class, end),
                cut: false,
                parts: spooled,
            };
            let kind = ItemKind::Recording(recording);
            Ok(Item { seq, through: seq, start_us: start, end_us: end, place: begin.place, kind })
        };
        let finished = write().and_then(|item| self.spool.finish(self.device, &item));
        match finished {
            Ok(()) => {
                self.timeline.handle(Event::Ended { end });
                Ok(())
            }
            Err(error) => {
                self.unsettled.push_back(Unsettled::Cut { seq, start: begin.start_us });
                // The first error is the interesting one; the cut is tried again with everything that follows.
                let _ = self.settle();
                Err(error)
            }
        }
    }

    /// The recording stops in the middle: what is durable of it is kept.
    pub fn interrupt(&mut self) -> io::Result<()> {
        if let Some(Open { seq, begin, log }) = self.open.take() {
            drop(log);
            self.unsettled.push_back(Unsettled::Cut { seq, start: begin.start_us });
        }
        self.settle()
    }

    /// Nothing is recorded, for this cause; known since `at`.
    pub fn down(&mut self, cause: GapCause, at: Timestamp) -> io::Result<()> {
        self.interrupt().inspect_err(|_| self.down = Some((cause, at)))?;
        let gaps = self.timeline.handle(Event::Down { cause, at });
        self.announce(gaps)
    }

    /// Time passes: tries again what failed, and announces gaps that last long.
    pub fn tick(&mut self, now: Timestamp) -> io::Result<()> {
        self.settle()?;
        let gaps = self.timeline.handle(Event::Tick { now });
        self.announce(gaps)
    }

    fn announce(&mut self, gaps: Vec<Gap>) -> io::Result<()> {
        for gap in gaps {
            let seq = self.spool.reserve(self.device);
            self.unsettled.push_back(Unsettled::Gap { seq, place: self.place, gap });
        }
        self.settle()
    }

    fn settle(&mut self) -> io::Result<()> {
        while let Some(first) = self.unsettled.front() {
            match *first {
                Unsettled::Gap { seq, place, gap } => self.spool.gap(self.device, seq, place, gap)?,
                Unsettled::Cut { seq, start } => {
                    let end = self.spool.cut(self.device, seq)?.unwrap_or(start);
                    self.timeline.handle(Event::Ended { end });
                }
            }
            self.unsettled.pop_front();
        }
        if let Some((cause, at)) = self.down.take() {
            let gaps = self.timeline.handle(Event::Down { cause, at });
            return self.announce(gaps);
        }
        Ok(())
    }
}

fn spooled_part(part: PartKind, header: Base64Url, body: crate::spool::log::Body) -> SpooledPart {
    let digest = Digest::of(&header.0);
    SpooledPart {
        part: Part { part, header: digest, body: body.digest, body_bytes: body.bytes },
        header,
        extents: body.extents,
    }
}

#[cfg(test)]
mod tests;
