//! Coming back with the kit: what it takes, who hears of it, and what has to wait.

use crate::home::Home;
use crate::second_step::{second, set_up_totp};
use crate::signing::{question, signed_in};
use crate::world::{Answer, Ask, World};
use axum::http::Method;
use eaves_api::app::*;
use eaves_api::problem::Code;

const HOUR: i64 = 3_600;

async fn notices(world: &World, home: &Home) -> Vec<Notice> {
    let told: Notices = world.call(home.ask(Method::GET, "/api/v1/notices")).await.json();
    told.notices
}

async fn has(world: &World, home: &Home, kind: NoticeKind) -> bool {
    notices(world, home).await.iter().any(|notice| notice.kind == kind)
}

fn until(answer: &Answer) -> eaves_domain::Timestamp {
    match answer.json() {
        SignIn::Waiting { until_us } => until_us,
        other => panic!("{other:?}"),
    }
}

/// With the kit on a browser that nobody knows.
async fn with_kit(world: &World, home: &Home) -> Answer {
    home.kit_login_with(world, &home.kit, None).await
}

#[tokio::test]
async fn the_kit_alone_opens_nothing_on_an_unknown_device() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let answer = with_kit(&world, &home).await;
    assert!(answer.headers.get("set-cookie").is_none());
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(!text.contains("wrapped") && !text.contains("ciphertext"), "{text}");
    assert_eq!(question(&answer).offers, [Offer::Approval, Offer::Password, Offer::Wait]);
    // On a known device the kit is enough, and nothing has to wait.
    let signed = signed_in(&home.kit_login(&world, &home.kit).await);
    assert_eq!((signed.wrapped.unwrap().way, signed.session.powers_from_us), (Way::Kit, None));
}

#[tokio::test]
async fn kit_and_password_are_two_proofs_and_no_recovery() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let step = question(&with_kit(&world, &home).await);
    let (answer, finish) = home.login_start_with(&world, "not it", None).await;
    assert!(finish(&answer.json()).is_none());
    let (answer, finish) = home.login_start_with(&world, &home.password, None).await;
    let LoginFinish { login, ke3 } = finish(&answer.json()).unwrap();
    let forged = SecondProof::Password { login: login.clone(), ke3: vec![0; 64].into() };
    assert_eq!(second(&world, &step, forged).await.code(), Code::SignInFailed);
    let used = SecondProof::Password { login, ke3: ke3.clone() };
    assert_eq!(second(&world, &step, used).await.code(), Code::SignInFailed, "used up");
    let (answer, finish) = home.login_start_with(&world, &home.password, None).await;
    let LoginFinish { login, ke3 } = finish(&answer.json()).unwrap();
    let signed = signed_in(&second(&world, &step, SecondProof::Password { login, ke3 }).await);
    assert_eq!((signed.wrapped.unwrap().way, signed.session.powers_from_us), (Way::Kit, None));
}

#[tokio::test]
async fn after_a_recovery_the_powerful_actions_wait_for_a_day() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let codes: RecoveryCodes = world.call(home.ask(Method::POST, "/api/v1/recovery-codes")).await.json();
    let step = question(&with_kit(&world, &home).await);
    let answer = second(&world, &step, SecondProof::RecoveryCode { code: codes.codes[0].clone() }).await;
    let (signed, cookie) = (signed_in(&answer), answer.cookie());
    assert_eq!(signed.session.powers_from_us, Some(world.now().plus_us(24 * HOUR * 1_000_000)));
    let ask = |path: &str| Ask::app(Method::POST, path).cookie(&cookie);
    assert_eq!(world.call(ask("/api/v1/totp/start")).await.code(), Code::PowersWait);
    let step_up = StepUpStart::Kit;
    assert_eq!(world.call(ask("/api/v1/step-up/start").json(&step_up)).await.code(), Code::PowersWait);
    let world = world.restart().await;
    // Other devices were told and can end it.
    let told = notices(&world, &home).await;
    let new = told.iter().find(|notice| notice.kind == NoticeKind::NewDevice).unwrap();
    let path = format!("/api/v1/sessions/{}", new.session.as_ref().unwrap());
    for _ in 0..23 {
        world.pass(HOUR - 1);
        for cookie in [&cookie, &home.cookie] {
            world.call(Ask::app(Method::GET, "/api/v1/roster").cookie(cookie)).await.ok();
        }
    }
    assert_eq!(world.call(ask("/api/v1/step-up/start").json(&step_up)).await.code(), Code::PowersWait);
    world.call(home.ask(Method::DELETE, &path)).await.ok();
    assert_eq!(world.call(ask("/api/v1/totp/start")).await.code(), Code::SignedOut);
}

