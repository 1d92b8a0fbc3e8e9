//! The log of one recording: an append-only file of frames, written while it is recorded.
//!
//! What was written survives the end of the process; what was flushed, once per group of pictures, survives the end of
//! the power.
//!
//! ```text
//! frame = kind (1 byte) ‖ length (4 bytes, big-endian) ‖ payload
//! 1 begin     JSON of Begin, first, once
//! 2 media     ciphertext of the media body, in order
//! 3 progress  JSON of Progress: what the media frames so far amount to
//! 4 part      ciphertext of another part's body
//! ```
//!
//! A recording that was finished has an item (`item`) that says where its bodies lie, and its log is never parsed
//! again. A log without an item was interrupted: [`scan`] reads it up to the last progress frame whose digest agrees with
//! the media frames before it. Whatever a power cut left behind that point, torn, zeroed or missing, is not looked at.
//! The sealer emits whole chunks only, so what is kept is whole chunks.

use super::item::Place;
use crate::durable::{Disk, DiskFile};
use bytes::Bytes;
use eaves_domain::retention::{Class, Lifetimes};
use eaves_domain::{Base64Url, Digest, RecordingId, RunId, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::io;
use std::path::Path;

const BEGIN: u8 = 1;
const MEDIA: u8 = 2;
const PROGRESS: u8 = 3;
const PART: u8 = 4;
const FRAME_HEADER_BYTES: usize = 5;
/// The longest JSON frame that is read.
const JSON_BYTES_MAX: u64 = 64 << 10;
const READ_BYTES: usize = 1 << 20;

/// What is known when a recording begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Begin {
    /// Opaque id.
    pub recording: RecordingId,
    /// The run it belongs to.
    pub run: RunId,
    /// What it is kept for.
    pub class: Class,
    /// The lifetimes of the room when it began.
    pub lifetimes: Lifetimes,
    /// Where.
    pub place: Place,
    /// Its first instant.
    pub start_us: Timestamp,
    /// The age header of its media.
    pub header: Base64Url,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Progress {
    body_bytes: u64,
    end_us: Timestamp,
    digest: Digest,
}

/// A body in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// Where it lies, as offset and length, in order.
    pub extents: Vec<(u64, u64)>,
    /// SHA-256 of it.
    pub digest: Digest,
    /// Its length.
    pub bytes: u64,
}

/// A log being written.
pub struct LogWriter {
    file: Box<dyn DiskFile>,
    offset: u64,
    extents: Vec<(u64, u64)>,
    digest: Sha256,
    bytes: u64,
}

impl LogWriter {
    /// Begins the log at `path`. On success the begin frame is durable; the caller makes the name durable.
    pub fn begin(disk: &dyn Disk, path: &Path, begin: &Begin) -> io::Result<Self> {
        let json = to_json(begin);
        let mut file = disk.create(path)?;
        file.append(&[&frame_header(BEGIN, json.len())?, &json])?;
        file.sync()?;
        let offset = (FRAME_HEADER_BYTES + json.len()) as u64;
        Ok(Self { file, offset, extents: Vec::new(), digest: Sha256::new(), bytes: 0 })
    }

    /// Appends ciphertext of the media. Without [`LogWriter::progress`] it is not kept.
    ///
    /// The pieces are written as they are; nothing is copied.
    pub fn media(&mut self, pieces: &[Bytes]) -> io::Result<()> {
        let length: usize = pieces.iter().map(Bytes::len).sum();
        if length == 0 {
            return Ok(());
        }
        self.frame(MEDIA, pieces, length)?;
        for piece in pieces {
            self.digest.update(piece);
        }
        self.extents.push((self.offset - length as u64, length as u64));
        self.bytes += length as u64;
        Ok(())
    }

    /// From now on the media so far is kept, should the process end; it lasts until `end`.
    pub fn progress(&mut self, end: Timestamp) -> io::Result<()> {
        let digest = Digest(self.digest.clone().finalize().into());
        let json = to_json(&Progress { body_bytes: self.bytes, end_us: end, digest });
        self.frame(PROGRESS, &[Bytes::from(json.clone())], json.len())
    }

    /// Makes what is kept durable, should the power be cut.
    pub fn flush(&mut self) -> io::Result<()> {
        self.file.sync()
    }

    /// Appends the body of another part. Durable with [`LogWriter::finish`].
    pub fn part(&mut self, body: &[Bytes]) -> io::Result<Body> {
        let length: usize = body.iter().map(Bytes::len).sum();
        self.frame(PART, body, length)?;
        let mut digest = Sha256::new();
        for piece in body {
            digest.update(piece);
        }
        let bytes = length as u64;
        Ok(Body { extents: vec![(self.offset - bytes, bytes)], digest: Digest(digest.finalize().into()), bytes })
    }

