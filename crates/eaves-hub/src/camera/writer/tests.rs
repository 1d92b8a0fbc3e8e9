//! A writer whose process is killed at every single step on the disk: whatever reaches the chain opens, to whole groups
//! of pictures, and nothing on the disk is in clear.

use super::*;
use crate::durable::Disk;
use crate::durable::faulty::{Fault, FaultyDisk};
use crate::spool::store::{Spool, SpoolLimits};
use crate::spool::{Item, ItemKind, SpooledPart};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use eaves_domain::{DeviceId, Digest};
use hkdf::Hkdf;
use hpke::kem::XWing;
use hpke::{Deserializable, Kem, OpModeR};
use sha2::Sha256;
use std::path::PathBuf;

const DEVICE: DeviceId = DeviceId([4; 16]);
const SEED: [u8; 32] = [8; 32];
const CANARY: &[u8] = b"a-picture-of-the-garden";
const START: Timestamp = Timestamp(1_700_000_000_000_000);

/// Opens a part as the specification says, with the room's seed. A cut body may lack its last chunk.
fn open(header: &[u8], body: &[u8], cut: bool) -> Vec<u8> {
    let text = std::str::from_utf8(header).unwrap();
    let (enc, rest) = text.split_once("-> mlkem768x25519 ").unwrap().1.split_once('\n').unwrap();
    let wrapped = rest.lines().next().unwrap().to_owned();
    let decode = |text: &str| BASE64_STANDARD_NO_PAD.decode(text).unwrap();
    let file_key = hpke::single_shot_open::<hpke::aead::ChaCha20Poly1305, hpke::kdf::HkdfSha256, XWing>(
        &OpModeR::Base,
        &<XWing as Kem>::PrivateKey::from_bytes(&SEED).unwrap(),
        &<XWing as Kem>::EncappedKey::from_bytes(&decode(enc)).unwrap(),
        b"age-encryption.org/mlkem768x25519",
        &decode(&wrapped),
        b"",
    )
    .expect("the room's key opens it");
    let (nonce, chunks) = body.split_at(16);
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(Some(nonce), &file_key).expand(b"payload", &mut key).unwrap();
    let cipher = ChaCha20Poly1305::new(Key::from_slice(&key));
    let mut plain = Vec::new();
    let count = chunks.len().div_ceil(SEALED_CHUNK as usize);
    for (at, chunk) in chunks.chunks(SEALED_CHUNK as usize).enumerate() {
        let mut nonce = [0; 12];
        nonce[3..11].copy_from_slice(&(at as u64).to_be_bytes());
        nonce[11] = u8::from(!cut && at + 1 == count);
        plain.extend(cipher.decrypt(Nonce::from_slice(&nonce), chunk).expect("every chunk opens"));
    }
    plain
}

/// A group of pictures: a box that says how long it is, so that a reader can walk.
fn fragment(number: u32, bytes: usize) -> Fragment {
    let mut data = vec![number as u8; bytes];
    data[..4].copy_from_slice(&(bytes as u32).to_be_bytes());
    data[4..8].copy_from_slice(b"moof");
    data[8..8 + CANARY.len()].copy_from_slice(CANARY);
    let entry = FragmentEntry {
        offset: 100 + u64::from(number) * bytes as u64,
        bytes: bytes as u32,
        start_ms: number * 2000,
        duration_ms: 2000,
        keyframe: true,
    };
    Fragment { entry, pieces: [Bytes::from(data)].into_iter().collect(), keyframe: None }
}

fn spool(disk: &FaultyDisk) -> io::Result<Arc<Spool>> {
    let limits = SpoolLimits { bytes_max: u64::MAX, uploads_max: 1 };
    Ok(Arc::new(Spool::open(Arc::new(disk.clone()), PathBuf::from("/spool"), limits)?))
}

/// Records two recordings of five groups of pictures; stops wherever the disk dies.
fn record(disk: &FaultyDisk, bytes: usize) -> io::Result<()> {
    let plan = Arc::new(Plan::example(DEVICE, SEED));
    let recorder = Recorder::open(spool(disk)?, DEVICE, plan.place, START, GapCause::HubInterrupted)?;
    let mut writer = Writer::new(recorder, plan, Arc::default());
    for recording in 0..2_i64 {
        let start = START.plus_us(recording * 10_000_000);
        let about = About { codecs: "avc1.4d401f".into(), width: 640, height: 360 };
        let mut init = vec![0; 100];
        init[4..8].copy_from_slice(b"ftyp");
        writer.handle(Input::Began { start, init: init.into(), run: RunId([1; 16]), about });
        let fragments: Vec<_> = (0..5).map(|number| fragment(number, bytes)).collect();
        for fragment in &fragments {
            writer.handle(Input::Fragment(fragment.clone()));
        }
        let (poster, drawn) = oneshot::channel();
        poster.send(Some(Bytes::from_static(b"\xff\xd8 poster"))).unwrap();
        let recording = Recording {
            start,
            end: start.plus_us(10_000_000),
            duration_ms: 10_000,
            init_bytes: 100,
            bytes: 100 + 5 * bytes as u64,
            fragments: fragments.iter().map(|f| f.entry).collect(),
        };
        writer.handle(Input::Ended { recording, poster: Some(drawn) });
    }
    Ok(())
}

