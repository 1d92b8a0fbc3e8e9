//! Handing one item to the vault: its bodies, then its link.

use super::connect::Body;
use super::http::{VaultClient, VaultError};
use crate::spool::{Entry, HeadRecord, Item, ItemKind, RecordingItem, Signer, SpooledPart, Verdict, judge};
use crate::spool::{Failure, store::Spool};
use bytes::Bytes;
use eaves_api::app::Headers;
use eaves_api::hub::LinkUpload;
use eaves_api::problem::Code;
use eaves_domain::envelope::Envelope;
use eaves_domain::link::{ChainHead, PartKind};
use eaves_domain::{Base64Url, DeviceId, Digest};
use ed25519_dalek::SigningKey;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use sha2::{Digest as _, Sha256};
use std::io;
use std::sync::Arc;

const READ_BYTES: u64 = 256 << 10;

/// How handing over an item went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handed {
    /// The vault has it; the chain ends in this head.
    Over(ChainHead),
    /// Not now.
    Not(Failure),
    /// The vault shows less than it has confirmed, or another history. Nothing is handed over, and nothing again.
    Refused(Verdict),
}

/// Hands the item of `entry` to the vault.
///
/// The vault's head comes first: it shows whether the link is there already because an answer was lost, and a vault that
/// was rolled back or forked is found out before it is given anything.
pub(crate) async fn hand_over(
    client: &VaultClient,
    spool: &Arc<Spool>,
    signer: Signer,
    key: &SigningKey,
    entry: Entry,
    record: HeadRecord,
) -> Handed {
    let device = signer.device;
    let Ok(item) = blocking(spool, move |spool| spool.item(device, entry.seq)).await else {
        return Handed::Not(Failure::Unavailable);
    };
    let envelope = Envelope::sign(&item.link(signer, record.head), key);
    let next_index = record.head.next_index.saturating_add(1);
    let next = ChainHead { next_index, digest: Some(envelope.payload_digest()) };
    match client.head(device).await.map(|shown| judge(record.head, next, shown)) {
        Ok(Verdict::InStep) => {}
        Ok(Verdict::AlreadyThere) => return Handed::Over(next),
        Ok(verdict) => return Handed::Refused(verdict),
        Err(error) => return Handed::Not(failure(error)),
    }
    let upload = LinkUpload { link: envelope, headers: headers(&item) };
    let sent = async {
        if let ItemKind::Recording(recording) = &item.kind {
            send_parts(client, spool, device, item.seq, recording).await?;
        }
        client.post_link(&upload).await
    };
    match sent.await {
        Ok(()) => Handed::Over(next),
        Err(VaultError::Refused(Code::Conflict)) => match client.head(device).await {
            Ok(shown) => match judge(record.head, next, shown) {
                Verdict::AlreadyThere => Handed::Over(next),
                Verdict::InStep => Handed::Not(Failure::Unavailable),
                verdict => Handed::Refused(verdict),
            },
            Err(error) => Handed::Not(failure(error)),
        },
        Err(error) => {
            let damaged = blocking(spool, move |spool| Ok(is_damaged(spool, device, &item))).await;
            match damaged {
                Ok(true) => Handed::Not(Failure::BodyLost),
                _ => Handed::Not(failure(error)),
            }
        }
    }
}

fn failure(error: VaultError) -> Failure {
    match error {
        VaultError::Away | VaultError::Refused(Code::SignedOut) => Failure::Unavailable,
        VaultError::Refused(_) | VaultError::Nonsense => Failure::Refused,
    }
}

async fn send_parts(
    client: &VaultClient,
    spool: &Arc<Spool>,
    device: DeviceId,
    seq: u64,
    recording: &RecordingItem,
) -> Result<(), VaultError> {
    for part in &recording.parts {
        let body = || stream(spool.clone(), device, seq, part.extents.clone());
        client.put_part(recording.recording, part.part.part, part.part.body_bytes, body).await?;
    }
    Ok(())
}

fn headers(item: &Item) -> Option<Headers> {
    let ItemKind::Recording(recording) = &item.kind else { return None };
    let header =
        |kind| -> Option<Base64Url> { recording.parts.iter().find(|p| p.part.part == kind).map(|p| p.header.clone()) };
    Some(Headers { media: header(PartKind::Media)?, card: header(PartKind::Card), poster: header(PartKind::Poster) })
}

/// A body, read from the log while it is sent.
fn stream(spool: Arc<Spool>, device: DeviceId, seq: u64, extents: Vec<(u64, u64)>) -> Body {
    let mut extents = extents;
    extents.reverse();
    let frames = futures::stream::try_unfold((spool, extents), move |(spool, mut extents)| async move {
        let Some((offset, length)) = extents.pop() else { return Ok(None) };
        let now = length.min(READ_BYTES);
        let bytes = blocking(&spool, move |spool| spool.read_body(device, seq, offset, now as usize)).await?;
        if bytes.len() as u64 != now {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if now < length {
            extents.push((offset.saturating_add(now), length - now));
        }
        Ok(Some((Frame::data(Bytes::from(bytes)), (spool, extents))))
    });
    StreamBody::new(frames).boxed_unsync()
}

/// Whether the log no longer holds what the item says: then no vault can ever take it.
fn is_damaged(spool: &Spool, device: DeviceId, item: &Item) -> bool {
    let ItemKind::Recording(recording) = &item.kind else { return false };
    recording.parts.iter().any(|part| !is_whole(spool, device, item.seq, part).unwrap_or(true))
}

fn is_whole(spool: &Spool, device: DeviceId, seq: u64, part: &SpooledPart) -> io::Result<bool> {
    if !spool.has_body(device, seq) {
        return Ok(false);
    }
    let mut digest = Sha256::new();
    for (offset, length) in &part.extents {
        let (mut offset, mut left) = (*offset, *length);
        while left > 0 {
            let bytes = spool.read_body(device, seq, offset, left.min(READ_BYTES) as usize)?;
            if bytes.is_empty() {
                return Ok(false);
            }
            digest.update(&bytes);
            offset = offset.saturating_add(bytes.len() as u64);
            left = left.saturating_sub(bytes.len() as u64);
        }
    }
    Ok(Digest(digest.finalize().into()) == part.part.body)
}

/// Runs a call that blocks on the disk apart from the async threads.
pub(crate) async fn blocking<T: Send + 'static>(
    spool: &Arc<Spool>,
    call: impl FnOnce(&Spool) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let spool = spool.clone();
    tokio::task::spawn_blocking(move || call(&spool)).await.unwrap_or_else(|_| Err(io::Error::other("stopped")))
}
