//! `docs/spec/sealed-part.md`: whole age files, and what may not be done to them.

use super::{VectorFile, expecting, page, pattern};
use crate::home::{SealedPart, SimulatedHome};
use crate::member::identity;
use eaves_domain::Digest;
use eaves_domain::link::PartKind;
use serde_json::{Value, json};

const CHUNK: usize = 65_552;

pub(super) fn make() -> Vec<VectorFile> {
    let home = SimulatedHome::new(10);
    let mut files = Vec::new();
    let mut cases = Vec::new();
    for bytes in [0, 1, 65_535, 65_536, 65_537, 200_000] {
        let sealed = home.seal_part(PartKind::Media, &pattern(bytes));
        cases.push(expecting(case(&name(bytes), &[], false, bytes), &format!("{bytes} bytes"), &[]));
        if bytes == 65_537 {
            header_cases(&sealed, &mut cases);
        }
        if bytes == 200_000 {
            body_cases(sealed.body.len(), &mut cases);
        }
        files.push(VectorFile { path: name(bytes), bytes: sealed.file() });
    }
    let other = case(&name(65_537), &[json!({ "op": "header-of", "file": name(65_536) })], false, 0);
    cases.push(expecting(other, "header of another recording", &["body-changed", "header-changed"]));
    files.push(page(
        "sealed-part",
        json!({
            "identity": home.room_identity().reveal_text().as_str(),
            "otherIdentity": identity([0x77; 32]).reveal_text().as_str(),
            "cases": cases,
        }),
    ));
    files
}

fn name(bytes: usize) -> String {
    format!("sealed-part/{bytes}.age")
}

fn case(file: &str, edits: &[Value], cut: bool, plaintext_bytes: usize) -> Value {
    json!({ "file": file, "edits": edits, "cut": cut,
            "plaintextBytes": plaintext_bytes, "plaintext": Digest::of(&pattern(plaintext_bytes)) })
}

fn header_cases(sealed: &SealedPart, cases: &mut Vec<Value>) {
    let file = name(65_537);
    let text = String::from_utf8(sealed.header.clone()).expect("a header is ASCII");
    let lines: Vec<_> = text.lines().collect();
    let [version, stanza, wrapped, mac] = lines.as_slice() else { panic!("our header has four lines") };
    let position = |part: &str| text.find(part).expect("it is there");
    let x25519 = format!("-> X25519 {}", "A".repeat(43));
    let replaced = [
        ("X25519 stanza", format!("{version}\n{x25519}\n{wrapped}\n{mac}\n"), "foreign-stanza"),
        ("two stanzas", format!("{version}\n{stanza}\n{wrapped}\n{stanza}\n{wrapped}\n{mac}\n"), "foreign-stanza"),
        (
            "X25519 stanza beside ours",
            format!("{version}\n{stanza}\n{wrapped}\n{x25519}\n{wrapped}\n{mac}\n"),
            "foreign-stanza",
        ),
        ("no stanza", format!("{version}\n{mac}\n"), "foreign-stanza"),
        ("another version of age", text.replace("/v1", "/v2"), "malformed"),
        ("padded base64", format!("{version}\n{stanza}\n{wrapped}=\n{mac}\n"), "malformed"),
        ("one argument too many", format!("{version}\n{stanza} AAAA\n{wrapped}\n{mac}\n"), "malformed"),
        ("carriage returns", text.replace('\n', "\r\n"), "malformed"),
        ("something after the MAC", format!("{text}x\n"), "malformed"),
    ];
    for (title, header, reason) in replaced {
        let edit = json!({ "op": "replace-header", "text": header });
        cases.push(expecting(case(&file, &[edit], false, 0), title, &[reason, "malformed"]));
    }
    // A digit of base64 is changed, so that form stays right and only the cryptography can tell.
    let stanza_at = position(stanza) + 40;
    let other_digit = |at: usize| if text.as_bytes()[at] == b'A' { "B" } else { "A" };
    for (title, at, reasons) in [
        ("flip in the encapsulation", stanza_at, ["no-key", "header-changed"]),
        ("flip in the wrapped key", position(wrapped) + 3, ["no-key", "header-changed"]),
        ("flip in the MAC", position(mac) + 8, ["header-changed", "no-key"]),
    ] {
        let edit = json!({ "op": "set-header", "at": at, "text": other_digit(at) });
        cases.push(expecting(case(&file, &[edit], false, 0), title, &reasons));
    }
    let mut foreign = case(&file, &[], false, 0);
    foreign["useOtherIdentity"] = json!(true);
    cases.push(expecting(foreign, "identity of somebody else", &["no-key", "header-changed"]));
}

/// Cases on the file of 200 000 bytes: three whole chunks and a last one of 3 392 bytes.
fn body_cases(body_bytes: usize, cases: &mut Vec<Value>) {
    let file = name(200_000);
    let keep = |bytes: usize| json!({ "op": "keep-body", "bytes": bytes });
    let flip = |at: usize| json!({ "op": "flip-body", "at": at });
    let whole_three = 16 + 3 * CHUNK;
    let changed = ["body-changed"];
    let cut_off = ["truncated", "body-changed"];
    let mut add = |title: &str, edit: Value, cut: bool, plaintext: usize, reasons: &[&str]| {
        cases.push(expecting(case(&file, &[edit], cut, plaintext), title, reasons));
    };
    add("last chunk missing", keep(whole_three), false, 0, &cut_off);
    add("last byte missing", keep(body_bytes - 1), false, 0, &cut_off);
    add("ends within a chunk", keep(16 + CHUNK + 1000), false, 0, &cut_off);
    add("nonce only", keep(16), false, 0, &cut_off);
    add("ends within the nonce", keep(15), false, 0, &cut_off);
    add("a byte too many", json!({ "op": "append-body", "bytes": 1 }), false, 0, &changed);
    add("chunks swapped", json!({ "op": "swap-chunks", "first": 0, "second": 1 }), false, 0, &changed);
    add("chunk duplicated", json!({ "op": "repeat-chunk", "chunk": 1 }), false, 0, &changed);
    add("chunk left out", json!({ "op": "drop-chunk", "chunk": 1 }), false, 0, &changed);
    add("flip in the nonce", flip(7), false, 0, &changed);
    add("flip in the first chunk", flip(16 + 100), false, 0, &changed);
    add("flip in the tag of the first chunk", flip(16 + CHUNK - 1), false, 0, &changed);
    add("flip in the last chunk", flip(whole_three + 5), false, 0, &changed);
    add("flip in the last tag", flip(body_bytes - 1), false, 0, &changed);
    add("whole, though it might be cut", keep(body_bytes), true, 200_000, &[]);
    add("cut after three chunks", keep(whole_three), true, 3 * 65_536, &[]);
    add("cut within the last chunk", keep(body_bytes - 1), true, 3 * 65_536, &[]);
    add("cut within the second chunk", keep(16 + CHUNK + 1000), true, 65_536, &[]);
    add("cut within the first chunk", keep(16 + 1000), true, 0, &[]);
    add("cut to the nonce", keep(16), true, 0, &[]);
    add("cut within the nonce", keep(15), true, 0, &cut_off);
    add("cut, and chunks swapped", json!({ "op": "swap-chunks", "first": 0, "second": 1 }), true, 0, &changed);
    add("cut, and a flip in a whole chunk", flip(16 + 100), true, 0, &changed);
}
