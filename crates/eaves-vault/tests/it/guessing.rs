//! Guessing, from one place and from many: what it costs, whom it slows, and whom it does not.

use crate::home::{Home, random};
use crate::world::{Ask, World};
use axum::http::Method;
use eaves_api::app::State;
use eaves_api::problem::{Code, Problem, ProofOfWork};
use eaves_domain::Base64Url;
use eaves_vault::auth::spray::NAMES_MAX;
use eaves_vault::auth::throttle::{FAILURES_FREE, FAILURES_MAX, NETWORK_MAX};
use eaves_vault::auth::work::zero_bits;

/// An address in a network of its own.
fn address(n: usize) -> String {
    format!("10.{}.{}.7", n / 256 % 256, n % 256)
}

fn name() -> Base64Url {
    random::<32>().to_vec().into()
}

async fn is_guarded(world: &World) -> bool {
    world.call(Ask::app(Method::GET, "/api/v1/state")).await.json::<State>().guarded
}

/// Many names from many places, once each, until somebody notices.
async fn spray(world: &World, home: &Home) -> ProofOfWork {
    for n in 0..NAMES_MAX {
        home.stranger().from(&address(n)).start(world, &name()).await.ok();
    }
    assert!(!is_guarded(world).await);
    let asked = home.stranger().from("10.255.255.7").start(world, &name()).await;
    assert!(is_guarded(world).await);
    assert_eq!((asked.code(), asked.status.as_u16()), (Code::ProofOfWorkNeeded, 428));
    let problem: Problem = serde_json::from_slice(&asked.body).unwrap();
    problem.proof_of_work.unwrap()
}

fn solve(work: &ProofOfWork) -> String {
    let nonce = (0..u64::MAX).find(|nonce| zero_bits(&work.challenge.0, *nonce) >= u32::from(work.bits)).unwrap();
    format!("{}.{nonce}", work.challenge.to_text())
}

#[tokio::test]
async fn guessing_is_charged_when_it_starts_survives_a_restart_and_waits_grow() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    for _ in 0..FAILURES_FREE {
        home.stranger().start(&world, &home.handle).await.ok();
    }
    let refused = home.stranger().start(&world, &home.handle).await;
    assert_eq!(refused.code(), Code::TooManyAttempts);
    assert_eq!(refused.headers["retry-after"], "30");
    let world = world.restart().await;
    assert_eq!(home.stranger().login(&world).await.code(), Code::TooManyAttempts);
    home.kit_login(&world, &home.kit).await.ok();
    home.stranger().login(&world).await.ok();
}

#[tokio::test]
async fn a_hundred_guesses_close_the_password_to_strangers_and_never_to_the_owners_own_browser() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    for n in 0..FAILURES_MAX {
        world.pass(7_200);
        home.stranger().from(&address(n as usize)).start(&world, &home.handle).await.ok();
        if n % 10 == 0 {
            home.login(&world, &home.password).await.unwrap().ok();
        }
    }
    world.pass(7_200);
    let world = world.restart().await;
    let closed = home.stranger().login(&world).await;
    assert_eq!((closed.code(), closed.headers.get("retry-after")), (Code::TooManyAttempts, None));
    world.pass(30 * 86_400);
    assert_eq!(home.stranger().login(&world).await.code(), Code::TooManyAttempts, "waiting does not open it");
    home.login(&world, &home.password).await.unwrap().ok();
    home.kit_login(&world, &home.kit).await.ok();
    home.stranger().login(&world).await.ok();
}

#[tokio::test]
async fn a_known_device_with_ten_failures_is_a_strangers_for_an_hour() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    for _ in 0..10 {
        home.login_start(&world, "mistyped").await.0.ok();
    }
    for _ in 0..FAILURES_FREE {
        home.login_start(&world, "mistyped").await.0.ok();
    }
    assert_eq!(home.login_start(&world, "mistyped").await.0.code(), Code::TooManyAttempts);
    world.pass(3_600);
    home.login(&world, &home.password).await.unwrap().ok();
    home.login(&world, &home.password).await.unwrap().ok();
}

#[tokio::test]
async fn one_network_is_slowed_and_another_is_not() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let mut taken = 0;
    for n in 0..200 {
        // Neighbours share a network.
        let from = format!("198.51.100.{n}");
        // Slowly enough that no other alarm is raised.
        if n % 30 == 29 {
            world.pass(60);
        }
        taken += u64::from(home.stranger().from(&from).start(&world, &name()).await.status.is_success());
    }
    assert!((NETWORK_MAX..NETWORK_MAX + 15).contains(&taken), "{taken}");
    assert_eq!(home.stranger().from("198.51.100.9").login(&world).await.code(), Code::TooManyAttempts);
    home.stranger().from("203.0.113.9").login(&world).await.ok();
    home.login(&world, &home.password).await.unwrap().ok();
}

#[tokio::test]
async fn spraying_is_noticed_and_then_strangers_bring_work_and_known_devices_do_not() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let solved = solve(&spray(&world, &home).await);
    assert_eq!(home.stranger().login(&world).await.code(), Code::ProofOfWorkNeeded);
    home.login(&world, &home.password).await.unwrap().ok();
    home.stranger().with_work(&solved).login(&world).await.ok();
    assert_eq!(home.stranger().with_work(&solved).login(&world).await.code(), Code::ProofOfWorkNeeded, "used");
    let world = world.restart().await;
    assert!(is_guarded(&world).await, "a restart changes nothing");
    let asked = home.stranger().login(&world).await;
    let problem: Problem = serde_json::from_slice(&asked.body).unwrap();
    home.stranger().with_work(&solve(&problem.proof_of_work.unwrap())).login(&world).await.ok();
    world.pass(600);
    assert!(!is_guarded(&world).await);
    home.stranger().login(&world).await.ok();
}

#[tokio::test]
async fn work_that_is_asked_for_names_no_one_and_charges_no_one() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    spray(&world, &home).await;
    let lengths: Vec<_> = {
        let mut all = Vec::new();
        for handle in [home.handle.clone(), name()] {
            all.push(home.stranger().start(&world, &handle).await.body.len());
        }
        all
    };
    assert_eq!(lengths[0], lengths[1]);
    for _ in 0..200 {
        assert_eq!(home.stranger().start(&world, &home.handle).await.code(), Code::ProofOfWorkNeeded);
    }
    world.pass(600);
    home.stranger().login(&world).await.ok();
}
