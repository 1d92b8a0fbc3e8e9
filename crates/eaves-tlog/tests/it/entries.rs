//! Commitments: what they hide, what they bind, and what is left when something is forgotten.

use eaves_domain::{DeviceId, GrantId, HouseholdId, MemberId, RoomId, Timestamp};
use eaves_testkit::home::NOON;
use eaves_testkit::log::{SimulatedLog, nonces, signed_out};
use eaves_tlog::Error;
use eaves_tlog::details::{Details, GrantStep, What, Who};
use eaves_tlog::entry::{ENTRY_BYTES, Entry, Head, Opening};
use std::collections::BTreeSet;

const HOME: HouseholdId = HouseholdId([3; 16]);

fn live() -> Details {
    let (device, room) = (DeviceId([4; 16]), RoomId([5; 16]));
    Details { who: Who::Member { member: MemberId([6; 16]) }, what: What::LiveOpened { device, room } }
}

fn write(details: &Details) -> (Entry, Opening) {
    Head::EMPTY.clone().write(HOME, details, NOON, &nonces(1))
}

#[test]
fn a_reader_of_the_log_finds_33_bytes_that_repeat_nothing_and_name_nobody() {
    let mut log = SimulatedLog::new(1);
    let mut seen = BTreeSet::new();
    for n in 0..300 {
        // The same household, act and second, over and over.
        let (index, opening) = log.write(HOME, &live(), NOON);
        let entry = log.entry(index);
        assert_eq!(entry.len(), ENTRY_BYTES);
        assert_eq!(entry[0], 1);
        assert!(seen.insert(entry), "{n}");
        assert_ne!(opening.line, log.households[&HOME].1[0].1.line.clone().0.split_off(1).into());
    }
    let published: Vec<u8> = log.files.values().flatten().copied().collect();
    let (_, opening) = &log.households[&HOME].1[0];
    let secrets = [HOME.0.to_vec(), HOME.to_hex().into_bytes(), opening.nonce.0.clone(), vec![6; 16], b"live".to_vec()];
    for secret in secrets {
        assert!(!published.windows(secret.len()).any(|window| window == secret));
    }
    // The same search finds what is there.
    let there = log.entry(7);
    assert!(published.windows(there.len()).any(|window| window == there));
}

#[test]
fn whoever_can_guess_every_word_still_cannot_tell_which_entry_it_is() {
    let (entry, opening) = write(&live());
    let (guess, _) = Head::EMPTY.clone().write(HOME, &live(), NOON, &nonces(2));
    assert_ne!(entry, guess);
    let mut other = opening.clone();
    other.nonce.0[31] ^= 1;
    assert_ne!(other.entry(), entry);
}

