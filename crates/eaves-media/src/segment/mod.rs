//! From samples to boxes: recordings for keeping, single frames for watching.
//!
//! [`Segmenter`] is a plain state machine. Nothing is transcoded, and the data of samples are not copied.
//!
//! **Recordings.** A recording starts at a keyframe, lasts at most [`RECORDING`] and is a complete fragmented MP4: the
//! init segment, then fragments, with decode times from 0. It ends with the last group of pictures (GOP) that fits.
//! Sound goes to the recording in whose time it begins.
//!
//! **Pieces.** A GOP larger than [`PIECE_BYTES`] (or longer than [`PIECE`]) becomes several fragments, of which only the
//! first starts with a keyframe: what came in is handed on for sealing soon, and whoever kills the process does not take
//! a whole GOP along. A fragment never ends between pictures that are shown in another order than they are sent, unless
//! memory would grow without bound. A recording cannot end inside a GOP, since the next one would not be playable: it may
//! grow to [`RECORDING_MAX`], then the run ends with [`RunEnd::KeyframesTooRare`], and connecting anew makes the camera
//! send a keyframe.
//!
//! **B-frames.** RTP gives the time at which a picture is shown, in decoding order. Decode times are the same times
//! sorted, within a GOP; the difference becomes a (signed) composition offset. For live frames, where nothing can be
//! sorted ahead, decode times advance by the usual distance and meet the real ones again at each keyframe.
//!
//! **Wall time.** A recording's start is the earliest moment that any of its pictures vouches for: the minimum of
//! arrival minus media time. The next recording of the run starts exactly where it ended, and each is stretched
//! or shrunk by at most 500 ppm towards what its own pictures vouch for, so that a camera's slow or fast clock
//! never builds up to anything.

mod boxes;
mod gop;
mod live;
mod output;
mod wall;

pub use output::{Fragment, FragmentEntry, LiveFrame, Output, Pieces, Recording};

use crate::end::{RunEnd, Track};
use crate::sample::{Sample, Tracks};
use bytes::Bytes;
use gop::{Gop, Sound};
use live::Live;
use wall::WallClock;

/// The length that a recording keeps within, in microseconds.
pub const RECORDING: i64 = 60_000_000;
/// The length beyond which no recording grows, in microseconds.
pub const RECORDING_MAX: i64 = 70_000_000;
/// The size at which a recording ends with the GOP.
pub const RECORDING_BYTES: u64 = 256 << 20;
/// The longest fragment, in microseconds.
pub const PIECE: i64 = 10_000_000;
/// The size at which a GOP goes on in another fragment. Well below the chunks that are sealed, and large enough that the
/// head of a fragment costs a percent.
pub const PIECE_BYTES: usize = 16 << 10;
/// The size at which it does so even between pictures that are shown in another order.
pub const PIECE_BYTES_MAX: usize = 8 << 20;
/// How long the last GOP of a recording waits for its sound, in microseconds of pictures.
const SOUND_PATIENCE: i64 = 300_000;

/// A recording in progress.
struct Open {
    /// Media time of its start, in units of the video track.
    start: i64,
    /// Media time up to which it has pictures.
    end: i64,
    /// The smallest arrival minus media time of its pictures.
    lag_us: i64,
    bytes: u64,
    fragments: Vec<FragmentEntry>,
}

/// The state machine. Feed it every sample of one run, then [`Segmenter::finish`] it.
pub struct Segmenter {
    tracks: Tracks,
    init: Bytes,
    sequence: u32,
    /// The GOP that is coming in.
    current: Option<Gop>,
    /// A complete GOP that still waits for its sound, and the media time at which it ends.
    closing: Option<(Gop, i64)>,
    sound: Sound,
    recording: Option<Open>,
    /// Media time of the last keyframe, and how long the GOP before it was, in microseconds.
    keyframe_us: Option<i64>,
    gop_us: i64,
    /// Decode time before which no picture of a further fragment may be.
    floor: i64,
    wall: WallClock,
    live: Live,
    failed: bool,
}

impl Segmenter {
    /// A segmenter for a run with these tracks.
    pub fn new(tracks: Tracks) -> Self {
        let init = boxes::init_segment(&tracks);
        Self {
            sound: Sound::new(tracks.audio.as_ref().map(|audio| audio.timescale)),
            live: Live::new(&tracks),
            wall: WallClock::default(),
            floor: i64::MIN,
            tracks,
            init,
            sequence: 0,
            keyframe_us: None,
            gop_us: 0,
            current: None,
            closing: None,
            recording: None,
            failed: false,
        }
    }

