//! A vault in memory that speaks the real wire types, checks what the real one checks, and can be hostile.

use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use eaves_api::app::{CommandOutcome, Headers, RosterChain};
use eaves_api::channel::{DeviceState, FromHub, ToHub};
use eaves_api::hub::{Head, LinkUpload, Pairing, Session, SessionRequest};
use eaves_domain::envelope::{Envelope, PublicKey};
use eaves_domain::link::{ChainHead, Link, LinkKind};
use eaves_domain::live::LiveKey;
use eaves_domain::{CommandId, DeviceId, Digest, HouseholdId, RecordingId, Timestamp};
use eaves_hub::vault::{Connect, Stream};
use futures::future::BoxFuture;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// What the vault holds, and how it behaves.
#[derive(Default)]
pub(crate) struct Held {
    pub(crate) pairing: Option<Pairing>,
    pub(crate) hub_key: Option<PublicKey>,
    pub(crate) household: Option<HouseholdId>,
    pub(crate) rosters: Vec<Envelope>,
    pub(crate) chains: BTreeMap<DeviceId, Vec<(Envelope, Link)>>,
    pub(crate) headers: BTreeMap<RecordingId, Headers>,
    pub(crate) parts: BTreeMap<(RecordingId, String), Bytes>,
    pub(crate) states: Vec<DeviceState>,
    pub(crate) home: Option<Envelope>,
    pub(crate) keys: Vec<LiveKey>,
    pub(crate) frames: Vec<Vec<u8>>,
    pub(crate) outcomes: BTreeMap<CommandId, CommandOutcome>,
    channel: Option<mpsc::UnboundedSender<ToHub>>,
    token: u32,
    /// Nothing answers.
    pub(crate) is_away: bool,
    /// The next so many links are taken, but the answer is lost.
    pub(crate) lose_answers: u32,
    /// Shows this head instead of the true one.
    pub(crate) shown_head: Option<ChainHead>,
    /// Counts links that were posted.
    pub(crate) posted: u32,
}

/// The vault. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct TestVault {
    held: Arc<Mutex<Held>>,
    cut: Arc<Mutex<CancellationToken>>,
}

impl TestVault {
    pub(crate) fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap()
    }

    /// Comes and goes; going breaks every connection.
    pub(crate) fn set_away(&self, is_away: bool) {
        self.held().is_away = is_away;
        if is_away {
            std::mem::take(&mut *self.cut.lock().unwrap()).cancel();
        }
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.held().channel.as_ref().is_some_and(|c| !c.is_closed())
    }

    /// Sends a message down the channel.
    pub(crate) fn tell(&self, message: ToHub) {
        self.held().channel.as_ref().expect("the hub is connected").send(message).unwrap();
    }

    /// The links of a device.
    pub(crate) fn links(&self, device: DeviceId) -> Vec<Link> {
        self.held().chains.get(&device).into_iter().flatten().map(|(_, link)| link.clone()).collect()
    }
}

impl Held {
    pub(crate) fn head(&self, device: DeviceId) -> ChainHead {
        let chain = self.chains.get(&device).map_or(&[][..], Vec::as_slice);
        ChainHead {
            next_index: chain.len() as u64,
            digest: chain.last().map(|(envelope, _)| envelope.payload_digest()),
        }
    }
}

impl Connect for TestVault {
    fn connect(&self) -> BoxFuture<'_, io::Result<Box<dyn Stream>>> {
        Box::pin(async {
            if self.held().is_away {
                return Err(io::ErrorKind::ConnectionRefused.into());
            }
            let (ours, theirs) = tokio::io::duplex(64 << 10);
            let service = TowerToHyperService::new(router(self.clone()));
            let cut = self.cut.lock().unwrap().clone();
            tokio::spawn(async move {
                let serving = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(theirs), service)
                    .with_upgrades();
                tokio::select! {
                    _ = serving => {}
                    () = cut.cancelled() => {}
                }
            });
            Ok(Box::new(ours) as Box<dyn Stream>)
        })
    }

    fn authority(&self) -> &str {
        "vault"
    }
}

fn router(vault: TestVault) -> Router {
    Router::new()
        .route("/hub/v1/pairing", post(pairing))
        .route("/hub/v1/session", post(session))
        .route("/hub/v1/roster", get(rosters))
        .route("/hub/v1/devices/{device}/head", get(head))
        .route("/hub/v1/recordings/{recording}/parts/{part}", put(part))
        .route("/hub/v1/links", post(link))
        .route("/hub/v1/commands/{command}/result", post(outcome))
        .route("/hub/v1/channel", get(channel))
        .layer(axum::extract::DefaultBodyLimit::disable())
        .with_state(vault)
}

async fn pairing(State(vault): State<TestVault>, Json(pairing): Json<Pairing>) -> StatusCode {
    let mut held = vault.held();
    held.hub_key = Some(pairing.introduction.signing_key);
    held.pairing = Some(pairing);
    StatusCode::NO_CONTENT
}

