//! A simulated home: one owner, one hub, one room, one camera, and the rosters and links that they sign.

use crate::member::{SimulatedMember, identity, label, seal};
use eaves_domain::envelope::{Envelope, PublicKey};
use eaves_domain::link::{ChainHead, GapCause, Link, LinkKind, Part, PartKind};
use eaves_domain::retention::{Class, Lifetimes};
use eaves_domain::roster::{Device, DeviceKind, Hub, Records, Role, Room, Roster};
use eaves_domain::{DeviceId, Digest, HouseholdId, HubId, RecordingId, RoomId, RunId, Timestamp};
use eaves_open::Identity;
use eaves_seal::{Recipient, Sealer};
use ed25519_dalek::SigningKey;

/// Noon of a day, when everything in the simulated home begins.
pub const NOON: Timestamp = Timestamp(1_790_000_000_000_000);
/// One second in microseconds.
pub const S: i64 = 1_000_000;

/// Ids and keys of a simulated home; they grow from `n`.
#[derive(Debug)]
pub struct SimulatedHome {
    n: u8,
    /// The household.
    pub household: HouseholdId,
    /// Its one owner.
    pub owner: SimulatedMember,
    /// Its hub.
    pub hub: HubId,
    /// Its room.
    pub room: RoomId,
    /// Its camera.
    pub camera: DeviceId,
}

/// One sealed part: header, body, and what a link says about them.
#[derive(Debug, Clone)]
pub struct SealedPart {
    /// The age header.
    pub header: Vec<u8>,
    /// The age body.
    pub body: Vec<u8>,
    /// What a link says.
    pub part: Part,
}

impl SimulatedHome {
    /// Home number `n`.
    pub fn new(n: u8) -> Self {
        let household = HouseholdId([n; 16]);
        Self {
            n,
            household,
            owner: SimulatedMember::new(household, n.wrapping_add(1)),
            hub: HubId([n.wrapping_add(2); 16]),
            room: RoomId([n.wrapping_add(3); 16]),
            camera: DeviceId([n.wrapping_add(4); 16]),
        }
    }

    /// The hub's signing key.
    pub fn hub_key(&self) -> SigningKey {
        SigningKey::from_bytes(&[self.n.wrapping_add(5); 32])
    }

    /// Seed of the hub's own identity.
    pub fn hub_seed(&self) -> [u8; 32] {
        [self.n.wrapping_add(6); 32]
    }

    /// Seed of the room's identity.
    pub fn room_seed(&self) -> [u8; 32] {
        [self.n.wrapping_add(7); 32]
    }

    /// Seed of the household's identity.
    pub fn household_seed(&self) -> [u8; 32] {
        [self.n.wrapping_add(8); 32]
    }

    /// The room's identity.
    pub fn room_identity(&self) -> Identity {
        identity(self.room_seed())
    }

    /// The room's recipient.
    pub fn room_recipient(&self) -> Recipient {
        Recipient::parse(self.room_identity().recipient()).expect("a post-quantum recipient")
    }

    /// The first roster.
    pub fn roster(&self) -> Roster {
        let household_identity = identity(self.household_seed());
        let recipient = household_identity.recipient();
        let hub_recipient = identity(self.hub_seed()).recipient().to_owned();
        Roster {
            household: self.household,
            version: 1,
            previous: None,
            issued_us: NOON,
            epoch: 1,
            recipient: recipient.to_owned(),
            label: label(recipient, "Home"),
            members: vec![self.owner.roster_line(Role::Owner, recipient, "Alma")],
            hubs: vec![Hub {
                hub: self.hub,
                signing_key: PublicKey::of(&self.hub_key()),
                recipient: hub_recipient.clone(),
            }],
            rooms: vec![Room {
                room: self.room,
                epoch: 1,
                recipient: self.room_identity().recipient().to_owned(),
                audience: vec![self.owner.member],
                label: label(recipient, "Nursery"),
                lifetimes: Lifetimes::default(),
                records: Records::Always,
            }],
            devices: vec![Device {
                device: self.camera,
                kind: DeviceKind::Camera,
                room: self.room,
                hub: self.hub,
                label: label(recipient, "Crib"),
                settings: seal(&hub_recipient, br#"{"source":"demo","microphone":true}"#).into(),
            }],
        }
    }

    /// The roster after `before`, unchanged but for its place in the chain.
    pub fn next_roster(&self, before: &Envelope) -> Roster {
        let roster: Roster = before.peek().expect("a roster");
        Roster {
            version: roster.version + 1,
            previous: Some(before.payload_digest()),
            issued_us: roster.issued_us.plus_us(S),
            ..roster
        }
    }

    /// Seals a part of the camera to its room.
    pub fn seal_part(&self, kind: PartKind, plaintext: &[u8]) -> SealedPart {
        let (header, mut sealer) = Sealer::new(&self.room_recipient()).expect("sealed");
        let mut body = Vec::new();
        sealer.write(plaintext, &mut body).expect("sealed");
        sealer.finish(&mut body).expect("sealed");
        SealedPart::new(kind, header.into_bytes(), body)
    }

    /// A link of the camera that follows `head` and ends where it starts: change what the test is about, then sign.
    pub fn link(&self, head: ChainHead, start: Timestamp, kind: LinkKind) -> Link {
        Link {
            household: self.household,
            hub: self.hub,
            device: self.camera,
            room: self.room,
            epoch: 1,
            roster: 1,
            index: head.next_index,
            previous: head.digest,
            start_us: start,
            end_us: start.plus_us(60 * S),
            kind,
        }
    }

    /// What a link says about a recording of these parts.
    pub fn recording(&self, n: u8, start: Timestamp, cut: bool, parts: &[&SealedPart]) -> LinkKind {
        LinkKind::Recording {
            recording: RecordingId([n; 16]),
            run: RunId([0xee; 16]),
            class: Class::Continuous,
            keep_until_us: start.plus_us(60 * S + 3 * 86_400 * S),
            cut,
            parts: parts.iter().map(|sealed| sealed.part).collect(),
        }
    }

    /// Signs a link as the hub and moves the head on.
    pub fn sign_link(&self, link: &Link, head: &mut ChainHead) -> Envelope {
        let envelope = Envelope::sign(link, &self.hub_key());
        *head = ChainHead { next_index: link.index + 1, digest: Some(envelope.payload_digest()) };
        envelope
    }
}

impl SealedPart {
    /// Puts header and body together with what a link says about them.
    pub fn new(kind: PartKind, header: Vec<u8>, body: Vec<u8>) -> Self {
        let part =
            Part { part: kind, header: Digest::of(&header), body: Digest::of(&body), body_bytes: body.len() as u64 };
        Self { header, body, part }
    }

    /// The ordinary age file.
    pub fn file(&self) -> Vec<u8> {
        [self.header.as_slice(), &self.body].concat()
    }
}

/// A gap.
pub fn gap(cause: GapCause) -> LinkKind {
    LinkKind::Gap { cause }
}
