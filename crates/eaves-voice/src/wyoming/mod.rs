//! The Wyoming protocol: events over a plain stream of bytes, between the hub and satellites, recognisers, voices and
//! wake word detectors.
//!
//! Written from the behaviour of the reference library (version 1.10.2), which is wider than its README in places; the
//! tests hold both against each other, in both directions. Bytes become [`Frame`]s in a [`Decoder`], and frames become
//! [`Event`]s. The protocol has neither authentication nor encryption: nothing that arrives is believed, everything
//! has a bound, and what was said is wiped when it is dropped.

mod body;
mod event;
mod frame;
mod info;

pub use body::{
    At, AudioChunk, AudioFormat, AudioStart, Context, Detect, Detection, Echo, Entity, Failure, InLanguage, Intent,
    MaybeText, Opaque, RunPipeline, SelectProgram, Stage, Synthesize, SynthesizeStart, Text, TextInContext, TimerId,
    TimerStarted, TimerUpdated, Timestamp, Transcribe, Transcript, UserEvent, Voice,
};
pub use event::{Event, EventError};
pub use frame::{DATA_MAX, Decoder, Frame, FrameError, HEADER_MAX, KIND_MAX, PAYLOAD_MAX};
pub use info::{
    Artifact, AsrProgram, Attribution, HandleProgram, Info, IntentProgram, MicProgram, Model, Satellite, SndProgram,
    Speaker, TtsProgram, TtsVoice, WakeModel, WakeProgram,
};
