//! Sealing one part: an ordinary age file whose header and body are given out apart.

use crate::{Recipient, SealError};
use age::stream::StreamWriter;
use eaves_domain::Digest;
use sha2::{Digest as _, Sha256};
use std::io::Write;
use std::sync::{Arc, Mutex};

/// Where age's writer leaves its bytes until the caller takes them.
#[derive(Clone, Default)]
struct Outbox(Arc<Mutex<Vec<u8>>>);

impl Outbox {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().expect("nothing panics while it holds the outbox"))
    }
}

impl Write for Outbox {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nothing panics while it holds the outbox").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// An age header: up to and including the newline after its MAC.
#[derive(Clone, PartialEq, Eq)]
pub struct Header(Vec<u8>);

impl Header {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// What the manifest says about them.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.0)
    }
}

impl std::fmt::Debug for Header {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Header({} bytes)", self.0.len())
    }
}

/// What the manifest says about a finished body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodySummary {
    /// SHA-256 of the body.
    pub digest: Digest,
    /// Its length in bytes.
    pub bytes: u64,
}

/// Seals plaintext as it comes. Ciphertext comes out in whole 64 KiB chunks; what is still inside is lost when the
/// sealer is dropped without [`Sealer::finish`].
///
/// The file key lives in here and nowhere else: once the sealer is gone, nobody without the recipient's identity can
/// open the body, and there is no way to get the key out.
///
/// ```compile_fail
/// fn leak(sealer: eaves_seal::Sealer) -> impl std::any::Any { sealer.file_key() }
/// ```
pub struct Sealer {
    writer: StreamWriter<Outbox>,
    outbox: Outbox,
    hash: Sha256,
    bytes: u64,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Sealer {
    /// Starts a part. The header is complete at once; the first bytes of the body (the payload nonce) come out with the
    /// first chunk.
    pub fn new(recipient: &Recipient) -> Result<(Header, Self), SealError> {
        let outbox = Outbox::default();
        let writer = age::Encryptor::with_recipients(std::iter::once(recipient as &dyn age::Recipient))
            .map_err(|_| SealError::Failed)?
            .wrap_output(outbox.clone())
            .map_err(|_| SealError::Failed)?;
        let mut start = outbox.take();
        let header_bytes = header_length(&start).ok_or(SealError::Failed)?;
        let nonce = start.split_off(header_bytes);
        let mut sealer = Self { writer, outbox: outbox.clone(), hash: Sha256::new(), bytes: 0 };
        outbox.0.lock().expect("nothing panics while it holds the outbox").extend_from_slice(&nonce);
        sealer.hash.update(&nonce);
        sealer.bytes += nonce.len() as u64;
        Ok((Header(start), sealer))
    }

    /// Seals `plaintext` and appends the chunks that became whole to `body`.
    pub fn write(&mut self, plaintext: &[u8], body: &mut Vec<u8>) -> Result<(), SealError> {
        let nonce = self.outbox.take();
        body.extend_from_slice(&nonce);
        self.writer.write_all(plaintext).map_err(|_| SealError::Failed)?;
        self.account(body);
        Ok(())
    }

    /// Seals the last chunk, appends it to `body` and says what the whole body is.
    pub fn finish(mut self, body: &mut Vec<u8>) -> Result<BodySummary, SealError> {
        let nonce = self.outbox.take();
        body.extend_from_slice(&nonce);
        let Self { writer, outbox, .. } = self;
        writer.finish().map_err(|_| SealError::Failed)?;
        let last = outbox.take();
        self.hash.update(&last);
        self.bytes += last.len() as u64;
        body.extend_from_slice(&last);
        Ok(BodySummary { digest: Digest(self.hash.finalize().into()), bytes: self.bytes })
    }

    fn account(&mut self, body: &mut Vec<u8>) {
        let chunks = self.outbox.take();
        self.hash.update(&chunks);
        self.bytes += chunks.len() as u64;
        body.extend_from_slice(&chunks);
    }
}

/// Length of the age header at the start of `file`, if there is a whole one.
fn header_length(file: &[u8]) -> Option<usize> {
    let mac = file.windows(5).position(|w| w == b"\n--- ")?;
    let end = file.get(mac + 1..)?.iter().position(|b| *b == b'\n')?;
    Some(mac + 1 + end + 1)
}

/// Seals a small thing (a name, settings, a key, an answer) as one age file.
pub fn seal_small(recipient: &Recipient, plaintext: &[u8]) -> Result<Vec<u8>, SealError> {
    let (header, mut sealer) = Sealer::new(recipient)?;
    let mut file = header.into_bytes();
    sealer.write(plaintext, &mut file)?;
    sealer.finish(&mut file)?;
    Ok(file)
}

/// The longest name, in bytes of UTF-8.
pub const NAME_BYTES_MAX: usize = 256;

/// Seals a name, padded with zero bytes to a multiple of 64 so that its length tells little (`docs/spec/keys.md`).
pub fn seal_name(recipient: &Recipient, name: &str) -> Result<Vec<u8>, SealError> {
    if name.len() > NAME_BYTES_MAX || name.contains('\0') {
        return Err(SealError::BadName);
    }
    let mut padded = name.as_bytes().to_vec();
    padded.resize(name.len().div_ceil(64).max(1) * 64, 0);
    seal_small(recipient, &padded)
}
