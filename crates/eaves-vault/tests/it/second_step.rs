//! The password's second step, and what may leave the vault before it.

use crate::home::Home;
use crate::signing::{question, signed_in};
use crate::world::{Answer, Ask, ORIGIN, World};
use crate::{passkeys, world};
use axum::http::{Method, StatusCode};
use eaves_api::app::*;
use eaves_api::problem::Code;
use ed25519_dalek::Signer as _;

pub(crate) async fn second(world: &World, step: &SecondStep, proof: SecondProof) -> Answer {
    let answer = SecondAnswer { login: step.login.clone(), proof };
    world.call(Ask::app(Method::POST, "/api/v1/login/second").json(&answer)).await
}

fn code_at(world: &World, secret: &str, steps: i64) -> String {
    let bytes = world::base32(secret);
    let totp = totp_rs::Builder::new().with_secret(bytes).with_algorithm(totp_rs::Algorithm::SHA1).build_noncompliant();
    let seconds = u64::try_from(world.now().as_us() / 1_000_000 + 30 * steps).unwrap();
    format!("{}", totp.generate(seconds))
}

/// Sets up an authenticator app; its secret.
pub(crate) async fn set_up_totp(world: &World, home: &Home) -> String {
    let made: TotpSecret = world.call(home.ask(Method::POST, "/api/v1/totp/start")).await.json();
    let confirm = TotpConfirm { code: code_at(world, &made.secret, 0) };
    world.call(home.ask(Method::PUT, "/api/v1/totp").json(&confirm)).await.ok();
    made.secret
}

/// A right password on a browser that nobody knows: a question, no cookie, and no wrapped secret in any form.
async fn asked(world: &World, home: &Home) -> SecondStep {
    let answer = home.login_with(world, &home.password, None).await.unwrap();
    assert!(answer.headers.get("set-cookie").is_none());
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(!text.contains("wrapped") && !text.contains("ciphertext"), "{text}");
    for secret in home.wrapped() {
        assert!(!text.contains(&secret.ciphertext.to_text()));
    }
    question(&answer)
}

fn opens_the_password(answer: &Answer) {
    assert_eq!(signed_in(answer).wrapped.unwrap().way, Way::Password);
}

#[tokio::test]
async fn a_password_alone_gets_a_question_and_nothing_else() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let step = asked(&world, &home).await;
    assert_eq!(step.offers, [Offer::Approval, Offer::Kit]);
    let ask = Ask::app(Method::GET, "/api/v1/roster").cookie(&format!("eaves={}", step.login.to_text()));
    assert_eq!(world.call(ask).await.code(), Code::SignedOut, "the question is no session");
    // A known device has answered it before.
    opens_the_password(&home.login(&world, &home.password).await.unwrap());
}

#[tokio::test]
async fn an_authenticator_app_is_a_second_step_and_each_of_its_codes_is_good_once() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let secret = set_up_totp(&world, &home).await;
    let step = asked(&world, &home).await;
    let used = SecondProof::Totp { code: code_at(&world, &secret, 0) };
    assert_eq!(second(&world, &step, used).await.code(), Code::SignInFailed, "used up when it was set up");
    let next = SecondProof::Totp { code: code_at(&world, &secret, 1) };
    opens_the_password(&second(&world, &step, next.clone()).await);
    let step = asked(&world, &home).await;
    assert_eq!(second(&world, &step, next.clone()).await.code(), Code::SignInFailed, "replayed");
    world.pass(60);
    let world = world.restart().await;
    let step = asked(&world, &home).await;
    assert_eq!(second(&world, &step, next).await.code(), Code::SignInFailed, "replayed after a restart");
    let fresh = SecondProof::Totp { code: code_at(&world, &secret, 0) };
    opens_the_password(&second(&world, &step, fresh).await);
}

