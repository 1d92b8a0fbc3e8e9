//! RTSP cameras, over TCP (RFC 2326, interleaved).

mod failure;
mod gate;
mod open;
mod progress;
mod timeline;

use crate::address::{CameraAddress, Credentials};
use crate::camera::{Clock, Opening};
use crate::end::{RunEnd, Track};
use crate::sample::{MediaEvent, Moment, Sample, VideoTrack};
use futures::StreamExt;
use gate::Gate;
use open::{Playing, open};
pub(crate) use progress::Watch;
use retina::codec::{AudioFrame, CodecItem, VideoFrame};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use timeline::{Origin, Timeline};
use tokio::time::{Interval, MissedTickBehavior};

/// How often the watchdog looks when nothing comes.
const LOOK: Duration = Duration::from_millis(500);

/// One run of an RTSP camera.
pub(crate) struct RtspRun {
    state: State,
    clock: Arc<dyn Clock>,
    opening: Opening,
}

enum State {
    Opening(Pin<Box<dyn Future<Output = Result<Playing, RunEnd>> + Send>>),
    Playing(Box<Run>),
}

impl RtspRun {
    pub(crate) fn new(
        address: CameraAddress,
        credentials: Option<Credentials>,
        opening: Opening,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { state: State::Opening(Box::pin(open(address, credentials))), clock, opening }
    }

    /// The next event. May be dropped and called again: all state is in `self`.
    pub(crate) async fn next(&mut self) -> MediaEvent {
        loop {
            match &mut self.state {
                State::Opening(opening) => match opening.await {
                    Ok(playing) => {
                        let run = Run::new(playing, self.opening, self.clock.now());
                        self.state = State::Playing(Box::new(run));
                    }
                    Err(end) => return MediaEvent::Ended(end),
                },
                State::Playing(run) => match run.next(&*self.clock).await {
                    Ok(event) => return event,
                    Err(end) => return MediaEvent::Ended(end),
                },
            }
        }
    }
}

/// A stream that plays.
struct Run {
    playing: Playing,
    gate: Gate,
    watch: Watch,
    origin: Origin,
    video: Timeline,
    audio: Option<Timeline>,
    track: Option<VideoTrack>,
    look: Interval,
    sound: Vec<Sample>,
}

impl Run {
    fn new(playing: Playing, opening: Opening, now: Moment) -> Self {
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            gate: Gate::new(playing.audio.as_ref().map(|audio| audio.track.clone()), opening),
            watch: Watch::new(now),
            origin: Origin::default(),
            video: Timeline::new(playing.video_rate),
            audio: playing.audio.as_ref().map(|audio| Timeline::new(audio.track.timescale)),
            track: None,
            look,
            sound: Vec::new(),
            playing,
        }
    }

    async fn next(&mut self, clock: &dyn Clock) -> Result<MediaEvent, RunEnd> {
        loop {
            if let Some(event) = self.gate.next() {
                return Ok(event);
            }
            // Fair on purpose: a camera that floods us must not keep the watchdog from its turn.
            let item = tokio::select! {
                item = self.playing.demuxed.next() => Some(item),
                _ = self.look.tick() => None,
            };
            let now = clock.now();
            match item {
                Some(Some(Ok(CodecItem::VideoFrame(frame)))) if frame.stream_id() == self.playing.video => {
                    self.picture(frame, now)?;
                }
                Some(Some(Ok(CodecItem::AudioFrame(frame)))) => self.sound(&frame, now)?,
                Some(Some(Ok(_))) => {}
                Some(Some(Err(error))) => return Err(failure::playing(&error)),
                Some(None) => return Err(RunEnd::StreamEnded),
                None => self.gate.tick(now),
            }
            self.watch.check(now)?;
        }
    }

    fn picture(&mut self, frame: VideoFrame, now: Moment) -> Result<(), RunEnd> {
        let keyframe = frame.is_random_access_point();
        let time = self.video.place(frame.timestamp().elapsed(), now, &mut self.origin)?;
        self.watch.sample(Track::Video, self.video.us(time), keyframe, now);
        if self.track.is_none() || frame.has_new_parameters() {
            let track = self.playing.video_track();
            match (&self.track, track) {
                (Some(before), Some(track)) if *before != track => return Err(RunEnd::ParametersChanged),
                (None, Some(track)) if keyframe => {
                    self.gate.video(track.clone());
                    self.track = Some(track);
                }
                _ => {}
            }
        }
        if self.track.is_some() {
            let data = frame.into_data().into();
            let sample = Sample { track: Track::Video, time, duration: None, keyframe, arrival: now, data };
            self.gate.sample(sample, now)?;
        }
        Ok(())
    }

    fn sound(&mut self, frame: &AudioFrame, now: Moment) -> Result<(), RunEnd> {
        let (Some(audio), Some(timeline)) = (&mut self.playing.audio, &mut self.audio) else { return Ok(()) };
        if frame.stream_id() != audio.index {
            return Ok(());
        }
        let time = timeline.place(frame.timestamp().elapsed(), now, &mut self.origin)?;
        self.watch.sample(Track::Audio, timeline.us(time), false, now);
        match &mut audio.g711 {
            Some(g711) => g711.packet(frame.data(), time, now, &mut self.sound),
            None => self.sound.push(Sample {
                track: Track::Audio,
                time,
                duration: Some(frame.frame_length().get()),
                keyframe: true,
                arrival: now,
                data: bytes::Bytes::copy_from_slice(frame.data()),
            }),
        }
        for sample in self.sound.drain(..) {
            self.gate.sample(sample, now)?;
        }
        Ok(())
    }
}
