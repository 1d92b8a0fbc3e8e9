//! The live relay: sealed frames from hubs to viewers, without waiting for anybody.
//!
//! Each camera that is watched has a short memory (live key, init segment, everything since the last keyframe), so that
//! a late joiner sees a picture at once, and each viewer has a bounded queue that drops to the next keyframe when full.
//! The relay reads the clear header of a frame and nothing else; it could not.

pub mod memory;
pub mod queue;

use bytes::Bytes;
use eaves_domain::live::FrameHeader;
use eaves_domain::{DeviceId, HouseholdId};
use memory::Memory;
use queue::{Item, Queue};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// The most viewers of one camera.
const VIEWERS_MAX: usize = 64;

type Camera = (HouseholdId, DeviceId);

#[derive(Default)]
struct Watched {
    memory: Memory,
    viewers: Vec<Arc<Viewer>>,
    /// Counts up with every viewer that comes, so that a grace period knows whether it was overtaken.
    comings: u64,
    is_asked: bool,
}

/// One watching app.
pub struct Viewer {
    camera: Camera,
    session: String,
    queue: Mutex<Queue>,
    more: Notify,
}

impl Viewer {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next thing to send, as soon as there is one.
    pub async fn next(&self) -> Item {
        loop {
            if let Some(item) = self.queue().pop() {
                return item;
            }
            self.more.notified().await;
        }
    }
}

/// All cameras that are watched.
#[derive(Default)]
pub struct Relay {
    cameras: Mutex<HashMap<Camera, Watched>>,
}

impl Relay {
    fn cameras(&self) -> MutexGuard<'_, HashMap<Camera, Watched>> {
        self.cameras.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A viewer comes; `None` when there are too many. It gets what the memory holds at once. `ask` is called, in order
    /// with every [`Relay::forget_deserted`], when the hub must be asked for frames.
    pub fn join(
        &self,
        household: HouseholdId,
        device: DeviceId,
        session: &str,
        ask: impl FnOnce(),
    ) -> Option<Arc<Viewer>> {
        let camera = (household, device);
        let mut cameras = self.cameras();
        let watched = cameras.entry(camera).or_default();
        if watched.viewers.len() >= VIEWERS_MAX {
            return None;
        }
        let mut queue = Queue::default();
        watched.memory.items().for_each(|item| queue.push(item));
        let viewer =
            Arc::new(Viewer { camera, session: session.to_owned(), queue: Mutex::new(queue), more: Notify::new() });
        watched.viewers.push(viewer.clone());
        watched.comings += 1;
        if !std::mem::replace(&mut watched.is_asked, true) {
            ask();
        }
        Some(viewer)
    }

    /// A viewer goes. When it was the last, the answer names the moment, for [`Relay::forget_deserted`].
    pub fn leave(&self, viewer: &Arc<Viewer>) -> Option<u64> {
        let mut cameras = self.cameras();
        let watched = cameras.get_mut(&viewer.camera)?;
        watched.viewers.retain(|other| !Arc::ptr_eq(other, viewer));
        watched.viewers.is_empty().then_some(watched.comings)
    }

    /// Forgets a camera to which nobody came since `moment`, and calls `tell` to tell the hub.
    pub fn forget_deserted(&self, household: HouseholdId, device: DeviceId, moment: u64, tell: impl FnOnce()) {
        let mut cameras = self.cameras();
        let camera = (household, device);
        if cameras.get(&camera).is_some_and(|w| w.viewers.is_empty() && w.comings == moment) {
            cameras.remove(&camera);
            tell();
        }
    }

    /// A new live key, as JSON of [`eaves_api::channel::ToViewer`].
    pub fn key(&self, household: HouseholdId, device: DeviceId, json: &str) {
        self.forward(household, device, &Item::Key(json.into()));
    }

    /// A sealed frame.
    pub fn frame(&self, household: HouseholdId, header: &FrameHeader, bytes: Bytes) {
        let item = Item::Frame { bytes, is_init: header.is_init, is_keyframe: header.is_keyframe && !header.is_audio };
        self.forward(household, header.device, &item);
    }

    /// Something else to say to every viewer of a camera.
    pub fn tell(&self, household: HouseholdId, device: DeviceId, json: &str) {
        if let Some(watched) = self.cameras().get(&(household, device)) {
            watched.deliver(&Item::Text(json.into()));
        }
    }

    /// Something else to say to every viewer of a household.
    pub fn tell_all(&self, household: HouseholdId, json: &str) {
        let cameras = self.cameras();
        let of_household = cameras.iter().filter(|((of, _), _)| *of == household);
        of_household.for_each(|(_, watched)| watched.deliver(&Item::Text(json.into())));
    }

    /// A hub is (again) there: what it must be asked for. What was remembered of before is void.
    pub fn wanted(&self, household: HouseholdId, is_of_hub: impl Fn(DeviceId) -> bool) -> Vec<DeviceId> {
        let mut wanted = Vec::new();
        for ((of, device), watched) in self.cameras().iter_mut() {
            if *of == household && is_of_hub(*device) {
                watched.memory = Memory::default();
                watched.is_asked = true;
                wanted.push(*device);
            }
        }
        wanted
    }

    /// The cameras whose live picture a session is watching.
    pub fn watching(&self, session: &str) -> Vec<DeviceId> {
        let cameras = self.cameras();
        let watched = cameras.iter().filter(|(_, watched)| watched.viewers.iter().any(|v| v.session == session));
        watched.map(|((_, device), _)| *device).collect()
    }

    fn forward(&self, household: HouseholdId, device: DeviceId, item: &Item) {
        if let Some(watched) = self.cameras().get_mut(&(household, device)) {
            watched.memory.take(item);
            watched.deliver(item);
        }
    }
}

impl Watched {
    fn deliver(&self, item: &Item) {
        for viewer in &self.viewers {
            viewer.queue().push(item.clone());
            viewer.more.notify_one();
        }
    }
}
