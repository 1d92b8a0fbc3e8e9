//! What a hub keeps to besides its roster: which cameras a member stopped, whether the home is armed, and which
//! loosened rules still have to wait.
//!
//! **Tightening holds at once; loosening waits.** A rule that is loosened is announced in the hub's signed
//! [`HomeState`], holds only after its delay by the hub's own clock, and any adult can stop it until then. So whoever
//! gets hold of one device, or of an owner's key, cannot quietly make the home forget its rules.
//!
//! Pure: commands, rosters and `now` go in, a state comes out. Specification: `docs/spec/home-state.md`.

use crate::command::{Action, Command, Scope, Stoppable};
use crate::envelope::Document;
use crate::link::GapCause;
use crate::retention::Lifetimes;
use crate::roster::{Records, Role, Room, Roster};
use crate::{Days, DeviceId, Digest, HouseholdId, HubId, MemberId, RoomId, Timestamp};
use serde::{Deserialize, Serialize};

/// How long a longer lifetime, or recording at all times, waits: a day, in microseconds.
pub const RULE_DELAY_US: i64 = 86_400_000_000;
/// How long it waits when somebody else than who stopped a camera lets it go on: ten minutes, in microseconds.
pub const PRIVACY_DELAY_US: i64 = 600_000_000;
/// The most entries of each list that a state holds; what would be more is refused.
pub const ENTRIES_MAX: usize = 512;

/// Whether the home is armed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Armed {
    /// Armed or not.
    pub on: bool,
    /// Since when.
    pub since_us: Timestamp,
    /// By whom; `null` when it was so from the beginning.
    pub by: Option<MemberId>,
}

/// Cameras that a member stopped. There is one for each member who wishes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Privacy {
    /// Which.
    pub scope: Scope,
    /// Who stopped them.
    pub by: MemberId,
    /// Since when.
    pub since_us: Timestamp,
}

/// A rule of a room that the hub keeps to although the roster has a looser one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Held {
    /// Which room.
    pub room: RoomId,
    /// The lifetimes that hold.
    pub lifetimes: Lifetimes,
    /// When its cameras record.
    pub records: Records,
}

/// A loosening that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Waiting {
    /// What it is, and how it is named to stop it.
    pub what: Stoppable,
    /// Who wished it; `null` for a roster, which any owner may have signed.
    pub by: Option<MemberId>,
    /// When the hub first saw it.
    pub announced_us: Timestamp,
    /// When it holds, unless somebody stops it.
    pub effective_us: Timestamp,
}

/// Who sees a live picture now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Watching {
    /// Who.
    pub member: MemberId,
    /// Which camera.
    pub device: DeviceId,
    /// Since when.
    pub since_us: Timestamp,
}

/// The document that a hub signs whenever something of it changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HomeState {
    /// Whose.
    pub household: HouseholdId,
    /// Which hub says so.
    pub hub: HubId,
    /// Counts up with every change; a reader refuses to go back.
    pub version: u64,
    /// When it was signed.
    pub issued_us: Timestamp,
    /// The version of the roster in force.
    pub roster: u64,
    /// Whether the home is armed.
    pub armed: Armed,
    /// Which cameras are stopped.
    pub privacy: Vec<Privacy>,
    /// What was loosened and waits.
    pub waiting: Vec<Waiting>,
    /// What holds instead, meanwhile or because it was stopped.
    pub held: Vec<Held>,
    /// Who sees live pictures.
    pub watching: Vec<Watching>,
}

impl Document for HomeState {
    const PAYLOAD_TYPE: &'static str = "application/vnd.eaves.home-state.v1+json";
}

/// Why a command that its signer may give changes nothing here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HomeError {
    /// What is to be stopped does not wait (any more).
    #[error("nothing of this kind waits any more")]
    NotWaiting,
    /// There is no more room for entries.
    #[error("too many cameras are stopped one by one")]
    TooMany,
}

/// What the hub remembers. It is what a [`HomeState`] shows, without those who watch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Home {
    version: u64,
    armed: Armed,
    privacy: Vec<Privacy>,
    waiting: Vec<Waiting>,
    held: Vec<Held>,
}

impl Home {
    /// A home whose first roster comes into force at `now`: not armed, nothing stopped.
    pub fn new(now: Timestamp) -> Self {
        let armed = Armed { on: false, since_us: now, by: None };
        Self { version: 1, armed, privacy: Vec::new(), waiting: Vec::new(), held: Vec::new() }
    }

