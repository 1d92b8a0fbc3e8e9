//! What a hub keeps to besides its roster: tightening holds at once, loosening waits and can be stopped.

use crate::roster;
use eaves_domain::command::{Action, Command, Scope, Stoppable};
use eaves_domain::home::{Home, HomeError, PRIVACY_DELAY_US, RULE_DELAY_US, may};
use eaves_domain::link::GapCause;
use eaves_domain::retention::Lifetimes;
use eaves_domain::roster::{Records, Roster};
use eaves_domain::{CommandId, Days, DeviceId, Digest, HouseholdId, MemberId, RoomId, Timestamp};
use proptest::prelude::*;

const OWNER: MemberId = MemberId([1; 16]);
const ADULT: MemberId = MemberId([2; 16]);
const GUEST: MemberId = MemberId([3; 16]);
const ROOM: RoomId = RoomId([5; 16]);
const CAMERA: DeviceId = DeviceId([6; 16]);
const T0: Timestamp = Timestamp(1_000_000_000);

fn by(member: MemberId, id: u8, action: Action) -> Command {
    Command { household: HouseholdId([9; 16]), command: CommandId([id; 16]), issued_us: T0, member, action }
}

fn days(continuous: u16, event: u16) -> Lifetimes {
    let days = |n| Days::new(n).unwrap();
    Lifetimes { continuous_days: days(continuous), event_days: days(event) }
}

fn with(lifetimes: Lifetimes, records: Records) -> Roster {
    let mut roster = roster();
    roster.rooms[0].lifetimes = lifetimes;
    roster.rooms[0].records = records;
    roster
}

fn digest(n: u8) -> Digest {
    Digest([n; 32])
}

#[test]
fn a_stopped_camera_goes_on_at_once_for_who_stopped_it_and_after_ten_minutes_for_others() {
    let (roster, scope) = (roster(), Scope::Room { room: ROOM });
    let mut home = Home::new(T0);
    assert_eq!(home.stops(&roster, CAMERA), None);
    home.obey(&by(ADULT, 1, Action::Privacy { scope, on: true }), T0).unwrap();
    assert_eq!(home.stops(&roster, CAMERA), Some(GapCause::Privacy), "at once");

    home.obey(&by(OWNER, 2, Action::Privacy { scope, on: false }), T0).unwrap();
    assert!(!home.tick(T0.plus_us(PRIVACY_DELAY_US - 1)));
    assert_eq!(home.stops(&roster, CAMERA), Some(GapCause::Privacy), "somebody else waits");
    assert!(home.tick(T0.plus_us(PRIVACY_DELAY_US)));
    assert_eq!(home.stops(&roster, CAMERA), None);

    home.obey(&by(ADULT, 3, Action::Privacy { scope, on: true }), T0).unwrap();
    home.obey(&by(ADULT, 4, Action::Privacy { scope, on: false }), T0).unwrap();
    assert_eq!(home.stops(&roster, CAMERA), None, "who stopped it does not wait");
}

#[test]
fn any_adult_can_stop_a_loosening_while_it_waits_and_not_afterwards() {
    let (roster, scope) = (roster(), Scope::Device { device: CAMERA });
    let mut home = Home::new(T0);
    home.obey(&by(ADULT, 1, Action::Privacy { scope, on: true }), T0).unwrap();
    home.obey(&by(OWNER, 2, Action::Privacy { scope, on: false }), T0).unwrap();
    let what = Stoppable::Privacy { command: CommandId([2; 16]), scope };
    home.obey(&by(ADULT, 3, Action::Stop { what }), T0).unwrap();
    home.tick(T0.plus_us(PRIVACY_DELAY_US * 10));
    assert_eq!(home.stops(&roster, CAMERA), Some(GapCause::Privacy), "it was stopped");
    assert_eq!(home.obey(&by(ADULT, 4, Action::Stop { what }), T0), Err(HomeError::NotWaiting));
}

#[test]
fn stopping_a_camera_again_takes_back_what_waited_to_let_it_go_on() {
    let (roster, scope) = (roster(), Scope::Household);
    let mut home = Home::new(T0);
    home.obey(&by(ADULT, 1, Action::Privacy { scope, on: true }), T0).unwrap();
    home.obey(&by(OWNER, 2, Action::Privacy { scope, on: false }), T0).unwrap();
    home.obey(&by(ADULT, 3, Action::Privacy { scope, on: true }), T0).unwrap();
    home.tick(T0.plus_us(PRIVACY_DELAY_US * 10));
    assert_eq!(home.stops(&roster, CAMERA), Some(GapCause::Privacy));
}

#[test]
fn a_longer_lifetime_waits_a_day_and_a_shorter_one_holds_at_once() {
    let (short, long) = (with(days(3, 14), Records::Always), with(days(30, 7), Records::Always));
    let mut home = Home::new(T0);
    home.follow(&short, &long, digest(1), T0);
    assert_eq!(home.lifetimes(&long.rooms[0]), days(3, 7), "the longer half waits, the shorter half holds");
    home.tick(T0.plus_us(RULE_DELAY_US));
    assert_eq!(home.lifetimes(&long.rooms[0]), days(30, 7));
    home.follow(&long, &short, digest(2), T0);
    assert_eq!(home.lifetimes(&short.rooms[0]).continuous_days, Days::new(3).unwrap());
}

