//! The chain of rosters.

use crate::home::{Home, random};
use crate::world::World;
use axum::http::{Method, StatusCode};
use eaves_api::app::{RosterChain, RosterUpdate};
use eaves_api::problem::Code;
use eaves_domain::MemberId;
use eaves_domain::envelope::Envelope;
use eaves_domain::roster::KeyWrap;

async fn put(world: &World, home: &Home, roster: Envelope, key_wraps: Vec<KeyWrap>) -> crate::world::Answer {
    world.call(home.ask(Method::PUT, "/api/v1/roster").json(&RosterUpdate { roster, key_wraps, hub: None })).await
}

#[tokio::test]
async fn an_owner_continues_the_chain_and_everybody_reads_it() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    home.put_roster(&world, |_| {}).await;
    home.put_roster(&world, |_| {}).await;
    let chain: RosterChain = world.call(home.ask(Method::GET, "/api/v1/roster?from=1")).await.json();
    assert_eq!(chain.rosters, home.rosters);
    assert_eq!(chain.key_wraps.len(), 2);
    let later: RosterChain = world.call(home.ask(Method::GET, "/api/v1/roster?from=3")).await.json();
    assert_eq!(later.rosters, home.rosters[2..]);
    let hubs: RosterChain = world.call(home.hub_ask(Method::GET, "/hub/v1/roster?from=2")).await.json();
    assert_eq!(hubs.rosters, home.rosters[1..]);
    assert!(hubs.key_wraps.is_empty(), "a hub is given no identity");
}

#[tokio::test]
async fn a_roster_that_does_not_follow_or_is_not_an_owners_is_refused() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    let (next, good) = home.next_roster(&world, |_| {});
    let (_, skipped) = home.next_roster(&world, |r| r.version = 3);
    let (_, forked) = home.next_roster(&world, |r| r.previous = None);
    assert_eq!(put(&world, &home, skipped, vec![]).await.code(), Code::Conflict);
    assert_eq!(put(&world, &home, forked, vec![]).await.code(), Code::Conflict);
    let stranger = Envelope::sign(&next, &home.kit);
    assert_eq!(put(&world, &home, stranger, vec![]).await.code(), Code::DocumentRefused);
    let (_, nobody) = home.next_roster(&world, |r| r.rooms[0].audience = vec![MemberId(random())]);
    assert_eq!(put(&world, &home, nobody, vec![]).await.code(), Code::DocumentRefused);
    let foreign = KeyWrap { scope: eaves_domain::ScopeId(random()), ..home.wraps()[0].clone() };
    assert_eq!(put(&world, &home, good.clone(), vec![foreign]).await.code(), Code::InvalidRequest);
    put(&world, &home, good.clone(), vec![]).await.ok();
    assert_eq!(put(&world, &home, good, vec![]).await.code(), Code::Conflict, "rolled back");
    home.roster = next;
}

#[tokio::test]
async fn of_two_rosters_for_the_same_place_one_wins() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let (_, one) = home.next_roster(&world, |r| r.label = vec![1; 64].into());
    let (_, two) = home.next_roster(&world, |r| r.label = vec![2; 64].into());
    let (a, b) = tokio::join!(put(&world, &home, one, vec![]), put(&world, &home, two, vec![]));
    let mut both = [a.status, b.status];
    both.sort();
    assert_eq!(both, [StatusCode::NO_CONTENT, StatusCode::CONFLICT]);
}

#[tokio::test]
async fn a_member_who_left_the_roster_is_signed_out() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    let old = home.member;
    home.put_roster(&world, |roster| {
        let new = MemberId(random());
        roster.members[0].member = new;
        roster.rooms[0].audience = vec![new];
        (roster.epoch, roster.recipient) = (2, "age1pq1household2".to_owned());
        (roster.rooms[0].epoch, roster.rooms[0].recipient) = (2, "age1pq1room2".to_owned());
    })
    .await;
    assert_ne!(home.roster.members[0].member, old);
    assert_eq!(world.call(home.ask(Method::GET, "/api/v1/roster")).await.code(), Code::SignedOut);
    assert!(home.login(&world, &home.password).await.is_none(), "the account is gone: as for a name that nobody has");
}

#[tokio::test]
async fn a_hub_that_left_the_roster_is_nobody() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    home.put_roster(&world, |roster| {
        roster.hubs.clear();
        roster.devices.clear();
    })
    .await;
    assert_eq!(world.call(home.hub_ask(Method::GET, "/hub/v1/roster")).await.code(), Code::SignedOut);
}
