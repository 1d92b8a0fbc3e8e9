//! The table of routes, walked: who is let in, and what every answer carries.

use crate::home::Home;
use crate::world::{Ask, World};
use axum::http::{Method, StatusCode};
use eaves_api::problem::Code;
use eaves_vault::auth::throttle::Counter;
use eaves_vault::web::routes::{Bound, Limiter, Route, Who, routes};

const ID: &str = "00112233445566778899aabbccddeeff";

pub(crate) fn fill(route: &Route, id: &str) -> String {
    let path = route.path.replace("{part}", "media");
    let Some((before, rest)) = path.split_once('{') else { return path };
    let (_, after) = rest.split_once('}').unwrap();
    format!("{before}{id}{after}")
}

fn is_changing(route: &Route) -> bool {
    route.path.starts_with("/api/") && route.method != Method::GET
}

#[tokio::test]
async fn every_change_from_the_app_is_refused_when_it_does_not_come_from_the_app() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let mut walked = 0;
    for route in routes().iter().filter(|route| is_changing(route)) {
        let ask = || Ask::bare(route.method.clone(), &fill(route, ID)).cookie(&home.cookie);
        let foreign = [
            ask(),
            ask().header("x-eaves", "1"),
            ask().header("origin", "http://vault.test"),
            ask().header("origin", "http://evil.test").header("x-eaves", "1"),
            ask().header("origin", "null").header("x-eaves", "1"),
            ask().header("origin", "http://vault.test").header("x-eaves", "1").header("sec-fetch-site", "cross-site"),
        ];
        for ask in foreign {
            assert_eq!(world.call(ask).await.code(), Code::CrossSite, "{} {}", route.method, route.path);
            walked += 1;
        }
        let own = world.call(ask().header("origin", "http://vault.test").header("x-eaves", "1")).await;
        assert_ne!(own.status, StatusCode::FORBIDDEN, "{}", route.path);
    }
    assert!(walked > 60);
}

#[tokio::test]
async fn every_live_socket_asks_for_the_own_origin() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let path = format!("/api/v1/live/{}", home.device);
    let ask = Ask::bare(Method::GET, &path).cookie(&home.cookie).header("origin", "https://evil.test");
    assert_eq!(world.call(ask).await.code(), Code::CrossSite);
}

#[tokio::test]
async fn no_route_that_needs_somebody_answers_nobody() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    for route in routes() {
        let ask = || Ask::app(route.method.clone(), &fill(&route, ID));
        let refused = match route.who {
            Who::Session | Who::Owner | Who::Newcomer => {
                vec![ask(), ask().cookie("eaves=wrong"), ask().bearer(&home.token)]
            }
            Who::Hub => vec![ask(), ask().bearer("wrong"), ask().cookie(&home.cookie)],
            Who::PairingSecret => vec![ask(), ask().bearer("wrong"), ask().bearer(&home.token)],
            Who::Anybody | Who::ClaimToken | Who::InviteToken | Who::Attempt | Who::SignedByHub => vec![],
        };
        for ask in refused {
            let answer = world.call(ask).await;
            let code = if route.who == Who::PairingSecret { Code::NotAllowed } else { Code::SignedOut };
            assert_eq!(answer.code(), code, "{} {}", route.method, route.path);
        }
    }
}

#[test]
fn every_door_that_can_be_guessed_at_is_limited() {
    for route in routes() {
        match route.who {
            Who::ClaimToken | Who::InviteToken => assert_eq!(route.limiter, Limiter::Network, "{}", route.path),
            Who::Anybody if route.method != Method::GET => {
                assert_eq!(route.limiter, Limiter::SignIn, "{}", route.path);
            }
            // What a start was charged for is finished without another charge, once.
            Who::Attempt if route.path.ends_with("/finish") => {}
            Who::Attempt => assert_eq!(route.limiter, Limiter::SecondStep, "{}", route.path),
            _ if route.path.ends_with("/step-up/start") => assert_eq!(route.limiter, Limiter::SecondStep),
            _ => {}
        }
    }
}

/// A body that is well-formed, so that the answer is about who asks and not about what was sent.
async fn well_formed(world: &World, home: &Home, route: &Route) -> serde_json::Value {
    let handle = &home.handle;
    match route.path {
        "/api/v1/claim/hub" | "/api/v1/hubs/waiting" => serde_json::json!({ "token": home.claim_token() }),
        "/api/v1/claim/register" => {
            let (registration_request, _) = crate::signing::registration("a password");
            serde_json::json!({ "token": home.claim_token(), "handle": handle, "registrationRequest": registration_request })
        }
        "/api/v1/claim/finish" => serde_json::to_value(home.claim_finish(world).await).unwrap(),
        "/api/v1/login/start" => {
            serde_json::json!({ "handle": handle, "ke1": eaves_domain::Base64Url(home.ke1()) })
        }
        "/api/v1/login/kit/start" => serde_json::json!({ "handle": handle }),
        path if path.starts_with("/api/v1/join/") => crate::people::uninvited(path),
        _ => serde_json::json!({}),
    }
}

