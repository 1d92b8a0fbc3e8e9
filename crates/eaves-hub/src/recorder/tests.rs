//! Recorder, spool and a vault that may be away or lose answers, on a disk that may fail or be unplugged at any step:
//! the chain that reaches the vault is whole, every instant of it is covered once, and every body is what it says.

use super::*;
use crate::durable::faulty::{Fault, FaultyDisk};
use crate::spool::store::SpoolLimits;
use crate::spool::{EntryKind, Failure, Signer, Verdict, judge};
use crate::timeline::{OVERLAP_US_MAX, PAUSE_US_MAX};
use eaves_domain::envelope::{Envelope, PublicKey};
use eaves_domain::link::{ChainHead, Link, LinkKind};
use eaves_domain::retention::{Class, Lifetimes};
use eaves_domain::{HouseholdId, HubId, RecordingId, RoomId, RunId};
use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use std::path::PathBuf;

const S: i64 = 1_000_000;
const DEVICE: DeviceId = DeviceId([7; 16]);
const PLACE: Place = Place { room: RoomId([3; 16]), epoch: 1, roster: 1 };
const SIGNER: Signer = Signer { household: HouseholdId([1; 16]), hub: HubId([2; 16]), device: DEVICE };

struct World {
    disk: FaultyDisk,
    spool: Arc<Spool>,
    recorder: Recorder,
    key: SigningKey,
    now: Timestamp,
    start: Timestamp,
    limit: u64,
    count: u8,
    chain: Vec<Link>,
    vault: ChainHead,
}

impl World {
    fn new(limit: u64) -> Self {
        let disk = FaultyDisk::default();
        let now = Timestamp(1_700_000_000 * S);
        let spool = open_spool(&disk, limit).unwrap();
        let recorder = Recorder::open(spool.clone(), DEVICE, PLACE, now, GapCause::HubInterrupted).unwrap();
        let key = SigningKey::from_bytes(&[9; 32]);
        let (chain, vault) = (vec![], ChainHead::EMPTY);
        World { disk, spool, recorder, key, now, start: now, limit, count: 0, chain, vault }
    }

    fn pass(&mut self, seconds: i64) {
        self.now = self.now.plus_us(seconds * S);
    }

    /// One recording of up to `groups` groups of pictures; like a camera worker, it gives up at the first error.
    fn record(&mut self, groups: u8, finish: bool) -> io::Result<()> {
        self.count = self.count.wrapping_add(1);
        let start = self.now;
        let begin = Begin {
            recording: RecordingId([self.count; 16]),
            run: RunId([4; 16]),
            class: Class::Continuous,
            lifetimes: Lifetimes::default(),
            place: PLACE,
            start_us: start,
            header: Base64Url(vec![self.count; 40]),
        };
        self.recorder.begin(begin)?;
        for group in 0..groups {
            self.pass(2);
            let bytes = Bytes::from(vec![group; 3_000]);
            self.recorder.media(&[bytes.slice(..10), bytes.slice(10..)], Some(self.now))?;
            self.recorder.flush()?;
        }
        if finish {
            let card = SealedPart { kind: PartKind::Card, header: vec![1; 30], body: vec![Bytes::from(vec![2; 50])] };
            self.recorder.finish(start, self.now, &[Bytes::from_static(b"last")], vec![card])
        } else {
            self.recorder.interrupt()
        }
    }

    fn record_or_down(&mut self, groups: u8, finish: bool) {
        if self.record(groups, finish).is_err() {
            let _ = self.recorder.down(GapCause::RecordingFailed, self.now);
        }
    }

    /// The machine stops here and starts again a while later.
    fn restart(&mut self, luck: &mut impl FnMut(usize) -> usize) {
        self.disk.power_cut(&mut *luck);
        self.pass(20);
        self.spool = open_spool(&self.disk, self.limit).expect("a spool opens after any power cut");
        self.recorder =
            Recorder::open(self.spool.clone(), DEVICE, PLACE, self.start, GapCause::HubInterrupted).unwrap();
    }

