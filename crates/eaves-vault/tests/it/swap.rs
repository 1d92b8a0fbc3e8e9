//! Two households in one vault: none reaches anything of the other, by any id on any route.

use crate::home::Home;
use crate::signing::question;
use crate::world::{Answer, Ask, World};
use crate::{passkeys, second_step};
use axum::http::{Method, StatusCode};
use eaves_api::app::{ApprovalAnswer, ApprovalStart, Approvals, CommandOutcome, PasskeyChange, SecondProof, Sessions};
use eaves_api::problem::Code;
use eaves_domain::envelope::Envelope;
use eaves_vault::web::routes::{Who, routes};

/// A second household. A vault at home takes one claim, so for that moment the first is set aside; everything else goes
/// through the doors.
async fn second(world: &World) -> Home {
    let file = world.folder.path().join("data/vault.db");
    let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    let run = async |sql: &'static str| {
        sqlx::query(sql).execute(&pool).await.unwrap();
    };
    run("CREATE TABLE aside AS SELECT * FROM household").await;
    run("DELETE FROM household").await;
    let home = Home::settled(world).await;
    run("INSERT INTO household SELECT * FROM aside").await;
    run("DROP TABLE aside").await;
    pool.close().await;
    home
}

struct Full {
    home: Home,
    session: String,
    recording: String,
    command: String,
    invite: String,
    passkey: String,
    approval: String,
}

async fn full(world: &World, mut home: Home) -> Full {
    home.record(world, 1_000).await;
    let (command, envelope) = home.erase_all(world);
    world.call(home.ask(Method::POST, "/api/v1/commands").json(&envelope)).await.ok();
    let recording = home.record(world, 1_000).await.to_hex();
    let sessions: Sessions = world.call(home.ask(Method::GET, "/api/v1/sessions")).await.json();
    let session = sessions.sessions.iter().find(|s| s.this).unwrap().session.clone();
    let (authenticator, _) = passkeys::register(world, &home).await;
    // Somebody asks to be let in, and somebody waits with nothing but the kit.
    let step = question(&home.login_with(world, &home.password, None).await.unwrap());
    let start = ApprovalStart { login: step.login };
    world.call(Ask::app(Method::POST, "/api/v1/login/approval").json(&start)).await.ok();
    let asked: Approvals = world.call(home.ask(Method::GET, "/api/v1/approvals")).await.json();
    let step = question(&home.kit_login_with(world, &home.kit, None).await);
    second_step::second(world, &step, SecondProof::Wait).await.ok();
    let (passkey, approval) = (hex::encode(&authenticator.credential), asked.approvals[0].approval.clone());
    let invite = crate::people::invite(world, &home).await.to_hex();
    Full { home, session, recording, command: command.to_hex(), invite, passkey, approval }
}

impl Full {
    fn fill(&self, path: &str) -> String {
        let path = path.replace("{part}", "media").replace("{device}", &self.home.device.to_hex());
        let path = path.replace("{recording}", &self.recording).replace("{session}", &self.session);
        let path = path.replace("{command}", &self.command).replace("{invite}", &self.invite);
        let path = path.replace("{credential}", &self.passkey);
        let path = path.replace("{approval}", &self.approval).replace("{member}", &self.home.member.to_hex());
        if path.ends_with("/links") { format!("{path}?fromIndex=0") } else { path }
    }

    fn secrets(&self) -> Vec<String> {
        let home = &self.home;
        vec![
            home.household.to_hex(),
            home.member.to_hex(),
            home.room.to_hex(),
            home.rosters[0].payload.to_text(),
            home.links[1].1.to_hex(),
            self.invite.clone(),
        ]
    }
}

fn reveals(answer: &Answer, secrets: &[String]) -> bool {
    let text = String::from_utf8_lossy(&answer.body);
    secrets.iter().any(|secret| text.contains(secret))
}

