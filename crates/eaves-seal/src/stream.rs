//! [`Sealer`]: age's STREAM, written chunk by chunk as the plaintext arrives.
//!
//! A chunk is written only once it is known not to be the last one, because the last carries a flag. So after any
//! number of writes, what has come out is the payload nonce and whole chunks, and up to 64 KiB are still held back:
//! that is what a power cut costs.

use crate::header::{FileKey, Header};
use crate::{Recipient, SealError};
use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit};
use zeroize::Zeroizing;

/// Plaintext bytes in a chunk that is not the last.
pub const CHUNK_BYTES: usize = 65_536;
/// Ciphertext bytes of such a chunk: the plaintext and a 16-byte tag.
pub const SEALED_CHUNK_BYTES: usize = CHUNK_BYTES + 16;
/// Length of the payload nonce with which a body starts.
pub const NONCE_BYTES: usize = 16;

/// Seals one part. It has no method that opens, and no way to get its key out.
///
/// ```compile_fail
/// fn reopen(sealer: eaves_seal::Sealer, body: &[u8]) -> Vec<u8> { sealer.open(body) }
/// ```
///
/// ```compile_fail
/// fn twice(sealer: eaves_seal::Sealer) -> (eaves_seal::Sealer, eaves_seal::Sealer) { (sealer.clone(), sealer) }
/// ```
pub struct Sealer {
    cipher: ChaCha20Poly1305,
    /// Emitted in front of the first chunk.
    payload_nonce: Option<[u8; NONCE_BYTES]>,
    /// Plaintext that is not sealed yet; at most one chunk.
    held: Zeroizing<Vec<u8>>,
    counter: u64,
    #[cfg(feature = "leaky-for-tests")]
    leaked: [u8; 16],
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Sealer {
    /// Starts a part to `recipient` under a fresh file key.
    pub fn new(recipient: &Recipient) -> Result<(Header, Self), SealError> {
        let key = FileKey::random()?;
        let header = Header::wrap(&key, recipient)?;
        let mut payload_nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut payload_nonce).map_err(|_| SealError::NoRandomness)?;
        let payload_key = key.derive(&payload_nonce, b"payload");
        let sealer = Self {
            cipher: ChaCha20Poly1305::new(payload_key.as_slice().try_into().expect("a key of 32 bytes")),
            payload_nonce: Some(payload_nonce),
            held: Zeroizing::new(Vec::new()),
            counter: 0,
            #[cfg(feature = "leaky-for-tests")]
            leaked: key.leaked(),
        };
        Ok((header, sealer))
    }

    /// The file key, for the build that leaks on purpose.
    #[cfg(feature = "leaky-for-tests")]
    pub fn leaked_file_key(&self) -> [u8; 16] {
        self.leaked
    }

    /// Takes `plaintext` and appends to `out` what is finished: whole chunks, and the payload nonce before the first.
    pub fn write(&mut self, mut plaintext: &[u8], out: &mut Vec<u8>) -> Result<(), SealError> {
        self.open_body(out);
        while self.held.len() + plaintext.len() > CHUNK_BYTES {
            let (head, rest) = plaintext.split_at(CHUNK_BYTES - self.held.len());
            plaintext = rest;
            // One move per byte: from the caller's buffer to `out`, where it is sealed in place.
            let held = std::mem::take(&mut *self.held);
            let sealed = self.seal_chunk(&held, head, false, out);
            *self.held = held;
            self.held.clear();
            sealed?;
        }
        if self.held.capacity() < CHUNK_BYTES && !plaintext.is_empty() {
            // Grown once and in one step: a vector that grows by copying leaves plaintext behind in freed memory.
            let grown = Vec::with_capacity(CHUNK_BYTES);
            self.held = Zeroizing::new(grown);
        }
        self.held.extend_from_slice(plaintext);
        Ok(())
    }

    /// Seals what is left as the last chunk and appends it to `out`. What the link says of the body is counted where the
    /// ciphertext is kept: hashing it here as well would cost a camera as much as sealing it.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), SealError> {
        self.open_body(out);
        let held = std::mem::take(&mut self.held);
        self.seal_chunk(&held, &[], true, out)
    }

    fn open_body(&mut self, out: &mut Vec<u8>) {
        if let Some(nonce) = self.payload_nonce.take() {
            out.extend_from_slice(&nonce);
        }
    }

    /// Seals `head ‖ tail` as the next chunk at the end of `out`.
    fn seal_chunk(&mut self, head: &[u8], tail: &[u8], is_last: bool, out: &mut Vec<u8>) -> Result<(), SealError> {
        let nonce = chunk_nonce(self.counter, is_last);
        // A repeated nonce is the one thing that must never be, so the counter moves before it is used.
        self.counter = self.counter.checked_add(1).ok_or(SealError::Failed)?;
        let start = out.len();
        out.reserve(head.len() + tail.len() + 16);
        out.extend_from_slice(head);
        out.extend_from_slice(tail);
        let tag = self
            .cipher
            .encrypt_inout_detached((&nonce).into(), b"", out[start..].as_mut().into())
            .expect("a chunk is far below the limit of ChaCha20-Poly1305");
        out.extend_from_slice(&tag);
        Ok(())
    }
}

/// Eleven bytes big-endian counter, one byte that is 1 for the last chunk.
fn chunk_nonce(counter: u64, is_last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[3..11].copy_from_slice(&counter.to_be_bytes());
    nonce[11] = u8::from(is_last);
    nonce
}
