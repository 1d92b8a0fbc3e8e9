//! The decoder child draws pictures, and can do nothing else.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod harness;

use bytes::Bytes;
use eaves_media::decoder::{DecoderCommand, DecoderError, PosterDecoder};
use eaves_media::{Opening, Source, VideoCoding};
use harness::{Recorded, TestCamera, clip, record};
use std::collections::BTreeMap;
use std::process::Command;

const CHILD: &str = env!("CARGO_BIN_EXE_eaves-media-decoder");

fn decoder() -> PosterDecoder {
    PosterDecoder::new(DecoderCommand { program: CHILD.into(), args: vec![] })
}

async fn demo() -> Recorded {
    record(Source::Demo, Opening::default(), 20).await
}

/// Width and height from the frame header of a JPEG.
fn size(jpeg: &[u8]) -> (u16, u16) {
    let at = jpeg.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    let word = |i: usize| u16::from_be_bytes([jpeg[at + i], jpeg[at + i + 1]]);
    (word(7), word(5))
}

fn attempts(args: &str) -> BTreeMap<String, String> {
    // Behind a shell that leaks a descriptor, as a careless parent would.
    let script = format!("exec 7</dev/null; exec '{CHILD}' {args}");
    let output = Command::new("/bin/sh").args(["-c", &script]).env_clear().output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let pairs = text.lines().filter_map(|line| line.split_once(' '));
    pairs.map(|(attempt, outcome)| (attempt.to_owned(), outcome.to_owned())).collect()
}

const ATTEMPTS: [&str; 11] = [
    "connect",
    "create-file",
    "exec",
    "inherited-descriptor",
    "new-socket",
    "open-file",
    "process",
    "signal-parent",
    "socket-pair",
    "thread",
    "two-gibibytes",
];

#[test]
fn the_confined_child_can_do_nothing_that_it_tries() {
    let expected: BTreeMap<_, _> = ATTEMPTS.map(|attempt| (attempt.to_owned(), "refused".to_owned())).into();
    assert_eq!(attempts("--prove"), expected);
}

#[test]
fn what_becomes_ffmpeg_can_start_threads_and_nothing_else() {
    let mut expected: BTreeMap<_, _> = ATTEMPTS.map(|attempt| (attempt.to_owned(), "refused".to_owned())).into();
    expected.insert("thread".to_owned(), "possible".to_owned());
    assert_eq!(attempts("--prove --ffmpeg"), expected);
}

#[test]
fn without_confinement_the_same_attempts_succeed() {
    let expected: BTreeMap<_, _> = ATTEMPTS.map(|attempt| (attempt.to_owned(), "possible".to_owned())).into();
    assert_eq!(attempts("--prove --unconfined"), expected);
}

#[tokio::test]
async fn keyframes_of_the_demo_camera_become_posters_from_one_child() {
    let recorded = demo().await;
    let video = recorded.tracks.unwrap().video;
    let mut decoder = decoder();
    let mut children = Vec::new();
    for _ in 0..3 {
        let jpeg = decoder.draw(video.coding, &video.configuration, &recorded.keyframes[0]).await.unwrap();
        assert_eq!(size(&jpeg), (640, 360));
        children.push(decoder.child_id().unwrap());
    }
    assert!(children.iter().all(|child| *child == children[0]), "{children:?}");
}

async fn poster_of(clip_name: &str, codec: &str) -> Result<Bytes, DecoderError> {
    let clip = clip(clip_name);
    let camera = TestCamera::start(&["--clip", clip.to_str().unwrap(), "--codec", codec, "--audio", "none"]);
    let recorded = record(camera.source("", ""), Opening::default(), 2).await;
    let video = recorded.tracks.unwrap().video;
    decoder().draw(video.coding, &video.configuration, &recorded.keyframes[0]).await
}

#[tokio::test]
async fn a_large_picture_is_scaled_to_640() {
    assert_eq!(size(&poster_of("full", "h264").await.unwrap()), (640, 360));
}

#[tokio::test]
async fn h265_is_drawn_by_a_confined_ffmpeg() {
    assert_eq!(size(&poster_of("small-h265", "h265").await.unwrap()), (640, 480));
}

