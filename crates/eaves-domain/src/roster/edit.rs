//! What an owner may do to people, as pure steps from one roster to the next: let in, put out, change an audience, change
//! a role. Each says which keys are new and to whom they must be wrapped.
//!
//! The app makes these steps (it alone holds keys); this is what they mean, for whoever simulates or checks an app.
//! Names that are sealed to the household are sealed anew by the caller when the household's epoch is new.

use super::{Member, Role, Roster};
use crate::{MemberId, RoomId, ScopeId};
use std::collections::BTreeSet;

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Lets somebody into the household and into these rooms. Without the past, each room gets a new key first.
    LetIn {
        /// Who, as they are to stand in the roster.
        member: Member,
        /// Which rooms.
        rooms: Vec<RoomId>,
        /// Whether they may see what is recorded already.
        past: bool,
    },
    /// Takes somebody out of the household.
    PutOut {
        /// Who.
        member: MemberId,
    },
    /// Says anew who sees a room.
    SetAudience {
        /// Which room.
        room: RoomId,
        /// Everybody who sees it from now on.
        audience: Vec<MemberId>,
        /// Whether who is new may see what is recorded already.
        past: bool,
    },
    /// Says anew what somebody may do.
    SetRole {
        /// Who.
        member: MemberId,
        /// What.
        role: Role,
    },
}

/// A wrap that the step needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// Of which shared identity.
    pub scope: ScopeId,
    /// Of which epoch.
    pub epoch: u32,
    /// To whom.
    pub member: MemberId,
}

/// What a step comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The next roster but for its place in the chain, which is already counted up; its `previous` is the caller's.
    pub roster: Roster,
    /// Epochs that did not exist before.
    pub fresh: Vec<(ScopeId, u32)>,
    /// Wraps of them, and of older ones where the past goes along.
    pub wraps: BTreeSet<Wanted>,
}

/// Why a step cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// There is no such member or room.
    #[error("there is no such member or room")]
    Unknown,
    /// They are in already.
    #[error("they are a member already")]
    AlreadyIn,
    /// Nobody would be left who may sign the next roster.
    #[error("nobody would be left who may sign a roster")]
    LastOwner,
}

/// A recipient for a new epoch of a scope; the caller makes the identity behind it.
pub type MakeKey<'a> = dyn FnMut(ScopeId, u32) -> String + 'a;

impl Roster {
    /// Makes one step.
    pub fn edited(&self, edit: &Edit, make_key: &mut MakeKey<'_>) -> Result<Step, EditError> {
        let mut next = self.clone();
        next.version = self.version.saturating_add(1);
        let mut step = Step { roster: next, fresh: Vec::new(), wraps: BTreeSet::new() };
        match edit {
            Edit::LetIn { member, rooms, past } => {
                if self.member(member.member).is_some() {
                    return Err(EditError::AlreadyIn);
                }
                step.roster.members.push(member.clone());
                step.wraps.insert(Wanted { scope: self.household.into(), epoch: self.epoch, member: member.member });
                for room in rooms {
                    let mut audience = self.room(*room).ok_or(EditError::Unknown)?.audience.clone();
                    audience.push(member.member);
                    step.set_audience(*room, audience, *past, make_key)?;
                }
            }
            Edit::PutOut { member } => {
                let leaving = self.member(*member).ok_or(EditError::Unknown)?;
                if leaving.role == Role::Owner && self.owners().count() == 1 {
                    return Err(EditError::LastOwner);
                }
                step.roster.members.retain(|m| m.member != *member);
                for room in self.rooms.iter().filter(|room| room.audience.contains(member)) {
                    let audience = room.audience.iter().copied().filter(|m| m != member).collect();
                    step.set_audience(room.room, audience, false, make_key)?;
                }
                step.renew_household(make_key);
            }
            Edit::SetAudience { room, audience, past } => {
                if audience.iter().any(|member| self.member(*member).is_none()) {
                    return Err(EditError::Unknown);
                }
                step.set_audience(*room, audience.clone(), *past, make_key)?;
            }
            Edit::SetRole { member, role } => {
                let line = step.roster.members.iter_mut().find(|m| m.member == *member).ok_or(EditError::Unknown)?;
                line.role = *role;
                if step.roster.owners().next().is_none() {
                    return Err(EditError::LastOwner);
                }
            }
        }
        Ok(step)
    }
}

impl Step {
    /// A new key, unless the audience only grows by people who may see the past too.
    fn set_audience(
        &mut self,
        room: RoomId,
        audience: Vec<MemberId>,
        past: bool,
        make_key: &mut MakeKey<'_>,
    ) -> Result<(), EditError> {
        let place = self.roster.rooms.iter_mut().find(|r| r.room == room).ok_or(EditError::Unknown)?;
        let (scope, before) = (ScopeId::from(room), place.audience.clone());
        let somebody_left = before.iter().any(|member| !audience.contains(member));
        let newcomers: Vec<_> = audience.iter().copied().filter(|member| !before.contains(member)).collect();
        let wanted = |epoch, member| Wanted { scope, epoch, member };
        if past {
            self.wraps.extend(newcomers.iter().map(|member| wanted(place.epoch, *member)));
        }
        if somebody_left || (!past && !newcomers.is_empty()) {
            place.epoch = place.epoch.saturating_add(1);
            place.recipient = make_key(scope, place.epoch);
            self.fresh.push((scope, place.epoch));
            self.wraps.extend(audience.iter().map(|member| wanted(place.epoch, *member)));
        }
        place.audience = audience;
        Ok(())
    }

    fn renew_household(&mut self, make_key: &mut MakeKey<'_>) {
        let roster = &mut self.roster;
        let scope = ScopeId::from(roster.household);
        roster.epoch = roster.epoch.saturating_add(1);
        roster.recipient = make_key(scope, roster.epoch);
        self.fresh.push((scope, roster.epoch));
        let epoch = roster.epoch;
        self.wraps.extend(roster.members.iter().map(|m| Wanted { scope, epoch, member: m.member }));
    }
}
