//! Envelopes, and who may what.

use crate::{key, roster};
use eaves_domain::command::{Action, COMMAND_WINDOW_US, Command, CommandError, EraseTarget};
use eaves_domain::envelope::{Envelope, EnvelopeError, PAYLOAD_BYTES_MAX, PublicKey, pre_authentication_encoding};
use eaves_domain::roster::Roster;
use eaves_domain::{CommandId, DeviceId, Digest, HouseholdId, MemberId, RecordingId, Timestamp};
use proptest::prelude::*;

fn erase(member: u8, device: u8) -> Command {
    Command {
        household: HouseholdId([9; 16]),
        command: CommandId([1; 16]),
        issued_us: Timestamp(0),
        member: MemberId([member; 16]),
        action: Action::Erase {
            device: DeviceId([device; 16]),
            targets: vec![EraseTarget { recording: RecordingId([7; 16]), link: Digest([8; 32]) }],
        },
    }
}

proptest! {
    #[test]
    fn a_signed_document_reads_back_and_any_changed_bit_is_refused(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let trusted = [PublicKey::of(&key(1))];
        let command = erase(1, 6);
        let good = Envelope::sign(&command, &key(1));
        prop_assert_eq!(good.verify::<Command>(&trusted).unwrap(), command);
        let text = serde_json::to_vec(&good).unwrap();
        prop_assert_eq!(serde_json::from_slice::<Envelope>(&text).unwrap(), good.clone());
        let mut changed = good.clone();
        let index = at.index(changed.payload.0.len() + 64);
        match index.checked_sub(64) {
            Some(index) => changed.payload.0[index] ^= 1 << bit,
            None => changed.signatures[0].sig.0[index] ^= 1 << bit,
        }
        prop_assert_eq!(changed.verify::<Command>(&trusted), Err(EnvelopeError::NotSignedByTrusted));
    }

    #[test]
    fn the_encoding_that_is_signed_has_no_two_readings(a in "[a-z0-9 ]{0,12}", b in any::<Vec<u8>>(), c in "[a-z0-9 ]{0,12}", d in any::<Vec<u8>>()) {
        let same = pre_authentication_encoding(&a, &b) == pre_authentication_encoding(&c, &d);
        prop_assert_eq!(same, a == c && b == d);
    }

    #[test]
    fn a_command_is_obeyed_within_ten_minutes_only(offset in -2 * COMMAND_WINDOW_US..2 * COMMAND_WINDOW_US) {
        let envelope = Envelope::sign(&erase(1, 6), &key(1));
        let obeyed = Command::accept(&envelope, &roster(), Timestamp(offset)).is_ok();
        prop_assert_eq!(obeyed, offset.abs() <= COMMAND_WINDOW_US);
    }

    #[test]
    fn extreme_clocks_do_not_panic(issued in any::<i64>(), now in any::<i64>()) {
        let command = Command { issued_us: Timestamp(issued), ..erase(1, 6) };
        let _ = Command::accept(&Envelope::sign(&command, &key(1)), &roster(), Timestamp(now));
    }
}

#[test]
fn who_may_erase() {
    // (member, device in the roster?, allowed)
    for (member, device, allowed) in
        [(1, 6, true), (2, 6, true), (3, 6, false), (1, 66, true), (2, 66, false), (3, 66, false)]
    {
        let envelope = Envelope::sign(&erase(member, device), &key(member));
        let got = Command::accept(&envelope, &roster(), Timestamp(0));
        assert_eq!(got.is_ok(), allowed, "member {member}, device {device}: {got:?}");
        // The same wish, signed with any other member's key, is nobody's.
        for other in (1..=3).filter(|other| *other != member) {
            let forged = Envelope::sign(&erase(member, device), &key(other));
            let got = Command::accept(&forged, &roster(), Timestamp(0));
            assert_eq!(got, Err(CommandError::Envelope(EnvelopeError::NotSignedByTrusted)));
        }
    }
}

#[test]
fn an_owner_outside_the_audience_may_not_erase_there() {
    let mut roster = roster();
    roster.rooms[0].audience = vec![MemberId([2; 16])];
    let envelope = Envelope::sign(&erase(1, 6), &key(1));
    assert_eq!(Command::accept(&envelope, &roster, Timestamp(0)), Err(CommandError::NotAllowed));
}

#[test]
fn a_payload_over_a_mebibyte_is_refused_before_anything_else_is_tried() {
    let mut envelope = Envelope::sign(&erase(1, 6), &key(1));
    envelope.payload.0.resize(PAYLOAD_BYTES_MAX + 1, b' ');
    assert_eq!(envelope.verify::<Command>(&[PublicKey::of(&key(1))]), Err(EnvelopeError::TooLarge));
    assert_eq!(envelope.peek::<Command>(), Err(EnvelopeError::TooLarge));
}

#[test]
fn a_document_of_one_kind_is_never_read_as_another() {
    let envelope = Envelope::sign(&erase(1, 6), &key(1));
    assert_eq!(envelope.verify::<Roster>(&[PublicKey::of(&key(1))]).err(), Some(EnvelopeError::WrongType));
}

#[test]
fn unknown_fields_of_an_envelope_are_refused() {
    let mut value = serde_json::to_value(Envelope::sign(&erase(1, 6), &key(1))).unwrap();
    value["extra"] = 1.into();
    assert!(serde_json::from_value::<Envelope>(value).is_err());
}

#[test]
fn a_wish_to_watch_needs_somebody_of_the_audience_and_is_taken_within_ten_minutes() {
    use eaves_domain::live::{Watch, WatchError};
    let mut roster = crate::roster();
    let wish = |member: u8, household: u8| Watch {
        household: HouseholdId([household; 16]),
        watch: CommandId([1; 16]),
        issued_us: Timestamp(0),
        member: MemberId([member; 16]),
        device: DeviceId([6; 16]),
    };
    let judge = |roster: &_, watch: &Watch, signer: u8, now| {
        Watch::accept(&Envelope::sign(watch, &crate::key(signer)), roster, Timestamp(now)).map(drop)
    };
    assert_eq!(judge(&roster, &wish(3, 9), 3, COMMAND_WINDOW_US), Ok(()), "a guest of the audience may watch");
    assert_eq!(judge(&roster, &wish(3, 9), 3, COMMAND_WINDOW_US + 1), Err(WatchError::OutOfTime));
    assert_eq!(judge(&roster, &wish(3, 8), 3, 0), Err(WatchError::WrongHousehold));
    assert!(matches!(judge(&roster, &wish(3, 9), 2, 0), Err(WatchError::Envelope(_))), "signed by somebody else");
    assert_eq!(judge(&roster, &wish(7, 9), 7, 0), Err(WatchError::NotAllowed), "a stranger");
    roster.rooms[0].audience.retain(|member| member.0 != [3; 16]);
    assert_eq!(judge(&roster, &wish(3, 9), 3, 0), Err(WatchError::NotAllowed));
}
