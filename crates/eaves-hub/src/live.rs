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

    /// Whether somebody watches.
    pub fn is_watched(&self) -> bool {
        self.watched
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
        let flags = FrameFlags { is_init: false, is_keyframe: frame.keyframe, is_audio: frame.track == Track::Audio };
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

#[cfg(test)]
mod tests {
    use super::*;
    use eaves_domain::RoomId;
    use eaves_domain::live::FrameHeader;
    use eaves_media::Pieces;

    fn live() -> Live {
        let plan = LivePlan {
            place: Place { room: RoomId([3; 16]), epoch: 1, roster: 1 },
            recipient: Recipient::of_seed(&[7; 32]),
            household: HouseholdId([1; 16]),
            hub: HubId([2; 16]),
            key: Arc::new(SigningKey::from_bytes(&[9; 32])),
        };
        let mut live = Live::new(DeviceId([4; 16]), plan);
        live.began(Role::Main, Bytes::from_static(b"init"), "avc1.4d401f".into());
        live
    }

    fn at(ms: i64) -> Moment {
        Moment { wall: Timestamp(1_000_000_000 + ms * 1000), monotonic_us: ms * 1000 }
    }

    fn frame(keyframe: bool) -> LiveFrame {
        LiveFrame { track: Track::Video, keyframe, captured: Timestamp(5), pieces: Pieces::default() }
    }

    /// Keys that came, and the headers of the frames.
    fn headers(sealed: &[Sealed]) -> (usize, Vec<FrameHeader>) {
        let frames = sealed.iter().filter_map(|s| match s {
            Sealed::Frame(frame) => FrameHeader::parse(frame),
            Sealed::Key(_) => None,
        });
        (sealed.iter().filter(|s| matches!(s, Sealed::Key(_))).count(), frames.collect())
    }

    #[test]
    fn nothing_is_sealed_while_nobody_watches() {
        let mut live = live();
        assert!(!live.wants(Role::Main));
        assert!(live.frame(Role::Main, &frame(true), at(0), true).is_empty());
        live.watch();
        assert!(live.wants(Role::Main));
        live.unwatch();
        assert!(live.frame(Role::Main, &frame(true), at(0), true).is_empty());
    }

    #[test]
    fn slow_link_loses_frames_up_to_the_next_keyframe_and_no_more() {
        let mut live = live();
        live.watch();
        assert!(live.frame(Role::Main, &frame(false), at(0), true).is_empty(), "nothing before a keyframe");
        assert_eq!(headers(&live.frame(Role::Main, &frame(true), at(0), true)).1.len(), 2, "init and keyframe");
        assert!(live.frame(Role::Main, &frame(false), at(40), false).is_empty());
        assert!(live.frame(Role::Main, &frame(false), at(80), true).is_empty(), "it would not decode");
        let (keys, frames) = headers(&live.frame(Role::Main, &frame(true), at(120), true));
        assert_eq!((keys, frames.len()), (0, 1), "the same key goes on");
        assert_eq!(frames[0].counter, 2, "no counter twice");
    }

    #[test]
    fn key_ends_at_a_keyframe_after_half_a_minute_and_in_any_case_before_a_minute() {
        let mut live = live();
        live.watch();
        let mut keys = Vec::new();
        let mut used = std::collections::BTreeMap::new();
        for second in 0..200 {
            // Keyframes stop coming after a while.
            let sealed = live.frame(Role::Main, &frame(second < 100 && second % 4 == 0), at(second * 1000), true);
            if headers(&sealed).0 > 0 {
                keys.push(second);
            }
            for header in headers(&sealed).1 {
                used.entry(header.key.0).or_insert_with(Vec::new).push(header.counter);
            }
        }
        assert_eq!(keys, [0, 32, 64, 96, 154]);
        assert!(used.values().all(|counters| counters.iter().enumerate().all(|(at, c)| *c == at as u64)));
    }

    #[test]
    fn sub_stream_is_shown_while_it_runs_and_the_main_one_else() {
        let mut live = live();
        live.watch();
        live.frame(Role::Main, &frame(true), at(0), true);
        live.began(Role::Sub, Bytes::from_static(b"sub"), "avc1.42001e".into());
        assert!(live.frame(Role::Main, &frame(true), at(40), true).is_empty());
        assert!(live.wants_backlog(Role::Sub));
        assert_eq!(headers(&live.frame(Role::Sub, &frame(true), at(80), true)).0, 1, "another stream, another key");
        live.ended(Role::Sub);
        assert!(live.wants_backlog(Role::Main));
        assert_eq!(headers(&live.frame(Role::Main, &frame(true), at(120), true)).0, 1);
    }

    #[test]
    fn every_watcher_from_the_beginning_and_every_new_plan_make_a_new_key() {
        let mut live = live();
        live.watch();
        assert_eq!(headers(&live.frame(Role::Main, &frame(true), at(0), true)).0, 1);
        live.watch();
        assert_eq!(headers(&live.frame(Role::Main, &frame(true), at(40), true)).0, 1);
        let plan = live.plan.clone();
        live.set_plan(plan);
        assert_eq!(headers(&live.frame(Role::Main, &frame(false), at(80), true)).0, 1, "at once, not at a keyframe");
    }
}
