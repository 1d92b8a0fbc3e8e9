//! The demo camera: a minute of our own drawing, for ever, in step with the clock.
//!
//! The number burnt into the picture is the second of the minute at which it is shown, so that anybody can see how old a
//! picture is. A run begins with the last keyframe, at most a second ago.

mod clip;

use crate::camera::Clock;
use crate::end::{RunEnd, Track};
use crate::rtsp::Watch;
use crate::sample::{MediaEvent, Moment, Sample};
use clip::{Clip, FPS, SECONDS};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

const SOUND_SAMPLES: i64 = 1_024;

/// One run of the demo camera.
pub(crate) struct DemoRun {
    clock: Arc<dyn Clock>,
    play: Option<Play>,
}

/// What is due when. Media time 0 is a full minute of the wall clock.
struct Play {
    clip: &'static Clip,
    /// Monotonic time of media time 0.
    zero_us: i64,
    watch: Watch,
    picture: i64,
    sound: i64,
    timescales: (i64, i64),
}

fn clip() -> Option<&'static Clip> {
    static CLIP: OnceLock<Option<Clip>> = OnceLock::new();
    CLIP.get_or_init(Clip::built_in).as_ref()
}

impl Play {
    fn new(clip: &'static Clip, now: Moment) -> Self {
        let into_minute_us = now.wall.as_us().rem_euclid(SECONDS * 1_000_000);
        let second = into_minute_us / 1_000_000;
        let audio = clip.tracks.audio.as_ref().map_or(1, |audio| audio.timescale);
        let timescales = (i64::from(clip.tracks.video.timescale), i64::from(audio));
        Self {
            clip,
            zero_us: now.monotonic_us.saturating_sub(into_minute_us),
            watch: Watch::new(now),
            picture: second * FPS,
            sound: (second * timescales.1 + SOUND_SAMPLES - 1) / SOUND_SAMPLES,
            timescales,
        }
    }

    fn picture_us(&self) -> i64 {
        self.picture.saturating_mul(1_000_000) / FPS
    }

    /// When the next frame of sound is complete.
    fn sound_us(&self) -> i64 {
        (self.sound + 1).saturating_mul(SOUND_SAMPLES * 1_000_000) / self.timescales.1
    }

    /// Microseconds until something is due.
    fn wait_us(&self, now: Moment) -> i64 {
        self.picture_us().min(self.sound_us()).saturating_sub(now.monotonic_us.saturating_sub(self.zero_us))
    }

    /// The sample that is due.
    fn next(&mut self, now: Moment) -> Option<Sample> {
        if self.picture_us() <= self.sound_us() {
            let index = usize::try_from(self.picture.rem_euclid(FPS * SECONDS)).ok()?;
            let picture = self.clip.pictures.get(index)?;
            let time = self.picture * self.timescales.0 / FPS;
            self.watch.sample(Track::Video, self.picture_us(), picture.keyframe, now);
            self.picture += 1;
            let (keyframe, data) = (picture.keyframe, picture.data.clone());
            Some(Sample { track: Track::Video, time, duration: None, keyframe, arrival: now, data })
        } else {
            let index = usize::try_from(self.sound).ok()? % self.clip.sound.len();
            let data = self.clip.sound.get(index)?.clone();
            let time = self.sound * SOUND_SAMPLES;
            self.watch.sample(Track::Audio, self.sound_us(), false, now);
            self.sound += 1;
            let duration = u32::try_from(SOUND_SAMPLES).ok();
            Some(Sample { track: Track::Audio, time, duration, keyframe: true, arrival: now, data })
        }
    }
}

impl DemoRun {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, play: None }
    }

    pub(crate) async fn next(&mut self) -> MediaEvent {
        loop {
            let now = self.clock.now();
            let Some(play) = &mut self.play else {
                let Some(clip) = clip() else { return MediaEvent::Ended(RunEnd::ProtocolError) };
                self.play = Some(Play::new(clip, now));
                return MediaEvent::Started(clip.tracks.clone());
            };
            if let Err(end) = play.watch.check(now) {
                return MediaEvent::Ended(end);
            }
            match u64::try_from(play.wait_us(now)) {
                Ok(wait @ 1..) => tokio::time::sleep(Duration::from_micros(wait)).await,
                _ => match play.next(now) {
                    Some(sample) => return MediaEvent::Sample(sample),
                    None => return MediaEvent::Ended(RunEnd::ProtocolError),
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eaves_domain::Timestamp;

    fn at(us: i64) -> Moment {
        Moment { wall: Timestamp(1_700_000_040_000_000 + us), monotonic_us: 77_000_000 + us }
    }

    #[test]
    fn the_burnt_in_second_is_that_of_the_clock_and_the_loop_has_no_seam() {
        // 1 700 000 040 is a full minute.
        let begin = 57_400_000;
        let mut play = Play::new(clip().unwrap(), at(begin));
        assert_eq!(play.picture, 57 * FPS);
        let mut now = begin;
        let (mut last, mut sounds) = (None, 0);
        while now < begin + 10_000_000 {
            let wait = play.wait_us(at(now));
            if wait > 0 {
                now += wait;
            }
            let shown = play.picture;
            let sample = play.next(at(now)).unwrap();
            if sample.track == Track::Video {
                // Second n of the clip is shown in second n of the minute.
                assert_eq!(shown.div_euclid(FPS), sample.time / 90_000);
                assert!(last.is_none_or(|last| sample.time - last == 6_000));
                assert_eq!(sample.keyframe, shown % FPS == 0);
                last = Some(sample.time);
            } else {
                sounds += 1;
            }
        }
        assert!((310..340).contains(&sounds), "{sounds}");
    }
}
