//! What hubs bring and members fetch.

use crate::home::{Home, random};
use crate::world::World;
use axum::http::{Method, StatusCode};
use eaves_api::app::{ChainEntry, Headers, Links, Storage};
use eaves_api::hub::{Head, LinkUpload};
use eaves_api::problem::Code;
use eaves_domain::RecordingId;
use eaves_domain::envelope::Envelope;
use eaves_domain::link::{Link, LinkKind};

async fn post(world: &World, home: &Home, upload: &LinkUpload) -> crate::world::Answer {
    world.call(home.hub_ask(Method::POST, "/hub/v1/links").json(upload)).await
}

#[tokio::test]
async fn what_was_recorded_is_found_and_served_whole_and_in_ranges() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    let recording = home.record(&world, 100_000).await;
    world.pass(10);
    home.record(&world, 10).await;
    let path = format!("/api/v1/devices/{}/links", home.device);
    let links: Links = world.call(home.ask(Method::GET, &format!("{path}?fromIndex=0"))).await.json();
    assert_eq!((links.links.len(), links.head, links.more), (2, home.head, false));
    let first: Links = world.call(home.ask(Method::GET, &format!("{path}?fromIndex=0&limit=1"))).await.json();
    assert_eq!((first.links.len(), first.more), (1, true));
    let until = crate::world::START - 1;
    let by_time = format!("{path}?fromUs=0&toUs={until}");
    let early: Links = world.call(home.ask(Method::GET, &by_time)).await.json();
    assert_eq!(early.links.len(), 1);
    let bad = world.call(home.ask(Method::GET, &path)).await;
    assert_eq!(bad.code(), Code::InvalidRequest);

    let headers: Headers =
        world.call(home.ask(Method::GET, &format!("/api/v1/recordings/{recording}/headers"))).await.json();
    assert_eq!(headers.media.0.len(), 64);
    let part = format!("/api/v1/recordings/{recording}/parts/media");
    let body = &home.links[0].2;
    let whole = world.call(home.ask(Method::GET, &part)).await.ok();
    assert_eq!(whole.body, body);
    assert_eq!(whole.headers["accept-ranges"], "bytes");
    let some = world.call(home.ask(Method::GET, &part).header("range", "bytes=65552-70000")).await;
    assert_eq!(some.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(some.headers["content-range"], "bytes 65552-70000/100000");
    assert_eq!(some.body, body[65_552..=70_000]);
    let none = world.call(home.ask(Method::GET, &part).header("range", "bytes=100000-")).await;
    assert_eq!(none.code(), Code::BadRange);
    assert_eq!(none.headers["content-range"], "bytes */100000");
    let absent = world.call(home.ask(Method::GET, &part.replace("media", "card"))).await;
    assert_eq!(absent.code(), Code::NotFound);
    let storage: Storage = world.call(home.ask(Method::GET, "/api/v1/storage")).await.json();
    assert_eq!(storage.recordings, 2);
    assert!(storage.used_bytes >= 100_010 && storage.free_bytes > 0);
}

#[tokio::test]
async fn a_link_without_its_bodies_or_with_others_is_refused() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let (link, upload) = home.next_link(&world, b"the body");
    assert_eq!(post(&world, &home, &upload).await.code(), Code::DocumentRefused);
    home.put_body(&world, link.recording().unwrap(), b"the bodY").await.ok();
    assert_eq!(post(&world, &home, &upload).await.code(), Code::DocumentRefused);
    home.put_body(&world, link.recording().unwrap(), b"the body").await.ok();
    let mut other = upload.clone();
    other.headers = Some(Headers { media: vec![1; 64].into(), card: None, poster: None });
    assert_eq!(post(&world, &home, &other).await.code(), Code::DocumentRefused);
    post(&world, &home, &upload).await.ok();
    post(&world, &home, &upload).await.ok();
    home.put_body(&world, link.recording().unwrap(), b"another!").await.ok();
    let path = format!("/api/v1/recordings/{}/parts/media", link.recording().unwrap());
    assert_eq!(world.call(home.ask(Method::GET, &path)).await.body, b"the body".as_slice(), "nothing is overwritten");
}

