//! A part's body: age's STREAM, read from the specification, with random access.
//!
//! [`PartReader`] looks at the last chunk first. A body without its end is refused before the first byte is given out,
//! and after that every chunk is opened by itself, in any order: a chunk that opens is authentic at its place.

use crate::header::{FileKey, Header, header_bytes};
use crate::{Error, Identity};
use chacha20poly1305::aead::Aead;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit};
use eaves_domain::Digest;
use eaves_domain::link::Part;
use std::cmp::Ordering;
use std::io::{self, Read, Seek, SeekFrom};
use zeroize::Zeroizing;

/// Plaintext bytes in a chunk that is not the last.
pub const CHUNK_BYTES: u64 = 65_536;
/// Ciphertext bytes of such a chunk.
pub const SEALED_CHUNK_BYTES: u64 = CHUNK_BYTES + TAG_BYTES;
const TAG_BYTES: u64 = 16;
const NONCE_BYTES: u64 = 16;

/// Whether a body may lack its last chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The last chunk must be there.
    Whole,
    /// The link says `cut: true`: whole chunks are used, an incomplete rest is dropped.
    MayBeCut,
}

/// Opens one part. Reads and seeks in plaintext; holds one opened chunk.
pub struct PartReader<R> {
    source: R,
    cipher: ChaCha20Poly1305,
    /// Index of the last chunk and whether it carries the last-chunk flag; `None` when no chunk is usable.
    last: Option<(u64, bool)>,
    /// Plaintext bytes of the whole part.
    len: u64,
    body_bytes: u64,
    position: u64,
    opened: Option<(u64, Zeroizing<Vec<u8>>)>,
}

impl<R> std::fmt::Debug for PartReader<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<R: Read + Seek> PartReader<R> {
    /// Starts to read the body in `source`, which holds `body_bytes` bytes from its start.
    pub fn new(mut source: R, body_bytes: u64, key: &FileKey, ending: Ending) -> Result<Self, Error> {
        let mut nonce = [0; 16];
        source.seek(SeekFrom::Start(0)).and_then(|_| source.read_exact(&mut nonce)).map_err(|_| Error::Truncated)?;
        let cipher = ChaCha20Poly1305::new(key.payload_key(&nonce).as_slice().try_into().expect("a key of 32 bytes"));
        let mut reader = Self { source, cipher, last: None, len: 0, body_bytes, position: 0, opened: None };
        reader.find_end(ending)?;
        Ok(reader)
    }

    /// Plaintext bytes of the part.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether the part holds nothing.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn find_end(&mut self, ending: Ending) -> Result<(), Error> {
        let chunks = self.body_bytes.checked_sub(NONCE_BYTES).ok_or(Error::Truncated)?;
        let (whole, rest) = (chunks / SEALED_CHUNK_BYTES, chunks % SEALED_CHUNK_BYTES);
        // An empty last chunk is a tag alone, and right only where it is the only one.
        let may_be_last = rest > TAG_BYTES || (rest == TAG_BYTES && whole == 0);
        if may_be_last && let Ok(plaintext) = self.open_chunk(whole, true) {
            self.settle(whole, true, plaintext);
            return Ok(());
        }
        if rest > 0 && ending == Ending::Whole {
            return Err(if rest < TAG_BYTES { Error::Truncated } else { Error::ChangedBody });
        }
        let Some(index) = whole.checked_sub(1) else {
            return if ending == Ending::MayBeCut { Ok(()) } else { Err(Error::Truncated) };
        };
        if rest == 0
            && let Ok(plaintext) = self.open_chunk(index, true)
        {
            self.settle(index, true, plaintext);
            return Ok(());
        }
        // What is left can only be a body whose end was cut off, or one that was changed.
        let plaintext = self.open_chunk(index, false)?;
        if ending == Ending::Whole {
            return Err(Error::Truncated);
        }
        self.settle(index, false, plaintext);
        Ok(())
    }

    fn settle(&mut self, index: u64, has_flag: bool, plaintext: Zeroizing<Vec<u8>>) {
        self.last = Some((index, has_flag));
        self.len = index.saturating_mul(CHUNK_BYTES).saturating_add(plaintext.len() as u64);
        self.opened = Some((index, plaintext));
    }

    fn open_chunk(&mut self, index: u64, is_last: bool) -> Result<Zeroizing<Vec<u8>>, Error> {
        let start = index
            .checked_mul(SEALED_CHUNK_BYTES)
            .and_then(|n| n.checked_add(NONCE_BYTES))
            .filter(|start| *start < self.body_bytes)
            .ok_or(Error::Truncated)?;
        let bytes = SEALED_CHUNK_BYTES.min(self.body_bytes - start);
        let mut sealed = vec![0; bytes as usize];
        self.source.seek(SeekFrom::Start(start)).map_err(|_| Error::Unreadable)?;
        self.source.read_exact(&mut sealed).map_err(|_| Error::Truncated)?;
        open_chunk(&self.cipher, index, is_last, &sealed)
    }

    /// What of the current chunk lies at and after the position; empty at the end of the part.
    fn fill(&mut self) -> Result<&[u8], Error> {
        let Some((last, has_flag)) = self.last else { return Ok(&[]) };
        if self.position >= self.len {
            return Ok(&[]);
        }
        let index = self.position / CHUNK_BYTES;
        if self.opened.as_ref().is_none_or(|(opened, _)| *opened != index) {
            let plaintext = self.open_chunk(index, index == last && has_flag)?;
            self.opened = Some((index, plaintext));
        }
        let offset = (self.position % CHUNK_BYTES) as usize;
        Ok(self.opened.as_ref().and_then(|(_, plaintext)| plaintext.get(offset..)).unwrap_or_default())
    }
}

