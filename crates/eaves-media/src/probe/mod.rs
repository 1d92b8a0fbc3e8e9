//! What is at an address that somebody typed?
//!
//! The name is resolved and the port tried first, so that "nothing there" is told from "not a camera". Then the stream is
//! opened like any other and watched for two seconds. Without a path, the paths of common makers are asked for one after
//! the other; wrong credentials end the search at once, since a camera locks out whoever tries often.

mod makers;

use crate::address::{AddressError, CameraAddress, Credentials};
use crate::camera::{Camera, Clock, Opening, Source};
use crate::end::{RunEnd, Track};
use crate::sample::{AudioCoding, MediaEvent, Tracks, VideoCoding};
use bytes::Bytes;
use makers::{MAKERS, sub_paths};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How long a stream is watched.
const WATCH_US: i64 = 2_000_000;
/// How long to wait for a connection.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// Time kept for the sub stream, which is worth less than an answer.
const SUB_MAX: Duration = Duration::from_secs(6);

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

impl From<RunEnd> for ProbeFailure {
    fn from(end: RunEnd) -> Self {
        match end {
            RunEnd::CameraUnreachable | RunEnd::CameraStalled { .. } => Self::TimedOut,
            RunEnd::CredentialsRefused => Self::WrongPassword,
            RunEnd::PathNotFound => Self::NoSuchPath,
            RunEnd::CameraBusy => Self::CameraBusy,
            RunEnd::NotRtsp => Self::NotRtsp,
            RunEnd::CodecUnsupported => Self::CodecUnsupported,
            RunEnd::NoVideo => Self::NoVideo,
            RunEnd::StreamEnded
            | RunEnd::ParametersChanged
            | RunEnd::ClockStepped
            | RunEnd::AudioAppeared
            | RunEnd::TimestampsBroken
            | RunEnd::KeyframesTooRare
            | RunEnd::ProtocolError => Self::Failed,
        }
    }
}

/// Looks at what somebody typed: a bare host (then well-known paths are tried), `host:port`, or an `rtsp://` address.
/// `credentials` win over what the text carries. Ends after `deadline` at the latest.
pub async fn probe(
    text: &str,
    credentials: Option<Credentials>,
    deadline: Duration,
    clock: Arc<dyn Clock>,
) -> Result<Found, ProbeFailure> {
    let (address, typed) = CameraAddress::parse(text).map_err(|error| match error {
        AddressError::Invalid => ProbeFailure::AddressInvalid,
        AddressError::EncryptedRtsp => ProbeFailure::EncryptedRtspUnsupported,
    })?;
    let credentials = credentials.or(typed);
    let end = Instant::now() + deadline;
    let looking = async {
        reach(&address).await?;
        let look = Look { credentials: credentials.clone(), clock };
        let main = look.main(&address).await?;
        let sub_end = end.min(Instant::now() + SUB_MAX);
        let sub = timeout_at(sub_end, look.sub(&main)).await.ok().flatten();
        Ok::<_, ProbeFailure>((main, sub))
    };
    let (main, sub) = timeout_at(end, looking).await.map_err(|_| ProbeFailure::TimedOut)??;
    let default_password = credentials.as_ref().is_some_and(Credentials::are_default);
    Ok(Found { main, sub, credentials, default_password })
}

/// Whether something listens.
async fn reach(address: &CameraAddress) -> Result<(), ProbeFailure> {
    let url = address.url();
    let port = url.port().unwrap_or(554);
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let connecting = async {
        let mut addresses = tokio::net::lookup_host((host, port)).await.map_err(|_| ProbeFailure::NameNotFound)?;
        let mut found = false;
        for address in addresses.by_ref().take(8) {
            found = true;
            if tokio::net::TcpStream::connect(address).await.is_ok() {
                return Ok(());
            }
        }
        Err(if found { ProbeFailure::NoRoute } else { ProbeFailure::NameNotFound })
    };
    tokio::time::timeout(CONNECT_MAX, connecting).await.unwrap_or(Err(ProbeFailure::TimedOut))
}

struct Look {
    credentials: Option<Credentials>,
    clock: Arc<dyn Clock>,
}

