//! The event stream: what happens in the household, as far as this member may know, until the session ends.

use super::guard::{Caller, live_session};
use super::homes::Told;
use crate::vault::Shared;
use axum::extract::{Extension, State};
use axum::response::sse::{Event as Sent, KeepAlive, Sse};
use eaves_api::app::Event;
use eaves_domain::Digest;
use futures::Stream;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc};

/// So often it is looked whether the session still holds.
pub(super) const SESSION_CHECK: Duration = Duration::from_secs(2);
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Events that wait for a slow socket; the broadcast behind it holds more.
const WAITING_MAX: usize = 16;

pub(super) async fn get(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Sse<impl Stream<Item = Result<Sent, Infallible>>> {
    let (known, told) = shared.homes.listen(caller.household);
    let (sender, receiver) = mpsc::channel(WAITING_MAX);
    // Ends with its session or its reader.
    tokio::spawn(async move {
        tokio::select! {
            () = forward(&shared, &caller, known, told, &sender) => {}
            () = session_end(&shared, caller.token) => {
                let _ = sender.try_send(Event::SignedOut);
            }
            () = sender.closed() => {}
        }
    });
    let stream = futures::stream::unfold(receiver, |mut receiver| async move {
        let event: Event = receiver.recv().await?;
        let sent = Sent::default().json_data(&event).unwrap_or_default();
        Some((Ok(sent), receiver))
    });
    Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

/// Waits until the session behind `token` does not hold any more.
pub(super) async fn session_end(shared: &Arc<Shared>, token: Digest) {
    loop {
        tokio::time::sleep(SESSION_CHECK).await;
        match live_session(shared, token).await {
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => return,
        }
    }
}

async fn forward(
    shared: &Arc<Shared>,
    caller: &Caller,
    known: Vec<Told>,
    mut told: broadcast::Receiver<Arc<Told>>,
    sender: &mpsc::Sender<Event>,
) {
    for told in known {
        if may_know(shared, caller, &told).await && sender.send(told.event).await.is_err() {
            return;
        }
    }
    loop {
        let event = match told.recv().await {
            Ok(told) if may_know(shared, caller, &told).await => told.event.clone(),
            Ok(_) => continue,
            Err(RecvError::Lagged(_)) => Event::Missed,
            Err(RecvError::Closed) => return,
        };
        if sender.send(event).await.is_err() {
            return;
        }
    }
}

/// Judged by the roster in force when it happens, not by the one of when the stream began.
async fn may_know(shared: &Arc<Shared>, caller: &Caller, told: &Told) -> bool {
    if told.member.is_some_and(|member| member != caller.member) {
        return false;
    }
    let Some(device) = told.device else { return true };
    match shared.homes.roster(&shared.store, caller.household).await {
        Ok(in_force) => Caller { in_force, ..caller.clone() }.may_see(device),
        Err(_) => false,
    }
}