async fn session(State(vault): State<TestVault>, Json(envelope): Json<Envelope>) -> Response {
    let mut held = vault.held();
    let Some(key) = held.hub_key else { return StatusCode::UNAUTHORIZED.into_response() };
    if envelope.verify::<SessionRequest>(&[key]).is_err() {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    held.token += 1;
    Json(Session { token: format!("token-{}", held.token), expires_us: Timestamp(i64::MAX) }).into_response()
}

fn is_signed_in(held: &Held, headers: &HeaderMap) -> bool {
    headers.get("authorization").is_some_and(|value| value.as_bytes().starts_with(b"Bearer token-")) && held.token > 0
}

async fn rosters(
    State(vault): State<TestVault>,
    headers: HeaderMap,
    Query(query): Query<HashMap<String, usize>>,
) -> Response {
    let held = vault.held();
    if !is_signed_in(&held, &headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let rosters = held.rosters.iter().skip(query["from"] - 1).cloned().collect();
    Json(RosterChain { rosters, key_wraps: vec![], anchor: None }).into_response()
}

async fn head(State(vault): State<TestVault>, Path(device): Path<DeviceId>) -> Json<Head> {
    let held = vault.held();
    Json(Head { head: held.shown_head.unwrap_or_else(|| held.head(device)) })
}

async fn part(
    State(vault): State<TestVault>,
    Path((recording, part)): Path<(RecordingId, String)>,
    body: Bytes,
) -> StatusCode {
    vault.held().parts.insert((recording, part), body);
    StatusCode::NO_CONTENT
}

async fn link(State(vault): State<TestVault>, Json(upload): Json<LinkUpload>) -> Response {
    let mut held = vault.held();
    held.posted += 1;
    let Ok(claimed) = upload.link.peek::<Link>() else { return StatusCode::BAD_REQUEST.into_response() };
    let device = claimed.device;
    let mut head = held.head(device);
    let last = held.chains.get(&device).and_then(|chain| chain.last());
    if last.is_some_and(|(envelope, _)| *envelope == upload.link) {
        return StatusCode::NO_CONTENT.into_response();
    }
    let (Some(household), Some(key)) = (held.household, held.hub_key) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let link = match head.accept(&upload.link, household, device, key) {
        Ok(link) => link,
        Err(_) => return (StatusCode::CONFLICT, Json(Head { head: held.head(device) })).into_response(),
    };
    if let LinkKind::Recording { recording, parts, .. } = &link.kind {
        let headers = upload.headers.unwrap();
        for part in parts {
            let body = held.parts.get(&(*recording, part.part.as_str().to_owned()));
            let header = match part.part.as_str() {
                "media" => Some(&headers.media),
                "card" => headers.card.as_ref(),
                _ => headers.poster.as_ref(),
            };
            let agrees = body.is_some_and(|b| Digest::of(b) == part.body && b.len() as u64 == part.body_bytes)
                && header.is_some_and(|h| Digest::of(&h.0) == part.header);
            if !agrees {
                return StatusCode::UNPROCESSABLE_ENTITY.into_response();
            }
        }
        let recording = *recording;
        held.headers.insert(recording, headers);
    }
    held.chains.entry(device).or_default().push((upload.link, link));
    if held.lose_answers > 0 {
        held.lose_answers -= 1;
        return StatusCode::BAD_GATEWAY.into_response();
    }
    StatusCode::NO_CONTENT.into_response()
}

async fn outcome(
    State(vault): State<TestVault>,
    Path(command): Path<CommandId>,
    Json(outcome): Json<CommandOutcome>,
) -> StatusCode {
    vault.held().outcomes.insert(command, outcome);
    StatusCode::NO_CONTENT
}

async fn channel(State(vault): State<TestVault>, headers: HeaderMap, upgrade: WebSocketUpgrade) -> Response {
    if !is_signed_in(&vault.held(), &headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let cut = vault.cut.lock().unwrap().clone();
    upgrade.on_upgrade(move |socket| async move {
        tokio::select! {
            () = serve_channel(vault, socket) => {}
            () = cut.cancelled() => {}
        }
    })
}

async fn serve_channel(vault: TestVault, mut socket: WebSocket) {
    let (sender, mut down) = mpsc::unbounded_channel();
    vault.held().channel = Some(sender);
    loop {
        tokio::select! {
            Some(message) = down.recv() => {
                let json = serde_json::to_string(&message).unwrap();
                if socket.send(Message::Text(json.into())).await.is_err() {
                    return;
                }
            }
            received = socket.recv() => match received {
                Some(Ok(Message::Text(text))) => match serde_json::from_str(&text).unwrap() {
                    FromHub::Status(status) => vault.held().states.push(status.state),
                    FromHub::Home { state } => vault.held().home = Some(state),
                    FromHub::LiveKey { key, .. } => {
                        let mut held = vault.held();
                        let hub = held.hub_key.unwrap();
                        let key = key.verify::<LiveKey>(&[hub]).expect("live keys are signed by the hub");
                        held.keys.push(key);
                    }
                },
                Some(Ok(Message::Binary(frame))) => vault.held().frames.push(frame.to_vec()),
                Some(Ok(_)) => {}
                _ => return,
            },
        }
    }
}
