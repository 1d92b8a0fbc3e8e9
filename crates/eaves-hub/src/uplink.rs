//! What waits to go up the channel to the vault: the state of each device, and live frames.
//!
//! The queue is bounded in bytes. A slow link loses live frames, never a recording, and never memory: when there is no
//! room, whoever offers a frame is told so and waits for the next keyframe.

use eaves_api::channel::{DeviceState, DeviceStatus, FromHub};
use eaves_domain::envelope::Envelope;
use eaves_domain::{DeviceId, Timestamp};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// The most bytes of live frames that wait.
const WAITING_BYTES_MAX: usize = 8 << 20;

/// One message of the channel.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// A text message.
    Text(FromHub),
    /// A sealed frame.
    Frame(Vec<u8>),
}

#[derive(Default)]
struct State {
    connected: bool,
    statuses: BTreeMap<DeviceId, DeviceStatus>,
    untold: BTreeSet<DeviceId>,
    home: Option<Envelope>,
    is_home_untold: bool,
    waiting: VecDeque<Outgoing>,
    waiting_bytes: usize,
}

/// The queue.
#[derive(Default)]
pub(crate) struct Uplink {
    state: Mutex<State>,
    filled: Notify,
}

impl Uplink {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The channel is there: every state is told again.
    pub(crate) fn connected(&self) {
        let mut state = self.state();
        state.connected = true;
        state.untold = state.statuses.keys().copied().collect();
        state.is_home_untold = state.home.is_some();
        self.filled.notify_one();
    }

    /// The channel is gone, and with it everything live.
    pub(crate) fn disconnected(&self) {
        let mut state = self.state();
        state.connected = false;
        state.waiting.clear();
        state.waiting_bytes = 0;
    }

    /// A device is in this state since `now`, unless it was before.
    pub(crate) fn set_state(&self, device: DeviceId, device_state: DeviceState, now: Timestamp) {
        let mut state = self.state();
        if state.statuses.get(&device).is_none_or(|before| before.state != device_state) {
            state.statuses.insert(device, DeviceStatus { device, state: device_state, since_us: now });
            state.untold.insert(device);
            self.filled.notify_one();
        }
    }

    /// The home state is this now.
    pub(crate) fn set_home(&self, home: Envelope) {
        let mut state = self.state();
        state.home = Some(home);
        state.is_home_untold = true;
        self.filled.notify_one();
    }

    /// The device is no longer this hub's.
    pub(crate) fn forget(&self, device: DeviceId) {
        let mut state = self.state();
        state.statuses.remove(&device);
        state.untold.remove(&device);
    }

    /// Whether another frame of `bytes` can wait.
    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        let state = self.state();
        state.connected && state.waiting_bytes.saturating_add(bytes) <= WAITING_BYTES_MAX
    }

    /// A new live key.
    pub(crate) fn push_key(&self, device: DeviceId, key: Envelope) {
        self.push(Outgoing::Text(FromHub::LiveKey { device, key }), 0);
    }

    /// A sealed frame; see [`Uplink::has_room`].
    pub(crate) fn push_frame(&self, frame: Vec<u8>) {
        let bytes = frame.len();
        self.push(Outgoing::Frame(frame), bytes);
    }

    fn push(&self, outgoing: Outgoing, bytes: usize) {
        let mut state = self.state();
        if state.connected {
            state.waiting_bytes = state.waiting_bytes.saturating_add(bytes);
            state.waiting.push_back(outgoing);
            self.filled.notify_one();
        }
    }

    /// The next message; waits for one. Nothing is lost when the future is dropped early.
    pub(crate) async fn next(&self) -> Outgoing {
        loop {
            if let Some(outgoing) = self.take() {
                return outgoing;
            }
            self.filled.notified().await;
        }
    }

    fn take(&self) -> Option<Outgoing> {
        let mut state = self.state();
        if std::mem::take(&mut state.is_home_untold)
            && let Some(home) = &state.home
        {
            return Some(Outgoing::Text(FromHub::Home { state: home.clone() }));
        }
        while let Some(device) = state.untold.pop_first() {
            if let Some(status) = state.statuses.get(&device) {
                return Some(Outgoing::Text(FromHub::Status(*status)));
            }
        }
        let outgoing = state.waiting.pop_front()?;
        if let Outgoing::Frame(frame) = &outgoing {
            state.waiting_bytes = state.waiting_bytes.saturating_sub(frame.len());
        }
        Some(outgoing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eaves_domain::link::GapCause;

    const DEVICE: DeviceId = DeviceId([1; 16]);

    #[tokio::test]
    async fn states_are_told_once_and_again_after_the_channel_came_back() {
        let uplink = Uplink::default();
        uplink.set_state(DEVICE, DeviceState::Connecting, Timestamp(1));
        uplink.set_state(DEVICE, DeviceState::Recording, Timestamp(2));
        uplink.set_state(DEVICE, DeviceState::Recording, Timestamp(3));
        uplink.connected();
        for _ in 0..2 {
            let Outgoing::Text(FromHub::Status(status)) = uplink.next().await else { panic!("a state") };
            assert_eq!((status.state, status.since_us), (DeviceState::Recording, Timestamp(2)));
            assert!(uplink.take().is_none());
            uplink.disconnected();
            uplink.connected();
        }
        uplink.set_state(DEVICE, DeviceState::Down { cause: GapCause::CameraStalled }, Timestamp(9));
        assert!(matches!(uplink.take(), Some(Outgoing::Text(FromHub::Status(_)))));
    }

    #[test]
    fn frames_that_wait_are_bounded_and_go_with_the_channel() {
        let uplink = Uplink::default();
        assert!(!uplink.has_room(1), "nobody is there");
        uplink.connected();
        let mut frames = 0;
        while uplink.has_room(1 << 20) {
            uplink.push_frame(vec![0; 1 << 20]);
            frames += 1;
        }
        assert_eq!(frames, 8);
        assert!(uplink.take().is_some());
        assert!(uplink.has_room(1 << 20));
        uplink.disconnected();
        uplink.connected();
        assert!(uplink.take().is_none());
    }
}
