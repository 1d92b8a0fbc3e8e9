//! Step-up: what a session may not do when its last proof is old.

use crate::doors::fill;
use crate::home::Home;
use crate::passkeys;
use crate::world::{Ask, World};
use axum::http::{Method, StatusCode};
use eaves_api::app::*;
use eaves_api::problem::Code;
use eaves_domain::Days;
use eaves_domain::retention::Lifetimes;
use eaves_vault::web::routes::{Strong, routes};
use ed25519_dalek::Signer as _;

#[tokio::test]
async fn every_route_that_needs_a_fresh_proof_refuses_a_stale_session() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    world.pass(601);
    let mut walked = Vec::new();
    for route in routes().into_iter().filter(|route| route.strong == Strong::Yes) {
        let path = fill(&route, &"0".repeat(32));
        let answer = world.call(home.ask(route.method.clone(), &path).bytes(b"{}")).await;
        assert_eq!(answer.code(), Code::StepUpNeeded, "{} {}", route.method, route.path);
        walked.push(route.path);
    }
    for needed in [
        "/passkeys/register",
        "/passkeys/{credential}",
        "/totp",
        "/recovery-codes",
        "/ways-in/password",
        "/ways-in/kit",
    ] {
        assert!(walked.iter().any(|path| path.contains(needed)), "{needed}");
    }
    // And not before it is stale.
    let cookie = home.login(&world, &home.password).await.unwrap().cookie();
    let fresh = world.call(Ask::app(Method::POST, "/api/v1/totp/start").cookie(&cookie)).await;
    assert_eq!(fresh.status, StatusCode::OK);
}

#[tokio::test]
async fn password_kit_and_passkey_step_up_and_nothing_else_does() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let (mut authenticator, _) = passkeys::register(&world, &home).await;
    let try_it = async || world.call(home.ask(Method::POST, "/api/v1/totp/start")).await;
    let start = async |start: &StepUpStart| -> StepUpChallenge {
        world.call(home.ask(Method::POST, "/api/v1/step-up/start").json(start)).await.json()
    };
    let finish =
        async |finish: StepUpFinish| world.call(home.ask(Method::POST, "/api/v1/step-up/finish").json(&finish)).await;
    let empty = |step_up| StepUpFinish { step_up, ke3: None, assertion: None, signature: None };

    // Password.
    world.pass(601);
    let (ke1, proof) = home.opaque_login(&home.password);
    let StepUpChallenge::Password { step_up, ke2, .. } = start(&StepUpStart::Password { ke1 }).await else { panic!() };
    let ke3 = proof(&ke2.0).unwrap();
    let forged = StepUpFinish { ke3: Some(vec![0; 64].into()), ..empty(step_up.clone()) };
    assert_eq!(finish(forged).await.code(), Code::SignInFailed);
    let used = StepUpFinish { ke3: Some(ke3), ..empty(step_up) };
    assert_eq!(finish(used).await.code(), Code::SignInFailed, "used up");
    assert_eq!(try_it().await.code(), Code::StepUpNeeded);
    let (ke1, proof) = home.opaque_login(&home.password);
    let StepUpChallenge::Password { step_up, ke2, .. } = start(&StepUpStart::Password { ke1 }).await else { panic!() };
    let ke3 = proof(&ke2.0).unwrap();
    let powers: Powers = finish(StepUpFinish { ke3: Some(ke3), ..empty(step_up) }).await.json();
    assert_eq!(powers.strong_until_us, world.now().plus_us(600_000_000));
    try_it().await.ok();

    // Passkey.
    world.pass(601);
    let StepUpChallenge::Passkey { step_up, options } = start(&StepUpStart::Passkey).await else { panic!() };
    let assertion = authenticator.get(&options);
    finish(StepUpFinish { assertion: Some(assertion.clone()), ..empty(step_up) }).await.ok();
    try_it().await.ok();
    world.pass(601);
    let StepUpChallenge::Passkey { step_up, .. } = start(&StepUpStart::Passkey).await else { panic!() };
    let replayed = finish(StepUpFinish { assertion: Some(assertion), ..empty(step_up) }).await;
    assert_eq!(replayed.code(), Code::SignInFailed);

    // Kit.
    let StepUpChallenge::Kit { step_up, challenge } = start(&StepUpStart::Kit).await else { panic!() };
    let message = [b"eaves/kit-login/v1\0".as_slice(), &challenge.0].concat();
    let signature = home.kit.sign(&message).to_bytes().to_vec().into();
    finish(StepUpFinish { signature: Some(signature), ..empty(step_up) }).await.ok();
    try_it().await.ok();

    // A step-up belongs to the session that started it.
    let other = home.login(&world, &home.password).await.unwrap().cookie();
    world.pass(601);
    let StepUpChallenge::Kit { step_up, challenge } = start(&StepUpStart::Kit).await else { panic!() };
    let message = [b"eaves/kit-login/v1\0".as_slice(), &challenge.0].concat();
    let signature = home.kit.sign(&message).to_bytes().to_vec().into();
    let stolen = StepUpFinish { signature: Some(signature), ..empty(step_up) };
    let answer = world.call(Ask::app(Method::POST, "/api/v1/step-up/finish").cookie(&other).json(&stolen)).await;
    assert_eq!(answer.code(), Code::SignInFailed);
}

#[tokio::test]
async fn a_roster_that_loosens_needs_a_fresh_proof_and_one_that_tightens_does_not() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    world.pass(601);
    let shorter = Lifetimes { continuous_days: Days::new(1).unwrap(), ..Lifetimes::default() };
    home.put_roster(&world, |roster| roster.rooms[0].lifetimes = shorter).await;
    home.put_roster(&world, |roster| roster.devices[0].label = vec![1; 70].into()).await;
    let (_, longer) = home.next_roster(&world, |roster| roster.rooms[0].lifetimes = Lifetimes::default());
    let update = RosterUpdate { roster: longer, key_wraps: vec![], hub: None };
    let answer = world.call(home.ask(Method::PUT, "/api/v1/roster").json(&update)).await;
    assert_eq!(answer.code(), Code::StepUpNeeded);
}
