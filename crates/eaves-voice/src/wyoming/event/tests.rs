//! Events that are read as the reference reads them.

use super::*;
use crate::wyoming::{AudioFormat, Entity};
use proptest::prelude::*;
use serde_json::json;

fn event(kind: &str, data: Value) -> Result<Event, EventError> {
    let Value::Object(data) = data else { panic!("data is an object") };
    Event::from_frame(Frame::new(kind, data))
}

fn data(event: &Event) -> Value {
    Value::Object(event.to_frame().expect("can be written").data.clone())
}

#[test]
fn what_may_be_missing_may_be_null() {
    let pipeline = json!({"start_stage": "wake", "end_stage": "tts", "restart_on_end": null, "wake_word_names": null});
    let Ok(Event::RunPipeline(pipeline)) = event("run-pipeline", pipeline) else { panic!("a pipeline") };
    assert!(!pipeline.restart_on_end && pipeline.wake_word_names.is_none());
    assert_eq!(event("detection", json!({"name": null})), Ok(Event::Detection(Detection::default())));
    assert_eq!(event("detection", json!({})), Ok(Event::Detection(Detection::default())));
    let Ok(Event::Info(info)) = event("info", json!({"asr": null, "satellite": null})) else { panic!("info") };
    assert_eq!(*info, Info::default());
    let Ok(Event::Intent(intent)) = event("intent", json!({"name": "x", "entities": [{"name": "a"}]})) else {
        panic!("an intent")
    };
    assert_eq!(intent.entities, [Entity { name: "a".into(), value: Value::Null }]);
}

#[test]
fn old_and_new_keys_are_ignored() {
    let old =
        json!({"start_stage": "asr", "end_stage": "tts", "name": "kitchen", "snd_format": {"rate": 1}, "new": [1]});
    let read = event("run-pipeline", old).expect("a pipeline");
    assert_eq!(data(&read), json!({"start_stage": "asr", "end_stage": "tts", "restart_on_end": false}));
    let command = json!({"id": "1", "total_seconds": 5, "command": {"text": "turn it off"}});
    assert_eq!(data(&event("timer-started", command).expect("a timer")), json!({"id": "1", "total_seconds": 5}));
}

#[test]
fn a_recogniser_that_says_nothing_needs_help() {
    let program = json!({"name": "a", "attribution": {"name": "", "url": ""}, "installed": true, "description": null,
        "version": null, "models": []});
    let Ok(Event::Info(info)) = event("info", json!({"asr": [program]})) else { panic!("info") };
    assert!(info.asr[0].requires_external_vad && !info.asr[0].supports_transcript_streaming);
}

#[test]
fn a_pipeline_does_not_end_before_it_starts() {
    let order = ["wake", "asr", "intent", "handle", "tts"];
    for (from, start) in order.iter().enumerate() {
        for (to, end) in order.iter().enumerate() {
            let read = event("run-pipeline", json!({"start_stage": start, "end_stage": end}));
            assert_eq!(read.is_ok(), from <= to, "{start} to {end}");
        }
    }
}

#[test]
fn a_malformed_event_says_which_and_nothing_of_its_text() {
    for (kind, data) in [
        ("transcript", json!({"text": ["canary"]})),
        ("timer-updated", json!({"id": "canary", "is_active": true, "total_seconds": -1})),
        ("audio-start", json!({"rate": "canary", "width": 2, "channels": 1})),
        ("audio-chunk", json!({"rate": -1, "width": 2, "channels": 1})),
    ] {
        let error = event(kind, data).expect_err("malformed");
        assert_eq!(error.kind, kind);
        assert!(!format!("{error} {error:?}").contains("canary"));
    }
}

#[test]
fn timestamps_are_whatever_number_was_sent() {
    for at in [json!(0), json!(19_785_407_726_927_u64), json!(-3), json!(1.5)] {
        let read = event("audio-stop", json!({"timestamp": at})).expect("a stop");
        assert_eq!(data(&read), json!({"timestamp": at}));
    }
}

#[test]
fn unknown_events_are_kept_apart() {
    let read = event("fancy", json!({"a": 1})).expect("ignored");
    assert!(matches!(read, Event::Other(_)));
    assert_eq!(read.kind(), "fancy");
}

const FIELDS: &[&str] = &[
    "text",
    "name",
    "names",
    "language",
    "context",
    "rate",
    "width",
    "channels",
    "timestamp",
    "id",
    "total_seconds",
    "is_active",
    "entities",
    "voice",
    "asr",
    "satellite",
    "data",
    "start_stage",
    "end_stage",
    "restart_on_end",
    "wake_word_names",
];

fn fields() -> impl Strategy<Value = Map<String, Value>> {
    let values = prop::sample::select(vec![
        json!(null),
        json!("text"),
        json!("asr"),
        json!("tts"),
        json!(7),
        json!(-1),
        json!(true),
        json!({}),
        json!({"name": "n"}),
        json!([]),
        json!(["a"]),
        json!([{"name": "n", "value": {"x": [1]}}]),
    ]);
    prop::collection::vec((prop::sample::select(FIELDS), values), 0..12)
        .prop_map(|fields| fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

proptest! {
    #[test]
    fn what_is_read_is_written_and_read_as_the_same(
        kind in prop::sample::select(Event::KINDS),
        data in fields(),
        payload in prop::collection::vec(0_u8.., 0..9),
    ) {
        let mut frame = Frame::new(kind, data);
        frame.payload = payload.into();
        if let Ok(event) = Event::from_frame(frame) {
            prop_assert_eq!(event.kind(), kind);
            prop_assert_eq!(Event::from_frame(event.to_frame().expect("can be written")), Ok(event));
        }
    }

    #[test]
    fn sound_comes_back(
        rate: u32,
        width in 1..5_u32,
        channels in 1..9_u32,
        audio in prop::collection::vec(0_u8.., 0..99),
    ) {
        let format = AudioFormat { rate, width, channels };
        let chunk = Event::AudioChunk(AudioChunk { format, timestamp: None, audio: audio.into() });
        let bytes = chunk.to_frame().expect("can be written").to_bytes().expect("short");
        let frame = crate::wyoming::Decoder::new().read(&mut bytes.as_slice()).expect("ours").expect("whole");
        prop_assert_eq!(Event::from_frame(frame), Ok(chunk));
    }
}
