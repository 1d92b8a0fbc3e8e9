//! What an app notices between two visits.

use eaves_domain::envelope::PublicKey;
use eaves_domain::{HouseholdId, HubId, Timestamp};
use eaves_testkit::log::{SimulatedLog, after_noon, signed_out};
use eaves_tlog::Error;
use eaves_tlog::chain::Fault;
use eaves_tlog::cosignature;
use eaves_tlog::monitor::{Alarm, Memory, Monitor, PROMISES_MAX, Promise, Visit, Visited};
use eaves_tlog::note::Note;
use ed25519_dalek::SigningKey;

const HOME: HouseholdId = HouseholdId([3; 16]);
const HUB: HubId = HubId([9; 16]);

fn hub_key() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

fn monitor(log: &SimulatedLog, quorum: usize) -> Monitor {
    let witness = cosignature::hub_key(HUB, PublicKey::of(&hub_key()));
    Monitor { policy: log.policy(vec![witness], quorum), household: HOME, details_kept_us: 86_400_000_000 }
}

/// A log with three entries of the home, and what an app remembers of it a minute later.
fn world() -> (SimulatedLog, Memory) {
    let mut log = SimulatedLog::new(1);
    for n in 0..3 {
        log.strangers(2);
        log.write(HOME, &signed_out(), after_noon(n));
    }
    let visited = visit(&log, None, after_noon(60));
    assert_eq!(visited.alarms, []);
    let memory = visited.memory;
    (log, memory)
}

fn visit(log: &SimulatedLog, memory: Option<&Memory>, now: Timestamp) -> Visited {
    visit_with(log, memory, now, &log.note(), 0)
}

fn visit_with(log: &SimulatedLog, memory: Option<&Memory>, now: Timestamp, note: &Note, quorum: usize) -> Visited {
    let old = memory.map_or(0, |memory| memory.size);
    let from = memory.map_or(0, |memory| memory.head.next_sequence);
    let consistency = if old <= log.size() { log.consistency(old) } else { Vec::new() };
    let visit = Visit { checkpoint: note, consistency: &consistency, shown: &log.shown(HOME, from) };
    monitor(log, quorum).visit(memory, &visit, now).unwrap()
}

fn codes(visited: &Visited) -> Vec<&'static str> {
    visited.alarms.iter().map(|alarm| alarm.code()).collect()
}

#[test]
fn an_honest_log_is_followed_in_silence() {
    let (mut log, mut memory) = world();
    for n in 1..5 {
        log.strangers(3);
        log.write(HOME, &signed_out(), after_noon(60 * n + 30));
        let visited = visit(&log, Some(&memory), after_noon(60 * n + 60));
        assert_eq!(visited.alarms, []);
        assert_eq!(visited.reading.entries.len(), 1);
        memory = visited.memory;
        assert_eq!((memory.size, memory.head.next_sequence), (log.size(), 3 + n as u64));
        let kept = serde_json::to_vec(&memory).unwrap();
        assert_eq!(serde_json::from_slice::<Memory>(&kept).unwrap(), memory, "it can be stored");
    }
    assert_eq!(visit(&log, Some(&memory), after_noon(3_600)).alarms, [], "nothing new");
}

#[test]
fn a_log_that_was_rolled_back_raises_the_alarm_and_is_not_remembered() {
    let mut log = SimulatedLog::new(1);
    log.strangers(4);
    log.write(HOME, &signed_out(), after_noon(0));
    let older = log.clone();
    log.strangers(1);
    let memory = visit(&log, None, after_noon(60)).memory;
    let visited = visit(&older, Some(&memory), after_noon(120));
    assert_eq!(visited.alarms, [Alarm::RolledBack { from: 6, to: 5 }]);
    assert_eq!(visited.memory, memory);
}

#[test]
fn two_histories_raise_the_alarm_whatever_their_size() {
    let (log, memory) = world();
    for strangers in [6, 7, 300] {
        // The same keeper, another history; of the first size also the same size.
        let mut other = SimulatedLog::new(1);
        other.strangers(strangers);
        for n in 0..3 {
            other.write(HOME, &signed_out(), after_noon(n));
        }
        assert!(other.size() >= log.size());
        let visited = visit(&other, Some(&memory), after_noon(120));
        assert_eq!(visited.alarms, [Alarm::TwoHistories], "{strangers}");
        assert_eq!(visited.memory, memory);
    }
}

