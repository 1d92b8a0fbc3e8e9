//! `docs/spec/live.md`: live keys and frames, sealed here by hand from the page.

use super::expecting;
use crate::home::{NOON, S, SimulatedHome};
use crate::member::{identity, seal};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit};
use eaves_domain::envelope::{Envelope, PublicKey};
use eaves_domain::live::{LiveKey, LiveKeyId};
use eaves_domain::{Base64Url, DeviceId, HouseholdId, HubId, RoomId};
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

const KEY: [u8; 32] = [0x5a; 32];
const KEY_ID: [u8; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

fn header(device: DeviceId, key: [u8; 8], counter: u64, flags: u8) -> Vec<u8> {
    [&[1][..], &device.0, &key, &counter.to_be_bytes(), &[flags]].concat()
}

fn frame(header: &[u8], key: &[u8; 32], media: &[u8]) -> Vec<u8> {
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&header[25..33]);
    let plaintext = [&NOON.as_us().to_be_bytes()[..], media].concat();
    let sealed = ChaCha20Poly1305::new(key.into())
        .encrypt((&nonce).into(), Payload { msg: &plaintext, aad: header })
        .expect("a frame can be sealed");
    [header, &sealed].concat()
}

pub(super) fn make() -> Value {
    let home = SimulatedHome::new(70);
    let roster = home.owner.sign(&home.roster());
    let document = LiveKey {
        household: home.household,
        hub: home.hub,
        device: home.camera,
        room: home.room,
        epoch: 1,
        key: LiveKeyId(KEY_ID),
        issued_us: NOON,
        sealed_key: seal(home.room_identity().recipient(), &KEY).into(),
        codecs: "avc1.4d401f, mp4a.40.2".into(),
    };
    let sign = |change: &dyn Fn(&mut LiveKey)| {
        let mut changed = document.clone();
        change(&mut changed);
        json!({ "nowUs": NOON.plus_us(30 * S), "key": Envelope::sign(&changed, &home.hub_key()) })
    };
    let stranger = json!({ "nowUs": NOON, "key": Envelope::sign(&document, &SigningKey::from_bytes(&[99; 32])) });
    let mut late = sign(&|_| {});
    late["nowUs"] = json!(NOON.plus_us(121 * S));
    let elsewhere: Base64Url = seal(identity([0x77; 32]).recipient(), &KEY).into();
    let short: Base64Url = seal(home.room_identity().recipient(), &KEY[..31]).into();
    let keys = json!([
        expecting(sign(&|_| {}), "by the hub of the roster", &[]),
        expecting(stranger, "signed by a stranger", &["not-signed-by-trusted", "wrong-hub"]),
        expecting(sign(&|k| k.household = HouseholdId([1; 16])), "another household", &["wrong-household"]),
        expecting(sign(&|k| k.hub = HubId([1; 16])), "another hub", &["wrong-hub"]),
        expecting(sign(&|k| k.device = DeviceId([1; 16])), "another device", &["wrong-device"]),
        expecting(sign(&|k| k.room = RoomId([1; 16])), "another room", &["wrong-room"]),
        expecting(sign(&|k| k.epoch = 2), "another epoch", &["wrong-room"]),
        expecting(
            sign(&|k| k.sealed_key = elsewhere.clone()),
            "sealed to somebody else",
            &["no-key", "header-changed"]
        ),
        expecting(sign(&|k| k.sealed_key = short.clone()), "31 bytes of key", &["malformed"]),
        expecting(late, "older than two minutes", &["old-key"]),
    ]);
    json!({
        "pinned": PublicKey::of(&home.owner.signing_key()),
        "roster": roster,
        "device": home.camera,
        "roomIdentity": home.room_identity().reveal_text().as_str(),
        "keys": keys,
        "key": Envelope::sign(&document, &home.hub_key()),
        "cases": frames(home.camera),
    })
}

fn frames(device: DeviceId) -> Value {
    let good = |counter: u64, flags: u8| frame(&header(device, KEY_ID, counter, flags), &KEY, b"moof mdat");
    let case = |frames: &[Vec<u8>]| {
        let frames: Vec<_> = frames.iter().cloned().map(Base64Url).collect();
        json!({ "nowUs": NOON.plus_us(30 * S), "frames": frames,
                "capturedUs": NOON, "media": Base64Url(b"moof mdat".to_vec()) })
    };
    let flipped = |at: usize| {
        let mut frame = good(0, 1);
        frame[at] ^= 1;
        case(&[frame])
    };
    let mut late = case(&[good(0, 1)]);
    late["nowUs"] = json!(NOON.plus_us(121 * S));
    let with = |device: DeviceId, id: [u8; 8], flags: u8, key: [u8; 32]| {
        case(&[frame(&header(device, id, 0, flags), &key, b"moof mdat")])
    };
    let last_bytes = good(0, 1).len();
    json!([
        expecting(case(&[good(0, 1), good(1, 2), good(2, 0), good(3, 4)]), "init, keyframe, picture, sound", &[]),
        expecting(case(&[good(0, 1), good(5, 2)]), "frames dropped on the way", &[]),
        expecting(case(&[good(0, 1), good(1, 2), good(1, 2)]), "a frame repeated", &["replayed"]),
        expecting(case(&[good(0, 1), good(2, 2), good(1, 0)]), "frames reordered", &["replayed"]),
        expecting(with(DeviceId([1; 16]), KEY_ID, 1, KEY), "another device", &["wrong-device"]),
        expecting(with(device, [9; 8], 1, KEY), "an unknown key", &["unknown-key"]),
        expecting(with(device, KEY_ID, 1, [0x5b; 32]), "sealed under another key", &["body-changed"]),
        expecting(with(device, KEY_ID, 8, KEY), "an unknown flag", &["malformed"]),
        expecting(with(device, KEY_ID, 0x81, KEY), "an unknown flag beside a known one", &["malformed"]),
        expecting(flipped(0), "another version", &["malformed"]),
        expecting(flipped(32), "counter changed", &["body-changed"]),
        expecting(flipped(33), "flags changed", &["body-changed"]),
        expecting(flipped(34), "flip in the capture time", &["body-changed"]),
        expecting(flipped(44), "flip in the media", &["body-changed"]),
        expecting(flipped(last_bytes - 1), "flip in the tag", &["body-changed"]),
        expecting(case(&[good(0, 1)[..33].to_vec()]), "shorter than its header", &["malformed", "truncated"]),
        expecting(
            case(&[good(0, 1)[..40].to_vec()]),
            "shorter than its tag",
            &["body-changed", "truncated", "malformed"]
        ),
        expecting(late, "under a key older than two minutes", &["old-key"]),
    ])
}
