//! A small household for tests: an owner, an adult, a hub, a room, a camera.

use super::Household;
use crate::claim::PublicIdentity;
use eaves_domain::envelope::{Envelope, PublicKey};
use eaves_domain::retention::Lifetimes;
use eaves_domain::roster::{Device, DeviceKind, Hub, Member, Records, Role, Room, Roster};
use eaves_domain::{Base64Url, DeviceId, HouseholdId, HubId, MemberId, RoomId, Timestamp};
use ed25519_dalek::SigningKey;

pub(crate) const CAMERA: DeviceId = DeviceId([4; 16]);
pub(crate) const OWNER: MemberId = MemberId([5; 16]);
pub(crate) const ADULT: MemberId = MemberId([6; 16]);

/// The household.
pub(crate) struct Home {
    pub(crate) owner: SigningKey,
    pub(crate) adult: SigningKey,
    pub(crate) hub: SigningKey,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self::with_seed(1)
    }

    pub(crate) fn with_seed(seed: u8) -> Self {
        let key = |n: u8| SigningKey::from_bytes(&[seed.wrapping_mul(31).wrapping_add(n); 32]);
        Self { owner: key(1), adult: key(2), hub: key(3) }
    }

    pub(crate) fn own(&self) -> PublicIdentity {
        let signing_key = PublicKey::of(&self.hub);
        PublicIdentity { hub: HubId([2; 16]), signing_key, recipient: "age1pq1hub".into() }
    }

    /// The first roster.
    pub(crate) fn roster(&self) -> Roster {
        let sealed = || Base64Url(vec![0; 10]);
        let member = |member, role, key: &SigningKey, recipient: &str| Member {
            member,
            role,
            recipient: recipient.into(),
            signing_key: PublicKey::of(key),
            label: sealed(),
        };
        let own = self.own();
        Roster {
            household: HouseholdId([1; 16]),
            version: 1,
            previous: None,
            issued_us: Timestamp(1_700_000_000_000_000),
            epoch: 1,
            recipient: "age1pq1household".into(),
            label: sealed(),
            members: vec![
                member(OWNER, Role::Owner, &self.owner, "age1pq1owner"),
                member(ADULT, Role::Adult, &self.adult, "age1pq1adult"),
            ],
            hubs: vec![Hub { hub: own.hub, signing_key: own.signing_key, recipient: own.recipient }],
            rooms: vec![Room {
                room: RoomId([3; 16]),
                epoch: 1,
                recipient: "age1pq1room".into(),
                audience: vec![OWNER, ADULT],
                label: sealed(),
                lifetimes: Lifetimes::default(),
                records: Records::Always,
            }],
            devices: vec![Device {
                device: CAMERA,
                kind: DeviceKind::Camera,
                room: RoomId([3; 16]),
                hub: own.hub,
                label: sealed(),
                settings: sealed(),
            }],
        }
    }

    /// Signs as the owner.
    pub(crate) fn sign(&self, roster: &Roster) -> Envelope {
        Envelope::sign(roster, &self.owner)
    }

    /// The roster after the one in force.
    pub(crate) fn next(&self, household: &Household, change: impl FnOnce(&mut Roster)) -> Envelope {
        let last = household.in_force().unwrap();
        let mut next = (*last.roster).clone();
        next.version += 1;
        next.previous = Some(last.digest);
        change(&mut next);
        self.sign(&next)
    }
}
