//! Live frames.

use crate::judge::open;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _};
use eaves_domain::live::FrameHeader;
use eaves_domain::{DeviceId, Timestamp};
use eaves_seal::{FrameFlags, LiveSealer, Recipient};

const SEED: [u8; 32] = [9; 32];

#[test]
fn frames_open_under_the_sealed_key_and_count_from_zero() {
    let device = DeviceId([3; 16]);
    let (mut sealer, sealed_key) = LiveSealer::new(device, &Recipient::of_seed(&SEED)).unwrap();
    let key: [u8; 32] = open(&SEED, &sealed_key).unwrap().try_into().unwrap();
    let cipher = ChaCha20Poly1305::new((&key).into());
    for counter in 0..5_u64 {
        let flags = FrameFlags { is_init: counter == 0, is_keyframe: counter == 1, is_audio: counter == 2 };
        let frame = sealer.seal(Timestamp(1_234_567), flags, b"moof").unwrap();
        let header = FrameHeader::parse(&frame).unwrap();
        assert_eq!((header.device, header.key, header.counter), (device, sealer.key_id(), counter));
        assert_eq!((header.is_init, header.is_keyframe, header.is_audio), (counter == 0, counter == 1, counter == 2));
        let (clear, sealed) = frame.split_at(FrameHeader::BYTES);
        let nonce = [&[0; 4][..], &counter.to_be_bytes()].concat();
        let nonce: [u8; 12] = nonce.try_into().unwrap();
        let opened = cipher.decrypt((&nonce).into(), Payload { msg: sealed, aad: clear }).unwrap();
        assert_eq!(opened, [&1_234_567_i64.to_be_bytes()[..], b"moof"].concat());
    }
}

#[test]
fn every_live_sealer_has_a_key_of_its_own() {
    let make = || LiveSealer::new(DeviceId([3; 16]), &Recipient::of_seed(&SEED)).unwrap();
    let ((one, one_key), (two, two_key)) = (make(), make());
    assert_ne!(one.key_id(), two.key_id());
    assert_ne!(open(&SEED, &one_key).unwrap(), open(&SEED, &two_key).unwrap());
    assert_eq!(format!("{one:?}"), "[redacted]");
}