impl Look {
    /// The stream at `address`, or at the first well-known path that has one.
    async fn main(&self, address: &CameraAddress) -> Result<FoundStream, ProbeFailure> {
        if address.has_path() {
            return Ok(self.watch(address).await?);
        }
        let mut failure = ProbeFailure::NoSuchPath;
        for maker in MAKERS {
            let Some(address) = address.at_path(maker.main) else { continue };
            match self.watch(&address).await {
                Ok(found) => return Ok(found),
                // Says something about the path only; a failure that is nearer to a picture is worth telling.
                Err(RunEnd::PathNotFound) => {}
                Err(end @ (RunEnd::ProtocolError | RunEnd::NoVideo | RunEnd::StreamEnded | RunEnd::CameraBusy)) => {
                    failure = end.into()
                }
                Err(end) => return Err(end.into()),
            }
        }
        Err(failure)
    }

    /// A smaller stream of the same camera.
    async fn sub(&self, main: &FoundStream) -> Option<FoundStream> {
        let url = main.address.url();
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        for path in sub_paths(&path) {
            let Some(address) = main.address.at_path(&path) else { continue };
            match self.watch(&address).await {
                Ok(found) if found.pixels() < main.pixels() => return Some(found),
                Ok(_) | Err(RunEnd::PathNotFound | RunEnd::ProtocolError) => {}
                Err(_) => return None,
            }
        }
        None
    }

    /// Watches one stream for a moment.
    async fn watch(&self, address: &CameraAddress) -> Result<FoundStream, RunEnd> {
        let source = Source::Rtsp { address: address.clone(), credentials: self.credentials.clone() };
        let mut camera = Camera::open(source, Opening::default(), self.clock.clone());
        let mut measure = Measure::default();
        let mut tracks: Option<Tracks> = None;
        let end = loop {
            match camera.next().await {
                MediaEvent::Started(started) => tracks = Some(started),
                MediaEvent::Sample(sample) => {
                    if sample.track == Track::Video {
                        measure.picture(&sample, tracks.as_ref());
                    } else {
                        measure.bytes += sample.data.len() as u64;
                    }
                    if measure.us() >= WATCH_US {
                        break RunEnd::StreamEnded;
                    }
                }
                MediaEvent::Ended(end) => break end,
            }
        };
        // A stream that ended early was seen all the same, if it had a picture.
        let (Some(tracks), Some(keyframe)) = (tracks, measure.keyframe.take()) else { return Err(end) };
        Ok(FoundStream {
            address: address.clone(),
            codec: tracks.video.codec,
            width: tracks.video.width,
            height: tracks.video.height,
            frames_per_second: measure.frames_per_second(),
            kilobits_per_second: measure.kilobits_per_second(),
            audio: tracks.audio.map(|audio| FoundAudio {
                codec: if audio.coding == AudioCoding::Flac { "flac".to_owned() } else { audio.codec },
                hertz: audio.timescale,
            }),
            picture: Picture { coding: tracks.video.coding, configuration: tracks.video.configuration, data: keyframe },
        })
    }
}

impl FoundStream {
    fn pixels(&self) -> u32 {
        u32::from(self.width) * u32::from(self.height)
    }
}

/// What a moment of a stream amounts to. Times are those of the camera: it may send a GOP at once.
#[derive(Default)]
struct Measure {
    first_us: Option<i64>,
    last_us: i64,
    pictures: u32,
    bytes: u64,
    keyframe: Option<Bytes>,
}

impl Measure {
    fn picture(&mut self, sample: &crate::Sample, tracks: Option<&Tracks>) {
        let timescale = i128::from(tracks.map_or(90_000, |tracks| tracks.video.timescale.max(1)));
        let us = i64::try_from(i128::from(sample.time) * 1_000_000 / timescale).unwrap_or(0);
        self.first_us.get_or_insert(us);
        self.last_us = self.last_us.max(us);
        self.pictures += 1;
        self.bytes += sample.data.len() as u64;
        if self.keyframe.is_none() && sample.keyframe {
            self.keyframe = Some(sample.data.clone());
        }
    }

    fn us(&self) -> i64 {
        self.first_us.map_or(0, |first| self.last_us.saturating_sub(first))
    }

    /// Rounded to a tenth.
    fn frames_per_second(&self) -> f32 {
        let intervals = self.pictures.saturating_sub(1) as f32;
        if self.us() > 0 { (intervals * 10_000_000.0 / self.us() as f32).round() / 10.0 } else { 0.0 }
    }

    fn kilobits_per_second(&self) -> u32 {
        let us = u64::try_from(self.us()).unwrap_or(0);
        u32::try_from((self.bytes * 8_000).checked_div(us).unwrap_or(0)).unwrap_or(u32::MAX)
    }
}
