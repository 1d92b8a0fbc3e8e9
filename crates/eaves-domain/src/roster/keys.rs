//! The rule of keys: who leaves an audience leaves its key behind.
//!
//! It is part of what makes a roster acceptable, so that no reader (hub, vault or app) can be brought to follow one
//! that puts somebody out and goes on sealing to a key that they hold.

use super::Roster;
use crate::{MemberId, ScopeId};
use std::cmp::Ordering;

/// What a shared identity's place in a roster says: epoch, recipient, and who holds it.
struct Scope<'a> {
    scope: ScopeId,
    epoch: u32,
    recipient: &'a str,
    holders: Vec<MemberId>,
}

fn scopes(roster: &Roster) -> Vec<Scope<'_>> {
    let household = Scope {
        scope: roster.household.into(),
        epoch: roster.epoch,
        recipient: &roster.recipient,
        holders: roster.members.iter().map(|member| member.member).collect(),
    };
    let rooms = roster.rooms.iter().map(|room| Scope {
        scope: room.room.into(),
        epoch: room.epoch,
        recipient: &room.recipient,
        holders: room.audience.clone(),
    });
    std::iter::once(household).chain(rooms).collect()
}

/// Whether every shared identity of `next` may stand after `before`: an epoch never goes back, an epoch has one
/// recipient, and who is in an audience no more is followed by a new epoch with a new recipient.
pub(super) fn are_renewed(before: &Roster, next: &Roster) -> bool {
    let old = scopes(before);
    scopes(next).iter().all(|now| {
        let Some(then) = old.iter().find(|then| then.scope == now.scope) else { return true };
        let somebody_left = then.holders.iter().any(|member| !now.holders.contains(member));
        let is_same_recipient = now.recipient == then.recipient;
        match now.epoch.cmp(&then.epoch) {
            Ordering::Less => false,
            Ordering::Equal => is_same_recipient && !somebody_left,
            Ordering::Greater => !(is_same_recipient && somebody_left),
        }
    })
}