/// Opens chunk `index` by itself.
fn open_chunk(
    cipher: &ChaCha20Poly1305,
    index: u64,
    is_last: bool,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut nonce = [0; 12];
    nonce[3..11].copy_from_slice(&index.to_be_bytes());
    nonce[11] = u8::from(is_last);
    cipher.decrypt((&nonce).into(), sealed).map(Zeroizing::new).map_err(|_| Error::ChangedBody)
}

impl<R: Read + Seek> Read for PartReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let available = self.fill().map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?;
        let count = available.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..count), available.get(..count)) {
            to.copy_from_slice(from);
        }
        self.position = self.position.saturating_add(count as u64);
        Ok(count)
    }
}

impl<R: Read + Seek> Seek for PartReader<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.len.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}

/// Opens a whole body in memory.
pub fn open_body(header: &[u8], body: &[u8], identity: &Identity, ending: Ending) -> Result<Zeroizing<Vec<u8>>, Error> {
    let key = Header::parse(header)?.open(identity)?;
    let mut reader = PartReader::new(io::Cursor::new(body), body.len() as u64, &key, ending)?;
    // Reserved at once: a vector that grows by copying leaves plaintext behind in freed memory.
    let mut plaintext =
        Zeroizing::new(Vec::with_capacity(usize::try_from(reader.len()).map_err(|_| Error::Unreadable)?));
    reader.read_to_end(&mut plaintext).map_err(|_| Error::ChangedBody)?;
    Ok(plaintext)
}

/// Opens a part that a link vouches for: both digests and the length must agree before anything is opened.
pub fn open_vouched(
    vouched: &Part,
    header: &[u8],
    body: &[u8],
    identity: &Identity,
    ending: Ending,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    if Digest::of(header) != vouched.header {
        return Err(Error::ChangedHeader);
    }
    match (body.len() as u64).cmp(&vouched.body_bytes) {
        Ordering::Less => Err(Error::Truncated),
        Ordering::Equal if Digest::of(body) == vouched.body => open_body(header, body, identity, ending),
        _ => Err(Error::ChangedBody),
    }
}

/// Opens a whole age file in memory: names, settings, wraps, and any part whose header and body were put together.
pub fn open_file(file: &[u8], identity: &Identity) -> Result<Zeroizing<Vec<u8>>, Error> {
    let (header, body) = header_bytes(file).and_then(|bytes| file.split_at_checked(bytes)).ok_or(Error::Malformed)?;
    open_body(header, body, identity, Ending::Whole)
}

/// Opens a sealed name: UTF-8 followed by zero bytes.
pub fn open_name(file: &[u8], identity: &Identity) -> Result<String, Error> {
    let padded = open_file(file, identity)?;
    let name_bytes = padded.iter().position(|b| *b == 0).unwrap_or(padded.len());
    let (name, padding) = padded.split_at(name_bytes);
    if padding.iter().any(|b| *b != 0) || name.len() > 256 {
        return Err(Error::Malformed);
    }
    std::str::from_utf8(name).map(str::to_owned).map_err(|_| Error::Malformed)
}