#[tokio::test]
async fn a_new_authenticator_app_counts_only_when_it_has_shown_a_code() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let secret = set_up_totp(&world, &home).await;
    let other: TotpSecret = world.call(home.ask(Method::POST, "/api/v1/totp/start")).await.json();
    let wrong = TotpConfirm { code: "000000".to_owned() };
    let answer = world.call(home.ask(Method::PUT, "/api/v1/totp").json(&wrong)).await;
    assert_eq!(answer.code(), Code::SignInFailed);
    world.pass(60);
    let step = asked(&world, &home).await;
    let unconfirmed = SecondProof::Totp { code: code_at(&world, &other.secret, 0) };
    assert_eq!(second(&world, &step, unconfirmed).await.code(), Code::SignInFailed);
    let first = SecondProof::Totp { code: code_at(&world, &secret, 0) };
    opens_the_password(&second(&world, &step, first).await);
    world.call(home.ask(Method::DELETE, "/api/v1/totp")).await.ok();
    assert!(!asked(&world, &home).await.offers.contains(&Offer::Totp));
}

#[tokio::test]
async fn a_recovery_code_is_good_once_and_a_new_set_ends_the_old_one() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let make = async || -> RecoveryCodes { world.call(home.ask(Method::POST, "/api/v1/recovery-codes")).await.json() };
    let (old, codes) = (make().await, make().await);
    assert_eq!(codes.codes.len(), 8);
    let proof = |code: &str| SecondProof::RecoveryCode { code: code.to_lowercase().replace('-', " ") };
    let step = asked(&world, &home).await;
    assert_eq!(second(&world, &step, proof(&old.codes[0])).await.code(), Code::SignInFailed);
    opens_the_password(&second(&world, &step, proof(&codes.codes[0])).await);
    let step = asked(&world, &home).await;
    assert_eq!(second(&world, &step, proof(&codes.codes[0])).await.code(), Code::SignInFailed, "used");
    let ways: WaysIn = world.call(home.ask(Method::GET, "/api/v1/ways-in")).await.json();
    assert_eq!(ways.recovery_codes, 7);
}

#[tokio::test]
async fn the_kit_is_a_second_step_over_its_own_challenge() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let sign = |step: &SecondStep| {
        let message = [b"eaves/kit-login/v1\0".as_slice(), &step.challenge.0].concat();
        SecondProof::Kit { signature: home.kit.sign(&message).to_bytes().to_vec().into() }
    };
    let (first, other) = (asked(&world, &home).await, asked(&world, &home).await);
    assert_eq!(second(&world, &first, sign(&other)).await.code(), Code::SignInFailed);
    let answer = second(&world, &first, sign(&first)).await;
    opens_the_password(&answer);
    assert_eq!(signed_in(&answer).session.powers_from_us, None, "password and kit are no recovery");
}

#[tokio::test]
async fn a_passkey_is_a_second_step_for_its_own_member_and_once() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let (mut authenticator, _) = passkeys::register(&world, &home).await;
    let step = asked(&world, &home).await;
    let options = step.passkey.clone().unwrap();
    let assertion = authenticator.get(&options);
    opens_the_password(&second(&world, &step, SecondProof::Passkey { assertion: assertion.clone() }).await);
    let step = asked(&world, &home).await;
    let replayed = second(&world, &step, SecondProof::Passkey { assertion }).await;
    assert_eq!(replayed.code(), Code::SignInFailed);
    let mut stranger = crate::authenticator::Authenticator::new(ORIGIN);
    let step = asked(&world, &home).await;
    let assertion = stranger.get(step.passkey.as_ref().unwrap());
    let foreign = second(&world, &step, SecondProof::Passkey { assertion }).await;
    assert_eq!(foreign.code(), Code::SignInFailed);
}

