//! The log, as the household sees it: what acts write down, in which order, and what happens without a log.

use crate::home::Home;
use crate::world::{Answer, Ask, World};
use axum::http::{Method, StatusCode};
use eaves_api::app::*;
use eaves_api::problem::Code;
use eaves_domain::command::{Action, Scope};
use eaves_domain::envelope::Envelope;
use eaves_domain::link::PartKind;
use eaves_domain::retention::Class;
use eaves_domain::roster::Role;
use eaves_domain::{Days, MemberId, Timestamp};
use eaves_tlog::details::{Change, Details, Refusal, SessionEnd, Setting, WayIn, What, Who};
use eaves_tlog::monitor::{Memory, Monitor, Visit, Visited};
use eaves_tlog::note::{Note, VerifierKey};
use eaves_tlog::proof::{Policy, Proof};
use std::os::unix::fs::PermissionsExt as _;

const HOUR_US: i64 = 3_600_000_000;

/// A page of the log.
pub(crate) async fn page(world: &World, cookie: &str, query: &str) -> LogPage {
    world.call(Ask::app(Method::GET, &format!("/api/v1/log?{query}")).cookie(cookie)).await.json()
}

pub(crate) fn policy(page: &LogPage) -> Policy {
    Policy { log: VerifierKey::parse(&page.key).unwrap(), witnesses: vec![], quorum: 0 }
}

/// Visits the log as an honest app does, and verifies everything.
async fn visit(world: &World, home: &Home, memory: Option<&Memory>) -> Visited {
    let (size, from) = memory.map_or((0, 0), |memory| (memory.size, memory.head.next_sequence));
    let page = page(world, &home.cookie, &format!("size={size}&from={from}")).await;
    let monitor = Monitor { policy: policy(&page), household: home.household, details_kept_us: HOUR_US };
    let note = Note::parse(page.checkpoint.as_bytes()).unwrap();
    let shown = Visit { checkpoint: &note, consistency: &page.consistency, shown: &page.entries };
    monitor.visit(memory, &shown, world.now()).unwrap()
}

/// Everything that the household reads in its log, by who and what; all of it proved.
pub(crate) async fn told(world: &World, home: &Home) -> Vec<Details> {
    let visited = visit(world, home, None).await;
    assert_eq!(visited.alarms, []);
    visited.reading.entries.into_iter().map(|read| read.details.unwrap()).collect()
}

/// What was written down since.
async fn since(world: &World, home: &Home, before: &[Details]) -> Vec<Details> {
    told(world, home).await.split_off(before.len())
}

fn by(member: MemberId, what: What) -> Details {
    Details { who: Who::Member { member }, what }
}

#[tokio::test]
async fn a_household_s_chain_begins_with_the_claim_and_says_who_is_in() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let (member, digest) = (home.member, home.rosters[0].payload_digest());
    let days = |class, days| What::RuleChanged { room: home.room, class, days, version: 1 };
    let expected = [
        What::RosterChanged { version: 1, roster: digest },
        What::MemberChanged { member, change: Change::Added },
        What::HubChanged { hub: home.hub, change: Change::Added },
        What::DeviceChanged { device: home.device, room: home.room, change: Change::Added },
        days(Class::Continuous, 3),
        days(Class::Event, 14),
        What::BrowserChanged { member, change: Change::Added },
        What::SignedIn { way: WayIn::Claim, known_browser: false },
    ];
    assert_eq!(told(&world, &home).await, expected.map(|what| by(member, what)));
}

#[tokio::test]
async fn sign_ins_and_the_ends_of_sessions_are_written_down() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let before = told(&world, &home).await;
    let known = home.login(&world, &home.password).await.unwrap().cookie();
    let elsewhere: Sessions = world.call(home.ask(Method::GET, "/api/v1/sessions")).await.json();
    let other = elsewhere.sessions.iter().find(|session| !session.this).unwrap().session.clone();
    world.call(home.ask(Method::DELETE, &format!("/api/v1/sessions/{other}"))).await.ok();
    assert_eq!(world.call(home.ask(Method::DELETE, &format!("/api/v1/sessions/{other}"))).await.code(), Code::NotFound);
    world.call(home.ask(Method::POST, "/api/v1/sessions/end-others")).await.ok();
    let new = since(&world, &home, &before).await;
    assert_eq!(
        new,
        [
            What::SignedIn { way: WayIn::Password, known_browser: true },
            What::SessionEnded { why: SessionEnd::Elsewhere },
        ]
        .map(|what| by(home.member, what)),
        "what ended nothing says nothing"
    );
    drop(known);
}