#[tokio::test]
async fn a_link_out_of_place_is_answered_with_where_the_chain_ends() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    let (mut link, _) = home.next_link(&world, b"");
    home.record(&world, 10).await;
    link.kind = LinkKind::Gap { cause: eaves_domain::link::GapCause::HubStopped };
    let upload = LinkUpload { link: Envelope::sign(&link, &home.hub_signing), headers: None };
    let answer = post(&world, &home, &upload).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let head: Head = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(head.head, home.head);
    let path = format!("/hub/v1/devices/{}/head", home.device);
    let head: Head = world.call(home.hub_ask(Method::GET, &path)).await.json();
    assert_eq!(head.head, home.head);
}

#[tokio::test]
async fn a_link_by_a_stranger_or_for_a_device_that_is_not_the_hubs_is_refused() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let (link, good) = home.next_link(&world, b"body");
    home.put_body(&world, link.recording().unwrap(), b"body").await.ok();
    let forged = LinkUpload { link: Envelope::sign(&link, &home.kit), ..good.clone() };
    assert_eq!(post(&world, &home, &forged).await.code(), Code::DocumentRefused);
    let change = |change: fn(&mut Link)| {
        let mut link = link.clone();
        change(&mut link);
        LinkUpload { link: Envelope::sign(&link, &home.hub_signing), ..good.clone() }
    };
    for upload in [
        change(|link| link.device = eaves_domain::DeviceId(random())),
        change(|link| link.household = eaves_domain::HouseholdId(random())),
        change(|link| link.hub = eaves_domain::HubId(random())),
    ] {
        assert_eq!(post(&world, &home, &upload).await.code(), Code::NotAllowed);
    }
    post(&world, &home, &good).await.ok();
}

#[tokio::test]
async fn who_is_not_in_the_audience_finds_nothing() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    let recording = home.record(&world, 10).await;
    home.put_roster(&world, |roster| roster.rooms[0].audience.clear()).await;
    for path in [
        format!("/api/v1/devices/{}/links?fromIndex=0", home.device),
        format!("/api/v1/recordings/{recording}/headers"),
        format!("/api/v1/recordings/{recording}/parts/media"),
        format!("/api/v1/recordings/{}/headers", RecordingId(random())),
    ] {
        assert_eq!(world.call(home.ask(Method::GET, &path)).await.code(), Code::NotFound, "{path}");
    }
}

#[tokio::test]
async fn what_a_removed_camera_left_is_still_there_for_an_owner_and_still_arrives() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    home.record(&world, 10).await;
    let (link, late) = home.next_link(&world, b"late");
    home.put_roster(&world, |roster| roster.devices.clear()).await;
    home.put_body(&world, link.recording().unwrap(), b"late").await.ok();
    post(&world, &home, &late).await.ok();
    let path = format!("/api/v1/devices/{}/links?fromIndex=0", home.device);
    let links: Links = world.call(home.ask(Method::GET, &path)).await.json();
    assert_eq!(links.links.len(), 2);
}

#[tokio::test]
async fn what_is_past_its_time_expires_and_says_so() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    let recording = home.record(&world, 10).await;
    let cancel = tokio_util::sync::CancellationToken::new();
    let (vault, cancelled) = (world.vault.clone(), cancel.clone());
    world.pass(4 * 86_400);
    let background = tokio::spawn(async move { vault.run_background(cancelled).await });
    home.cookie = home.login(&world, &home.password).await.unwrap().ok().cookie();
    let path = format!("/api/v1/devices/{}/links?fromIndex=0", home.device);
    loop {
        let links: Links = world.call(home.ask(Method::GET, &path)).await.json();
        if matches!(links.links[0], ChainEntry::Expired { .. }) {
            break;
        }
        tokio::task::yield_now().await;
    }
    let headers = format!("/api/v1/recordings/{recording}/headers");
    assert_eq!(world.call(home.ask(Method::GET, &headers)).await.code(), Code::Erased);
    cancel.cancel();
    background.await.unwrap();
}
