//! `docs/spec/invite.md`: secrets, welcomes, answers, and a member's letters to themselves.

use super::expecting;
use crate::home::{NOON, S, SimulatedHome};
use crate::member::{SimulatedMember, answer, seal_letter};
use eaves_domain::envelope::{Envelope, PublicKey};
use eaves_domain::invite::{
    INVITE_US_MAX, InviteSecret, JoinAnswer, Letter, NamedRoom, Newcomer, RosterPin, SealedLetter, Welcome,
};
use eaves_domain::roster::Role;
use eaves_domain::{Base64Url, Digest, HouseholdId, InviteId, MemberId, Timestamp};
use serde_json::{Value, json};

const INVITE: InviteId = InviteId([0x1b; 16]);
const EXPIRES: Timestamp = Timestamp(NOON.0 + INVITE_US_MAX);

fn secret() -> InviteSecret {
    InviteSecret::from_random(std::array::from_fn(|i| (i as u8).wrapping_mul(29).wrapping_add(3)))
}

fn other_secret() -> InviteSecret {
    InviteSecret::from_random([7; 20])
}

/// A home in which somebody has been and left again.
struct Scene {
    home: SimulatedHome,
    newcomer: SimulatedMember,
    former: SimulatedMember,
    rosters: Vec<Envelope>,
}

impl Scene {
    fn new() -> Self {
        let home = SimulatedHome::new(110);
        let (newcomer, former) = (SimulatedMember::new(home.household, 140), SimulatedMember::new(home.household, 141));
        let mut first = home.roster();
        first.members.push(former.roster_line(Role::Guest, &first.recipient, "Cleo"));
        let first = home.owner.sign(&first);
        let mut second = home.next_roster(&first);
        second.members.pop();
        (second.epoch, second.recipient) = (2, crate::member::identity([0x73; 32]).recipient().to_owned());
        let second = home.owner.sign(&second);
        Self { rosters: vec![first, second], home, newcomer, former }
    }

    fn welcome(&self) -> Welcome {
        Welcome {
            household: self.home.household,
            invite: INVITE,
            inviter: self.home.owner.member,
            inviter_name: "Alma".into(),
            household_name: String::new(),
            expires_us: EXPIRES,
            roster: RosterPin { version: 2, digest: self.rosters[1].payload_digest() },
            role: Role::Guest,
            rooms: vec![NamedRoom { room: self.home.room, name: "Küche".into() }],
            past: false,
        }
    }
}

pub(super) fn make() -> Value {
    let scene = Scene::new();
    json!({
        "rosters": scene.rosters,
        "secrets": secrets(),
        "welcomes": welcomes(&scene),
        "answers": answers(&scene),
        "own": own(&scene),
    })
}

fn secrets() -> Value {
    let text = secret().reveal_text();
    let full = |text: &str| {
        json!({ "text": text, "printed": secret().reveal_text(), "token": Base64Url(secret().vault_token().to_vec()),
                "sealKey": Base64Url(secret().seal_key().to_vec()) })
    };
    let bad = |text: &str| json!({ "text": text });
    let mut one_digit: Vec<char> = text.chars().collect();
    one_digit[2] = if one_digit[2] == 'A' { 'B' } else { 'A' };
    let one_digit: String = one_digit.into_iter().collect();
    let kit = eaves_open::KitSecret::from_bytes([5; 20]).reveal_text().to_string();
    let either = ["malformed", "mistyped"];
    json!([
        expecting(full(&text), "as in the link", &[]),
        expecting(full(&text.to_lowercase().replace('-', " ").replace('0', "o")), "lower case, spaces and o", &[]),
        expecting(bad(&one_digit), "a digit changed", &["mistyped"]),
        expecting(bad(&text[..text.len() - 1]), "a digit missing", &either),
        expecting(bad(&kit), "a recovery kit", &["mistyped"]),
    ])
}

fn welcomes(scene: &Scene) -> Value {
    let good = scene.welcome();
    let seal = |secret: &InviteSecret, welcome: &Welcome, at: InviteId| {
        let aad = Letter::Welcome.associated_data(scene.home.household, at);
        seal_letter(&secret.seal_key(), [9; 12], &aad, &serde_json::to_vec(welcome).expect("string keys"))
    };
    let case = |letter: &SealedLetter, now: Timestamp| {
        json!({ "secret": secret().reveal_text(), "household": scene.home.household, "invite": INVITE,
                "letter": letter, "nowUs": now, "welcome": good })
    };
    let with = |change: &dyn Fn(&mut Welcome)| {
        let mut welcome = good.clone();
        change(&mut welcome);
        case(&seal(&secret(), &welcome, INVITE), NOON)
    };
    let sealed = seal(&secret(), &good, INVITE);
    let mut flipped = sealed.clone();
    flipped.ciphertext.0[40] ^= 1;
    let as_answer = {
        let aad = Letter::Answer.associated_data(scene.home.household, INVITE);
        seal_letter(&secret().seal_key(), [9; 12], &aad, &serde_json::to_vec(&good).expect("string keys"))
    };
    let pins = ["rolled-back", "forked"];
    json!([
        expecting(case(&sealed, NOON), "good", &[]),
        expecting(case(&sealed, EXPIRES), "in its last moment", &[]),
        expecting(case(&sealed, EXPIRES.plus_us(1)), "expired", &["out-of-time"]),
        expecting(case(&seal(&other_secret(), &good, INVITE), NOON), "sealed under another secret", &["does-not-open"]),
        expecting(case(&seal(&secret(), &good, InviteId([1; 16])), NOON), "of another invitation", &["does-not-open"]),
        expecting(case(&flipped, NOON), "flip", &["does-not-open"]),
        expecting(case(&as_answer, NOON), "an answer in its place", &["does-not-open"]),
        expecting(with(&|w| w.invite = InviteId([1; 16])), "says another invitation", &["wrong-scope"]),
        expecting(with(&|w| w.household = HouseholdId([1; 16])), "says another household", &["wrong-scope"]),
        expecting(with(&|w| w.roster.digest = Digest([1; 32])), "pins another roster", &pins),
        expecting(with(&|w| w.roster.version = 3), "pins a version that is not shown", &pins),
    ])
}