    /// Counts up with every change.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The document to sign.
    pub fn state(&self, hub: HubId, roster: &Roster, watching: Vec<Watching>, now: Timestamp) -> HomeState {
        HomeState {
            household: roster.household,
            hub,
            version: self.version,
            issued_us: now,
            roster: roster.version,
            armed: self.armed,
            privacy: self.privacy.clone(),
            waiting: self.waiting.clone(),
            held: self.held.clone(),
            watching,
        }
    }

    /// Somebody began or ended watching: the next state is a newer one.
    pub fn note_watching(&mut self) {
        self.version = self.version.saturating_add(1);
    }

    /// Leaves out versions that may have been told before a restart and were not written down.
    pub fn skip_versions(&mut self, count: u64) {
        self.version = self.version.saturating_add(count);
    }

    /// Carries out a command that [`Command::accept`] has accepted. Commands that are about something else change
    /// nothing.
    pub fn obey(&mut self, command: &Command, now: Timestamp) -> Result<(), HomeError> {
        match command.action {
            Action::Arm { on } => self.armed = Armed { on, since_us: now, by: Some(command.member) },
            Action::Privacy { scope, on: true } => self.stop_cameras(scope, command.member, now)?,
            Action::Privacy { scope, on: false } => self.let_go_on(command, scope, now)?,
            Action::Stop { what } => {
                let before = self.waiting.len();
                self.waiting.retain(|waiting| waiting.what != what);
                if self.waiting.len() == before {
                    return Err(HomeError::NotWaiting);
                }
            }
            Action::Erase { .. } | Action::Probe { .. } | Action::Restart { .. } => return Ok(()),
        }
        self.version = self.version.saturating_add(1);
        Ok(())
    }

    fn stop_cameras(&mut self, scope: Scope, by: MemberId, now: Timestamp) -> Result<(), HomeError> {
        // Whoever stops them again also takes back what was on its way to let them go on.
        self.waiting.retain(|waiting| !is_about(waiting, scope));
        // One entry for each who wishes it: nobody takes over another's by wishing the same.
        if self.privacy.iter().any(|privacy| privacy.scope == scope && privacy.by == by) {
            return Ok(());
        }
        if self.privacy.len() >= ENTRIES_MAX {
            return Err(HomeError::TooMany);
        }
        self.privacy.push(Privacy { scope, by, since_us: now });
        Ok(())
    }

    fn let_go_on(&mut self, command: &Command, scope: Scope, now: Timestamp) -> Result<(), HomeError> {
        self.privacy.retain(|privacy| privacy.scope != scope || privacy.by != command.member);
        let is_over = self.privacy.iter().all(|privacy| privacy.scope != scope);
        if is_over {
            self.waiting.retain(|waiting| !is_about(waiting, scope));
        }
        if is_over || self.waiting.iter().any(|waiting| is_about(waiting, scope)) {
            return Ok(());
        }
        if self.waiting.len() >= ENTRIES_MAX {
            return Err(HomeError::TooMany);
        }
        self.waiting.push(Waiting {
            what: Stoppable::Privacy { command: command.command, scope },
            by: Some(command.member),
            announced_us: now,
            effective_us: now.plus_us(PRIVACY_DELAY_US),
        });
        Ok(())
    }

    fn lift(&mut self, scope: Scope) {
        self.privacy.retain(|privacy| privacy.scope != scope);
        self.waiting.retain(|waiting| !is_about(waiting, scope));
    }

    /// A roster comes into force. Where it is looser than what held, that goes on to hold, and the looser rule waits.
    /// `before` is the roster that was in force; `digest` names the new one.
    pub fn follow(&mut self, before: &Roster, next: &Roster, digest: Digest, now: Timestamp) {
        let old = std::mem::take(&mut self.held);
        let was = (self.waiting.clone(), self.privacy.clone());
        self.waiting.retain(|waiting| !matches!(waiting.what, Stoppable::Rules { .. }));
        for room in &next.rooms {
            let Some(room_before) = before.room(room.room) else { continue };
            let held = old.iter().find(|held| held.room == room.room).copied().unwrap_or(rules(room_before));
            let tightest = Held { room: room.room, ..tighter(held, rules(room)) };
            if tightest == rules(room) || self.held.len() >= ENTRIES_MAX {
                // Nothing looser than what held. (A home has fewer rooms than the bound: the roster is bounded.)
                continue;
            }
            self.held.push(tightest);
            // The same wish as before goes on waiting; it does not begin anew with every other change to the roster.
            let same_wish = (rules(room_before) == rules(room))
                .then(|| was.0.iter().find(|w| matches!(w.what, Stoppable::Rules { room: of, .. } if of == room.room)))
                .flatten();
            let was_stopped = rules(room_before) == rules(room) && same_wish.is_none();
            if let Some(waiting) = same_wish {
                self.waiting.push(*waiting);
            } else if !was_stopped {
                self.waiting.push(Waiting {
                    what: Stoppable::Rules { room: room.room, roster: digest },
                    by: None,
                    announced_us: now,
                    effective_us: now.plus_us(RULE_DELAY_US),
                });
            }
        }
        self.privacy.retain(|privacy| match privacy.scope {
            Scope::Household => true,
            Scope::Room { room } => next.room(room).is_some(),
            Scope::Device { device } => next.device(device).is_some(),
        });
        if old != self.held || was != (self.waiting.clone(), self.privacy.clone()) {
            self.version = self.version.saturating_add(1);
        }
    }

