//! The roster: the signed document that says who, where, with which keys, under which rules.
//!
//! Rosters form a chain. The first is signed by its own owner and pinned at pairing (see [`crate::claim`]); every
//! later one names the SHA-256 of the one before, counts up by one, and is signed by an owner **of the one before**.
//! A roster that is forked, rolled back or signed by anybody else is refused.
//! Specification: `docs/spec/roster.md`.

use crate::envelope::{Document, Envelope, EnvelopeError, PublicKey};
use crate::retention::Lifetimes;
use crate::{Base64Url, DeviceId, Digest, HouseholdId, HubId, MemberId, RoomId, ScopeId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

pub mod edit;
mod keys;

/// What a member may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A guardian: signs rosters.
    Owner,
    /// May watch, erase and use the rooms they are in the audience of.
    Adult,
    /// May watch the rooms they are in the audience of.
    Guest,
}

/// A person with an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Member {
    /// Opaque id.
    pub member: MemberId,
    /// What they may do.
    pub role: Role,
    /// Their age recipient (`age1pq1…`), to which shared identities are wrapped.
    pub recipient: String,
    /// The key that signs their documents.
    pub signing_key: PublicKey,
    /// Their name, sealed to the household recipient.
    pub label: Base64Url,
}

/// A hub of the household.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Hub {
    /// Opaque id.
    pub hub: HubId,
    /// The key that signs links and live keys.
    pub signing_key: PublicKey,
    /// Its age recipient, to which device settings are sealed.
    pub recipient: String,
}

/// A room: audience, key and rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Room {
    /// Opaque id.
    pub room: RoomId,
    /// Counts up whenever the identity is replaced.
    pub epoch: u32,
    /// The recipient of the room's current identity.
    pub recipient: String,
    /// Who may see the room.
    pub audience: Vec<MemberId>,
    /// The room's name, sealed to the household recipient.
    pub label: Base64Url,
    /// How long what is recorded here lives.
    pub lifetimes: Lifetimes,
    /// When its cameras record; `always` when not said.
    #[serde(default, skip_serializing_if = "Records::is_always")]
    pub records: Records,
}

/// When the cameras of a room record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Records {
    /// At all times.
    #[default]
    Always,
    /// While the home is armed.
    WhenArmed,
}

impl Records {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
    fn is_always(&self) -> bool {
        *self == Self::Always
    }
}

/// What a device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceKind {
    /// A camera.
    Camera,
}

/// A device that stands in a room and is spoken to by a hub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Device {
    /// Opaque id.
    pub device: DeviceId,
    /// What it is.
    pub kind: DeviceKind,
    /// Where it stands.
    pub room: RoomId,
    /// Which hub speaks to it.
    pub hub: HubId,
    /// Its name, sealed to the household recipient.
    pub label: Base64Url,
    /// Its [`CameraSettings`] as JSON, sealed to the hub's recipient.
    pub settings: Base64Url,
}

/// What only the hub may know about a camera. Sealed to the hub inside [`Device::settings`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "source", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum CameraSettings {
    /// A camera that speaks RTSP.
    Rtsp {
        /// `rtsp://host[:port]/path` of the main stream, without user name or password.
        main_url: String,
        /// The same of the sub stream, where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sub_url: Option<String>,
        /// User name, where the camera asks for one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        username: Option<String>,
        /// Password, where the camera asks for one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        password: Option<String>,
        /// Whether sound is recorded.
        microphone: bool,
    },
    /// The demo camera that ships with the program.
    Demo {
        /// Whether sound is recorded.
        microphone: bool,
    },
}

impl std::fmt::Debug for CameraSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// The signed document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Roster {
    /// Whose roster.
    pub household: HouseholdId,
    /// 1 for the first, then one more each.
    pub version: u64,
    /// SHA-256 of the payload of the roster before; `null` for the first.
    pub previous: Option<Digest>,
    /// When it was signed.
    pub issued_us: Timestamp,
    /// Counts up whenever the household identity is replaced.
    pub epoch: u32,
    /// The recipient of the household's shared identity, which every member holds: names are sealed to it.
    pub recipient: String,
    /// The household's name, sealed to the household recipient.
    pub label: Base64Url,
    /// Everybody with an account; at least one owner.
    pub members: Vec<Member>,
    /// The hubs.
    pub hubs: Vec<Hub>,
    /// The rooms.
    pub rooms: Vec<Room>,
    /// The devices.
    pub devices: Vec<Device>,
}

impl Document for Roster {
    const PAYLOAD_TYPE: &'static str = "application/vnd.eaves.roster.v1+json";
}

/// A shared identity (of a room or of the household), wrapped to one member. Not signed: the member checks that the
/// identity inside has the recipient that the signed roster names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeyWrap {
    /// The room's id, or the household's.
    pub scope: ScopeId,
    /// The epoch of the identity.
    pub epoch: u32,
    /// To whom it is wrapped.
    pub member: MemberId,
    /// An age file to the member's recipient; `docs/spec/keys.md` says what is inside.
    pub wrapped: Base64Url,
}