#[tokio::test]
async fn swapped_ids_open_nothing_on_any_route() {
    let world = World::new().await;
    let first = Home::settled(&world).await;
    let b = second(&world).await;
    let (a, b) = (full(&world, first).await, full(&world, b).await);
    let mut walked = 0;
    // The log's tiles are anybody's, and say whose an entry is to nobody.
    for route in routes().iter().filter(|route| route.path.contains('{') && route.who != Who::Anybody) {
        let ask = |of: &Full| {
            let path = of.fill(route.path);
            let ask = match route.who {
                Who::Hub => a.home.hub_ask(route.method.clone(), &path),
                _ => a.home.ask(route.method.clone(), &path),
            };
            if route.path.ends_with("/result") {
                ask.json(&CommandOutcome::Refused { reason: "failed".to_owned() })
            } else if route.path.contains("{approval}") && route.method == Method::POST {
                ask.json(&ApprovalAnswer { number: "none of them".to_owned() })
            } else if route.path.contains("{credential}") && route.method == Method::PUT {
                ask.json(&PasskeyChange { label: None, wrapped: None })
            } else {
                ask.bytes(if route.method == Method::PUT { b"body" } else { b"" })
            }
        };
        let theirs = world.call(ask(&b)).await;
        assert!(!reveals(&theirs, &b.secrets()), "{} {}", route.method, route.path);
        let is_harmless = match route.path {
            // What an unknown device's chain looks like to any hub: empty.
            "/hub/v1/devices/{device}/head" => theirs.body.starts_with(b"{\"head\":{\"nextIndex\":0,"),
            // Stored as a body of the asker's own household, that no link of theirs will name.
            "/hub/v1/recordings/{recording}/parts/{part}" => theirs.status == StatusCode::NO_CONTENT,
            _ => matches!(theirs.code(), Code::NotFound | Code::NotAllowed),
        };
        assert!(is_harmless, "{} {} {}", route.method, route.path, theirs.status);
        // What ends the own session or was answered a moment ago has no second time.
        let is_over = route.path == "/api/v1/sessions/{session}"
            || (route.path.contains("{approval}") && route.method == Method::DELETE);
        if !is_over {
            let own = world.call(ask(&a)).await;
            let is_own = own.status.is_success() || (route.is_socket && own.code() == Code::InvalidRequest);
            assert!(is_own, "{} {} {}", route.method, route.path, own.status);
        }
        walked += 1;
    }
    assert!(walked >= 10, "{walked}");

    // B is untouched by all of that.
    for path in
        ["/api/v1/devices/{device}/links", "/api/v1/recordings/{recording}/headers", "/api/v1/commands/{command}"]
    {
        world.call(b.home.ask(Method::GET, &b.fill(path))).await.ok();
    }
    let part = world.call(b.home.ask(Method::GET, &b.fill("/api/v1/recordings/{recording}/parts/media"))).await;
    assert_eq!(part.body.len(), 1_000);
    let command = world.call(b.home.ask(Method::GET, &b.fill("/api/v1/commands/{command}"))).await;
    assert!(!String::from_utf8_lossy(&command.body).contains("refused"));
}

#[tokio::test]
async fn lists_and_documents_of_one_household_never_reach_the_other() {
    let world = World::new().await;
    let first = Home::settled(&world).await;
    let b = second(&world).await;
    let (a, b) = (full(&world, first).await, full(&world, b).await);
    for route in
        routes().iter().filter(|r| r.method == Method::GET && !r.path.contains('{') && r.path != "/api/v1/events")
    {
        let ask = match route.who {
            Who::Hub => a.home.hub_ask(Method::GET, route.path),
            _ => a.home.ask(Method::GET, route.path),
        };
        assert!(!reveals(&world.call(ask).await, &b.secrets()), "{}", route.path);
    }
    // A's session with B's documents.
    let (_, roster) = b.home.next_roster(&world, |_| {});
    let update = eaves_api::app::RosterUpdate { roster, key_wraps: vec![], hub: None };
    let answer = world.call(a.home.ask(Method::PUT, "/api/v1/roster").json(&update)).await;
    assert_eq!(answer.code(), Code::DocumentRefused);
    let (_, erase) = b.home.erase_all(&world);
    let answer = world.call(a.home.ask(Method::POST, "/api/v1/commands").json(&erase)).await;
    assert_eq!(answer.code(), Code::NotAllowed);
    // A's wish that names B's recordings, signed by A.
    let mut wish: eaves_domain::command::Command = erase.peek().unwrap();
    (wish.household, wish.member) = (a.home.household, a.home.member);
    let answer = world.call(a.home.ask(Method::POST, "/api/v1/commands").json(&Envelope::sign(&wish, &a.home.signing)));
    let _ = answer.await;
    world.call(b.home.ask(Method::GET, &b.fill("/api/v1/recordings/{recording}/headers"))).await.ok();
    // A's hub with B's link.
    let (_, link) = b.home.next_link(&world, b"x");
    let answer = world.call(a.home.hub_ask(Method::POST, "/hub/v1/links").json(&link)).await;
    assert_eq!(answer.code(), Code::DocumentRefused);
}
