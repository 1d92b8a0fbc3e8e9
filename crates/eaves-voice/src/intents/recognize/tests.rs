//! Sentences and what they mean.

use super::*;
use crate::intents::{DataError, ListData, Template, TemplateError, ValueData};
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;

fn intents(data: &Value) -> Intents {
    Intents::from_json(data.to_string().as_bytes(), BTreeMap::new()).expect("proper sentences")
}

fn home() -> Intents {
    intents(&json!({
        "language": "en",
        "intents": {
            "TurnOn": {"data": [
                {"sentences": ["(turn|switch) on [<the>] {name}", "[<the>] {name} on"], "requires_context": {"domain": ["light", "fan"]}},
                {"sentences": ["turn on the light[s] [in here]"], "slots": {"domain": "light"}, "requires_context": {"area": {"slot": true}}},
            ]},
            "SetBrightness": {"data": [{"sentences": ["<set> {name} to {pct:brightness}[%| percent]"]}]},
            "Timer": {"data": [{"sentences": ["(set;[a]; timer for {n:minutes} minute[s])", "{n:minutes} minute timer [(named|called) {any:label}]"]}]},
            "Add": {"data": [{"sentences": ["add {any:item} to [my] shopping list"]}]},
            "Say": {"data": [{"sentences": ["broadcast {any:message}"]}]},
            "Cover": {"data": [{"sentences": ["open {name}"], "requires_context": {"domain": "cover"}}]},
            "Warmer": {"data": [{"sentences": ["make it {t:by} degrees colder"]}]},
        },
        "lists": {
            "name": {"values": [
                {"in": "bed[room] lamp", "out": "lamp", "context": {"domain": "light"}},
                {"in": "bedroom", "out": "bedroom", "context": {"domain": "light"}},
                {"in": "garage door", "context": {"domain": "cover"}},
            ]},
            "pct": {"range": {"from": 0, "to": 100}},
            "n": {"range": {"from": 1, "to": 100}},
            "t": {"range": {"from": 0, "to": 20, "multiplier": -1, "fractions": "halves"}},
            "any": {"wildcard": true},
        },
        "expansion_rules": {"the": "(the|my|our)", "set": "(set|change) [<the>]"},
        "skip_words": ["please", "could you"],
    }))
}

/// The intent and its slots as text; empty when nothing fits.
fn said_in(around: &Value, text: &str) -> String {
    let around = around.as_object().cloned().unwrap_or_default();
    let Some(found) = home().recognize(text, &around) else { return String::new() };
    let slots = found.slots.iter().map(|slot| format!(" {}={}", slot.name, slot.value));
    found.intent.clone() + &slots.collect::<String>()
}

fn said(text: &str) -> String {
    said_in(&json!({}), text)
}

#[test]
fn sentences_are_recognised_with_their_slots() {
    for (text, means) in [
        ("turn on the bedroom lamp", "TurnOn name=\"lamp\""),
        ("Turn on the bed lamp!", "TurnOn name=\"lamp\""),
        ("bedroom on", "TurnOn name=\"bedroom\""),
        ("could you please switch on my bedroom, please", "TurnOn name=\"bedroom\""),
        ("set the bedroom lamp to 40%", "SetBrightness name=\"lamp\" brightness=40"),
        ("change bedroom lamp to forty-five percent", "SetBrightness name=\"lamp\" brightness=45"),
        ("set a timer for five minutes", "Timer minutes=5"),
        ("timer for 10 minutes set", "Timer minutes=10"),
        ("twenty one minute timer called Pasta Sauce", "Timer minutes=21 label=\"Pasta Sauce\""),
        ("add oat milk to my shopping list", "Add item=\"oat milk\""),
        ("add please to the to shopping list", "Add item=\"to the\""),
        ("broadcast dinner is ready please", "Say message=\"dinner is ready please\""),
        ("open garage door", "Cover name=\"garage door\""),
        ("make it 2.5 degrees colder", "Warmer by=-2.5"),
    ] {
        assert_eq!(said(text), means, "{text}");
    }
}