    /// What the run consists of.
    pub fn tracks(&self) -> &Tracks {
        &self.tracks
    }

    /// The init segment, the same for every recording of the run and for watching live.
    pub fn init(&self) -> Bytes {
        self.init.clone()
    }

    /// Frames since the last keyframe, for somebody who starts watching now.
    pub fn live_backlog(&mut self) -> Vec<LiveFrame> {
        self.live.backlog()
    }

    /// Takes a sample. With `live`, also gives it as a frame to show now. After an error the run is over: call
    /// [`Segmenter::finish`].
    pub fn handle(&mut self, sample: Sample, live: bool, out: &mut Vec<Output>) -> Result<(), RunEnd> {
        let result = self.take(sample, live, out);
        self.failed |= result.is_err();
        result
    }

    fn take(&mut self, sample: Sample, live: bool, out: &mut Vec<Output>) -> Result<(), RunEnd> {
        if self.failed {
            return Ok(());
        }
        match sample.track {
            Track::Audio => {
                if self.tracks.audio.is_some() && self.current.is_some() {
                    self.live.sound(&sample, live, out);
                    self.sound.push(sample)?;
                }
            }
            Track::Video => {
                if self.current.is_none() && !sample.keyframe {
                    return Ok(());
                }
                let us = self.video_us(sample.time);
                let lag_us = sample.arrival.wall.as_us().checked_sub(us).ok_or(RunEnd::TimestampsBroken)?;
                self.live.picture(&sample, lag_us, live, out);
                let full = self.current.as_ref().is_some_and(|gop| {
                    let in_order = sample.time > gop.latest;
                    let long = us.saturating_sub(self.video_us(gop.start)) >= PIECE;
                    long || gop.bytes >= if in_order { PIECE_BYTES } else { PIECE_BYTES_MAX }
                });
                if sample.keyframe || full {
                    let end = sample.time;
                    if sample.keyframe {
                        let started_us = self.keyframe_us.replace(us);
                        self.gop_us = started_us.map_or(0, |started| us.saturating_sub(started));
                    }
                    if let Some(mut gop) = self.current.replace(Gop::new(&sample)) {
                        gop.whole = gop.keyframe && sample.keyframe;
                        self.close(gop, end, out)?;
                    }
                }
                if let Some(gop) = &mut self.current {
                    gop.push(sample, lag_us)?;
                }
            }
        }
        if self.closing.as_ref().is_some_and(|(_, end)| !self.waits_for_sound(*end)) {
            self.flush(out)?;
        }
        Ok(())
    }

    /// Ends the run: gives what is still held, then the end of the recording.
    pub fn finish(mut self, out: &mut Vec<Output>) {
        if !self.failed
            && self.flush(out).is_ok()
            && let Some(gop) = self.current.take()
        {
            let end = gop.guessed_end(self.floor);
            self.closing = Some((gop, end));
            // A GOP that would make the recording too long is left out; the recording still ends well.
            let _ = self.flush(out);
        }
        self.end_recording(out);
    }

    /// Ends the recording with what is complete, so that the pictures coming in begin another: the room's key or the
    /// rules changed, or a recording was given up and should start again.
    pub fn split(&mut self, out: &mut Vec<Output>) {
        if !self.failed {
            self.failed = self.flush(out).is_err();
        }
        self.end_recording(out);
    }

    fn video_us(&self, time: i64) -> i64 {
        wall::to_us(time, self.tracks.video.timescale)
    }

    fn close(&mut self, gop: Gop, end: i64, out: &mut Vec<Output>) -> Result<(), RunEnd> {
        self.flush(out)?;
        self.closing = Some((gop, end));
        Ok(())
    }

    /// Whether the GOP that ends at `end` may be the last of its recording and its sound is not all there yet.
    fn waits_for_sound(&self, end: i64) -> bool {
        let (Some(recording), Some(current)) = (&self.recording, &self.current) else { return false };
        let (start, end) = (self.video_us(recording.start), self.video_us(end));
        let last_length = end.saturating_sub(self.video_us(recording.end)).max(self.gop_us);
        let may_be_last = end.saturating_sub(start).saturating_add(2 * last_length) > RECORDING;
        let waited = self.video_us(current.latest).saturating_sub(end);
        may_be_last && waited < SOUND_PATIENCE && self.sound.is_behind(end)
    }

