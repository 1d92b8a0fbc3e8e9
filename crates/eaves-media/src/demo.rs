//! The demo camera.

use crate::camera::Clock;
use crate::end::RunEnd;
use crate::sample::MediaEvent;
use std::sync::Arc;

pub(crate) struct DemoRun {
    _clock: Arc<dyn Clock>,
}

impl DemoRun {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { _clock: clock }
    }

    pub(crate) async fn next(&mut self) -> MediaEvent {
        MediaEvent::Ended(RunEnd::CameraUnreachable)
    }
}
