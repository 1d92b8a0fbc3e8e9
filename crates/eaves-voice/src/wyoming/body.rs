//! What events say.

use crate::private::{PrivateBytes, Words};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Number, Value};

/// Missing and `null` are the default.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Option::deserialize(from).map(Option::unwrap_or_default)
}

macro_rules! bodies {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        pub struct $name { $($(#[$field_doc])* pub $field: $kind,)* }
    )*};
}

/// How sound is written: interleaved PCM, little-endian; one byte a sample is unsigned, more are signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudioFormat {
    /// Samples a second.
    pub rate: u32,
    /// Bytes a sample.
    pub width: u32,
    /// Samples at once.
    pub channels: u32,
}

/// A moment, in no unit that can be relied on: some count milliseconds, others nanoseconds since they started.
pub type Timestamp = Number;
/// What the receiver gives back next time, without looking into it.
pub type Opaque = Map<String, Value>;

bodies! {
    /// `select-program`
    SelectProgram {
        /// As in `info`.
        name: String,
    }
    /// `ping` and `pong`.
    Echo {
        /// Given back as it came.
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<Words>,
    }
    /// `error`
    Failure {
        /// For people.
        text: Words,
        /// For programs.
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<String>,
    }
    /// `audio-start`
    AudioStart {
        /// How it will be written.
        #[serde(flatten)]
        format: AudioFormat,
        /// When.
        #[serde(skip_serializing_if = "Option::is_none")]
        timestamp: Option<Timestamp>,
    }
    /// `audio-chunk`
    AudioChunk {
        /// How it is written.
        #[serde(flatten)]
        format: AudioFormat,
        /// When.
        #[serde(skip_serializing_if = "Option::is_none")]
        timestamp: Option<Timestamp>,
        /// The sound.
        #[serde(skip)]
        audio: PrivateBytes,
    }
    /// Just when.
    At {
        /// When.
        #[serde(skip_serializing_if = "Option::is_none")]
        timestamp: Option<Timestamp>,
    }
    /// `transcribe`
    Transcribe {
        /// Which model.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// Which language.
        #[serde(skip_serializing_if = "Option::is_none")]
        language: Option<String>,
        /// Of the conversation.
        #[serde(skip_serializing_if = "Option::is_none")]
        context: Option<Opaque>,
        /// How soon a pause is the end: `default`, `relaxed` or `aggressive`.
        #[serde(skip_serializing_if = "Option::is_none")]
        vad_sensitivity: Option<String>,
        /// Names that are likely to be said.
        #[serde(skip_serializing_if = "Option::is_none")]
        transcript_names: Option<Vec<Words>>,
        /// Other words that are.
        #[serde(skip_serializing_if = "Option::is_none")]
        transcript_terms: Option<Vec<Words>>,
    }
    /// `transcript`
    Transcript {
        /// What was said.
        text: Words,
        /// In which language.
        #[serde(skip_serializing_if = "Option::is_none")]
        language: Option<String>,
        /// Of the conversation.
        #[serde(skip_serializing_if = "Option::is_none")]
        context: Option<Opaque>,
    }
    /// `transcript-start`
    InLanguage {
        /// In which language.
        #[serde(skip_serializing_if = "Option::is_none")]
        language: Option<String>,
        /// Of the conversation.
        #[serde(skip_serializing_if = "Option::is_none")]
        context: Option<Opaque>,
    }
    /// A piece of text.
    Text {
        /// The piece.
        text: Words,
    }
    /// `recognize`
    TextInContext {
        /// What was said.
        text: Words,
        /// Of the conversation.
        #[serde(skip_serializing_if = "Option::is_none")]
        context: Option<Opaque>,
    }
    /// An answer, perhaps.
    MaybeText {
        /// What to say.
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<Words>,
        /// Of the conversation.
        #[serde(skip_serializing_if = "Option::is_none")]
        context: Option<Opaque>,
    }
    /// Just a context.
    Context {
        /// Of the conversation.
        #[serde(skip_serializing_if = "Option::is_none")]
        context: Option<Opaque>,
    }
    /// Whose voice; the reference sends a `name` or a `language`, not both.
    Voice {
        /// As in `info`.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// Any voice of this language.
        #[serde(skip_serializing_if = "Option::is_none")]
        language: Option<String>,
        /// One of the voice's speakers.
        #[serde(skip_serializing_if = "Option::is_none")]
        speaker: Option<String>,
    }
    /// `synthesize`
    Synthesize {
        /// What to speak.
        text: Words,
        /// Whose voice.
        #[serde(skip_serializing_if = "Option::is_none")]
        voice: Option<Voice>,
        /// `text` or `ssml`.
        #[serde(skip_serializing_if = "Option::is_none")]
        text_format: Option<String>,
        /// Of the conversation.
        #[serde(skip_serializing_if = "Option::is_none")]
        context: Option<Opaque>,
    }
    /// `synthesize-start`
    SynthesizeStart {
        /// Whose voice.
        #[serde(skip_serializing_if = "Option::is_none")]
        voice: Option<Voice>,
        /// `text` or `ssml`.
        #[serde(skip_serializing_if = "Option::is_none")]
        text_format: Option<String>,
        /// Of the conversation.
        #[serde(skip_serializing_if = "Option::is_none")]
        context: Option<Opaque>,
    }
    /// `detect`
    Detect {
        /// Which wake words; none means any.
        #[serde(skip_serializing_if = "Option::is_none")]
        names: Option<Vec<String>>,
        /// Of the conversation.
        #[serde(skip_serializing_if = "Option::is_none")]
        context: Option<Opaque>,
    }
    /// `detection`
    Detection {
        /// Which wake word.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// When.
        #[serde(skip_serializing_if = "Option::is_none")]
        timestamp: Option<Timestamp>,
        /// Who spoke, as the detector believes. Not used.
        #[serde(skip_serializing_if = "Option::is_none")]
        speaker: Option<String>,
        /// Of the conversation.
        #[serde(skip_serializing_if = "Option::is_none")]
        context: Option<Opaque>,
    }
    /// A slot and what is in it.
    Entity {
        /// Which slot.
        name: String,
        /// What is in it.
        #[serde(default)]
        value: Value,
    }
    /// `intent`
    Intent {
        /// Which one.
        name: String,
        /// Its slots.
        #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
        entities: Vec<Entity>,
        /// What to say.
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<Words>,
        /// Of the conversation.
        #[serde(skip_serializing_if = "Option::is_none")]
        context: Option<Opaque>,
    }
    /// `timer-started`
    TimerStarted {
        /// Which.
        id: String,
        /// How long it runs, in seconds.
        total_seconds: u64,
        /// Its name.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<Words>,
        /// As somebody said it.
        #[serde(skip_serializing_if = "Option::is_none")]
        start_hours: Option<u64>,
        /// As somebody said it.
        #[serde(skip_serializing_if = "Option::is_none")]
        start_minutes: Option<u64>,
        /// As somebody said it.
        #[serde(skip_serializing_if = "Option::is_none")]
        start_seconds: Option<u64>,
    }
    /// `timer-updated`
    TimerUpdated {
        /// Which.
        id: String,
        /// Whether it runs.
        is_active: bool,
        /// What is *left*, in seconds, whatever the name says.
        total_seconds: u64,
    }
    /// Just which timer.
    TimerId {
        /// Which.
        id: String,
    }
    /// `user-event`
    UserEvent {
        /// Which.
        name: String,
        /// Whatever.
        #[serde(skip_serializing_if = "Option::is_none")]
        data: Option<Opaque>,
        /// Of the conversation.
        #[serde(skip_serializing_if = "Option::is_none")]
        context: Option<Opaque>,
    }
}

