//! A camera that films when the test says so, on the test's own clock.

use bytes::Bytes;
use eaves_domain::Timestamp;
use eaves_hub::camera::{Cameras, Run};
use eaves_media::probe::{Found, FoundStream, Picture, ProbeFailure};
use eaves_media::{
    AudioCoding, AudioTrack, CameraAddress, Clock, Credentials, MediaEvent, Moment, Opening, RunEnd, Sample, Source,
    Track, Tracks, VideoCoding, VideoTrack,
};
use futures::future::BoxFuture;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;

/// A clock that moves when somebody moves it.
#[derive(Clone)]
pub(crate) struct TestClock(Arc<Mutex<Moment>>);

impl TestClock {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Moment { wall: Timestamp(1_700_000_000_000_000), monotonic_us: 5_000_000 })))
    }

    /// Somebody sets the wall clock.
    pub(crate) fn step_us(&self, us: i64) {
        let mut moment = self.0.lock().unwrap();
        moment.wall = moment.wall.plus_us(us);
    }

    pub(crate) fn pass_us(&self, us: i64) {
        let mut moment = self.0.lock().unwrap();
        moment.wall = moment.wall.plus_us(us);
        moment.monotonic_us += us;
    }
}

impl Clock for TestClock {
    fn now(&self) -> Moment {
        *self.0.lock().unwrap()
    }
}

/// Pictures per second, and pictures from one keyframe to the next.
const RATE: i64 = 5;
const GOP: i64 = 10;
/// The word that every sample holds, and no file may.
pub(crate) const CANARY: &[u8] = b"a-picture-of-the-garden";

/// What the sub stream shows.
pub(crate) const SMALL: &[u8] = b"the-same-garden-but-small";

#[derive(Default)]
struct State {
    run: Option<mpsc::Sender<MediaEvent>>,
    sub: Option<mpsc::Sender<MediaEvent>>,
    drawn: Vec<Bytes>,
    opened: u32,
    looked_at: Vec<String>,
}

/// The cameras of the test: one, whatever the source.
#[derive(Clone)]
pub(crate) struct TestCameras {
    clock: TestClock,
    state: Arc<Mutex<State>>,
    pub(crate) frame_bytes: usize,
}

impl TestCameras {
    pub(crate) fn new(clock: TestClock) -> Self {
        Self { clock, state: Arc::default(), frame_bytes: 2_000 }
    }

    /// Runs that were opened so far.
    pub(crate) fn opened(&self) -> u32 {
        self.state.lock().unwrap().opened
    }

    /// Addresses that the hub looked at.
    pub(crate) fn looked_at(&self) -> Vec<String> {
        self.state.lock().unwrap().looked_at.clone()
    }

    /// Whether the hub is connected.
    pub(crate) fn is_connected(&self) -> bool {
        self.state.lock().unwrap().run.as_ref().is_some_and(|run| !run.is_closed())
    }

    async fn send(&self, event: MediaEvent) {
        let run = self.state.lock().unwrap().run.clone();
        // A run that the hub has let go films nobody.
        if let Some(run) = run {
            let _ = run.send(event).await;
        }
    }

    /// Films for some seconds, with sound. The camera's own clock is the test's.
    pub(crate) async fn film(&self, seconds: i64) {
        for _ in 0..seconds * RATE {
            self.clock.pass_us(1_000_000 / RATE);
            let arrival = self.clock.now();
            let picture = arrival.monotonic_us * 9 / 100;
            let number = arrival.monotonic_us * RATE / 1_000_000;
            let mut data = vec![0; self.frame_bytes];
            data[..CANARY.len()].copy_from_slice(CANARY);
            let sample = |track, time, duration, keyframe, data: Vec<u8>| Sample {
                track,
                time,
                duration,
                keyframe,
                arrival,
                data: Bytes::from(data),
            };
            self.send(MediaEvent::Sample(sample(Track::Video, picture, None, number % GOP == 0, data))).await;
            let sound = arrival.monotonic_us * 8 / 1000;
            self.send(MediaEvent::Sample(sample(Track::Audio, sound, Some(1_600), false, CANARY.to_vec()))).await;
        }
    }

