//! A vault that is away, forgets, lies or loses answers; a hub that is killed.

use crate::home::{CAMERA, Home, eventually, gaps, is_whole};
use eaves_domain::link::{ChainHead, GapCause, LinkKind};
use eaves_hub::event::Event;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_recorded_while_the_vault_was_away_reaches_it_later_in_order() {
    let mut home = Home::recording().await;
    home.film(70).await;
    home.has_recordings(1).await;
    home.vault.set_away(true);
    home.film(200).await;
    home.vault.set_away(false);
    // The back-off runs on the test's clock.
    eventually("everything arrives", || {
        home.clock.pass_us(1_000_000);
        home.vault.links(CAMERA).iter().filter(|l| l.recording().is_some()).count() >= 4
    })
    .await;
    home.stop().await;
    let links = home.vault.links(CAMERA);
    assert!(is_whole(&links), "{links:?}");
    assert!(!gaps(&links).contains(&GapCause::SpoolFull));
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_answer_makes_no_second_link() {
    let mut home = Home::recording().await;
    home.vault.held().lose_answers = 3;
    home.film(130).await;
    eventually("everything arrives", || {
        home.clock.pass_us(500_000);
        home.vault.links(CAMERA).iter().filter(|l| l.recording().is_some()).count() >= 2
    })
    .await;
    home.stop().await;
    let links = home.vault.links(CAMERA);
    assert!(links.iter().enumerate().all(|(at, link)| link.index == at as u64));
    assert!(is_whole(&links), "{links:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn vault_that_shows_less_than_it_confirmed_gets_nothing_and_is_reported() {
    let mut home = Home::recording().await;
    home.film(70).await;
    home.has_recordings(1).await;
    let before = home.vault.links(CAMERA).len();
    home.vault.held().shown_head = Some(ChainHead::EMPTY);
    home.film(70).await;
    let refused =
        || home.events.lock().unwrap().iter().any(|e| matches!(e, Event::ChainRefused { rolled_back: true, .. }));
    eventually("the rollback is reported", refused).await;
    assert_eq!(home.vault.links(CAMERA).len(), before, "history is not handed over again, nor what follows");
    // When the vault comes back and shows the truth, it gets what waited.
    home.vault.held().shown_head = None;
    home.vault.set_away(true);
    home.vault.set_away(false);
    eventually("what waited arrives", || home.vault.links(CAMERA).len() > before).await;
    home.stop().await;
    assert!(is_whole(&home.vault.links(CAMERA)));
}

#[tokio::test(flavor = "multi_thread")]
async fn vault_with_another_history_gets_nothing() {
    let mut home = Home::recording().await;
    home.film(70).await;
    home.has_recordings(1).await;
    let before = home.vault.links(CAMERA).len();
    home.vault.held().shown_head =
        Some(ChainHead { next_index: before as u64 + 5, digest: Some(eaves_domain::Digest([9; 32])) });
    home.film(70).await;
    let refused =
        || home.events.lock().unwrap().iter().any(|e| matches!(e, Event::ChainRefused { rolled_back: false, .. }));
    eventually("the fork is reported", refused).await;
    assert_eq!(home.vault.links(CAMERA).len(), before);
    home.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_hub_keeps_what_was_durable_and_announces_the_rest() {
    let mut home = Home::recording().await;
    // Large enough that whole chunks are on disk after a few seconds.
    home.cameras.frame_bytes = 30_000;
    home.vault.set_away(true);
    home.film(31).await;
    let spool = home.config.dir.join("spool").join(CAMERA.to_hex());
    let on_disk = || std::fs::read_dir(&spool).unwrap().map(|e| e.unwrap().metadata().unwrap().len()).sum::<u64>();
    eventually("most of it is on disk", || on_disk() > 4_000_000).await;
    // A process that is killed leaves its files as they are in that moment.
    let left = home.dir.path().join("left");
    copy(&home.config.dir, &left);
    home.stop().await;

    home.config.dir = left;
    home.vault.set_away(false);
    home.clock.pass_us(60_000_000);
    let opened = home.cameras.opened();
    home.start();
    eventually("the camera is connected again", || home.cameras.opened() > opened).await;
    home.film(20).await;
    home.stop().await;
    let links = home.vault.links(CAMERA);
    assert!(is_whole(&links), "{links:?}");
    let cut = links.iter().find(|l| matches!(l.kind, LinkKind::Recording { cut: true, .. })).expect("a cut recording");
    assert!(cut.end_us.since_us(cut.start_us) >= 26_000_000, "at most a group of pictures and a chunk: {cut:?}");
    assert!(gaps(&links).contains(&GapCause::HubInterrupted));
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
