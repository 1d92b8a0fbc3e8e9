//! The writer of one camera: takes the pieces of recordings, seals them, and hands ciphertext to the recorder.
//!
//! It runs on a thread of its own, since sealing computes and writing blocks. Nothing leaves it in clear.

use super::plan::Plan;
use crate::durable::is_full;
use crate::random;
use crate::recorder::{Recorder, SealedPart};
use crate::spool::log::Begin;
use bytes::Bytes;
use eaves_domain::link::{GapCause, PartKind};
use eaves_domain::retention::Class;
use eaves_domain::{Base64Url, RecordingId, RunId, Timestamp};
use eaves_media::{Fragment, FragmentEntry, Recording};
use eaves_seal::{Recipient, SealError, Sealer};
use serde::Serialize;
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use tokio::sync::{mpsc, oneshot};

/// The length of a STREAM chunk, in clear and sealed, and of the nonce before the first (age v1).
const CHUNK: u64 = 65_536;
const SEALED_CHUNK: u64 = 65_552;
const NONCE: u64 = 16;
/// The most of a long group of pictures that a power cut may cost.
const FLUSH_MS: u32 = 10_000;
/// How much earlier than announced a recording may turn out to have started.
const EARLIER_US_MAX: i64 = 500_000;

/// What the worker tells the writer, in order.
pub(crate) enum Input {
    /// The roster says something new about the camera; holds from the next recording on.
    Plan(Arc<Plan>),
    /// A recording begins.
    Began { start: Timestamp, init: Bytes, run: RunId, about: About },
    /// The next bytes of it.
    Fragment(Fragment),
    /// It is complete. The poster comes when it is drawn.
    Ended { recording: Recording, poster: Option<oneshot::Receiver<Option<Bytes>>> },
    /// Nothing is recorded.
    Down { cause: GapCause, at: Timestamp },
    /// Time passes.
    Tick { now: Timestamp },
}

/// What the card says about the pictures.
#[derive(Clone, Debug)]
pub(crate) struct About {
    pub(crate) codecs: String,
    pub(crate) width: u16,
    pub(crate) height: u16,
}

/// Whether the last recording could be kept; the worker asks, and begins another after a while.
#[derive(Default)]
pub(crate) struct Health(AtomicU8);

impl Health {
    fn failed(&self, error: &io::Error) {
        self.0.store(if is_full(error) { 2 } else { 1 }, Ordering::Relaxed);
    }

    /// Why the recording in progress was given up, if it was. Asking clears it.
    pub(crate) fn take(&self) -> Option<GapCause> {
        match self.0.swap(0, Ordering::Relaxed) {
            0 => None,
            2 => Some(GapCause::DiskFull),
            _ => Some(GapCause::RecordingFailed),
        }
    }
}

struct Open {
    recipient: Recipient,
    sealer: Sealer,
    start: Timestamp,
    init_bytes: u64,
    about: About,
    /// Bytes of plaintext that went in, and of ciphertext that came out.
    plain: u64,
    sealed: u64,
    /// Where each fragment ends in the plaintext, and when, as long as it is not wholly sealed.
    ends: VecDeque<(u64, Timestamp)>,
    /// When it was last flushed, in its own time.
    flushed_ms: u32,
}

/// The writer.
pub(crate) struct Writer {
    recorder: Recorder,
    plan: Arc<Plan>,
    health: Arc<Health>,
    open: Option<Open>,
}

impl Writer {
    pub(crate) fn new(recorder: Recorder, plan: Arc<Plan>, health: Arc<Health>) -> Self {
        Self { recorder, plan, health, open: None }
    }

    /// Works until the worker is gone. Blocks.
    pub(crate) fn run(mut self, mut inputs: mpsc::Receiver<Input>) {
        while let Some(input) = inputs.blocking_recv() {
            self.handle(input);
        }
        if let Err(error) = self.recorder.interrupt() {
            tracing::warn!(%error, "a recording was left for the next start to complete");
        }
    }

    /// Takes one input. Failures end the recording and are announced as a gap; they never stop the writer.
    pub(crate) fn handle(&mut self, input: Input) {
        let done = match input {
            Input::Plan(plan) => {
                self.recorder.set_place(plan.place);
                self.plan = plan;
                Ok(())
            }
            Input::Began { start, init, run, about } => self.begin(start, &init, run, about),
            Input::Fragment(fragment) => self.fragment(&fragment),
            Input::Ended { recording, poster } => {
                let poster = poster.filter(|_| self.open.is_some()).and_then(|p| p.blocking_recv().ok().flatten());
                self.end(&recording, poster)
            }
            Input::Down { cause, at } => {
                self.open = None;
                self.recorder.down(cause, at).or_else(logged)
            }
            Input::Tick { now } => self.recorder.tick(now).or_else(logged),
        };
        if let Err(error) = done {
            self.give_up(&error);
        }
    }

    fn give_up(&mut self, error: &io::Error) {
        tracing::warn!(device = %self.plan.device, %error, "a recording was given up");
        let cause = if is_full(error) { GapCause::DiskFull } else { GapCause::RecordingFailed };
        self.open = None;
        let covered = self.recorder.covered();
        if let Err(error) = self.recorder.down(cause, covered) {
            tracing::debug!(%error, "the gap is announced later");
        }
        self.health.failed(error);
    }

