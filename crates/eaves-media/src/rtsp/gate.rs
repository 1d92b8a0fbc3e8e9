//! The beginning of a run: which tracks does it have?
//!
//! A track that was announced but sends nothing would make players wait for ever. So the run begins with the first
//! keyframe, and with sound if sound comes within a moment. Sound that comes later ends the run, so that the next one
//! has both; a camera that does so again and again is recorded without sound.

use crate::camera::Opening;
use crate::end::{RunEnd, Track};
use crate::sample::{AudioTrack, MediaEvent, Moment, Sample, Tracks, VideoTrack};
use std::collections::VecDeque;

/// What is held back while the tracks are not known.
const HELD_BYTES_MAX: usize = 32 << 20;
const HELD_MAX: usize = 4_096;

pub(super) struct Gate {
    opening: Opening,
    announced: Option<AudioTrack>,
    video: Option<VideoTrack>,
    /// When the first keyframe came.
    since: Option<Moment>,
    sound_came: bool,
    open: bool,
    events: VecDeque<MediaEvent>,
    held_bytes: usize,
    ignores_sound: bool,
}

impl Gate {
    pub(super) fn new(announced: Option<AudioTrack>, opening: Opening) -> Self {
        Self {
            opening,
            announced,
            video: None,
            since: None,
            sound_came: false,
            open: false,
            events: VecDeque::new(),
            held_bytes: 0,
            ignores_sound: false,
        }
    }

    /// The next event, once the tracks are known.
    pub(super) fn next(&mut self) -> Option<MediaEvent> {
        if self.open { self.events.pop_front() } else { None }
    }

    /// The camera has said what its pictures are like.
    pub(super) fn video(&mut self, track: VideoTrack) {
        self.video = Some(track);
    }

    /// Takes a sample; the first picture is a keyframe.
    pub(super) fn sample(&mut self, sample: Sample, now: Moment) -> Result<(), RunEnd> {
        match sample.track {
            Track::Video => {
                self.since.get_or_insert(now);
            }
            Track::Audio if self.open && self.ignores_sound => {
                return if self.opening.ignores_late_sound() { Ok(()) } else { Err(RunEnd::AudioAppeared) };
            }
            Track::Audio => {
                self.sound_came = true;
                if self.since.is_none() {
                    return Ok(());
                }
            }
        }
        if !self.open {
            self.held_bytes = self.held_bytes.saturating_add(sample.data.len());
            if self.events.len() >= HELD_MAX || self.held_bytes > HELD_BYTES_MAX {
                return Err(RunEnd::ProtocolError);
            }
        }
        self.events.push_back(MediaEvent::Sample(sample));
        self.tick(now);
        Ok(())
    }

    /// Time passes.
    pub(super) fn tick(&mut self, now: Moment) {
        let (false, Some(since), Some(video)) = (self.open, self.since, &self.video) else { return };
        let patience = i64::try_from(self.opening.sound_patience().as_micros()).unwrap_or(i64::MAX);
        let waited = now.monotonic_us.saturating_sub(since.monotonic_us);
        let expects_sound = self.announced.is_some() && !self.opening.ignores_late_sound();
        if expects_sound && !self.sound_came && waited < patience {
            return;
        }
        let audio = self.announced.take().filter(|_| self.sound_came);
        self.ignores_sound = audio.is_none();
        self.events.push_front(MediaEvent::Started(Tracks { video: video.clone(), audio }));
        self.open = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{AudioCoding, VideoCoding};
    use bytes::Bytes;
    use eaves_domain::Timestamp;

    fn at(us: i64) -> Moment {
        Moment { wall: Timestamp(us), monotonic_us: us }
    }

    fn gate(announced: bool, opening: Opening) -> Gate {
        let audio = AudioTrack {
            coding: AudioCoding::Aac,
            codec: "mp4a.40.2".into(),
            timescale: 16_000,
            channels: 1,
            sample_entry: Bytes::new(),
        };
        let mut gate = Gate::new(announced.then_some(audio), opening);
        gate.video(VideoTrack {
            coding: VideoCoding::H264,
            codec: "avc1.42001e".into(),
            width: 16,
            height: 16,
            timescale: 90_000,
            sample_entry: Bytes::new(),
            configuration: Bytes::new(),
        });
        gate
    }

    fn push(gate: &mut Gate, track: Track, us: i64) -> Result<(), RunEnd> {
        let data = Bytes::from_static(b"x");
        let keyframe = true;
        gate.sample(Sample { track, time: us, duration: None, keyframe, arrival: at(us), data }, at(us))
    }

    /// Whether the run began, and with sound or without.
    fn started(gate: &mut Gate) -> Option<bool> {
        match gate.next()? {
            MediaEvent::Started(tracks) => Some(tracks.audio.is_some()),
            other => panic!("not the start: {other:?}"),
        }
    }

    #[test]
    fn a_camera_without_sound_begins_at_once() {
        let mut gate = gate(false, Opening::default());
        push(&mut gate, Track::Video, 0).unwrap();
        assert_eq!(started(&mut gate), Some(false));
        assert!(matches!(gate.next(), Some(MediaEvent::Sample(_))));
    }

    #[test]
    fn sound_that_was_announced_is_waited_for() {
        let mut gate = gate(true, Opening::default());
        push(&mut gate, Track::Video, 0).unwrap();
        assert_eq!(gate.next(), None);
        push(&mut gate, Track::Audio, 100_000).unwrap();
        assert_eq!(started(&mut gate), Some(true));
    }

    #[test]
    fn sound_that_does_not_come_in_time_ends_the_run_when_it_does() {
        let mut gate = gate(true, Opening::default());
        push(&mut gate, Track::Video, 0).unwrap();
        gate.tick(at(1_400_000));
        assert_eq!(gate.next(), None);
        gate.tick(at(1_600_000));
        assert_eq!(started(&mut gate), Some(false));
        assert_eq!(push(&mut gate, Track::Audio, 2_000_000), Err(RunEnd::AudioAppeared));
    }

    #[test]
    fn a_camera_whose_sound_is_always_late_is_recorded_without() {
        let opening = Opening::default().after(RunEnd::AudioAppeared);
        let mut patient = gate(true, opening);
        push(&mut patient, Track::Video, 0).unwrap();
        patient.tick(at(9_000_000));
        assert_eq!(patient.next(), None);

        let opening = opening.after(RunEnd::StreamEnded).after(RunEnd::AudioAppeared);
        let mut resigned = gate(true, opening);
        push(&mut resigned, Track::Video, 0).unwrap();
        assert_eq!(started(&mut resigned), Some(false));
        assert_eq!(push(&mut resigned, Track::Audio, 20_000_000), Ok(()));
    }
}