/// Why a roster was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RosterError {
    /// Signature, type or form.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// It belongs to another household.
    #[error("the roster belongs to another household")]
    WrongHousehold,
    /// Its version is not one more than the version before.
    #[error("the roster does not follow the one before: it was rolled back or one is missing")]
    WrongVersion,
    /// It does not name the roster before.
    #[error("the roster does not follow the one before: the chain is forked")]
    Forked,
    /// It contradicts itself, for example a device in a room that does not exist.
    #[error("the roster contradicts itself")]
    Inconsistent,
    /// It takes somebody out of an audience and leaves them the key, or takes an old key back.
    #[error("the roster keeps a key that somebody holds who may not, or takes an old one back")]
    StaleKeys,
}

impl Roster {
    /// Accepts a first roster: signed by the one owner it names. The caller has already authenticated that owner's
    /// key (by the claim code, or because it was pinned earlier as `pinned`).
    pub fn accept_first(envelope: &Envelope, pinned: Option<PublicKey>) -> Result<Self, RosterError> {
        let claimed: Self = envelope.peek()?;
        let owners: Vec<_> =
            claimed.owners().map(|m| m.signing_key).filter(|k| pinned.is_none_or(|p| p == *k)).collect();
        let roster: Self = envelope.verify(&owners)?;
        if roster.version != 1 {
            return Err(RosterError::WrongVersion);
        }
        if roster.previous.is_some() {
            return Err(RosterError::Forked);
        }
        roster.check()?;
        Ok(roster)
    }

    /// Accepts `envelope` as the roster after this one. `own_digest` is the digest of this roster's payload.
    pub fn accept_next(&self, own_digest: Digest, envelope: &Envelope) -> Result<Self, RosterError> {
        let owners: Vec<_> = self.owners().map(|m| m.signing_key).collect();
        let next: Self = envelope.verify(&owners)?;
        if next.household != self.household {
            return Err(RosterError::WrongHousehold);
        }
        if Some(next.version) != self.version.checked_add(1) {
            return Err(RosterError::WrongVersion);
        }
        if next.previous != Some(own_digest) {
            return Err(RosterError::Forked);
        }
        next.check()?;
        if keys::are_renewed(self, &next) { Ok(next) } else { Err(RosterError::StaleKeys) }
    }

    /// Accepts a roster on somebody else's word: the caller knows by other means, such as the MAC of a claim code, that
    /// it is the household's. It is signed by an owner that it names itself.
    pub fn accept_vouched(envelope: &Envelope) -> Result<Self, RosterError> {
        let claimed: Self = envelope.peek()?;
        if claimed.version <= 1 {
            return Self::accept_first(envelope, None);
        }
        let owners: Vec<_> = claimed.owners().map(|m| m.signing_key).collect();
        let roster: Self = envelope.verify(&owners)?;
        if roster.previous.is_none() {
            return Err(RosterError::Forked);
        }
        roster.check()?;
        Ok(roster)
    }

    fn check(&self) -> Result<(), RosterError> {
        let members: BTreeSet<_> = self.members.iter().map(|m| m.member).collect();
        let rooms: BTreeSet<_> = self.rooms.iter().map(|r| r.room).collect();
        let hubs: BTreeSet<_> = self.hubs.iter().map(|h| h.hub).collect();
        let devices: BTreeSet<_> = self.devices.iter().map(|d| d.device).collect();
        let consistent = members.len() == self.members.len()
            && rooms.len() == self.rooms.len()
            && hubs.len() == self.hubs.len()
            && devices.len() == self.devices.len()
            && self.owners().next().is_some()
            && self.rooms.iter().all(|r| r.audience.iter().all(|m| members.contains(m)))
            && self.devices.iter().all(|d| rooms.contains(&d.room) && hubs.contains(&d.hub));
        if consistent { Ok(()) } else { Err(RosterError::Inconsistent) }
    }

    /// The owners.
    pub fn owners(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|m| m.role == Role::Owner)
    }

    /// The member with this id.
    pub fn member(&self, member: MemberId) -> Option<&Member> {
        self.members.iter().find(|m| m.member == member)
    }

    /// The room with this id.
    pub fn room(&self, room: RoomId) -> Option<&Room> {
        self.rooms.iter().find(|r| r.room == room)
    }

    /// The device with this id.
    pub fn device(&self, device: DeviceId) -> Option<&Device> {
        self.devices.iter().find(|d| d.device == device)
    }

    /// The hub with this id.
    pub fn hub(&self, hub: HubId) -> Option<&Hub> {
        self.hubs.iter().find(|h| h.hub == hub)
    }

    /// Whether `member` may see what stands in the room of `device`.
    pub fn may_see_device(&self, member: MemberId, device: DeviceId) -> bool {
        self.device(device).and_then(|d| self.room(d.room)).is_some_and(|r| r.audience.contains(&member))
    }
}
