//! Known devices: from which sign-in on, for whom, and until when.

use crate::home::{Home, random};
use crate::world::{Ask, World};
use axum::http::Method;
use eaves_api::app::Sessions;
use eaves_domain::MemberId;

/// The device's cookie among those that a browser holds.
fn device_cookie(cookies: &str) -> Option<&str> {
    cookies.split("; ").find(|pair| pair.starts_with("eaves-device="))
}

async fn devices(world: &World, home: &Home) -> usize {
    world.vault.store().known_devices(home.household, home.member).await.unwrap().len()
}

#[tokio::test]
async fn a_completed_sign_in_makes_a_browser_known_and_the_next_one_there_does_not_change_that() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    assert_eq!(devices(&world, &home).await, 1, "the browser of the claim");
    home.cookie = String::new();
    let first = home.login(&world, &home.password).await.unwrap().ok();
    let set = first.set_cookies().into_iter().find(|cookie| cookie.starts_with("eaves-device=")).unwrap();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict") && set.contains("Max-Age=31536000"), "{set}");
    assert_eq!(devices(&world, &home).await, 2);
    home.cookie = device_cookie(&first.cookie()).unwrap().to_owned();
    let again = home.login(&world, &home.password).await.unwrap().ok();
    assert_eq!(device_cookie(&again.cookie()), None);
    assert_eq!(devices(&world, &home).await, 2);
    // A secret that is wrong makes a stranger.
    let (name, _) = home.cookie.rsplit_once('.').unwrap();
    home.cookie = format!("{name}.{}", eaves_domain::Base64Url(random::<32>().to_vec()).to_text());
    assert!(device_cookie(&home.login(&world, &home.password).await.unwrap().ok().cookie()).is_some());
    assert_eq!(devices(&world, &home).await, 3);
}

#[tokio::test]
async fn signing_out_keeps_the_device_known_unless_it_shall_be_forgotten() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    world.call(home.ask(Method::POST, "/api/v1/logout")).await.ok();
    assert_eq!(devices(&world, &home).await, 1);
    home.cookie = device_cookie(&home.cookie).unwrap().to_owned();
    let again = home.login(&world, &home.password).await.unwrap().ok();
    home.cookie = format!("{}; {}", home.cookie, again.cookie());
    let out = world.call(home.ask(Method::POST, "/api/v1/logout?forget=true")).await.ok();
    assert!(
        out.set_cookies().iter().any(|cookie| cookie.starts_with("eaves-device=;") && cookie.contains("Max-Age=0"))
    );
    assert_eq!(devices(&world, &home).await, 0);
}

#[tokio::test]
async fn a_session_that_is_ended_from_elsewhere_takes_its_device_with_it() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    let own = home.cookie.clone();
    home.cookie = String::new();
    let other = home.login(&world, &home.password).await.unwrap().ok().cookie();
    home.cookie = own;
    let list: Sessions = world.call(Ask::app(Method::GET, "/api/v1/sessions").cookie(&other)).await.json();
    let id = &list.sessions.iter().find(|session| session.this).unwrap().session;
    world.call(home.ask(Method::DELETE, &format!("/api/v1/sessions/{id}"))).await.ok();
    assert_eq!(devices(&world, &home).await, 1);
    // An older session of the same browser goes alone.
    let again = home.login(&world, &home.password).await.unwrap().ok();
    let device = device_cookie(&home.cookie).unwrap();
    let newer = format!("{device}; {}", again.cookie());
    let list: Sessions = world.call(Ask::app(Method::GET, "/api/v1/sessions").cookie(&newer)).await.json();
    let id = &list.sessions.iter().find(|session| !session.this).unwrap().session;
    world.call(Ask::app(Method::DELETE, &format!("/api/v1/sessions/{id}")).cookie(&newer)).await.ok();
    assert_eq!(devices(&world, &home).await, 1);
}

#[tokio::test]
async fn ending_all_others_a_new_password_and_leaving_forget_devices() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    let own = home.cookie.clone();
    let elsewhere = async |home: &mut Home| {
        home.cookie = String::new();
        home.login(&world, &home.password).await.unwrap().ok();
        home.cookie = own.clone();
    };
    elsewhere(&mut home).await;
    world.call(home.ask(Method::POST, "/api/v1/sessions/end-others")).await.ok();
    assert_eq!(devices(&world, &home).await, 1);
    elsewhere(&mut home).await;
    home.change_password(&world, "a newer password").await;
    assert_eq!(devices(&world, &home).await, 1);
    let still = world.vault.store().known_devices(home.household, home.member).await.unwrap();
    assert!(
        still[0].device
            == world.vault.store().sessions(home.household, home.member).await.unwrap()[0].device.clone().unwrap()
    );
    home.put_roster(&world, |roster| {
        let new = MemberId(random());
        roster.members[0].member = new;
        roster.rooms[0].audience = vec![new];
    })
    .await;
    assert_eq!(devices(&world, &home).await, 0);
}

#[tokio::test]
async fn a_device_is_forgotten_after_a_year_without_use_and_its_cookie_says_nothing_any_more() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    home.cookie = device_cookie(&home.cookie).unwrap().to_owned();
    world.pass(365 * 24 * 3_600);
    assert!(device_cookie(&home.login(&world, &home.password).await.unwrap().ok().cookie()).is_some());
}

#[tokio::test]
async fn the_cookie_of_another_account_counts_as_none_and_is_replaced() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    let store = world.vault.store();
    let cookie = eaves_vault::auth::known_device::DeviceCookie::of_random(random(), random());
    let known = eaves_vault::auth::known_device::KnownDevice {
        device: cookie.device(),
        household: home.household,
        member: MemberId(random()),
        secret_hash: cookie.secret_hash(),
        client: String::new(),
        made: world.now(),
        used: world.now(),
    };
    store.add_known_device(&known).await.unwrap();
    home.cookie = cookie.cookie(false).split(';').next().unwrap().to_owned();
    let answer = home.login(&world, &home.password).await.unwrap().ok();
    assert!(device_cookie(&answer.cookie()).is_some());
    assert_eq!(store.known_device(&known.device).await.unwrap(), None);
    assert_eq!(devices(&world, &home).await, 2);
}

#[tokio::test]
async fn a_member_has_a_bounded_number_of_known_devices_and_the_longest_unused_goes_first() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let store = world.vault.store();
    let first = store.known_devices(home.household, home.member).await.unwrap().remove(0).device;
    for n in 0..80_u8 {
        let cookie = eaves_vault::auth::known_device::DeviceCookie::of_random([n; 16], random());
        let known = eaves_vault::auth::known_device::KnownDevice {
            device: cookie.device(),
            household: home.household,
            member: home.member,
            secret_hash: cookie.secret_hash(),
            client: String::new(),
            made: world.now(),
            used: world.now().plus_us(i64::from(n) + 1),
        };
        store.add_known_device(&known).await.unwrap();
    }
    let kept = store.known_devices(home.household, home.member).await.unwrap();
    assert_eq!(kept.len(), eaves_vault::auth::known_device::DEVICES_MAX);
    assert!(kept.iter().all(|known| known.device != first));
}