#[test]
fn what_waits_is_not_renewed_by_other_changes_and_what_was_stopped_stays_stopped() {
    let (short, long) = (with(days(3, 14), Records::Always), with(days(30, 14), Records::Always));
    let mut home = Home::new(T0);
    home.follow(&short, &long, digest(1), T0);
    home.follow(&long, &long, digest(2), T0.plus_us(1_000));
    let what = Stoppable::Rules { room: ROOM, roster: digest(1) };
    let mut stopped = home.clone();
    assert!(home.tick(T0.plus_us(RULE_DELAY_US)), "counted from the first");
    stopped.obey(&by(ADULT, 1, Action::Stop { what }), T0).unwrap();
    stopped.follow(&long, &long, digest(3), T0.plus_us(2_000));
    stopped.tick(T0.plus_us(RULE_DELAY_US * 10));
    assert_eq!(stopped.lifetimes(&long.rooms[0]), days(3, 14));
}

#[test]
fn a_room_that_records_when_armed_follows_the_arming_and_recording_always_waits() {
    let (armed, always) = (with(days(3, 14), Records::WhenArmed), with(days(3, 14), Records::Always));
    let mut home = Home::new(T0);
    home.follow(&always, &armed, digest(1), T0);
    assert_eq!(home.stops(&armed, CAMERA), Some(GapCause::Disarmed), "recording less holds at once");
    home.obey(&by(ADULT, 1, Action::Arm { on: true }), T0).unwrap();
    assert_eq!(home.stops(&armed, CAMERA), None);
    home.obey(&by(ADULT, 2, Action::Arm { on: false }), T0).unwrap();
    home.follow(&armed, &always, digest(2), T0);
    assert_eq!(home.stops(&always, CAMERA), Some(GapCause::Disarmed), "recording more waits");
    home.tick(T0.plus_us(RULE_DELAY_US));
    assert_eq!(home.stops(&always, CAMERA), None);
}

#[test]
fn guests_and_strangers_to_a_room_may_change_nothing_in_it() {
    let mut roster = roster();
    let room = Action::Privacy { scope: Scope::Room { room: ROOM }, on: true };
    assert!(may(&roster, OWNER, &room) && may(&roster, ADULT, &room));
    for action in [&room, &Action::Arm { on: false }, &Action::Restart { device: CAMERA }] {
        assert!(!may(&roster, GUEST, action));
        assert!(!may(&roster, MemberId([77; 16]), action));
    }
    roster.rooms[0].audience.retain(|member| *member != ADULT);
    assert!(!may(&roster, ADULT, &room) && !may(&roster, ADULT, &Action::Restart { device: CAMERA }));
    assert!(may(&roster, ADULT, &Action::Arm { on: true }));
}

fn action() -> impl Strategy<Value = Action> {
    let scope =
        prop_oneof![Just(Scope::Household), Just(Scope::Room { room: ROOM }), Just(Scope::Device { device: CAMERA })];
    prop_oneof![
        (scope, any::<bool>()).prop_map(|(scope, on)| Action::Privacy { scope, on }),
        any::<bool>().prop_map(|on| Action::Arm { on }),
    ]
}

proptest! {
    /// Whatever others wish, a camera that a member stopped stays stopped for ten minutes after they were heard.
    #[test]
    fn nobody_else_lets_a_stopped_camera_go_on_unannounced(
        actions in proptest::collection::vec((action(), 0..PRIVACY_DELAY_US), 0..40)
    ) {
        let roster = roster();
        let mut home = Home::new(T0);
        let mine = Scope::Device { device: CAMERA };
        home.obey(&by(ADULT, 255, Action::Privacy { scope: mine, on: true }), T0).unwrap();
        let mut first_wish = None;
        let mut now = T0;
        for (at, (action, later)) in actions.into_iter().enumerate() {
            now = now.plus_us(later / 20);
            home.tick(now);
            let is_wish = matches!(action, Action::Privacy { scope, on: false } if scope == mine);
            if is_wish && first_wish.is_none() {
                first_wish = Some(now);
            }
            home.obey(&by(OWNER, u8::try_from(at).unwrap(), action), now).unwrap();
            let is_early = first_wish.is_none_or(|wish| now.since_us(wish) < PRIVACY_DELAY_US);
            if is_early {
                prop_assert_eq!(home.stops(&roster, CAMERA), Some(GapCause::Privacy));
            }
        }
    }

    /// Whatever rosters come, no rule ever holds that was not there for a day or that is looser than the first.
    #[test]
    fn no_lifetime_grows_before_its_day(
        rules in proptest::collection::vec((1_u16..60, 1_u16..60, 0_i64..RULE_DELAY_US / 30), 1..25)
    ) {
        let mut before = with(days(5, 5), Records::Always);
        let mut home = Home::new(T0);
        let mut now = T0;
        for (at, (continuous, event, later)) in rules.into_iter().enumerate() {
            now = now.plus_us(later);
            home.tick(now);
            let next = with(days(continuous, event), Records::Always);
            home.follow(&before, &next, digest(u8::try_from(at).unwrap()), now);
            let hold = home.lifetimes(&next.rooms[0]);
            let five = Days::new(5).unwrap();
            prop_assert!(hold.continuous_days <= five && hold.event_days <= five, "less than a day has passed");
            prop_assert!(hold.continuous_days <= next.rooms[0].lifetimes.continuous_days);
            prop_assert!(hold.event_days <= next.rooms[0].lifetimes.event_days);
            before = next;
        }
    }
}
