//! Erasing: what is gone, what stays, and that no copy of anything brings it back.

use super::{DAY_US, Home, Made, NOW, random};
use crate::store::{StoreError, root_file};
use eaves_domain::RecordingId;
use eaves_domain::command::EraseTarget;
use eaves_domain::link::PartKind;

async fn erase(home: &Home, gone: &[&Made]) -> usize {
    let targets: Vec<EraseTarget> = gone.iter().map(|m| m.target()).collect();
    let wish = home.wish(&targets).await;
    home.store.erase(home.household, home.device, &targets, wish).await.unwrap().recordings.len()
}

#[tokio::test]
async fn an_erased_recording_never_opens_again_and_its_neighbours_do() {
    let mut home = Home::new().await;
    let (before, gone, after) = (home.keep().await, home.keep().await, home.keep().await);
    let wish = home.wish(&[gone.target()]).await;
    let erased = home.store.erase(home.household, home.device, &[gone.target()], wish).await.unwrap();
    assert_eq!(erased.recordings, [gone.recording]);
    home.restart().await.unwrap();
    assert!(!home.opens(&gone).await);
    assert!(home.opens(&before).await && home.opens(&after).await);
    let state = |w| home.store.command(home.household, w);
    assert_eq!((state(wish).await.unwrap().unwrap().state.keys_destroyed), 1);
    assert_eq!(home.store.remove_doomed().await.unwrap(), [(home.household, wish)]);
    let done = state(wish).await.unwrap().unwrap().state;
    assert_eq!((done.keys_destroyed, done.bytes_gone), (1, 1));
    assert!(!home.store.blobs.path(home.household, gone.recording, PartKind::Media).exists());
    let chain = home.store.links_by_index(home.household, home.device, 0, 9, 9).await.unwrap();
    assert_eq!(chain.links[1].state, "erased");
    assert!(chain.links[1].command.is_some() && chain.links[0].command.is_none());
    assert_eq!(home.store.usage(home.household).await.unwrap(), (4_600, 2, Some(NOW)));
    assert_eq!(home.findings().await, []);
    assert!(matches!(home.put_bodies(&gone).await, Err(StoreError::Conflict)), "bytes cannot come back");
}

#[tokio::test]
async fn a_wish_about_another_link_another_device_or_something_gone_does_nothing() {
    let mut home = Home::new().await;
    let (made, other) = (home.keep().await, home.keep().await);
    let crossed = EraseTarget { recording: made.recording, link: other.target().link };
    let wish = home.wish(&[crossed]).await;
    let store = &home.store;
    assert!(store.erase(home.household, home.device, &[crossed], wish).await.unwrap().recordings.is_empty());
    let stranger = eaves_domain::DeviceId(random());
    assert!(store.erase(home.household, stranger, &[made.target()], wish).await.unwrap().recordings.is_empty());
    assert!(home.opens(&made).await);
    assert_eq!(erase(&home, &[&made]).await, 1);
    assert_eq!(erase(&home, &[&made]).await, 0);
    assert_eq!(home.store.usage(home.household).await.unwrap().1, 1);
}

#[tokio::test]
async fn two_wishes_at_once_erase_each_recording_once() {
    let mut home = Home::new().await;
    let made = home.keep().await;
    home.keep().await;
    let targets = [made.target()];
    let (first, second) = (home.wish(&targets).await, home.wish(&targets).await);
    let erase = |wish| home.store.erase(home.household, home.device, &targets, wish);
    let (a, b, c) = tokio::join!(erase(first), erase(second), home.store.expire(NOW.plus_us(3 * DAY_US + 60_000_000)));
    let expired: usize = c.unwrap().iter().map(|e| e.recordings.len()).sum();
    assert_eq!(a.unwrap().recordings.len() + b.unwrap().recordings.len() + expired, 1);
    assert_eq!(home.store.usage(home.household).await.unwrap().1, 1);
}

