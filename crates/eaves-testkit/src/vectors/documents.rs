//! Envelopes, rosters, commands and claims.

use super::expecting;
use crate::home::{NOON, S, SimulatedHome};
use crate::member::SimulatedMember;
use eaves_domain::claim::ClaimCode;
use eaves_domain::command::{Action, Command, EraseTarget};
use eaves_domain::envelope::{Envelope, PublicKey};
use eaves_domain::link::ChainHead;
use eaves_domain::link::{GapCause, LinkKind};
use eaves_domain::roster::{Role, Roster};
use eaves_domain::{Base64Url, CommandId, DeviceId, Digest, HouseholdId, HubId, MemberId, RecordingId, RoomId};
use serde_json::{Value, json};

pub(super) fn envelopes() -> Value {
    let home = SimulatedHome::new(20);
    let stranger = SimulatedMember::new(home.household, 99);
    let command = erase(&home);
    let good = home.owner.sign(&command);
    let trusted = PublicKey::of(&home.owner.signing_key());
    let case = |envelope: &Envelope| json!({ "kind": "command", "trusted": [trusted], "envelope": envelope });
    let changed = |change: &dyn Fn(&mut Envelope)| {
        let mut envelope = good.clone();
        change(&mut envelope);
        case(&envelope)
    };
    let malleable = changed(&|e| add_group_order(&mut e.signatures[0].sig.0[32..]));
    let unsigned = ["not-signed-by-trusted"];
    let link = home.link(ChainHead::EMPTY, NOON, LinkKind::Gap { cause: GapCause::HubStopped });
    let signed_text = |text: &str| {
        let mut envelope = good.clone();
        envelope.payload = text.as_bytes().to_vec().into();
        resign(&mut envelope, &home);
        case(&envelope)
    };
    let two_signers = changed(&|e| e.signatures.insert(0, stranger.sign(&command).signatures[0].clone()));
    let mut small_order = case(&good);
    small_order["trusted"] = json!([PublicKey([0; 32])]);
    let seventeenth = changed(&|e| {
        let foreign = stranger.sign(&command).signatures[0].clone();
        e.signatures.splice(0..0, std::iter::repeat_n(foreign, 16));
    });
    json!({ "cases": [
        expecting(case(&good), "signed by the one who is trusted", &[]),
        expecting(two_signers, "a second signature by a stranger", &[]),
        expecting(changed(&|e| e.signatures[0].keyid = "0000000000000000".into()), "the hint names another key", &[]),
        expecting(case(&home.owner.sign(&link)), "wrong type", &["wrong-type"]),
        expecting(changed(&|e| e.payload_type = "application/vnd.eaves.roster.v1+json".into()), "type changed", &["wrong-type"]),
        expecting(changed(&|e| e.signatures.clear()), "unsigned", &unsigned),
        expecting(case(&stranger.sign(&command)), "signed by a stranger", &unsigned),
        expecting(changed(&|e| e.payload.0[20] ^= 1), "payload changed", &unsigned),
        expecting(changed(&|e| e.payload.0.push(b' ')), "a space after the payload", &unsigned),
        expecting(changed(&|e| e.signatures[0].sig.0[3] ^= 1), "signature changed", &unsigned),
        expecting(changed(&|e| e.signatures[0].sig.0.truncate(63)), "short signature", &unsigned),
        expecting(malleable, "malleable signature (S + L)", &unsigned),
        expecting(small_order, "small-order key", &unsigned),
        expecting(seventeenth, "the good signature is the seventeenth", &unsigned),
        expecting(signed_text("{}"), "signed, but not a command", &["malformed"]),
        expecting(signed_text("\u{0}"), "signed, but not JSON", &["malformed"]),
    ]})
}

/// Adds the order of the group to a scalar: the same signature to a reader that does not check for it.
fn add_group_order(scalar: &mut [u8]) {
    const ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
    let mut carry = 0_u16;
    for (byte, add) in scalar.iter_mut().zip(hex::decode(ORDER).expect("hexadecimal")) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
}

fn resign(envelope: &mut Envelope, home: &SimulatedHome) {
    use ed25519_dalek::Signer as _;
    let message = eaves_domain::envelope::pre_authentication_encoding(&envelope.payload_type, &envelope.payload.0);
    envelope.signatures[0].sig = home.owner.signing_key().sign(&message).to_bytes().to_vec().into();
}

