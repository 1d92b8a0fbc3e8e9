//! A household's entries: every way to show less, more, other or differently, and which entry it is said of.

use eaves_domain::{HouseholdId, MemberId};
use eaves_testkit::home::NOON;
use eaves_testkit::log::{SimulatedLog, after_noon, nonces, signed_out};
use eaves_tlog::chain::{Fault, Finding, Known, Reading, Shown, read};
use eaves_tlog::details::{Details, What, Who};
use eaves_tlog::entry::Head;
use proptest::prelude::*;

const HOME: HouseholdId = HouseholdId([3; 16]);
const NEIGHBOUR: HouseholdId = HouseholdId([4; 16]);
const DAY_US: i64 = 86_400_000_000;

fn details(n: u64) -> Details {
    let what = What::DetailsErased { through: n };
    Details { who: Who::Member { member: MemberId([6; 16]) }, what }
}

/// Seven entries of a home, a minute apart, among those of others.
fn world() -> SimulatedLog {
    let mut log = SimulatedLog::new(1);
    for n in 0..7u8 {
        log.strangers(u64::from(n) % 3);
        log.write(HOME, &details(n.into()), after_noon(60 * i64::from(n)));
        log.write(NEIGHBOUR, &details(n.into()), after_noon(60 * i64::from(n)));
    }
    log
}

fn known(from: Option<Head>) -> Known {
    Known { household: HOME, from, now: after_noon(3_600), details_kept_us: 30 * DAY_US }
}

fn reading(log: &SimulatedLog, shown: &[Shown]) -> Reading {
    read(&known(Some(Head::EMPTY)), &log.checkpoint(), shown)
}

fn faults(reading: &Reading) -> Vec<(Option<u64>, Fault)> {
    reading.findings.iter().map(|finding| (finding.sequence, finding.fault)).collect()
}