#[tokio::test]
async fn a_wrong_second_step_after_a_right_password_is_written_down_as_a_stranger_s() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let before = told(&world, &home).await;
    let step = crate::signing::question(&home.login_with(&world, &home.password, None).await.unwrap());
    let wrong = SecondProof::Kit { signature: vec![0; 64].into() };
    assert_eq!(crate::second_step::second(&world, &step, wrong).await.code(), Code::SignInFailed);
    let why =
        What::SignInRefused { way: WayIn::Password, why: Refusal::SecondStep, attempts: 1, member: Some(home.member) };
    assert_eq!(since(&world, &home, &before).await, [Details { who: Who::Stranger, what: why }]);
}

#[tokio::test]
async fn a_roster_is_written_down_with_what_it_changes() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    let before = told(&world, &home).await;
    home.put_roster(&world, |roster| {
        roster.rooms[0].lifetimes.event_days = Days::new(7).unwrap();
        roster.devices.clear();
    })
    .await;
    let expected = [
        What::RosterChanged { version: 2, roster: home.rosters[1].payload_digest() },
        What::DeviceChanged { device: home.device, room: home.room, change: Change::Removed },
        What::RuleChanged { room: home.room, class: Class::Event, days: 7, version: 2 },
    ];
    assert_eq!(since(&world, &home, &before).await, expected.map(|what| by(home.member, what)));
}

#[tokio::test]
async fn who_looks_at_what_is_written_down_once_an_hour_before_the_first_byte() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    let recordings = [home.record(&world, 100).await, home.record(&world, 100).await];
    let before = told(&world, &home).await;
    for recording in recordings {
        let headers = format!("/api/v1/recordings/{recording}/headers");
        world.call(home.ask(Method::GET, &headers)).await.ok();
    }
    assert_eq!(since(&world, &home, &before).await, [], "headers alone show nothing");
    for recording in recordings.iter().chain(&recordings) {
        let part = format!("/api/v1/recordings/{recording}/parts/media");
        world.call(home.ask(Method::GET, &part)).await.ok();
    }
    let start = world.now().as_us() - 10_000_000;
    let from = Timestamp(start - start % HOUR_US);
    let opened = What::RecordingOpened {
        device: home.device,
        from_us: from,
        to_us: from.plus_us(HOUR_US),
        part: PartKind::Media,
    };
    assert_eq!(since(&world, &home, &before).await, [by(home.member, opened.clone())]);
    world.pass(3_601);
    let part = format!("/api/v1/recordings/{}/parts/media", recordings[0]);
    home.cookie = home.login(&world, &home.password).await.unwrap().cookie();
    world.call(home.ask(Method::GET, &part)).await.ok();
    assert_eq!(since(&world, &home, &before).await.last(), Some(&by(home.member, opened)));
}

#[tokio::test]
async fn commands_are_written_down_before_they_are_carried_out() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    home.record(&world, 100).await;
    let before = told(&world, &home).await;
    let (command, erase) = home.erase_all(&world);
    world.call(home.ask(Method::POST, "/api/v1/commands").json(&erase)).await.ok();
    let stop = home.command(&world, Action::Privacy { scope: Scope::Household, on: true });
    let envelope = Envelope::sign(&stop, &home.signing);
    let answer = world.call(home.ask(Method::POST, "/api/v1/commands").json(&envelope)).await;
    assert_eq!(answer.code(), Code::HubAway, "what cannot be relayed is not asked");
    let new = since(&world, &home, &before).await;
    assert!(matches!(
        new[0].what,
        What::ErasureAsked { wish: eaves_tlog::details::Wish::Command { command: asked }, recordings: 1, .. }
            if asked == command
    ));
    assert!(!new.iter().any(|details| matches!(details.what, What::SettingChanged { setting: Setting::Privacy, .. })));
    // A replay is refused, and is no second wish.
    assert_eq!(world.call(home.ask(Method::POST, "/api/v1/commands").json(&erase)).await.code(), Code::Conflict);
    assert_eq!(since(&world, &home, &before).await.len(), new.len());
}