pub(super) fn rosters() -> Value {
    let home = SimulatedHome::new(30);
    let adult = SimulatedMember::new(home.household, 77);
    let stranger = SimulatedMember::new(home.household, 99);
    let first_roster = {
        let mut roster = home.roster();
        roster.members.push(adult.roster_line(Role::Adult, &roster.recipient, "Ben"));
        roster
    };
    let first = home.owner.sign(&first_roster);
    let next = |before: &Envelope, change: &dyn Fn(&mut Roster)| {
        let mut roster = home.next_roster(before);
        change(&mut roster);
        home.owner.sign(&roster)
    };
    let second = next(&first, &|_| {});
    let third = next(&second, &|_| {});
    let pinned = PublicKey::of(&home.owner.signing_key());
    let case = |chain: &[&Envelope]| json!({ "pinned": pinned, "envelopes": chain });
    let alone = |change: &dyn Fn(&mut Roster)| {
        let mut roster = first_roster.clone();
        change(&mut roster);
        case(&[&home.owner.sign(&roster)])
    };
    let after_first = |change: &dyn Fn(&mut Roster)| case(&[&first, &next(&first, change)]);
    let inconsistent = ["inconsistent"];
    let mut marked = case(&[&first, &second, &third]);
    marked["mark"] = json!({ "version": 2, "digest": second.payload_digest() });
    let mut rolled_back = case(&[&first, &second]);
    rolled_back["mark"] = json!({ "version": 3, "digest": third.payload_digest() });
    let mut other_history = case(&[&first, &next(&first, &|r| r.issued_us = r.issued_us.plus_us(5 * S))]);
    other_history["mark"] = json!({ "version": 2, "digest": second.payload_digest() });
    let mut demoted = home.next_roster(&first);
    demoted.members[0].role = Role::Adult;
    demoted.members[1].role = Role::Owner;
    let demoted = home.owner.sign(&demoted);
    let by_new_owner = adult.sign(&home.next_roster(&demoted));
    let by_old_owner = home.owner.sign(&home.next_roster(&demoted));
    let put_out = |change: &dyn Fn(&mut Roster)| {
        let mut with_ben = first_roster.clone();
        with_ben.rooms[0].audience.push(adult.member);
        let with_ben = home.owner.sign(&with_ben);
        let mut without = home.next_roster(&with_ben);
        without.members.pop();
        without.rooms[0].audience.pop();
        let recipient = |n: u8| crate::member::identity([n; 32]).recipient().to_owned();
        (without.epoch, without.recipient) = (2, recipient(0x71));
        (without.rooms[0].epoch, without.rooms[0].recipient) = (2, recipient(0x72));
        change(&mut without);
        case(&[&with_ben, &home.owner.sign(&without)])
    };
    let (old_room, old_home) = (first_roster.rooms[0].recipient.clone(), first_roster.recipient.clone());
    let stale = ["stale-keys"];
    let unknown_field = {
        let mut value = serde_json::to_value(&first_roster).expect("a roster");
        value["colour"] = json!("blue");
        let mut envelope = first.clone();
        envelope.payload = value.to_string().into_bytes().into();
        resign(&mut envelope, &home);
        case(&[&envelope])
    };
    json!({ "cases": [
        expecting(case(&[&first]), "first version", &[]),
        expecting(case(&[&first, &second, &third]), "three versions", &[]),
        expecting(marked, "three versions, the second seen before", &[]),
        expecting(case(&[&first, &demoted, &by_new_owner]), "signed by the owner of the version before", &[]),
        expecting(case(&[&first, &demoted, &by_old_owner]), "signed by a former owner", &["not-signed-by-trusted"]),
        expecting(case(&[&stranger.sign(&first_roster)]), "first version signed by a stranger", &["not-signed-by-trusted"]),
        expecting(case(&[&first, &stranger.sign(&home.next_roster(&first))]), "signed by a stranger", &["not-signed-by-trusted"]),
        expecting(case(&[&first, &adult.sign(&home.next_roster(&first))]), "signed by a member who is no owner", &["not-signed-by-trusted"]),
        expecting(after_first(&|r| r.household = HouseholdId([1; 16])), "another household", &["wrong-household"]),
        expecting(case(&[&first, &third]), "a version skipped", &["wrong-version"]),
        expecting(case(&[&first, &second, &second]), "a version repeated", &["wrong-version"]),
        expecting(case(&[&second]), "does not begin with version 1", &["wrong-version"]),
        expecting(after_first(&|r| r.previous = Some(Digest([9; 32]))), "forked", &["forked"]),
        expecting(alone(&|r| r.previous = Some(Digest([9; 32]))), "first version with a predecessor", &["forked"]),
        expecting(rolled_back, "rolled back", &["rolled-back"]),
        expecting(other_history, "another history than was seen", &["rolled-back"]),
        expecting(alone(&|r| r.members.push(r.members[0].clone())), "a member twice", &inconsistent),
        expecting(alone(&|r| r.rooms.push(r.rooms[0].clone())), "a room twice", &inconsistent),
        expecting(alone(&|r| r.hubs.push(r.hubs[0].clone())), "a hub twice", &inconsistent),
        expecting(alone(&|r| r.devices.push(r.devices[0].clone())), "a device twice", &inconsistent),
        expecting(alone(&|r| r.devices[0].room = RoomId([1; 16])), "a device in an unknown room", &inconsistent),
        expecting(alone(&|r| r.devices[0].hub = HubId([1; 16])), "a device at an unknown hub", &inconsistent),
        expecting(alone(&|r| r.rooms[0].audience.push(MemberId([1; 16]))), "an unknown member in an audience", &inconsistent),
        expecting(after_first(&|r| r.members[0].role = Role::Guest), "no owner", &inconsistent),
        expecting(unknown_field, "an unknown field", &["malformed"]),
        expecting(put_out(&|_| {}), "somebody is put out, and room and household have new keys", &[]),
        expecting(put_out(&|r| (r.rooms[0].epoch, r.rooms[0].recipient) = (1, old_room.clone())), "put out, but the room keeps its key", &stale),
        expecting(put_out(&|r| r.rooms[0].recipient.clone_from(&old_room)), "put out, and the room's old key has a new number", &stale),
        expecting(put_out(&|r| (r.epoch, r.recipient) = (1, old_home.clone())), "put out, but the household keeps its key", &stale),
        expecting(after_first(&|r| r.rooms[0].recipient = r.recipient.clone()), "another recipient in the same epoch", &stale),
        expecting(after_first(&|r| r.rooms[0].epoch = 0), "an epoch goes back", &stale),
    ]})
}