#[tokio::test]
async fn what_has_expired_goes_and_the_rest_stays() {
    let mut home = Home::new().await;
    let (first, second) = (home.keep().await, home.keep().await);
    let end = NOW.plus_us(60_000_000 + 3 * DAY_US);
    assert!(home.store.expire(end.plus_us(-1)).await.unwrap().is_empty());
    let gone = home.store.expire(end).await.unwrap();
    assert_eq!(gone.iter().flat_map(|e| e.recordings.clone()).collect::<Vec<_>>(), [first.recording]);
    assert!(!home.opens(&first).await && home.opens(&second).await);
    assert!(home.store.remove_doomed().await.unwrap().is_empty());
    assert!(!home.store.blobs.path(home.household, first.recording, PartKind::Media).exists());
    assert_eq!(home.findings().await, []);
}

#[tokio::test]
async fn an_old_copy_of_the_database_opens_nothing_with_the_root_of_today() {
    let mut home = Home::new().await;
    let (kept, gone) = (home.keep().await, home.keep().await);
    let old = home.data_dir().join("old.db");
    sqlx::query(sqlx::AssertSqlSafe(format!("VACUUM INTO '{}'", old.display())))
        .execute(home.store.db.read())
        .await
        .unwrap();
    assert_eq!(erase(&home, &[&gone]).await, 1);
    assert!(home.opens(&kept).await);
    home.store.close().await;
    for name in ["vault.db-wal", "vault.db-shm"] {
        let _ = std::fs::remove_file(home.data_dir().join(name));
    }
    std::fs::rename(old, home.data_dir().join("vault.db")).unwrap();
    home.restart().await.unwrap();
    for made in [&kept, &gone] {
        assert!(home.store.headers(home.household, made.recording).await.is_err());
    }
}

#[tokio::test]
async fn the_live_root_is_in_both_places_and_no_old_root_is_anywhere() {
    let mut home = Home::new().await;
    let mut old = Vec::new();
    let files = home.store.trees.root_files(home.household);
    for epoch in 0..20 {
        let made = home.keep().await;
        let live = root_file::read(&files[0], epoch).unwrap();
        assert_eq!(root_file::read(&files[1], epoch).as_deref(), Some(&*live));
        old.push(*live);
        assert_eq!(erase(&home, &[&made]).await, 1);
    }
    let live = *root_file::read(&files[0], 20).unwrap();
    let has = |key: &[u8; 32]| home.files().iter().filter(|(_, bytes)| bytes.windows(32).any(|w| w == key)).count();
    assert_eq!(has(&live), 2, "the positive control: live roots can be found");
    assert!(old.iter().all(|key| has(key) == 0));
}

#[tokio::test]
async fn no_header_and_no_key_of_a_header_is_on_disk_in_clear() {
    let mut home = Home::new().await;
    let mut made = Vec::new();
    for _ in 0..30 {
        made.push(home.keep().await);
    }
    let mut secrets = Vec::new();
    for one in &made {
        secrets.push(one.headers.media.0[100..124].to_vec());
        let mut tree = home.store.trees.lock(home.household).await;
        let mut tx = home.store.db.snapshot().await.unwrap();
        let (leaf,): (i64,) = sqlx::query_as("SELECT leaf FROM link WHERE recording = $1")
            .bind(one.recording.to_hex())
            .fetch_one(&mut *tx)
            .await
            .unwrap();
        secrets.push(tree.leaf(&mut tx, leaf as u64).await.unwrap().bytes().to_vec());
    }
    let found = |home: &Home| {
        let files = home.files();
        secrets.iter().filter(|s| files.iter().any(|(_, b)| b.windows(s.len()).any(|w| w == s.as_slice()))).count()
    };
    assert_eq!(found(&home), 0);
    let gone: Vec<&Made> = made.iter().step_by(2).collect();
    assert_eq!(erase(&home, &gone).await, 15);
    home.store.remove_doomed().await.unwrap();
    assert_eq!(found(&home), 0);
    // The search can find: a leak, planted.
    std::fs::write(home.data_dir().join("leak"), &secrets[0]).unwrap();
    assert_eq!(found(&home), 1);
}

