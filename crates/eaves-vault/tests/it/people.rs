//! Letting in and putting out, and a second hub.

use crate::home::{Home, random, secret};
use crate::signing::registration;
use crate::world::{Answer, Ask, World};
use axum::http::Method;
use eaves_api::app::{KSF_PRESET, Registration, RosterChain, RosterUpdate, State, Way};
use eaves_api::people::{HubJoin, InviteFound, InviteMake, Invites, JoinFinish, JoinInvite, JoinRegister, JoinState};
use eaves_api::problem::Code;
use eaves_domain::envelope::PublicKey;
use eaves_domain::invite::{INVITE_US_MAX, InviteSecret, JoinAnswer, SealedLetter};
use eaves_domain::roster::{KeyWrap, Member, Role, Roster};
use eaves_domain::{Base64Url, Digest, HubId, InviteId, MemberId};
use eaves_vault::web::routes::{Who, routes};
use ed25519_dalek::SigningKey;

fn letter(n: u8) -> SealedLetter {
    SealedLetter { nonce: vec![n; 12].into(), ciphertext: vec![n; 272].into() }
}

/// A well-formed body of a route below `/api/v1/join`, with an invitation that nobody made.
pub(crate) fn uninvited(path: &str) -> serde_json::Value {
    let guest = Guest::new();
    let (token, handle) = (guest.token(), guest.handle.clone());
    let value = match path {
        "/api/v1/join/invite" => serde_json::to_value(JoinInvite { token }),
        "/api/v1/join/register" => {
            let (registration_request, _) = registration("a password");
            serde_json::to_value(JoinRegister { token, handle, registration_request })
        }
        _ => serde_json::to_value(guest.finish(random::<32>().to_vec().into())),
    };
    value.unwrap()
}

/// An invitation and the person who has its link.
pub(crate) struct Guest {
    invite: InviteId,
    secret: InviteSecret,
    handle: Base64Url,
    pub(crate) member: MemberId,
    kit: SigningKey,
    pub(crate) cookie: String,
}

impl Guest {
    fn new() -> Self {
        Self {
            invite: InviteId(random()),
            secret: InviteSecret::from_random(random()),
            handle: random::<32>().to_vec().into(),
            member: MemberId(random()),
            kit: SigningKey::from_bytes(&random()),
            cookie: String::new(),
        }
    }

    async fn invited(world: &World, home: &Home) -> Self {
        let guest = Self::new();
        guest.invite(world, home).await.ok();
        guest
    }

    async fn invite(&self, world: &World, home: &Home) -> Answer {
        let make = InviteMake {
            invite: self.invite,
            token_hash: Digest::of(&self.secret.vault_token()),
            expires_us: world.now().plus_us(INVITE_US_MAX),
            welcome: letter(1),
            kept: letter(2),
        };
        world.call(home.ask(Method::POST, "/api/v1/invites").json(&make)).await
    }

    fn token(&self) -> Base64Url {
        self.secret.vault_token().to_vec().into()
    }

    fn finish(&self, registration_record: Base64Url) -> JoinFinish {
        JoinFinish {
            token: self.token(),
            handle: self.handle.clone(),
            registration_record,
            ksf_preset: KSF_PRESET,
            answer: JoinAnswer { member: self.member, letter: letter(3), mac: vec![0; 32].into() },
            anchor: letter(4),
            password: secret(Way::Password),
            kit: secret(Way::Kit),
            kit_key: PublicKey::of(&self.kit),
        }
    }

    async fn look(&self, world: &World) -> Answer {
        world.call(Ask::app(Method::POST, "/api/v1/join/invite").json(&JoinInvite { token: self.token() })).await
    }

    async fn join(&mut self, world: &World) -> Answer {
        let (registration_request, finish) = registration("a guest's long password");
        let register = JoinRegister { token: self.token(), handle: self.handle.clone(), registration_request };
        let answer = world.call(Ask::app(Method::POST, "/api/v1/join/register").json(&register)).await;
        if !answer.status.is_success() {
            return answer;
        }
        let answer: Registration = answer.json();
        let finish = self.finish(finish(&answer.registration_response.0));
        let answer = world.call(Ask::app(Method::POST, "/api/v1/join/finish").json(&finish)).await;
        if answer.status.is_success() {
            self.cookie = answer.cookie();
        }
        answer
    }

    fn ask(&self, method: Method, path: &str) -> Ask {
        Ask::app(method, path).cookie(&self.cookie)
    }

