//! Requests to the vault over kept-alive HTTP/1.1 connections.

use super::connect::{Body, Carried, Connect, Stream};
use crate::identity::Identity;
use crate::random;
use bytes::Bytes;
use eaves_api::hub::{Head, LinkUpload, Pairing, Session, SessionRequest};
use eaves_api::problem::{Code, Problem};
use eaves_api::{JSON_BYTES_MAX, app, route};
use eaves_domain::envelope::Envelope;
use eaves_domain::link::{ChainHead, PartKind};
use eaves_domain::{Base64Url, CommandId, DeviceId, RecordingId};
use eaves_media::Clock;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Body as AnyBody;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use zeroize::Zeroizing;

const CONNECT_WAIT: Duration = Duration::from_secs(10);
const ANSWER_WAIT: Duration = Duration::from_secs(30);
/// A link slower than this is as good as away.
const BYTES_PER_SECOND_MIN: u64 = 32 << 10;
/// A token is renewed this long before its end.
const RENEW_US: i64 = 60_000_000;
const IDLE_MAX: usize = 8;

/// Why a request did not do what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// No connection, no answer in time, or an answer that says to come again.
    #[error("the vault cannot be reached or is busy")]
    Away,
    /// The vault refuses.
    #[error("the vault refuses: {0:?}")]
    Refused(Code),
    /// The vault answered something that this hub does not understand.
    #[error("the vault answers nonsense")]
    Nonsense,
}

/// A client of the vault's hub routes.
pub struct VaultClient {
    connector: Arc<dyn Connect>,
    identity: Arc<Identity>,
    clock: Arc<dyn Clock>,
    pairing_secret: Option<Zeroizing<String>>,
    idle: Mutex<Vec<SendRequest<Body>>>,
    session: tokio::sync::Mutex<Option<Session>>,
}

/// What to send.
struct Outgoing<'a> {
    method: Method,
    path: String,
    token: Option<&'a str>,
    content_type: &'static str,
    body: Body,
    length: u64,
}

impl VaultClient {
    /// A client that connects with `connector`.
    pub fn new(
        connector: Arc<dyn Connect>,
        identity: Arc<Identity>,
        clock: Arc<dyn Clock>,
        pairing_secret: Option<Zeroizing<String>>,
    ) -> Self {
        let (idle, session) = (Mutex::new(Vec::new()), tokio::sync::Mutex::new(None));
        Self { connector, identity, clock, pairing_secret, idle, session }
    }

