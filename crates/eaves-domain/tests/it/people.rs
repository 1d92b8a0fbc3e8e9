//! Letting in and putting out: whatever is done, in whatever order, nobody keeps a key that is not theirs.

use crate::{key, roster};
use eaves_domain::envelope::{Envelope, PublicKey};
use eaves_domain::roster::edit::{Edit, EditError, Step, Wanted};
use eaves_domain::roster::{Member, Role, Roster, RosterError};
use eaves_domain::{Base64Url, MemberId, RoomId, ScopeId};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn newcomer(n: u8, role: Role) -> Member {
    Member {
        member: MemberId([n; 16]),
        role,
        recipient: format!("age1pq1{n}"),
        signing_key: PublicKey::of(&key(n)),
        label: Base64Url(vec![n]),
    }
}

/// A household of the usual three people and three rooms.
fn home() -> Roster {
    let mut home = roster();
    for n in [50, 51] {
        let mut room = home.rooms[0].clone();
        room.room = RoomId([n; 16]);
        room.recipient = format!("age1pq1room{n}");
        room.audience = vec![MemberId([1; 16])];
        home.rooms.push(room);
    }
    home
}

fn edited(roster: &Roster, edit: &Edit) -> Result<Step, EditError> {
    roster.edited(edit, &mut |scope, epoch| format!("age1pq1{scope}-{epoch}"))
}

fn any_edit() -> impl Strategy<Value = Edit> {
    let member = || (1..9_u8).prop_map(|n| MemberId([n; 16]));
    let room = || prop::sample::select(vec![5_u8, 50, 51]).prop_map(|n| RoomId([n; 16]));
    let role = || prop::sample::select(vec![Role::Owner, Role::Adult, Role::Guest]);
    prop_oneof![
        (1..9_u8, role(), prop::collection::btree_set(room(), 0..3), any::<bool>()).prop_map(
            |(n, role, rooms, past)| {
                Edit::LetIn { member: newcomer(n, role), rooms: rooms.into_iter().collect(), past }
            }
        ),
        member().prop_map(|member| Edit::PutOut { member }),
        (room(), prop::collection::btree_set(member(), 0..5), any::<bool>()).prop_map(|(room, audience, past)| {
            Edit::SetAudience { room, audience: audience.into_iter().collect(), past }
        }),
        (member(), role()).prop_map(|(member, role)| Edit::SetRole { member, role }),
    ]
}

/// Who holds a scope's key now, by the roster.
fn audience(roster: &Roster, scope: ScopeId) -> BTreeSet<MemberId> {
    match roster.rooms.iter().find(|room| ScopeId::from(room.room) == scope) {
        Some(room) => room.audience.iter().copied().collect(),
        None => roster.members.iter().map(|m| m.member).collect(),
    }
}

fn scopes(roster: &Roster) -> Vec<(ScopeId, u32)> {
    let rooms = roster.rooms.iter().map(|room| (ScopeId::from(room.room), room.epoch));
    std::iter::once((roster.household.into(), roster.epoch)).chain(rooms).collect()
}

