//! `info`: what a satellite or a service says it is.

use super::body::{AudioFormat, or_default};
use serde::{Deserialize, Serialize};

fn yes() -> bool {
    true
}

fn yes_unless_said<'de, D: serde::Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    Option::deserialize(from).map(|said: Option<bool>| said.unwrap_or(true))
}

/// Who made something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribution {
    /// Who.
    pub name: String,
    /// Where.
    pub url: String,
}

/// A program, a model, a voice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// By which it is asked for.
    pub name: String,
    /// Who made it.
    pub attribution: Attribution,
    /// Whether it can be used now.
    pub installed: bool,
    /// For people.
    pub description: Option<String>,
    /// Its version.
    pub version: Option<String>,
}

macro_rules! parts {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            /// What it is.
            #[serde(flatten)]
            pub artifact: Artifact,
            $($(#[$field_doc])* pub $field: $kind,)*
        }
    )*};
}

parts! {
    /// A model of some languages.
    Model {
        /// Which languages.
        languages: Vec<String>,
    }
    /// A recogniser.
    AsrProgram {
        /// Its models.
        models: Vec<Model>,
        /// Whether transcripts can come in pieces.
        #[serde(default, deserialize_with = "or_default")]
        supports_transcript_streaming: bool,
        /// Whether somebody else has to notice the end of speech.
        #[serde(default = "yes", deserialize_with = "yes_unless_said")]
        requires_external_vad: bool,
        /// Whether sound should be made louder for it.
        #[serde(default = "yes", deserialize_with = "yes_unless_said")]
        prefers_auto_gain_enabled: bool,
        /// Whether noise should be taken out for it.
        #[serde(default = "yes", deserialize_with = "yes_unless_said")]
        prefers_noise_reduction_enabled: bool,
    }
    /// A voice; the reference's README calls the list of them `models`.
    TtsVoice {
        /// Which languages.
        languages: Vec<String>,
        /// Its speakers, if there are several.
        speakers: Option<Vec<Speaker>>,
    }
    /// A speaking program.
    TtsProgram {
        /// Its voices.
        voices: Vec<TtsVoice>,
        /// Whether text can come in pieces.
        #[serde(default, deserialize_with = "or_default")]
        supports_synthesize_streaming: bool,
    }
    /// A program that carries out intents.
    HandleProgram {
        /// Its models.
        models: Vec<Model>,
        /// Whether answers can come in pieces.
        #[serde(default, deserialize_with = "or_default")]
        supports_handled_streaming: bool,
        /// Whether it may make the home act by itself.
        #[serde(default, deserialize_with = "or_default")]
        supports_home_control: bool,
    }
    /// A wake word.
    WakeModel {
        /// Which languages.
        languages: Vec<String>,
        /// What to say.
        phrase: Option<String>,
    }
    /// A program that listens for wake words.
    WakeProgram {
        /// Its wake words.
        models: Vec<WakeModel>,
    }
    /// A program that finds intents.
    IntentProgram {
        /// Its models.
        models: Vec<Model>,
    }
    /// A microphone.
    MicProgram {
        /// How it writes sound.
        mic_format: AudioFormat,
    }
    /// A loudspeaker.
    SndProgram {
        /// How it wants sound written.
        snd_format: AudioFormat,
    }
    /// A satellite.
    Satellite {
        /// The room it believes to be in.
        area: Option<String>,
        /// Whether it notices the end of speech.
        has_vad: Option<bool>,
        /// What it listens for now.
        active_wake_words: Option<Vec<String>>,
        /// To how many it could.
        max_active_wake_words: Option<u32>,
        /// Whether it can be made to listen from afar. Never done.
        supports_trigger: Option<bool>,
    }
}

/// One of a voice's speakers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Speaker {
    /// By which they are asked for.
    pub name: String,
}

/// `info`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Info {
    /// Recognisers.
    #[serde(default, deserialize_with = "or_default")]
    pub asr: Vec<AsrProgram>,
    /// Speaking programs.
    #[serde(default, deserialize_with = "or_default")]
    pub tts: Vec<TtsProgram>,
    /// What carries out intents.
    #[serde(default, deserialize_with = "or_default")]
    pub handle: Vec<HandleProgram>,
    /// What finds them.
    #[serde(default, deserialize_with = "or_default")]
    pub intent: Vec<IntentProgram>,
    /// What listens for wake words.
    #[serde(default, deserialize_with = "or_default")]
    pub wake: Vec<WakeProgram>,
    /// Microphones.
    #[serde(default, deserialize_with = "or_default")]
    pub mic: Vec<MicProgram>,
    /// Loudspeakers.
    #[serde(default, deserialize_with = "or_default")]
    pub snd: Vec<SndProgram>,
    /// The satellite, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub satellite: Option<Satellite>,
}
