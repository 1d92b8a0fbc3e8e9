//! The live relay: sealed frames from hubs to viewers, without waiting for anybody.
//!
//! Each camera that is watched has a short memory (live key, init segment, everything since the last keyframe), so that
//! a late joiner sees a picture at once, and each viewer has a bounded queue that drops to the next keyframe when full.
//! The relay reads the clear header of a frame and nothing else; it could not.

pub mod memory;
pub mod queue;

use bytes::Bytes;
use eaves_domain::envelope::Envelope;
use eaves_domain::live::FrameHeader;
use eaves_domain::{CommandId, DeviceId, HouseholdId};
use memory::Memory;
use queue::{Item, Queue};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// The most viewers of one camera.
const VIEWERS_MAX: usize = 64;
/// Wishes of one viewer that may hold at once: the one that ends, and the one that renews it.
const WATCHES_MAX: usize = 4;

type Camera = (HouseholdId, DeviceId);

#[derive(Default)]
struct Watched {
    memory: Memory,
    viewers: Vec<Arc<Viewer>>,
    /// Counts up with every viewer that comes, so that a grace period knows whether it was overtaken.
    comings: u64,
}

/// One watching app.
pub struct Viewer {
    camera: Camera,
    session: String,
    /// The signed wishes to watch that it showed, the newest last.
    watches: Mutex<Vec<(CommandId, Envelope)>>,
    queue: Mutex<Queue>,
    more: Notify,
}

impl Viewer {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn watches(&self) -> MutexGuard<'_, Vec<(CommandId, Envelope)>> {
        self.watches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It goes on watching by a newer wish.
    pub fn renew(&self, watch: CommandId, envelope: Envelope) {
        let mut watches = self.watches();
        // An older one ends by itself.
        let surplus = (watches.len() + 1).saturating_sub(WATCHES_MAX);
        watches.drain(..surplus);
        watches.push((watch, envelope));
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

    /// A viewer comes with its signed wish; `None` when there are too many. It gets what the memory holds at once. `ask`
    /// is called, in order with every [`Relay::forget`], to hand the wish to the hub.
    pub fn join(
        &self,
        household: HouseholdId,
        device: DeviceId,
        session: &str,
        wish: (CommandId, Envelope),
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
        let viewer = Arc::new(Viewer {
            camera,
            session: session.to_owned(),
            watches: Mutex::new(vec![wish]),
            queue: Mutex::new(queue),
            more: Notify::new(),
        });
        watched.viewers.push(viewer.clone());
        watched.comings += 1;
        ask();
        Some(viewer)
    }

    /// A viewer goes. The answer names the moment, for [`Relay::forget`].
    pub fn leave(&self, viewer: &Arc<Viewer>) -> u64 {
        let mut cameras = self.cameras();
        let Some(watched) = cameras.get_mut(&viewer.camera) else { return 0 };
        watched.viewers.retain(|other| !Arc::ptr_eq(other, viewer));
        watched.comings
    }

    /// Forgets a viewer that left at `moment`, and its camera if nobody came since; `tell` tells the hub which wishes are
    /// over.
    pub fn forget(&self, viewer: &Viewer, moment: u64, tell: impl FnOnce(Vec<CommandId>)) {
        let mut cameras = self.cameras();
        if cameras.get(&viewer.camera).is_some_and(|w| w.viewers.is_empty() && w.comings == moment) {
            cameras.remove(&viewer.camera);
        }
        tell(viewer.watches().iter().map(|(watch, _)| *watch).collect());
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

    /// A hub is (again) there: the wishes to hand to it. What was remembered of before is void.
    pub fn wanted(&self, household: HouseholdId, is_of_hub: impl Fn(DeviceId) -> bool) -> Vec<Envelope> {
        let mut wanted = Vec::new();
        for ((of, device), watched) in self.cameras().iter_mut() {
            if *of == household && is_of_hub(*device) {
                watched.memory = Memory::default();
                let newest = watched.viewers.iter().filter_map(|viewer| viewer.watches().last().cloned());
                wanted.extend(newest.map(|(_, envelope)| envelope));
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
