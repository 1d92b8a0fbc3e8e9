//! The channel of a hub: states, live keys and sealed frames up; claims, commands and wishes to watch down.

use super::Peer;
use super::failure::{Answer, Failure};
use super::guard::{HubCaller, live_hub};
use super::homes::InForce;
use super::hubs::Connected;
use super::live::json;
use crate::auth::place;
use crate::vault::Shared;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection};
use axum::extract::{Extension, State};
use axum::response::Response;
use eaves_api::channel::{FromHub, ToHub, ToViewer};
use eaves_domain::live::{FRAME_BYTES_MAX, FrameHeader};
use eaves_domain::{DeviceId, HouseholdId, HubId};
use futures::stream::SplitSink;
use futures::{SinkExt as _, StreamExt as _};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

/// So often it is looked whether the hub is still who it was, and whether a claim waits for it.
const CHECK: Duration = Duration::from_secs(2);
const PING: Duration = Duration::from_secs(20);
/// A hub that has been silent for so long is gone, whatever the socket says. It pings every twenty seconds.
const SILENCE: Duration = Duration::from_secs(60);
const SEND_WAIT: Duration = Duration::from_secs(20);

pub(super) async fn get(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<HubCaller>,
    peer: Option<Extension<Peer>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Answer<Response> {
    let upgrade = upgrade.map_err(|_| Failure::from(eaves_api::problem::Code::InvalidRequest))?;
    // A hub in the same process comes from nowhere: it is where the vault is.
    let address = peer.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |Extension(Peer(address))| address);
    let network = place::network(&shared.store.sign_in_secrets().vault_key, Some(address));
    let upgrade = upgrade.max_message_size(FRAME_BYTES_MAX).max_frame_size(FRAME_BYTES_MAX);
    Ok(upgrade.on_upgrade(move |socket| serve(shared, caller, network, socket)))
}

/// What a channel knows of its hub.
struct Channel {
    shared: Arc<Shared>,
    caller: HubCaller,
    /// The hub was announced to the household.
    announced: Option<HouseholdId>,
    /// Where it comes from.
    network: Option<String>,
}

async fn serve(shared: Arc<Shared>, caller: HubCaller, network: Option<String>, socket: WebSocket) {
    let hub = caller.hub;
    let Connected { connection, mut messages } = shared.hubs.connect(hub);
    let (mut down, mut up) = socket.split();
    let mut channel = Channel { shared: shared.clone(), caller, network, announced: None };
    // Announced before anything it says is heard.
    let mut is_going_on = channel.check(&mut down).await;
    let mut check = tokio::time::interval_at(tokio::time::Instant::now() + CHECK, CHECK);
    let mut ping = tokio::time::interval(PING);
    let mut silence = Box::pin(tokio::time::sleep(SILENCE));
    while is_going_on {
        is_going_on = tokio::select! {
            // Without a sender, a newer connection of the same hub has taken over.
            message = messages.recv() => match message {
                // What a hub may speak for follows the roster, so it is looked at again before the hub is told.
                Some(message) => {
                    let is_stale = matches!(message, ToHub::RosterChanged);
                    (!is_stale || channel.check(&mut down).await) && send(&mut down, &message).await
                }
                None => false,
            },
            received = up.next() => {
                silence.as_mut().reset(tokio::time::Instant::now() + SILENCE);
                match received {
                    Some(Ok(Message::Text(text))) => { channel.told(&text); true }
                    Some(Ok(Message::Binary(frame))) => { channel.frame(frame); true }
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => true,
                    Some(Ok(Message::Close(_)) | Err(_)) | None => false,
                }
            }
            () = shared.claimed.notified() => channel.check(&mut down).await,
            _ = check.tick() => channel.check(&mut down).await,
            _ = ping.tick() => matches!(
                tokio::time::timeout(SEND_WAIT, down.send(Message::Ping(bytes::Bytes::new()))).await,
                Ok(Ok(()))
            ),
            () = &mut silence => false,
        };
    }
    if shared.hubs.disconnect(hub, connection)
        && let Some(household) = channel.announced
    {
        shared.homes.hub_changed(household, false, shared.now());
        if let Some(text) = json(&ToViewer::HubAway) {
            shared.relay.tell_all(household, &text);
        }
    }
}

async fn send(down: &mut SplitSink<WebSocket, Message>, message: &ToHub) -> bool {
    let Ok(text) = serde_json::to_string(message) else { return true };
    matches!(tokio::time::timeout(SEND_WAIT, down.send(Message::Text(text.into()))).await, Ok(Ok(())))
}

impl Channel {
    /// Looks at hub and household again; false when the hub is nobody any more.
    async fn check(&mut self, down: &mut SplitSink<WebSocket, Message>) -> bool {
        match live_hub(&self.shared, self.caller.token).await {
            Ok(Some(caller)) => self.caller = caller,
            Ok(None) => return false,
            // The store has a bad moment; the hub need not suffer from it.
            Err(_) => return true,
        }
        let Some((household, in_force)) = self.caller.home.clone() else { return true };
        if self.announced.is_none() {
            self.shared.homes.put_hub_network(household, self.network.clone());
            self.announced = Some(household);
            self.shared.homes.hub_changed(household, true, self.shared.now());
            let wanted = self.shared.relay.wanted(household, |device| is_of(&in_force, device, self.caller.hub));
            for watch in wanted {
                if !send(down, &ToHub::Watch { watch }).await {
                    return false;
                }
            }
        }
        // Again and again, until the hub asks for rosters: then it has taken it.
        match self.shared.store.delivery_to(household, self.caller.hub).await {
            Ok(Some((roster, mac))) => send(down, &ToHub::Claimed { roster, mac: mac.into() }).await,
            _ => true,
        }
    }

    fn told(&self, text: &str) {
        let Some((household, in_force)) = &self.caller.home else { return };
        let is_own = |device| is_of(in_force, device, self.caller.hub);
        match serde_json::from_str::<FromHub>(text) {
            Ok(FromHub::Status(status)) if is_own(status.device) => {
                self.shared.homes.put_status(*household, status);
                if let Some(text) = json(&ToViewer::Status(status)) {
                    self.shared.relay.tell(*household, status.device, &text);
                }
            }
            Ok(FromHub::LiveKey { device, key }) if is_own(device) => {
                if let Some(text) = json(&ToViewer::LiveKey { key }) {
                    self.shared.relay.key(*household, device, &text);
                }
            }
            Ok(FromHub::Home { state }) => {
                // Whatever it holds: the app believes only what a hub of its roster signed.
                self.shared.homes.put_home(*household, self.caller.hub, state);
            }
            Ok(_) => tracing::debug!("a hub spoke for a device that is not its own"),
            Err(_) => tracing::warn!("a hub sent a message that is not understood"),
        }
    }

    fn frame(&self, frame: bytes::Bytes) {
        let Some((household, in_force)) = &self.caller.home else { return };
        let Some(header) = FrameHeader::parse(&frame) else { return };
        if frame.len() <= FRAME_BYTES_MAX && is_of(in_force, header.device, self.caller.hub) {
            self.shared.relay.frame(*household, &header, frame);
        }
    }
}

fn is_of(in_force: &InForce, device: DeviceId, hub: HubId) -> bool {
    in_force.roster.device(device).is_some_and(|device| device.hub == hub)
}