    /// Hands the next item to a vault that takes it; its answer may be lost.
    fn upload(&mut self, answer_lost: bool) -> bool {
        let Some((device, entry, record)) = self.spool.start_uploads(i64::MAX).pop() else { return false };
        let item = self.spool.item(device, entry.seq).unwrap();
        let envelope = Envelope::sign(&item.link(SIGNER, record.head), &self.key);
        let next = ChainHead { next_index: record.head.next_index + 1, digest: Some(envelope.payload_digest()) };
        match judge(record.head, next, self.vault) {
            Verdict::AlreadyThere => {}
            Verdict::InStep => {
                if self.body_is_lost(&item) {
                    assert!(!matches!(entry.kind, EntryKind::Gap(_)));
                    self.spool.failed(device, entry.seq, Failure::BodyLost, 0, 0);
                    return true;
                }
                let key = PublicKey::of(&self.key);
                let link = self.vault.accept(&envelope, SIGNER.household, DEVICE, key).unwrap();
                self.chain.push(link);
            }
            verdict => panic!("an honest vault was judged {verdict:?}"),
        }
        if answer_lost {
            self.spool.failed(device, entry.seq, Failure::Unavailable, 0, 0);
        } else {
            self.spool.uploaded(device, entry.seq, next);
        }
        true
    }

    /// Whether the log does not hold what the item says.
    fn body_is_lost(&self, item: &Item) -> bool {
        let ItemKind::Recording(recording) = &item.kind else { return false };
        recording.parts.iter().any(|part| {
            let mut body = Vec::new();
            for (offset, len) in &part.extents {
                body.extend(self.spool.read_body(DEVICE, item.seq, *offset, *len as usize).unwrap_or_default());
            }
            Digest::of(&body) != part.part.body || body.len() as u64 != part.part.body_bytes
        })
    }

    /// Lets everything that is left reach the vault, then checks the chain from the first moment until now.
    fn drain_and_check(&mut self) {
        self.pass(1);
        self.recorder.down(GapCause::HubStopped, self.now).unwrap();
        self.pass(700);
        self.recorder.tick(self.now).unwrap();
        while self.upload(false) {}
        assert!(!self.spool.is_unsettled());
        let mut covered = self.start;
        for link in &self.chain {
            let pause = link.start_us.since_us(covered);
            assert!(pause <= PAUSE_US_MAX, "nothing tells what happened for {pause} us before {link:?}");
            assert!(pause >= -OVERLAP_US_MAX, "{} us are covered twice, at {link:?}", -pause);
            covered = link.end_us;
        }
        assert_eq!(covered, self.now, "the chain reaches until now");
        let leftover: Vec<PathBuf> = self
            .disk
            .paths()
            .into_iter()
            .filter(|p| p.extension().is_some_and(|e| e == "log" || e == "item"))
            .collect();
        assert!(leftover.is_empty(), "files without purpose: {leftover:?}");
    }
}

fn open_spool(disk: &FaultyDisk, limit: u64) -> io::Result<Arc<Spool>> {
    let limits = SpoolLimits { bytes_max: limit, uploads_max: 2 };
    Ok(Arc::new(Spool::open(Arc::new(disk.clone()), PathBuf::from("/spool"), limits)?))
}

#[test]
fn recording_becomes_a_link_with_all_its_parts() {
    let mut world = World::new(u64::MAX);
    world.record(3, true).unwrap();
    world.drain_and_check();
    let LinkKind::Recording { cut, parts, keep_until_us, .. } = &world.chain[0].kind else { panic!("a recording") };
    assert!(!cut);
    assert_eq!(
        parts.iter().map(|p| (p.part, p.body_bytes)).collect::<Vec<_>>(),
        [(PartKind::Media, 9_004), (PartKind::Card, 50)]
    );
    assert_eq!(*keep_until_us, world.chain[0].end_us.plus_us(3 * 86_400 * S));
}

#[test]
fn power_cut_costs_at_most_the_group_of_pictures_being_written() {
    let mut world = World::new(u64::MAX);
    let start = world.now;
    // The process dies while it writes the third group.
    let died = (0..).find(|step| {
        world = World::new(u64::MAX);
        world.disk.inject(world.disk.steps() + step, Fault::Dead);
        world.record(3, true).is_err() && world.now == start.plus_us(6 * S)
    });
    assert!(died.is_some());
    world.restart(&mut |n| n - 1);
    world.drain_and_check();
    let LinkKind::Recording { cut, .. } = world.chain[0].kind else { panic!("a recording: {:?}", world.chain) };
    assert!(cut);
    assert_eq!(world.chain[0].end_us, start.plus_us(4 * S));
    assert_eq!(world.chain[1].kind, LinkKind::Gap { cause: GapCause::HubInterrupted });
}

#[test]
fn full_spool_gives_up_the_oldest_and_says_so_in_one_gap() {
    let mut world = World::new(60_000);
    for _ in 0..20 {
        world.record(3, true).unwrap();
    }
    let (_, bytes) = world.spool.waiting();
    assert!(bytes <= 60_000);
    assert!(world.disk.used() < 90_000, "what was given up is gone from disk");
    world.drain_and_check();
    let kinds: Vec<_> = world.chain.iter().map(|l| matches!(l.kind, LinkKind::Gap { .. })).collect();
    assert!(!kinds[0], "the first item may be in the vault already, so it is kept");
    assert_eq!(world.chain[1].kind, LinkKind::Gap { cause: GapCause::SpoolFull });
    assert_eq!(kinds.iter().filter(|gap| **gap).count(), 2, "one for the spool, one for the end: {kinds:?}");
}