    /// Whether the hub is connected to the sub stream.
    pub(crate) fn has_sub(&self) -> bool {
        self.state.lock().unwrap().sub.as_ref().is_some_and(|run| !run.is_closed())
    }

    /// Keyframes that posters were drawn from.
    pub(crate) fn drawn(&self) -> Vec<Bytes> {
        self.state.lock().unwrap().drawn.clone()
    }

    /// The sub stream sends one keyframe.
    pub(crate) async fn film_sub(&self) {
        let run = self.state.lock().unwrap().sub.clone().expect("a run");
        let arrival = self.clock.now();
        let time = arrival.monotonic_us * 9 / 100;
        let data = Bytes::from_static(SMALL);
        let sample = Sample { track: Track::Video, time, duration: None, keyframe: true, arrival, data };
        run.send(MediaEvent::Sample(sample)).await.expect("the hub reads");
    }

    /// Ends the run.
    pub(crate) async fn end(&self, end: RunEnd) {
        self.send(MediaEvent::Ended(end)).await;
        self.state.lock().unwrap().run = None;
    }
}

struct TestRun {
    events: mpsc::Receiver<MediaEvent>,
}

impl Run for TestRun {
    fn next(&mut self) -> BoxFuture<'_, MediaEvent> {
        Box::pin(async { self.events.recv().await.unwrap_or(MediaEvent::Ended(RunEnd::StreamEnded)) })
    }
}

impl Cameras for TestCameras {
    fn open(&self, source: Source, _: Opening) -> Box<dyn Run> {
        let is_sub = matches!(&source, Source::Rtsp { address, .. } if address.to_url().ends_with("/sub"));
        // Hardly any buffer: the camera films as fast as the hub keeps up.
        let (sender, events) = mpsc::channel(2);
        sender.try_send(MediaEvent::Started(tracks())).unwrap();
        let mut state = self.state.lock().unwrap();
        if is_sub {
            state.sub = Some(sender);
        } else {
            state.run = Some(sender);
            state.opened += 1;
        }
        Box::new(TestRun { events })
    }

    fn draw(&self, picture: Picture) -> BoxFuture<'static, Option<Bytes>> {
        self.state.lock().unwrap().drawn.push(picture.data);
        Box::pin(async { Some(Bytes::from_static(b"\xff\xd8 a poster")) })
    }

    fn probe(&self, text: String, credentials: Option<Credentials>) -> BoxFuture<'static, Result<Found, ProbeFailure>> {
        self.state.lock().unwrap().looked_at.push(text.clone());
        Box::pin(async move {
            let (address, _) = CameraAddress::parse(&text).map_err(|_| ProbeFailure::AddressInvalid)?;
            let picture =
                Picture { coding: VideoCoding::H264, configuration: Bytes::new(), data: Bytes::from_static(CANARY) };
            let main = FoundStream {
                address,
                codec: "avc1.4d401f".into(),
                width: 640,
                height: 360,
                frames_per_second: 14.96,
                kilobits_per_second: 900,
                audio: None,
                picture,
            };
            Ok(Found { main, sub: None, credentials, default_password: false })
        })
    }
}

fn tracks() -> Tracks {
    Tracks {
        video: VideoTrack {
            coding: VideoCoding::H264,
            codec: "avc1.4d401f".into(),
            width: 640,
            height: 360,
            timescale: 90_000,
            sample_entry: Bytes::from_static(b"\0\0\0\x10avc1........"),
            configuration: Bytes::from_static(b"configuration"),
        },
        audio: Some(AudioTrack {
            coding: AudioCoding::Aac,
            codec: "mp4a.40.2".into(),
            timescale: 8_000,
            channels: 1,
            sample_entry: Bytes::from_static(b"\0\0\0\x10mp4a........"),
        }),
    }
}
