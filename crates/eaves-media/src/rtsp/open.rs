//! Opening a stream: DESCRIBE, SETUP of the tracks that can be kept, PLAY.

use super::failure;
use crate::address::{CameraAddress, Credentials};
use crate::end::RunEnd;
use crate::sample::{AudioCoding, AudioTrack, VideoCoding, VideoTrack};
use crate::sound::{G711, Law, flac_sample_entry};
use bytes::Bytes;
use retina::client::{
    Demuxed, InitialTimestampPolicy, PlayOptions, Session, SessionOptions, SetupOptions, Stream, TcpTransportOptions,
    Transport,
};
use retina::codec::{FrameFormat, ParametersRef};
use std::time::Duration;

/// How long a camera may take from the first packet of the connection to its answer to PLAY.
const OPEN_MAX: Duration = Duration::from_secs(15);

/// A stream that plays.
pub(super) struct Playing {
    pub(super) demuxed: Demuxed,
    /// Index of the video stream.
    pub(super) video: usize,
    pub(super) video_rate: u32,
    pub(super) audio: Option<PlayingAudio>,
}

/// Sound that was announced.
pub(super) struct PlayingAudio {
    pub(super) index: usize,
    pub(super) track: AudioTrack,
    /// For G.711, what makes FLAC of it.
    pub(super) g711: Option<G711>,
}

/// Connects and plays. Ends by itself.
pub(super) async fn open(address: CameraAddress, credentials: Option<Credentials>) -> Result<Playing, RunEnd> {
    match tokio::time::timeout(OPEN_MAX, play(address, credentials)).await {
        Ok(result) => result,
        Err(_) => Err(RunEnd::CameraUnreachable),
    }
}

async fn play(address: CameraAddress, credentials: Option<Credentials>) -> Result<Playing, RunEnd> {
    let credentials = credentials
        .map(|c| retina::client::Credentials { username: c.username.clone(), password: c.password.to_string() });
    let options = SessionOptions::default().creds(credentials).user_agent("eaves".to_owned());
    let mut session = Session::describe(address.url().clone(), options).await.map_err(|e| failure::opening(&e))?;

    let video = find_video(session.streams())?;
    let video_rate = session.streams().get(video).map_or(0, Stream::clock_rate_hz);
    setup(&mut session, video).await.map_err(|e| failure::opening(&e))?;
    let mut audio = find_audio(session.streams());
    if let Some(found) = &audio {
        // A camera that announces sound but does not set it up still has pictures.
        if let Err(error) = setup(&mut session, found.index).await {
            match error.status_code() {
                Some(401 | 403) | None => return Err(failure::opening(&error)),
                Some(_) => audio = None,
            }
        }
    }
    let options = PlayOptions::default().initial_timestamp(InitialTimestampPolicy::Permissive);
    let playing = session.play(options).await.map_err(|e| failure::opening(&e))?;
    let demuxed = playing.demuxed().map_err(|_| RunEnd::CodecUnsupported)?;
    Ok(Playing { demuxed, video, video_rate, audio })
}

async fn setup(session: &mut Session<retina::client::Described>, index: usize) -> Result<(), retina::Error> {
    let options = SetupOptions::default()
        .transport(Transport::Tcp(TcpTransportOptions::default()))
        .frame_format(FrameFormat::MP4);
    session.setup(index, options).await
}

fn find_video(streams: &[Stream]) -> Result<usize, RunEnd> {
    let mut videos = streams.iter().enumerate().filter(|(_, stream)| stream.media() == "video").peekable();
    if videos.peek().is_none() {
        return Err(RunEnd::NoVideo);
    }
    videos
        .find(|(_, stream)| matches!(stream.encoding_name(), "h264" | "h265"))
        .map(|(index, _)| index)
        .ok_or(RunEnd::CodecUnsupported)
}

fn find_audio(streams: &[Stream]) -> Option<PlayingAudio> {
    streams.iter().enumerate().filter(|(_, stream)| stream.media() == "audio").find_map(|(index, stream)| {
        let law = match stream.encoding_name() {
            "pcmu" => Some(Law::Mu),
            "pcma" => Some(Law::A),
            "mpeg4-generic" => None,
            _ => return None,
        };
        let ParametersRef::Audio(parameters) = stream.parameters()? else { return None };
        let track = match law {
            // G.711 at another rate or with two channels has not been met; it is left out rather than played wrongly.
            Some(_) if parameters.clock_rate() != 8_000 || parameters.channels().get() != 1 => return None,
            Some(_) => AudioTrack {
                coding: AudioCoding::Flac,
                codec: "flac".to_owned(),
                timescale: 8_000,
                channels: 1,
                sample_entry: flac_sample_entry(),
            },
            None => AudioTrack {
                coding: AudioCoding::Aac,
                codec: parameters.rfc6381_codec()?.to_owned(),
                timescale: parameters.clock_rate(),
                channels: parameters.channels().get(),
                sample_entry: parameters.mp4_sample_entry().build().ok()?.into(),
            },
        };
        (track.timescale > 0).then(|| PlayingAudio { index, track, g711: law.map(G711::new) })
    })
}

impl Playing {
    /// The video track as of the last frame that was taken, once the camera has said.
    pub(super) fn video_track(&self) -> Option<VideoTrack> {
        let stream = self.demuxed.streams().get(self.video)?;
        let coding = match stream.encoding_name() {
            "h264" => VideoCoding::H264,
            _ => VideoCoding::H265,
        };
        let ParametersRef::Video(parameters) = stream.parameters()? else { return None };
        let (width, height) = parameters.pixel_dimensions();
        Some(VideoTrack {
            coding,
            codec: parameters.rfc6381_codec().to_owned(),
            width: u16::try_from(width).ok().filter(|w| *w > 0)?,
            height: u16::try_from(height).ok().filter(|h| *h > 0)?,
            timescale: self.video_rate,
            sample_entry: parameters.mp4_sample_entry().build().ok()?.into(),
            configuration: Bytes::copy_from_slice(parameters.extra_data()),
        })
    }
}