    /// Time passes: what has waited long enough holds. True when something changed.
    pub fn tick(&mut self, now: Timestamp) -> bool {
        let due: Vec<_> = self.waiting.iter().filter(|w| w.effective_us <= now).map(|w| w.what).collect();
        for what in &due {
            match *what {
                Stoppable::Privacy { scope, .. } => self.lift(scope),
                Stoppable::Rules { room, .. } => {
                    self.held.retain(|held| held.room != room);
                    self.waiting.retain(|waiting| waiting.what != *what);
                }
            }
        }
        if !due.is_empty() {
            self.version = self.version.saturating_add(1);
        }
        !due.is_empty()
    }

    /// The lifetimes that hold in `room` now.
    pub fn lifetimes(&self, room: &Room) -> Lifetimes {
        self.held.iter().find(|held| held.room == room.room).map_or(room.lifetimes, |held| held.lifetimes)
    }

    /// Why `device` is not to send anything now, or `None` when it is.
    pub fn stops(&self, roster: &Roster, device: DeviceId) -> Option<GapCause> {
        let room = roster.device(device).and_then(|device| roster.room(device.room))?;
        let is_private = self.privacy.iter().any(|privacy| match privacy.scope {
            Scope::Household => true,
            Scope::Room { room: of } => of == room.room,
            Scope::Device { device: of } => of == device,
        });
        let records = self.held.iter().find(|held| held.room == room.room).map_or(room.records, |held| held.records);
        if is_private {
            Some(GapCause::Privacy)
        } else if records == Records::WhenArmed && !self.armed.on {
            Some(GapCause::Disarmed)
        } else {
            None
        }
    }
}

fn is_about(waiting: &Waiting, scope: Scope) -> bool {
    matches!(waiting.what, Stoppable::Privacy { scope: of, .. } if of == scope)
}

fn rules(room: &Room) -> Held {
    Held { room: room.room, lifetimes: room.lifetimes, records: room.records }
}

/// What is tighter of two: keep shorter, record less.
fn tighter(a: Held, b: Held) -> Held {
    let shorter = |a: Days, b: Days| if a <= b { a } else { b };
    let lifetimes = Lifetimes {
        continuous_days: shorter(a.lifetimes.continuous_days, b.lifetimes.continuous_days),
        event_days: shorter(a.lifetimes.event_days, b.lifetimes.event_days),
    };
    let is_when_armed = a.records == Records::WhenArmed || b.records == Records::WhenArmed;
    let records = if is_when_armed { Records::WhenArmed } else { Records::Always };
    Held { room: b.room, lifetimes, records }
}

/// Whether `member` may give `action` to the home of `roster`. Guests may stop nothing and let nothing go on.
pub fn may(roster: &Roster, member: MemberId, action: &Action) -> bool {
    let Some(role) = roster.member(member).map(|member| member.role) else { return false };
    let is_adult = role != Role::Guest;
    let sees_room = |room: RoomId| roster.room(room).is_some_and(|room| room.audience.contains(&member));
    match action {
        Action::Arm { .. } => is_adult,
        Action::Stop { .. } => is_adult,
        Action::Restart { device } => is_adult && roster.may_see_device(member, *device),
        Action::Privacy { scope, .. } => {
            is_adult
                && match scope {
                    Scope::Household => true,
                    Scope::Room { room } => sees_room(*room),
                    Scope::Device { device } => roster.may_see_device(member, *device),
                }
        }
        Action::Erase { .. } | Action::Probe { .. } => false,
    }
}
