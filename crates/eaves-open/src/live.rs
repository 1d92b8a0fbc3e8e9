//! Live frames, opened. `docs/spec/live.md`.

use crate::{Error, Identity};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit};
use eaves_domain::envelope::{Envelope, PublicKey};
use eaves_domain::live::{FrameHeader, LIVE_KEY_US_MAX, LiveKey, LiveKeyId};
use eaves_domain::{DeviceId, HouseholdId, HubId, RoomId, Timestamp};
use zeroize::Zeroizing;

/// Whose live pictures are expected: what the verified roster says about the camera.
#[derive(Clone, Copy, Debug)]
pub struct LiveContext {
    /// The household.
    pub household: HouseholdId,
    /// The hub of the camera.
    pub hub: HubId,
    /// The key with which that hub signs.
    pub hub_key: PublicKey,
    /// The camera.
    pub device: DeviceId,
    /// Where it stands.
    pub room: RoomId,
    /// The epoch of that room.
    pub epoch: u32,
}

/// An opened frame.
#[derive(Debug)]
pub struct Frame {
    /// What the relay saw.
    pub header: FrameHeader,
    /// When the frame was captured.
    pub captured: Timestamp,
    /// Fragmented MP4.
    pub media: Zeroizing<Vec<u8>>,
}

struct Key {
    id: LiveKeyId,
    cipher: ChaCha20Poly1305,
    issued: Timestamp,
    /// The lowest counter that is still accepted.
    next_counter: u64,
}

/// Opens the frames of one camera: the present key and the one before, since frames may overtake a key.
pub struct LiveReader {
    context: LiveContext,
    keys: Vec<Key>,
}

impl std::fmt::Debug for LiveReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl LiveReader {
    /// A reader without keys.
    pub fn new(context: LiveContext) -> Self {
        Self { context, keys: Vec::new() }
    }

    /// Takes a signed live key.
    pub fn accept_key(&mut self, envelope: &Envelope, room: &Identity, now: Timestamp) -> Result<LiveKey, Error> {
        let document: LiveKey = envelope.verify(&[self.context.hub_key])?;
        let LiveContext { household, hub, device, room: place, epoch, .. } = self.context;
        for (in_place, error) in [
            (document.household == household, Error::WrongHousehold),
            (document.hub == hub, Error::WrongHub),
            (document.device == device, Error::WrongDevice),
            (document.room == place && document.epoch == epoch, Error::WrongRoom),
        ] {
            if !in_place {
                return Err(error);
            }
        }
        if now.since_us(document.issued_us).saturating_abs() > 2 * LIVE_KEY_US_MAX {
            return Err(Error::OldKey);
        }
        // A key that comes twice must not reset its counter, or a relay could repeat frames.
        if self.keys.iter().all(|key| key.id != document.key) {
            let secret = crate::open_file(&document.sealed_key.0, room)?;
            let secret: &[u8; 32] = secret.as_slice().try_into().map_err(|_| Error::Malformed)?;
            let cipher = ChaCha20Poly1305::new(secret.into());
            self.keys.retain(|key| now.since_us(key.issued) <= 2 * LIVE_KEY_US_MAX);
            self.keys.push(Key { id: document.key, cipher, issued: document.issued_us, next_counter: 0 });
        }
        Ok(document)
    }

    /// Opens one frame, or says why it is refused. A refused frame changes nothing.
    pub fn open(&mut self, frame: &[u8], now: Timestamp) -> Result<Frame, Error> {
        let header = FrameHeader::parse(frame).ok_or(Error::Malformed)?;
        if header.device != self.context.device {
            return Err(Error::WrongDevice);
        }
        let key = self.keys.iter_mut().find(|key| key.id == header.key).ok_or(Error::UnknownKey)?;
        if now.since_us(key.issued) > 2 * LIVE_KEY_US_MAX {
            return Err(Error::OldKey);
        }
        if header.counter < key.next_counter {
            return Err(Error::Replayed);
        }
        let next_counter = header.counter.checked_add(1).ok_or(Error::Replayed)?;
        let (clear, sealed) = frame.split_at_checked(FrameHeader::BYTES).ok_or(Error::Malformed)?;
        let opened = key
            .cipher
            .decrypt((&header.nonce()).into(), Payload { msg: sealed, aad: clear })
            .map(Zeroizing::new)
            .map_err(|_| Error::ChangedBody)?;
        let (captured, media) = opened.split_first_chunk::<8>().ok_or(Error::Malformed)?;
        let captured = Timestamp(i64::from_be_bytes(*captured));
        key.next_counter = next_counter;
        Ok(Frame { header, captured, media: Zeroizing::new(media.to_vec()) })
    }
}
