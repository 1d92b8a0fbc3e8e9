//! The store stopped at every step of its durable work, and what a restart finds then.
//!
//! Each test lets one more step succeed than the time before, until the work gets through. A step lies on both sides of
//! each durable write, so every write is once "failed and not there" and once "failed but there".

use super::{Home, Made, NOW};
use crate::store::{CommitOutcome, root_file};
use eaves_domain::link::PartKind;

/// The fewest steps that a test must have stopped at to prove anything.
const STEPS_MIN: u32 = 6;

#[tokio::test]
async fn an_erasure_that_is_cut_off_anywhere_has_happened_wholly_or_not_at_all() {
    let mut stopped = 0;
    let (mut happened, mut did_not) = (0, 0);
    loop {
        let mut home = Home::new().await;
        let (before, gone, after) = (home.keep().await, home.keep().await, home.keep().await);
        let files = home.store.trees.root_files(home.household);
        let old_root = *root_file::read(&files[0], 0).unwrap();
        let wish = home.wish(&[gone.target()]).await;
        home.steps.allow(stopped);
        let outcome = home.store.erase(home.household, home.device, &[gone.target()], wish).await;
        if !home.steps.is_stopped() {
            outcome.unwrap();
            break;
        }
        home.restart().await.unwrap();
        // Opening the store is enough: nothing has used the tree yet.
        let slice = home.store.links_by_index(home.household, home.device, 1, 2, 1).await.unwrap();
        let is_erased = slice.links[0].state == "erased";
        let epoch = u64::from(is_erased);
        for file in &files {
            assert!(root_file::read(file, epoch).is_some(), "step {stopped}: each place has the root");
            assert!(root_file::read(file, epoch + 1).is_none(), "step {stopped}: and no other");
        }
        let has_old = home.files().iter().any(|(_, bytes)| bytes.windows(32).any(|w| w == old_root));
        assert_eq!(has_old, !is_erased, "step {stopped}: the old root is gone exactly when the recording is");
        assert_eq!(home.opens(&gone).await, !is_erased, "step {stopped}: state and keys agree");
        assert!(home.opens(&before).await && home.opens(&after).await, "step {stopped}: neighbours");
        if is_erased {
            happened += 1
        } else {
            did_not += 1
        }
        let again = home.store.erase(home.household, home.device, &[gone.target()], wish).await.unwrap();
        assert_eq!(again.recordings.len(), usize::from(!is_erased));
        home.store.remove_doomed().await.unwrap();
        let state = home.store.command(home.household, wish).await.unwrap().unwrap().state;
        assert_eq!((state.keys_destroyed, state.bytes_gone), (1, 1));
        assert_eq!(home.findings().await, []);
        stopped += 1;
    }
    assert!(stopped >= STEPS_MIN && happened > 0 && did_not > 0, "{stopped} {happened} {did_not}");
}

#[tokio::test]
async fn keeping_that_is_cut_off_anywhere_succeeds_when_it_is_repeated() {
    let mut stopped = 0;
    loop {
        let mut home = Home::new().await;
        let first = home.keep().await;
        let made = home.make();
        home.steps.allow(stopped);
        let outcome = keep(&home, &made).await;
        if !home.steps.is_stopped() {
            outcome.unwrap();
            break;
        }
        home.restart().await.unwrap();
        assert_eq!(home.findings().await, [], "step {stopped}: every file is known, every link is whole");
        assert!(home.opens(&first).await);
        let is_in = home.store.head(home.household, home.device).await.unwrap().next_index == 2;
        assert_eq!(home.opens(&made).await, is_in);
        if is_in {
            assert_eq!(home.commit(&made).await.unwrap(), CommitOutcome::Repeated);
        } else {
            keep(&home, &made).await.unwrap();
        }
        assert!(home.opens(&made).await);
        assert_eq!(home.findings().await, [], "step {stopped}");
        stopped += 1;
    }
    assert!(stopped >= STEPS_MIN, "{stopped}");
}

async fn keep(home: &Home, made: &Made) -> crate::store::Result<()> {
    home.put_bodies(made).await?;
    assert_eq!(home.commit(made).await?, CommitOutcome::Committed);
    Ok(())
}

#[tokio::test]
async fn a_body_that_replaces_another_and_is_cut_off_is_never_taken_for_it() {
    let mut stopped = 0;
    loop {
        let mut home = Home::new().await;
        let made = home.make();
        // The same length, so that only the order of work protects the link from the older bytes.
        let older: Vec<u8> = made.media.iter().map(|b| b ^ 1).collect();
        home.put(made.recording, PartKind::Media, &older).await.unwrap();
        home.put(made.recording, PartKind::Poster, &made.poster).await.unwrap();
        home.steps.allow(stopped);
        let outcome = home.put(made.recording, PartKind::Media, &made.media).await;
        if !home.steps.is_stopped() {
            outcome.unwrap();
            break;
        }
        home.restart().await.unwrap();
        if home.commit(&made).await.unwrap() == CommitOutcome::BodyMismatch {
            home.put_bodies(&made).await.unwrap();
            assert_eq!(home.commit(&made).await.unwrap(), CommitOutcome::Committed);
        }
        assert_eq!(home.findings().await, [], "step {stopped}: the link has the very bytes it names");
        stopped += 1;
    }
    assert!(stopped >= STEPS_MIN, "{stopped}");
}

#[tokio::test]
async fn removing_bytes_and_orphans_goes_on_where_it_was_cut_off() {
    let mut stopped = 0;
    loop {
        let mut home = Home::new().await;
        let (gone, kept) = (home.keep().await, home.keep().await);
        let orphan = home.make();
        home.put_bodies(&orphan).await.unwrap();
        let wish = home.wish(&[gone.target()]).await;
        home.store.erase(home.household, home.device, &[gone.target()], wish).await.unwrap();
        home.steps.allow(stopped);
        let bytes = home.store.remove_doomed().await;
        let orphans = home.store.remove_orphans(NOW.plus_us(1)).await;
        if !home.steps.is_stopped() {
            bytes.unwrap();
            orphans.unwrap();
            break;
        }
        home.restart().await.unwrap();
        while !home.store.remove_doomed().await.unwrap().is_empty() {}
        home.store.remove_orphans(NOW.plus_us(1)).await.unwrap();
        let state = home.store.command(home.household, wish).await.unwrap().unwrap().state;
        assert_eq!(state.bytes_gone, 1, "step {stopped}");
        for part in PartKind::ALL {
            for made in [&gone, &orphan] {
                assert!(!home.store.blobs.path(home.household, made.recording, part).exists());
            }
        }
        assert!(home.opens(&kept).await);
        assert_eq!(home.findings().await, []);
        stopped += 1;
    }
    assert!(stopped >= STEPS_MIN, "{stopped}");
}

#[tokio::test]
async fn a_wish_whose_asker_goes_away_is_carried_out_to_the_end() {
    let mut home = Home::new().await;
    let (gone, kept) = (home.keep().await, home.keep().await);
    let wish = home.wish(&[gone.target()]).await;
    let targets = [gone.target()];
    {
        // Polled once and dropped, as a handler is when its connection closes.
        let erasing = std::pin::pin!(home.store.erase(home.household, home.device, &targets, wish));
        assert!(futures::poll!(erasing).is_pending());
    }
    // The work goes on by itself; the rounds are many so that a slow machine gets through, and end so that a bug shows.
    for _ in 0..5_000 {
        if !home.opens(&gone).await {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert!(home.opens(&kept).await);
    home.restart().await.unwrap();
    assert!(home.opens(&kept).await && !home.opens(&gone).await);
}
