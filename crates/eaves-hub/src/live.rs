//! Live pictures of one device while somebody watches: keys, frames, and what is left out on a slow link.
//!
//! A pure machine but for the sealing itself. A device has up to two streams; the sub stream is shown where it runs, else
//! the main one. A key seals at most a minute of one stream to one epoch of the room; every change makes a new key, so
//! no counter is ever used twice under one key. A new key begins with an init segment, and, but for very long groups
//! of pictures, at a keyframe.

use bytes::Bytes;
use eaves_domain::envelope::Envelope;
use eaves_domain::live::{LIVE_KEY_US_MAX, LiveKey};
use eaves_domain::{Base64Url, DeviceId, HouseholdId, HubId, Timestamp};
use eaves_media::{LiveFrame, Moment, Track};
use eaves_seal::{FrameFlags, LiveSealer, Recipient};
use ed25519_dalek::SigningKey;
use std::sync::Arc;

use crate::spool::Place;

/// From this age on a key is replaced at the next keyframe.
const KEY_US: i64 = LIVE_KEY_US_MAX / 2;
/// At this age it is replaced in any case.
const KEY_US_MAX: i64 = LIVE_KEY_US_MAX - 2_000_000;

/// Which stream of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The one that is recorded.
    Main,
    /// A smaller one.
    Sub,
}

/// To whom and in whose name.
#[derive(Clone)]
pub struct LivePlan {
    /// Where the device stands.
    pub place: Place,
    /// The room's recipient.
    pub recipient: Recipient,
    /// Whose.
    pub household: HouseholdId,
    /// Who signs.
    pub hub: HubId,
    /// With which key.
    pub key: Arc<SigningKey>,
}

/// What goes to the vault, in order.
#[derive(Debug)]
pub enum Sealed {
    /// A new key; frames under it follow.
    Key(Envelope),
    /// A frame.
    Frame(Vec<u8>),
}

struct Running {
    init: Bytes,
    codecs: String,
}

struct Key {
    sealer: LiveSealer,
    made_us: i64,
    role: Role,
}

/// The machine of one device.
pub struct Live {
    device: DeviceId,
    plan: LivePlan,
    watched: bool,
    main: Option<Running>,
    sub: Option<Running>,
    key: Option<Key>,
    /// Frames were left out, or a stream began: nothing makes sense before the next keyframe.
    waits_for_keyframe: bool,
}

impl Live {
    /// Nobody watches yet.
    pub fn new(device: DeviceId, plan: LivePlan) -> Self {
        Self { device, plan, watched: false, main: None, sub: None, key: None, waits_for_keyframe: true }
    }

    /// The room, its key or the roster changed: the key in use ends at once.
    pub fn set_plan(&mut self, plan: LivePlan) {
        self.plan = plan;
        self.key = None;
    }

    /// Somebody watches, from the beginning.
    pub fn watch(&mut self) {
        self.watched = true;
        self.key = None;
        self.waits_for_keyframe = true;
    }

    /// Nobody watches any more.
    pub fn unwatch(&mut self) {
        self.watched = false;
        self.key = None;
    }

    /// A run of a stream began.
    pub fn began(&mut self, role: Role, init: Bytes, codecs: String) {
        *self.running(role) = Some(Running { init, codecs });
        self.key = None;
        self.waits_for_keyframe = true;
    }

    /// A run of a stream ended.
    pub fn ended(&mut self, role: Role) {
        *self.running(role) = None;
        if self.key.as_ref().is_some_and(|key| key.role == role) {
            self.key = None;
            self.waits_for_keyframe = true;
        }
    }

    fn running(&mut self, role: Role) -> &mut Option<Running> {
        match role {
            Role::Main => &mut self.main,
            Role::Sub => &mut self.sub,
        }
    }

    /// Whether frames of this stream are shown now.
    pub fn wants(&self, role: Role) -> bool {
        let shown = if self.sub.is_some() { Role::Sub } else { Role::Main };
        self.watched && shown == role
    }

    /// Whether this stream should give everything since its last keyframe now.
    pub fn wants_backlog(&self, role: Role) -> bool {
        self.wants(role) && self.waits_for_keyframe
    }

    /// Seals a frame. `has_room` says whether the way to the vault takes it.
    pub fn frame(&mut self, role: Role, frame: &LiveFrame, now: Moment, has_room: bool) -> Vec<Sealed> {
        if !self.wants(role) {
            return Vec::new();
        }
        if !has_room {
            self.waits_for_keyframe = true;
            return Vec::new();
        }
        if self.waits_for_keyframe && !frame.keyframe {
            return Vec::new();
        }
        let mut out = Vec::new();
        if self.needs_key(role, frame.keyframe, now) && self.make_key(role, now, &mut out).is_none() {
            return Vec::new();
        }
        self.waits_for_keyframe = false;
        let flags =
            FrameFlags { is_init: false, is_keyframe: frame.keyframe, is_audio: frame.track == Track::Audio };
        let media = frame.pieces.to_bytes();
        out.extend(self.seal(frame.captured, flags, &media));
        out
    }

    fn needs_key(&self, role: Role, keyframe: bool, now: Moment) -> bool {
        let Some(key) = &self.key else { return true };
        let age = now.monotonic_us.saturating_sub(key.made_us);
        key.role != role || age >= KEY_US_MAX || (keyframe && age >= KEY_US)
    }

    /// Makes a key and sends it with the init segment. `None` if there is no stream or no randomness.
    fn make_key(&mut self, role: Role, now: Moment, out: &mut Vec<Sealed>) -> Option<()> {
        let running = match role {
            Role::Main => self.main.as_ref(),
            Role::Sub => self.sub.as_ref(),
        }?;
        let init = running.init.clone();
        let codecs = running.codecs.clone();
        let (sealer, sealed_key) = LiveSealer::new(self.device, &self.plan.recipient).ok()?;
        let document = LiveKey {
            household: self.plan.household,
            hub: self.plan.hub,
            device: self.device,
            room: self.plan.place.room,
            epoch: self.plan.place.epoch,
            key: sealer.key_id(),
            issued_us: now.wall,
            sealed_key: Base64Url(sealed_key),
            codecs,
        };
        self.key = Some(Key { sealer, made_us: now.monotonic_us, role });
        out.push(Sealed::Key(Envelope::sign(&document, &self.plan.key)));
        let flags = FrameFlags { is_init: true, ..FrameFlags::default() };
        out.push(self.seal(now.wall, flags, &init)?);
        Some(())
    }

    fn seal(&mut self, captured: Timestamp, flags: FrameFlags, media: &[u8]) -> Option<Sealed> {
        let key = self.key.as_mut()?;
        key.sealer.seal(captured, flags, media).ok().map(Sealed::Frame)
    }
}