    fn line(&self, role: Role) -> Member {
        Member {
            member: self.member,
            role,
            recipient: format!("age1pq1{}", self.member),
            signing_key: PublicKey::of(&self.kit),
            label: vec![7; 64].into(),
        }
    }

    fn let_in(&self, roster: &mut Roster, role: Role) {
        roster.members.push(self.line(role));
        roster.rooms[0].audience.push(self.member);
    }

    fn put_out(&self, roster: &mut Roster) {
        roster.members.retain(|member| member.member != self.member);
        roster.rooms[0].audience.retain(|member| *member != self.member);
        (roster.epoch, roster.recipient) = (2, "age1pq1household2".to_owned());
        (roster.rooms[0].epoch, roster.rooms[0].recipient) = (2, "age1pq1room2".to_owned());
    }

    pub(crate) async fn settled(world: &World, home: &mut Home, role: Role) -> Self {
        let mut guest = Self::invited(world, home).await;
        guest.join(world).await.ok();
        home.put_roster(world, |roster| guest.let_in(roster, role)).await;
        guest
    }
}

/// Makes an invitation.
pub(crate) async fn invite(world: &World, home: &Home) -> InviteId {
    Guest::invited(world, home).await.invite
}

#[tokio::test]
async fn a_newcomer_waits_reaches_nothing_and_is_in_when_the_roster_names_them() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    let mut guest = Guest::invited(&world, &home).await;
    let found: InviteFound = guest.look(&world).await.json();
    assert_eq!((found.household, found.invite, found.welcome), (home.household, guest.invite, letter(1)));
    guest.join(&world).await.ok();
    let state: State = world.call(guest.ask(Method::GET, "/api/v1/state")).await.json();
    assert!(state.signed_in.unwrap().pending);
    let waiting: JoinState = world.call(guest.ask(Method::GET, "/api/v1/join")).await.json();
    assert!(!waiting.is_in);
    for route in routes().iter().filter(|route| matches!(route.who, Who::Session | Who::Owner)) {
        let path = crate::doors::fill(route, "00000000000000000000000000000001");
        let answer = world.call(guest.ask(route.method.clone(), &path)).await;
        assert_eq!(answer.code(), Code::SignedOut, "{} {}", route.method, route.path);
    }
    let list: Invites = world.call(home.ask(Method::GET, "/api/v1/invites")).await.json();
    assert_eq!(list.invites[0].asked.as_ref().unwrap().answer.member, guest.member);
    assert_eq!(list.invites[0].kept, Some(letter(2)));
    assert_eq!(guest.look(&world).await.code(), Code::InviteRefused, "it is good for one person");

    home.put_roster(&world, |roster| guest.let_in(roster, Role::Guest)).await;
    let waiting: JoinState = world.call(guest.ask(Method::GET, "/api/v1/join")).await.json();
    assert!(waiting.is_in);
    let chain: RosterChain = world.call(guest.ask(Method::GET, "/api/v1/roster")).await.json();
    assert_eq!((chain.rosters.len(), chain.anchor), (2, Some(letter(4))), "with the same session");
    let list: Invites = world.call(home.ask(Method::GET, "/api/v1/invites")).await.json();
    assert!(list.invites.is_empty());
}