/// What a pipeline consists of, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Waiting for a wake word.
    Wake,
    /// Speech to text.
    Asr,
    /// Text to intent.
    Intent,
    /// Doing it.
    Handle,
    /// Text to speech.
    Tts,
}

/// `run-pipeline`: please do these stages. Read only if the end does not come before the start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawRunPipeline")]
pub struct RunPipeline {
    /// The first stage.
    pub start_stage: Stage,
    /// The last one.
    pub end_stage: Stage,
    /// Whether to begin again afterwards.
    pub restart_on_end: bool,
    /// Which wake word was heard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wake_word_name: Option<String>,
    /// Which to listen for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wake_word_names: Option<Vec<String>>,
    /// What to announce.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub announce_text: Option<Words>,
}

#[derive(Deserialize)]
struct RawRunPipeline {
    start_stage: Stage,
    end_stage: Stage,
    #[serde(default, deserialize_with = "or_default")]
    restart_on_end: bool,
    wake_word_name: Option<String>,
    wake_word_names: Option<Vec<String>>,
    announce_text: Option<Words>,
}

impl TryFrom<RawRunPipeline> for RunPipeline {
    type Error = &'static str;

    fn try_from(raw: RawRunPipeline) -> Result<Self, Self::Error> {
        if raw.end_stage < raw.start_stage {
            return Err("the pipeline ends before it starts");
        }
        Ok(Self {
            start_stage: raw.start_stage,
            end_stage: raw.end_stage,
            restart_on_end: raw.restart_on_end,
            wake_word_name: raw.wake_word_name,
            wake_word_names: raw.wake_word_names.filter(|names| !names.is_empty()),
            announce_text: raw.announce_text,
        })
    }
}
