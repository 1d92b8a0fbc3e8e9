//! The socket of one watching app.

use super::events::{SESSION_CHECK, SessionEnd};
use super::failure::{Answer, Failure};
use super::guard::{Caller, live_session};
use super::reading::InPath;
use crate::auth::session::TOUCH_US;
use crate::live::Viewer;
use crate::live::queue::Item;
use crate::vault::Shared;
use axum::Json;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection};
use axum::extract::{Extension, State};
use axum::response::Response;
use eaves_api::app::{View, Views};
use eaves_api::channel::{FromViewer, ToHub, ToViewer};
use eaves_api::problem::Code;
use eaves_domain::envelope::Envelope;
use eaves_domain::live::Watch;
use eaves_domain::{CommandId, DeviceId};
use eaves_tlog::details::What;
use futures::stream::SplitStream;
use futures::{SinkExt as _, StreamExt as _};
use std::sync::Arc;
use std::time::Duration;

/// A hub goes on sending so long after the last viewer left: a page that is reloaded comes right back.
const GRACE: Duration = Duration::from_secs(5);
const PING: Duration = Duration::from_secs(20);
/// A viewer that takes nothing for so long is gone.
const SEND_WAIT: Duration = Duration::from_secs(20);
/// Viewers say nothing but that they watch.
const FROM_VIEWER_BYTES_MAX: usize = 4 << 10;
/// A viewer that has not said so by then is none.
const WISH_WAIT: Duration = Duration::from_secs(15);
/// Close code for a session that ended (application range).
const SIGNED_OUT: u16 = 4_401;

