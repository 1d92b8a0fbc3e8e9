//! What is at an address that somebody typed?

use crate::address::{CameraAddress, Credentials};
use crate::camera::Clock;
use crate::sample::VideoCoding;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// A keyframe that can be drawn with [`crate::decoder`].
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// How it is coded.
    pub coding: VideoCoding,
    /// The decoder configuration record.
    pub configuration: Bytes,
    /// The access unit in MP4 form.
    pub data: Bytes,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({:?}, {} bytes)", self.coding, self.data.len())
    }
}

/// Sound that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundAudio {
    /// RFC 6381; `flac` stands for G.711, which is kept as FLAC.
    pub codec: String,
    /// Samples per second.
    pub hertz: u32,
}

/// A stream that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundStream {
    /// Where.
    pub address: CameraAddress,
    /// RFC 6381.
    pub codec: String,
    /// Pixels.
    pub width: u16,
    /// Pixels.
    pub height: u16,
    /// Pictures per second, measured.
    pub frames_per_second: f32,
    /// Bit rate of pictures and sound, measured.
    pub kilobits_per_second: u32,
    /// Sound, if any came.
    pub audio: Option<FoundAudio>,
    /// The first keyframe.
    pub picture: Picture,
}

/// A camera that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The stream to record.
    pub main: FoundStream,
    /// A smaller stream of the same camera, if there is one.
    pub sub: Option<FoundStream>,
    /// What opened it: as given, or as found in the typed text.
    pub credentials: Option<Credentials>,
    /// Whether they are a factory setting that anybody could guess.
    pub default_password: bool,
}

/// Why nothing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum ProbeFailure {
    /// What was typed is not an address.
    #[error("this is not the address of a camera")]
    AddressInvalid,
    /// The name does not exist in this network.
    #[error("no device has this name")]
    NameNotFound,
    /// Nothing listens there, or there is no way.
    #[error("nothing answers at this address")]
    NoRoute,
    /// No answer in time.
    #[error("no answer in time")]
    TimedOut,
    /// Something answers, but not a camera.
    #[error("what answers is not an RTSP camera")]
    NotRtsp,
    /// RTSP over TLS.
    #[error("RTSP over TLS is not supported")]
    EncryptedRtspUnsupported,
    /// Wrong or missing user name or password.
    #[error("the camera refused the user name or password")]
    WrongPassword,
    /// Neither the typed path nor a well-known one exists.
    #[error("the camera has nothing at this path")]
    NoSuchPath,
    /// The camera serves as many viewers as it can.
    #[error("the camera is busy")]
    CameraBusy,
    /// Neither H.264 nor H.265.
    #[error("the camera's picture coding is not supported")]
    CodecUnsupported,
    /// There are no pictures.
    #[error("the camera offers no pictures")]
    NoVideo,
    /// Anything else.
    #[error("the camera answered, but its stream could not be read")]
    Failed,
}

/// Looks at what somebody typed: a bare host (then well-known paths are tried), `host:port`, or an `rtsp://` address.
/// `credentials` win over what the text carries. Ends after `deadline` at the latest.
pub async fn probe(
    _text: &str,
    _credentials: Option<Credentials>,
    _deadline: Duration,
    _clock: Arc<dyn Clock>,
) -> Result<Found, ProbeFailure> {
    Err(ProbeFailure::Failed)
}
