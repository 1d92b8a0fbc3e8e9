//! The log in a folder: stopped at every step, restored from a backup, tampered with; and what an app makes of it.

use super::{Log, LogError, Visit};
use crate::store::{Steps, Store, StoreConfig};
use eaves_domain::{HouseholdId, Timestamp};
use eaves_tlog::checkpoint::Checkpoint;
use eaves_tlog::details::{Details, SessionEnd, What, Who};
use eaves_tlog::merkle::verify_consistency;
use eaves_tlog::monitor::{Memory, Monitor, Visit as AppVisit};
use eaves_tlog::note::Note;
use eaves_tlog::proof::Policy;
use eaves_tlog::tile::{Kind, Tile, Tiles};
use std::path::PathBuf;

const NOW: Timestamp = Timestamp(1_790_000_000_000_000);
const HOME: HouseholdId = HouseholdId([3; 16]);
const NEIGHBOUR: HouseholdId = HouseholdId([4; 16]);
const DAY_US: i64 = 86_400_000_000;

struct World {
    dir: tempfile::TempDir,
    store: Store,
    log: Log,
    steps: Steps,
    clock: Timestamp,
}

fn details() -> Details {
    Details { who: Who::Vault, what: What::SessionEnded { why: SessionEnd::Expired } }
}