fn body(spool: &Spool, item: &Item, part: &SpooledPart) -> Vec<u8> {
    let read = |(offset, len): &(u64, u64)| spool.read_body(DEVICE, item.seq, *offset, *len as usize).unwrap();
    part.extents.iter().flat_map(read).collect()
}

/// Opens everything that waits in the spool after a restart; returns whole and cut recordings.
fn check(disk: &FaultyDisk, bytes: usize) -> (usize, usize) {
    for path in disk.paths() {
        let file = disk.read(&path).unwrap();
        for word in [CANARY, b"moof", b"ftyp", b" poster"] {
            assert!(!file.windows(word.len()).any(|w| w == word), "{path:?} holds something in clear");
        }
    }
    let spool = spool(disk).unwrap();
    let (mut whole, mut cut) = (0, 0);
    while let Some((_, entry, record)) = spool.start_uploads(i64::MAX).pop() {
        let item = spool.item(DEVICE, entry.seq).unwrap();
        if let ItemKind::Recording(recording) = &item.kind {
            for part in &recording.parts {
                let body = body(&spool, &item, part);
                assert_eq!(Digest::of(&body), part.part.body);
                let plain = open(&part.header.0, &body, recording.cut && part.part.part == PartKind::Media);
                if part.part.part == PartKind::Media {
                    // Whole groups of pictures for as long as the link says.
                    let seconds = item.end_us.since_us(item.start_us) / 1_000_000;
                    assert_eq!(&plain[4..8], b"ftyp");
                    for number in 0..seconds as usize / 2 {
                        let at = 100 + number * bytes;
                        assert_eq!(&plain[at + 4..at + 8], b"moof");
                        assert!(plain.len() >= at + bytes, "group {number} is whole");
                    }
                }
            }
            *if recording.cut { &mut cut } else { &mut whole } += 1;
        }
        let head = eaves_domain::link::ChainHead { next_index: record.head.next_index + 1, digest: None };
        spool.uploaded(DEVICE, entry.seq, head);
    }
    (whole, cut)
}

#[test]
fn process_killed_at_any_step_leaves_only_recordings_that_open() {
    for bytes in [40_000, 200_000] {
        let disk = FaultyDisk::default();
        record(&disk, bytes).unwrap();
        let steps = disk.steps();
        assert_eq!(check(&disk, bytes), (2, 0));
        let (mut cuts, mut most_whole) = (0, 0);
        for step in 0..steps {
            for luck in [0, 1, 2] {
                let disk = FaultyDisk::default();
                disk.inject(step, Fault::Dead);
                let _ = record(&disk, bytes);
                let mut n = luck;
                disk.power_cut(|limit| {
                    n = n * 7 + 3;
                    match luck {
                        0 => 0,
                        1 => limit - 1,
                        _ => n % limit,
                    }
                });
                let (whole, cut) = check(&disk, bytes);
                assert!(cut <= 1, "only the last one can have been interrupted");
                cuts += cut;
                most_whole = most_whole.max(whole);
            }
        }
        assert!(cuts > 5, "the test cuts recordings: {cuts}");
        assert!(most_whole >= 1);
    }
}

#[test]
fn killed_process_loses_a_chunk_and_a_piece_but_no_group_of_pictures() {
    const PIECE: usize = 20_000;
    let disk = FaultyDisk::default();
    let plan = Arc::new(Plan::example(DEVICE, SEED));
    let recorder = Recorder::open(spool(&disk).unwrap(), DEVICE, plan.place, START, GapCause::HubInterrupted).unwrap();
    let mut writer = Writer::new(recorder, plan, Arc::default());
    let about = About { codecs: "avc1.4d401f".into(), width: 640, height: 360 };
    writer.handle(Input::Began { start: START, init: vec![0; 100].into(), run: RunId([1; 16]), about });
    // One long group of pictures, in pieces; its end never comes.
    for number in 0..34 {
        let mut piece = fragment(number, PIECE);
        piece.entry.keyframe = number == 0;
        writer.handle(Input::Fragment(piece));
        let lost = number as usize + 1 - pieces_kept(&disk.copy());
        assert!(lost * PIECE <= CHUNK as usize + PIECE, "{lost} pieces lost after {number}");
    }
    let unplugged = disk.copy();
    unplugged.power_cut(|_| 0);
    assert!(pieces_kept(&unplugged) > 20, "a long group is flushed now and then: {}", pieces_kept(&unplugged));
}

/// Pieces of the recording that a restart finds on this disk.
fn pieces_kept(disk: &FaultyDisk) -> usize {
    let spool = spool(disk).unwrap();
    let found = spool.start_uploads(i64::MAX).pop();
    found.map_or(0, |(_, entry, _)| entry.end.since_us(entry.start) as usize / 2_000_000)
}

#[test]
fn card_tells_where_playing_can_start() {
    let entry = |offset, keyframe| FragmentEntry { offset, bytes: 10, start_ms: 0, duration_ms: 5, keyframe };
    let card = playable(&[entry(100, true), entry(110, false), entry(120, true)]);
    let spans: Vec<_> = card.iter().map(|f| (f.offset, f.bytes, f.duration_ms)).collect();
    assert_eq!(spans, [(100, 20, 10), (120, 10, 5)]);
}
