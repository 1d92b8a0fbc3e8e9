//! What the fuzz targets run: every reader of bytes that we did not write. Each must return, whatever it is given, and
//! what it accepted must be read as the same when it is written again. Not part of the interface.

use crate::intents::{Intents, Template};
use crate::wyoming::{Decoder, Event};
use std::collections::BTreeMap;

/// Frames and events of the Wyoming protocol.
pub fn wyoming(mut bytes: &[u8]) {
    let mut decoder = Decoder::new();
    while let Ok(Some(frame)) = decoder.read(&mut bytes) {
        let Ok(event) = Event::from_frame(frame) else { continue };
        let Ok(written) = event.to_frame().expect("what was read can be written").to_bytes() else { continue };
        let mut again = Decoder::new();
        let frame = again.read(&mut written.as_slice()).expect("our own bytes").expect("a whole frame");
        assert_eq!(Event::from_frame(frame).expect("our own event"), event);
    }
    let _ = decoder.finish();
}

/// Sentence templates: the first line is one, compiled with a rule and lists; the others are said to it.
pub fn sentences(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (template, said) = text.split_once('\n').unwrap_or((text, ""));
    let is_template = Template::parse(template).is_ok();
    let data = serde_json::json!({
        "language": "en",
        "intents": {"A": {"data": [{"sentences": [template]}]}},
        "lists": {"a": {"values": ["b", {"in": "c[d]", "out": 1}]}, "w": {"wildcard": true}},
        "expansion_rules": {"r": "(e|f)"},
    });
    let Ok(intents) = Intents::from_json(data.to_string().as_bytes(), BTreeMap::new()) else { return };
    assert!(is_template, "what is no template does not compile");
    for line in said.lines().take(4) {
        let _ = intents.recognize(line, &serde_json::Map::new());
    }
}
