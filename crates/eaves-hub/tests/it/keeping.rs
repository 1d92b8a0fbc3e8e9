//! A camera that a member stopped sends nothing; loosened rules wait; nobody watches unnamed.

use crate::home::{CAMERA, Home, OWNER, ROOM, eventually, gaps, is_whole, room_identity};
use eaves_api::app::CommandOutcome;
use eaves_api::channel::{DeviceState, ToHub};
use eaves_domain::command::{Action, Scope, Stoppable};
use eaves_domain::envelope::PublicKey;
use eaves_domain::link::{GapCause, LinkKind};
use eaves_domain::live::WATCH_US;
use eaves_domain::retention::Lifetimes;
use eaves_domain::roster::{Member, Records, Role, Roster};
use eaves_domain::{Base64Url, CommandId, Days, MemberId};
use ed25519_dalek::SigningKey;

const ADULT: MemberId = MemberId([6; 16]);

fn adult() -> SigningKey {
    SigningKey::from_bytes(&[60; 32])
}

/// A home with a second adult in the audience of the room.
async fn shared_home() -> Home {
    let mut home = Home::recording().await;
    home.change_roster(|roster| {
        roster.members.push(Member {
            member: ADULT,
            role: Role::Adult,
            recipient: room_identity(77).recipient().to_text(),
            signing_key: PublicKey::of(&adult()),
            label: Base64Url(vec![0; 20]),
        });
        roster.rooms[0].audience.push(ADULT);
    });
    eventually("the hub follows", || home.state().is_some_and(|state| state.roster == 2)).await;
    home
}

/// The adult leaves the room, and its key changes.
fn without_adult(roster: &mut Roster) {
    roster.rooms[0].audience.retain(|member| *member != ADULT);
    (roster.rooms[0].epoch, roster.rooms[0].recipient) = (2, room_identity(2).recipient().to_text());
}

