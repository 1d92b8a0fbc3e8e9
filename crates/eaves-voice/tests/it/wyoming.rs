//! Our codec against the ecosystem's own library, in both directions.

use crate::peers;
use eaves_voice::private::{PrivateBytes, Words};
use eaves_voice::wyoming::{
    Artifact, AsrProgram, At, Attribution, AudioChunk, AudioFormat, AudioStart, Decoder, Detect, Detection, Echo,
    Event, Failure, Info, Model, RunPipeline, Satellite, Stage, Synthesize, TimerId, TimerStarted, TimerUpdated,
    Transcribe, Transcript, TtsProgram, TtsVoice, Voice,
};
use std::io::{Read, Write};
use std::process::Child;

/// Events as they come from a child.
struct Events {
    from: std::process::ChildStdout,
    decoder: Decoder,
    buffer: Vec<u8>,
}

impl Events {
    fn of(child: &mut Child) -> Self {
        Self { from: child.stdout.take().expect("a pipe"), decoder: Decoder::new(), buffer: Vec::new() }
    }

    fn next(&mut self) -> Option<Event> {
        loop {
            let mut rest = self.buffer.as_slice();
            let frame = self.decoder.read(&mut rest).expect("the library writes proper frames");
            self.buffer = rest.to_vec();
            if let Some(frame) = frame {
                return Some(Event::from_frame(frame).expect("the library writes proper events"));
            }
            let mut piece = [0; 4096];
            let count = self.from.read(&mut piece).expect("the pipe holds");
            if count == 0 {
                self.decoder.finish().expect("nothing is cut");
                return None;
            }
            self.buffer.extend_from_slice(&piece[..count]);
        }
    }
}

fn bytes(event: &Event) -> PrivateBytes {
    event.to_frame().expect("an object").to_bytes().expect("short enough")
}

fn end(mut child: Child) {
    drop(child.stdin.take());
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn every_event_of_the_library_is_known_and_goes_back_as_it_came() {
    let mut child = peers::start("events.py", &["theirs"]);
    let mut events = Events::of(&mut child);
    let Some(Event::UserEvent(first)) = events.next() else { panic!("the count comes first") };
    let count = first.data.and_then(|data| data.get("count").and_then(serde_json::Value::as_u64)).expect("a count");
    let came: Vec<Event> = (0..count).map(|_| events.next().expect("as many as it said")).collect();
    for event in &came {
        assert!(!matches!(event, Event::Other(_)), "{} is not known here", event.kind());
    }
    for kind in Event::KINDS {
        assert!(came.iter().any(|event| event.kind() == *kind), "{kind} is not known there");
    }
    let mut input = child.stdin.take().expect("a pipe");
    for event in &came {
        input.write_all(bytes(event).as_slice()).expect("it reads");
    }
    drop(input);
    assert_eq!(events.next(), None);
    end(child);
}

fn artifact(name: &str) -> Artifact {
    let attribution = Attribution { name: "Ada".into(), url: "https://example.org".into() };
    Artifact { name: name.into(), attribution, installed: true, description: None, version: Some("1".into()) }
}

/// What the hub itself sends, and what it may be sent.
fn ours() -> Vec<Event> {
    let format = AudioFormat { rate: 16000, width: 2, channels: 1 };
    let at = Some(5.into());
    let model = Model { artifact: artifact("model"), languages: vec!["en".into()] };
    let voice = TtsVoice { artifact: artifact("voice"), languages: vec!["en".into()], speakers: None };
    let info = Info {
        asr: vec![AsrProgram { artifact: artifact("asr"), models: vec![model], ..AsrProgram::default() }],
        tts: vec![TtsProgram { artifact: artifact("tts"), voices: vec![voice], ..TtsProgram::default() }],
        satellite: Some(Satellite {
            artifact: artifact("satellite"),
            area: Some("Küche".into()),
            ..Satellite::default()
        }),
        ..Info::default()
    };
    let pipeline = RunPipeline {
        start_stage: Stage::Asr,
        end_stage: Stage::Tts,
        restart_on_end: false,
        wake_word_name: Some("okay_nabu".into()),
        wake_word_names: None,
        announce_text: None,
    };
    let speak = Synthesize {
        text: "Zehn Minuten – läuft.".into(),
        voice: Some(Voice { language: Some("de".into()), ..Voice::default() }),
        ..Synthesize::default()
    };
    let timer = TimerStarted {
        id: "t1".into(),
        total_seconds: 600,
        name: Some(Words::from("pasta")),
        ..TimerStarted::default()
    };
    vec![
        Event::Describe,
        Event::Info(Box::new(info)),
        Event::Ping(Echo { text: Some("a\nb".into()) }),
        Event::Pong(Echo { text: None }),
        Event::Error(Failure { text: "no".into(), code: Some("stt-no-text".into()) }),
        Event::RunSatellite,
        Event::PauseSatellite,
        Event::RunPipeline(pipeline),
        Event::Detect(Detect { names: Some(vec!["okay_nabu".into()]), context: None }),
        Event::Detection(Detection { name: Some("okay_nabu".into()), timestamp: at.clone(), ..Detection::default() }),
        Event::Transcribe(Transcribe { language: Some("en".into()), ..Transcribe::default() }),
        Event::AudioStart(AudioStart { format, timestamp: at.clone() }),
        Event::AudioChunk(AudioChunk { format, timestamp: at.clone(), audio: b"\n\x00{}\xff\x7f".as_slice().into() }),
        Event::AudioChunk(AudioChunk { format, timestamp: None, audio: PrivateBytes::default() }),
        Event::AudioStop(At { timestamp: at.clone() }),
        Event::VoiceStarted(At { timestamp: at.clone() }),
        Event::VoiceStopped(At { timestamp: at }),
        Event::Transcript(Transcript { text: "wie spät ist es".into(), ..Transcript::default() }),
        Event::Transcript(Transcript::default()),
        Event::Synthesize(speak),
        Event::Played,
        Event::TimerStarted(timer),
        Event::TimerUpdated(TimerUpdated { id: "t1".into(), is_active: false, total_seconds: 30 }),
        Event::TimerCancelled(TimerId { id: "t1".into() }),
        Event::TimerFinished(TimerId { id: "t1".into() }),
    ]
}

#[test]
fn the_library_understands_what_we_write() {
    let mut child = peers::start("events.py", &["ours"]);
    let mut events = Events::of(&mut child);
    let mut input = child.stdin.take().expect("a pipe");
    for event in ours() {
        input.write_all(bytes(&event).as_slice()).expect("it reads");
        input.flush().expect("it reads");
        assert_eq!(events.next(), Some(event));
    }
    drop(input);
    assert_eq!(events.next(), None);
    end(child);
}