impl World {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let steps = Steps::default();
        let store = Store::open_with(StoreConfig::in_folder(dir.path()), steps.clone()).await.unwrap();
        let log = Log::open(&store, "eaves.invalid").await.unwrap();
        Self { dir, store, log, steps, clock: NOW }
    }

    async fn write(&mut self, household: HouseholdId, count: u32) {
        let mut tx = self.store.db().begin().await.unwrap();
        for _ in 0..count {
            self.clock = self.clock.plus_us(1_000_000);
            Log::write(&mut tx, household, &details(), self.clock).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// Ends the process, as far as the disk can tell, and starts it anew.
    async fn restart(&mut self) -> Result<(), LogError> {
        self.store.close().await;
        self.steps = Steps::default();
        self.store = Store::open_with(StoreConfig::in_folder(self.dir.path()), self.steps.clone()).await.unwrap();
        self.log = Log::open(&self.store, "other.example").await?;
        Ok(())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn policy(&self) -> Policy {
        Policy { log: self.log.key(), witnesses: Vec::new(), quorum: 0 }
    }

    async fn visit(&self, memory: Option<&Memory>) -> (Visit, eaves_tlog::monitor::Visited) {
        let (size, from) = memory.map_or((0, 0), |memory| (memory.size, memory.head.next_sequence));
        let visit = self.log.visit(HOME, size, from, 10_000).await.unwrap();
        let monitor = Monitor { policy: self.policy(), household: HOME, details_kept_us: DAY_US };
        let shown = AppVisit { checkpoint: &visit.checkpoint, consistency: &visit.consistency, shown: &visit.shown };
        let visited = monitor.visit(memory, &shown, self.clock.plus_us(1)).unwrap();
        (visit, visited)
    }

    /// Reads the whole log from outside and verifies every tile, entry and hash of it.
    async fn audit(&self) -> Checkpoint {
        let note = self.log.public_file("checkpoint").await.unwrap().unwrap();
        let checkpoint = Checkpoint::verified(&Note::parse(&note).unwrap(), &self.log.key()).unwrap();
        let mut tiles = Tiles::new(checkpoint.size);
        for tile in Tile::all(checkpoint.size) {
            let bytes = self.log.public_file(&tile.path()).await.unwrap().unwrap_or_else(|| panic!("{}", tile.path()));
            match tile.kind {
                Kind::Hashes(_) => tiles.insert(tile, &bytes).unwrap(),
                Kind::Entries => {
                    assert!(eaves_tlog::tile::entries_from_bytes(&bytes).unwrap().iter().all(|e| e.len() == 33))
                }
            }
        }
        tiles.verify(checkpoint.root).unwrap();
        checkpoint
    }
}

#[tokio::test]
async fn what_is_written_with_an_act_is_published_and_an_app_follows_it_in_silence() {
    let mut world = World::new().await;
    let mut memory = None;
    let mut total = 0;
    for count in [1, 0, 3, 250, 7, 300] {
        world.write(NEIGHBOUR, count).await;
        world.write(HOME, count).await;
        total += u64::from(2 * count);
        world.log.publish().await.unwrap();
        assert_eq!(world.audit().await.size, total);
        let (_, visited) = world.visit(memory.as_ref()).await;
        assert_eq!(visited.alarms, []);
        memory = Some(visited.memory);
    }
    assert_eq!(memory.as_ref().unwrap().head.next_sequence, 561);
    world.restart().await.unwrap();
    assert_eq!(world.visit(memory.as_ref()).await.1.alarms, [], "and after a restart");
    let receipt = world.log.receipt(HOME, 17).await.unwrap();
    let proved = receipt.verify_receipt(&world.policy()).unwrap();
    assert_eq!((proved.line.sequence, proved.details), (17, Some(details())));
    assert!(matches!(world.log.receipt(HOME, 561).await, Err(LogError::NotFound)));
}

#[tokio::test]
async fn an_act_that_is_taken_back_leaves_no_entry_and_one_that_is_not_published_is_not_shown() {
    let mut world = World::new().await;
    world.write(HOME, 2).await;
    let mut tx = world.store.db().begin().await.unwrap();
    Log::write(&mut tx, HOME, &details(), world.clock).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(world.visit(None).await.0.shown.len(), 0);
    world.write(HOME, 1).await;
    world.log.publish().await.unwrap();
    let (visit, visited) = world.visit(None).await;
    assert_eq!((visit.shown.len(), visit.is_all, visited.alarms), (3, true, vec![]));
    let page = world.log.visit(HOME, 0, 1, 1).await.unwrap();
    assert_eq!((page.shown.len(), page.is_all), (1, false));
}

#[tokio::test]
async fn a_publication_that_is_cut_off_anywhere_is_finished_by_the_next_and_never_forks() {
    let mut world = World::new().await;
    world.write(HOME, 250).await;
    world.log.publish().await.unwrap();
    let mut seen = vec![world.audit().await];
    let (mut stopped, mut moved, mut unmoved) = (0, 0, 0);
    loop {
        world.write(HOME, 5).await;
        world.write(NEIGHBOUR, 5).await;
        world.steps.allow(stopped);
        let outcome = world.log.publish().await;
        if !world.steps.is_stopped() {
            outcome.unwrap();
            break;
        }
        // What anybody may have been shown by then, and what a restart finds.
        world.restart().await.unwrap();
        let found = world.audit().await;
        if found.size > seen.last().unwrap().size {
            moved += 1
        } else {
            unmoved += 1
        }
        seen.push(found);
        // Every second time nothing new comes before the next try.
        if stopped % 2 == 0 {
            world.log.publish().await.unwrap();
            seen.push(world.audit().await);
        }
        stopped += 1;
    }
    assert!(stopped >= 6 && moved > 0 && unmoved > 0, "{stopped} {moved} {unmoved}");
    let newest = world.audit().await;
    for older in &seen {
        let proof = world.log.visit(HOME, older.size, 0, 1).await.unwrap().consistency;
        verify_consistency(&proof, (older.size, older.root), (newest.size, newest.root)).unwrap();
    }
    assert_eq!(world.visit(None).await.1.alarms, []);
}

#[tokio::test]
async fn a_publication_that_failed_is_taken_up_without_a_restart() {
    let mut world = World::new().await;
    let mut failed = 0;
    for allowed in 0..12 {
        world.write(HOME, 3).await;
        world.steps.allow(allowed);
        let outcome = world.log.publish().await;
        assert!(outcome.is_ok() || world.steps.is_stopped(), "{allowed}");
        failed += u32::from(outcome.is_err());
        world.steps.allow(u32::MAX);
        world.log.publish().await.unwrap();
        assert_eq!(world.audit().await.size, 3 * (u64::from(allowed) + 1));
    }
    assert!(failed >= 6, "{failed}");
    assert_eq!(world.visit(None).await.1.alarms, []);
}

#[tokio::test]
async fn a_restored_database_does_not_run_behind_its_checkpoint_nor_beside_it() {
    let mut world = World::new().await;
    world.write(HOME, 3).await;
    world.log.publish().await.unwrap();
    world.store.close().await;
    let backup = std::fs::read(world.path("vault.db")).unwrap();
    world.restart().await.unwrap();
    world.write(HOME, 4).await;
    world.log.publish().await.unwrap();
    world.store.close().await;
    for extra in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(world.path(&format!("vault.db{extra}")));
    }
    std::fs::write(world.path("vault.db"), backup).unwrap();
    assert!(matches!(world.restart().await, Err(LogError::Behind)));
    // Somebody writes on in the restored database until it is long enough.
    world.write(HOME, 5).await;
    assert!(matches!(world.restart().await, Err(LogError::Forked)));
}

#[tokio::test]
async fn a_log_without_its_checkpoint_key_or_tiles_does_not_run() {
    for (name, is_expected) in
        [("log-head/checkpoint", "checkpoint"), ("log-head/log.key", "key"), ("log/tile/0/000.p/3", "tiles")]
    {
        let mut world = World::new().await;
        world.write(HOME, 3).await;
        world.log.publish().await.unwrap();
        let whole = std::fs::read(world.path(name)).unwrap();
        let mut changed = whole.clone();
        changed[20] ^= 1;
        std::fs::write(world.path(name), changed).unwrap();
        assert!(matches!(world.restart().await, Err(LogError::Damaged(_))), "{name} changed");
        std::fs::remove_file(world.path(name)).unwrap();
        let error = world.restart().await.unwrap_err();
        assert!(matches!(error, LogError::Damaged(what) if what.contains(is_expected)), "{name} missing: {error}");
        std::fs::write(world.path(name), whole).unwrap();
        world.restart().await.unwrap();
    }
}

#[tokio::test]
async fn a_checkpoint_that_somebody_replaced_meanwhile_is_not_overwritten() {
    let mut world = World::new().await;
    world.write(HOME, 3).await;
    world.log.publish().await.unwrap();
    let older = std::fs::read(world.path("log-head/checkpoint")).unwrap();
    world.write(HOME, 3).await;
    world.log.publish().await.unwrap();
    let newer = std::fs::read(world.path("log-head/checkpoint")).unwrap();
    std::fs::write(world.path("log-head/checkpoint"), &older).unwrap();
    world.write(HOME, 1).await;
    assert!(matches!(world.log.publish().await, Err(LogError::Forked)));
    assert_eq!(std::fs::read(world.path("log-head/checkpoint")).unwrap(), older, "as it was found");
    std::fs::write(world.path("log-head/checkpoint"), newer).unwrap();
    world.log.publish().await.unwrap();
    assert_eq!(world.audit().await.size, 7);
}

#[tokio::test]
async fn forgotten_details_and_households_leave_the_log_as_it_was() {
    let mut world = World::new().await;
    world.write(HOME, 4).await;
    world.write(NEIGHBOUR, 2).await;
    world.log.publish().await.unwrap();
    let before = world.audit().await;
    world.clock = world.clock.plus_us(2 * DAY_US);
    assert_eq!(world.log.forget_details(HOME, 1).await.unwrap(), 2);
    assert_eq!(world.log.forget_household(NEIGHBOUR).await.unwrap(), 2);
    world.restart().await.unwrap();
    assert_eq!(world.audit().await, before);
    let (_, visited) = world.visit(None).await;
    assert_eq!(visited.alarms, []);
    let told: Vec<_> = visited.reading.entries.iter().map(|read| read.details.is_some()).collect();
    assert_eq!(told, [false, false, true, true]);
    assert_eq!(world.log.visit(NEIGHBOUR, 0, 0, 10).await.unwrap().shown, []);
}

#[tokio::test]
async fn only_files_of_the_checkpoint_are_public() {
    let mut world = World::new().await;
    world.write(HOME, 260).await;
    world.log.publish().await.unwrap();
    world.write(HOME, 5).await;
    // A publication that stops before its checkpoint leaves tiles that nobody has been told of.
    world.steps.allow(4);
    assert!(world.log.publish().await.is_err());
    world.steps.allow(u32::MAX);
    for path in ["tile/0/000", "tile/0/001.p/4", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/4"] {
        assert!(world.log.public_file(path).await.unwrap().is_some(), "{path}");
    }
    for path in [
        "tile/0/001.p/9",
        "tile/0/002",
        "unfinished",
        "../vault.db",
        "tile/0/../../vault.db",
        "log.key",
        "",
        "tile/0/000.p/3",
    ] {
        assert_eq!(world.log.public_file(path).await.unwrap(), None, "{path}");
    }
}

/// A log with entries, a backup of it, and a place where the backup was put back.
async fn restored() -> (World, StoreConfig) {
    let mut world = World::new().await;
    for household in [HOME, NEIGHBOUR] {
        sqlx::query("INSERT INTO household (household, made_us, used_bytes, recordings) VALUES ($1, 1, 0, 0)")
            .bind(household.to_hex())
            .execute(world.store.db().writer())
            .await
            .unwrap();
    }
    world.write(HOME, 3).await;
    world.log.publish().await.unwrap();
    let backup = world.path("backups/one");
    world.store.backup(&backup, NOW).await.unwrap();
    // What is seen of it goes on after the backup.
    world.write(HOME, 2).await;
    world.log.publish().await.unwrap();
    let config = StoreConfig::in_folder(&world.path("again"));
    crate::store::restore(&backup, &config, NOW.plus_us(DAY_US)).unwrap();
    (world, config)
}

#[tokio::test]
async fn a_restored_vault_begins_another_log_and_says_so_in_every_chain() {
    let (world, config) = restored().await;
    let mut origins = Vec::new();
    for _ in 0..2 {
        let store = Store::open(config.clone()).await.unwrap();
        let log = Log::open(&store, "eaves.invalid").await.unwrap();
        log.publish().await.unwrap();
        assert_ne!(log.key(), world.log.key(), "neither its name nor its key");
        origins.push(log.key().to_text());
        for (household, entries) in [(HOME, 3), (NEIGHBOUR, 0)] {
            let visit = log.visit(household, 0, 0, 10).await.unwrap();
            let told: Vec<_> = visit.shown.iter().map(|one| one.opening.details().unwrap().unwrap()).collect();
            let begun = What::LogBegun { entries, backup_us: NOW };
            assert_eq!(told, [Details { who: Who::Operator, what: begun }]);
        }
        let (closed,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM closed_log_entry WHERE origin = $1")
            .bind(world.log.key().name().to_owned())
            .fetch_one(store.db().read())
            .await
            .unwrap();
        assert_eq!(closed, 3, "what the backup had of the old one is kept");
        store.close().await;
    }
    assert_eq!(origins[0], origins[1], "once");
    // Whoever has seen the old log believes nothing of the new one under its name.
    let store = Store::open(config).await.unwrap();
    let log = Log::open(&store, "eaves.invalid").await.unwrap();
    let note = Note::parse(&log.public_file("checkpoint").await.unwrap().unwrap()).unwrap();
    assert!(Checkpoint::verified(&note, &world.log.key()).is_err());
}

#[tokio::test]
async fn a_restored_log_that_is_cut_off_anywhere_while_it_begins_begins_once() {
    for allowed in 0..20 {
        let (_world, config) = restored().await;
        let steps = Steps::default();
        let store = Store::open_with(config.clone(), steps.clone()).await.unwrap();
        steps.allow(allowed);
        let first = Log::open(&store, "eaves.invalid").await.map(|log| log.key());
        let is_stopped = steps.is_stopped();
        assert!(first.is_ok() || is_stopped);
        store.close().await;
        let store = Store::open(config).await.unwrap();
        let log = Log::open(&store, "eaves.invalid").await.unwrap();
        log.publish().await.unwrap();
        assert_eq!(log.visit(HOME, 0, 0, 10).await.unwrap().shown.len(), 1);
        if !is_stopped {
            assert!(allowed >= 4, "{allowed}");
            return;
        }
    }
    panic!("it never came to its end");
}