    /// Puts the closing GOP into its recording.
    fn flush(&mut self, out: &mut Vec<Output>) -> Result<(), RunEnd> {
        let Some((gop, end)) = self.closing.take() else { return Ok(()) };
        let too_long = |open: &Open, limit| self.video_us(end).saturating_sub(self.video_us(open.start)) > limit;
        // Of a GOP that is cut, more is to come: it is taken to be as long as the one before.
        let expected_us = self.video_us(gop.start).saturating_add(if gop.whole { 0 } else { self.gop_us });
        let full = |open: &Open| {
            let will_be = expected_us.saturating_sub(self.video_us(open.start));
            too_long(open, RECORDING) || will_be > RECORDING || open.bytes > RECORDING_BYTES
        };
        match &self.recording {
            Some(open) if gop.keyframe && full(open) => {
                self.end_recording(out);
                self.start_recording(&gop, out);
            }
            Some(open) if too_long(open, RECORDING_MAX) => return Err(RunEnd::KeyframesTooRare),
            Some(_) => {}
            // After a split inside a long GOP: nothing can be played from here, so it waits for a keyframe.
            None if !gop.keyframe => return Ok(()),
            None => self.start_recording(&gop, out),
        }
        let Some(open) = &mut self.recording else { return Ok(()) };

        let timescale = self.tracks.video.timescale;
        let entries = gop.entries(&mut self.floor, end);
        let decode_time = |time: i64| u64::try_from(time.saturating_sub(open.start)).unwrap_or(0);
        let mut trafs =
            vec![boxes::Traf { track: Track::Video, decode_time: decode_time(entries.start), entries: &entries.list }];
        let sound = self.sound.before(wall::to_us(open.start, timescale), wall::to_us(self.floor, timescale));
        if !sound.entries.is_empty() {
            trafs.push(boxes::Traf { track: Track::Audio, decode_time: sound.decode_time, entries: &sound.entries });
        }
        self.sequence = self.sequence.wrapping_add(1);
        let head = boxes::fragment_head(self.sequence, &trafs).ok_or(RunEnd::ProtocolError)?;
        let keyframe = gop.keyframe.then(|| gop.samples.first().map(|s| s.data.clone())).flatten();
        let mut pieces = Vec::with_capacity(1 + gop.samples.len() + sound.data.len());
        pieces.push(head);
        pieces.extend(gop.samples.into_iter().map(|sample| sample.data));
        pieces.extend(sound.data);
        let pieces = Pieces(pieces);

        let bytes = u32::try_from(pieces.len()).map_err(|_| RunEnd::ProtocolError)?;
        let start_ms = wall::to_ms(entries.start.saturating_sub(open.start), timescale);
        let end_ms = wall::to_ms(self.floor.saturating_sub(open.start), timescale);
        let entry = FragmentEntry {
            offset: open.bytes,
            bytes,
            start_ms,
            duration_ms: end_ms.saturating_sub(start_ms),
            keyframe: gop.keyframe,
        };
        open.bytes += u64::from(bytes);
        open.end = self.floor;
        let (lag_us, usual_us) = (gop.lag_us, open.lag_us);
        open.lag_us = usual_us.min(lag_us);
        open.fragments.push(entry);
        out.push(Output::Fragment(Fragment { entry, pieces, keyframe }));
        self.wall.check(lag_us, usual_us)
    }

    fn start_recording(&mut self, gop: &Gop, out: &mut Vec<Output>) {
        let start = gop.start.max(self.floor);
        // Pictures that are shown before the keyframe but come after it are not decoded before it.
        self.floor = start;
        let media_us = self.video_us(start);
        let open = Open {
            start,
            end: start,
            lag_us: gop.lag_us,
            bytes: self.init.len() as u64,
            fragments: Vec::with_capacity(64),
        };
        self.recording = Some(open);
        self.sound.recording_started(media_us);
        out.push(Output::RecordingStarted { start: self.wall.start(media_us, gop.lag_us), init: self.init.clone() });
    }

    fn end_recording(&mut self, out: &mut Vec<Output>) {
        let Some(open) = self.recording.take() else { return };
        let (start, end) = self.wall.end(self.video_us(open.start), self.video_us(open.end), open.lag_us);
        out.push(Output::RecordingEnded(Recording {
            start,
            end,
            duration_ms: wall::to_ms(open.end.saturating_sub(open.start), self.tracks.video.timescale),
            init_bytes: u32::try_from(self.init.len()).expect("about a kilobyte"),
            bytes: open.bytes,
            fragments: open.fragments,
        }));
    }
}