#[test]
fn what_is_no_sentence_is_none() {
    for text in [
        "",
        " ",
        "bedroom",
        "garage door",
        "turn on",
        "turn on the bedroom lamp now",
        "turn onthe bedroom lamp",
        "turn on the garage door",
        "open the bedroom lamp",
        "set the bedroom lamp to 140",
        "set a timer for zero minutes",
        "add to my shopping list",
        "broadcast",
        "make it 2.3 degrees colder",
    ] {
        assert_eq!(said(text), "", "{text}");
    }
    assert_eq!(said(&format!("broadcast {}", "a ".repeat(TEXT_MAX))), "");
}

#[test]
fn the_room_comes_from_around() {
    assert_eq!(said("turn on the lights"), "");
    assert_eq!(
        said_in(&json!({"area": "kitchen"}), "turn on the light in here"),
        "TurnOn domain=\"light\" area=\"kitchen\""
    );
}

#[test]
fn what_a_sentence_refers_to_has_to_be_there_and_no_rule_contains_itself() {
    let wrong = |sentence: &str, rules: Value| {
        let data = json!({"language": "en", "intents": {"A": {"data": [{"sentences": [sentence]}]}}, "expansion_rules": rules});
        match Intents::from_json(data.to_string().as_bytes(), BTreeMap::new()) {
            Err(DataError::Template { error, .. }) => Some(error),
            _ => None,
        }
    };
    assert_eq!(wrong("<a>", json!({})), Some(TemplateError::NoRule));
    assert_eq!(wrong("{a}", json!({})), Some(TemplateError::NoList));
    assert_eq!(wrong("<a>", json!({"a": "<b>", "b": "[<a>]"})), Some(TemplateError::Circle));
    // Each rule twice the next: a million, were they all written out.
    let rules: Map<String, Value> = (0..20)
        .map(|n| (format!("r{n}"), Value::from(format!("<r{0}>|<r{0}>", n + 1))))
        .chain([("r20".into(), "a".into())])
        .collect();
    assert_eq!(wrong("<r0>", Value::Object(rules)), Some(TemplateError::TooLarge));
}

#[test]
fn a_template_that_could_be_said_in_endless_ways_takes_no_endless_time() {
    let greedy = "[a][a][a][a][a][a][a][a][a][a][a][a][a][a][a][a][a][a][a][a][a][a][a][a] {x} {x:y} {x:z} b";
    let data = json!({"language": "en", "intents": {"A": {"data": [{"sentences": [greedy]}]}}, "lists": {"x": {"wildcard": true}}});
    let text = format!("{} c", "a ".repeat(150));
    assert_eq!(intents(&data).recognize(&text, &Map::new()), None);
}

#[test]
fn a_household_brings_its_own_names() {
    let said = Template::parse("Oma's Lampe").expect("a template");
    let value = ValueData { said, means: Some(7.into()), context: Map::new() };
    let lists = BTreeMap::from([("name".to_owned(), ListData::Values(vec![value]))]);
    let data =
        json!({"language": "de", "intents": {"An": {"data": [{"sentences": ["{name} an", "timer {1..99:n}"]}]}}});
    let intents = Intents::from_json(data.to_string().as_bytes(), lists).expect("proper sentences");
    assert_eq!(
        intents.recognize("oma’s lampe an", &Map::new()).and_then(|found| found.slot("name").cloned()),
        Some(7.into())
    );
    assert_eq!(
        intents.recognize("Timer einundzwanzig", &Map::new()).and_then(|found| found.slot("n").cloned()),
        Some(21.into())
    );
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "([a-z -_'.,%0-9]{0,8}|turn|on|the|bedroom|lamp|set|to|timer|for|minutes|add| ){0,12}") {
        let _ = home().recognize(&text, &Map::new());
    }
}