#[tokio::test]
async fn another_device_lets_in_who_shows_the_number_that_it_picks() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let step = asked(&world, &home).await;
    let start = ApprovalStart { login: step.login.clone() };
    let number: ApprovalNumber = world.call(Ask::app(Method::POST, "/api/v1/login/approval").json(&start)).await.json();
    let waiting: Approvals = world.call(home.ask(Method::GET, "/api/v1/approvals")).await.json();
    let [ask] = waiting.approvals.as_slice() else { panic!("{waiting:?}") };
    assert_eq!(ask.numbers.iter().filter(|n| **n == number.number).count(), 1);
    let path = format!("/api/v1/approvals/{}", ask.approval);
    let (poll, ()) = tokio::join!(second(&world, &step, SecondProof::Approval), async {
        let right = ApprovalAnswer { number: number.number.clone() };
        world.call(home.ask(Method::POST, &path).json(&right)).await.ok();
    });
    opens_the_password(&poll);
    assert_eq!(world.call(home.ask(Method::DELETE, &path)).await.code(), Code::NotFound, "answered already");
    let again = second(&world, &step, SecondProof::Approval).await;
    assert_eq!(again.code(), Code::SignInFailed, "and used up");
}

#[tokio::test]
async fn a_wrong_number_or_a_no_ends_that_sign_in_and_is_told() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    for is_no in [true, false] {
        let step = asked(&world, &home).await;
        let start = ApprovalStart { login: step.login.clone() };
        let number: ApprovalNumber =
            world.call(Ask::app(Method::POST, "/api/v1/login/approval").json(&start)).await.json();
        let waiting: Approvals = world.call(home.ask(Method::GET, "/api/v1/approvals")).await.json();
        let ask = &waiting.approvals[0];
        let path = format!("/api/v1/approvals/{}", ask.approval);
        if is_no {
            world.call(home.ask(Method::DELETE, &path)).await.ok();
        } else {
            let wrong = ask.numbers.iter().find(|n| **n != number.number).unwrap().clone();
            world.call(home.ask(Method::POST, &path).json(&ApprovalAnswer { number: wrong })).await.ok();
        }
        assert_eq!(second(&world, &step, SecondProof::Approval).await.code(), Code::SignInFailed);
    }
    let told: Notices = world.call(home.ask(Method::GET, "/api/v1/notices")).await.json();
    assert_eq!(told.notices.iter().filter(|n| n.kind == NoticeKind::ApprovalDenied).count(), 2);
}

#[tokio::test]
async fn a_few_wrong_second_proofs_end_the_sign_in_and_guessing_on_is_slowed_and_told() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    set_up_totp(&world, &home).await;
    let guess = || SecondProof::Totp { code: "000000".to_owned() };
    let step = asked(&world, &home).await;
    for _ in 0..5 {
        assert_eq!(second(&world, &step, guess()).await.code(), Code::SignInFailed);
    }
    let step = asked(&world, &home).await;
    assert_eq!(second(&world, &step, guess()).await.code(), Code::TooManyAttempts);
    let world = world.restart().await;
    let step = asked(&world, &home).await;
    assert_eq!(second(&world, &step, guess()).await.code(), Code::TooManyAttempts, "a restart forgives nothing");
    let told: Notices = world.call(home.ask(Method::GET, "/api/v1/notices")).await.json();
    assert!(told.notices.iter().any(|n| n.kind == NoticeKind::SecondStepFailed));
}

#[tokio::test]
async fn what_was_not_offered_is_not_taken_and_a_question_ends_after_five_minutes() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let step = asked(&world, &home).await;
    for proof in [SecondProof::Wait, SecondProof::Totp { code: "000000".to_owned() }] {
        assert_eq!(second(&world, &step, proof).await.code(), Code::InvalidRequest);
    }
    world.pass(301);
    let late = SecondProof::Kit { signature: vec![0; 64].into() };
    assert_eq!(second(&world, &step, late).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_second_factor_that_is_switched_on_ends_what_was_signed_in_before_it() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let step = asked(&world, &home).await;
    let message = [b"eaves/kit-login/v1\0".as_slice(), &step.challenge.0].concat();
    let proof = SecondProof::Kit { signature: home.kit.sign(&message).to_bytes().to_vec().into() };
    let other = second(&world, &step, proof).await.cookie();
    set_up_totp(&world, &home).await;
    let ask = |cookie: &str| Ask::app(Method::GET, "/api/v1/roster").cookie(cookie);
    assert_eq!(world.call(ask(&other)).await.code(), Code::SignedOut);
    assert_eq!(world.call(ask(&home.cookie)).await.status, StatusCode::OK);
}