#[tokio::test]
async fn every_limited_route_is_charged_and_refuses_a_network_that_failed_too_often() {
    let (claimed, unclaimed) = (World::new().await, World::new().await);
    let settled = Home::settled(&claimed).await;
    let paired = Home::new(&unclaimed);
    paired.pair(&unclaimed).await.ok();
    let network = [Counter::Network(Some("198.51.100.7".parse().unwrap()))];
    let mut walked = 0;
    // Second steps need a right first one; they are walked where they are tested.
    for route in routes().iter().filter(|r| matches!(r.limiter, Limiter::SignIn | Limiter::Network)) {
        let (world, home) = if route.who == Who::ClaimToken { (&unclaimed, &paired) } else { (&claimed, &settled) };
        let body = well_formed(world, home, route).await;
        let ask = || {
            let ask = Ask::app(route.method.clone(), route.path);
            let is_inside = matches!(route.who, Who::Session | Who::Owner);
            if is_inside { ask.cookie(&home.cookie).json(&body) } else { ask.json(&body) }
        };
        let is_charged = |answer: &crate::world::Answer| answer.status != StatusCode::INTERNAL_SERVER_ERROR;
        while world.vault.store().charge(&network, world.now()).await.unwrap().is_ok() {}
        assert_eq!(world.call(ask().from("198.51.100.200")).await.code(), Code::TooManyAttempts, "{}", route.path);
        // Last, because a claim can be finished once.
        assert!(is_charged(&world.call(ask().from("203.0.113.9")).await), "{}", route.path);
        walked += 1;
    }
    assert!(walked >= 5);
}

#[tokio::test]
async fn no_body_is_taken_beyond_its_bound() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    for route in routes().iter().filter(|route| matches!(route.body, Bound::Small | Bound::Json)) {
        let body = vec![b' '; route.body.bytes() + 1];
        let ask = Ask::app(route.method.clone(), &fill(route, ID)).cookie(&home.cookie).bytes(&body);
        let token = if route.who == Who::PairingSecret { crate::world::PAIRING_SECRET } else { &home.token };
        let answer = world.call(ask.bearer(token)).await;
        assert_eq!(answer.code(), Code::TooLarge, "{} {}", route.method, route.path);
    }
}

#[tokio::test]
async fn every_answer_is_hardened_and_nothing_of_a_household_is_cached() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    for path in ["/", "/cameras/1", "/api/v1/state", "/api/v1/roster", "/api/v1/nothing", "/assets/none.js"] {
        let answer = world.call(home.ask(Method::GET, path)).await;
        let csp = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(csp.starts_with("default-src 'none';") && csp.contains("require-trusted-types-for 'script'"));
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["referrer-policy"], "no-referrer");
        assert_eq!(answer.headers["cross-origin-opener-policy"], "same-origin");
        if path.starts_with("/api/") {
            assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
        }
    }
}

#[tokio::test]
async fn the_app_is_served_and_nothing_beside_it() {
    let world = World::new().await;
    for path in ["/", "/cameras/abc", "/settings"] {
        let answer = world.call(Ask::bare(Method::GET, path)).await.ok();
        assert!(answer.body.ends_with(b"the app</title>"), "{path}");
        assert_eq!(answer.headers["cache-control"], "no-cache");
    }
    let script = world.call(Ask::bare(Method::GET, "/assets/main-1a2b.js")).await.ok();
    assert_eq!(script.headers["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(script.headers["content-type"], "text/javascript; charset=utf-8");
    let tag = script.headers["etag"].to_str().unwrap();
    let again = world.call(Ask::bare(Method::GET, "/assets/main-1a2b.js").header("if-none-match", tag)).await;
    assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
    for path in
        ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "//secret.txt", "/a/../../secret.txt"]
    {
        let answer = world.call(Ask::bare(Method::GET, path)).await;
        assert!(!answer.body.windows(7).any(|w| w == b"not the"), "{path}");
    }
}

#[tokio::test]
async fn no_answer_echoes_what_was_sent() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    for route in routes() {
        let ask = Ask::app(route.method.clone(), &fill(&route, "Nursery")).cookie(&home.cookie).bearer(&home.token);
        let answer = world.call(ask.bytes(b"{\"Nursery\": 1}")).await;
        assert!(!answer.status.is_server_error(), "{} {}", route.method, route.path);
        assert!(!answer.body.windows(7).any(|w| w == b"Nursery"), "{} {}", route.method, route.path);
    }
}
