//! How a run ends: every way has a name.

use eaves_domain::link::GapCause;
use serde::{Deserialize, Serialize};

/// One of the two tracks of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Track {
    /// Pictures.
    Video,
    /// Sound.
    Audio,
}

/// Why a run ended, or why it could not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "end", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum RunEnd {
    /// No connection: no route, refused, unknown name, or no answer in time.
    #[error("the camera cannot be reached")]
    CameraUnreachable,
    /// Connected, but a track did not move on in time.
    #[error("the camera sends nothing new on its {track:?} track")]
    CameraStalled {
        /// Which one stood still.
        track: Track,
    },
    /// Wrong user name or password.
    #[error("the camera refused the user name or password")]
    CredentialsRefused,
    /// The camera has nothing at this path.
    #[error("the camera has nothing at this path")]
    PathNotFound,
    /// The camera serves as many viewers as it can.
    #[error("the camera is busy")]
    CameraBusy,
    /// What answers does not speak RTSP.
    #[error("what answers is not an RTSP camera")]
    NotRtsp,
    /// The pictures are in a coding other than H.264 or H.265.
    #[error("the camera's picture coding is not supported")]
    CodecUnsupported,
    /// There are no pictures.
    #[error("the camera offers no pictures")]
    NoVideo,
    /// The camera closed the stream.
    #[error("the camera ended the stream")]
    StreamEnded,
    /// Size or coding of the picture or of the sound changed.
    #[error("the camera changed the format of its stream")]
    ParametersChanged,
    /// The hub's wall clock was moved.
    #[error("the clock of the hub was moved")]
    ClockStepped,
    /// Sound came later than the run began. The next run has both.
    #[error("sound appeared after the run had begun")]
    AudioAppeared,
    /// Time stamps jumped, or drifted beyond repair.
    #[error("the time stamps of the camera make no sense")]
    TimestampsBroken,
    /// No keyframe for so long that a recording could not be ended where the next one can begin.
    #[error("the camera sends keyframes too rarely")]
    KeyframesTooRare,
    /// The camera broke RTSP, RTP or the coding.
    #[error("the camera broke the protocol")]
    ProtocolError,
}

impl RunEnd {
    /// What the gap that follows is called on the timeline.
    pub fn gap_cause(self) -> GapCause {
        match self {
            Self::CameraUnreachable => GapCause::CameraUnreachable,
            Self::CameraStalled { .. } => GapCause::CameraStalled,
            Self::CredentialsRefused => GapCause::CredentialsRefused,
            Self::PathNotFound
            | Self::CameraBusy
            | Self::NotRtsp
            | Self::CodecUnsupported
            | Self::NoVideo
            | Self::KeyframesTooRare => GapCause::CameraRefused,
            Self::StreamEnded | Self::TimestampsBroken | Self::ProtocolError => GapCause::StreamEnded,
            Self::ParametersChanged | Self::AudioAppeared => GapCause::ParametersChanged,
            Self::ClockStepped => GapCause::ClockStepped,
        }
    }

    /// Whether trying again at once makes sense: the camera is well, the run had to end.
    pub fn is_benign(self) -> bool {
        matches!(self, Self::ParametersChanged | Self::ClockStepped | Self::AudioAppeared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_have_names_in_kebab_case() {
        let stalled = serde_json::to_string(&RunEnd::CameraStalled { track: Track::Audio }).unwrap();
        assert_eq!(stalled, r#"{"end":"camera-stalled","track":"audio"}"#);
        let refused = serde_json::to_string(&RunEnd::CredentialsRefused).unwrap();
        assert_eq!(refused, r#"{"end":"credentials-refused"}"#);
        assert_eq!(serde_json::from_str::<RunEnd>(&stalled).unwrap(), RunEnd::CameraStalled { track: Track::Audio });
    }
}
