//! Every case of `vectors/log/`, judged as the contract says. The app's reader runs over the same files.

use eaves_domain::{Digest, HouseholdId, Timestamp};
use eaves_tlog::Error;
use eaves_tlog::chain::{Known, Shown, read};
use eaves_tlog::checkpoint::Checkpoint;
use eaves_tlog::entry::Head;
use eaves_tlog::merkle::{verify_consistency, verify_inclusion};
use eaves_tlog::monitor::{Memory, Monitor, Visit};
use eaves_tlog::note::{Note, VerifierKey};
use eaves_tlog::proof::{Policy, Proof};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn file(name: &str) -> Value {
    let path = format!("{}/../../vectors/log/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn get<T: DeserializeOwned>(case: &Value, field: &str) -> T {
    serde_json::from_value(case[field].clone()).unwrap_or_else(|error| panic!("{field} of {}: {error}", case["name"]))
}

fn cases(file: &Value, field: &str) -> Vec<Value> {
    let cases: Vec<Value> = get(file, field);
    assert!(cases.len() > 5);
    cases
}

fn policy(case: &Value) -> Policy {
    let policy = &case["policy"];
    let witnesses: Vec<String> = get(policy, "witnesses");
    Policy {
        log: VerifierKey::parse(policy["log"].as_str().unwrap()).unwrap(),
        witnesses: witnesses.iter().map(|witness| VerifierKey::parse(witness).unwrap()).collect(),
        quorum: get(policy, "quorum"),
    }
}

/// Holds an answer against what its case expects; gives what was accepted.
fn judge<T: std::fmt::Debug>(case: &Value, answer: Result<T, Error>) -> Option<T> {
    let name = case["name"].as_str().unwrap();
    match (case["expect"].as_str().unwrap(), answer) {
        ("ok", Ok(value)) => Some(value),
        ("refused", Err(error)) => {
            let reasons: Vec<String> = get(case, "reasons");
            assert!(reasons.iter().any(|reason| reason == error.code()), "{name}: {}", error.code());
            None
        }
        (expected, answer) => panic!("{name}: expected {expected}, found {answer:?}"),
    }
}

#[test]
fn checkpoints_of_the_vectors() {
    let file = file("notes");
    let note = &file["note"];
    let key = VerifierKey::parse(note["vkey"].as_str().unwrap()).unwrap();
    Note::parse(note["note"].as_str().unwrap().as_bytes()).unwrap().verify(&key).unwrap();
    let text = file["checkpoint"]["text"].as_str().unwrap();
    assert_eq!(Checkpoint::parse(text).unwrap().size, get::<u64>(&file["checkpoint"], "size"));
    for case in cases(&file, "cases") {
        let note = Note::parse(case["note"].as_str().unwrap().as_bytes());
        if let Some(accepted) = judge(&case, note.and_then(|note| policy(&case).accept(&note))) {
            assert_eq!(accepted.checkpoint.size, get::<u64>(&case, "size"));
            assert_eq!(accepted.checkpoint.root, get::<Digest>(&case, "root"));
            assert_eq!(accepted.cosignatures[0].at, get::<Timestamp>(&case, "seenUs"));
        }
    }
}

#[test]
fn proofs_of_the_vectors() {
    let file = file("proofs");
    for case in cases(&file, "inclusion") {
        let (proof, leaf, root): (Vec<Digest>, _, _) = (get(&case, "proof"), get(&case, "leaf"), get(&case, "root"));
        judge(&case, verify_inclusion(&proof, leaf, get(&case, "index"), get(&case, "size"), root));
    }
    for case in cases(&file, "consistency") {
        let proof: Vec<Digest> = get(&case, "proof");
        let old = (get(&case, "old"), get(&case, "oldRoot"));
        judge(&case, verify_consistency(&proof, old, (get(&case, "new"), get(&case, "newRoot"))));
    }
}

#[test]
fn receipts_of_the_vectors() {
    for case in cases(&file("receipts"), "cases") {
        let proof = Proof::parse(case["receipt"].as_str().unwrap().as_bytes());
        if let Some(proved) = judge(&case, proof.and_then(|proof| proof.verify_receipt(&policy(&case)))) {
            assert_eq!(proved.line.household, get::<HouseholdId>(&case, "household"));
            assert_eq!(proved.line.sequence, get::<u64>(&case, "sequence"));
            assert_eq!(proved.line.at_us, get::<Timestamp>(&case, "atUs"));
            assert_eq!(json!(proved.details), case["details"]);
        }
    }
}

#[test]
fn chains_of_the_vectors() {
    let file = file("chain");
    let checkpoint = Checkpoint::new("any.example", get(&file, "size"), get(&file, "root")).unwrap();
    for case in cases(&file, "cases") {
        let known = Known {
            household: get(&file, "household"),
            from: get::<Option<Head>>(&case, "from"),
            now: get(&case, "nowUs"),
            details_kept_us: get(&file, "detailsKeptUs"),
        };
        let reading = read(&known, &checkpoint, &get::<Vec<Shown>>(&case, "shown"));
        let found: Vec<_> = reading.findings.iter().map(|f| json!([f.sequence, f.count, f.fault.code()])).collect();
        assert_eq!(json!(found), case["findings"], "{}", case["name"]);
        assert_eq!(found.is_empty(), case["expect"] == "ok", "{}", case["name"]);
    }
}

#[test]
fn visits_of_the_vectors() {
    let file = file("visits");
    let monitor = Monitor {
        policy: policy(&file),
        household: get(&file, "household"),
        details_kept_us: get(&file, "detailsKeptUs"),
    };
    for case in cases(&file, "cases") {
        let memory: Option<Memory> = get(&case, "memory");
        let note = Note::parse(case["checkpoint"].as_str().unwrap().as_bytes()).unwrap();
        let (consistency, shown): (Vec<Digest>, Vec<Shown>) = (get(&case, "consistency"), get(&case, "shown"));
        let visit = Visit { checkpoint: &note, consistency: &consistency, shown: &shown };
        let visited = monitor.visit(memory.as_ref(), &visit, get(&case, "nowUs")).unwrap();
        let codes: Vec<_> = visited.alarms.iter().map(|alarm| alarm.code()).collect();
        assert_eq!(json!(codes), case["alarms"], "{}", case["name"]);
        assert_eq!(json!(visited.memory), case["remembers"], "{}", case["name"]);
    }
}
