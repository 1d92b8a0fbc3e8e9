//! From a camera to the vault.

use crate::home::{CAMERA, Home, eventually, gaps, is_whole};
use eaves_api::channel::DeviceState;
use eaves_domain::link::{GapCause, LinkKind, PartKind};
use eaves_media::RunEnd;
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn recordings_of_a_run_follow_each_other_and_open_with_the_rooms_key() {
    let mut home = Home::recording().await;
    home.cameras.frame_bytes = 100;
    home.film(130).await;
    let links = home.has_recordings(2).await;
    assert!(is_whole(&links), "{links:?}");
    let recordings: Vec<_> = links.iter().filter(|l| l.recording().is_some()).collect();
    let LinkKind::Recording { recording, parts, cut, run, .. } = &recordings[0].kind else { unreachable!() };
    assert!(!cut);
    assert_eq!(parts.iter().map(|p| p.part).collect::<Vec<_>>(), PartKind::ALL);
    let LinkKind::Recording { run: second, .. } = &recordings[1].kind else { unreachable!() };
    assert_eq!(run, second);
    assert_eq!(recordings[1].start_us, recordings[0].end_us, "not a frame between them");

    let media = home.open_part(*recording, "media", 1).unwrap();
    assert_eq!(&media[4..8], b"ftyp");
    let card: Value = serde_json::from_slice(&home.open_part(*recording, "card", 1).unwrap()).unwrap();
    assert_eq!(card["codecs"], "avc1.4d401f, mp4a.40.2");
    assert_eq!(card["startUs"], recordings[0].start_us.as_us());
    let mut next = card["initBytes"].as_u64().unwrap();
    for fragment in card["fragments"].as_array().unwrap() {
        assert_eq!(fragment["offset"].as_u64().unwrap(), next);
        assert_eq!(&media[next as usize + 4..next as usize + 8], b"moof");
        next += fragment["bytes"].as_u64().unwrap();
    }
    assert_eq!(next as usize, media.len());
    assert!(home.open_part(*recording, "poster", 1).unwrap().starts_with(b"\xff\xd8"));
    assert!(home.cameras.drawn()[0].starts_with(crate::camera::CANARY), "drawn from a keyframe");
    assert!(home.open_part(*recording, "card", 2).is_none(), "another epoch opens nothing");
    home.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn camera_that_stalls_leaves_a_gap_with_its_cause_and_its_exact_length() {
    let mut home = Home::recording().await;
    home.film(20).await;
    home.cameras.end(RunEnd::CameraStalled { track: eaves_media::Track::Video }).await;
    let links = home.has_recordings(1).await;
    let stalled_from = links.last().unwrap().end_us;
    let down = DeviceState::Down { cause: GapCause::CameraStalled };
    eventually("the state is told", || home.vault.held().states.contains(&down)).await;
    home.clock.pass_us(42_000_000);
    eventually("the camera is connected again", || home.cameras.opened() == 2).await;
    home.film(20).await;
    home.stop().await;
    let links = home.has_recordings(2).await;
    assert!(is_whole(&links), "{links:?}");
    let gap = links.iter().find(|l| l.kind == LinkKind::Gap { cause: GapCause::CameraStalled }).unwrap();
    assert_eq!(gap.start_us, stalled_from);
    assert!((42_000_000..45_000_000).contains(&gap.end_us.since_us(gap.start_us)), "{gap:?}");
    assert!(home.vault.held().states.contains(&DeviceState::Recording));
}

#[tokio::test(flavor = "multi_thread")]
async fn microphone_that_is_off_is_heard_by_nobody() {
    let mut home = Home::recording().await;
    home.cameras.frame_bytes = 100;
    let settings = home.settings(false);
    home.change_roster(|roster| roster.devices[0].settings = settings);
    eventually("the camera is connected anew", || home.cameras.opened() == 2).await;
    home.film(20).await;
    home.stop().await;
    let links = home.has_recordings(1).await;
    let recording = links.iter().find_map(eaves_domain::link::Link::recording).unwrap();
    let card: Value = serde_json::from_slice(&home.open_part(recording, "card", 1).unwrap()).unwrap();
    assert_eq!(card["codecs"], "avc1.4d401f");
    let media = home.open_part(recording, "media", 1).unwrap();
    assert!(!media.windows(4).any(|w| w == b"mp4a" || w == b"soun"));
}

#[tokio::test(flavor = "multi_thread")]
async fn full_disk_stops_recordings_but_not_the_live_picture() {
    let mut home = Home::new();
    home.config.free_bytes_min = u64::MAX;
    home.start();
    home.claim().await;
    home.is_up().await;
    home.watch(1);
    home.film_until("somebody is shown pictures", || !home.vault.held().frames.is_empty()).await;
    home.film(10).await;
    home.stop().await;
    let links = home.vault.links(CAMERA);
    assert!(links.iter().all(|l| l.recording().is_none()), "{links:?}");
    home.clock.pass_us(1);
    assert!(home.vault.held().states.contains(&DeviceState::Down { cause: GapCause::DiskFull }));
}

#[tokio::test(flavor = "multi_thread")]
async fn hub_that_was_stopped_and_started_says_so_and_goes_on() {
    let mut home = Home::recording().await;
    home.film(20).await;
    home.stop().await;
    let links = home.has_recordings(1).await;
    home.clock.pass_us(30_000_000);
    home.start();
    eventually("the camera is connected again", || home.cameras.opened() == 2).await;
    home.film(20).await;
    home.stop().await;
    let after = home.has_recordings(2).await;
    assert!(is_whole(&after), "{after:?}");
    assert_eq!(after[..links.len()], links[..], "the chain goes on where it was");
    assert!(gaps(&after).contains(&GapCause::HubStopped));
    assert!(!gaps(&after).contains(&GapCause::HubInterrupted));
    let waiting = std::fs::read_dir(home.config.dir.join("spool").join(CAMERA.to_hex())).unwrap().count();
    assert_eq!(waiting, 1, "only the chain's head is left on the hub");
}

#[tokio::test(flavor = "multi_thread")]
async fn hub_that_starts_in_the_past_waits_for_its_clock() {
    const DAYS_US: i64 = 20_000 * 86_400_000_000;
    let mut home = Home::recording().await;
    home.film(20).await;
    home.stop().await;
    home.clock.step_us(-DAYS_US);
    home.start();
    eventually("the hub is connected", || home.vault.is_connected()).await;
    assert_eq!(home.cameras.opened(), 1, "nothing is recorded that would be too old at once");
    home.clock.step_us(DAYS_US);
    eventually("the camera is connected again", || home.cameras.opened() == 2).await;
    home.film(20).await;
    home.stop().await;
    let links = home.has_recordings(2).await;
    assert!(is_whole(&links), "{links:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn clock_that_is_moved_back_is_announced_and_costs_no_footage() {
    let mut home = Home::recording().await;
    home.film(20).await;
    home.clock.step_us(-3_600_000_000);
    home.cameras.end(RunEnd::ClockStepped).await;
    eventually("the camera is connected again", || home.cameras.opened() == 2).await;
    home.film(20).await;
    home.stop().await;
    let links = home.has_recordings(2).await;
    let mark = links.iter().position(|l| l.kind == LinkKind::Gap { cause: GapCause::ClockStepped }).unwrap();
    assert_eq!(links[mark].start_us, links[mark].end_us);
    assert!(is_whole(&links[..mark]) && is_whole(&links[mark..]), "{links:?}");
    assert!(links[mark + 1].recording().is_some() && links[mark + 1].end_us < links[mark - 1].end_us);
}
