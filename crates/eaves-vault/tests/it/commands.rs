//! Commands, and what they do.

use crate::home::{Home, random};
use crate::world::World;
use axum::http::{Method, StatusCode};
use eaves_api::app::{ChainEntry, CommandOutcome, CommandState, Links};
use eaves_api::problem::Code;
use eaves_domain::command::{Action, EraseTarget};
use eaves_domain::envelope::Envelope;
use eaves_domain::{Digest, MemberId};

async fn post(world: &World, home: &Home, envelope: &Envelope) -> crate::world::Answer {
    world.call(home.ask(Method::POST, "/api/v1/commands").json(envelope)).await
}

#[tokio::test]
async fn an_erasure_destroys_keys_at_once_then_bytes_and_shows_whose_wish_it_was() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    let recording = home.record(&world, 1_000).await;
    home.record(&world, 1_000).await;
    let (id, envelope) = home.erase_all(&world);
    let answer = post(&world, &home, &envelope).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    let state: CommandState = answer.json();
    assert_eq!(state.keys_destroyed, 2);
    for what in ["headers", "parts/media"] {
        let path = format!("/api/v1/recordings/{recording}/{what}");
        assert_eq!(world.call(home.ask(Method::GET, &path)).await.code(), Code::Erased);
    }
    let path = format!("/api/v1/devices/{}/links?fromIndex=0", home.device);
    let links: Links = world.call(home.ask(Method::GET, &path)).await.json();
    assert!(links.links.iter().all(|l| matches!(l, ChainEntry::Erased { command, .. } if *command == envelope)));
    let cancel = tokio_util::sync::CancellationToken::new();
    let (vault, cancelled) = (world.vault.clone(), cancel.clone());
    let background = tokio::spawn(async move { vault.run_background(cancelled).await });
    loop {
        let state: CommandState = world.call(home.ask(Method::GET, &format!("/api/v1/commands/{id}"))).await.json();
        if state.outcome.is_some() {
            assert_eq!(state.bytes_gone, 2);
            assert!(matches!(state.outcome, Some(CommandOutcome::Done { .. })));
            break;
        }
        tokio::task::yield_now().await;
    }
    cancel.cancel();
    background.await.unwrap();
    home.put_body(&world, recording, b"again").await.ok();
    let path = format!("/api/v1/recordings/{recording}/parts/media");
    assert_eq!(world.call(home.ask(Method::GET, &path)).await.code(), Code::Erased, "it does not come back");
}

#[tokio::test]
async fn an_erasure_that_was_accepted_and_interrupted_is_carried_out_by_the_next_start() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    let recording = home.record(&world, 1_000).await;
    let (id, envelope) = home.erase_all(&world);
    // Accepted, and killed before the first key was destroyed.
    world.vault.store().add_command(home.household, id, &envelope, world.now()).await.unwrap();
    let world = world.restart().await;
    let path = format!("/api/v1/recordings/{recording}/headers");
    world.call(home.ask(Method::GET, &path)).await.ok();
    let cancel = tokio_util::sync::CancellationToken::new();
    let (vault, cancelled) = (world.vault.clone(), cancel.clone());
    let background = tokio::spawn(async move { vault.run_background(cancelled).await });
    loop {
        let state: CommandState = world.call(home.ask(Method::GET, &format!("/api/v1/commands/{id}"))).await.json();
        if state.outcome.is_some() {
            assert_eq!((state.keys_destroyed, state.bytes_gone), (1, 1));
            break;
        }
        tokio::task::yield_now().await;
    }
    cancel.cancel();
    background.await.unwrap();
    assert_eq!(world.call(home.ask(Method::GET, &path)).await.code(), Code::Erased);
}

#[tokio::test]
async fn a_command_is_obeyed_once_in_time_and_only_from_who_signed_it() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    home.record(&world, 10).await;
    let (_, good) = home.erase_all(&world);
    let erase = |world: &World| {
        let target = EraseTarget { recording: home.links[0].0, link: Digest::of(b"another link") };
        home.command(world, Action::Erase { device: home.device, targets: vec![target] })
    };
    let stranger = Envelope::sign(&erase(&world), &home.kit);
    assert_eq!(post(&world, &home, &stranger).await.code(), Code::DocumentRefused);
    let mut other = erase(&world);
    other.member = MemberId(random());
    assert_eq!(post(&world, &home, &Envelope::sign(&other, &home.signing)).await.code(), Code::NotAllowed);
    let mut foreign = erase(&world);
    foreign.household = eaves_domain::HouseholdId(random());
    assert_eq!(post(&world, &home, &Envelope::sign(&foreign, &home.signing)).await.code(), Code::DocumentRefused);
    let stale = Envelope::sign(&erase(&world), &home.signing);
    let state: CommandState = post(&world, &home, &Envelope::sign(&erase(&world), &home.signing)).await.json();
    assert_eq!(state.keys_destroyed, 0, "the wish named another link");
    world.pass(601);
    assert_eq!(post(&world, &home, &stale).await.code(), Code::OutOfTime);
    assert_eq!(post(&world, &home, &good).await.code(), Code::OutOfTime);
    let (_, again) = home.erase_all(&world);
    post(&world, &home, &again).await.ok();
    assert_eq!(post(&world, &home, &again).await.code(), Code::Conflict, "a replay");
}

#[tokio::test]
async fn a_probe_needs_a_hub_that_is_there() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let request = vec![1; 300].into();
    let probe = Action::Probe { hub: home.hub, request, reply_to: "age1pq1member".to_owned() };
    let envelope = Envelope::sign(&home.command(&world, probe), &home.signing);
    assert_eq!(post(&world, &home, &envelope).await.code(), Code::HubAway);
}
