//! What an error of the RTSP library means.
//!
//! The library gives status codes, but no other way than its messages to tell a connection that could not be made from
//! an answer that is not RTSP. Its version is pinned and `tests/probe.rs` holds each case against real sockets.

use crate::end::RunEnd;

/// An error while the stream was being opened.
pub(super) fn opening(error: &retina::Error) -> RunEnd {
    if let Some(status) = error.status_code() {
        return match status {
            401 | 403 | 407 => RunEnd::CredentialsRefused,
            400 | 404 | 410 | 451 | 454 => RunEnd::PathNotFound,
            453 | 486 | 500 | 503 => RunEnd::CameraBusy,
            _ => RunEnd::ProtocolError,
        };
    }
    let message = error.to_string();
    if message.starts_with("Unable to connect") {
        RunEnd::CameraUnreachable
    } else if message.starts_with("RTSP framing error") || message.starts_with("Error reading from RTSP peer") {
        RunEnd::NotRtsp
    } else {
        RunEnd::ProtocolError
    }
}

/// An error while the stream was playing.
pub(super) fn playing(error: &retina::Error) -> RunEnd {
    let message = error.to_string();
    if message.starts_with("Error reading from RTSP peer") || message.starts_with("Error writing to RTSP peer") {
        RunEnd::StreamEnded
    } else {
        RunEnd::ProtocolError
    }
}
