//! What a camera yields: tracks and samples, with the time at which they came.

use crate::RunEnd;
use crate::end::Track;
use bytes::Bytes;
use eaves_domain::Timestamp;

/// The two clocks of the hub, read at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The wall clock. It may be set.
    pub wall: Timestamp,
    /// Microseconds on a clock that never jumps; only differences mean something.
    pub monotonic_us: i64,
}

/// How pictures are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VideoCoding {
    /// H.264 (ITU-T H.264, `avc1`).
    H264,
    /// H.265 (ITU-T H.265, `hvc1`).
    H265,
}

/// How sound is coded once it is here. G.711 becomes FLAC on arrival, without loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AudioCoding {
    /// AAC, as sent.
    Aac,
    /// FLAC, made from G.711: browsers play FLAC in MP4, but neither G.711 nor PCM.
    Flac,
}

/// The pictures of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VideoTrack {
    /// How they are coded.
    pub coding: VideoCoding,
    /// RFC 6381, such as `avc1.4d401f`.
    pub codec: String,
    /// Width in pixels as shown.
    pub width: u16,
    /// Height in pixels as shown.
    pub height: u16,
    /// Units per second of every time of this track.
    pub timescale: u32,
    /// The MP4 sample entry (`avc1` or `hvc1` box) with the parameter sets.
    pub sample_entry: Bytes,
    /// The decoder configuration record (the content of `avcC` or `hvcC`).
    pub configuration: Bytes,
}

/// The sound of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AudioTrack {
    /// How it is coded.
    pub coding: AudioCoding,
    /// RFC 6381, such as `mp4a.40.2`, or `flac`.
    pub codec: String,
    /// Samples per second, also the units per second of every time of this track.
    pub timescale: u32,
    /// Channels.
    pub channels: u16,
    /// The MP4 sample entry (`mp4a` or `fLaC` box).
    pub sample_entry: Bytes,
}

/// What a run consists of. It does not change while the run lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tracks {
    /// Pictures; always there.
    pub video: VideoTrack,
    /// Sound, if the camera sends any.
    pub audio: Option<AudioTrack>,
}

impl Tracks {
    /// The codecs as a media type parameter: `avc1.4d401f, mp4a.40.2`.
    pub fn codecs(&self) -> String {
        match &self.audio {
            Some(audio) => format!("{}, {}", self.video.codec, audio.codec),
            None => self.video.codec.clone(),
        }
    }

    /// Units per second of the times of `track`.
    pub fn timescale(&self, track: Track) -> u32 {
        match (track, &self.audio) {
            (Track::Audio, Some(audio)) => audio.timescale,
            _ => self.video.timescale,
        }
    }
}

/// One coded picture or one frame of sound.
#[derive(Clone, PartialEq, Eq)]
pub struct Sample {
    /// Which track.
    pub track: Track,
    /// When it is to be shown, in units of the track since an arbitrary start of the run, the same for both tracks.
    /// Samples come in decoding order; with B-frames this goes back and forth.
    pub time: i64,
    /// How long it lasts, if known: sound knows, pictures do not.
    pub duration: Option<u32>,
    /// Whether decoding can start here.
    pub keyframe: bool,
    /// When its last byte came.
    pub arrival: Moment,
    /// As MP4 holds it: NAL units with a length of four bytes each, a raw AAC frame, or a FLAC frame.
    pub data: Bytes,
}

impl std::fmt::Debug for Sample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sample")
            .field("track", &self.track)
            .field("time", &self.time)
            .field("keyframe", &self.keyframe)
            .field("bytes", &self.data.len())
            .finish_non_exhaustive()
    }
}

/// What a [`crate::Camera`] yields: [`MediaEvent::Started`] once, samples, and at last [`MediaEvent::Ended`] for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaEvent {
    /// The run began; the first sample of the video track is a keyframe.
    Started(Tracks),
    /// A sample.
    Sample(Sample),
    /// The run is over (or never began) and this is why.
    Ended(RunEnd),
}