#[test]
fn an_honest_chain_reads_whole_in_parts_and_from_the_middle() {
    let log = world();
    let shown = log.shown(HOME, 0);
    let whole = reading(&log, &shown);
    assert_eq!(faults(&whole), []);
    assert_eq!(whole.entries.iter().map(|read| read.line.sequence).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(whole.entries[4].details, Some(details(4)));
    let first = reading(&log, &shown[..3]);
    let rest = read(&known(first.head), &log.checkpoint(), &shown[3..]);
    assert_eq!((faults(&rest), rest.head), (vec![], whole.head));
    let middle = read(&known(None), &log.checkpoint(), &shown[2..5]);
    assert_eq!(faults(&middle), []);
    let nothing = read(&known(whole.head), &log.checkpoint(), &[]);
    assert_eq!((faults(&nothing), nothing.head), (vec![], whole.head));
}

#[test]
fn an_entry_that_is_left_out_is_named() {
    let log = world();
    for missing in 0..6 {
        let mut shown = log.shown(HOME, 0);
        shown.remove(missing);
        let reading = reading(&log, &shown);
        assert_eq!(faults(&reading), [(Some(missing as u64), Fault::Missing)]);
        assert_eq!(reading.head.unwrap().next_sequence, missing as u64, "the head stays before the hole");
    }
    let shown = log.shown(HOME, 4);
    let found = reading(&log, &shown).findings;
    assert_eq!(found, [Finding { sequence: Some(0), index: None, count: 4, fault: Fault::Missing }]);
}

#[test]
fn entries_that_change_places_are_named() {
    let log = world();
    for (a, b) in [(0, 1), (2, 5), (5, 6)] {
        let mut shown = log.shown(HOME, 0);
        shown.swap(a, b);
        let reading = reading(&log, &shown);
        assert!(!reading.findings.is_empty());
        assert!(reading.findings.iter().all(|finding| finding.fault == Fault::OutOfOrder), "{:?}", reading.findings);
        assert!(reading.findings.iter().any(|finding| finding.sequence == Some(a as u64)), "{:?}", reading.findings);
    }
}

#[test]
fn an_entry_shown_twice_is_named() {
    let log = world();
    let mut shown = log.shown(HOME, 0);
    shown.insert(4, shown[2].clone());
    assert_eq!(faults(&reading(&log, &shown)), [(Some(2), Fault::Repeated)]);
    let head = reading(&log, &log.shown(HOME, 0)[..3]).head;
    let again = read(&known(head), &log.checkpoint(), &log.shown(HOME, 2));
    assert_eq!(faults(&again), [(Some(2), Fault::Repeated)]);
}

#[test]
fn an_altered_entry_opening_proof_or_place_is_named() {
    let log = world();
    let check = |change: &dyn Fn(&mut Shown), expected: Fault| {
        let mut shown = log.shown(HOME, 0);
        change(&mut shown[3]);
        let reading = reading(&log, &shown);
        let found = faults(&reading);
        assert!(found.iter().any(|(_, fault)| *fault == expected), "{expected:?}: {found:?}");
        assert!(found.iter().all(|(sequence, _)| sequence.is_none_or(|s| s == 3)), "{found:?}");
        assert!(reading.head.unwrap().next_sequence <= 3);
    };
    check(&|one| one.entry.0[5] ^= 1, Fault::Altered);
    check(&|one| one.opening.nonce.0[5] ^= 1, Fault::Altered);
    check(&|one| one.opening.details.as_mut().unwrap().text.0[12] ^= 1, Fault::Altered);
    check(&|one| one.proof[1].0[0] ^= 1, Fault::NotIncluded);
    check(&|one| one.proof.truncate(1), Fault::NotIncluded);
    check(&|one| one.index += 1, Fault::NotIncluded);
    check(&|one| one.index = u64::MAX, Fault::NotIncluded);
    check(&|one| one.entry.0.truncate(32), Fault::Malformed);
    // A whole new entry that was never in the log.
    check(
        &|one| {
            let mut head = Head { next_sequence: 3, ..Head::EMPTY };
            let (entry, opening) = head.write(HOME, &signed_out(), NOON, &nonces(99));
            (one.entry, one.opening) = (entry.to_bytes().to_vec().into(), opening);
        },
        Fault::NotIncluded,
    );
    // The neighbour's.
    let mut shown = log.shown(HOME, 0);
    shown[3] = log.shown(NEIGHBOUR, 3)[0].clone();
    let found = faults(&reading(&log, &shown));
    assert_eq!(found, [(None, Fault::WrongHousehold), (Some(3), Fault::Missing)]);
}

/// Somebody who keeps the log can also write into it. The chain still shows what is not as it was.
#[test]
fn another_entry_written_later_under_the_same_number_breaks_the_chain() {
    let mut log = world();
    let honest = log.shown(HOME, 0);
    let mut head = reading(&log, &honest[..3]).head.unwrap();
    let index = log.size();
    let (entry, opening) = head.write(HOME, &signed_out(), after_noon(180), &nonces(1_000));
    log.append(&[entry.to_bytes().to_vec()]);
    log.households.get_mut(&HOME).unwrap().1[3] = (index, opening);
    let found = faults(&reading(&log, &log.shown(HOME, 0)));
    assert!(found.contains(&(Some(4), Fault::Broken)), "its successor names the one it knew: {found:?}");
    assert!(found.contains(&(Some(4), Fault::OutOfOrder)), "and stands before it in the log: {found:?}");
}

#[test]
fn times_that_cannot_be_are_named() {
    let mut log = SimulatedLog::new(1);
    log.write(HOME, &details(0), after_noon(100));
    // Written by somebody who does not keep to the rule of Head::write.
    let mut head = log.households[&HOME].0;
    head.at_us = NOON;
    let index = log.size();
    let (entry, opening) = head.write(HOME, &details(1), after_noon(99), &nonces(50));
    log.append(&[entry.to_bytes().to_vec()]);
    log.keep(HOME, index, opening);
    assert_eq!(faults(&reading(&log, &log.shown(HOME, 0))), [(Some(1), Fault::Backdated)]);
    let mut log = SimulatedLog::new(1);
    log.write(HOME, &details(0), after_noon(3_600 + 601));
    assert_eq!(faults(&reading(&log, &log.shown(HOME, 0))), [(Some(0), Fault::FromFuture)]);
}

#[test]
fn details_may_be_forgotten_after_their_time_and_not_before() {
    let log = world();
    let mut shown = log.shown(HOME, 0);
    shown[1].opening.forget_details();
    assert_eq!(faults(&reading(&log, &shown)), [(Some(1), Fault::ErasedTooEarly)]);
    let later = Known { now: after_noon(60).plus_us(30 * DAY_US), ..known(Some(Head::EMPTY)) };
    let reading = read(&later, &log.checkpoint(), &shown);
    assert_eq!(faults(&reading), []);
    assert_eq!(reading.entries[1].details, None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    /// Whatever is done to what is shown: either nothing is changed, or something is said.
    #[test]
    fn no_selection_order_or_repetition_but_the_honest_one_is_silent(order in proptest::collection::vec(0usize..7, 0..9)) {
        let log = world();
        let all = log.shown(HOME, 0);
        let shown: Vec<_> = order.iter().map(|at| all[*at].clone()).collect();
        let is_prefix = order.iter().enumerate().all(|(i, at)| i == *at);
        prop_assert_eq!(reading(&log, &shown).findings.is_empty(), is_prefix);
    }

    #[test]
    fn no_changed_byte_is_silent(which in 0usize..7, at in any::<prop::sample::Index>(), bit in 0usize..8) {
        let log = world();
        let mut shown = log.shown(HOME, 0);
        let text = serde_json::to_vec(&shown[which]).unwrap();
        let mut changed = text.clone();
        changed[at.index(text.len())] ^= 1 << bit;
        if let Ok(one) = serde_json::from_slice::<Shown>(&changed) && one != shown[which] {
            shown[which] = one;
            prop_assert!(!reading(&log, &shown).findings.is_empty());
        }
    }
}
