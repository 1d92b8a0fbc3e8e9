//! The hubs that are connected, and the sessions of hubs that nobody has claimed yet.

use eaves_api::channel::ToHub;
use eaves_domain::{Digest, HubId, Timestamp};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// Messages that may wait for one hub.
const WAITING_MAX: usize = 256;
const UNCLAIMED_MAX: usize = 64;

#[derive(Default)]
struct Inner {
    connected: HashMap<HubId, (u64, mpsc::Sender<ToHub>)>,
    connections: u64,
    unclaimed: HashMap<Digest, (HubId, Timestamp)>,
}

/// All of them.
#[derive(Default)]
pub(crate) struct Hubs {
    inner: Mutex<Inner>,
}

/// A hub's place, and what is sent to it.
pub(crate) struct Connected {
    pub(crate) connection: u64,
    pub(crate) messages: mpsc::Receiver<ToHub>,
}

impl Hubs {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A hub connects; an older connection of the same hub ends, because its sender is dropped here.
    pub(crate) fn connect(&self, hub: HubId) -> Connected {
        let (sender, messages) = mpsc::channel(WAITING_MAX);
        let mut inner = self.inner();
        inner.connections += 1;
        let connection = inner.connections;
        inner.connected.insert(hub, (connection, sender));
        Connected { connection, messages }
    }

    /// A connection ended; true when it was the hub's newest.
    pub(crate) fn disconnect(&self, hub: HubId, connection: u64) -> bool {
        let mut inner = self.inner();
        let is_newest = inner.connected.get(&hub).is_some_and(|(newest, _)| *newest == connection);
        if is_newest {
            inner.connected.remove(&hub);
        }
        is_newest
    }

    /// Sends to a hub; false when it is not there or does not keep up.
    pub(crate) fn send(&self, hub: HubId, message: ToHub) -> bool {
        self.inner().connected.get(&hub).is_some_and(|(_, sender)| sender.try_send(message).is_ok())
    }

    /// Remembers the session of a hub that nobody has claimed.
    pub(crate) fn add_unclaimed(&self, token: Digest, hub: HubId, now: Timestamp, expires: Timestamp) {
        let mut inner = self.inner();
        inner.unclaimed.retain(|_, (_, until)| *until > now);
        if inner.unclaimed.len() < UNCLAIMED_MAX {
            inner.unclaimed.insert(token, (hub, expires));
        }
    }

    /// The hub behind such a session.
    pub(crate) fn unclaimed(&self, token: Digest, now: Timestamp) -> Option<HubId> {
        self.inner().unclaimed.get(&token).filter(|(_, until)| *until > now).map(|(hub, _)| *hub)
    }
}
