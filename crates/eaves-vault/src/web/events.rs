//! The event stream: what happens in the household, as far as this member may know, until the session ends.

use super::guard::{Caller, live_session};
use super::homes::Told;
use super::notices::is_adult;
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
            end = session_end(&shared, caller.token) => {
                if end == SessionEnd::SignedOut {
                    let _ = sender.try_send(Event::SignedOut);
                }
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

/// How a stream learns that it is to end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum SessionEnd {
    /// The session does not hold any more.
    SignedOut,
    /// It could not be looked up. Nothing goes on unchecked, and nobody is told that they were signed out: the app comes
    /// back and asks again.
    Unknown,
}

/// Waits until the session behind `token` does not hold any more, or cannot be looked up.
async fn session_end(shared: &Arc<Shared>, token: Digest) -> SessionEnd {
    loop {
        tokio::time::sleep(SESSION_CHECK).await;
        match live_session(shared, token).await {
            Ok(Some(_)) => {}
            Ok(None) => return SessionEnd::SignedOut,
            Err(_) => return SessionEnd::Unknown,
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
    let Some(device) = told.device else {
        return !matches!(told.event, Event::Notice { .. }) || told.member.is_some() || is_adult(caller);
    };
    match shared.homes.roster(&shared.store, caller.household).await {
        Ok(in_force) => Caller { in_force, ..caller.clone() }.may_see(device),
        Err(_) => false,
    }
}