proptest! {
    #[test]
    fn after_any_edits_exactly_the_audience_holds_each_key_and_who_was_put_out_holds_none(edits in prop::collection::vec(any_edit(), 1..25)) {
        let mut now = home();
        let mut digest = Envelope::sign(&now, &key(1)).payload_digest();
        // Everybody's keys, as wraps give them.
        let mut held: BTreeSet<Wanted> = scopes(&now).into_iter().flat_map(|(scope, epoch)| {
            audience(&now, scope).into_iter().map(move |member| Wanted { scope, epoch, member })
        }).collect();
        for edit in edits {
            let Ok(step) = edited(&now, &edit) else { continue };
            let mut next = step.roster.clone();
            next.previous = Some(digest);
            let owner = now.owners().next().unwrap().member.0[0];
            let envelope = Envelope::sign(&next, &key(owner));
            // Every reader takes it.
            let accepted = now.accept_next(digest, &envelope);
            prop_assert_eq!(accepted.as_ref(), Ok(&next));
            for (scope, epoch) in &step.fresh {
                let wrapped: BTreeSet<_> =
                    step.wraps.iter().filter(|w| (w.scope, w.epoch) == (*scope, *epoch)).map(|w| w.member).collect();
                prop_assert_eq!(wrapped, audience(&next, *scope), "a new key goes exactly to its audience");
                prop_assert!(held.iter().all(|w| (w.scope, w.epoch) != (*scope, *epoch)), "and is new");
            }
            if let Edit::PutOut { member } = &edit {
                prop_assert!(next.rooms.iter().all(|room| !room.audience.contains(member)));
                prop_assert!(next.epoch > now.epoch, "the household has a new key");
                for room in now.rooms.iter().filter(|room| room.audience.contains(member)) {
                    prop_assert!(next.room(room.room).unwrap().epoch > room.epoch, "and so has each of their rooms");
                }
            }
            held.extend(&step.wraps);
            for (scope, epoch) in scopes(&next) {
                let holders: BTreeSet<_> =
                    held.iter().filter(|w| (w.scope, w.epoch) == (scope, epoch)).map(|w| w.member).collect();
                prop_assert_eq!(holders, audience(&next, scope), "nobody else holds what is sealed to now");
            }
            digest = envelope.payload_digest();
            now = next;
        }
    }

    #[test]
    fn from_today_gives_no_key_of_yesterday(rooms in prop::collection::btree_set(prop::sample::select(vec![5_u8, 50, 51]), 1..3), past in any::<bool>()) {
        let home = home();
        let rooms: Vec<_> = rooms.into_iter().map(|n| RoomId([n; 16])).collect();
        let step = edited(&home, &Edit::LetIn { member: newcomer(8, Role::Guest), rooms: rooms.clone(), past }).unwrap();
        for room in rooms {
            let (scope, old) = (ScopeId::from(room), home.room(room).unwrap().epoch);
            let gets = |epoch| step.wraps.contains(&Wanted { scope, epoch, member: MemberId([8; 16]) });
            prop_assert_eq!(gets(old), past);
            prop_assert!(gets(step.roster.room(room).unwrap().epoch));
        }
    }
}

#[test]
fn the_last_owner_stays() {
    let home = home();
    let owner = MemberId([1; 16]);
    assert_eq!(edited(&home, &Edit::PutOut { member: owner }), Err(EditError::LastOwner));
    assert_eq!(edited(&home, &Edit::SetRole { member: owner, role: Role::Guest }), Err(EditError::LastOwner));
    let unknown = Edit::PutOut { member: MemberId([77; 16]) };
    assert_eq!(edited(&home, &unknown), Err(EditError::Unknown));
    let again = Edit::LetIn { member: newcomer(2, Role::Adult), rooms: vec![], past: false };
    assert_eq!(edited(&home, &again), Err(EditError::AlreadyIn));
}

#[test]
fn a_roster_that_puts_somebody_out_and_leaves_them_a_key_is_refused_by_every_reader() {
    let before = home();
    let digest = Envelope::sign(&before, &key(1)).payload_digest();
    let out = edited(&before, &Edit::PutOut { member: MemberId([3; 16]) }).unwrap().roster;
    let judge = |change: &dyn Fn(&mut Roster)| {
        let mut next = Roster { previous: Some(digest), ..out.clone() };
        change(&mut next);
        before.accept_next(digest, &Envelope::sign(&next, &key(1))).map(drop)
    };
    assert_eq!(judge(&|_| {}), Ok(()));
    let room = |r: &mut Roster| (r.rooms[0].epoch, r.rooms[0].recipient) = (1, "age1pq1room".into());
    let changes: BTreeMap<&str, &dyn Fn(&mut Roster)> = BTreeMap::from([
        ("the room keeps its key", &room as &dyn Fn(&mut Roster)),
        ("the room keeps its key under a new number", &|r| r.rooms[0].recipient = "age1pq1room".into()),
        ("the household keeps its key", &|r| (r.epoch, r.recipient) = (1, "age1pq1household".into())),
        ("another key under the old number", &|r| r.rooms[1].recipient = "age1pq1other".into()),
        ("an older key of another room", &|r| r.rooms[1].epoch = 0),
    ]);
    for (name, change) in changes {
        assert_eq!(judge(change), Err(RosterError::StaleKeys), "{name}");
    }
}