#[tokio::test]
async fn an_invitation_that_is_over_lets_nobody_in_and_leaves_nothing_behind() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let (mut late, mut declined) = (Guest::invited(&world, &home).await, Guest::invited(&world, &home).await);
    declined.join(&world).await.ok();
    let path = format!("/api/v1/invites/{}", declined.invite);
    world.call(home.ask(Method::DELETE, &path)).await.ok();
    assert_eq!(world.call(declined.ask(Method::GET, "/api/v1/join")).await.code(), Code::SignedOut);
    assert_eq!(declined.look(&world).await.code(), Code::InviteRefused);
    late.join(&world).await.ok();
    world.pass(3 * 86_400 + 1);
    assert_eq!(late.look(&world).await.code(), Code::InviteRefused);
    world.vault.store().end_old_invites(world.now()).await.unwrap();
    for guest in [&late, &declined] {
        assert_eq!(traces(&world, guest.member).await, Vec::<String>::new());
        assert_eq!(traces(&world, MemberId(guest.invite.0)).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn guessing_tokens_is_slowed_and_taken_names_can_be_found_out_three_times() {
    let world = World::new().await;
    let home = Home::settled(&world).await;
    let mut guest = Guest::invited(&world, &home).await;
    guest.handle = home.handle.clone();
    for _ in 0..3 {
        guest.member = MemberId(random());
        assert_eq!(guest.join(&world).await.code(), Code::NameTaken);
    }
    guest.handle = random::<32>().to_vec().into();
    assert_eq!(guest.join(&world).await.code(), Code::InviteRefused, "the invitation is used up");
    let mut slowed = 0;
    for _ in 0..100 {
        slowed += u32::from(Guest::new().look(&world).await.code() == Code::TooManyAttempts);
    }
    assert!(slowed > 30, "{slowed}");
}

#[tokio::test]
async fn only_owners_invite_and_change_the_roster() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    for role in [Role::Guest, Role::Adult] {
        let guest = Guest::settled(&world, &mut home, role).await;
        let (_, envelope) = home.next_roster(&world, |_| {});
        let update = RosterUpdate { roster: envelope, key_wraps: vec![], hub: None };
        let answer = world.call(guest.ask(Method::PUT, "/api/v1/roster").json(&update)).await;
        assert_eq!(answer.code(), Code::NotAllowed);
        for (method, path) in [(Method::GET, "/api/v1/invites"), (Method::POST, "/api/v1/hubs/waiting")] {
            let answer = world.call(guest.ask(method, path).json(&JoinInvite { token: guest.token() })).await;
            assert_eq!(answer.code(), Code::NotAllowed);
        }
    }
}

#[tokio::test]
async fn what_an_inviter_kept_is_for_them_alone() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    let other = Guest::settled(&world, &mut home, Role::Owner).await;
    Guest::invited(&world, &home).await;
    let list: Invites = world.call(other.ask(Method::GET, "/api/v1/invites")).await.json();
    assert_eq!((list.invites.len(), list.invites[0].kept.clone()), (1, None));
}

/// Rows that name a member, but for signed documents and what a recording is: `table.column`.
async fn traces(world: &World, member: MemberId) -> Vec<String> {
    let file = world.folder.path().join("data/vault.db");
    let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    let columns: Vec<(String, String)> = sqlx::query_as(
        "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let mut found = Vec::new();
    for (table, column) in columns {
        let sql = format!("SELECT COUNT(*) FROM \"{table}\" WHERE \"{column}\" = $1");
        let (count,): (i64,) =
            sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(member.to_hex()).fetch_one(&pool).await.unwrap();
        if count > 0 {
            found.push(format!("{table}.{column}"));
        }
    }
    pool.close().await;
    found
}

#[tokio::test]
async fn who_is_put_out_is_gone_from_the_vault_with_the_same_step() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    let guest = Guest::settled(&world, &mut home, Role::Owner).await;
    Guest { cookie: String::new(), ..Guest::new() }.invite_as(&world, &guest).await.ok();
    let recording = home.record(&world, 500).await;
    let wrap =
        |n: u8| KeyWrap { scope: home.room.into(), epoch: 1, member: guest.member, wrapped: vec![n; 200].into() };
    let (next, roster) = home.next_roster(&world, |_| {});
    let update = RosterUpdate { roster: roster.clone(), key_wraps: vec![wrap(1)], hub: None };
    world.call(home.ask(Method::PUT, "/api/v1/roster").json(&update)).await.ok();
    (home.roster, _) = (next, home.rosters.push(roster));
    let path = format!("/api/v1/recordings/{recording}/headers");
    world.call(guest.ask(Method::GET, &path)).await.ok();
    let before = traces(&world, guest.member).await;
    for place in [
        "account.member",
        "session.member",
        "wrapped_secret.member",
        "key_wrap.member",
        "anchor.member",
        "invite.inviter",
    ] {
        assert!(before.iter().any(|found| found == place), "{place} of {before:?}");
    }

    home.put_roster(&world, |roster| guest.put_out(roster)).await;
    // Notices say who left; they name nobody who could sign in.
    let left: Vec<_> = traces(&world, guest.member).await.into_iter().filter(|at| !at.starts_with("notice.")).collect();
    assert_eq!(left, Vec::<String>::new());
    assert_eq!(world.call(guest.ask(Method::GET, &path)).await.code(), Code::SignedOut);
    assert_eq!(world.call(guest.ask(Method::GET, "/api/v1/join")).await.code(), Code::SignedOut);
    let world = world.restart().await;
    assert_eq!(world.call(guest.ask(Method::GET, &path)).await.code(), Code::SignedOut, "also after a restart");
    world.call(home.ask(Method::GET, &path)).await.ok();
}