fn erase(home: &SimulatedHome) -> Command {
    Command {
        household: home.household,
        command: CommandId([0xcc; 16]),
        issued_us: NOON,
        member: home.owner.member,
        action: Action::Erase {
            device: home.camera,
            targets: vec![EraseTarget { recording: RecordingId([1; 16]), link: Digest([2; 32]) }],
        },
    }
}

pub(super) fn commands() -> Value {
    let home = SimulatedHome::new(40);
    let guest = SimulatedMember::new(home.household, 77);
    let adult = SimulatedMember::new(home.household, 78);
    let mut roster = home.roster();
    roster.members.push(guest.roster_line(Role::Guest, &roster.recipient, "Gil"));
    roster.members.push(adult.roster_line(Role::Adult, &roster.recipient, "Ada"));
    roster.rooms[0].audience.push(guest.member);
    let envelope = home.owner.sign(&roster);
    let case = |signer: &SimulatedMember, change: &dyn Fn(&mut Command)| {
        let mut command = erase(&home);
        command.member = signer.member;
        change(&mut command);
        json!({ "nowUs": NOON.plus_us(60 * S), "envelope": signer.sign(&command) })
    };
    let owner = |change: &dyn Fn(&mut Command)| case(&home.owner, change);
    let probe = |command: &mut Command, reply_to: &str| {
        command.action =
            Action::Probe { hub: home.hub, request: Base64Url(vec![1, 2, 3]), reply_to: reply_to.to_owned() };
    };
    let targets = |count: usize| {
        move |c: &mut Command| {
            if let Action::Erase { targets, .. } = &mut c.action {
                let target = targets[0];
                targets.resize(count, target);
            }
        }
    };
    let minutes = |n: i64| move |c: &mut Command| c.issued_us = NOON.plus_us(n * 60 * S);
    let other_device = |c: &mut Command| {
        if let Action::Erase { device, .. } = &mut c.action {
            *device = DeviceId([1; 16]);
        }
    };
    let recipient = home.owner.identity().recipient().to_owned();
    let impersonated = {
        let mut command = erase(&home);
        command.member = home.owner.member;
        json!({ "nowUs": NOON, "envelope": guest.sign(&command) })
    };
    json!({ "roster": envelope, "pinned": PublicKey::of(&home.owner.signing_key()), "cases": [
        expecting(owner(&|_| {}), "erase by the owner", &[]),
        expecting(owner(&targets(2000)), "erase 2000 recordings", &[]),
        expecting(owner(&other_device), "erase of a device that is no longer in the roster, by an owner", &[]),
        expecting(owner(&|c| probe(c, &recipient)), "probe by the owner", &[]),
        expecting(owner(&minutes(-8)), "nine minutes old", &[]),
        expecting(case(&guest, &|_| {}), "erase by a guest", &["not-allowed"]),
        expecting(case(&adult, &|_| {}), "erase by an adult outside the audience", &["not-allowed"]),
        expecting(case(&adult, &other_device), "erase of a former device, by an adult", &["not-allowed"]),
        expecting(case(&adult, &|c| probe(c, &recipient)), "probe by an adult", &["not-allowed"]),
        expecting(owner(&|c| probe(c, "age1pq1foreign")), "probe with another's reply address", &["not-allowed"]),
        expecting(impersonated, "signed by another member", &["not-signed-by-trusted"]),
        expecting(owner(&|c| c.member = MemberId([1; 16])), "by nobody in the roster", &["not-allowed"]),
        expecting(owner(&|c| c.household = HouseholdId([1; 16])), "for another household", &["wrong-household"]),
        expecting(owner(&minutes(-10)), "eleven minutes old", &["out-of-time"]),
        expecting(owner(&minutes(12)), "eleven minutes in the future", &["out-of-time"]),
        expecting(owner(&targets(0)), "erase of nothing", &["inconsistent", "malformed"]),
        expecting(owner(&targets(2001)), "erase of 2001 recordings", &["inconsistent", "malformed"]),
    ]})
}

