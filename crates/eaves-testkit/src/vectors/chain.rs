//! `docs/spec/link.md`: chains of a device.

use super::expecting;
use crate::home::{NOON, S, SimulatedHome, gap};
use crate::member::SimulatedMember;
use eaves_domain::command::{Action, Command, EraseTarget};
use eaves_domain::envelope::{Envelope, PublicKey};
use eaves_domain::link::{ChainHead, GapCause, Link, LinkKind, PartKind};
use eaves_domain::{CommandId, DeviceId, Digest, HouseholdId, HubId, RecordingId, RoomId};
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

struct World {
    home: SimulatedHome,
    roster: Envelope,
    /// recording, gap, recording, recording.
    links: Vec<Envelope>,
}

pub(super) fn make() -> Value {
    let home = SimulatedHome::new(60);
    let roster = home.owner.sign(&home.roster());
    let media = home.seal_part(PartKind::Media, b"media");
    let card = home.seal_part(PartKind::Card, b"card");
    let poster = home.seal_part(PartKind::Poster, b"poster");
    let mut head = ChainHead::EMPTY;
    let mut links = Vec::new();
    for n in 0..4 {
        let start = NOON.plus_us(i64::from(n) * 60 * S);
        let kind = if n == 1 {
            gap(GapCause::CameraStalled)
        } else {
            home.recording(n, start, n == 3, &[&media, &card, &poster])
        };
        links.push(home.sign_link(&home.link(head, start, kind), &mut head));
    }
    let world = World { home, roster, links };
    let cases = [world.joins(), world.places(), world.forms(), world.states()].concat();
    json!({
        "pinned": PublicKey::of(&world.home.owner.signing_key()),
        "rosters": [&world.roster],
        "device": world.home.camera,
        "cases": cases,
    })
}

impl World {
    fn case(&self, links: &[&Envelope]) -> Value {
        let entries: Vec<_> = links.iter().map(|link| json!({ "state": "kept", "link": link })).collect();
        json!({ "nowUs": NOON.plus_us(3600 * S), "entries": entries })
    }

    fn all(&self) -> Vec<&Envelope> {
        self.links.iter().collect()
    }

    /// The first two links and a third that was changed before the hub signed it.
    fn with_third(&self, change: &dyn Fn(&mut Link)) -> Value {
        self.with_third_by(&self.home.hub_key(), change)
    }

    fn with_third_by(&self, key: &SigningKey, change: &dyn Fn(&mut Link)) -> Value {
        let mut link: Link = self.links[2].peek().expect("a link");
        change(&mut link);
        self.case(&[&self.links[0], &self.links[1], &Envelope::sign(&link, key)])
    }

    fn joins(&self) -> Vec<Value> {
        let [zero, one, two, three] = self.all()[..] else { panic!("four links") };
        let missing = ["wrong-index", "broken"];
        let mark = |case: Value, index: u64, link: &Envelope| {
            let mut case = case;
            case["mark"] = json!({ "index": index, "digest": link.payload_digest() });
            case
        };
        let other_third = self.home.sign_link(
            &{
                let mut link: Link = two.peek().expect("a link");
                link.end_us = link.end_us.plus_us(-S);
                link
            },
            &mut ChainHead::EMPTY.clone(),
        );
        // After the third link the clock is moved back by half an hour; then a recording from there on.
        let stepped = |cause: GapCause| {
            let mut head = ChainHead { next_index: 3, digest: Some(two.payload_digest()) };
            let back = NOON.plus_us(-1800 * S);
            let mut step = self.home.link(head, back, gap(cause));
            step.end_us = step.start_us;
            let step = self.home.sign_link(&step, &mut head);
            let media = self.home.seal_part(PartKind::Media, b"media");
            let after = self.home.link(head, back, self.home.recording(5, back, false, &[&media]));
            let after = self.home.sign_link(&after, &mut head);
            self.case(&[zero, one, two, &step, &after])
        };
        vec![
            expecting(stepped(GapCause::ClockStepped), "the clock moved back, and said so", &[]),
            expecting(stepped(GapCause::CameraStalled), "a step back in time under another cause", &["inconsistent"]),
            expecting(self.case(&self.all()), "recording, gap, recording, cut recording", &[]),
            expecting(self.case(&[two, three]), "a stretch from the middle", &[]),
            expecting(mark(self.case(&self.all()), 2, two), "as remembered", &[]),
            expecting(self.case(&[zero, two, three]), "a link is missing", &missing),
            expecting(self.case(&[zero, two, one, three]), "reordered", &missing),
            expecting(self.case(&[zero, one, two, one]), "an older index replayed", &missing),
            expecting(self.case(&[zero, one, one, two]), "a link repeated", &missing),
            expecting(
                self.with_third(&|l| l.previous = Some(Digest([9; 32]))),
                "does not name the one before",
                &["broken"],
            ),
            expecting(self.with_third(&|l| l.index = 7), "an index skipped", &missing),
            expecting(mark(self.case(&[zero, one]), 2, two), "rolled back", &["rolled-back"]),
            expecting(
                mark(self.case(&[zero, one, &other_third]), 2, two),
                "another history than was seen",
                &["rolled-back"],
            ),
            expecting(
                self.with_third(&|l| (l.start_us, l.end_us) = (l.start_us.plus_us(3 * S), l.end_us.plus_us(3 * S))),
                "a pause of three seconds that nobody announced",
                &["broken"],
            ),
            expecting(self.with_third(&|l| l.start_us = l.start_us.plus_us(S)), "a pause of one second", &[]),
            expecting(
                self.with_third(&|l| l.start_us = l.start_us.plus_us(-2 * S)),
                "an overlap of two seconds",
                &["inconsistent"],
            ),
        ]
    }

