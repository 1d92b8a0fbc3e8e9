//! RTSP.

use crate::address::{CameraAddress, Credentials};
use crate::camera::{Clock, Opening};
use crate::end::RunEnd;
use crate::sample::MediaEvent;
use std::sync::Arc;

pub(crate) struct RtspRun {}

impl RtspRun {
    pub(crate) fn new(_: CameraAddress, _: Option<Credentials>, _: Opening, _: Arc<dyn Clock>) -> Self {
        Self {}
    }

    pub(crate) async fn next(&mut self) -> MediaEvent {
        MediaEvent::Ended(RunEnd::CameraUnreachable)
    }
}
