//! Single frames for whoever watches now.
//!
//! How long a frame lasts is known when the next one comes; a live frame says how long the one before lasted. A player
//! that follows the Media Source standard takes a decode time further away than twice that for a break, in every track,
//! and shows nothing until the next keyframe. So decode times stay well within (except at a keyframe); the rest of the
//! way is a composition offset, and a pause is shown as a pause.

use super::boxes::{Entry, Traf, fragment_head};
use super::wall::to_us;
use super::{LiveFrame, Output, Pieces};
use crate::end::Track;
use crate::sample::{Sample, Tracks};
use eaves_domain::Timestamp;

/// Bounds on what is held for somebody who starts watching.
const BACKLOG_BYTES: usize = 16 << 20;
const BACKLOG_FRAMES: usize = 4_096;

/// A frame that can be given, with its live decode time.
#[derive(Clone)]
struct Held {
    sample: Sample,
    decode: i64,
    duration: u32,
    captured: Timestamp,
}

pub(super) struct Live {
    video_timescale: u32,
    audio_timescale: u32,
    sequence: u32,
    /// Media time at which the run began, in units of each track.
    base: Option<(i64, i64)>,
    /// Decode time of the last picture and of the last sound.
    last: (i64, i64),
    /// Time of the last picture, and of the latest.
    previous: i64,
    latest: i64,
    /// The usual distance of pictures, and what the last frame said of it.
    interval: i64,
    duration: u32,
    /// Whether this run has been seen to show pictures in another order than it decodes them.
    reorders: bool,
    lag_us: i64,
    /// Since the last keyframe, unless that was too much.
    backlog: Option<Vec<Held>>,
    backlog_bytes: usize,
}

impl Live {
    pub(super) fn new(tracks: &Tracks) -> Self {
        Self {
            video_timescale: tracks.video.timescale,
            audio_timescale: tracks.audio.as_ref().map_or(1, |audio| audio.timescale),
            sequence: 0,
            base: None,
            last: (i64::MIN, i64::MIN),
            previous: i64::MIN,
            latest: i64::MIN,
            duration: (tracks.video.timescale / 15).max(1),
            interval: i64::from(tracks.video.timescale / 15).max(1),
            reorders: false,
            lag_us: i64::MAX,
            backlog: None,
            backlog_bytes: 0,
        }
    }

    pub(super) fn picture(&mut self, sample: &Sample, lag_us: i64, wanted: bool, out: &mut Vec<Output>) {
        if sample.keyframe {
            self.backlog = Some(Vec::with_capacity(32));
            self.backlog_bytes = 0;
            self.lag_us = lag_us;
        }
        self.lag_us = self.lag_us.min(lag_us);
        if self.base.is_none() {
            let us = to_us(sample.time, self.video_timescale);
            let audio = i128::from(us) * i128::from(self.audio_timescale) / 1_000_000;
            self.base = Some((sample.time, i64::try_from(audio).unwrap_or(i64::MAX)));
        }
        let last = self.last.0;
        self.reorders |= sample.time < self.latest;
        if self.latest != i64::MIN {
            let distance = sample.time.saturating_sub(self.previous).saturating_abs();
            let distance = if self.reorders { distance.min(self.interval) } else { distance };
            let second = i64::from(self.video_timescale);
            self.interval = distance.clamp((second / 240).max(1), second.saturating_mul(10));
        }
        let furthest = if self.reorders { self.interval } else { one_and_a_half(self.duration) };
        let decode = match last {
            i64::MIN => sample.time,
            _ if sample.keyframe => sample.time.max(last.saturating_add(1)),
            _ => sample.time.min(last.saturating_add(furthest)).max(last.saturating_add(1)),
        };
        self.last.0 = decode;
        (self.previous, self.latest) = (sample.time, self.latest.max(sample.time));
        let duration = u32::try_from(self.interval).unwrap_or(1);
        self.duration = duration;
        self.hold(sample, decode, duration, to_us(sample.time, self.video_timescale), wanted, out);
    }

    pub(super) fn sound(&mut self, sample: &Sample, wanted: bool, out: &mut Vec<Output>) {
        let Some((_, base)) = self.base else { return };
        let duration = sample.duration.unwrap_or(1).max(1);
        let decode = match self.last.1 {
            i64::MIN => sample.time,
            last => sample.time.min(last.saturating_add(one_and_a_half(duration))).max(last.saturating_add(1)),
        };
        if decode < base {
            return;
        }
        self.last.1 = decode;
        self.hold(sample, decode, duration, to_us(sample.time, self.audio_timescale), wanted, out);
    }

    fn hold(&mut self, sample: &Sample, decode: i64, duration: u32, us: i64, wanted: bool, out: &mut Vec<Output>) {
        let captured = Timestamp(us.saturating_add(self.lag_us));
        let held = Held { sample: sample.clone(), decode, duration, captured };
        if wanted && let Some(frame) = self.frame(&held) {
            out.push(Output::Live(frame));
        }
        self.backlog_bytes = self.backlog_bytes.saturating_add(sample.data.len());
        if let Some(backlog) = &mut self.backlog {
            backlog.push(held);
            if backlog.len() > BACKLOG_FRAMES || self.backlog_bytes > BACKLOG_BYTES {
                self.backlog = None;
            }
        }
    }

    pub(super) fn backlog(&mut self) -> Vec<LiveFrame> {
        let Some(backlog) = self.backlog.take() else { return Vec::new() };
        let frames = backlog.iter().filter_map(|held| self.frame(held)).collect();
        self.backlog = Some(backlog);
        frames
    }

    fn frame(&mut self, held: &Held) -> Option<LiveFrame> {
        let (video_base, audio_base) = self.base?;
        let track = held.sample.track;
        let base = if track == Track::Video { video_base } else { audio_base };
        let offset = held.sample.time.saturating_sub(held.decode);
        let entry = Entry {
            duration: held.duration,
            bytes: u32::try_from(held.sample.data.len()).ok()?,
            keyframe: held.sample.keyframe || track == Track::Audio,
            offset: i32::try_from(offset).unwrap_or(0),
        };
        self.sequence = self.sequence.wrapping_add(1);
        let decode_time = u64::try_from(held.decode.saturating_sub(base)).ok()?;
        let head = fragment_head(self.sequence, &[Traf { track, decode_time, entries: &[entry] }])?;
        Some(LiveFrame {
            track,
            keyframe: held.sample.keyframe && track == Track::Video,
            captured: held.captured,
            pieces: Pieces(vec![head, held.sample.data.clone()]),
        })
    }
}

/// How far the next decode time may be from one whose frame says that it lasts for `duration`. Twice is the limit, but
/// players round.
fn one_and_a_half(duration: u32) -> i64 {
    i64::from(duration) * 3 / 2
}