    fn begin(&mut self, start: Timestamp, init: &Bytes, run: RunId, about: About) -> io::Result<()> {
        let recipient = self.plan.recipient.clone();
        let (header, sealer) = Sealer::new(&recipient).map_err(sealing)?;
        #[cfg(feature = "leaky-for-tests")]
        crate::durable::leaky::recording(sealer.leaked_file_key(), init);
        let begin = Begin {
            recording: RecordingId(random::bytes().map_err(|_| io::Error::other("no randomness"))?),
            run,
            class: Class::Continuous,
            lifetimes: self.plan.lifetimes,
            place: self.plan.place,
            start_us: start,
            header: Base64Url(header.into_bytes()),
        };
        self.recorder.begin(begin)?;
        let init_bytes = init.len() as u64;
        let (ends, flushed_ms) = (VecDeque::new(), 0);
        let mut open = Open { recipient, sealer, start, init_bytes, about, plain: 0, sealed: 0, ends, flushed_ms };
        let body = open.seal(std::iter::once(init))?;
        self.recorder.media(&[body], None)?;
        self.open = Some(open);
        Ok(())
    }

    fn fragment(&mut self, fragment: &Fragment) -> io::Result<()> {
        let Some(open) = &mut self.open else { return Ok(()) };
        #[cfg(feature = "leaky-for-tests")]
        crate::durable::leaky::fragment(fragment.pieces.iter());
        let body = open.seal(fragment.pieces.iter())?;
        let end_ms = i64::from(fragment.entry.start_ms).saturating_add(i64::from(fragment.entry.duration_ms));
        open.ends.push_back((open.plain, open.start.plus_us(end_ms.saturating_mul(1_000))));
        let whole_end = open.whole_fragments();
        // A keyframe ends the group of pictures before it.
        let start_ms = fragment.entry.start_ms;
        let flush = fragment.entry.keyframe || start_ms.saturating_sub(open.flushed_ms) >= FLUSH_MS;
        if flush {
            open.flushed_ms = start_ms;
        }
        self.recorder.media(&[body], whole_end)?;
        if flush { self.recorder.flush() } else { Ok(()) }
    }

    fn end(&mut self, recording: &Recording, poster: Option<Bytes>) -> io::Result<()> {
        let Some(open) = self.open.take() else { return Ok(()) };
        let start = recording.start.max(open.start.plus_us(-EARLIER_US_MAX));
        let card = serde_json::to_vec(&card(&open, start, recording)).map_err(io::Error::other)?;
        let mut parts = vec![seal_part(PartKind::Card, &open.recipient, &card)?];
        if let Some(poster) = poster {
            #[cfg(feature = "leaky-for-tests")]
            crate::durable::leaky::poster(&poster);
            parts.push(seal_part(PartKind::Poster, &open.recipient, &poster)?);
        }
        let mut last = Vec::new();
        open.sealer.finish(&mut last).map_err(sealing)?;
        self.recorder.finish(start, recording.end, &[Bytes::from(last)], parts)
    }
}

impl Open {
    /// Seals pieces, and gives the chunks that became whole.
    fn seal<'a>(&mut self, pieces: impl Iterator<Item = &'a Bytes>) -> io::Result<Bytes> {
        let mut body = Vec::new();
        for piece in pieces {
            self.sealer.write(piece, &mut body).map_err(sealing)?;
            self.plain = self.plain.saturating_add(piece.len() as u64);
        }
        self.sealed = self.sealed.saturating_add(body.len() as u64);
        Ok(body.into())
    }

    /// The end of the last fragment of which every byte is in a whole chunk, if there is a new one.
    fn whole_fragments(&mut self) -> Option<Timestamp> {
        let whole = self.sealed.saturating_sub(NONCE) / SEALED_CHUNK * CHUNK;
        let mut end = None;
        while let Some((plain, at)) = self.ends.front()
            && *plain <= whole
        {
            end = Some(*at);
            self.ends.pop_front();
        }
        end
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Card<'a> {
    version: u32,
    start_us: Timestamp,
    duration_ms: u32,
    codecs: &'a str,
    width: u16,
    height: u16,
    init_bytes: u64,
    fragments: Vec<CardFragment>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CardFragment {
    offset: u64,
    bytes: u64,
    start_ms: u32,
    duration_ms: u32,
}

fn card<'a>(open: &'a Open, start: Timestamp, recording: &Recording) -> Card<'a> {
    Card {
        version: 1,
        start_us: start,
        duration_ms: recording.duration_ms,
        codecs: &open.about.codecs,
        width: open.about.width,
        height: open.about.height,
        init_bytes: open.init_bytes,
        fragments: playable(&recording.fragments),
    }
}

/// Where playing can start. The rest of a long group of pictures belongs to its beginning.
fn playable(entries: &[FragmentEntry]) -> Vec<CardFragment> {
    let mut out: Vec<CardFragment> = Vec::with_capacity(entries.len());
    for entry in entries {
        match out.last_mut() {
            Some(last) if !entry.keyframe => {
                last.bytes = last.bytes.saturating_add(u64::from(entry.bytes));
                last.duration_ms = last.duration_ms.saturating_add(entry.duration_ms);
            }
            _ => out.push(CardFragment {
                offset: entry.offset,
                bytes: u64::from(entry.bytes),
                start_ms: entry.start_ms,
                duration_ms: entry.duration_ms,
            }),
        }
    }
    out
}

fn seal_part(kind: PartKind, recipient: &Recipient, plaintext: &[u8]) -> io::Result<SealedPart> {
    let (header, mut sealer) = Sealer::new(recipient).map_err(sealing)?;
    let mut body = Vec::with_capacity(plaintext.len() + 64);
    sealer.write(plaintext, &mut body).map_err(sealing)?;
    sealer.finish(&mut body).map_err(sealing)?;
    Ok(SealedPart { kind, header: header.into_bytes(), body: vec![body.into()] })
}

fn sealing(error: SealError) -> io::Error {
    io::Error::other(error)
}

/// What fails here is tried again with the next input.
fn logged(error: io::Error) -> io::Result<()> {
    tracing::debug!(%error, "the spool could not be written; it is tried again");
    Ok(())
}

#[cfg(test)]
mod tests;
