//! Looking for a camera at an address that an owner typed ([`eaves_domain::command::Action::Probe`]).
//!
//! The address comes from an owner, signed and sealed to this hub, so nobody else can make the hub look anywhere. What
//! an owner can do with it is bounded as well: the hub speaks RTSP only, to the typed host only (a redirect is a
//! failure), never to a group address, and the answer says no more than a fixed list of reasons and what a stream is
//! like. Loopback and private addresses are allowed: that is where cameras are.

use crate::camera::Cameras;
use bytes::Bytes;
use eaves_api::app::CommandOutcome;
use eaves_domain::command::ProbeRequest;
use eaves_domain::envelope::{Document, Envelope};
use eaves_domain::{Base64Url, CommandId, HouseholdId, HubId};
use eaves_inbox::HubIdentity;
use eaves_media::Credentials;
use eaves_media::probe::{Found, FoundStream, ProbeFailure};
use eaves_seal::{Recipient, seal_small};
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

/// What the hub saw. Sealing proves no sender, and the vault knows the asker's recipient: so the hub signs it, lest the
/// vault answer in its place, with a camera of its own that would then be told the typed password.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    household: HouseholdId,
    hub: HubId,
    command: CommandId,
    #[serde(flatten)]
    outcome: Outcome,
}

impl Document for Answer {
    const PAYLOAD_TYPE: &'static str = "application/vnd.eaves.probe-answer.v1+json";
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case", rename_all_fields = "camelCase")]
enum Outcome {
    Found {
        main_url: String,
        sub_url: Option<String>,
        default_password: bool,
        streams: Vec<Stream>,
        poster: Option<Base64Url>,
    },
    Failed {
        reason: ProbeFailure,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stream {
    role: String,
    codec: String,
    width: u16,
    height: u16,
    frames_per_second: f64,
    kilobits_per_second: u32,
    audio: Option<Sound>,
}

#[derive(Serialize, Deserialize)]
struct Sound {
    codec: String,
    hertz: u32,
}

/// Whose question it is, and who answers.
pub(crate) struct Asked<'a> {
    pub(crate) household: HouseholdId,
    pub(crate) command: CommandId,
    pub(crate) hub: HubId,
    pub(crate) key: &'a SigningKey,
}

/// Looks, signs what was found, and seals it to the asker.
pub(crate) async fn look(
    cameras: &dyn Cameras,
    inbox: &HubIdentity,
    asked: Asked<'_>,
    request: &[u8],
    reply_to: &str,
) -> CommandOutcome {
    let refused = || CommandOutcome::Refused { reason: "failed".into() };
    let Ok(recipient) = Recipient::parse(reply_to) else { return refused() };
    let Ok(letter) = inbox.open_letter(request) else { return refused() };
    let Ok(request) = serde_json::from_slice::<ProbeRequest>(&letter) else { return refused() };
    let credentials =
        request.username.as_deref().map(|name| Credentials::new(name, request.password.as_deref().unwrap_or_default()));
    let looked = cameras.probe(request.address.clone(), credentials).await;
    let outcome = match &looked {
        Ok(found) => {
            let poster = cameras.draw(found.main.picture.clone()).await;
            answer(found, poster)
        }
        Err(reason) => Outcome::Failed { reason: *reason },
    };
    let Asked { household, command, hub, key } = asked;
    let signed = Envelope::sign(&Answer { household, hub, command, outcome }, key);
    match serde_json::to_vec(&signed).ok().and_then(|json| seal_small(&recipient, &json).ok()) {
        Some(reply) => CommandOutcome::Done { reply: Some(Base64Url(reply)) },
        None => refused(),
    }
}

fn answer(found: &Found, poster: Option<Bytes>) -> Outcome {
    let streams = std::iter::once(("main", &found.main)).chain(found.sub.as_ref().map(|sub| ("sub", sub)));
    Outcome::Found {
        main_url: found.main.address.to_url(),
        sub_url: found.sub.as_ref().map(|sub| sub.address.to_url()),
        default_password: found.default_password,
        streams: streams.map(|(role, found)| stream(role, found)).collect(),
        poster: poster.map(|jpeg| Base64Url(jpeg.to_vec())),
    }
}

fn stream(role: &str, found: &FoundStream) -> Stream {
    Stream {
        role: role.to_owned(),
        codec: found.codec.clone(),
        width: found.width,
        height: found.height,
        // Measured; more digits would only look exact.
        frames_per_second: f64::from((found.frames_per_second * 10.0).round()) / 10.0,
        kilobits_per_second: found.kilobits_per_second,
        audio: found.audio.as_ref().map(|audio| Sound { codec: audio.codec.clone(), hertz: audio.hertz }),
    }
}
