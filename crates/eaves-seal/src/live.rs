//! Sealing live frames under short-lived keys (`docs/spec/live.md`).

use crate::{Recipient, SealError, seal_small};
use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _};
use eaves_domain::live::{FrameHeader, LiveKeyId};
use eaves_domain::{DeviceId, Timestamp};
use zeroize::Zeroizing;

/// What a frame is, as the relay sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrameFlags {
    /// An initialisation segment.
    pub is_init: bool,
    /// A picture can be shown from here.
    pub is_keyframe: bool,
    /// The frame carries sound.
    pub is_audio: bool,
}

/// Seals the frames of one camera under one key. A new key is a new `LiveSealer`; when to make one is the caller's
/// decision (at least every [`eaves_domain::live::LIVE_KEY_US_MAX`]).
pub struct LiveSealer {
    device: DeviceId,
    key: LiveKeyId,
    cipher: ChaCha20Poly1305,
    next_counter: u64,
}

impl std::fmt::Debug for LiveSealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl LiveSealer {
    /// Makes a key from the operating system's randomness and seals it to `recipient`: returns the sealer and the age
    /// file that goes into the signed live-key document.
    pub fn new(device: DeviceId, recipient: &Recipient) -> Result<(Self, Vec<u8>), SealError> {
        let mut secret = Zeroizing::new([0_u8; 32]);
        let mut id = [0_u8; 8];
        getrandom::fill(secret.as_mut_slice()).map_err(|_| SealError::NoRandomness)?;
        getrandom::fill(&mut id).map_err(|_| SealError::NoRandomness)?;
        let sealed_key = seal_small(recipient, secret.as_slice())?;
        let cipher = ChaCha20Poly1305::new((&*secret).into());
        Ok((Self { device, key: LiveKeyId(id), cipher, next_counter: 0 }, sealed_key))
    }

    /// The id that names this key in every frame.
    pub fn key_id(&self) -> LiveKeyId {
        self.key
    }

    /// Seals one frame captured at `captured`: header, then ciphertext and tag.
    pub fn seal(&mut self, captured: Timestamp, flags: FrameFlags, media: &[u8]) -> Result<Vec<u8>, SealError> {
        let counter = self.next_counter;
        self.next_counter = counter.checked_add(1).ok_or(SealError::Failed)?;
        let header = FrameHeader {
            device: self.device,
            key: self.key,
            counter,
            is_init: flags.is_init,
            is_keyframe: flags.is_keyframe,
            is_audio: flags.is_audio,
        };
        let clear = header.to_bytes();
        let mut frame = Vec::with_capacity(clear.len() + 8 + media.len() + 16);
        frame.extend_from_slice(&clear);
        frame.extend_from_slice(&captured.as_us().to_be_bytes());
        frame.extend_from_slice(media);
        // Sealed where it lies: one move per byte.
        let tag = self
            .cipher
            .encrypt_inout_detached((&header.nonce()).into(), &clear, frame[clear.len()..].as_mut().into())
            .map_err(|_| SealError::Failed)?;
        frame.extend_from_slice(&tag);
        Ok(frame)
    }
}