pub(super) async fn get(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    InPath(device): InPath<DeviceId>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Answer<Response> {
    if !caller.in_force.roster.may_see_device(caller.member, device) {
        return Err(Code::NotFound.into());
    }
    let upgrade = upgrade.map_err(|_| Failure::from(Code::InvalidRequest))?;
    let upgrade = upgrade.max_message_size(FROM_VIEWER_BYTES_MAX).max_frame_size(FROM_VIEWER_BYTES_MAX);
    Ok(upgrade.on_upgrade(move |socket| watch(shared, caller, device, socket)))
}

async fn watch(shared: Arc<Shared>, caller: Caller, device: DeviceId, socket: WebSocket) {
    let household = caller.household;
    let hub = caller.in_force.roster.device(device).map(|device| device.hub);
    // A hub that is away is asked when it comes.
    let say = |message: ToHub| _ = hub.is_some_and(|hub| shared.hubs.send(hub, message));
    let (mut down, mut up) = socket.split();
    let Ok(Some((watch, wish))) = tokio::time::timeout(WISH_WAIT, next_wish(&shared, &caller, device, &mut up)).await
    else {
        return;
    };
    // Who watches is written down before the first frame.
    let Some(room) = caller.in_force.roster.device(device).map(|device| device.room) else { return };
    let whose = (household, caller.member);
    let opened = shared.store.telling_of(whose, shared.now(), What::LiveOpened { device, room });
    if let Err(error) = shared.note(opened).await {
        tracing::error!(%error, "nobody watches without the log");
        return;
    }
    let ask = || say(ToHub::Watch { watch: wish.clone() });
    let Some(viewer) = shared.relay.join(household, device, &caller.session, (watch, wish.clone()), ask) else {
        return;
    };
    let began = shared.now();
    let greeting = if shared.homes.is_hub_connected(household) {
        shared.homes.status(household, device).map(ToViewer::Status)
    } else {
        Some(ToViewer::HubAway)
    };
    let sending = async {
        if let Some(greeting) = greeting.as_ref().and_then(json)
            && down.send(Message::Text(greeting.into())).await.is_err()
        {
            return;
        }
        send(&viewer, &mut down).await;
    };
    let receiving = async {
        while let Some((watch, wish)) = next_wish(&shared, &caller, device, &mut up).await {
            viewer.renew(watch, wish.clone());
            say(ToHub::Watch { watch: wish });
        }
    };
    let is_ended = tokio::select! {
        () = sending => false,
        () = receiving => false,
        end = audience_end(&shared, &caller, device) => end == SessionEnd::SignedOut,
    };
    if is_ended {
        let frame = CloseFrame { code: SIGNED_OUT, reason: "".into() };
        // A stuck viewer is not waited for: dropping the socket ends it.
        let _ = tokio::time::timeout(Duration::from_secs(1), down.send(Message::Close(Some(frame)))).await;
    }
    drop((down, up));
    let moment = shared.relay.leave(&viewer);
    let view = View { device, member: caller.member, from_us: began, to_us: shared.now() };
    let seconds = u64::try_from(view.to_us.since_us(began) / 1_000_000).unwrap_or(0);
    let ended = shared.store.telling_of(whose, view.to_us, What::LiveEnded { device, room, seconds });
    if ended.add_view(household, &view).await.is_err() || shared.publish().await.is_err() {
        tracing::error!("a view could not be noted");
    }
    tokio::time::sleep(GRACE).await;
    shared.relay.forget(&viewer, moment, |watches| say(ToHub::Unwatch { device, watches }));
}

/// The next wish to watch of this viewer, or nothing when it is gone or says something else. The hub is the judge; this
/// spares it what cannot be right.
async fn next_wish(
    shared: &Shared,
    caller: &Caller,
    device: DeviceId,
    up: &mut SplitStream<WebSocket>,
) -> Option<(CommandId, Envelope)> {
    loop {
        let text = match up.next().await? {
            Ok(Message::Text(text)) => text,
            Ok(Message::Ping(_) | Message::Pong(_)) => continue,
            _ => return None,
        };
        let FromViewer::Watch { watch } = serde_json::from_str(&text).ok()?;
        let in_force = shared.homes.roster(&shared.store, caller.household).await.ok()?;
        let wish = Watch::accept(&watch, &in_force.roster, shared.now()).ok()?;
        return (wish.member == caller.member && wish.device == device).then_some((wish.watch, watch));
    }
}

/// What was watched live, as far as the caller may see it, newest first.
pub(super) async fn views(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Answer<Json<Views>> {
    let mut views = shared.store.views(caller.household).await?;
    views.retain(|view| caller.may_see(view.device));
    Ok(Json(Views { views }))
}

async fn send(viewer: &Viewer, down: &mut (impl futures::Sink<Message, Error = axum::Error> + Unpin)) {
    loop {
        let message = match tokio::time::timeout(PING, viewer.next()).await {
            Err(_) => Message::Ping(bytes::Bytes::new()),
            Ok(Item::Key(text) | Item::Text(text)) => Message::Text(text.as_ref().into()),
            Ok(Item::Frame { bytes, .. }) => Message::Binary(bytes),
            Ok(Item::Dropped(frames)) => match json(&ToViewer::Dropped { frames }) {
                Some(text) => Message::Text(text.into()),
                None => continue,
            },
        };
        if !matches!(tokio::time::timeout(SEND_WAIT, down.send(message)).await, Ok(Ok(()))) {
            return;
        }
    }
}

pub(super) fn json(message: &ToViewer) -> Option<String> {
    serde_json::to_string(message).ok()
}

/// Waits until this session may not watch this camera any more. Watching is use: it keeps the session from idling out.
async fn audience_end(shared: &Arc<Shared>, caller: &Caller, device: DeviceId) -> SessionEnd {
    loop {
        tokio::time::sleep(SESSION_CHECK).await;
        match live_session(shared, caller.token).await {
            Ok(Some((now, used))) if now.in_force.roster.may_see_device(now.member, device) => {
                let at = shared.now();
                if at.since_us(used) > TOUCH_US && shared.store.touch_session(caller.token, at).await.is_err() {
                    return SessionEnd::Unknown;
                }
            }
            Ok(_) => return SessionEnd::SignedOut,
            Err(_) => return SessionEnd::Unknown,
        }
    }
}
