//! Signing in, sessions, ways in.

use crate::home::{Home, random};
use crate::signing::{registration, signed_in};
use crate::world::{Ask, World};
use axum::http::{Method, StatusCode};
use eaves_api::app::*;
use eaves_api::problem::Code;
use eaves_domain::Base64Url;
use eaves_domain::envelope::PublicKey;
use ed25519_dalek::SigningKey;

async fn status(world: &World, cookie: &str) -> StatusCode {
    world.call(Ask::app(Method::GET, "/api/v1/roster").cookie(cookie)).await.status
}

#[tokio::test]
async fn the_right_password_signs_in_and_nothing_else_does() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let answer = home.login(&world, &home.password).await.unwrap().ok();
    let set = answer.headers["set-cookie"].to_str().unwrap();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict") && set.contains("Path=/"), "{set}");
    let signed = signed_in(&answer);
    assert_eq!(
        (signed.household, signed.member, signed.wrapped.unwrap().way),
        (home.household, home.member, Way::Password)
    );
    assert_eq!(status(&world, &answer.cookie()).await, StatusCode::OK);
    assert!(home.login(&world, "wrong").await.is_none(), "the app itself sees it");
    let (answer, _) = home.login_start(&world, "wrong").await;
    let challenge: LoginChallenge = answer.json();
    let forged = LoginFinish { login: challenge.login, ke3: vec![0; 64].into() };
    let ask = || Ask::app(Method::POST, "/api/v1/login/finish").json(&forged);
    assert_eq!(world.call(ask()).await.code(), Code::SignInFailed);
    assert_eq!(world.call(ask()).await.code(), Code::SignInFailed, "and the attempt is used up");
}

#[tokio::test]
async fn an_unknown_name_is_answered_like_a_known_one() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let mut stranger = Home::new(&world);
    stranger.handle = random::<32>().to_vec().into();
    let (known, _) = home.login_start(&world, "x").await;
    let (unknown, finish) = stranger.login_start(&world, "x").await;
    assert_eq!(known.status, unknown.status);
    assert_eq!(known.body.len(), unknown.body.len());
    assert_eq!(known.headers, unknown.headers);
    let (a, b): (LoginChallenge, LoginChallenge) = (known.json(), unknown.json());
    assert_eq!((a.ke2.0.len(), a.ksf_preset, a.login.0.len()), (b.ke2.0.len(), b.ksf_preset, b.login.0.len()));
    assert!(finish(&b).is_none());
    let kit = SigningKey::from_bytes(&random());
    assert_eq!(home.kit_login(&world, &kit).await.code(), Code::SignInFailed);
    assert_eq!(stranger.kit_login(&world, &kit).await.code(), Code::SignInFailed);
}

#[tokio::test]
async fn an_attempt_ends_after_a_minute() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let (answer, finish) = home.login_start(&world, &home.password).await;
    let finish = finish(&answer.json()).unwrap();
    world.pass(61);
    let late = world.call(Ask::app(Method::POST, "/api/v1/login/finish").json(&finish)).await;
    assert_eq!(late.code(), Code::SignInFailed);
}

#[tokio::test]
async fn a_session_ends_when_idle_when_old_and_when_told_to() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    world.pass(3_500);
    assert_eq!(status(&world, &home.cookie).await, StatusCode::OK);
    world.pass(3_500);
    assert_eq!(status(&world, &home.cookie).await, StatusCode::OK, "use keeps it");
    world.pass(3_601);
    assert_eq!(status(&world, &home.cookie).await, StatusCode::UNAUTHORIZED, "idle");
    let cookie = home.login(&world, &home.password).await.unwrap().ok().cookie();
    for _ in 0..24 {
        world.pass(3_590);
        assert_eq!(status(&world, &cookie).await, StatusCode::OK);
    }
    world.pass(3_590);
    assert_eq!(status(&world, &cookie).await, StatusCode::UNAUTHORIZED, "a day is over");
    let cookie = home.login(&world, &home.password).await.unwrap().ok().cookie();
    let out = world.call(Ask::app(Method::POST, "/api/v1/logout").cookie(&cookie)).await.ok();
    assert!(out.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(status(&world, &cookie).await, StatusCode::UNAUTHORIZED, "signed out");
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_or_all() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let second = home.login(&world, &home.password).await.unwrap().ok().cookie();
    let third = home.login(&world, &home.password).await.unwrap().ok().cookie();
    let sessions: Sessions = world.call(home.ask(Method::GET, "/api/v1/sessions")).await.json();
    assert_eq!(sessions.sessions.len(), 3);
    assert_eq!(sessions.sessions.iter().filter(|s| s.this).count(), 1);
    let other: Sessions = world.call(Ask::app(Method::GET, "/api/v1/sessions").cookie(&second)).await.json();
    let id = &other.sessions.iter().find(|s| s.this).unwrap().session;
    world.call(home.ask(Method::DELETE, &format!("/api/v1/sessions/{id}"))).await.ok();
    assert_eq!(status(&world, &second).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&world, &third).await, StatusCode::OK);
    world.call(home.ask(Method::POST, "/api/v1/sessions/end-others")).await.ok();
    assert_eq!(status(&world, &third).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&world, &home.cookie).await, StatusCode::OK);
}

#[tokio::test]
async fn the_kit_signs_in_and_a_replaced_kit_does_not() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let signed = signed_in(&home.kit_login(&world, &home.kit).await);
    assert_eq!(signed.wrapped.unwrap().way, Way::Kit);
    let new = SigningKey::from_bytes(&random());
    let kit =
        WrappedSecret { way: Way::Kit, credential: None, nonce: vec![2; 12].into(), ciphertext: vec![3; 48].into() };
    let replace = KitReplace { kit: kit.clone(), kit_key: PublicKey::of(&new) };
    world.call(home.ask(Method::PUT, "/api/v1/ways-in/kit").json(&replace)).await.ok();
    assert_eq!(home.kit_login(&world, &home.kit).await.code(), Code::SignInFailed);
    let signed = signed_in(&home.kit_login(&world, &new).await);
    assert_eq!(signed.wrapped, Some(kit));
    let ways: WaysIn = world.call(home.ask(Method::GET, "/api/v1/ways-in")).await.json();
    assert_eq!(ways.ways.len(), 2);
}

#[tokio::test]
async fn a_new_password_replaces_the_old_one_and_ends_other_sessions() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let other = home.login(&world, &home.password).await.unwrap().ok().cookie();
    let (registration_request, finish) = registration("a newer password");
    let start = PasswordStart { registration_request };
    let answer = world.call(home.ask(Method::POST, "/api/v1/ways-in/password/start").json(&start)).await;
    let registration_record: Base64Url = finish(&answer.json::<Registration>().registration_response.0);
    let password = WrappedSecret {
        way: Way::Password,
        credential: None,
        nonce: vec![2; 12].into(),
        ciphertext: vec![3; 48].into(),
    };
    let replace = PasswordReplace { registration_record, ksf_preset: KSF_PRESET, password };
    world.call(home.ask(Method::PUT, "/api/v1/ways-in/password").json(&replace)).await.ok();
    assert_eq!(status(&world, &other).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&world, &home.cookie).await, StatusCode::OK);
    assert!(home.login(&world, &home.password).await.is_none());
    home.login(&world, "a newer password").await.unwrap().ok();
}
