//! Passkeys, with a software authenticator: what signs in, what does not, and what never leaves the page.

use crate::authenticator::Authenticator;
use crate::home::{Home, random};
use crate::signing::signed_in;
use crate::world::{Answer, Ask, ORIGIN, World};
use axum::http::{Method, StatusCode};
use eaves_api::app::*;
use eaves_api::problem::Code;
use eaves_domain::Base64Url;
use serde_json::{Value, json};

pub(crate) fn wrap_for(authenticator: &Authenticator) -> WrappedSecret {
    WrappedSecret {
        way: Way::Passkey,
        credential: Some(Base64Url(authenticator.credential.clone())),
        nonce: vec![4; 12].into(),
        ciphertext: random::<48>().to_vec().into(),
    }
}

async fn register_with(
    world: &World,
    home: &Home,
    authenticator: &mut Authenticator,
    wrapped: Option<WrappedSecret>,
) -> Answer {
    let start = world.call(home.ask(Method::POST, "/api/v1/passkeys/register/start")).await;
    let start: PasskeyRegistration = start.json();
    let credential = authenticator.create(&start.options);
    let register = PasskeyRegister { registration: start.registration, credential, label: None, wrapped };
    world.call(home.ask(Method::POST, "/api/v1/passkeys/register/finish").json(&register)).await
}

/// Adds a passkey that opens.
pub(crate) async fn register(world: &World, home: &Home) -> (Authenticator, WrappedSecret) {
    let mut authenticator = Authenticator::new(ORIGIN);
    let wrapped = wrap_for(&authenticator);
    register_with(world, home, &mut authenticator, Some(wrapped.clone())).await.ok();
    (authenticator, wrapped)
}

async fn start(world: &World) -> PasskeyChallenge {
    world.call(Ask::app(Method::POST, "/api/v1/passkeys/login/start")).await.json()
}

async fn finish(world: &World, login: &Base64Url, assertion: Value) -> Answer {
    let finish = PasskeyFinish { login: login.clone(), assertion };
    world.call(Ask::app(Method::POST, "/api/v1/passkeys/login/finish").json(&finish)).await
}

pub(crate) async fn sign_in(world: &World, authenticator: &mut Authenticator) -> Answer {
    let challenge = start(world).await;
    let assertion = authenticator.get(&challenge.options);
    finish(world, &challenge.login, assertion).await
}

#[tokio::test]
async fn a_passkey_signs_in_by_itself_on_any_device_and_brings_its_own_wrapped_secret() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let (mut authenticator, wrapped) = register(&world, &home).await;
    for _ in 0..2 {
        let answer = sign_in(&world, &mut authenticator).await;
        let signed = signed_in(&answer);
        assert_eq!((signed.household, signed.member), (home.household, home.member));
        assert_eq!(signed.wrapped, Some(wrapped.clone()));
        let own = world.call(Ask::app(Method::GET, "/api/v1/roster").cookie(&answer.cookie())).await;
        assert_eq!(own.status, StatusCode::OK);
    }
    let world = world.restart().await;
    sign_in(&world, &mut authenticator).await.ok();
}

#[tokio::test]
async fn a_passkey_that_does_not_open_signs_in_and_its_session_is_the_second_step_of_the_password() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let mut authenticator = Authenticator::new(ORIGIN);
    register_with(&world, &home, &mut authenticator, None).await.ok();
    let answer = sign_in(&world, &mut authenticator).await;
    assert_eq!(signed_in(&answer).wrapped, None);
    let cookie = answer.cookie();
    let unlocked = home.login_with(&world, &home.password, Some(&cookie)).await.unwrap();
    assert_eq!(signed_in(&unlocked).wrapped.unwrap().way, Way::Password);
    assert!(unlocked.headers.get("set-cookie").is_none(), "the session goes on");
    // Its wrap comes later, when the authenticator gave its first result.
    let change = PasskeyChange { label: Some(vec![7; 40].into()), wrapped: Some(wrap_for(&authenticator)) };
    let path = format!("/api/v1/passkeys/{}", hex::encode(&authenticator.credential));
    world.call(Ask::app(Method::PUT, &path).cookie(&cookie).json(&change)).await.ok();
    let listed: PasskeyList = world.call(Ask::app(Method::GET, "/api/v1/passkeys").cookie(&cookie)).await.json();
    let [passkey] = listed.passkeys.as_slice() else { panic!("{listed:?}") };
    assert!(passkey.opens && passkey.label == change.label && passkey.kind == PasskeyKind::ThisDevice);
    assert_eq!(signed_in(&sign_in(&world, &mut authenticator).await).wrapped, change.wrapped);
}

#[tokio::test]
async fn an_assertion_without_user_verification_unwraps_nothing() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let (mut authenticator, _) = register(&world, &home).await;
    authenticator.verifies = false;
    let answer = sign_in(&world, &mut authenticator).await;
    assert_eq!(answer.code(), Code::SignInFailed);
    assert!(answer.headers.get("set-cookie").is_none());
    authenticator.verifies = true;
    sign_in(&world, &mut authenticator).await.ok();
    let mut lazy = Authenticator::new(ORIGIN);
    lazy.verifies = false;
    let wrapped = wrap_for(&lazy);
    let refused = register_with(&world, &home, &mut lazy, Some(wrapped)).await;
    assert_eq!(refused.code(), Code::InvalidRequest, "nor can one be registered without it");
}

