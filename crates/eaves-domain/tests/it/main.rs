//! Properties of every document: what was written reads back, and what was changed is refused. The single cases, with
//! their reasons, are in `vectors/`.
#![allow(clippy::unwrap_used, reason = "tests may unwrap")]

mod chains;
mod codecs;
mod documents;
mod home;
mod people;

use eaves_domain::envelope::PublicKey;
use eaves_domain::retention::Lifetimes;
use eaves_domain::roster::{Device, DeviceKind, Hub, Member, Records, Role, Room, Roster};
use eaves_domain::{Base64Url, DeviceId, HouseholdId, HubId, MemberId, RoomId, Timestamp};
use ed25519_dalek::SigningKey;

pub(crate) fn key(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

/// An owner (key 1), an adult (key 2) in the audience, a guest (key 3) in the audience, a hub (key 4) and a camera.
pub(crate) fn roster() -> Roster {
    let member = |n: u8, role| Member {
        member: MemberId([n; 16]),
        role,
        recipient: format!("age1pq1{n}"),
        signing_key: PublicKey::of(&key(n)),
        label: Base64Url(vec![n]),
    };
    Roster {
        household: HouseholdId([9; 16]),
        version: 1,
        previous: None,
        issued_us: Timestamp(0),
        epoch: 1,
        recipient: "age1pq1household".into(),
        label: Base64Url(vec![]),
        members: vec![member(1, Role::Owner), member(2, Role::Adult), member(3, Role::Guest)],
        hubs: vec![Hub { hub: HubId([4; 16]), signing_key: PublicKey::of(&key(4)), recipient: "age1pq1hub".into() }],
        rooms: vec![Room {
            room: RoomId([5; 16]),
            epoch: 1,
            recipient: "age1pq1room".into(),
            audience: [1, 2, 3].map(|n| MemberId([n; 16])).to_vec(),
            label: Base64Url(vec![]),
            lifetimes: Lifetimes::default(),
            records: Records::Always,
        }],
        devices: vec![Device {
            device: DeviceId([6; 16]),
            kind: DeviceKind::Camera,
            room: RoomId([5; 16]),
            hub: HubId([4; 16]),
            label: Base64Url(vec![]),
            settings: Base64Url(vec![]),
        }],
    }
}