fn privacy(on: bool) -> Action {
    Action::Privacy { scope: Scope::Room { room: ROOM }, on }
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_camera_is_not_connected_and_stays_stopped_over_a_restart() {
    let mut home = shared_home().await;
    home.film(5).await;
    home.command(1, privacy(true));
    eventually("the camera is let go", || !home.cameras.is_connected()).await;
    let opened = home.cameras.opened();
    let state = home.state().unwrap();
    assert_eq!((state.privacy.len(), state.privacy[0].by), (1, OWNER));
    eventually("it is said", || {
        home.vault.held().states.last() == Some(&DeviceState::Down { cause: GapCause::Privacy })
    })
    .await;
    home.stop().await;
    home.start();
    eventually("it is said again", || {
        home.vault.is_connected() && home.state().is_some_and(|s| s.version > state.version)
    })
    .await;
    home.clock.pass_us(60_000_000);
    assert_eq!(home.cameras.opened(), opened, "no connection was made");
    home.command(2, privacy(false));
    eventually("who stopped it lets it go on at once", || home.cameras.is_connected()).await;
    home.film(70).await;
    home.has_recordings(2).await;
    home.stop().await;
    let links = home.vault.links(CAMERA);
    assert!(gaps(&links).contains(&GapCause::Privacy), "{:?}", gaps(&links));
    assert!(is_whole(&links), "every instant is accounted for: {links:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_stopped_goes_on_after_it_was_announced_or_not_at_all() {
    let mut home = shared_home().await;
    home.command_of(ADULT, &adult(), 1, privacy(true));
    eventually("the camera is let go", || !home.cameras.is_connected()).await;
    home.command(2, privacy(false));
    eventually("it is announced", || home.state().is_some_and(|state| state.waiting.len() == 1)).await;
    let waiting = home.state().unwrap().waiting[0];
    assert_eq!((waiting.by, waiting.effective_us.since_us(waiting.announced_us)), (Some(OWNER), 600_000_000));
    home.command_of(ADULT, &adult(), 3, Action::Stop { what: waiting.what });
    eventually("it is stopped", || home.state().is_some_and(|state| state.waiting.is_empty())).await;
    home.clock.pass_us(700_000_000);
    let again = home.command(4, Action::Stop { what: waiting.what });
    eventually("the answer comes", || home.vault.held().outcomes.contains_key(&again)).await;
    assert!(
        matches!(&home.vault.held().outcomes[&again], CommandOutcome::Refused { reason } if reason == "not-waiting")
    );
    assert!(!home.cameras.is_connected(), "what was stopped does not come");
    home.command(5, privacy(false));
    eventually("it is announced again", || home.state().is_some_and(|state| state.waiting.len() == 1)).await;
    home.clock.pass_us(600_000_000);
    eventually("ten minutes later it goes on", || home.cameras.is_connected()).await;
    home.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn longer_lifetime_of_a_roster_holds_a_day_later_and_until_then_the_shorter_one() {
    let mut home = shared_home().await;
    let days = |n| Days::new(n).unwrap();
    let kept_days = |home: &Home| {
        let links = home.vault.links(CAMERA);
        let last = links.iter().rev().find(|link| link.recording().is_some()).unwrap();
        let LinkKind::Recording { keep_until_us, .. } = last.kind else { unreachable!() };
        keep_until_us.since_us(last.end_us) / 86_400_000_000
    };
    home.change_roster(|roster| {
        roster.rooms[0].lifetimes = Lifetimes { continuous_days: days(30), event_days: days(30) };
    });
    eventually("it is announced", || home.state().is_some_and(|state| state.waiting.len() == 1)).await;
    assert!(matches!(home.state().unwrap().waiting[0].what, Stoppable::Rules { room: ROOM, .. }));
    home.film(140).await;
    home.has_recordings(2).await;
    assert_eq!(kept_days(&home), 3, "the old rule still holds");
    home.clock.pass_us(86_400_000_000);
    eventually("the day is over", || home.state().is_some_and(|state| state.waiting.is_empty())).await;
    home.film_until("what is recorded now is kept for longer", || kept_days(&home) == 30).await;
    home.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn room_that_records_when_armed_follows_the_arming() {
    let mut home = shared_home().await;
    home.change_roster(|roster| roster.rooms[0].records = Records::WhenArmed);
    eventually("the camera is let go", || !home.cameras.is_connected()).await;
    home.command_of(ADULT, &adult(), 1, Action::Arm { on: true });
    home.clock.pass_us(5_000_000);
    eventually("armed, it records", || home.cameras.is_connected()).await;
    home.film(5).await;
    home.command(2, Action::Arm { on: false });
    eventually("disarmed, it does not", || !home.cameras.is_connected()).await;
    assert_eq!(home.state().unwrap().armed.by, Some(OWNER));
    home.stop().await;
    assert!(gaps(&home.vault.links(CAMERA)).contains(&GapCause::Disarmed));
}

#[tokio::test(flavor = "multi_thread")]
async fn restarted_camera_is_connected_anew() {
    let mut home = shared_home().await;
    home.film(3).await;
    let opened = home.cameras.opened();
    home.command(1, Action::Restart { device: CAMERA });
    eventually("it is connected anew", || home.cameras.opened() > opened && home.cameras.is_connected()).await;
    home.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_frame_is_sealed_for_who_did_not_sign_or_may_not_see() {
    let mut home = shared_home().await;
    let stranger = SigningKey::from_bytes(&[99; 32]);
    home.vault.tell(ToHub::Watch { watch: home.wish(1, MemberId([9; 16]), &stranger) });
    home.vault.tell(ToHub::Watch { watch: home.wish(2, OWNER, &stranger) });
    home.change_roster(without_adult);
    eventually("the hub follows", || home.state().is_some_and(|state| state.roster == 3)).await;
    home.vault.tell(ToHub::Watch { watch: home.wish(3, ADULT, &adult()) });
    home.film(10).await;
    home.watch(4);
    home.film_until("the owner sees it", || !home.vault.held().frames.is_empty()).await;
    assert_eq!(home.vault.held().keys.len(), 1, "for nobody before");
    eventually("only the owner is named", || {
        home.state().is_some_and(|state| state.watching.iter().map(|w| w.member).eq([OWNER]))
    })
    .await;
    home.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wish_to_watch_ends_by_itself_and_showing_it_again_does_not_prolong_it() {
    let mut home = shared_home().await;
    let wish = home.wish(1, OWNER, &home.owner);
    home.vault.tell(ToHub::Watch { watch: wish.clone() });
    home.film_until("it is seen", || !home.vault.held().frames.is_empty()).await;
    home.clock.pass_us(WATCH_US - 20_000_000);
    home.vault.tell(ToHub::Watch { watch: wish.clone() });
    home.clock.pass_us(20_000_000);
    eventually("nobody watches", || home.state().is_some_and(|state| state.watching.is_empty())).await;
    home.vault.tell(ToHub::Watch { watch: wish });
    home.film(5).await;
    assert!(home.state().unwrap().watching.is_empty(), "the vault cannot keep it going");
    home.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn watcher_who_loses_the_room_is_named_no_more_and_others_watch_on() {
    let mut home = shared_home().await;
    home.watch(1);
    home.vault.tell(ToHub::Watch { watch: home.wish(2, ADULT, &adult()) });
    eventually("both are named", || home.state().is_some_and(|state| state.watching.len() == 2)).await;
    home.change_roster(without_adult);
    eventually("one is left", || home.state().is_some_and(|state| state.watching.len() == 1)).await;
    home.unwatch(&[CommandId([1; 16])]);
    eventually("none is left", || home.state().is_some_and(|state| state.watching.is_empty())).await;
    home.stop().await;
}
