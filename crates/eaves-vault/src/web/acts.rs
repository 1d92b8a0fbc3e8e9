//! What acts are called in the log. Pure: from what changed to entries, ids and numbers only.

use crate::auth::second_step::First;
use crate::store::Removed;
use eaves_api::app::NoticeKind;
use eaves_domain::command::{Action, Command, EraseTarget, Scope, Stoppable};
use eaves_domain::retention::{Class, Lifetimes};
use eaves_domain::roster::{Device, Hub, Member, Room, Roster};
use eaves_domain::{Digest, MemberId, RecordingId};
use eaves_tlog::details::{Change, Details, Refusal, Setting, WayIn, What, Who, Wish};

/// A way in, as the log calls the first proof of a sign-in.
pub(super) const fn way_of(first: First) -> WayIn {
    match first {
        First::Password => WayIn::Password,
        First::Kit => WayIn::Kit,
    }
}

/// SHA-256 over the ids of recordings, sorted.
pub(crate) fn targets(recordings: impl IntoIterator<Item = RecordingId>) -> Digest {
    let mut ids: Vec<_> = recordings.into_iter().map(|recording| recording.0).collect();
    ids.sort_unstable();
    ids.dedup();
    Digest::of(&ids.concat())
}

/// What a command asks for, if the household hears of it.
pub(super) fn of_command(command: &Command) -> Option<What> {
    let setting = |setting| Some(What::SettingChanged { setting, command: Some(command.command) });
    match &command.action {
        Action::Erase { targets: wanted, .. } => Some(What::ErasureAsked {
            wish: Wish::Command { command: command.command },
            recordings: wanted.len() as u64,
            targets: targets(wanted.iter().map(|EraseTarget { recording, .. }| *recording)),
        }),
        Action::Privacy { scope: Scope::Household | Scope::Room { .. } | Scope::Device { .. }, .. } => {
            setting(Setting::Privacy)
        }
        Action::Arm { .. } => setting(Setting::Armed),
        Action::Restart { .. } => setting(Setting::Device),
        Action::Stop { what: Stoppable::Privacy { .. } | Stoppable::Rules { .. } } => setting(Setting::Privacy),
        Action::Probe { .. } => None,
    }
}

/// What a removal is.
pub(super) const fn of_removal(member: MemberId, way: Removed<'_>) -> What {
    let way = match way {
        Removed::Password => WayIn::Password,
        Removed::Kit => WayIn::Kit,
        Removed::Passkey(_) => WayIn::Passkey,
        Removed::Totp => return What::SettingChanged { setting: Setting::Security, command: None },
    };
    What::WayInChanged { member, way, change: Change::Removed }
}

/// What a notice tells that nothing else writes down: somebody was not let in as `member`.
pub(super) const fn of_notice(kind: NoticeKind, member: Option<MemberId>, way: WayIn) -> Option<What> {
    let why = match kind {
        NoticeKind::SecondStepFailed | NoticeKind::ApprovalDenied => Refusal::SecondStep,
        NoticeKind::RecoveryStarted => Refusal::Kit,
        NoticeKind::ThrottleTripped => Refusal::TooMany,
        _ => return None,
    };
    Some(What::SignInRefused { way, why, attempts: 1, member })
}

/// What came, went or is another between two lists: as it is now, or as it was when it is gone.
fn changes<'a, T, I: PartialEq>(
    before: &'a [T],
    after: &'a [T],
    id: fn(&T) -> I,
    is_same: fn(&T, &T) -> bool,
) -> impl Iterator<Item = (&'a T, Change)> {
    let was = before.iter().filter_map(move |was| match after.iter().find(|is| id(is) == id(was)) {
        None => Some((was, Change::Removed)),
        Some(is) if !is_same(was, is) => Some((is, Change::Replaced)),
        Some(_) => None,
    });
    let new = after.iter().filter(move |is| !before.iter().any(|was| id(was) == id(is)));
    was.chain(new.map(|is| (is, Change::Added)))
}

fn is_same_member(a: &Member, b: &Member) -> bool {
    (a.role, a.signing_key, &a.recipient) == (b.role, b.signing_key, &b.recipient)
}

fn is_same_device(a: &Device, b: &Device) -> bool {
    (a.room, a.hub, &a.settings) == (b.room, b.hub, &b.settings)
}

/// What one roster changes against the one before it, or says first, as one member's doing.
pub(super) fn of_roster(by: MemberId, before: Option<&Roster>, after: &Roster, digest: Digest) -> Vec<Details> {
    let none: (&[Member], &[Hub], &[Device], &[Room]) = (&[], &[], &[], &[]);
    let (members, hubs, devices, rooms) =
        before.map_or(none, |roster| (&roster.members, &roster.hubs, &roster.devices, &roster.rooms));
    let mut all = vec![What::RosterChanged { version: after.version, roster: digest }];
    let changed = changes(members, &after.members, |line| line.member, is_same_member);
    all.extend(changed.map(|(line, change)| What::MemberChanged { member: line.member, change }));
    let changed = changes(hubs, &after.hubs, |line| line.hub, |a: &Hub, b| a == b);
    all.extend(changed.map(|(line, change)| What::HubChanged { hub: line.hub, change }));
    let changed = changes(devices, &after.devices, |line| line.device, is_same_device);
    all.extend(changed.map(|(line, change)| What::DeviceChanged { device: line.device, room: line.room, change }));
    for room in &after.rooms {
        let was = rooms.iter().find(|other| other.room == room.room).map(|other| lifetimes(other.lifetimes));
        let new = lifetimes(room.lifetimes).into_iter().filter(|rule| was.is_none_or(|was| !was.contains(rule)));
        let version = after.version;
        all.extend(new.map(|(class, days)| What::RuleChanged { room: room.room, class, days, version }));
    }
    all.into_iter().map(|what| Details { who: Who::Member { member: by }, what }).collect()
}

fn lifetimes(lifetimes: Lifetimes) -> [(Class, u16); 2] {
    [(Class::Continuous, lifetimes.continuous_days.into()), (Class::Event, lifetimes.event_days.into())]
}
