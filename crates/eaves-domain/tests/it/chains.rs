//! Chains of rosters and of links: only the one next document fits.

use crate::{key, roster};
use eaves_domain::envelope::{Envelope, PublicKey};
use eaves_domain::link::{ChainHead, GapCause, Link, LinkError, LinkKind, Part, PartKind};
use eaves_domain::retention::Class;
use eaves_domain::roster::{Roster, RosterError};
use eaves_domain::{DeviceId, Digest, HouseholdId, HubId, RecordingId, RoomId, RunId, Timestamp};
use proptest::prelude::*;

fn link(head: ChainHead, kind: LinkKind) -> Link {
    Link {
        household: HouseholdId([9; 16]),
        hub: HubId([4; 16]),
        device: DeviceId([6; 16]),
        room: RoomId([5; 16]),
        epoch: 1,
        roster: 1,
        index: head.next_index,
        previous: head.digest,
        start_us: Timestamp(0),
        end_us: Timestamp(60_000_000),
        kind,
    }
}

fn recording(parts: &[PartKind]) -> LinkKind {
    let part = |kind| Part { part: kind, header: Digest([1; 32]), body: Digest([2; 32]), body_bytes: 32 };
    LinkKind::Recording {
        recording: RecordingId([7; 16]),
        run: RunId([8; 16]),
        class: Class::Event,
        keep_until_us: Timestamp(1_000_000_000),
        cut: false,
        parts: parts.iter().copied().map(part).collect(),
    }
}

fn accept(head: &mut ChainHead, envelope: &Envelope) -> Result<Link, LinkError> {
    head.accept(envelope, HouseholdId([9; 16]), DeviceId([6; 16]), PublicKey::of(&key(4)))
}

proptest! {
    #[test]
    fn links_are_accepted_in_their_one_order(count in 2..6_usize, a in 0..6_usize, b in 0..6_usize) {
        let (a, b) = (a % count, b % count);
        let mut head = ChainHead::EMPTY;
        let envelopes: Vec<_> = (0..count)
            .map(|n| {
                let kind = if n % 2 == 0 { recording(&PartKind::ALL) } else { LinkKind::Gap { cause: GapCause::DiskFull } };
                let envelope = Envelope::sign(&link(head, kind), &key(4));
                accept(&mut head, &envelope).unwrap();
                envelope
            })
            .collect();
        let mut swapped = envelopes.clone();
        swapped.swap(a, b);
        let mut head = ChainHead::EMPTY;
        let all = swapped.iter().try_for_each(|e| accept(&mut head, e).map(drop));
        prop_assert_eq!(all.is_ok(), a == b);
        let mut head = ChainHead::EMPTY;
        let without = envelopes.iter().enumerate().filter(|(n, _)| *n != a).try_for_each(|(_, e)| accept(&mut head, e).map(drop));
        prop_assert_eq!(without.is_ok(), a == count - 1, "only the end of a chain can be missing unseen");
    }

    #[test]
    fn a_refused_link_does_not_move_the_head(index in any::<u64>(), byte in any::<u8>()) {
        let mut head = ChainHead { next_index: 5, digest: Some(Digest([3; 32])) };
        let before = head;
        let mut wrong = link(head, recording(&[PartKind::Media]));
        wrong.index = index;
        wrong.previous = Some(Digest([byte; 32]));
        prop_assume!(index != 5 || byte != 3);
        prop_assert!(accept(&mut head, &Envelope::sign(&wrong, &key(4))).is_err());
        prop_assert_eq!(head, before);
    }

    #[test]
    fn parts_stand_in_their_one_order(picks in proptest::collection::vec(0..3_usize, 0..5)) {
        let parts: Vec<_> = picks.iter().map(|n| PartKind::ALL[*n]).collect();
        let is_sensible = picks.first() == Some(&0) && picks.windows(2).all(|pair| pair[0] < pair[1]);
        let link = link(ChainHead::EMPTY, recording(&parts));
        prop_assert_eq!(link.check().is_ok(), is_sensible);
        let read: Link = serde_json::from_slice(&serde_json::to_vec(&link).unwrap()).unwrap();
        prop_assert_eq!(read, link);
    }

    #[test]
    fn spans_make_sense_or_are_refused(start in any::<i64>(), end in any::<i64>(), keep in any::<i64>()) {
        let mut link = link(ChainHead::EMPTY, recording(&[PartKind::Media]));
        (link.start_us, link.end_us) = (Timestamp(start), Timestamp(end));
        if let LinkKind::Recording { keep_until_us, .. } = &mut link.kind {
            *keep_until_us = Timestamp(keep);
        }
        let span = i128::from(end) - i128::from(start);
        prop_assert_eq!(link.check().is_ok(), (0..=70_000_000).contains(&span) && keep > end);
    }

    #[test]
    fn only_the_next_version_by_an_owner_follows(version in 0..5_u64, signer in 1..5_u8, is_named in any::<bool>(), same_home in any::<bool>()) {
        let first = roster();
        let digest = Envelope::sign(&first, &key(1)).payload_digest();
        let mut next = Roster { version, previous: Some(if is_named { digest } else { Digest([0; 32]) }), ..first.clone() };
        if !same_home {
            next.household = HouseholdId([1; 16]);
        }
        let accepted = first.accept_next(digest, &Envelope::sign(&next, &key(signer)));
        prop_assert_eq!(accepted.is_ok(), version == 2 && signer == 1 && is_named && same_home);
    }
}

#[test]
fn a_first_roster_needs_the_pinned_owner() {
    let envelope = Envelope::sign(&roster(), &key(1));
    assert!(Roster::accept_first(&envelope, None).is_ok());
    assert!(Roster::accept_first(&envelope, Some(PublicKey::of(&key(1)))).is_ok());
    for other in [2, 3, 4, 5] {
        assert!(Roster::accept_first(&envelope, Some(PublicKey::of(&key(other)))).is_err());
        assert!(Roster::accept_first(&Envelope::sign(&roster(), &key(other)), None).is_err());
    }
}

#[test]
fn the_last_version_has_no_successor() {
    let last = Roster { version: u64::MAX, ..roster() };
    let digest = Digest([1; 32]);
    let next = Roster { version: 0, previous: Some(digest), ..roster() };
    assert_eq!(last.accept_next(digest, &Envelope::sign(&next, &key(1))), Err(RosterError::WrongVersion));
}