#[tokio::test]
async fn leaves_are_given_out_in_a_ring_that_passes_over_those_in_use() {
    let mut home = Home::new().await;
    let (kept, gone) = (home.keep().await, home.keep().await);
    assert_eq!(erase(&home, &[&gone]).await, 1);
    let mut tx = home.store.db.begin().await.unwrap();
    sqlx::query("UPDATE key_tree SET next_leaf = $1").bind(256_i64.pow(3) - 1).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let (last, reused, next) = (home.keep().await, home.keep().await, home.keep().await);
    let rows: Vec<(i64,)> = sqlx::query_as("SELECT leaf FROM link WHERE leaf IS NOT NULL ORDER BY idx")
        .fetch_all(home.store.db.read())
        .await
        .unwrap();
    assert_eq!(rows.iter().map(|r| r.0).collect::<Vec<_>>(), [0, 256_i64.pow(3) - 1, 1, 2]);
    for made in [&kept, &last, &reused, &next] {
        assert!(home.opens(made).await);
    }
    assert!(!home.opens(&gone).await);
}

#[tokio::test]
async fn a_lost_copy_of_the_root_is_made_anew_and_both_lost_is_said() {
    let mut home = Home::new().await;
    let made = home.keep().await;
    let files = home.store.trees.root_files(home.household);
    std::fs::remove_file(&files[0]).unwrap();
    home.restart().await.unwrap();
    assert!(home.opens(&made).await);
    std::fs::write(&files[1], b"damaged").unwrap();
    home.restart().await.unwrap();
    assert!(home.opens(&made).await);
    assert_eq!(root_file::read(&files[0], 0), root_file::read(&files[1], 0));
    for file in &files {
        std::fs::remove_file(file).unwrap();
    }
    home.restart().await.unwrap();
    assert!(matches!(home.store.headers(home.household, made.recording).await, Err(StoreError::Damaged(_))));
}

#[tokio::test]
async fn one_place_of_the_root_that_cannot_be_written_does_not_stop_the_other() {
    let mut home = Home::new().await;
    let (kept, gone) = (home.keep().await, home.keep().await);
    let second = home.config().second_roots_dir;
    let old = *root_file::read(&home.store.trees.root_files(home.household)[1], 0).unwrap();
    std::fs::rename(&second, second.with_extension("away")).unwrap();
    std::fs::write(&second, b"not a folder").unwrap();
    assert_eq!(erase(&home, &[&gone]).await, 1);
    assert_eq!(home.store.settle_roots().await.unwrap(), 1, "degraded, and said");
    assert!(home.opens(&kept).await && !home.opens(&gone).await);
    // The place comes back with the old root in it.
    std::fs::remove_file(&second).unwrap();
    std::fs::rename(second.with_extension("away"), &second).unwrap();
    let has_old = |home: &Home| home.files().iter().any(|(_, bytes)| bytes.windows(32).any(|w| w == old));
    assert!(has_old(&home));
    assert_eq!(home.store.settle_roots().await.unwrap(), 0);
    assert!(!has_old(&home));
}

#[tokio::test]
async fn a_shortened_lifetime_reaches_what_is_stored_already() {
    let mut home = Home::new().await;
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(home.keep().await);
    }
    home.add_roster(1, 3).await;
    home.add_roster(2, 1).await;
    let now = made[1].link.end_us.plus_us(DAY_US);
    let gone: Vec<RecordingId> = home.store.expire(now).await.unwrap().into_iter().flat_map(|e| e.recordings).collect();
    assert_eq!(gone.len(), 2);
    assert!(home.opens(&made[2]).await);
    // The hub has not heard yet: what it seals under the old roster lives as short.
    let late = home.keep().await;
    let now = late.link.end_us.plus_us(DAY_US);
    assert_eq!(home.store.expire(now).await.unwrap()[0].recordings.len(), 2);
    // Longer lifetimes bring nothing back and keep nothing longer.
    home.add_roster(3, 30).await;
    let stays = home.keep().await;
    assert_eq!(home.store.expire(stays.link.end_us.plus_us(3 * DAY_US)).await.unwrap()[0].recordings.len(), 1);
}