    /// Makes everything durable and says where the media lies.
    pub fn finish(mut self) -> io::Result<Body> {
        self.file.sync()?;
        let digest = Digest(self.digest.finalize().into());
        Ok(Body { extents: self.extents, digest, bytes: self.bytes })
    }

    fn frame(&mut self, kind: u8, pieces: &[Bytes], length: usize) -> io::Result<()> {
        let header = frame_header(kind, length)?;
        let slices: Vec<&[u8]> = std::iter::once(header.as_slice()).chain(pieces.iter().map(|p| p.as_ref())).collect();
        self.file.append(&slices)?;
        self.offset += (FRAME_HEADER_BYTES + length) as u64;
        Ok(())
    }
}

/// What an interrupted log holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interrupted {
    /// How it began.
    pub begin: Begin,
    /// What is whole of the media, and when it ends. `None` when not one group of pictures is.
    pub media: Option<(Body, Timestamp)>,
}

/// Reads the log of a recording that was interrupted. `None` when not even its beginning is whole.
///
/// Reading the same log again gives the same answer.
pub fn scan(disk: &dyn Disk, path: &Path) -> io::Result<Option<Interrupted>> {
    let mut offset = 0;
    let Some((BEGIN, length)) = read_frame_header(disk, path, &mut offset)? else { return Ok(None) };
    let Some(begin) = read_json::<Begin>(disk, path, &mut offset, length)? else { return Ok(None) };
    let mut digest = Sha256::new();
    let mut extents = Vec::new();
    let mut bytes = 0_u64;
    let mut media = None;
    while let Some((kind, length)) = read_frame_header(disk, path, &mut offset)? {
        match kind {
            MEDIA => {
                extents.push((offset, length));
                bytes = bytes.saturating_add(length);
                if !read_into(disk, path, &mut offset, length, &mut digest)? {
                    break;
                }
            }
            PROGRESS => {
                let Some(progress) = read_json::<Progress>(disk, path, &mut offset, length)? else { break };
                let digest = Digest(digest.clone().finalize().into());
                if progress.body_bytes != bytes || progress.digest != digest {
                    break;
                }
                media = Some((Body { extents: extents.clone(), digest, bytes }, progress.end_us));
            }
            _ => break,
        }
    }
    Ok(Some(Interrupted { begin, media }))
}

fn to_json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("the hub's records have string keys and finite numbers only")
}

fn frame_header(kind: u8, length: usize) -> io::Result<[u8; FRAME_HEADER_BYTES]> {
    let length = u32::try_from(length).map_err(|_| io::ErrorKind::FileTooLarge)?;
    let [a, b, c, d] = length.to_be_bytes();
    Ok([kind, a, b, c, d])
}

fn read_frame_header(disk: &dyn Disk, path: &Path, offset: &mut u64) -> io::Result<Option<(u8, u64)>> {
    let bytes = disk.read_at(path, *offset, FRAME_HEADER_BYTES)?;
    let Ok([kind, a, b, c, d]) = <[u8; FRAME_HEADER_BYTES]>::try_from(bytes) else { return Ok(None) };
    *offset = offset.saturating_add(FRAME_HEADER_BYTES as u64);
    Ok(Some((kind, u64::from(u32::from_be_bytes([a, b, c, d])))))
}

fn read_json<T: for<'de> Deserialize<'de>>(
    disk: &dyn Disk,
    path: &Path,
    offset: &mut u64,
    length: u64,
) -> io::Result<Option<T>> {
    if length > JSON_BYTES_MAX {
        return Ok(None);
    }
    let bytes = disk.read_at(path, *offset, length as usize)?;
    *offset = offset.saturating_add(length);
    Ok(serde_json::from_slice(&bytes).ok())
}

/// Feeds a frame to `digest`; false when the file ends before the frame does.
fn read_into(disk: &dyn Disk, path: &Path, offset: &mut u64, length: u64, digest: &mut Sha256) -> io::Result<bool> {
    let end = offset.saturating_add(length);
    while *offset < end {
        let bytes = disk.read_at(path, *offset, READ_BYTES.min((end - *offset) as usize))?;
        if bytes.is_empty() {
            return Ok(false);
        }
        digest.update(&bytes);
        *offset += bytes.len() as u64;
    }
    Ok(true)
}
