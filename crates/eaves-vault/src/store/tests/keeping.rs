//! Keeping: bodies, links, order, reading back.

use super::{DAY_US, Home, NOW, random};
use crate::store::{CommitOutcome, Store, StoreError};
use eaves_domain::link::{ChainHead, PartKind};
use eaves_domain::{DeviceId, HouseholdId, RecordingId, Timestamp};
use tokio::io::AsyncReadExt as _;

#[tokio::test]
async fn a_kept_recording_gives_back_its_headers_and_bodies_after_a_restart() {
    let mut home = Home::new().await;
    let made = home.keep().await;
    home.restart().await.unwrap();
    assert!(home.opens(&made).await);
    let mut file = home.store.read_body(home.household, made.recording, PartKind::Media, 700).await.unwrap();
    let mut body = Vec::new();
    file.read_to_end(&mut body).await.unwrap();
    assert_eq!(body, made.media[700..]);
    assert_eq!(home.store.usage(home.household).await.unwrap(), (2_300, 1, Some(NOW)));
    assert_eq!(home.findings().await, []);
}

#[tokio::test]
async fn a_link_is_refused_until_the_very_bodies_it_names_are_there() {
    let home = Home::new().await;
    let made = home.make();
    assert_eq!(home.commit(&made).await.unwrap(), CommitOutcome::BodyMismatch);
    home.put(made.recording, PartKind::Media, &made.media).await.unwrap();
    home.put(made.recording, PartKind::Poster, &made.media).await.unwrap();
    assert_eq!(home.commit(&made).await.unwrap(), CommitOutcome::BodyMismatch);
    home.put(made.recording, PartKind::Poster, &made.poster).await.unwrap();
    let mut other = made.clone();
    other.headers.media.0[0] ^= 1;
    assert_eq!(home.commit(&other).await.unwrap(), CommitOutcome::BodyMismatch);
    assert_eq!(home.commit(&made).await.unwrap(), CommitOutcome::Committed);
    assert!(home.opens(&made).await);
}

#[tokio::test]
async fn a_link_whose_body_vanished_from_the_disk_is_refused() {
    let home = Home::new().await;
    let made = home.make();
    home.put_bodies(&made).await.unwrap();
    home.store.blobs.remove(home.household, made.recording, PartKind::Media).await.unwrap();
    assert_eq!(home.commit(&made).await.unwrap(), CommitOutcome::BodyMismatch);
    home.put(made.recording, PartKind::Media, &made.media).await.unwrap();
    assert_eq!(home.commit(&made).await.unwrap(), CommitOutcome::Committed);
}

#[tokio::test]
async fn the_same_link_again_changes_nothing_and_another_in_its_place_is_refused() {
    let mut home = Home::new().await;
    let rival = home.make();
    let made = home.keep().await;
    assert_eq!(home.commit(&made).await.unwrap(), CommitOutcome::Repeated);
    home.put_bodies(&rival).await.unwrap();
    let head = ChainHead { next_index: 1, digest: Some(made.envelope.payload_digest()) };
    assert_eq!(home.commit(&rival).await.unwrap(), CommitOutcome::NotNext(head));
    assert_eq!(home.store.head(home.household, home.device).await.unwrap(), head);
    assert_eq!(home.store.usage(home.household).await.unwrap().1, 1);
}

#[tokio::test]
async fn a_body_of_a_linked_recording_cannot_be_replaced_even_when_it_was_begun_before_the_link() {
    let mut home = Home::new().await;
    let early = home.make();
    let mut slow = home.store.receive_body(home.household, early.recording, PartKind::Media).await.unwrap();
    slow.write(b"something else".to_vec()).await.unwrap();
    home.put_bodies(&early).await.unwrap();
    assert_eq!(home.commit(&early).await.unwrap(), CommitOutcome::Committed);
    home.advance(&early.link, &early.envelope);
    let late = home.store.keep_body(home.household, early.recording, PartKind::Media, slow, NOW).await;
    assert!(matches!(late, Err(StoreError::Conflict)));
    assert!(matches!(home.put_bodies(&early).await, Err(StoreError::Conflict)));
    assert_eq!(home.findings().await, []);
}

#[tokio::test]
async fn a_body_that_is_too_large_leaves_nothing_behind() {
    let home = Home::new().await;
    let recording = RecordingId(random());
    let mut body = home.store.blobs.create(home.household, recording, PartKind::Media, 10).await.unwrap();
    assert!(matches!(body.write(vec![0; 11]).await, Err(StoreError::TooLarge)));
    drop(body);
    assert_eq!(std::fs::read_dir(home.data_dir().join("bodies/incoming")).unwrap().count(), 0);
}

#[tokio::test]
async fn bodies_without_a_link_are_removed_when_old_and_only_then() {
    let home = Home::new().await;
    let made = home.make();
    home.put_bodies(&made).await.unwrap();
    assert_eq!(home.store.remove_orphans(NOW).await.unwrap(), 0);
    assert_eq!(home.store.remove_orphans(NOW.plus_us(1)).await.unwrap(), 2);
    assert_eq!(home.commit(&made).await.unwrap(), CommitOutcome::BodyMismatch);
    assert_eq!(home.findings().await, []);
}

