//! Who watches what: only who signed that they do, and everybody is told.

use super::{Conductor, Running};
use crate::keeping::Watched;
use eaves_domain::envelope::Envelope;
use eaves_domain::live::WatchError;
use eaves_domain::{CommandId, DeviceId};

/// The most wishes that wait for a roster.
const EARLY_MAX: usize = 64;

impl Conductor {
    /// A member watches a camera, says the vault; it is believed because the member signed it.
    pub(super) fn watch(&mut self, watch: Envelope) {
        self.judge(watch);
        self.tell_home();
    }

    fn judge(&mut self, watch: Envelope) {
        let Some(in_force) = self.household.in_force().cloned() else { return self.keep_early(watch) };
        match self.keeping.watch(&watch, &in_force.roster, self.shared.clock.now().wall) {
            Ok(Watched::First(device)) => {
                if let Some(running) = self.workers.get(&device) {
                    running.watch();
                }
            }
            Ok(Watched::More) => {}
            Err(WatchError::NotAllowed) => self.keep_early(watch),
            Err(refusal) => tracing::warn!(%refusal, "a wish to watch was refused"),
        }
    }

    /// An app watches a camera the moment it has added it; the roster may come down later than the wish, so a wish that is
    /// not allowed now is judged again by the next one.
    fn keep_early(&mut self, watch: Envelope) {
        if self.early.len() >= EARLY_MAX {
            self.early.remove(0);
        }
        self.early.push(watch);
    }

    /// A roster came into force: judges the wishes that came before it.
    pub(super) fn judge_early(&mut self) {
        for watch in std::mem::take(&mut self.early) {
            self.judge(watch);
        }
    }

    /// These watchers left.
    pub(super) fn unwatch(&mut self, device: DeviceId, watches: &[CommandId]) {
        self.keeping.unwatch(watches);
        let is_watched = self.keeping.is_watched(device, self.shared.clock.now().wall);
        if let Some(running) = self.workers.get(&device).filter(|_| !is_watched) {
            running.unwatch();
        }
        self.tell_home();
    }

    /// Ends live pictures whose last wish to watch is over, or whose watchers lost the room.
    pub(super) fn look_after_watchers(&mut self) {
        let Some(in_force) = self.household.in_force().cloned() else { return };
        let now = self.shared.clock.now().wall;
        self.keeping.look_after_watchers(&in_force.roster, now);
        for (device, running) in &self.workers {
            if running.is_watched() && !self.keeping.is_watched(*device, now) {
                running.unwatch();
            }
        }
        self.tell_home();
    }

    /// Signs and tells what holds and who watches, if it is news.
    pub(super) fn tell_home(&mut self) {
        let Some(in_force) = self.household.in_force().cloned() else { return };
        let now = self.shared.clock.now().wall;
        let shared = &self.shared;
        if let Some(state) = self.keeping.news(shared.own.hub, &shared.key, &in_force.roster, now) {
            shared.uplink.set_home(state);
        }
    }
}

impl Running {
    fn is_watched(&self) -> bool {
        self.live.lock().unwrap_or_else(std::sync::PoisonError::into_inner).is_watched()
    }
}
