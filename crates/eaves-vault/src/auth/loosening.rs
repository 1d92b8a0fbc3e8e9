//! Which changes of a roster give somebody more than they had: those need a fresh proof. Pure.
//!
//! A name, a new camera or a new room for the same people does not; nor does whatever takes away. The hub judges for itself
//! what it obeys; this only keeps a stolen session from asking.

use eaves_domain::roster::{Member, Role, Room, Roster};

const fn rank(role: Role) -> u8 {
    match role {
        Role::Guest => 0,
        Role::Adult => 1,
        Role::Owner => 2,
    }
}

fn gains(before: &Member, after: &Member) -> bool {
    rank(after.role) > rank(before.role)
        || after.signing_key != before.signing_key
        || after.recipient != before.recipient
}

fn is_wider(before: &Room, after: &Room) -> bool {
    after.audience.iter().any(|member| !before.audience.contains(member))
        || after.lifetimes.continuous_days > before.lifetimes.continuous_days
        || after.lifetimes.event_days > before.lifetimes.event_days
}

fn room_of(roster: &Roster, room: eaves_domain::RoomId) -> Option<&Room> {
    roster.rooms.iter().find(|other| other.room == room)
}

/// Whether `after` gives somebody more than `before` did.
pub fn loosens(before: &Roster, after: &Roster) -> bool {
    let members = after.members.iter().any(|member| before.member(member.member).is_none_or(|was| gains(was, member)));
    let hubs = after.hubs.iter().any(|hub| before.hub(hub.hub).is_none_or(|was| was.signing_key != hub.signing_key));
    let rooms = after.rooms.iter().any(|room| room_of(before, room.room).is_some_and(|was| is_wider(was, room)));
    // A camera that moves takes its pictures to other people.
    let devices = after.devices.iter().any(|device| {
        let was = before.devices.iter().find(|other| other.device == device.device);
        let (was, now) = (was.and_then(|was| room_of(before, was.room)), room_of(after, device.room));
        was.zip(now).is_some_and(|(was, now)| now.audience.iter().any(|member| !was.audience.contains(member)))
    });
    members || hubs || rooms || devices
}