/// Takes away the right to write into a folder; root may all the same, so the folder is taken away from under it.
struct Broken(std::path::PathBuf);

impl Broken {
    fn new(world: &World) -> Self {
        let head = world.folder.path().join("data/log-head");
        std::fs::rename(&head, head.with_extension("away")).unwrap();
        std::fs::write(&head, "no folder").unwrap();
        std::fs::set_permissions(&head, std::fs::Permissions::from_mode(0o400)).unwrap();
        Self(head)
    }

    fn mend(self) {
        std::fs::remove_file(&self.0).unwrap();
        std::fs::rename(self.0.with_extension("away"), &self.0).unwrap();
    }
}

#[tokio::test]
async fn without_a_log_nothing_is_done_and_nothing_is_handed_out() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    let recording = home.record(&world, 100).await;
    let before = told(&world, &home).await;
    let broken = Broken::new(&world);
    let is_refused = |answer: Answer| {
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(answer.set_cookies().is_empty());
    };
    let part = format!("/api/v1/recordings/{recording}/parts/media");
    is_refused(world.call(home.ask(Method::GET, &part)).await);
    let (command, erase) = home.erase_all(&world);
    is_refused(world.call(home.ask(Method::POST, "/api/v1/commands").json(&erase)).await);
    assert_eq!(
        world.call(home.ask(Method::GET, &format!("/api/v1/commands/{command}"))).await.code(),
        Code::NotFound,
        "it was not even taken"
    );
    let headers = format!("/api/v1/recordings/{recording}/headers");
    world.call(home.ask(Method::GET, &headers)).await.ok();
    is_refused(home.login(&world, &home.password).await.unwrap());
    is_refused(world.call(home.ask(Method::POST, "/api/v1/sessions/end-all")).await);
    broken.mend();
    world.call(home.ask(Method::GET, &part)).await.ok();
    let new = since(&world, &home, &before).await;
    assert!(new.iter().all(|details| matches!(details.what, What::RecordingOpened { .. })), "{new:?}");
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_changed() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    let recording = home.record(&world, 100).await;
    let database = format!("sqlite://{}", world.folder.path().join("data/vault.db").display());
    sqlx::any::install_default_drivers();
    let other = sqlx::AnyPool::connect(&database).await.unwrap();
    sqlx::query("DROP TABLE log_head").execute(&other).await.unwrap();
    let (_, roster) = home.next_roster(&world, |next| next.rooms[0].lifetimes.event_days = Days::new(7).unwrap());
    let update = RosterUpdate { roster, key_wraps: vec![], hub: None };
    let answer = world.call(home.ask(Method::PUT, "/api/v1/roster").json(&update)).await;
    assert_eq!(answer.code(), Code::Internal);
    let chain: RosterChain = world.call(home.ask(Method::GET, "/api/v1/roster")).await.json();
    assert_eq!(chain.rosters.len(), 1);
    let (command, erase) = home.erase_all(&world);
    assert!(!world.call(home.ask(Method::POST, "/api/v1/commands").json(&erase)).await.status.is_success());
    let asked = world.call(home.ask(Method::GET, &format!("/api/v1/commands/{command}"))).await;
    assert_eq!(asked.code(), Code::NotFound);
    let headers = format!("/api/v1/recordings/{recording}/headers");
    world.call(home.ask(Method::GET, &headers)).await.ok();
}

#[tokio::test]
async fn the_log_goes_on_over_a_restart_and_an_app_that_remembers_it_is_content() {
    let mut world = World::new().await;
    let mut home = Home::settled(&world).await;
    let memory = visit(&world, &home, None).await.memory;
    home.put_roster(&world, |roster| roster.rooms[0].lifetimes.event_days = Days::new(7).unwrap()).await;
    world = world.restart().await;
    let visited = visit(&world, &home, Some(&memory)).await;
    assert_eq!((visited.alarms, visited.reading.entries.len()), (vec![], 2));
}