    /// A new stream, for the channel.
    pub async fn connect(&self) -> io::Result<Box<dyn Stream>> {
        match tokio::time::timeout(CONNECT_WAIT, self.connector.connect()).await {
            Ok(connected) => connected,
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    /// What the `Host` header says.
    pub fn authority(&self) -> &str {
        self.connector.authority()
    }

    /// Introduces this hub, which has no owner yet.
    pub async fn introduce(&self, pairing: &Pairing) -> Result<(), VaultError> {
        let path = format!("{}/pairing", route::HUB);
        let secret = self.pairing_secret.as_ref().map(|secret| secret.as_str());
        let outgoing = json(Method::POST, path, secret, pairing);
        self.exchange(outgoing).await.map(drop)
    }

    /// The rosters from `version` on.
    pub async fn rosters(&self, version: u64) -> Result<Vec<Envelope>, VaultError> {
        let path = format!("{}/roster?from={version}", route::HUB);
        Ok(self.get::<app::RosterChain>(path).await?.rosters)
    }

    /// Where the vault says that a device's chain ends.
    pub async fn head(&self, device: DeviceId) -> Result<ChainHead, VaultError> {
        let path = format!("{}/devices/{device}/head", route::HUB);
        match self.get::<Head>(path).await {
            Ok(answer) => Ok(answer.head),
            // A chain that the vault knows nothing of.
            Err(VaultError::Refused(Code::NotFound)) => Ok(ChainHead::EMPTY),
            Err(error) => Err(error),
        }
    }

    /// Hands over the body of a part. `body` is made anew for each attempt.
    pub(crate) async fn put_part(
        &self,
        recording: RecordingId,
        part: PartKind,
        length: u64,
        body: impl Fn() -> Body,
    ) -> Result<(), VaultError> {
        let path = format!("{}/recordings/{recording}/parts/{}", route::HUB, part.as_str());
        let send = |token: String| {
            let (path, body) = (path.clone(), body());
            async move {
                let content_type = "application/octet-stream";
                let token = Some(token.as_str());
                self.exchange(Outgoing { method: Method::PUT, path, token, content_type, body, length }).await
            }
        };
        self.signed_in(send).await.map(drop)
    }

    /// Hands over the next link of a chain.
    pub async fn post_link(&self, upload: &LinkUpload) -> Result<(), VaultError> {
        self.post(format!("{}/links", route::HUB), upload).await
    }

    /// Says how a command ended.
    pub async fn post_outcome(&self, command: CommandId, outcome: &app::CommandOutcome) -> Result<(), VaultError> {
        self.post(format!("{}/commands/{command}/result", route::HUB), outcome).await
    }

    /// A session token that is good for a while.
    pub async fn token(&self) -> Result<String, VaultError> {
        let mut session = self.session.lock().await;
        let now = self.clock.now().wall;
        if let Some(session) = session.as_ref().filter(|s| s.expires_us.since_us(now) > RENEW_US) {
            return Ok(session.token.clone());
        }
        let nonce = random::bytes::<16>().map_err(|_| VaultError::Away)?;
        let request = SessionRequest { hub: self.identity.hub, issued_us: now, nonce: Base64Url(nonce.to_vec()) };
        let envelope = Envelope::sign(&request, &self.identity.signing);
        let outgoing = json(Method::POST, format!("{}/session", route::HUB), None, &envelope);
        let made: Session = parse(&self.exchange(outgoing).await?)?;
        let token = made.token.clone();
        *session = Some(made);
        Ok(token)
    }

    /// The vault does not know this token any more.
    pub(crate) async fn forget_token(&self, token: &str) {
        let mut session = self.session.lock().await;
        if session.as_ref().is_some_and(|s| s.token == token) {
            *session = None;
        }
    }

    async fn get<T: DeserializeOwned>(&self, path: String) -> Result<T, VaultError> {
        let send = |token: String| {
            let path = path.clone();
            async move { self.exchange(empty(Method::GET, path, &token)).await }
        };
        parse(&self.signed_in(send).await?)
    }

    async fn post<T: Serialize>(&self, path: String, value: &T) -> Result<(), VaultError> {
        let send = |token: String| {
            let path = path.clone();
            async move { self.exchange(json(Method::POST, path, Some(&token), value)).await }
        };
        self.signed_in(send).await.map(drop)
    }

    /// Sends with a token, and once more with a new one if the vault has forgotten the first.
    async fn signed_in<F, A>(&self, send: F) -> Result<Bytes, VaultError>
    where
        F: Fn(String) -> A,
        A: Future<Output = Result<Bytes, VaultError>>,
    {
        let token = self.token().await?;
        match send(token.clone()).await {
            Err(VaultError::Refused(Code::SignedOut)) => {
                self.forget_token(&token).await;
                match send(self.token().await?).await {
                    Err(VaultError::Refused(Code::SignedOut)) => Err(VaultError::Away),
                    other => other,
                }
            }
            other => other,
        }
    }

    async fn exchange(&self, outgoing: Outgoing<'_>) -> Result<Bytes, VaultError> {
        let wait = ANSWER_WAIT + Duration::from_secs(outgoing.length / BYTES_PER_SECOND_MIN);
        let mut request = Request::builder()
            .method(outgoing.method)
            .uri(outgoing.path)
            .header(HOST, self.authority())
            .header(CONTENT_LENGTH, outgoing.length)
            .header(CONTENT_TYPE, outgoing.content_type);
        if let Some(token) = outgoing.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        #[cfg(feature = "leaky-for-tests")]
        let request = request.header(crate::durable::leaky::HEADER, crate::durable::leaky::told());
        let request = request.body(outgoing.body).map_err(|_| VaultError::Nonsense)?;
        let exchange = async {
            match self.connector.carry(request) {
                Carried::Inside(answer) => read_answer(answer.await.map_err(|_| VaultError::Away)?).await,
                Carried::ByStream(request) => self.exchange_on_some_connection(*request).await,
            }
        };
        let (status, bytes) = tokio::time::timeout(wait, exchange).await.map_err(|_| VaultError::Away)??;
        if status.is_success() { Ok(bytes) } else { Err(refusal(status, &bytes)) }
    }

    async fn exchange_on_some_connection(&self, request: Request<Body>) -> Result<(StatusCode, Bytes), VaultError> {
        let mut connection = match self.take_idle() {
            Some(connection) => connection,
            None => self.open_connection().await?,
        };
        // A kept connection may have been closed meanwhile; hyper then gives the request back unsent.
        let response = match connection.try_send_request(request).await {
            Ok(response) => response,
            Err(mut failed) => {
                let request = failed.take_message().ok_or(VaultError::Away)?;
                connection = self.open_connection().await?;
                connection.send_request(request).await.map_err(|_| VaultError::Away)?
            }
        };
        let answer = read_answer(response).await?;
        self.give_back(connection);
        Ok(answer)
    }

    fn take_idle(&self) -> Option<SendRequest<Body>> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(connection) = idle.pop() {
            if connection.is_ready() {
                return Some(connection);
            }
        }
        None
    }

    fn give_back(&self, connection: SendRequest<Body>) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if !connection.is_closed() && idle.len() < IDLE_MAX {
            idle.push(connection);
        }
    }