#[test]
fn a_dropped_entry_raises_the_alarm_also_when_it_was_the_last_one_and_somebody_has_its_receipt() {
    let (mut log, mut memory) = world();
    let (index, opening) = log.write(HOME, &signed_out(), after_noon(70));
    let receipt = log.receipt(index, &opening, log.note());
    memory.expect(&receipt.verify_receipt(&log.policy(Vec::new(), 0)).unwrap());
    assert_eq!(visit(&log, Some(&memory), after_noon(120)).alarms, []);
    let honest = log.households[&HOME].clone();
    // Not shown at all: the numbers end before it.
    log.households.get_mut(&HOME).unwrap().1.pop();
    let visited = visit(&log, Some(&memory), after_noon(120));
    assert_eq!(codes(&visited), ["dropped"]);
    assert_eq!(visited.memory.promises, memory.promises, "it is still expected");
    // Another under its number.
    log.households.get_mut(&HOME).unwrap().0.next_sequence = 3;
    log.households.get_mut(&HOME).unwrap().0.last = memory.head.last;
    log.write(HOME, &signed_out(), after_noon(71));
    assert_eq!(codes(&visit(&log, Some(&memory), after_noon(120))), ["dropped"]);
    // Honest again.
    log.households.insert(HOME, honest);
    let visited = visit(&log, Some(&memory), after_noon(120));
    assert_eq!((codes(&visited), visited.memory.promises.len()), (vec![], 0));
}

#[test]
fn an_entry_that_was_held_back_or_backdated_raises_the_alarm() {
    let (mut log, memory) = world();
    // In the log before the visit, and shown only after it.
    let mut earlier = log.clone();
    let (_, all) = earlier.households.get_mut(&HOME).unwrap();
    let hidden = all.pop().unwrap();
    let seen = visit(&earlier, None, after_noon(60)).memory;
    earlier.households.get_mut(&HOME).unwrap().1.push(hidden);
    let visited = visit(&earlier, Some(&seen), after_noon(120));
    assert_eq!(codes(&visited), ["held-back"]);
    assert_eq!(visited.memory.head, seen.head, "the head does not move past it");
    // Written an hour after the visit, and said to be from before it.
    log.write(HOME, &signed_out(), after_noon(3));
    let later = Memory { seen_us: after_noon(3_600), ..memory.clone() };
    let visited = visit(&log, Some(&later), after_noon(7_200));
    assert_eq!(visited.alarms.len(), 1);
    assert!(
        matches!(visited.alarms[0], Alarm::Entry(found) if found.fault == Fault::Backdated && found.sequence == Some(3))
    );
    // Ten minutes are a clock, not a lie.
    let soon = Memory { seen_us: after_noon(603), ..memory };
    assert_eq!(visit(&log, Some(&soon), after_noon(7_200)).alarms, []);
}

#[test]
fn a_checkpoint_of_another_log_or_without_its_witness_teaches_nothing() {
    let (log, memory) = world();
    let other = SimulatedLog::new(2);
    let empty = |note: &Note, quorum| {
        let visit = Visit { checkpoint: note, consistency: &[], shown: &[] };
        monitor(&log, quorum).visit(Some(&memory), &visit, after_noon(120)).map(drop)
    };
    assert_eq!(empty(&log.note(), 0), Ok(()));
    assert_eq!(empty(&other.note(), 0), Err(Error::NotSignedByTrusted));
    assert_eq!(empty(&log.note(), 1), Err(Error::CosignatureMissing));
    assert_eq!(empty(&log.cosigned(HUB, &hub_key(), after_noon(100)), 1), Ok(()));
    let impostor = SigningKey::from_bytes(&[8; 32]);
    assert_eq!(empty(&log.cosigned(HUB, &impostor, after_noon(100)), 1), Err(Error::CosignatureMissing));
}

#[test]
fn a_log_that_no_witness_has_signed_for_a_day_is_said_to_stand_still() {
    let (log, memory) = world();
    let note = log.cosigned(HUB, &hub_key(), after_noon(60));
    let day = 86_400;
    assert_eq!(visit_with(&log, Some(&memory), after_noon(60 + day), &note, 1).alarms, []);
    let visited = visit_with(&log, Some(&memory), after_noon(61 + day), &note, 1);
    assert_eq!(visited.alarms, [Alarm::Stale { since: after_noon(60) }]);
}

#[test]
fn promises_are_bounded_and_those_of_the_past_are_not_taken() {
    let (_, mut memory) = world();
    memory.promise(Promise { sequence: 2, leaf: eaves_domain::Digest([1; 32]) });
    assert!(memory.promises.is_empty());
    for n in 0..1_000 {
        memory.promise(Promise { sequence: 3 + n, leaf: eaves_domain::Digest([1; 32]) });
        memory.promise(Promise { sequence: 3 + n, leaf: eaves_domain::Digest([1; 32]) });
    }
    assert_eq!(memory.promises.len(), PROMISES_MAX);
    assert_eq!(memory.promises.last().map(|promise| promise.sequence), Some(1_002));
}
