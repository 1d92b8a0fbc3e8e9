//! The way from a camera's worker to its writer: what is handed over, and what is given up when the disk is full, fails, or
//! does not keep up.

use super::worker::Worker;
use super::writer::{About, Health, Input};
use bytes::Bytes;
use eaves_api::channel::DeviceState;
use eaves_domain::link::GapCause;
use eaves_domain::{RunId, Timestamp};
use eaves_media::probe::Picture;
use eaves_media::{Fragment, Output, Segmenter};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// How long the camera waits for a disk that does not keep up, before footage is given up. Live pictures wait with it.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long to leave a disk alone that failed.
const DISK_WAIT_US: i64 = 5_000_000;

enum Feeding {
    On,
    /// The recording in progress was given up. `told` says whether the writer knows.
    Off {
        cause: GapCause,
        retry_us: i64,
        told: bool,
    },
}

/// The way to the writer.
pub(super) struct Feed {
    inputs: mpsc::Sender<Input>,
    health: Arc<Health>,
    state: Feeding,
    poster: Option<oneshot::Receiver<Option<Bytes>>>,
}

impl Feed {
    /// A way to a writer that listens.
    pub(super) fn new(inputs: mpsc::Sender<Input>, health: Arc<Health>) -> Self {
        Self { inputs, health, state: Feeding::On, poster: None }
    }

    /// Hands over what must not be lost, waiting for a slow disk.
    pub(super) async fn send(&mut self, input: Input) {
        if self.inputs.send(input).await.is_err() {
            tracing::error!("the writer of a camera is gone");
        }
    }

    /// Hands over a piece of a recording, if recordings can be kept and the disk keeps up.
    pub(super) async fn output(
        &mut self,
        worker: &Worker,
        run: RunId,
        about: &About,
        picture: &Picture,
        output: Output,
    ) {
        if matches!(self.state, Feeding::Off { .. }) {
            return;
        }
        let input = match output {
            Output::Live(_) => return,
            Output::RecordingStarted { start, init } => {
                self.poster = None;
                Input::Began { start, init, run, about: about.clone() }
            }
            Output::Fragment(fragment) => {
                self.draw_poster(worker, &fragment, picture);
                Input::Fragment(fragment)
            }
            Output::RecordingEnded(recording) => Input::Ended { recording, poster: self.poster.take() },
        };
        if self.inputs.send_timeout(input, PATIENCE).await.is_err() {
            let retry_us = worker.clock.now().monotonic_us.saturating_add(DISK_WAIT_US);
            self.state = Feeding::Off { cause: GapCause::RecordingFailed, retry_us, told: false };
        }
    }

    fn draw_poster(&mut self, worker: &Worker, fragment: &Fragment, picture: &Picture) {
        let (None, Some(keyframe)) = (&self.poster, &fragment.keyframe) else { return };
        let picture =
            worker.recent_small_picture().unwrap_or_else(|| Picture { data: keyframe.clone(), ..picture.clone() });
        let drawing = worker.cameras.draw(picture);
        let (drawn, poster) = oneshot::channel();
        self.poster = Some(poster);
        tokio::spawn(async move {
            // Nobody waits any more when the recording was given up.
            let _ = drawn.send(drawing.await);
        });
    }

    /// Gives recordings up when there is no space or one failed, and begins again when there is.
    pub(super) fn recover(
        &mut self,
        worker: &Worker,
        segmenter: &mut Segmenter,
        has_space: bool,
        out: &mut Vec<Output>,
    ) {
        let now = worker.clock.now();
        match &mut self.state {
            Feeding::On => {
                let cause = if has_space { self.health.take() } else { Some(GapCause::DiskFull) };
                if let Some(cause) = cause {
                    let retry_us = now.monotonic_us.saturating_add(DISK_WAIT_US);
                    self.state = Feeding::Off { cause, retry_us, told: false };
                    self.tell(now.wall);
                    worker.uplink.set_state(worker.device, DeviceState::Down { cause }, now.wall);
                }
            }
            Feeding::Off { .. } => {
                self.tell(now.wall);
                if let Feeding::Off { retry_us, told: true, .. } = self.state
                    && has_space
                    && now.monotonic_us >= retry_us
                {
                    // What was given up is over; the pictures coming in begin a recording.
                    let mut given_up = Vec::new();
                    segmenter.split(&mut given_up);
                    out.extend(given_up.into_iter().filter(|o| matches!(o, Output::Live(_))));
                    self.health.take();
                    self.poster = None;
                    self.state = Feeding::On;
                }
            }
        }
    }

    pub(super) fn is_on(&self) -> bool {
        matches!(self.state, Feeding::On)
    }

    /// The camera is back, but its pictures are still not kept: that is the cause again.
    pub(super) fn tell_again(&mut self) {
        if let Feeding::Off { told, .. } = &mut self.state {
            *told = false;
        }
    }

    fn tell(&mut self, at: Timestamp) {
        if let Feeding::Off { cause, told, .. } = &mut self.state
            && !*told
        {
            *told = self.inputs.try_send(Input::Down { cause: *cause, at }).is_ok();
        }
    }
}
