//! Recordings that the app believes: sealed to the camera's room, signed by the home's hub.

use crate::Result;
use eaves_api::app::Headers;
use eaves_domain::envelope::Envelope;
use eaves_domain::link::{ChainHead, GapCause, Link, LinkKind, PartKind};
use eaves_domain::retention::Class;
use eaves_domain::roster::Roster;
use eaves_domain::{Base64Url, HubId, RecordingId, RunId, Timestamp};
use eaves_seal::{Recipient, Sealer};
use eaves_testkit::home::SealedPart;
use eaves_vault::store::{CommitOutcome, Store};
use ed25519_dalek::SigningKey;
use serde::Deserialize;
use std::path::Path;

const MINUTE_US: i64 = 60_000_000;
/// A gap of half a minute after so many recordings: a camera that was away for a moment.
const GAP_EVERY: u64 = 97;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HubIdentity {
    hub: HubId,
    signing_seed: Base64Url,
}

/// Makes `count` recordings of the newest camera from `from` on.
pub(crate) async fn seed(store: &Store, dir: &Path, from: i64, count: u64) -> Result<()> {
    let identity: HubIdentity = serde_json::from_slice(&std::fs::read(dir.join("hub/hub-identity"))?)?;
    let key = SigningKey::from_bytes(identity.signing_seed.0.as_slice().try_into()?);
    let household = *store.households().await?.first().ok_or("nobody has claimed this home")?;
    let roster: Roster = store.newest_roster(household).await?.ok_or("there is no roster")?.peek()?;
    let device = roster.devices.last().ok_or("there is no camera")?;
    let room = roster.room(device.room).ok_or("the camera stands in no room")?;
    let recipient = Recipient::parse(&room.recipient)?;
    let mut head = store.head(household, device.device).await?;
    let mut at = Timestamp(from);
    for n in 0..count {
        let link = |start: Timestamp, us: i64, head: &ChainHead, kind| Link {
            household,
            hub: identity.hub,
            device: device.device,
            room: room.room,
            epoch: room.epoch,
            roster: roster.version,
            index: head.next_index,
            previous: head.digest,
            start_us: start,
            end_us: start.plus_us(us),
            kind,
        };
        let parts: Vec<SealedPart> =
            PartKind::ALL.into_iter().map(|kind| part(&recipient, kind)).collect::<Result<_>>()?;
        let mut id = [0; 16];
        id[..8].copy_from_slice(&n.to_be_bytes());
        id[8..].copy_from_slice(&at.as_us().to_be_bytes());
        let recording = RecordingId(id);
        for SealedPart { body, part, .. } in &parts {
            let mut writer = store.receive_body(household, recording, part.part).await?;
            writer.write(body.clone()).await?;
            store.keep_body(household, recording, part.part, writer, at).await?;
        }
        let kind = LinkKind::Recording {
            recording,
            run: RunId([1; 16]),
            class: Class::Continuous,
            keep_until_us: room.lifetimes.keep_until(Class::Continuous, at.plus_us(MINUTE_US)),
            cut: false,
            parts: parts.iter().map(|sealed| sealed.part).collect(),
        };
        let header = |at: usize| parts.get(at).map(|sealed| Base64Url(sealed.header.clone()));
        let headers = Headers { media: header(0).ok_or("media comes first")?, card: header(1), poster: header(2) };
        let recorded = link(at, MINUTE_US, &head, kind);
        commit(store, &recorded, &key, Some(&headers), &mut head).await?;
        at = recorded.end_us;
        if n % GAP_EVERY == GAP_EVERY - 1 {
            let gap = link(at, MINUTE_US / 2, &head, LinkKind::Gap { cause: GapCause::CameraStalled });
            commit(store, &gap, &key, None, &mut head).await?;
            at = gap.end_us;
        }
    }
    Ok(())
}

async fn commit(
    store: &Store,
    link: &Link,
    key: &SigningKey,
    headers: Option<&Headers>,
    head: &mut ChainHead,
) -> Result<()> {
    let envelope = Envelope::sign(link, key);
    match store.commit_link(link, &envelope, headers).await? {
        CommitOutcome::Committed => {}
        other => return Err(format!("a link was not taken: {other:?}").into()),
    }
    *head = ChainHead { next_index: link.index + 1, digest: Some(envelope.payload_digest()) };
    Ok(())
}

/// Something that opens: nobody looks at it, only at the chain.
fn part(recipient: &Recipient, kind: PartKind) -> Result<SealedPart> {
    let (header, mut sealer) = Sealer::new(recipient)?;
    let mut body = Vec::new();
    sealer.write(kind.as_str().as_bytes(), &mut body)?;
    sealer.finish(&mut body)?;
    Ok(SealedPart::new(kind, header.into_bytes(), body))
}
