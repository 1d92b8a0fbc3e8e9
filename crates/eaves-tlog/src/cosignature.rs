//! Cosignatures (c2sp.org/tlog-cosignature v1, Ed25519): a witness says when it saw a checkpoint as the newest.

use crate::Error;
use crate::note::{KeyKind, Note, SignatureLine, VerifierKey};
use eaves_domain::envelope::PublicKey;
use eaves_domain::{HubId, Timestamp};
use ed25519_dalek::{Signer as _, SigningKey};

/// What a witness said of a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// Its name.
    pub witness: String,
    /// When, to the second.
    pub at: Timestamp,
}

/// The name under which a hub is a witness. Its key is the one that the roster names.
pub fn hub_name(hub: HubId) -> String {
    format!("eaves.invalid/hub/{hub}")
}

/// The witness key of a hub.
pub fn hub_key(hub: HubId, key: PublicKey) -> VerifierKey {
    VerifierKey::new(&hub_name(hub), KeyKind::Cosignature, key).expect("an id makes a proper name")
}

fn message(seconds: u64, note_text: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {seconds}\n{note_text}").into_bytes()
}

/// Cosigns a checkpoint at `now`, which is not before 1970. Only [`crate::witness`] should: it knows what was signed before.
pub fn sign(note: &Note, name: &str, key: &SigningKey, now: Timestamp) -> Result<SignatureLine, Error> {
    let id = VerifierKey::new(name, KeyKind::Cosignature, PublicKey::of(key))?.id();
    let seconds = u64::try_from(now.as_us().div_euclid(1_000_000)).map_err(|_| Error::OutOfRange)?;
    let signature = key.sign(&message(seconds, note.text())).to_bytes();
    let signature = [seconds.to_be_bytes().as_slice(), &signature].concat();
    Ok(SignatureLine { name: name.to_owned(), id, signature })
}

/// What the witnesses that are trusted said of `note`: at most one, the latest, of each. Lines of others are left out;
/// a line that claims to be of one and is wrong spoils the note.
pub fn verify(note: &Note, witnesses: &[VerifierKey]) -> Result<Vec<Cosignature>, Error> {
    let mut found = Vec::new();
    for witness in witnesses.iter().filter(|witness| witness.kind() == KeyKind::Cosignature) {
        let mut latest = None;
        for line in note.signatures().iter().filter(|line| witness.claims(line)) {
            let at = verify_line(note, witness, line).ok_or(Error::BadSignature)?;
            latest = latest.max(Some(at));
        }
        found.extend(latest.map(|at| Cosignature { witness: witness.name().to_owned(), at }));
    }
    Ok(found)
}

fn verify_line(note: &Note, witness: &VerifierKey, line: &SignatureLine) -> Option<Timestamp> {
    let (seconds, signature) = line.signature.split_first_chunk::<8>()?;
    let seconds = u64::from_be_bytes(*seconds);
    // Later than a clock in microseconds reaches is no time.
    let at = i64::try_from(seconds).ok()?.checked_mul(1_000_000)?;
    witness.key().verify(&message(seconds, note.text()), signature).then_some(Timestamp(at))
}