#[tokio::test]
async fn who_has_nothing_but_the_kit_waits_three_days_while_every_device_is_told() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let step = question(&with_kit(&world, &home).await);
    let waits_until = until(&second(&world, &step, SecondProof::Wait).await);
    assert_eq!(waits_until, world.now().plus_us(72 * HOUR * 1_000_000));
    assert!(has(&world, &home, NoticeKind::RecoveryStarted).await);
    let ways: WaysIn = world.call(home.ask(Method::GET, "/api/v1/ways-in")).await.json();
    assert_eq!(ways.recovery_until_us, Some(waits_until));
    // Asking again gains nothing, and a restart forgets nothing.
    world.pass(HOUR);
    let world = world.restart().await;
    let step = question(&with_kit(&world, &home).await);
    assert_eq!(until(&second(&world, &step, SecondProof::Wait).await), waits_until);
    world.pass(71 * HOUR - 1);
    assert!(matches!(with_kit(&world, &home).await.json(), SignIn::SecondStep(_)), "not yet");
    world.pass(1);
    let signed = signed_in(&with_kit(&world, &home).await);
    assert_eq!(signed.wrapped.unwrap().way, Way::Kit);
    assert!(signed.session.powers_from_us.is_some());
    assert!(matches!(with_kit(&world, &home).await.json(), SignIn::SecondStep(_)), "and only once");
}

#[tokio::test]
async fn any_device_stops_a_recovery_and_a_new_kit_ends_it() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let start = async || {
        let step = question(&with_kit(&world, &home).await);
        until(&second(&world, &step, SecondProof::Wait).await)
    };
    start().await;
    let path = format!("/api/v1/recovery/{}", home.member);
    world.call(home.ask(Method::DELETE, &path)).await.ok();
    assert_eq!(world.call(home.ask(Method::DELETE, &path)).await.code(), Code::NotFound);
    assert!(has(&world, &home, NoticeKind::RecoveryStopped).await);
    world.pass(73 * HOUR);
    assert!(matches!(with_kit(&world, &home).await.json(), SignIn::SecondStep(_)), "it was stopped");
    let cookie = home.login(&world, &home.password).await.unwrap().cookie();
    start().await;
    home.replace_kit(&world, &cookie).await;
    world.pass(73 * HOUR);
    assert_eq!(with_kit(&world, &home).await.code(), Code::SignInFailed, "that kit is void");
}

#[tokio::test]
async fn a_recovery_that_nobody_used_is_over_after_a_week() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let step = question(&with_kit(&world, &home).await);
    second(&world, &step, SecondProof::Wait).await.ok();
    world.pass((72 + 7 * 24) * HOUR + 1);
    assert!(matches!(with_kit(&world, &home).await.json(), SignIn::SecondStep(_)));
}

#[tokio::test]
async fn a_new_device_hears_nothing_it_could_take_back_and_the_others_hear_of_it() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    set_up_totp(&world, &home).await;
    let stranger = home.sign_in_with_kit(&world).await;
    let told = notices(&world, &home).await;
    let new = told.iter().find(|notice| notice.kind == NoticeKind::NewDevice).unwrap().clone();
    // Everything that the new device may call, called.
    for route in eaves_vault::web::routes::routes() {
        let is_its_end = route.path.contains("logout") || route.path.contains("/sessions") || route.is_socket;
        if route.path.starts_with("/api/") && !is_its_end && route.path != "/api/v1/events" {
            let path = crate::doors::fill(&route, &new.notice.to_string());
            world.call(Ask::app(route.method.clone(), &path).cookie(&stranger).bytes(b"{}")).await;
        }
    }
    assert!(notices(&world, &home).await.contains(&new));
    // Kept for 90 days, whoever signs in when.
    let world = world.restart().await;
    world.pass(89 * 24 * HOUR);
    world.sweep().await;
    let later = home.login(&world, &home.password).await.unwrap().cookie();
    let told: Notices = world.call(Ask::app(Method::GET, "/api/v1/notices").cookie(&later)).await.json();
    assert!(told.notices.contains(&new));
    world.pass(2 * 24 * HOUR);
    world.sweep().await;
    let later = home.login(&world, &home.password).await.unwrap().cookie();
    let told: Notices = world.call(Ask::app(Method::GET, "/api/v1/notices").cookie(&later)).await.json();
    assert!(!told.notices.contains(&new));
}

#[tokio::test]
async fn every_change_of_a_way_in_is_told_to_the_other_devices() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    home.set_password(&world, "a newer password").await.ok();
    home.replace_kit(&world, &home.cookie).await;
    set_up_totp(&world, &home).await;
    crate::passkeys::register(&world, &home).await;
    world.call(home.ask(Method::POST, "/api/v1/recovery-codes")).await.ok();
    world.call(home.ask(Method::DELETE, "/api/v1/totp")).await.ok();
    let kinds: Vec<_> = notices(&world, &home).await.into_iter().map(|notice| notice.kind).collect();
    use NoticeKind::*;
    assert_eq!(kinds, [PasswordChanged, KitChanged, TotpOn, PasskeyAdded, CodesMade, TotpOff]);
    let after: Notices = world.call(home.ask(Method::GET, "/api/v1/notices?after=4")).await.json();
    assert_eq!(after.notices.len(), 2);
}

#[tokio::test]
async fn somebody_who_guesses_too_often_is_told_of_and_not_every_time() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    for _ in 0..8 {
        let _ = home.login_start_with(&world, "guess", None).await;
    }
    // Told beside the answers.
    while !has(&world, &home, NoticeKind::ThrottleTripped).await {
        tokio::task::yield_now().await;
    }
    let told = notices(&world, &home).await;
    assert_eq!(told.iter().filter(|notice| notice.kind == NoticeKind::ThrottleTripped).count(), 1);
}