fn answers(scene: &Scene) -> Value {
    let ours = scene.newcomer.as_newcomer(INVITE, "Nana Rose");
    let case = |answer: &JoinAnswer, now: Timestamp| {
        json!({ "secret": secret().reveal_text(), "household": scene.home.household, "invite": INVITE,
                "expiresUs": EXPIRES, "answer": answer, "nowUs": now, "newcomer": ours })
    };
    let good = answer(&secret(), &ours);
    let changed = |change: &dyn Fn(&mut Newcomer)| {
        let mut newcomer = ours.clone();
        change(&mut newcomer);
        // Whoever changes it knows the seal key, but the MAC is that of the true one.
        JoinAnswer { mac: good.mac.clone(), member: newcomer.member, ..answer(&secret(), &newcomer) }
    };
    let at = |answer: &JoinAnswer| case(answer, NOON.plus_us(60 * S));
    let foreign = answer(&other_secret(), &ours);
    let mac_of_another = JoinAnswer { mac: foreign.mac.clone(), ..good.clone() };
    let mut short = good.clone();
    short.mac.0.pop();
    let wrong = ["wrong-mac"];
    let stranger = SimulatedMember::new(scene.home.household, 99);
    let elsewhere = scene.newcomer.as_newcomer(InviteId([1; 16]), "Nana Rose");
    let relabelled = JoinAnswer { member: MemberId([1; 16]), ..good.clone() };
    json!([
        expecting(at(&good), "good", &[]),
        expecting(case(&good, EXPIRES.plus_us(1)), "expired", &["out-of-time"]),
        expecting(at(&foreign), "by somebody with another secret", &["does-not-open"]),
        expecting(at(&mac_of_another), "with the MAC of another secret", &wrong),
        expecting(
            at(&changed(&|n| n.signing_key = PublicKey::of(&stranger.signing_key()))),
            "signing key swapped",
            &wrong
        ),
        expecting(
            at(&changed(&|n| n.recipient = stranger.identity().recipient().to_owned())),
            "recipient swapped",
            &wrong
        ),
        expecting(at(&changed(&|n| n.member = MemberId([1; 16]))), "another member id", &wrong),
        expecting(at(&short), "short MAC", &wrong),
        expecting(at(&relabelled), "carried under another member id", &["wrong-scope"]),
        expecting(at(&answer(&secret(), &elsewhere)), "to another invitation", &["does-not-open"]),
        expecting(
            at(&answer(&secret(), &scene.former.as_newcomer(INVITE, "Cleo"))),
            "replayed: of somebody who was put out",
            &["replayed"]
        ),
        expecting(
            at(&answer(&secret(), &scene.home.owner.as_newcomer(INVITE, "Alma"))),
            "of somebody who is in",
            &["replayed"]
        ),
    ])
}

fn own(scene: &Scene) -> Value {
    let member = &scene.newcomer;
    let pin = scene.welcome().roster;
    let text = serde_json::to_vec(&pin).expect("string keys");
    let letter = member.seal_own("anchor", &text);
    let case = |letter: &SealedLetter, household: HouseholdId, to: MemberId| {
        json!({ "memberSecret": Base64Url(member.secret_bytes().to_vec()), "household": household, "member": to,
                "letter": letter, "anchor": pin })
    };
    let (house, id) = (member.household, member.member);
    let other = SimulatedMember::new(house, 99).seal_own("anchor", &text);
    let refused = ["does-not-open"];
    json!([
        expecting(case(&letter, house, id), "the roster that a member pinned", &[]),
        expecting(case(&other, house, id), "made by another member", &refused),
        expecting(case(&letter, house, MemberId([1; 16])), "moved to another member", &refused),
        expecting(case(&letter, HouseholdId([1; 16]), id), "moved to another household", &refused),
        expecting(
            case(&member.seal_own("invite|1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b", &text), house, id),
            "moved from another purpose",
            &refused
        ),
    ])
}
