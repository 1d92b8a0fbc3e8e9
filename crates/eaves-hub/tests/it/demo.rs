//! The demo camera, with the real clock: everything but the vault is what runs in a home.

use crate::home::{Home, eventually};
use eaves_domain::Timestamp;
use eaves_domain::link::LinkKind;
use eaves_domain::roster::CameraSettings;
use eaves_hub::camera::RealCameras;
use eaves_media::Moment;
use eaves_media::decoder::DecoderCommand;
use eaves_seal::{Recipient, seal_small};
use std::sync::Arc;
use std::time::{Instant, SystemTime};

#[tokio::test(flavor = "multi_thread")]
async fn demo_camera_is_shown_and_recorded() {
    let started = Instant::now();
    let clock = Arc::new(move || Moment {
        wall: Timestamp(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_micros() as i64),
        monotonic_us: started.elapsed().as_micros() as i64,
    });
    // No decoder is installed: recordings do without posters.
    let decoder = DecoderCommand { program: "/nonexistent".into(), args: vec![] };
    let mut home = Home::new();
    let wall = clock.clone();
    home.start_with(Arc::new(RealCameras::new(clock.clone(), decoder)), clock);
    home.claim_with(|home, roster| {
        let settings = serde_json::to_vec(&CameraSettings::Demo { microphone: true }).unwrap();
        let recipient = Recipient::parse(&home.own.clone().unwrap().recipient).unwrap();
        roster.devices[0].settings = seal_small(&recipient, &settings).unwrap().into();
    })
    .await;
    home.clock.step_us(eaves_media::Clock::now(&*wall).wall.since_us(eaves_media::Clock::now(&home.clock).wall));
    home.watch(1);
    eventually("a few seconds are shown", || home.vault.held().frames.len() > 60).await;
    home.stop().await;
    let links = home.has_recordings(1).await;
    let recorded = links.iter().find(|l| l.recording().is_some()).unwrap();
    assert!(recorded.end_us > recorded.start_us);
    let LinkKind::Recording { cut, parts, .. } = &recorded.kind else { unreachable!() };
    assert!(!cut);
    assert!(parts[0].body_bytes > 10_000);
    assert!(home.open_part(recorded.recording().unwrap(), "card", 1).is_some());
}
