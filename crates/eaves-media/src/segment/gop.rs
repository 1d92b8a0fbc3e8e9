//! A group of pictures on its way into a fragment, and the sound that goes with it.

use super::boxes::Entry;
use super::wall::to_us;
use crate::end::RunEnd;
use crate::sample::Sample;
use bytes::Bytes;
use std::collections::VecDeque;

/// The most samples a fragment may have; about a minute of sound, or ten seconds at 400 pictures a second.
const SAMPLES_MAX: usize = 4_096;
/// The most sound that waits for its pictures.
const SOUND_BYTES_MAX: usize = 8 << 20;

/// Pictures in decoding order, from a keyframe on unless it is the rest of a long GOP.
pub(super) struct Gop {
    pub(super) samples: Vec<Sample>,
    /// Whether it begins with a keyframe.
    pub(super) keyframe: bool,
    /// Whether it begins and ends at a keyframe.
    pub(super) whole: bool,
    /// Time of the first picture.
    pub(super) start: i64,
    /// Time of the latest picture.
    pub(super) latest: i64,
    /// The smallest arrival minus media time.
    pub(super) lag_us: i64,
    pub(super) bytes: usize,
}

/// What the fragment says about the pictures.
pub(super) struct Entries {
    /// Decode time of the first.
    pub(super) start: i64,
    pub(super) list: Vec<Entry>,
}

impl Gop {
    /// Empty; `first` is about to be pushed.
    pub(super) fn new(first: &Sample) -> Self {
        Self {
            samples: Vec::with_capacity(32),
            keyframe: first.keyframe,
            whole: false,
            start: first.time,
            latest: first.time,
            lag_us: i64::MAX,
            bytes: 0,
        }
    }

    pub(super) fn push(&mut self, sample: Sample, lag_us: i64) -> Result<(), RunEnd> {
        if self.samples.len() >= SAMPLES_MAX {
            return Err(RunEnd::ProtocolError);
        }
        self.latest = self.latest.max(sample.time);
        self.lag_us = self.lag_us.min(lag_us);
        self.bytes += sample.data.len();
        self.samples.push(sample);
        Ok(())
    }

    /// Where the GOP ends if nothing follows: its last picture lasts as long as the one before.
    pub(super) fn guessed_end(&self, floor: i64) -> i64 {
        let mut times: Vec<i64> = self.samples.iter().map(|sample| sample.time).collect();
        times.sort_unstable();
        let interval = match times.as_slice() {
            [.., before, last] => last.saturating_sub(*before).clamp(1, 900_000),
            _ => 1,
        };
        self.latest.max(floor).saturating_add(interval)
    }

    /// Decode times are the times of the pictures sorted, none before `floor`, each later than the one before. The
    /// last picture lasts until `end`. Moves `floor` to the end.
    pub(super) fn entries(&self, floor: &mut i64, end: i64) -> Entries {
        let mut decode: Vec<i64> = self.samples.iter().map(|sample| sample.time).collect();
        if !decode.is_sorted() {
            decode.sort_unstable();
        }
        let mut next = *floor;
        for time in &mut decode {
            *time = (*time).max(next);
            next = time.saturating_add(1);
        }
        let end = end.max(next);
        let ends = decode.iter().skip(1).copied().chain([end]);
        let list = self.samples.iter().zip(&decode).zip(ends).map(|((sample, decode), end)| Entry {
            duration: clamp_u32(end.saturating_sub(*decode)),
            bytes: u32::try_from(sample.data.len()).unwrap_or(u32::MAX),
            keyframe: sample.keyframe,
            offset: clamp_i32(sample.time.saturating_sub(*decode)),
        });
        let list = list.collect();
        let start = decode.first().copied().unwrap_or(end);
        *floor = end;
        Entries { start, list }
    }
}

fn clamp_u32(value: i64) -> u32 {
    u32::try_from(value.max(1)).unwrap_or(u32::MAX)
}

