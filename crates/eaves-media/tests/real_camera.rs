//! Real RTSP, real bytes: what a camera sends is recorded whole, and what is recorded plays.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod harness;

use eaves_media::{Opening, RunEnd, Source, Track};
use harness::{TestCamera, clip, decoded, record};

/// Records 45 pictures (4.5 s) and checks them against what was sent.
async fn records_whole(clip_name: &str, codec: &str, audio: &str, expected: [&str; 2]) {
    let clip = clip(clip_name);
    let clip = clip.to_str().unwrap();
    let auth = ["--user", "someone", "--password", "a secret"];
    let args = [["--clip", clip], ["--codec", codec], ["--audio", audio]].concat();
    let camera = TestCamera::start(&[&args[..], &auth].concat());
    let recorded = record(camera.source("someone", "a secret"), Opening::default(), 45).await;
    assert_eq!(recorded.end, None);
    assert_eq!(recorded.files.len(), 1);

    let probed = decoded(&recorded.files[0]);
    let (video, frames, _) = &probed.streams[0];
    assert_eq!((video.as_str(), *frames), (expected[0], 45));
    assert!((4_300..4_700).contains(&recorded.ended[0].duration_ms), "{}", recorded.ended[0].duration_ms);
    let wall = recorded.ended[0].end.since_us(recorded.ended[0].start);
    assert!((wall - i64::from(recorded.ended[0].duration_ms) * 1_000).abs() < 10_000, "{wall}");
    // A keyframe every two seconds: three fragments that begin with one.
    assert_eq!(recorded.ended[0].fragments.iter().filter(|f| f.keyframe).count(), 3);
    if audio != "none" {
        let (sound, frames, _) = &probed.streams[1];
        assert_eq!(sound, expected[1]);
        // 64 ms each, give or take what came before the first picture and after the last.
        assert!((60..=75).contains(frames), "{frames}");
    }

    // The same as single frames.
    let live: Vec<u8> = recorded.live.iter().flat_map(|frame| frame.pieces.to_bytes()).collect();
    let init = &recorded.files[0][..recorded.ended[0].init_bytes as usize];
    let probed = decoded(&[init, &live].concat());
    assert_eq!(probed.streams[0].1, 45);
}

#[tokio::test]
async fn h264_and_aac_are_recorded_whole() {
    records_whole("small", "h264", "aac", ["h264", "aac"]).await;
}

#[tokio::test]
async fn g711_is_recorded_as_flac() {
    records_whole("small", "h264", "pcmu", ["h264", "flac"]).await;
    records_whole("small", "h264", "pcma", ["h264", "flac"]).await;
}

#[tokio::test]
async fn h265_is_recorded_whole() {
    records_whole("small-h265", "h265", "none", ["hevc", ""]).await;
}

#[tokio::test]
async fn pictures_that_come_in_another_order_are_recorded_in_the_right_one() {
    let clip = clip("reordered");
    let camera = TestCamera::start(&["--clip", clip.to_str().unwrap(), "--audio", "none"]);
    let recorded = record(camera.source("", ""), Opening::default(), 60).await;
    assert!(recorded.samples.windows(2).any(|pair| pair[1].time < pair[0].time), "the clip has B-frames");
    assert_eq!(decoded(&recorded.files[0]).streams[0].1, 60);
}

#[tokio::test]
async fn basic_authentication_works_and_a_wrong_password_is_told() {
    let clip = clip("small");
    let auth = ["--user", "someone", "--password", "a secret", "--basic"];
    let camera = TestCamera::start(&[&["--clip", clip.to_str().unwrap(), "--audio", "none"], &auth[..]].concat());
    assert_eq!(record(camera.source("someone", "a secret"), Opening::default(), 5).await.end, None);
    for (user, password) in [("someone", "wrong"), ("", "")] {
        let recorded = record(camera.source(user, password), Opening::default(), 5).await;
        assert_eq!(recorded.end, Some(RunEnd::CredentialsRefused));
    }
}

