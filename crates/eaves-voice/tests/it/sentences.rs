//! The public English sentences: what we make of them, against what the reference makes of them.

use crate::peers;
use eaves_voice::intents::Intents;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Sentences of which we make something else, and why that is right or bearable.
const EXPLAINED: &[(&str, &str)] = &[];

/// Numbers are the same however they are written.
fn same(ours: &Value, theirs: &Value) -> bool {
    match (ours.as_f64(), theirs.as_f64()) {
        (Some(ours), Some(theirs)) => (ours - theirs).abs() < 1e-9,
        _ => ours == theirs,
    }
}

#[test]
fn the_public_english_sentences_mean_what_they_mean_to_the_reference() {
    let output = peers::start("sentences.py", &[]).wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let data = said["data"].to_string();
    let intents = Intents::from_json(data.as_bytes(), BTreeMap::new()).expect("every public template compiles");
    let around = said["around"].as_object().cloned().unwrap_or_default();
    let cases = said["cases"].as_array().expect("cases");
    let mut missed = Vec::new();
    for case in cases {
        let text = case["text"].as_str().expect("text");
        let ours = intents.recognize(text, &around);
        let is_same = match (&ours, case["expected"].as_object()) {
            (None, None) => true,
            (Some(ours), Some(theirs)) => {
                let empty = Map::new();
                let slots = theirs["slots"].as_object().unwrap_or(&empty);
                let have: BTreeMap<_, _> = ours.slots.iter().map(|slot| (&slot.name, &slot.value)).collect();
                theirs["intent"] == *ours.intent
                    && have.len() == slots.len()
                    && slots.iter().all(|(name, value)| have.get(name).is_some_and(|ours| same(ours, value)))
            }
            _ => false,
        };
        let template = case["template"].as_str().unwrap_or_default();
        if !is_same && !EXPLAINED.iter().any(|(explained, _)| *explained == template) {
            let ours = ours.map(|ours| (ours.intent, ours.slots));
            missed.push(format!("{text:?} ({template}):\n  theirs {}\n  ours {ours:?}", case["expected"]));
        }
    }
    assert!(cases.len() > 800, "{} cases", cases.len());
    assert!(missed.is_empty(), "{} of {} differ:\n{}", missed.len(), cases.len(), missed.join("\n"));
}