fn clamp_i32(value: i64) -> i32 {
    i32::try_from(value).unwrap_or(if value < 0 { i32::MIN } else { i32::MAX })
}

/// Sound that is not in a fragment yet.
pub(super) struct Sound {
    timescale: Option<u32>,
    queue: VecDeque<Sample>,
    bytes: usize,
    /// The start of the recording, in units of this track: sound before it is left out.
    recording_start: i64,
    /// Decode time before which no further sound may be.
    floor: i64,
    /// Up to which time sound came, in microseconds.
    latest_us: i64,
}

/// The sound of one fragment.
pub(super) struct SoundEntries {
    pub(super) decode_time: u64,
    pub(super) entries: Vec<Entry>,
    pub(super) data: Vec<Bytes>,
}

impl Sound {
    pub(super) fn new(timescale: Option<u32>) -> Self {
        Self {
            timescale,
            queue: VecDeque::new(),
            bytes: 0,
            recording_start: i64::MIN,
            floor: i64::MIN,
            latest_us: i64::MIN,
        }
    }

    pub(super) fn push(&mut self, sample: Sample) -> Result<(), RunEnd> {
        let Some(timescale) = self.timescale else { return Ok(()) };
        if self.queue.len() >= SAMPLES_MAX || self.bytes >= SOUND_BYTES_MAX {
            return Err(RunEnd::ProtocolError);
        }
        let end = sample.time.saturating_add(sample.duration.unwrap_or(0).into());
        self.latest_us = self.latest_us.max(to_us(end, timescale));
        self.bytes += sample.data.len();
        self.queue.push_back(sample);
        Ok(())
    }

    /// Whether sound that begins before `end_us` may still come.
    pub(super) fn is_behind(&self, end_us: i64) -> bool {
        self.timescale.is_some() && self.latest_us < end_us
    }

    pub(super) fn recording_started(&mut self, start_us: i64) {
        if let Some(timescale) = self.timescale {
            let start = i128::from(start_us) * i128::from(timescale) / 1_000_000;
            self.recording_start = i64::try_from(start).unwrap_or(i64::MAX);
            self.floor = i64::MIN;
        }
    }

    /// Takes the sound that begins before `end_us`; `start_us` is the start of the recording.
    pub(super) fn before(&mut self, start_us: i64, end_us: i64) -> SoundEntries {
        let mut taken = SoundEntries { decode_time: 0, entries: Vec::new(), data: Vec::new() };
        let Some(timescale) = self.timescale else { return taken };
        let mut previous: Option<i64> = None;
        while let Some(sample) = self.queue.pop_front_if(|sample| to_us(sample.time, timescale) < end_us) {
            self.bytes -= sample.data.len();
            // Sound that came too late for the recording in whose time it began.
            if to_us(sample.time, timescale) < start_us {
                continue;
            }
            let time = sample.time.max(self.recording_start).max(self.floor);
            self.floor = time.saturating_add(1);
            match (previous, taken.entries.last_mut()) {
                // Within a fragment a sample lasts until the next: a small gap is closed rather than left to players.
                (Some(before), Some(entry)) => entry.duration = clamp_u32(time.saturating_sub(before)),
                _ => taken.decode_time = u64::try_from(time.saturating_sub(self.recording_start)).unwrap_or(0),
            }
            previous = Some(time);
            taken.entries.push(Entry {
                duration: sample.duration.unwrap_or(1).max(1),
                bytes: u32::try_from(sample.data.len()).unwrap_or(u32::MAX),
                keyframe: true,
                offset: 0,
            });
            taken.data.push(sample.data);
        }
        // Players take a hole between fragments for a break; if it is known already it is closed.
        if let (Some(before), Some(entry), Some(next)) = (previous, taken.entries.last_mut(), self.queue.front()) {
            entry.duration = clamp_u32(next.time.saturating_sub(before));
        }
        taken
    }
}
