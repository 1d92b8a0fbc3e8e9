//! Live pictures: sealed, in order, and only while somebody watches.

use crate::camera::{CANARY, SMALL};
use crate::home::{CAMERA, Home, eventually, room_identity};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use eaves_domain::live::{FrameHeader, LiveKey};
use std::collections::BTreeMap;

/// Opens every frame with the keys that came, and checks what a reader checks.
fn open_all(keys: &[LiveKey], frames: &[Vec<u8>], epoch: u8) -> Vec<(FrameHeader, i64, Vec<u8>)> {
    let secrets: BTreeMap<_, _> = keys
        .iter()
        .map(|key| (key.key.0, room_identity(epoch).open_letter(&key.sealed_key.0).expect("sealed to the room")))
        .collect();
    let mut last = BTreeMap::new();
    let mut opened = Vec::new();
    for frame in frames {
        let header = FrameHeader::parse(frame).unwrap();
        assert_eq!(header.device, CAMERA);
        let expected = last.get(&header.key.0).map_or(0, |n| n + 1);
        assert!(header.counter >= expected, "counters only grow");
        assert_eq!(header.is_init, header.counter == 0, "a key begins with an init segment");
        last.insert(header.key.0, header.counter);
        let cipher = ChaCha20Poly1305::new(Key::from_slice(&secrets[&header.key.0]));
        let payload = Payload { msg: &frame[FrameHeader::BYTES..], aad: &frame[..FrameHeader::BYTES] };
        let plain = cipher.decrypt(Nonce::from_slice(&header.nonce()), payload).expect("opens");
        let captured = i64::from_be_bytes(plain[..8].try_into().unwrap());
        opened.push((header, captured, plain[8..].to_vec()));
    }
    opened
}

#[tokio::test(flavor = "multi_thread")]
async fn watcher_gets_everything_since_the_last_keyframe_and_then_each_frame() {
    let mut home = Home::recording().await;
    home.film(21).await;
    home.has_recordings(0).await;
    assert!(home.vault.held().frames.is_empty(), "nobody watches, nothing is sent");
    let watch = home.watch(1);
    eventually("frames come before the camera sends another", || !home.vault.held().frames.is_empty()).await;
    home.film(5).await;
    eventually("five seconds are shown", || home.vault.held().frames.len() >= 50).await;
    home.unwatch(&[watch]);
    home.stop().await;
    let held = home.vault.held();
    let opened = open_all(&held.keys, &held.frames, 1);
    assert_eq!(held.keys.len(), 1);
    assert_eq!(held.keys[0].codecs, "avc1.4d401f, mp4a.40.2");
    assert_eq!(&opened[0].2[4..8], b"ftyp");
    assert!(opened[1].0.is_keyframe);
    assert!(opened[1..].iter().all(|(_, _, media)| &media[4..8] == b"moof"));
    assert!(opened[1..].iter().any(|(_, _, media)| media.windows(CANARY.len()).any(|w| w == CANARY)));
    assert!(opened[1..].windows(2).all(|pair| pair[0].1 <= pair[1].1 + 200_000), "capture times go on");
    assert!(held.frames.iter().all(|f| !f.windows(CANARY.len()).any(|w| w == CANARY)), "nothing in clear");
}

#[tokio::test(flavor = "multi_thread")]
async fn camera_that_is_watched_before_the_hub_knows_it_is_shown_as_soon_as_it_films() {
    let mut home = Home::new();
    home.start();
    eventually("the hub introduces itself", || home.vault.is_connected()).await;
    // The app watches a camera the moment it has added it; its roster may come down later than the wish.
    home.watch(1);
    home.claim().await;
    home.is_up().await;
    home.film_until("somebody watches", || !home.vault.held().frames.is_empty()).await;
    home.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn key_is_replaced_within_a_minute_and_at_once_when_the_room_changes() {
    let mut home = Home::recording().await;
    home.watch(1);
    home.film_until("somebody watches", || !home.vault.held().frames.is_empty()).await;
    home.film(100).await;
    eventually("a hundred seconds are shown", || home.vault.held().frames.len() >= 1000).await;
    let before = {
        let held = home.vault.held();
        let opened = open_all(&held.keys, &held.frames, 1);
        let mut spans: BTreeMap<[u8; 8], (i64, i64)> = BTreeMap::new();
        for (header, captured, _) in opened.iter().filter(|(h, ..)| !h.is_init) {
            let span = spans.entry(header.key.0).or_insert((*captured, *captured));
            span.1 = *captured;
        }
        assert!(spans.len() >= 3);
        assert!(spans.values().all(|(from, to)| to - from <= 60_000_000), "{spans:?}");
        held.keys.len()
    };
    home.change_roster(|roster| {
        roster.rooms[0].epoch = 2;
        roster.rooms[0].recipient = room_identity(2).recipient().to_text();
    });
    home.film_until("there is a key for the new epoch", || home.vault.held().keys.len() > before).await;
    let new = home.vault.held().keys.last().unwrap().clone();
    assert_eq!(new.epoch, 2);
    assert!(room_identity(2).open_letter(&new.sealed_key.0).is_ok());
    assert!(room_identity(1).open_letter(&new.sealed_key.0).is_err());
    home.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sub_stream_is_shown_and_drawn_and_the_main_stream_is_recorded() {
    let mut home = Home::recording().await;
    let settings = home.settings_with_sub(true, Some("rtsp://camera.invalid/sub".into()));
    home.change_roster(|roster| roster.devices[0].settings = settings);
    eventually("both streams run", || home.cameras.opened() == 2 && home.cameras.has_sub()).await;
    home.watch(1);
    eventually("the hub has heard it", || home.state().is_some_and(|state| !state.watching.is_empty())).await;
    for _ in 0..8 {
        home.cameras.film_sub().await;
        home.film(2).await;
    }
    eventually("the small picture is shown", || home.vault.held().frames.len() > 4).await;
    home.stop().await;
    let held = home.vault.held();
    let shows = |media: &[u8], word: &[u8]| media.windows(word.len()).any(|w| w == word);
    let last_key = held.keys.last().unwrap().key;
    let opened = open_all(&held.keys, &held.frames, 1);
    let shown: Vec<_> = opened.iter().filter(|(h, ..)| h.key == last_key && !h.is_init).collect();
    assert!(!shown.is_empty() && shown.iter().all(|(_, _, media)| shows(media, SMALL) && !shows(media, CANARY)));
    assert!(home.cameras.drawn().iter().any(|keyframe| keyframe.as_ref() == SMALL));
    drop(held);
    assert!(home.vault.links(CAMERA).iter().any(|link| link.recording().is_some()));
}
