//! What this hub keeps to besides its roster, and who watches: durable, and signed whenever it changes.
//!
//! The decisions are [`eaves_domain::home`]'s and [`eaves_domain::live::Watch`]'s; here they are written down. What a
//! member stopped stays stopped when it could not be written down: it is only said to have failed.

use crate::durable::{Disk, read_if_there, replace};
use crate::error::Error;
use eaves_domain::command::Command;
use eaves_domain::envelope::Envelope;
use eaves_domain::home::{Home, HomeError, Watching};
use eaves_domain::live::{WATCH_US, Watch, WatchError};
use eaves_domain::roster::Roster;
use eaves_domain::{CommandId, DeviceId, Digest, HubId, MemberId, Timestamp};
use ed25519_dalek::SigningKey;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// The most wishes to watch that are remembered; beyond it none is taken.
const WATCHES_MAX: usize = 4_096;
/// Who watches is told at once and not written down each time; so many versions may be told in between.
const UNWRITTEN_MAX: u64 = 1 << 20;
/// How long a wish is remembered: longer than any clock lets it be shown again.
const REMEMBERED_US: i64 = 3_600_000_000;

/// Why something is not obeyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotKept {
    /// It changes nothing here.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// It holds, but could not be written down.
    #[error("it holds until the hub restarts: it could not be written down")]
    NotWritten,
}

/// A wish to watch that was taken.
struct Taken {
    device: DeviceId,
    member: MemberId,
    since: Timestamp,
    is_over: bool,
}

/// What watching changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Watched {
    /// The first watcher of this camera came.
    First(DeviceId),
    /// Others watch it too, or still.
    More,
}

/// The state and its place on disk.
pub(crate) struct Keeping {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    home: Home,
    taken: BTreeMap<CommandId, Taken>,
    /// Versions of home and roster.
    told: Option<(u64, u64)>,
    /// The version that is on disk.
    written: u64,
}

impl Keeping {
    /// Reads what was kept, or begins at `now`.
    pub(crate) fn load(disk: Arc<dyn Disk>, path: PathBuf, now: Timestamp) -> Result<Self, Error> {
        let mut home = match read_if_there(&*disk, &path)? {
            None => Home::new(now),
            // Never begun anew because it is damaged: cameras would go on that somebody stopped.
            Some(bytes) => serde_json::from_slice(&bytes)
                .map_err(|_| std::io::Error::new(std::io::ErrorKind::InvalidData, "the home state is damaged"))?,
        };
        home.skip_versions(UNWRITTEN_MAX);
        let mut keeping = Self { disk, path, home, taken: BTreeMap::new(), told: None, written: 0 };
        keeping.write().map_err(|_| std::io::Error::other("the home state could not be written down"))?;
        Ok(keeping)
    }

    /// What holds.
    pub(crate) fn home(&self) -> &Home {
        &self.home
    }

    /// Carries out an accepted command.
    pub(crate) fn obey(&mut self, command: &Command, now: Timestamp) -> Result<(), NotKept> {
        self.home.obey(command, now)?;
        self.write()
    }

    /// A roster comes into force.
    pub(crate) fn follow(
        &mut self,
        before: &Roster,
        next: &Roster,
        digest: Digest,
        now: Timestamp,
    ) -> Result<(), NotKept> {
        let version = self.home.version();
        self.home.follow(before, next, digest, now);
        if self.home.version() == version { Ok(()) } else { self.write() }
    }

    /// Time passes. True when something else holds now.
    pub(crate) fn tick(&mut self, now: Timestamp) -> bool {
        let is_changed = self.home.tick(now);
        if is_changed && self.write().is_err() {
            tracing::error!("the home state could not be written down");
        }
        is_changed
    }

    fn write(&mut self) -> Result<(), NotKept> {
        let json = serde_json::to_vec(&self.home).expect("string keys only");
        replace(&*self.disk, &self.path, &json).map_err(|_| NotKept::NotWritten)?;
        self.written = self.home.version();
        Ok(())
    }

