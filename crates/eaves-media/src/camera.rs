//! A camera as a source of events, whatever is behind it.

use crate::address::{CameraAddress, Credentials};
use crate::demo::DemoRun;
use crate::end::RunEnd;
use crate::rtsp::RtspRun;
use crate::sample::{MediaEvent, Moment};
use std::sync::Arc;
use std::time::Duration;

/// The hub's clocks. A closure `|| Moment { … }` is one.
pub trait Clock: Send + Sync {
    /// Both clocks, now.
    fn now(&self) -> Moment;
}

impl<F: Fn() -> Moment + Send + Sync> Clock for F {
    fn now(&self) -> Moment {
        self()
    }
}

/// Where samples come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A camera that speaks RTSP.
    Rtsp {
        /// Where it is.
        address: CameraAddress,
        /// User name and password, if it asks for them.
        credentials: Option<Credentials>,
    },
    /// The built-in demo camera.
    Demo,
}

/// What the run before taught about this camera. Start with the default; after each run, [`Opening::after`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    late_sound: u8,
}

impl Opening {
    /// How to open the next run, after one that ended like this.
    #[must_use]
    pub fn after(self, end: RunEnd) -> Self {
        Self {
            late_sound: if end == RunEnd::AudioAppeared { self.late_sound.saturating_add(1) } else { self.late_sound },
        }
    }

    /// How long to wait for sound that was announced, once pictures are there.
    pub(crate) fn sound_patience(self) -> Duration {
        if self.late_sound == 0 { Duration::from_millis(1_500) } else { Duration::from_secs(10) }
    }

    /// Whether to do without sound that comes even later, rather than to end runs for it again and again.
    pub(crate) fn ignores_late_sound(self) -> bool {
        self.late_sound >= 2
    }
}

/// One run of a camera.
pub struct Camera {
    run: Run,
    ended: Option<RunEnd>,
}

enum Run {
    Rtsp(Box<RtspRun>),
    Demo(Box<DemoRun>),
}

impl Camera {
    /// Prepares a run. The connection is made by [`Camera::next`].
    pub fn open(source: Source, opening: Opening, clock: Arc<dyn Clock>) -> Self {
        let run = match source {
            Source::Rtsp { address, credentials } => {
                Run::Rtsp(Box::new(RtspRun::new(address, credentials, opening, clock)))
            }
            Source::Demo => Run::Demo(Box::new(DemoRun::new(clock))),
        };
        Self { run, ended: None }
    }

    /// The next event; waits for it. Nothing is lost when the returned future is dropped early. After
    /// [`MediaEvent::Ended`] it says the same again.
    pub async fn next(&mut self) -> MediaEvent {
        if let Some(end) = self.ended {
            return MediaEvent::Ended(end);
        }
        let event = match &mut self.run {
            Run::Rtsp(run) => run.next().await,
            Run::Demo(run) => run.next().await,
        };
        if let MediaEvent::Ended(end) = &event {
            self.ended = Some(*end);
        }
        event
    }
}
