//! The channel to the vault: one WebSocket, kept open for ever.
//!
//! Up go states and live frames (`uplink`); down come wishes, none of which is obeyed here: each is judged by its
//! signature, or asks for nothing that a hostile vault could not have had anyway.

use crate::random;
use crate::uplink::{Outgoing, Uplink};
use crate::vault::{Stream, VaultClient};
use eaves_api::channel::ToHub;
use eaves_api::route;
use eaves_media::Backoff;
use futures::{SinkExt, StreamExt};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::AUTHORIZATION;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use tokio_util::sync::CancellationToken;

/// The longest message from the vault: a signed roster.
const MESSAGE_BYTES_MAX: usize = 4 << 20;
const PING: Duration = Duration::from_secs(20);
/// A vault that has been silent for so long is gone, whatever the socket says.
const SILENCE: Duration = Duration::from_secs(60);
const HANDSHAKE_WAIT: Duration = Duration::from_secs(20);

/// What comes down.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// The channel is there (again).
    Connected,
    /// The channel is gone: nobody watches any more.
    Disconnected,
    /// A message.
    Message(ToHub),
}

/// Keeps the channel open until stopped. `hurry` cuts a wait short.
pub(crate) async fn run(
    client: Arc<VaultClient>,
    uplink: Arc<Uplink>,
    incoming: mpsc::Sender<Incoming>,
    hurry: Arc<Notify>,
    stop: CancellationToken,
) {
    let mut backoff = Backoff::default();
    while !stop.is_cancelled() {
        let opened = tokio::select! {
            opened = open(&client) => opened,
            () = stop.cancelled() => return,
        };
        if let Some(socket) = opened {
            uplink.connected();
            backoff.progressed();
            if incoming.send(Incoming::Connected).await.is_err() {
                return;
            }
            pump(socket, &uplink, &incoming, &stop).await;
            uplink.disconnected();
            if incoming.send(Incoming::Disconnected).await.is_err() {
                return;
            }
        }
        tokio::select! {
            () = tokio::time::sleep(backoff.wait(random::jitter())) => {}
            () = hurry.notified() => backoff.progressed(),
            () = stop.cancelled() => {}
        }
    }
}

async fn open(client: &VaultClient) -> Option<WebSocketStream<Box<dyn Stream>>> {
    let handshake = async {
        let token = client.token().await.ok()?;
        let uri = format!("ws://{}{}/channel", client.authority(), route::HUB);
        let mut request = uri.into_client_request().ok()?;
        let bearer = HeaderValue::from_str(&format!("Bearer {token}")).ok()?;
        request.headers_mut().insert(AUTHORIZATION, bearer);
        let stream = client.connect().await.ok()?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(MESSAGE_BYTES_MAX))
            .max_frame_size(Some(MESSAGE_BYTES_MAX));
        match client_async_with_config(request, stream, Some(config)).await {
            Ok((socket, _)) => Some(socket),
            Err(error) => {
                if let Error::Http(response) = &error
                    && response.status().as_u16() == 401
                {
                    client.forget_token(&token).await;
                }
                tracing::debug!("the vault does not open the channel");
                None
            }
        }
    };
    tokio::time::timeout(HANDSHAKE_WAIT, handshake).await.ok().flatten()
}

async fn pump(
    socket: WebSocketStream<Box<dyn Stream>>,
    uplink: &Uplink,
    incoming: &mpsc::Sender<Incoming>,
    stop: &CancellationToken,
) {
    let (mut up, mut down) = socket.split();
    let sending = async {
        let mut ping = tokio::time::interval_at(Instant::now() + PING, PING);
        loop {
            let message = tokio::select! {
                outgoing = uplink.next() => match outgoing {
                    Outgoing::Text(text) => match serde_json::to_string(&text) {
                        Ok(json) => Message::text(json),
                        Err(_) => continue,
                    },
                    Outgoing::Frame(frame) => Message::binary(frame),
                },
                _ = ping.tick() => Message::Ping(bytes::Bytes::new()),
                () = stop.cancelled() => {
                    let _ = up.send(Message::Close(None)).await;
                    return;
                }
            };
            if up.send(message).await.is_err() {
                return;
            }
        }
    };
    let receiving = async {
        loop {
            let message = match tokio::time::timeout(SILENCE, down.next()).await {
                Ok(Some(Ok(message))) => message,
                _ => return,
            };
            match message {
                Message::Text(text) => match serde_json::from_str::<ToHub>(&text) {
                    Ok(message) => {
                        if incoming.send(Incoming::Message(message)).await.is_err() {
                            return;
                        }
                    }
                    Err(_) => tracing::warn!("the vault sent a message that this hub does not understand"),
                },
                Message::Close(_) => return,
                _ => {}
            }
        }
    };
    tokio::select! {
        () = sending => {}
        () = receiving => {}
    }
}
