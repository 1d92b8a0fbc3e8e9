//! Whether a run goes on as it should: progress per track, and a wall clock that stays in step.
//!
//! A live socket proves nothing. A track is alive when its media time moves; one that has not for ten seconds (or
//! three times the distance of keyframes, if that is more) has stalled. Pictures must move from the start, sound once
//! it has begun.

use crate::end::{RunEnd, Track};
use crate::sample::Moment;

const STALL_MIN_US: i64 = 10_000_000;
const STALL_MAX_US: i64 = 60_000_000;
const STEP_MAX_US: i64 = 500_000;

#[derive(Clone, Copy)]
struct Progress {
    media_us: i64,
    moved_us: i64,
}

/// The watchdog of one run.
pub(crate) struct Watch {
    opened: Moment,
    video: Progress,
    audio: Option<Progress>,
    keyframe_us: Option<i64>,
    gop_us: i64,
}

impl Watch {
    pub(crate) fn new(now: Moment) -> Self {
        let video = Progress { media_us: i64::MIN, moved_us: now.monotonic_us };
        Self { opened: now, video, audio: None, keyframe_us: None, gop_us: 0 }
    }

    /// A sample came whose media time is `media_us`.
    pub(crate) fn sample(&mut self, track: Track, media_us: i64, keyframe: bool, now: Moment) {
        let fresh = Progress { media_us: i64::MIN, moved_us: now.monotonic_us };
        let progress = match track {
            Track::Video => &mut self.video,
            Track::Audio => self.audio.get_or_insert(fresh),
        };
        if media_us > progress.media_us {
            *progress = Progress { media_us, moved_us: now.monotonic_us };
        }
        if track == Track::Video && keyframe {
            let before = self.keyframe_us.replace(now.monotonic_us);
            self.gop_us = before.map_or(0, |before| now.monotonic_us.saturating_sub(before));
        }
    }

    /// Whether the run has to end.
    pub(crate) fn check(&self, now: Moment) -> Result<(), RunEnd> {
        let wall = now.wall.since_us(self.opened.wall);
        let monotonic = now.monotonic_us.saturating_sub(self.opened.monotonic_us);
        if wall.saturating_sub(monotonic).saturating_abs() > STEP_MAX_US {
            return Err(RunEnd::ClockStepped);
        }
        let limit = self.gop_us.saturating_mul(3).clamp(STALL_MIN_US, STALL_MAX_US);
        let stalled = |progress: &Progress| now.monotonic_us.saturating_sub(progress.moved_us) > limit;
        if stalled(&self.video) {
            return Err(RunEnd::CameraStalled { track: Track::Video });
        }
        match &self.audio {
            Some(audio) if stalled(audio) => Err(RunEnd::CameraStalled { track: Track::Audio }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eaves_domain::Timestamp;

    fn at(seconds: f64) -> Moment {
        let us = (seconds * 1e6) as i64;
        Moment { wall: Timestamp(1_700_000_000_000_000 + us), monotonic_us: us }
    }

    const VIDEO: RunEnd = RunEnd::CameraStalled { track: Track::Video };

    #[test]
    fn silence_from_the_start_is_a_stalled_picture() {
        let watch = Watch::new(at(0.0));
        assert_eq!(watch.check(at(10.0)), Ok(()));
        assert_eq!(watch.check(at(10.1)), Err(VIDEO));
    }

    #[test]
    fn a_track_that_stands_still_is_named_though_the_other_one_moves() {
        let mut watch = Watch::new(at(0.0));
        for i in 0..12 {
            watch.sample(Track::Audio, i * 1_000_000, false, at(i as f64));
        }
        assert_eq!(watch.check(at(11.0)), Err(VIDEO));

        let mut watch = Watch::new(at(0.0));
        watch.sample(Track::Audio, 0, false, at(0.0));
        for i in 0..12 {
            watch.sample(Track::Video, i * 1_000_000, i % 2 == 0, at(i as f64));
        }
        assert_eq!(watch.check(at(11.0)), Err(RunEnd::CameraStalled { track: Track::Audio }));
    }

    #[test]
    fn the_same_picture_again_and_again_is_no_progress() {
        let mut watch = Watch::new(at(0.0));
        for i in 0..12 {
            watch.sample(Track::Video, 5, i == 0, at(i as f64));
        }
        assert_eq!(watch.check(at(11.0)), Err(VIDEO));
    }

    #[test]
    fn rare_keyframes_allow_more_patience() {
        let mut watch = Watch::new(at(0.0));
        watch.sample(Track::Video, 0, true, at(0.0));
        watch.sample(Track::Video, 8_000_000, true, at(8.0));
        assert_eq!(watch.check(at(31.9)), Ok(()));
        assert_eq!(watch.check(at(32.1)), Err(VIDEO));
    }

    #[test]
    fn a_camera_without_sound_is_not_expected_to_make_any() {
        let mut watch = Watch::new(at(0.0));
        watch.sample(Track::Video, 0, true, at(0.0));
        watch.sample(Track::Video, 100_000, false, at(9.0));
        assert_eq!(watch.check(at(18.0)), Ok(()));
    }

    #[test]
    fn a_step_of_the_wall_clock_in_either_direction_ends_the_run() {
        for step in [-600_000, 600_000] {
            let mut watch = Watch::new(at(0.0));
            watch.sample(Track::Video, 0, true, at(1.0));
            let mut now = at(2.0);
            assert_eq!(watch.check(now), Ok(()));
            now.wall = now.wall.plus_us(step);
            assert_eq!(watch.check(now), Err(RunEnd::ClockStepped));
        }
    }
}
