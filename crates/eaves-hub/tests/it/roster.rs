//! Following the roster, and refusing what does not follow.

use crate::home::{CAMERA, Home, eventually, gaps, is_whole, room_identity};
use eaves_api::channel::ToHub;
use eaves_domain::envelope::Envelope;
use eaves_domain::link::{GapCause, LinkKind};
use eaves_hub::event::Event;
use ed25519_dalek::SigningKey;

#[tokio::test(flavor = "multi_thread")]
async fn new_room_key_holds_at_once_and_costs_no_footage() {
    let mut home = Home::recording().await;
    home.cameras.frame_bytes = 100;
    home.film(21).await;
    home.change_roster(|roster| {
        roster.rooms[0].epoch = 2;
        roster.rooms[0].recipient = room_identity(2).recipient().to_text();
    });
    home.has_recordings(1).await;
    home.film(20).await;
    home.stop().await;
    let links = home.has_recordings(2).await;
    let recordings: Vec<_> = links.iter().filter(|l| l.recording().is_some()).collect();
    assert_eq!(recordings.iter().map(|l| l.epoch).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(recordings[1].start_us, recordings[0].end_us, "not a picture between them");
    assert_eq!(home.cameras.opened(), 1, "the camera noticed nothing");
    let second = recordings[1].recording().unwrap();
    assert!(home.open_part(second, "media", 2).is_some());
    assert!(home.open_part(second, "media", 1).is_none(), "whoever holds only the old key opens nothing new");
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_roster_with_the_vaults_room_key_is_refused_and_recording_goes_on() {
    let mut home = Home::recording().await;
    home.cameras.frame_bytes = 100;
    home.film(10).await;
    // The vault would like recordings sealed to a key of its own.
    let (mut roster, first) = home.roster.clone().unwrap();
    roster.version = 2;
    roster.previous = Some(first.payload_digest());
    roster.rooms[0].recipient = room_identity(66).recipient().to_text();
    let forged = Envelope::sign(&roster, &SigningKey::from_bytes(&[66; 32]));
    home.vault.held().rosters = vec![first.clone(), forged];
    home.vault.tell(ToHub::RosterChanged);
    let refused = || home.events.lock().unwrap().iter().any(|e| matches!(e, Event::RosterRefused(_)));
    eventually("the roster is refused", refused).await;
    home.film(20).await;
    home.stop().await;
    let links = home.has_recordings(1).await;
    assert_eq!(home.cameras.opened(), 1);
    for recording in links.iter().filter_map(eaves_domain::link::Link::recording) {
        assert!(home.open_part(recording, "media", 1).is_some());
        assert!(home.open_part(recording, "media", 66).is_none());
    }
    assert!(links.iter().all(|l| l.roster == 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn camera_that_is_removed_is_no_longer_spoken_to_and_its_recording_is_kept() {
    let mut home = Home::recording().await;
    home.film(20).await;
    home.change_roster(|roster| roster.devices.clear());
    eventually("the camera is let go", || !home.cameras.is_connected()).await;
    let links = home.has_recordings(1).await;
    assert!(is_whole(&links));
    home.clock.pass_us(50_000_000);
    let first = home.first_roster();
    home.change_roster(|roster| roster.devices = first.devices);
    eventually("the camera is back", || home.cameras.is_connected()).await;
    home.film(20).await;
    home.stop().await;
    let links = home.has_recordings(2).await;
    assert!(is_whole(&links), "{links:?}");
    assert!(gaps(&links).contains(&GapCause::CameraChanged));
}

#[tokio::test(flavor = "multi_thread")]
async fn shorter_lifetime_holds_for_what_is_recorded_next() {
    let mut home = Home::recording().await;
    home.film(20).await;
    home.change_roster(|r| r.rooms[0].lifetimes.continuous_days = eaves_domain::Days::new(1).unwrap());
    home.has_recordings(1).await;
    home.film(20).await;
    home.stop().await;
    let links = home.has_recordings(2).await;
    let days: Vec<_> = links
        .iter()
        .filter_map(|l| match l.kind {
            LinkKind::Recording { keep_until_us, .. } => Some(keep_until_us.since_us(l.end_us) / 86_400_000_000),
            LinkKind::Gap { .. } => None,
        })
        .collect();
    assert_eq!(days, [3, 1]);
    assert_eq!(home.vault.links(CAMERA).len(), links.len());
}