    fn places(&self) -> Vec<Value> {
        let stranger = SigningKey::from_bytes(&[99; 32]);
        let unsigned = ["not-signed-by-trusted", "wrong-hub"];
        let tampered = {
            let mut link = self.links[2].clone();
            let at = link.payload.0.len() / 2;
            link.payload.0[at] ^= 1;
            self.case(&[&self.links[0], &self.links[1], &link])
        };
        vec![
            expecting(
                self.with_third(&|l| l.household = HouseholdId([1; 16])),
                "another household",
                &["wrong-household"],
            ),
            expecting(self.with_third(&|l| l.device = DeviceId([1; 16])), "another device", &["wrong-device"]),
            expecting(self.with_third(&|l| l.room = RoomId([1; 16])), "another room", &["wrong-room"]),
            expecting(self.with_third(&|l| l.epoch = 2), "another epoch", &["wrong-room"]),
            expecting(self.with_third(&|l| l.hub = HubId([1; 16])), "another hub", &["wrong-hub"]),
            expecting(self.with_third(&|l| l.roster = 2), "an unknown roster", &["wrong-hub"]),
            expecting(self.with_third_by(&stranger, &|_| {}), "signed by a stranger", &unsigned),
            expecting(self.with_third_by(&self.home.owner.signing_key(), &|_| {}), "signed by a member", &unsigned),
            expecting(
                tampered,
                "changed after it was signed",
                &["not-signed-by-trusted", "wrong-hub", "malformed", "broken"],
            ),
        ]
    }

    fn forms(&self) -> Vec<Value> {
        let parts = |change: &'static dyn Fn(&mut Vec<eaves_domain::link::Part>)| {
            self.with_third(&move |l| {
                if let LinkKind::Recording { parts, .. } = &mut l.kind {
                    change(parts);
                }
            })
        };
        let bad = ["inconsistent", "malformed"];
        vec![
            expecting(parts(&|p| p.truncate(1)), "media alone", &[]),
            expecting(parts(&|p| p.swap(1, 2)), "parts out of order", &bad),
            expecting(parts(&|p| p.rotate_left(1)), "no media", &bad),
            expecting(parts(&|p| p.clear()), "no part", &bad),
            expecting(parts(&|p| p[2] = p[1]), "a part twice", &bad),
            expecting(self.with_third(&|l| l.end_us = l.start_us.plus_us(-1)), "ends before it starts", &bad),
            expecting(self.with_third(&|l| l.end_us = l.start_us.plus_us(71 * S)), "longer than 70 seconds", &bad),
            expecting(
                self.with_third(&|l| {
                    let end = l.end_us;
                    if let LinkKind::Recording { keep_until_us, .. } = &mut l.kind {
                        *keep_until_us = end;
                    }
                }),
                "kept until its end",
                &bad,
            ),
        ]
    }

    fn states(&self) -> Vec<Value> {
        let guest = SimulatedMember::new(self.home.household, 99);
        let link = &self.links[2];
        let target = EraseTarget { recording: RecordingId([2; 16]), link: link.payload_digest() };
        let command = |signer: &SimulatedMember, targets: Vec<EraseTarget>| {
            signer.sign(&Command {
                household: self.home.household,
                command: CommandId([0xcc; 16]),
                issued_us: NOON.plus_us(1800 * S),
                member: signer.member,
                action: Action::Erase { device: self.home.camera, targets },
            })
        };
        let shown = |state: &str, command: Option<Envelope>, now: i64| {
            let mut case = self.case(&self.all());
            case["entries"][2]["state"] = json!(state);
            if let Some(command) = command {
                case["entries"][2]["command"] = json!(command);
            }
            case["nowUs"] = json!(NOON.plus_us(now * S));
            case
        };
        let other = EraseTarget { link: Digest([9; 32]), ..target };
        let unasked = ["not-erased-by-anybody", "malformed"];
        vec![
            expecting(
                shown("erased", Some(command(&self.home.owner, vec![target])), 3600),
                "erased by the owner's wish",
                &[],
            ),
            expecting(shown("expired", None, 4 * 86_400), "expired", &[]),
            expecting(shown("expired", None, 3600), "expired before its time", &["not-expired-yet"]),
            expecting(shown("erased", None, 3600), "erased without a command", &unasked),
            expecting(
                shown("erased", Some(command(&self.home.owner, vec![other])), 3600),
                "erased by a wish about another link",
                &unasked,
            ),
            expecting(
                shown("erased", Some(command(&guest, vec![target])), 3600),
                "erased by a stranger's wish",
                &unasked,
            ),
        ]
    }
}