pub(super) fn claims() -> Value {
    let home = SimulatedHome::new(50);
    let bytes = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x10, 0x32];
    let code = ClaimCode::from_random(bytes);
    let other = ClaimCode::from_random([7; 10]);
    let text = code.to_text();
    let key = PublicKey::of(&home.hub_key());
    let recipient = crate::member::identity(home.hub_seed()).recipient().to_owned();
    let introduction = |mac: Vec<u8>, hub: HubId, key: PublicKey, recipient: &str| {
        json!({ "code": text,
        "introduction": { "hub": hub, "signingKey": key, "recipient": recipient, "mac": Base64Url(mac) } })
    };
    let mac = code.introduction_mac(home.hub, &key, &recipient);
    let roster = Digest([3; 32]);
    let roster_case = |mac: Vec<u8>, digest: Digest| json!({ "code": text, "roster": digest, "mac": Base64Url(mac) });
    let wrong = ["wrong-mac"];
    let code_case = |text: &str| json!({ "text": text });
    let mut read = code_case(&text);
    read["bytes"] = json!(Base64Url(bytes.to_vec()));
    read["token"] = json!(Base64Url(code.vault_token().to_vec()));
    let mut forgiving = code_case(&text.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l"));
    forgiving["bytes"] = read["bytes"].clone();
    json!({
        "codes": [
            expecting(read, "as printed", &[]),
            expecting(forgiving, "lower case, spaces, o and l", &[]),
            expecting(code_case(&text[..18]), "a digit missing", &["malformed", "mistyped"]),
            expecting(code_case(&format!("{text}0")), "a digit too many", &["malformed", "mistyped"]),
            expecting(code_case(&text.replacen(char::is_alphanumeric, "U", 1)), "a letter that is no digit", &["malformed", "mistyped"]),
        ],
        "introductions": [
            expecting(introduction(mac.clone(), home.hub, key, &recipient), "the hub's own", &[]),
            expecting(introduction(other.introduction_mac(home.hub, &key, &recipient), home.hub, key, &recipient), "made with another code", &wrong),
            expecting(introduction(mac.clone(), HubId([1; 16]), key, &recipient), "another hub id", &wrong),
            expecting(introduction(mac.clone(), home.hub, PublicKey([1; 32]), &recipient), "signing key swapped", &wrong),
            expecting(introduction(mac.clone(), home.hub, key, home.room_identity().recipient()), "recipient swapped", &wrong),
            expecting(introduction(mac[..31].to_vec(), home.hub, key, &recipient), "short MAC", &wrong),
        ],
        "rosters": [
            expecting(roster_case(code.roster_mac(roster), roster), "by the one who typed the code", &[]),
            expecting(roster_case(other.roster_mac(roster), roster), "made with another code", &wrong),
            expecting(roster_case(code.roster_mac(roster), Digest([4; 32])), "another roster", &wrong),
            expecting(roster_case(mac, roster), "the hub's MAC in its place", &wrong),
        ],
    })
}
