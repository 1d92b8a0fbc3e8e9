//! Live frames: the member's signed wish to watch, the key document that the hub signs, and the clear header of each
//! sealed frame.
//!
//! A live key is 32 random bytes sealed to the room as an age file, named by an eight-byte id, signed by the hub and
//! replaced at least every minute. A frame is one binary message: [`FrameHeader`] in clear, which is also the associated
//! data, then ChaCha20-Poly1305 (RFC 8439) ciphertext under the live key with the counter as nonce.
//! Specification: `docs/spec/live.md`.

use crate::command::COMMAND_WINDOW_US;
use crate::envelope::{Document, Envelope, EnvelopeError};
use crate::roster::Roster;
use crate::{Base64Url, CommandId, DeviceId, HouseholdId, HubId, MemberId, RoomId, Timestamp};
use serde::{Deserialize, Serialize};

/// The longest time a live key is used, in microseconds: one minute.
pub const LIVE_KEY_US_MAX: i64 = 60_000_000;

/// The largest sealed frame that a relay forwards, in bytes.
pub const FRAME_BYTES_MAX: usize = 8 << 20;

/// How long a [`Watch`] holds from when the hub first took it, in microseconds: five minutes. An app renews it in time.
pub const WATCH_US: i64 = 300_000_000;

/// A member's signed wish to see a camera live. A hub seals live frames only while it holds one, and tells the
/// household who watches: nobody, the vault least of all, can make it show a picture to an unnamed watcher.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Watch {
    /// Whose home.
    pub household: HouseholdId,
    /// Random; never used twice. Renewing takes a new one.
    pub watch: CommandId,
    /// When it was signed.
    pub issued_us: Timestamp,
    /// Who watches.
    pub member: MemberId,
    /// Which camera.
    pub device: DeviceId,
}

impl Document for Watch {
    const PAYLOAD_TYPE: &'static str = "application/vnd.eaves.watch.v1+json";
}

/// Why a wish to watch was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WatchError {
    /// Signature, type or form.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// It is meant for another household.
    #[error("the wish is for another household")]
    WrongHousehold,
    /// The member is not in the audience of the camera.
    #[error("the member may not see this camera")]
    NotAllowed,
    /// It was signed more than [`COMMAND_WINDOW_US`] ago, or in the future.
    #[error("the wish is too old, or a clock is wrong")]
    OutOfTime,
}

impl Watch {
    /// Verifies `envelope` against `roster` at `now`. The caller still has to see to it that showing it again does not
    /// make it hold for longer.
    pub fn accept(envelope: &Envelope, roster: &Roster, now: Timestamp) -> Result<Self, WatchError> {
        let claimed: Self = envelope.peek()?;
        let member = roster.member(claimed.member).ok_or(WatchError::NotAllowed)?;
        let watch: Self = envelope.verify(&[member.signing_key])?;
        if watch.household != roster.household {
            return Err(WatchError::WrongHousehold);
        }
        if now.since_us(watch.issued_us).saturating_abs() > COMMAND_WINDOW_US {
            return Err(WatchError::OutOfTime);
        }
        if !roster.may_see_device(watch.member, watch.device) {
            return Err(WatchError::NotAllowed);
        }
        Ok(watch)
    }
}

/// The id of a live key: eight random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Base64Url", into = "Base64Url")]
pub struct LiveKeyId(pub [u8; 8]);

impl TryFrom<Base64Url> for LiveKeyId {
    type Error = &'static str;

    fn try_from(bytes: Base64Url) -> Result<Self, Self::Error> {
        <[u8; 8]>::try_from(bytes.0.as_slice()).map(Self).map_err(|_| "a live key id has 8 bytes")
    }
}

impl From<LiveKeyId> for Base64Url {
    fn from(id: LiveKeyId) -> Self {
        Self(id.0.to_vec())
    }
}

/// The signed document that hands a live key to the room's audience.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LiveKey {
    /// Whose.
    pub household: HouseholdId,
    /// Who signed.
    pub hub: HubId,
    /// Which camera.
    pub device: DeviceId,
    /// Where it stands.
    pub room: RoomId,
    /// The epoch of the room identity that opens [`LiveKey::sealed_key`].
    pub epoch: u32,
    /// Names the key in [`FrameHeader::key`].
    pub key: LiveKeyId,
    /// When the key was first used. Frames under it are refused [`LIVE_KEY_US_MAX`] (and a little) later.
    pub issued_us: Timestamp,
    /// An age file to the room's recipient that holds the 32-byte key.
    pub sealed_key: Base64Url,
    /// RFC 6381 codecs of the stream, sealed nowhere because a relay learns nothing from them: `avc1.4d401f, mp4a.40.2`.
    pub codecs: String,
}

impl Document for LiveKey {
    const PAYLOAD_TYPE: &'static str = "application/vnd.eaves.live-key.v1+json";
}

/// The clear header of a live frame, 34 bytes: what a relay needs to drop late frames, and the associated data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// Which camera.
    pub device: DeviceId,
    /// Under which key.
    pub key: LiveKeyId,
    /// Counts up by one per frame under a key, from 0; the nonce.
    pub counter: u64,
    /// The frame is an initialisation segment; everything before it is void.
    pub is_init: bool,
    /// A picture can be shown from here.
    pub is_keyframe: bool,
    /// The frame carries sound.
    pub is_audio: bool,
}

impl FrameHeader {
    /// Length in bytes.
    pub const BYTES: usize = 34;
    const VERSION: u8 = 1;

    /// The 34 bytes: version, device, key id, counter (big-endian), flags.
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut out = [0; Self::BYTES];
        out[0] = Self::VERSION;
        out[1..17].copy_from_slice(&self.device.0);
        out[17..25].copy_from_slice(&self.key.0);
        out[25..33].copy_from_slice(&self.counter.to_be_bytes());
        out[33] = u8::from(self.is_init) | u8::from(self.is_keyframe) << 1 | u8::from(self.is_audio) << 2;
        out
    }

    /// Reads the header at the start of a frame; `None` when it is short, of another version, or has unknown flags.
    pub fn parse(frame: &[u8]) -> Option<Self> {
        let bytes: &[u8; Self::BYTES] = frame.first_chunk()?;
        let flags = bytes[33];
        if bytes[0] != Self::VERSION || flags & !0b111 != 0 {
            return None;
        }
        Some(Self {
            device: DeviceId(bytes[1..17].try_into().ok()?),
            key: LiveKeyId(bytes[17..25].try_into().ok()?),
            counter: u64::from_be_bytes(bytes[25..33].try_into().ok()?),
            is_init: flags & 1 != 0,
            is_keyframe: flags & 2 != 0,
            is_audio: flags & 4 != 0,
        })
    }

    /// The ChaCha20-Poly1305 nonce: four zero bytes, then the counter big-endian.
    pub fn nonce(&self) -> [u8; 12] {
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&self.counter.to_be_bytes());
        nonce
    }
}