#[tokio::test]
async fn a_look_alike_page_gets_no_session() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let (mut authenticator, _) = register(&world, &home).await;
    let honest = authenticator.origin.clone();
    for origin in [
        "http://vau1t.test",
        "https://vault.test",
        "http://vault.test:81",
        "http://vault.test.evil.test",
        "http://sub.vault.test",
    ] {
        authenticator.origin = origin.to_owned();
        assert_eq!(sign_in(&world, &mut authenticator).await.code(), Code::SignInFailed, "{origin}");
    }
    authenticator.origin = honest;
    sign_in(&world, &mut authenticator).await.ok();
    let mut elsewhere = Authenticator::new("http://vau1t.test");
    let wrapped = wrap_for(&elsewhere);
    let refused = register_with(&world, &home, &mut elsewhere, Some(wrapped)).await;
    assert_eq!(refused.code(), Code::InvalidRequest);
}

#[tokio::test]
async fn an_assertion_is_good_once_and_for_its_own_challenge() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let (mut authenticator, _) = register(&world, &home).await;
    let challenge = start(&world).await;
    let assertion = authenticator.get(&challenge.options);
    finish(&world, &challenge.login, assertion.clone()).await.ok();
    assert_eq!(finish(&world, &challenge.login, assertion.clone()).await.code(), Code::SignInFailed, "used up");
    let other = start(&world).await;
    assert_eq!(finish(&world, &other.login, assertion).await.code(), Code::SignInFailed, "of another challenge");
    let late = start(&world).await;
    let assertion = authenticator.get(&late.options);
    world.pass(301);
    assert_eq!(finish(&world, &late.login, assertion).await.code(), Code::SignInFailed, "too late");
}

#[tokio::test]
async fn a_foreign_passkey_and_a_cloned_one_are_refused() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let (mut authenticator, _) = register(&world, &home).await;
    // Another key that says it is the registered credential of that member.
    let mut foreign = Authenticator::new(ORIGIN);
    let options = world.call(home.ask(Method::POST, "/api/v1/passkeys/register/start")).await;
    foreign.create(&options.json::<PasskeyRegistration>().options);
    assert_eq!(sign_in(&world, &mut foreign).await.code(), Code::SignInFailed, "never registered");
    foreign.credential = authenticator.credential.clone();
    assert_eq!(sign_in(&world, &mut foreign).await.code(), Code::SignInFailed, "the wrong key");
    // A clone's counter is behind.
    sign_in(&world, &mut authenticator).await.ok();
    authenticator.rewind();
    assert_eq!(sign_in(&world, &mut authenticator).await.code(), Code::SignInFailed);
}

#[tokio::test]
async fn a_body_with_a_prf_result_is_refused_at_every_door() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let (mut authenticator, _) = register(&world, &home).await;
    let challenge = start(&world).await;
    let mut assertion = authenticator.get(&challenge.options);
    assertion["clientExtensionResults"] = json!({ "prf": { "results": { "first": "AAAA" } } });
    assert_eq!(finish(&world, &challenge.login, assertion).await.code(), Code::PrfResultRefused);
    let body = json!({ "some": [{ "prf": { "results": { "first": "AAAA" } } }] });
    let mut walked = 0;
    for route in eaves_vault::web::routes::routes() {
        use eaves_vault::web::routes::Bound;
        if !route.path.starts_with("/api/") || !matches!(route.body, Bound::Small | Bound::Json) {
            continue;
        }
        let path = crate::doors::fill(&route, &"0".repeat(32));
        let answer = world.call(home.ask(route.method.clone(), &path).json(&body)).await;
        assert_eq!(answer.code(), Code::PrfResultRefused, "{} {}", route.method, route.path);
        walked += 1;
    }
    assert!(walked > 20, "{walked}");
}

#[tokio::test]
async fn passkeys_are_said_to_be_there_only_where_the_vault_has_that_name() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let state: State = world.call(Ask::app(Method::GET, "/api/v1/state")).await.json();
    assert_eq!(state.passkeys, Passkeys::Available);
    let by_address = |method, path: &str| Ask::at("127.0.0.1:8080", method, path).cookie(&home.cookie);
    let state: State = world.call(by_address(Method::GET, "/api/v1/state")).await.json();
    assert_eq!(state.passkeys, Passkeys::NeedsAName);
    for path in ["/api/v1/passkeys/login/start", "/api/v1/passkeys/register/start"] {
        assert_eq!(world.call(by_address(Method::POST, path)).await.code(), Code::NeedsAName, "{path}");
    }
}

#[tokio::test]
async fn the_last_ways_in_stay() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let remove = async |path: &str| world.call(home.ask(Method::DELETE, path)).await;
    assert_eq!(remove("/api/v1/ways-in/password").await.code(), Code::LastWayIn, "no passkey opens yet");
    assert_eq!(remove("/api/v1/ways-in/kit").await.code(), Code::LastWayIn, "no other second step");
    let (mut authenticator, _) = register(&world, &home).await;
    let passkey = format!("/api/v1/passkeys/{}", hex::encode(&authenticator.credential));
    remove("/api/v1/ways-in/password").await.ok();
    assert!(home.login(&world, &home.password).await.is_none(), "it is gone");
    assert_eq!(remove(&passkey).await.code(), Code::LastWayIn);
    assert_eq!(remove("/api/v1/ways-in/kit").await.code(), Code::LastWayIn);
    assert_eq!(remove("/api/v1/ways-in/password").await.code(), Code::NotFound);
    sign_in(&world, &mut authenticator).await.ok();
    home.set_password(&world, "a newer password").await.ok();
    remove(&passkey).await.ok();
    assert_eq!(sign_in(&world, &mut authenticator).await.code(), Code::SignInFailed);
}
