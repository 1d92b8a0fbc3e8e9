//! Claiming the box.

use crate::home::Home;
use crate::world::{Ask, World};
use axum::http::Method;
use eaves_api::app::{ClaimHub, RosterChain, State};
use eaves_api::problem::Code;
use eaves_domain::claim::HubIntroduction;
use eaves_domain::envelope::Envelope;

async fn state(world: &World, cookie: &str) -> State {
    world.call(Ask::app(Method::GET, "/api/v1/state").cookie(cookie)).await.json()
}

#[tokio::test]
async fn a_paired_hub_is_claimed_once_and_its_owner_is_signed_in() {
    let world = World::new().await;
    let mut home = Home::new(&world);
    assert!(!state(&world, "").await.claimable);
    home.pair(&world).await.ok();
    assert!(state(&world, "").await.claimable);
    let ask = Ask::app(Method::POST, "/api/v1/claim/hub").json(&ClaimHub { token: home.claim_token() });
    let introduction: HubIntroduction = world.call(ask).await.json();
    assert!(home.code.verifies_introduction(&introduction));
    let again = home.claim_finish(&world).await;
    home.claim(&world).await.ok();
    let now = state(&world, &home.cookie).await;
    assert!(now.claimed && !now.claimable);
    assert_eq!(now.signed_in.unwrap().member, home.member);
    assert!(state(&world, "").await.signed_in.is_none());
    let second = world.call(Ask::app(Method::POST, "/api/v1/claim/finish").json(&again)).await;
    assert_eq!(second.code(), Code::AlreadyClaimed);
    home.pair(&world).await.ok();
    assert!(!state(&world, "").await.claimable, "another hub may wait, for an owner who is in");
}

#[tokio::test]
async fn a_wrong_or_old_code_claims_nothing_and_guessing_is_slowed() {
    let world = World::new().await;
    let home = Home::new(&world);
    home.pair(&world).await.ok();
    let guess =
        |token: [u8; 32]| Ask::app(Method::POST, "/api/v1/claim/hub").json(&ClaimHub { token: token.to_vec().into() });
    assert_eq!(world.call(guess([1; 32])).await.code(), Code::ClaimRefused);
    let mut refusals = 0;
    for i in 0..100 {
        refusals += u32::from(world.call(guess([i; 32])).await.code() == Code::TooManyAttempts);
    }
    assert!(refusals > 30, "{refusals}");
    world.pass(601);
    assert_eq!(world.call(guess(home.code.vault_token())).await.code(), Code::ClaimRefused, "ten minutes are over");
}

#[tokio::test]
async fn a_first_roster_that_names_another_hub_or_is_signed_by_a_stranger_is_refused() {
    let world = World::new().await;
    let home = Home::new(&world);
    home.pair(&world).await.ok();
    let good = home.claim_finish(&world).await;
    let mut roster = home.roster.clone();
    roster.hubs[0].signing_key = eaves_domain::envelope::PublicKey::of(&home.kit);
    let wrong_hub = Envelope::sign(&roster, &home.signing);
    let stranger = Envelope::sign(&home.roster, &home.kit);
    for envelope in [wrong_hub, stranger] {
        let mut finish = good.clone();
        finish.roster = envelope;
        let answer = world.call(Ask::app(Method::POST, "/api/v1/claim/finish").json(&finish)).await;
        assert_eq!(answer.code(), Code::DocumentRefused);
    }
    world.call(Ask::app(Method::POST, "/api/v1/claim/finish").json(&good)).await.ok();
}

#[tokio::test]
async fn a_hub_that_waited_unclaimed_is_its_households_hub_with_the_same_session() {
    let world = World::new().await;
    let mut home = Home::new(&world);
    home.pair(&world).await.ok();
    home.connect_hub(&world).await;
    let rosters = || home.hub_ask(Method::GET, "/hub/v1/roster?from=1");
    assert_eq!(world.call(rosters()).await.code(), Code::NotAllowed);
    let ask = rosters();
    home.claim(&world).await.ok();
    let chain: RosterChain = world.call(ask).await.json();
    assert_eq!(chain.rosters, home.rosters);
    assert!(chain.key_wraps.is_empty());
}

#[tokio::test]
async fn nobody_pairs_without_the_secret() {
    let world = World::new().await;
    let home = Home::new(&world);
    for ask in [Ask::bare(Method::POST, "/hub/v1/pairing"), Ask::bare(Method::POST, "/hub/v1/pairing").bearer("guess")]
    {
        assert_eq!(world.call(ask.json(&home.introduction())).await.code(), Code::NotAllowed);
    }
}
