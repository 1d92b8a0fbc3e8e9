//! Backup and restore.

use super::{DAY_US, Home, NOW};
use crate::auth::known_device::{DeviceCookie, KnownDevice};
use crate::store::{HubSession, ROOTS_IN_BACKUP_DAYS, SessionRow, Store, StoreConfig, StoreError, restore};
use eaves_domain::{Digest, HubId, MemberId, Timestamp};
use std::path::PathBuf;

async fn backup(home: &Home, name: &str, now: Timestamp) -> PathBuf {
    let out = home.dir.path().join("backups").join(name);
    home.store.backup(&out, now).await.unwrap();
    out
}

#[tokio::test]
async fn a_restored_backup_has_every_recording_with_its_bytes() {
    let mut home = Home::new().await;
    let (first, second) = (home.keep().await, home.keep().await);
    let out = home.dir.path().join("backups/one");
    let report = home.store.backup(&out, NOW).await.unwrap();
    assert_eq!((report.bodies, report.bytes), (4, 4_600));
    home.store.close().await;
    std::fs::remove_dir_all(home.data_dir()).unwrap();
    std::fs::remove_dir_all(home.config().second_roots_dir).unwrap();
    restore(&out, &home.config(), NOW.plus_us(DAY_US)).unwrap();
    home.restart().await.unwrap();
    assert!(home.opens(&first).await && home.opens(&second).await);
    assert_eq!(home.findings().await, [], "headers open, and bodies have the digests of their links");
    home.keep().await;
    assert_eq!(home.findings().await, []);
}

#[tokio::test]
async fn a_restore_writes_over_nothing_not_even_a_surviving_root() {
    let mut home = Home::new().await;
    home.keep().await;
    let out = backup(&home, "one", NOW).await;
    assert!(matches!(restore(&out, &home.config(), NOW), Err(StoreError::Conflict)));
    home.store.close().await;
    std::fs::remove_dir_all(home.data_dir()).unwrap();
    assert!(matches!(restore(&out, &home.config(), NOW), Err(StoreError::Conflict)));
}

#[tokio::test]
async fn roots_are_refused_and_removed_after_the_window() {
    let mut home = Home::new().await;
    home.keep().await;
    let old = backup(&home, "old", NOW).await;
    let just = NOW.plus_us(ROOTS_IN_BACKUP_DAYS * DAY_US);
    let empty = |name: &str| StoreConfig::in_folder(&home.dir.path().join(name));
    restore(&old, &empty("in-time"), just).unwrap();
    assert!(restore(&old, &empty("late"), just.plus_us(1)).is_err());
    assert!(!home.dir.path().join("late").exists());
    let young = backup(&home, "young", just.plus_us(1)).await;
    assert!(!old.join("roots").exists() && young.join("roots").exists());
    assert!(restore(&old, &empty("late"), NOW).is_err(), "not even with a clock that is put back");
}

#[tokio::test]
async fn a_backup_with_the_root_of_today_does_not_bring_back_what_was_erased() {
    let mut home = Home::new().await;
    let (kept, gone) = (home.keep().await, home.keep().await);
    let out = backup(&home, "one", NOW).await;
    let wish = home.wish(&[gone.target()]).await;
    home.store.erase(home.household, home.device, &[gone.target()], wish).await.unwrap();
    let live = home.store.trees.root_files(home.household)[0].clone();
    // The backup's database, and the only root that is left after its window.
    std::fs::copy(&live, out.join("roots").join(live.file_name().unwrap())).unwrap();
    let config = StoreConfig::in_folder(&home.dir.path().join("again"));
    restore(&out, &config, NOW).unwrap();
    let again = Store::open(config).await.unwrap();
    for made in [&kept, &gone] {
        assert!(again.headers(home.household, made.recording).await.is_err());
    }
}

#[tokio::test]
async fn a_backup_that_was_cut_off_is_refused() {
    let mut home = Home::new().await;
    home.keep().await;
    let out = backup(&home, "one", NOW).await;
    std::fs::remove_file(out.join("eaves-backup.json")).unwrap();
    let config = StoreConfig::in_folder(&home.dir.path().join("again"));
    assert!(matches!(restore(&out, &config, NOW), Err(StoreError::Damaged(_))));
    assert!(matches!(home.store.backup(&out, NOW).await, Err(StoreError::Conflict)), "nor is it written over");
}

#[tokio::test]
async fn no_session_and_no_known_device_lives_again_after_a_restore() {
    let home = Home::new().await;
    let token = Digest::of(b"a token");
    let row = SessionRow {
        session: "one".to_owned(),
        household: home.household,
        member: MemberId([3; 16]),
        client: "Firefox on Linux".to_owned(),
        started: NOW,
        used: NOW,
        device: None,
        strong: NOW,
        powers_from: None,
        network: None,
    };
    home.store.add_session(token, &row).await.unwrap();
    let hub = HubSession { household: home.household, hub: HubId([7; 16]) };
    home.store.add_hub_session(token, hub, NOW.plus_us(DAY_US)).await.unwrap();
    let cookie = DeviceCookie::of_random([1; 16], [2; 32]);
    let known = KnownDevice {
        device: cookie.device(),
        household: home.household,
        member: MemberId([3; 16]),
        secret_hash: cookie.secret_hash(),
        client: "Firefox on Linux".to_owned(),
        made: NOW,
        used: NOW,
    };
    home.store.add_known_device(&known).await.unwrap();
    assert_eq!(home.store.known_device(&known.device).await.unwrap().as_ref(), Some(&known));
    let out = backup(&home, "one", NOW).await;
    let config = StoreConfig::in_folder(&home.dir.path().join("again"));
    restore(&out, &config, NOW).unwrap();
    let again = Store::open(config).await.unwrap();
    assert_eq!(again.known_device(&known.device).await.unwrap(), None);
    assert!(again.session(token).await.unwrap().is_none() && again.hub_session(token, NOW).await.unwrap().is_none());
    assert!(
        home.store.session(token).await.unwrap().is_some()
            && home.store.hub_session(token, NOW).await.unwrap().is_some()
    );
}