#[tokio::test]
async fn a_guest_holds_the_chain_together_and_reads_only_their_own() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    let guest = crate::people::Guest::settled(&world, &mut home, Role::Guest).await;
    let page = page(&world, &guest.cookie, "").await;
    let monitor = Monitor { policy: policy(&page), household: home.household, details_kept_us: 0 };
    let note = Note::parse(page.checkpoint.as_bytes()).unwrap();
    let shown = Visit { checkpoint: &note, consistency: &page.consistency, shown: &page.entries };
    let visited = monitor.visit(None, &shown, world.now()).unwrap();
    assert_eq!(visited.alarms, []);
    let all = told(&world, &home).await;
    assert_eq!(visited.reading.entries.len(), all.len());
    let own: Vec<_> = visited.reading.entries.into_iter().filter_map(|read| read.details).collect();
    assert!(!own.is_empty() && own.iter().all(|details| details.is_about(guest.member)), "{own:?}");
    assert_eq!(own, all.into_iter().filter(|details| details.is_about(guest.member)).collect::<Vec<_>>());
    let receipt = |cookie: &str, sequence: usize| {
        Ask::app(Method::GET, &format!("/api/v1/log/receipt?sequence={sequence}")).cookie(cookie)
    };
    assert_eq!(world.call(receipt(&guest.cookie, 0)).await.code(), Code::NotFound);
    let proof = world.call(receipt(&home.cookie, 0)).await.ok();
    let proved = Proof::parse(&proof.body).unwrap().verify_receipt(&policy(&page)).unwrap();
    assert_eq!(proved.line.sequence, 0);
}

#[tokio::test]
async fn pages_are_bounded_and_hold_together_under_one_checkpoint_while_the_log_grows() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    let first = page(&world, &home.cookie, "limit=3").await;
    assert!(first.more && first.entries.len() == 3);
    let note = Note::parse(first.checkpoint.as_bytes()).unwrap();
    let policy = policy(&first);
    let size = eaves_tlog::checkpoint::Checkpoint::verified(&note, &policy.log).unwrap().size;
    home.put_roster(&world, |roster| roster.rooms[0].lifetimes.event_days = Days::new(7).unwrap()).await;
    let mut shown = first.entries;
    loop {
        let next = page(&world, &home.cookie, &format!("limit=3&at={size}&from={}", shown.len())).await;
        shown.extend(next.entries);
        if !next.more {
            break;
        }
    }
    let monitor = Monitor { policy, household: home.household, details_kept_us: HOUR_US };
    let visited =
        monitor.visit(None, &Visit { checkpoint: &note, consistency: &[], shown: &shown }, world.now()).unwrap();
    assert_eq!((visited.alarms, visited.reading.entries.len() as u64), (vec![], size));
    assert_eq!(visit(&world, &home, Some(&visited.memory)).await.alarms, []);
    assert_eq!(page(&world, &home.cookie, "limit=4000000000").await.entries.len() as u64, size + 2);
}

#[tokio::test]
async fn anybody_reads_the_public_files_and_nothing_of_a_household_in_them() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let get = async |path: &str| world.call(Ask::bare(Method::GET, path)).await;
    let key = VerifierKey::parse(&page(&world, &home.cookie, "").await.key).unwrap();
    let note = get("/log/v1/checkpoint").await.ok().body;
    let checkpoint = eaves_tlog::checkpoint::Checkpoint::verified(&Note::parse(&note).unwrap(), &key).unwrap();
    let mut tiles = eaves_tlog::tile::Tiles::new(checkpoint.size);
    for tile in eaves_tlog::tile::Tile::all(checkpoint.size) {
        let bytes = get(&format!("/log/v1/{}", tile.path())).await.ok().body;
        if let eaves_tlog::tile::Kind::Hashes(_) = tile.kind {
            tiles.insert(tile, &bytes).unwrap();
        }
    }
    tiles.verify(checkpoint.root).unwrap();
    for path in ["/log/v1/tile/0/9999", "/log/v1/tile/../checkpoint", "/log/v1/tile/0/000.p/250", "/log/v1/"] {
        assert!(!get(path).await.status.is_success() || path == "/log/v1/", "{path}");
    }
}
