//! A software authenticator: what a browser and a passkey provider do together, as far as the vault can see.

use eaves_domain::{Base64Url, Digest};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};

use crate::home::random;

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const ATTESTED: u8 = 0x40;

/// One passkey, and how honest the whole is.
pub(crate) struct Authenticator {
    key: SigningKey,
    pub(crate) credential: Vec<u8>,
    user: Vec<u8>,
    count: u32,
    /// Whether it asks for a finger or a code.
    pub(crate) verifies: bool,
    /// The page that the browser shows.
    pub(crate) origin: String,
    rp: String,
}

fn text(bytes: &[u8]) -> String {
    Base64Url(bytes.to_vec()).to_text()
}

fn bytes(value: &Value) -> Vec<u8> {
    Base64Url::from_text(value.as_str().unwrap()).unwrap().0
}

/// A byte string in CBOR, shorter than 64 KiB.
fn cbor_bytes(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap().to_be_bytes();
    [&[0x59], length.as_slice(), bytes].concat()
}

impl Authenticator {
    pub(crate) fn new(origin: &str) -> Self {
        let key = loop {
            if let Ok(key) = SigningKey::from_slice(&random::<32>()) {
                break key;
            }
        };
        let host = origin.split("//").nth(1).unwrap();
        let rp = host.split(':').next().unwrap().to_owned();
        Self {
            key,
            credential: random::<32>().to_vec(),
            user: vec![],
            count: 0,
            verifies: true,
            origin: origin.to_owned(),
            rp,
        }
    }

    fn client_data(&self, kind: &str, challenge: &Value) -> Vec<u8> {
        let data = json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false });
        serde_json::to_vec(&data).unwrap()
    }

    fn authenticator_data(&mut self, flags: u8, attested: &[u8]) -> Vec<u8> {
        self.count += 1;
        let verified = if self.verifies { USER_VERIFIED } else { 0 };
        let rp = Digest::of(self.rp.as_bytes()).0;
        [&rp, [USER_PRESENT | verified | flags].as_slice(), &self.count.to_be_bytes(), attested].concat()
    }

    /// `navigator.credentials.create()`.
    pub(crate) fn create(&mut self, options: &Value) -> Value {
        self.user = bytes(&options["user"]["id"]);
        let point = self.key.verifying_key().to_sec1_point(false);
        let (x, y) = (point.x().unwrap().to_vec(), point.y().unwrap().to_vec());
        let cose = [b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20".as_slice(), &x, b"\x22\x58\x20", &y].concat();
        let length = u16::try_from(self.credential.len()).unwrap().to_be_bytes();
        let attested = [[0; 16].as_slice(), &length, &self.credential, &cose].concat();
        let data = self.authenticator_data(ATTESTED, &attested);
        let attestation = [b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData".as_slice(), &cbor_bytes(&data)].concat();
        let client = self.client_data("webauthn.create", &options["challenge"]);
        json!({
            "id": text(&self.credential), "rawId": text(&self.credential), "type": "public-key",
            "authenticatorAttachment": "platform",
            "response": {
                "clientDataJSON": text(&client), "attestationObject": text(&attestation), "transports": ["internal"],
            },
            "clientExtensionResults": { "prf": { "enabled": true } },
        })
    }

    /// `navigator.credentials.get()`.
    pub(crate) fn get(&mut self, options: &Value) -> Value {
        let data = self.authenticator_data(0, &[]);
        let client = self.client_data("webauthn.get", &options["challenge"]);
        let signed = [data.as_slice(), &Digest::of(&client).0].concat();
        let signature: Signature = self.key.sign(&signed);
        json!({
            "id": text(&self.credential), "rawId": text(&self.credential), "type": "public-key",
            "response": {
                "clientDataJSON": text(&client), "authenticatorData": text(&data),
                "signature": text(signature.to_der().as_bytes()), "userHandle": text(&self.user),
            },
            "clientExtensionResults": {},
        })
    }

    /// A copy whose counter is behind, as a cloned key's would be.
    pub(crate) fn rewind(&mut self) {
        self.count = 0;
    }
}