    async fn open_connection(&self) -> Result<SendRequest<Body>, VaultError> {
        let stream = self.connect().await.map_err(|_| VaultError::Away)?;
        let (connection, driver) = handshake(TokioIo::new(stream)).await.map_err(|_| VaultError::Away)?;
        // Ends with its connection: when the sender is dropped or the vault closes.
        tokio::spawn(async move {
            if let Err(error) = driver.await {
                tracing::debug!(%error, "a connection to the vault ended");
            }
        });
        Ok(connection)
    }
}

/// The status and the bounded body of an answer.
async fn read_answer<B: AnyBody>(response: Response<B>) -> Result<(StatusCode, Bytes), VaultError>
where
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let status = response.status();
    let body = Limited::new(response.into_body(), JSON_BYTES_MAX);
    Ok((status, body.collect().await.map_err(|_| VaultError::Away)?.to_bytes()))
}

fn json<'a, T: Serialize>(method: Method, path: String, token: Option<&'a str>, value: &T) -> Outgoing<'a> {
    let bytes = serde_json::to_vec(value).expect("wire types have string keys and finite numbers only");
    let length = bytes.len() as u64;
    let body = Full::new(Bytes::from(bytes)).map_err(|never| match never {}).boxed_unsync();
    Outgoing { method, path, token, content_type: "application/json", body, length }
}

fn empty(method: Method, path: String, token: &str) -> Outgoing<'_> {
    let body = http_body_util::Empty::new().map_err(|never| match never {}).boxed_unsync();
    Outgoing { method, path, token: Some(token), content_type: "application/json", body, length: 0 }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, VaultError> {
    serde_json::from_slice(bytes).map_err(|_| VaultError::Nonsense)
}

/// What a failure means, by its code or, without one, by its status.
fn refusal(status: StatusCode, body: &[u8]) -> VaultError {
    let code = serde_json::from_slice::<Problem>(body).ok().map(|problem| problem.code);
    match (code, status.as_u16()) {
        (Some(Code::Busy | Code::HubAway | Code::DiskFull | Code::Internal | Code::TooManyAttempts), _) => {
            VaultError::Away
        }
        (Some(code), _) => VaultError::Refused(code),
        (None, 401) => VaultError::Refused(Code::SignedOut),
        (None, 404) => VaultError::Refused(Code::NotFound),
        (None, 409) => VaultError::Refused(Code::Conflict),
        (None, 400 | 403 | 410 | 413 | 422) => VaultError::Refused(Code::DocumentRefused),
        (None, _) => VaultError::Away,
    }
}