    /// Takes a wish to watch, or the same one again.
    pub(crate) fn watch(
        &mut self,
        envelope: &Envelope,
        roster: &Roster,
        now: Timestamp,
    ) -> Result<Watched, WatchError> {
        let watch = Watch::accept(envelope, roster, now)?;
        let is_first = !self.is_watched(watch.device, now);
        let is_full = self.taken.len() >= WATCHES_MAX;
        match self.taken.get_mut(&watch.watch) {
            // Shown again, for example because the channel broke: it holds no longer than it did.
            Some(taken) if taken.member == watch.member && taken.device == watch.device => {
                taken.is_over = now.since_us(taken.since) >= WATCH_US;
                if taken.is_over {
                    self.changed_watching();
                    return Err(WatchError::OutOfTime);
                }
            }
            Some(_) => return Err(WatchError::NotAllowed),
            None if is_full => return Err(WatchError::NotAllowed),
            None => {
                let taken = Taken { device: watch.device, member: watch.member, since: now, is_over: false };
                self.taken.insert(watch.watch, taken);
            }
        }
        self.changed_watching();
        Ok(if is_first { Watched::First(watch.device) } else { Watched::More })
    }

    /// These wishes are over.
    pub(crate) fn unwatch(&mut self, watches: &[CommandId]) {
        for watch in watches {
            if let Some(taken) = self.taken.get_mut(watch) {
                taken.is_over = true;
            }
        }
        self.changed_watching();
    }

    /// The channel is gone, and with it every watcher.
    pub(crate) fn unwatch_all(&mut self) {
        self.taken.values_mut().for_each(|taken| taken.is_over = true);
        self.changed_watching();
    }

    /// Forgets wishes whose time is over, and those of members who may not see the camera any more.
    pub(crate) fn look_after_watchers(&mut self, roster: &Roster, now: Timestamp) {
        let mut is_changed = false;
        for taken in self.taken.values_mut().filter(|taken| !taken.is_over) {
            // A clock that was moved back by more than a wish lasts ends it, too.
            let age = now.since_us(taken.since);
            taken.is_over = !(-WATCH_US..WATCH_US).contains(&age) || !roster.may_see_device(taken.member, taken.device);
            is_changed |= taken.is_over;
        }
        self.taken.retain(|_, taken| now.since_us(taken.since).saturating_abs() < REMEMBERED_US);
        if is_changed {
            self.changed_watching();
        }
    }

    fn changed_watching(&mut self) {
        self.home.note_watching();
        // So that a restarted hub does not say something newer under an older number.
        if self.home.version().saturating_sub(self.written) >= UNWRITTEN_MAX
            && let Err(error) = self.write()
        {
            tracing::warn!(%error, "the home state could not be written down");
        }
    }

    /// Whether somebody watches this camera.
    pub(crate) fn is_watched(&self, device: DeviceId, now: Timestamp) -> bool {
        self.watching(now).iter().any(|watching| watching.device == device)
    }

    /// Who watches, once for each member and camera, since their oldest wish that holds.
    fn watching(&self, now: Timestamp) -> Vec<Watching> {
        let mut since: BTreeMap<(DeviceId, MemberId), Timestamp> = BTreeMap::new();
        for taken in self.taken.values().filter(|taken| !taken.is_over && now.since_us(taken.since) < WATCH_US) {
            let first = since.entry((taken.device, taken.member)).or_insert(taken.since);
            *first = (*first).min(taken.since);
        }
        since.into_iter().map(|((device, member), since_us)| Watching { member, device, since_us }).collect()
    }

    /// The signed state, if it is another than was told last.
    pub(crate) fn news(&mut self, hub: HubId, key: &SigningKey, roster: &Roster, now: Timestamp) -> Option<Envelope> {
        let versions = (self.home.version(), roster.version);
        if self.told == Some(versions) {
            return None;
        }
        self.told = Some(versions);
        Some(Envelope::sign(&self.home.state(hub, roster, self.watching(now), now), key))
    }
}