#[tokio::test]
async fn garbage_truncation_and_absurd_sizes_are_errors_and_the_next_picture_is_drawn() {
    let recorded = demo().await;
    let video = recorded.tracks.unwrap().video;
    let keyframe = &recorded.keyframes[0];
    let mut decoder = decoder();
    let nal = |body: &[u8]| Bytes::from([&(body.len() as u32).to_be_bytes()[..], body].concat());

    let draw = async |decoder: &mut PosterDecoder, configuration: &Bytes, data: &Bytes| {
        decoder.draw(VideoCoding::H264, configuration, data).await
    };
    let garbage: Vec<u8> = (0..5_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for data in [Bytes::new(), nal(&garbage), nal(&[0x65]), nal(&[&[0x65][..], &garbage].concat())] {
        assert!(draw(&mut decoder, &video.configuration, &data).await.is_err());
    }
    // A NAL unit whose length says more than there is, and one that ends early.
    let cut = keyframe.slice(..keyframe.len() / 2);
    assert_eq!(draw(&mut decoder, &video.configuration, &cut).await, Err(DecoderError::Undecodable));
    let _ = draw(&mut decoder, &video.configuration, &nal(&keyframe[4..keyframe.len() / 2])).await;
    // 65 520 x 65 520 pixels: baseline profile, level 3, with the sizes as Exp-Golomb codes.
    let huge = huge_parameters();
    assert_eq!(draw(&mut decoder, &huge, keyframe).await, Err(DecoderError::TooLarge));
    // Every bit of the parameter sets flipped once.
    for bit in 0..video.configuration.len() * 8 {
        let mut configuration = video.configuration.to_vec();
        configuration[bit / 8] ^= 1 << (bit % 8);
        let _ = draw(&mut decoder, &configuration.into(), keyframe).await;
    }
    assert!(draw(&mut decoder, &video.configuration, keyframe).await.is_ok());
}

/// A decoder configuration record whose picture is 4095 macroblocks wide and high.
fn huge_parameters() -> Bytes {
    let mut bits = String::new();
    let ue = |value: u32| {
        let code = format!("{:b}", value + 1);
        format!("{}{code}", "0".repeat(code.len() - 1))
    };
    // id, frame number bits, picture order 2, one reference, no gaps.
    bits += &[ue(0), ue(0), ue(2), ue(1), "0".into()].concat();
    // Width and height in macroblocks less one; frames only; direct; no cropping, no VUI; stop bit.
    bits += &[ue(4_094), ue(4_094), "1".into(), "1".into(), "0".into(), "0".into(), "1".into()].concat();
    bits += &"0".repeat((8 - bits.len() % 8) % 8);
    let body = (0..bits.len()).step_by(8).map(|i| u8::from_str_radix(&bits[i..i + 8], 2).unwrap());
    let sps: Vec<u8> = [0x67, 66, 0, 30].into_iter().chain(body).collect();
    let record = [&[1, 66, 0, 30, 0xff, 0xe1, 0, sps.len() as u8][..], &sps, &[1, 0, 4, 0x68, 0xce, 0x3c, 0x80]];
    record.concat().into()
}

#[tokio::test]
async fn a_child_that_was_killed_is_replaced() {
    let recorded = demo().await;
    let video = recorded.tracks.unwrap().video;
    let mut decoder = decoder();
    decoder.draw(video.coding, &video.configuration, &recorded.keyframes[0]).await.unwrap();
    let first = decoder.child_id().unwrap();
    assert!(Command::new("kill").args(["-KILL", &first.to_string()]).status().unwrap().success());
    decoder.draw(video.coding, &video.configuration, &recorded.keyframes[0]).await.unwrap();
    assert_ne!(decoder.child_id(), Some(first));
}

#[tokio::test]
async fn a_child_that_never_answers_or_talks_nonsense_is_an_error() {
    let recorded = demo().await;
    let video = recorded.tracks.unwrap().video;
    for script in ["exit 0", "cat /dev/zero", "echo nonsense", "printf '\\000\\000\\000\\000\\004abcd'"] {
        let command = DecoderCommand { program: "/bin/sh".into(), args: vec!["-c".into(), script.into()] };
        let mut decoder = PosterDecoder::new(command);
        let drawn = decoder.draw(video.coding, &video.configuration, &recorded.keyframes[0]).await;
        assert_eq!(drawn, Err(DecoderError::Crashed), "{script}");
    }
}