#[test]
fn an_opening_opens_its_own_entry_and_every_bit_of_it_counts() {
    let (entry, opening) = write(&live());
    assert_eq!(opening.entry(), entry);
    assert_eq!(opening.details(), Ok(Some(live())));
    for bit in 0..opening.line.0.len() * 8 {
        let mut changed = opening.clone();
        changed.line.0[bit / 8] ^= 1 << (bit % 8);
        assert_ne!(changed.entry(), entry);
    }
    for bit in 0..256 {
        let mut changed = opening.clone();
        changed.nonce.0[bit / 8] ^= 1 << (bit % 8);
        assert_ne!(changed.entry(), entry);
        let mut changed = opening.clone();
        changed.details.as_mut().unwrap().nonce.0[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(changed.details(), Err(Error::Altered));
    }
    let length = opening.details.as_ref().unwrap().text.0.len();
    for bit in 0..length * 8 {
        let mut changed = opening.clone();
        changed.details.as_mut().unwrap().text.0[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(changed.details(), Err(Error::Altered));
    }
}

#[test]
fn forgotten_details_leave_the_entry_its_place_and_the_log_as_it_was() {
    let mut log = SimulatedLog::new(1);
    let (index, mut opening) = log.write(HOME, &live(), NOON);
    let before = (log.edge.root(), log.entry(index));
    let whole = opening.to_bytes();
    opening.forget_details();
    assert_eq!(opening.entry().to_bytes().to_vec(), before.1);
    assert_eq!(opening.line().unwrap().sequence, 0);
    assert_eq!(opening.details(), Ok(None));
    let left = opening.to_bytes();
    assert!(left.len() < whole.len() && !left.windows(7).any(|window| window == b"details"));
    assert_eq!(before, (log.edge.root(), log.entry(index)));
}

#[test]
fn the_chain_counts_names_the_one_before_and_follows_no_clock_back() {
    let mut head = Head::EMPTY;
    let (first, opening) = head.write(HOME, &live(), NOON, &nonces(1));
    assert_eq!(opening.line().unwrap().previous, None);
    let (_, opening) = head.write(HOME, &live(), NOON.plus_us(-5_000_000), &nonces(2));
    let line = opening.line().unwrap();
    assert_eq!((line.sequence, line.previous, line.at_us), (1, Some(first.leaf()), NOON));
    assert_eq!(head.next_sequence, 2);
}

#[test]
fn an_opening_is_read_within_bounds() {
    let (_, opening) = write(&live());
    assert_eq!(Opening::parse(&opening.to_bytes()), Ok(opening.clone()));
    let text = String::from_utf8(opening.to_bytes()).unwrap();
    for bad in [
        "{}".to_owned(),
        text.replace("\"line\"", "\"lines\""),
        text.replacen('{', "{\"more\":1,", 1),
        text.replacen("\"nonce\":\"", "\"nonce\":\"AAAA", 1),
    ] {
        assert_eq!(Opening::parse(bad.as_bytes()), Err(Error::Malformed), "{bad}");
    }
    let mut long = opening.clone();
    long.line.0.resize(20_000, b' ');
    assert_eq!(Opening::parse(&long.to_bytes()), Err(Error::TooLarge));
    assert_eq!(Opening::parse(&[b' '; 70_000]), Err(Error::TooLarge));
    assert_eq!(format!("{opening:?}"), "[redacted]");
}

#[test]
fn details_of_a_kind_to_come_are_kept_as_unknown() {
    let text =
        br#"{"who":{"by":"member","member":"06060606060606060606060606060606"},"kind":"oven-lit","degrees":200}"#;
    let details = Details::from_bytes(text).unwrap();
    assert_eq!(details, Details { who: Who::Member { member: MemberId([6; 16]) }, what: What::Unknown });
    let text = br#"{"who":{"by":"robot","serial":7},"kind":"session-ended","why":"expired"}"#;
    assert_eq!(Details::from_bytes(text).unwrap(), Details { who: Who::Unknown, what: signed_out().what });
    for bad in
        ["{}", r#"{"who":{"by":"vault"}}"#, r#"{"who":{"by":"member"},"kind":"oven-lit"}"#, r#"{"kind":"invited"}"#]
    {
        assert_eq!(Details::from_bytes(bad.as_bytes()), Err(Error::Malformed), "{bad}");
    }
    let grant = Details {
        who: Who::Vault,
        what: What::Grant { grant: GrantId([1; 16]), step: GrantStep::Expired, recordings: 3 },
    };
    let text = r#"{"who":{"by":"vault"},"kind":"grant","grant":"01010101010101010101010101010101","step":"expired","recordings":3}"#;
    assert_eq!(String::from_utf8(grant.to_bytes()).unwrap(), text);
    assert_eq!(Details::from_bytes(text.as_bytes()), Ok(grant));
}

#[test]
fn entries_of_other_lengths_and_kinds_are_refused() {
    let (entry, _) = write(&live());
    assert_eq!(Entry::from_bytes(&entry.to_bytes()), Ok(entry));
    let release = Entry::Release(eaves_domain::Digest([7; 32]));
    assert_eq!(Entry::from_bytes(&release.to_bytes()), Ok(release));
    for bad in [vec![], vec![1; 32], vec![1; 34], vec![0; 33], vec![3; 33]] {
        assert_eq!(Entry::from_bytes(&bad), Err(Error::Malformed));
    }
}

#[test]
fn a_line_with_numbers_that_not_every_reader_holds_is_refused() {
    let (_, opening) = write(&live());
    let text = String::from_utf8(opening.line.0.clone()).unwrap();
    for (from, to) in [
        ("\"sequence\":0", "\"sequence\":9007199254740992"),
        ("\"sequence\":0", "\"sequence\":-1"),
        ("\"sequence\":0", "\"sequence\":0.5"),
        ("\"atUs\":1", "\"atUs\":9223372036854775807,\"x\":1"),
    ] {
        let mut changed = opening.clone();
        changed.line = text.replace(from, to).into_bytes().into();
        assert_ne!(changed.line, opening.line);
        assert_eq!(changed.line().err(), Some(Error::Malformed), "{to}");
    }
    let far = Head::EMPTY.clone().write(HOME, &live(), Timestamp(i64::MAX), &nonces(1)).1;
    assert_eq!(far.line(), Err(Error::Malformed));
}