#[tokio::test]
async fn a_changed_picture_size_ends_the_run_and_the_next_one_has_it() {
    let (clip, sub) = (clip("small"), clip("tiny"));
    let args = ["--clip", clip.to_str().unwrap(), "--sub", sub.to_str().unwrap(), "--audio", "none"];
    let camera = TestCamera::start(&[&args[..], &["--change-params", "3"]].concat());
    let recorded = record(camera.source("", ""), Opening::default(), 400).await;
    assert_eq!(recorded.end, Some(RunEnd::ParametersChanged));
    let frames = decoded(&recorded.files[0]).streams[0].1;
    assert!((30..=60).contains(&frames), "{frames}");
}

#[tokio::test]
async fn late_sound_ends_the_run_and_the_next_one_waits_for_it() {
    let clip = clip("small");
    let camera = TestCamera::start(&["--clip", clip.to_str().unwrap(), "--audio", "aac", "--late-audio", "3"]);
    let recorded = record(camera.source("", ""), Opening::default(), 400).await;
    assert_eq!(recorded.end, Some(RunEnd::AudioAppeared));
    assert_eq!(recorded.tracks.unwrap().audio, None);
    decoded(&recorded.files[0]);

    let opening = Opening::default().after(RunEnd::AudioAppeared);
    let recorded = record(camera.source("", ""), opening, 45).await;
    assert_eq!(recorded.end, None);
    assert!(recorded.tracks.as_ref().unwrap().audio.is_some());
    assert!(recorded.frames(Track::Audio) > 10);
    decoded(&recorded.files[0]);
}

#[tokio::test]
async fn a_camera_that_dies_ends_the_stream_and_one_that_freezes_stalls() {
    let clip = clip("small");
    let args = ["--clip", clip.to_str().unwrap(), "--audio", "none"];
    let camera = TestCamera::start(&args);
    let source = camera.source("", "");
    let run = tokio::spawn(record(source.clone(), Opening::default(), 400));
    // Long enough to be playing: the other camera takes ten seconds to be noticed.
    let frozen = TestCamera::start(&args);
    let stalled = tokio::spawn(record(frozen.source("", ""), Opening::default(), 400));
    assert_eq!(record(frozen.source("", ""), Opening::default(), 20).await.end, None);
    frozen.signal("-STOP");
    let stalled = stalled.await.unwrap();
    assert_eq!(stalled.end, Some(RunEnd::CameraStalled { track: Track::Video }));
    assert!(decoded(&stalled.files[0]).streams[0].1 > 10);

    camera.signal("-KILL");
    let run = run.await.unwrap();
    assert_eq!(run.end, Some(RunEnd::StreamEnded));
    decoded(&run.files[0]);
    assert_eq!(record(source, Opening::default(), 5).await.end, Some(RunEnd::CameraUnreachable));
}

#[tokio::test]
async fn a_path_that_does_not_exist_is_told() {
    let clip = clip("small");
    let camera = TestCamera::start(&["--clip", clip.to_str().unwrap(), "--audio", "none"]);
    let elsewhere = camera.url.replace("/cam", "/elsewhere");
    let source: Source = harness::source(&elsewhere, "", "");
    assert_eq!(record(source, Opening::default(), 5).await.end, Some(RunEnd::PathNotFound));
}

#[tokio::test]
async fn a_live_encoder_is_recorded_as_it_draws() {
    let camera = TestCamera::start(&["--clock", "--size", "640x360", "--fps", "25", "--audio", "aac"]);
    let recorded = record(camera.source("", ""), Opening::default(), 60).await;
    assert_eq!(recorded.end, None);
    assert_eq!(decoded(&recorded.files[0]).streams[0].1, 60);
}

#[tokio::test]
async fn the_demo_camera_begins_at_once_and_plays() {
    let recorded = record(Source::Demo, Opening::default(), 40).await;
    let probed = decoded(&recorded.files[0]);
    assert_eq!((probed.streams[0].0.as_str(), probed.streams[0].1), ("h264", 40));
    assert_eq!(probed.streams[1].0, "aac");
    // Up to a second was there already.
    let first = recorded.samples.iter().find(|sample| sample.track == Track::Video).unwrap();
    assert!(first.keyframe);
}
