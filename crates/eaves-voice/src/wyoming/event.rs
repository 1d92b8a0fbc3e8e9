//! Events: what frames mean.
//!
//! Every event that the reference library knows has a variant; all others are [`Event::Other`], to be ignored.
//! Reading is tolerant as the reference is: unknown keys are ignored, and a field that may be missing may be `null`.

use super::body::{
    At, AudioChunk, AudioStart, Context, Detect, Detection, Echo, Failure, InLanguage, Intent, MaybeText, RunPipeline,
    SelectProgram, Synthesize, SynthesizeStart, Text, TextInContext, TimerId, TimerStarted, TimerUpdated, Transcribe,
    Transcript, UserEvent,
};
use super::frame::Frame;
use super::info::Info;
use crate::private::PrivateBytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// An event of a known type lacks a field or has one of the wrong kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a malformed {kind} event")]
pub struct EventError {
    /// The event's type.
    pub kind: &'static str,
}

fn read<T: DeserializeOwned>(kind: &'static str, data: Map<String, Value>) -> Result<T, EventError> {
    // The library's own message would quote what it did not like.
    serde_json::from_value(Value::Object(data)).map_err(|_| EventError { kind })
}

fn write<T: Serialize>(kind: &'static str, body: &T) -> Result<Map<String, Value>, EventError> {
    match serde_json::to_value(body) {
        Ok(Value::Object(data)) => Ok(data),
        _ => Err(EventError { kind }),
    }
}

