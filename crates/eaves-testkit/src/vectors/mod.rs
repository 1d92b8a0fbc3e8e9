//! The makers of `vectors/`: for every page of the specification, what a reader must accept and refuse.
//!
//! What is committed is the contract. The maker exists to show where each vector comes from and to add new ones; it
//! never replaces a file that is there (`make-vectors` refuses). `vectors/README.md` explains the forms.

mod chain;
mod documents;
mod invite;
mod keys;
mod live;
mod log;
mod sealed_part;
mod work;

use serde_json::{Value, json};

/// One file below `vectors/`.
#[derive(Debug)]
pub struct VectorFile {
    /// Relative path.
    pub path: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// All files.
pub fn all() -> Vec<VectorFile> {
    let mut files = sealed_part::make();
    files.push(page("envelope", documents::envelopes()));
    files.push(page("roster", documents::rosters()));
    files.push(page("command", documents::commands()));
    files.push(page("claim", documents::claims()));
    files.push(page("invite", invite::make()));
    files.push(page("link", chain::make()));
    files.push(page("live", live::make()));
    files.push(page("keys", keys::make()));
    files.push(page("proof-of-work", work::make()));
    files.push(page("log/notes", log::notes()));
    files.push(page("log/proofs", log::proofs()));
    files.push(page("log/receipts", log::receipts()));
    files.push(page("log/chain", log::chain()));
    files.push(page("log/visits", log::visits()));
    files
}

fn page(name: &str, content: Value) -> VectorFile {
    let mut bytes = serde_json::to_vec_pretty(&content).expect("values have string keys");
    bytes.push(b'\n');
    VectorFile { path: format!("{name}.json"), bytes }
}

/// `case` with what is expected of it: no reasons, then it must be accepted.
fn expecting(mut case: Value, name: &str, reasons: &[&str]) -> Value {
    let map = case.as_object_mut().expect("a case is an object");
    map.insert("name".into(), json!(name));
    if reasons.is_empty() {
        map.insert("expect".into(), json!("ok"));
    } else {
        map.insert("expect".into(), json!("refused"));
        map.insert("reasons".into(), json!(reasons));
    }
    case
}

/// The plaintext of every part: byte `i` is `(7 i + i / 256) mod 256`, so that no two chunks are alike.
pub fn pattern(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|i| (i.wrapping_mul(7).wrapping_add(i >> 8)) as u8).collect()
}