#[test]
fn full_disk_cuts_the_recording_and_leaves_nothing_half_done() {
    let mut world = World::new(u64::MAX);
    world.record(3, true).unwrap();
    world.disk.set_capacity(Some(world.disk.used() + 8_000));
    assert!(world.record(5, true).is_err());
    let _ = world.recorder.down(GapCause::DiskFull, world.now);
    // The upload makes room although not even the head can be written at first.
    world.disk.set_capacity(Some(world.disk.used()));
    while world.upload(false) {}
    world.disk.set_capacity(None);
    world.drain_and_check();
    assert!(world.chain.iter().any(|l| l.kind == LinkKind::Gap { cause: GapCause::DiskFull }));
}

#[test]
fn damaged_body_becomes_a_gap_and_the_chain_goes_on() {
    let mut world = World::new(u64::MAX);
    world.record(2, true).unwrap();
    world.record(2, true).unwrap();
    let log = world.disk.paths().into_iter().find(|p| p.extension().is_some_and(|e| e == "log")).unwrap();
    crate::durable::Disk::remove(&world.disk, &log).unwrap();
    world.drain_and_check();
    assert_eq!(world.chain[0].kind, LinkKind::Gap { cause: GapCause::RecordingFailed });
    assert!(world.chain[1].recording().is_some());
}

#[test]
fn command_drops_the_recording_whose_link_it_names_and_no_other() {
    let mut world = World::new(u64::MAX);
    world.record(2, true).unwrap();
    world.record(2, true).unwrap();
    world.upload(true);
    let link = world.vault.digest.unwrap();
    let target = |link| eaves_domain::command::EraseTarget { recording: RecordingId([1; 16]), link };
    assert_eq!(world.spool.erase(SIGNER, &world.key, &[target(Digest([0; 32]))]).unwrap(), 0, "another link");
    assert_eq!(world.spool.erase(SIGNER, &world.key, &[target(link)]).unwrap(), 1);
    assert_eq!(world.spool.head(DEVICE).head, world.vault, "the chain moved on over it");
    world.drain_and_check();
}

#[derive(Clone, Debug)]
enum Step {
    Record { groups: u8, finish: bool },
    Pause,
    Down(GapCause),
    Tick,
    Upload { answer_lost: bool },
    PowerCut,
    Fault { in_steps: u64, fault: Fault },
}

fn steps() -> impl Strategy<Value = Step> {
    let fault = prop_oneof![Just(Fault::FailsUndone), Just(Fault::FailsDone), Just(Fault::Dead)];
    prop_oneof![
        4 => (0u8..6, any::<bool>()).prop_map(|(groups, finish)| Step::Record { groups, finish }),
        2 => Just(Step::Pause),
        2 => prop_oneof![Just(GapCause::CameraStalled), Just(GapCause::CameraUnreachable)].prop_map(Step::Down),
        1 => Just(Step::Tick),
        4 => any::<bool>().prop_map(|answer_lost| Step::Upload { answer_lost }),
        1 => Just(Step::PowerCut),
        3 => (0u64..30, fault).prop_map(|(in_steps, fault)| Step::Fault { in_steps, fault }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]
    #[test]
    fn chain_is_whole_whatever_fails(
        steps in proptest::collection::vec(steps(), 1..40),
        small in any::<bool>(),
        luck in proptest::collection::vec(any::<usize>(), 64),
    ) {
        let mut luck = luck.into_iter().cycle();
        let mut luck = |n: usize| luck.next().unwrap() % n;
        let mut world = World::new(if small { 40_000 } else { u64::MAX });
        for step in steps {
            match step {
                Step::Record { groups, finish } => world.record_or_down(groups, finish),
                Step::Pause => world.pass(30),
                Step::Down(cause) => drop(world.recorder.down(cause, world.now)),
                Step::Tick => drop(world.recorder.tick(world.now)),
                Step::Upload { answer_lost } => drop(world.upload(answer_lost)),
                Step::PowerCut => world.restart(&mut luck),
                Step::Fault { in_steps, fault } => world.disk.inject(world.disk.steps() + in_steps, fault),
            }
            if world.disk.is_dead() {
                world.restart(&mut luck);
            }
        }
        world.disk.heal();
        world.drain_and_check();
    }
}
