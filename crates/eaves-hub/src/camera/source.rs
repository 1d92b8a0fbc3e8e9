//! The seam to the cameras themselves, so that a test can be one.

use bytes::Bytes;
use eaves_media::decoder::{DecoderCommand, PosterDecoder};
use eaves_media::probe::{Found, Picture, ProbeFailure, probe};
use eaves_media::{Camera, Clock, Credentials, MediaEvent, Opening, Source};
use futures::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;

/// How long a look at a typed address may take.
const PROBE_WAIT: Duration = Duration::from_secs(30);

/// One run of a camera.
pub trait Run: Send {
    /// The next event; see [`Camera::next`].
    fn next(&mut self) -> BoxFuture<'_, MediaEvent>;
}

/// Everything that reaches out to a camera or looks into a picture.
pub trait Cameras: Send + Sync + 'static {
    /// Prepares a run.
    fn open(&self, source: Source, opening: Opening) -> Box<dyn Run>;
    /// A JPEG of a keyframe; `None` if it cannot be drawn.
    fn draw(&self, picture: Picture) -> BoxFuture<'static, Option<Bytes>>;
    /// Looks at an address that somebody typed.
    fn probe(&self, text: String, credentials: Option<Credentials>) -> BoxFuture<'static, Result<Found, ProbeFailure>>;
}

/// The cameras on the network, and the decoder child of this program.
pub struct RealCameras {
    clock: Arc<dyn Clock>,
    // One child for all cameras: a picture a minute each.
    decoder: Arc<tokio::sync::Mutex<PosterDecoder>>,
}

impl RealCameras {
    /// `decoder` starts the child that draws posters.
    pub fn new(clock: Arc<dyn Clock>, decoder: DecoderCommand) -> Self {
        Self { clock, decoder: Arc::new(tokio::sync::Mutex::new(PosterDecoder::new(decoder))) }
    }
}

impl Cameras for RealCameras {
    fn open(&self, source: Source, opening: Opening) -> Box<dyn Run> {
        Box::new(RealRun(Camera::open(source, opening, self.clock.clone())))
    }

    fn draw(&self, picture: Picture) -> BoxFuture<'static, Option<Bytes>> {
        let decoder = self.decoder.clone();
        Box::pin(async move {
            let mut decoder = decoder.lock().await;
            match decoder.draw(picture.coding, &picture.configuration, &picture.data).await {
                Ok(jpeg) => Some(jpeg),
                Err(error) => {
                    tracing::debug!(%error, "no poster");
                    None
                }
            }
        })
    }

    fn probe(&self, text: String, credentials: Option<Credentials>) -> BoxFuture<'static, Result<Found, ProbeFailure>> {
        let clock = self.clock.clone();
        Box::pin(async move { probe(&text, credentials, PROBE_WAIT, clock).await })
    }
}

struct RealRun(Camera);

impl Run for RealRun {
    fn next(&mut self) -> BoxFuture<'_, MediaEvent> {
        Box::pin(self.0.next())
    }
}