macro_rules! events {
    ($($(#[$doc:meta])* $name:literal $variant:ident $(($body:ty))?,)*) => {
        /// What one side tells the other.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Event {
            $($(#[$doc])* $variant $(($body))?,)*
            /// Something that this version does not know. It is ignored.
            Other(Frame),
        }

        impl Event {
            /// The `type` of every event that is known.
            pub const KINDS: &'static [&'static str] = &[$($name),*];

            /// The meaning of a frame.
            pub fn from_frame(mut frame: Frame) -> Result<Self, EventError> {
                let event = match frame.kind.as_str() {
                    $($name => events!(@read $name, $variant, frame $(, $body)?),)*
                    _ => return Ok(Self::Other(frame)),
                };
                Ok(event.with_payload(std::mem::take(&mut frame.payload)))
            }

            /// This event's `type`; of one that is not known, what its sender wrote.
            pub fn kind(&self) -> &str {
                match self {
                    $(events!(@pattern $variant $(, $body)?) => $name,)*
                    Self::Other(frame) => &frame.kind,
                }
            }

            /// This event as a frame.
            pub fn to_frame(&self) -> Result<Frame, EventError> {
                let mut frame = match self {
                    $(events!(@bind body, $variant $(, $body)?) => {
                        Frame::new($name, events!(@write $name, body $(, $body)?))
                    })*
                    Self::Other(frame) => frame.clone(),
                };
                if let Self::AudioChunk(chunk) = self {
                    frame.payload = chunk.audio.clone();
                }
                Ok(frame)
            }
        }
    };
    (@read $name:literal, $variant:ident, $frame:ident) => { Self::$variant };
    (@read $name:literal, $variant:ident, $frame:ident, $body:ty) => {
        Self::$variant(read::<$body>($name, std::mem::take(&mut $frame.data))?)
    };
    (@pattern $variant:ident) => { Self::$variant };
    (@pattern $variant:ident, $body:ty) => { Self::$variant(_) };
    (@bind $bound:ident, $variant:ident) => { Self::$variant };
    (@bind $bound:ident, $variant:ident, $body:ty) => { Self::$variant($bound) };
    (@write $name:literal, $bound:ident) => { Map::new() };
    (@write $name:literal, $bound:ident, $body:ty) => { write($name, $bound)? };
}

events! {
    /// Who are you? Must be answered on any connection.
    "describe" Describe,
    /// The answer.
    "info" Info(Box<Info>),
    /// Chooses one of a service's programs for this connection.
    "select-program" SelectProgram(SelectProgram),
    /// Are you there?
    "ping" Ping(Echo),
    /// I am.
    "pong" Pong(Echo),
    /// What was being done has failed.
    "error" Error(Failure),
    /// Sound begins.
    "audio-start" AudioStart(AudioStart),
    /// A piece of sound, which repeats its format.
    "audio-chunk" AudioChunk(AudioChunk),
    /// Sound ends.
    "audio-stop" AudioStop(At),
    /// To a recogniser, before the sound.
    "transcribe" Transcribe(Transcribe),
    /// What was heard; an empty one says that nothing was, and stops a satellite's stream.
    "transcript" Transcript(Transcript),
    /// A transcript comes in pieces.
    "transcript-start" TranscriptStart(InLanguage),
    /// A piece of it.
    "transcript-chunk" TranscriptChunk(Text),
    /// It has come.
    "transcript-stop" TranscriptStop,
    /// Text to speak.
    "synthesize" Synthesize(Synthesize),
    /// Text to speak comes in pieces.
    "synthesize-start" SynthesizeStart(SynthesizeStart),
    /// A piece of it.
    "synthesize-chunk" SynthesizeChunk(Text),
    /// It has come.
    "synthesize-stop" SynthesizeStop,
    /// It has been spoken.
    "synthesize-stopped" SynthesizeStopped,
    /// Listen for wake words.
    "detect" Detect(Detect),
    /// A wake word was heard.
    "detection" Detection(Detection),
    /// The sound has ended, and none was heard.
    "not-detected" NotDetected(Context),
    /// Somebody began to speak.
    "voice-started" VoiceStarted(At),
    /// They stopped.
    "voice-stopped" VoiceStopped(At),
    /// Text to find the intent of.
    "recognize" Recognize(TextInContext),
    /// An intent.
    "intent" Intent(Intent),
    /// There is none.
    "not-recognized" NotRecognized(MaybeText),
    /// Several intents follow.
    "intents-start" IntentsStart(Context),
    /// They have.
    "intents-stop" IntentsStop(Context),
    /// The intent was carried out, with an answer.
    "handled" Handled(MaybeText),
    /// It was not.
    "not-handled" NotHandled(MaybeText),
    /// An answer comes in pieces.
    "handled-start" HandledStart(Context),
    /// A piece of it.
    "handled-chunk" HandledChunk(Text),
    /// It has come.
    "handled-stop" HandledStop,
    /// What the hub sent has been played.
    "played" Played,
    /// The hub is ready.
    "run-satellite" RunSatellite,
    /// The hub does not want to hear anything: mute.
    "pause-satellite" PauseSatellite,
    /// Between a satellite and its own helpers.
    "satellite-connected" SatelliteConnected,
    /// Between a satellite and its own helpers.
    "satellite-disconnected" SatelliteDisconnected,
    /// Between a satellite and its own helpers: its sound goes to the hub.
    "streaming-started" StreamingStarted,
    /// Between a satellite and its own helpers: it no longer does.
    "streaming-stopped" StreamingStopped,
    /// From which stage to which.
    "run-pipeline" RunPipeline(RunPipeline),
    /// A timer runs.
    "timer-started" TimerStarted(TimerStarted),
    /// It was paused, resumed, or changed.
    "timer-updated" TimerUpdated(TimerUpdated),
    /// It was taken back.
    "timer-cancelled" TimerCancelled(TimerId),
    /// It rings.
    "timer-finished" TimerFinished(TimerId),
    /// Whatever two sides agreed on.
    "user-event" UserEvent(UserEvent),
}

impl Event {
    fn with_payload(mut self, payload: PrivateBytes) -> Self {
        if let Self::AudioChunk(chunk) = &mut self {
            chunk.audio = payload;
        }
        self
    }
}

#[cfg(test)]
mod tests;