#[tokio::test]
async fn a_stretch_of_time_is_an_unbroken_stretch_of_the_chain() {
    let mut home = Home::new().await;
    for _ in 0..5 {
        home.keep().await;
    }
    home.keep_gap(3 * DAY_US).await;
    for _ in 0..5 {
        home.keep().await;
    }
    let indexes = async |from: i64, to: i64, limit: u32| {
        let slice = home
            .store
            .links_by_time(home.household, home.device, NOW.plus_us(from), NOW.plus_us(to), limit)
            .await
            .unwrap();
        (slice.links.iter().map(|l| l.index).collect::<Vec<_>>(), slice.more)
    };
    let minute = 60_000_000;
    assert_eq!(indexes(minute / 2, minute * 5 / 2, 100).await, (vec![0, 1, 2], false));
    assert_eq!(indexes(DAY_US, 2 * DAY_US, 100).await, (vec![5], false), "inside a long gap");
    assert_eq!(indexes(4 * minute + 1, 4 * DAY_US, 100).await, ((4..11).collect(), false));
    assert_eq!(indexes(0, 4 * DAY_US, 3).await, (vec![0, 1, 2], true));
    assert_eq!(indexes(5 * DAY_US, 6 * DAY_US, 100).await, (vec![], false));
    assert_eq!(indexes(-DAY_US, -1, 100).await, (vec![], false));
    let by_index = home.store.links_by_index(home.household, home.device, 2, 4, 100).await.unwrap();
    assert_eq!(by_index.links.iter().map(|l| l.index).collect::<Vec<_>>(), [2, 3]);
}

#[tokio::test]
async fn another_household_finds_nothing_under_the_same_ids() {
    let mut home = Home::new().await;
    let made = home.keep().await;
    let stranger = HouseholdId(random());
    let store = &home.store;
    assert!(store.headers(stranger, made.recording).await.unwrap().is_none());
    assert!(store.part_bytes(stranger, made.recording, PartKind::Media).await.unwrap().is_none());
    assert!(store.recording_device(stranger, made.recording).await.unwrap().is_none());
    assert!(store.links_by_index(stranger, home.device, 0, 9, 9).await.unwrap().links.is_empty());
    assert!(store.links_by_time(stranger, home.device, NOW, NOW.plus_us(DAY_US), 9).await.unwrap().links.is_empty());
    assert_eq!(store.head(stranger, home.device).await.unwrap(), ChainHead::EMPTY);
    assert_eq!(store.head(home.household, DeviceId(random())).await.unwrap(), ChainHead::EMPTY);
    let wish = home.wish(&[made.target()]).await;
    assert!(store.erase(stranger, home.device, &[made.target()], wish).await.unwrap().recordings.is_empty());
    assert!(home.opens(&made).await);
}

#[tokio::test]
async fn a_second_process_cannot_open_the_same_folder() {
    let home = Home::new().await;
    assert!(matches!(Store::open(home.config()).await, Err(StoreError::InUse)));
}

#[tokio::test]
async fn a_folder_with_bodies_but_without_a_database_is_not_started_afresh() {
    let mut home = Home::new().await;
    home.keep().await;
    home.store.close().await;
    std::fs::remove_file(home.data_dir().join("vault.db")).unwrap();
    assert!(matches!(home.restart().await, Err(StoreError::Damaged(_))));
}

#[tokio::test]
async fn check_finds_a_lost_a_cut_a_changed_and_a_stray_body() {
    let mut home = Home::new().await;
    let (lost, cut, changed) = (home.keep().await, home.keep().await, home.keep().await);
    let path = |r: RecordingId| home.store.blobs.path(home.household, r, PartKind::Media);
    std::fs::remove_file(path(lost.recording)).unwrap();
    std::fs::write(path(cut.recording), &cut.media[1..]).unwrap();
    let mut other = changed.media.clone();
    other[5] ^= 1;
    std::fs::write(path(changed.recording), other).unwrap();
    let stray = changed.recording;
    std::fs::copy(path(stray), path(stray).with_extension("card")).unwrap();
    let found: Vec<_> = home.findings().await.into_iter().map(|f| (f.what, f.which)).collect();
    let media = |r: RecordingId| format!("{r}.media");
    assert!(found.contains(&("a kept recording has lost its body", media(lost.recording))));
    assert!(found.contains(&("a body has another length", media(cut.recording))));
    assert!(found.contains(&("a body is not what its link says", media(changed.recording))));
    assert!(found.contains(&("a body belongs to nothing", format!("{stray}.card"))));
    assert_eq!(found.len(), 4);
}

#[tokio::test]
async fn time_that_is_far_off_is_not_a_reason_to_fail() {
    let home = Home::new().await;
    let (first, last) = (Timestamp(i64::MIN), Timestamp(i64::MAX));
    assert!(
        home.store.links_by_time(home.household, home.device, first, last, u32::MAX).await.unwrap().links.is_empty()
    );
    assert!(home.store.links_by_time(home.household, home.device, last, first, 1).await.unwrap().links.is_empty());
    assert!(home.store.links_by_index(home.household, home.device, u64::MAX, 0, 1).await.unwrap().links.is_empty());
}

#[tokio::test]
async fn every_table_that_holds_something_of_one_member_loses_it_when_they_are_put_out() {
    let home = Home::new().await;
    let tables: Vec<(String,)> = sqlx::query_as(
        "SELECT m.name FROM sqlite_master m WHERE m.type = 'table'
         AND EXISTS (SELECT 1 FROM pragma_table_info(m.name) WHERE name = 'member')
         AND EXISTS (SELECT 1 FROM pragma_table_info(m.name) WHERE name = 'household') ORDER BY m.name",
    )
    .fetch_all(home.store.db.read())
    .await
    .unwrap();
    // What was told to everybody else is theirs, and so is the knowledge of who watched them.
    let of_all = ["notice", "view"];
    let found: Vec<_> = tables.iter().map(|(name,)| name.as_str()).filter(|name| !of_all.contains(name)).collect();
    let mut personal = super::super::invite::PERSONAL.to_vec();
    personal.sort_unstable();
    assert_eq!(found, personal);
}