impl Guest {
    /// An invitation by somebody who was invited.
    async fn invite_as(&self, world: &World, inviter: &Self) -> Answer {
        let make = InviteMake {
            invite: self.invite,
            token_hash: Digest::of(&self.secret.vault_token()),
            expires_us: world.now().plus_us(INVITE_US_MAX),
            welcome: letter(1),
            kept: letter(2),
        };
        world.call(inviter.ask(Method::POST, "/api/v1/invites").json(&make)).await
    }
}

#[tokio::test]
async fn a_roster_that_puts_out_and_leaves_a_key_is_not_stored() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    let guest = Guest::settled(&world, &mut home, Role::Guest).await;
    let (_, stale) = home.next_roster(&world, |roster| {
        guest.put_out(roster);
        (roster.rooms[0].epoch, roster.rooms[0].recipient) = (1, "age1pq1room".to_owned());
    });
    let update = RosterUpdate { roster: stale, key_wraps: vec![], hub: None };
    let answer = world.call(home.ask(Method::PUT, "/api/v1/roster").json(&update)).await;
    assert_eq!(answer.code(), Code::DocumentRefused);
    world.call(guest.ask(Method::GET, "/api/v1/roster")).await.ok();
}

#[tokio::test]
async fn a_second_hub_comes_with_a_roster_of_an_owner_who_typed_its_code() {
    let world = World::new().await;
    let mut home = Home::settled(&world).await;
    let second = Home::new(&world);
    second.pair(&world).await.ok();
    let waiting = |token| home.ask(Method::POST, "/api/v1/hubs/waiting").json(&JoinInvite { token });
    assert_eq!(world.call(waiting(vec![1; 32].into())).await.code(), Code::ClaimRefused);
    let introduced: eaves_domain::claim::HubIntroduction = world.call(waiting(second.claim_token())).await.json();
    assert!(second.code.verifies_introduction(&introduced));
    let hub = eaves_domain::roster::Hub {
        hub: second.hub,
        signing_key: PublicKey::of(&second.hub_signing),
        recipient: introduced.recipient.clone(),
    };
    let put = |roster, token, mac: Vec<u8>| {
        let hub = Some(HubJoin { token, roster_mac: mac.into() });
        home.ask(Method::PUT, "/api/v1/roster").json(&RosterUpdate { roster, key_wraps: vec![], hub })
    };
    let (_, without) = home.next_roster(&world, |_| {});
    assert_eq!(world.call(put(without, second.claim_token(), vec![0; 32])).await.code(), Code::DocumentRefused);
    let (_, swapped) = home.next_roster(&world, |roster| {
        roster.hubs.push(eaves_domain::roster::Hub { signing_key: PublicKey::of(&home.kit), ..hub.clone() });
    });
    assert_eq!(world.call(put(swapped, second.claim_token(), vec![0; 32])).await.code(), Code::DocumentRefused);
    let (next, good) = home.next_roster(&world, |roster| roster.hubs.push(hub));
    assert_eq!(world.call(put(good.clone(), vec![1; 32].into(), vec![0; 32])).await.code(), Code::ClaimRefused);
    let mac = second.code.roster_mac(good.payload_digest());
    world.call(put(good.clone(), second.claim_token(), mac.clone())).await.ok();
    (home.roster, _) = (next, home.rosters.push(good.clone()));

    let delivery = world.vault.store().delivery_to(home.household, second.hub).await.unwrap();
    assert_eq!(delivery, Some((good, mac)));
    assert_eq!(world.vault.store().delivery_to(home.household, HubId(random())).await.unwrap(), None);
    let mut hub = second;
    hub.connect_hub(&world).await;
    // The first hub asks for rosters; the second's delivery is not taken for it.
    world.call(home.hub_ask(Method::GET, "/hub/v1/roster?from=2")).await.ok();
    assert!(world.vault.store().delivery_to(home.household, hub.hub).await.unwrap().is_some());
    let chain: RosterChain = world.call(hub.hub_ask(Method::GET, "/hub/v1/roster?from=3")).await.json();
    assert!(chain.rosters.is_empty());
    assert_eq!(world.vault.store().delivery_to(home.household, hub.hub).await.unwrap(), None, "it was taken");
}
