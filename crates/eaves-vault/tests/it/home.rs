//! A simulated household: its keys, its hub, its recordings, and an app that speaks OPAQUE.

use crate::stranger::Stranger;
use crate::world::{Answer, Ask, PAIRING_SECRET, World};
use argon2::Argon2;
use axum::http::Method;
use eaves_api::app::*;
use eaves_api::hub::{LinkUpload, Pairing, Session, SessionRequest};
use eaves_domain::claim::{ClaimCode, HubIntroduction};
use eaves_domain::command::{Action, Command, EraseTarget};
use eaves_domain::envelope::{Envelope, PublicKey};
use eaves_domain::link::{ChainHead, Link, LinkKind, Part, PartKind};
use eaves_domain::retention::{Class, Lifetimes};
use eaves_domain::roster::{self, KeyWrap, Records, Role, Room, Roster};
use eaves_domain::{
    Base64Url, CommandId, DeviceId, Digest, HouseholdId, HubId, MemberId, RecordingId, RoomId, RunId, Timestamp,
};
use ed25519_dalek::{Signer as _, SigningKey};
use opaque_ke::rand::rngs::OsRng;
use opaque_ke::*;

pub(crate) struct Suite;

impl CipherSuite for Suite {
    type OprfCs = Ristretto255;
    type KeyExchange = TripleDh<Ristretto255, sha2::Sha512>;
    type Ksf = Argon2<'static>;
}

/// Cheap parameters: the vault cannot tell, and the tests need not wait.
pub(crate) fn argon() -> Argon2<'static> {
    let parameters = argon2::Params::new(64, 1, 1, None).unwrap();
    Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, parameters)
}

/// The app's half of a registration: message one, and what makes message two from the answer.
pub(crate) fn registration(password: &str) -> (Base64Url, impl FnOnce(&[u8]) -> Base64Url) {
    let (request, finish) = registration_with_key(password);
    (request, move |response: &[u8]| finish(response).0)
}

/// The same, with the export key.
fn registration_with_key(password: &str) -> (Base64Url, impl FnOnce(&[u8]) -> (Base64Url, Vec<u8>)) {
    let password = password.to_owned();
    let started = ClientRegistration::<Suite>::start(&mut OsRng, password.as_bytes()).unwrap();
    let request = started.message.serialize().to_vec().into();
    let finish = move |response: &[u8]| {
        let response = RegistrationResponse::deserialize(response).unwrap();
        let argon = argon();
        let parameters = ClientRegistrationFinishParameters::new(Identifiers::default(), Some(&argon));
        let done = started.state.finish(&mut OsRng, password.as_bytes(), response, parameters).unwrap();
        (done.message.serialize().to_vec().into(), done.export_key.to_vec())
    };
    (request, finish)
}

pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

pub(crate) fn secret(way: Way) -> WrappedSecret {
    WrappedSecret { way, credential: None, nonce: vec![1; 12].into(), ciphertext: random::<48>().to_vec().into() }
}

/// What a sign-in that was completed hands out.
pub(crate) fn signed_in(answer: &Answer) -> SignedIn {
    match answer.json() {
        SignIn::SignedIn(signed) => *signed,
        other => panic!("{other:?}"),
    }
}

/// New keys for everything that somebody does not see any more, as an app makes them.
fn renew_keys(before: &Roster, next: &mut Roster) {
    let left = |old: &[MemberId], new: &[MemberId]| old.iter().any(|member| !new.contains(member));
    let members = |roster: &Roster| roster.members.iter().map(|line| line.member).collect::<Vec<_>>();
    if left(&members(before), &members(next)) && next.epoch == before.epoch {
        next.epoch += 1;
        next.recipient = format!("age1pq1household{}", next.epoch);
    }
    for room in &mut next.rooms {
        let Some(old) = before.rooms.iter().find(|old| old.room == room.room) else { continue };
        if left(&old.audience, &room.audience) && room.epoch == old.epoch {
            room.epoch += 1;
            room.recipient = format!("age1pq1room{}", room.epoch);
        }
    }
}

/// Everything of one household.
pub(crate) struct Home {
    pub(crate) household: HouseholdId,
    pub(crate) member: MemberId,
    pub(crate) signing: SigningKey,
    pub(crate) handle: Base64Url,
    pub(crate) password: String,
    pub(crate) kit: SigningKey,
    pub(crate) hub: HubId,
    pub(crate) hub_signing: SigningKey,
    pub(crate) room: RoomId,
    pub(crate) device: DeviceId,
    pub(crate) code: ClaimCode,
    pub(crate) rosters: Vec<Envelope>,
    pub(crate) roster: Roster,
    pub(crate) cookie: String,
    pub(crate) token: String,
    pub(crate) head: ChainHead,
    pub(crate) links: Vec<(RecordingId, Digest, Vec<u8>)>,
}

impl Home {
    /// Keys and a first roster; nobody knows of it yet.
    pub(crate) fn new(world: &World) -> Self {
        let (household, member, hub) = (HouseholdId(random()), MemberId(random()), HubId(random()));
        let (room, device) = (RoomId(random()), DeviceId(random()));
        let [signing, kit, hub_signing] = std::array::from_fn(|_| SigningKey::from_bytes(&random()));
        let label: Base64Url = vec![7; 64].into();
        let roster = Roster {
            household,
            version: 1,
            previous: None,
            issued_us: world.now(),
            epoch: 1,
            recipient: "age1pq1household".to_owned(),
            label: label.clone(),
            members: vec![roster::Member {
                member,
                role: Role::Owner,
                recipient: "age1pq1member".to_owned(),
                signing_key: PublicKey::of(&signing),
                label: label.clone(),
            }],
            hubs: vec![roster::Hub {
                hub,
                signing_key: PublicKey::of(&hub_signing),
                recipient: "age1pq1hub".to_owned(),
            }],
            rooms: vec![Room {
                room,
                epoch: 1,
                recipient: "age1pq1room".to_owned(),
                audience: vec![member],
                label: label.clone(),
                lifetimes: Lifetimes::default(),
                records: Records::Always,
            }],
            devices: vec![roster::Device {
                device,
                kind: roster::DeviceKind::Camera,
                room,
                hub,
                label,
                settings: vec![9; 100].into(),
            }],
        };
        Self {
            household,
            member,
            handle: random::<32>().to_vec().into(),
            password: format!("correct horse {}", household.to_hex()),
            kit,
            hub,
            room,
            device,
            code: ClaimCode::from_random(random()),
            rosters: vec![Envelope::sign(&roster, &signing)],
            roster,
            signing,
            hub_signing,
            cookie: String::new(),
            token: String::new(),
            head: ChainHead::EMPTY,
            links: Vec::new(),
        }
    }

    /// A household that went all the way: paired, claimed, hub connected once.
    pub(crate) async fn settled(world: &World) -> Self {
        let mut home = Self::new(world);
        home.pair(world).await.ok();
        home.claim(world).await.ok();
        home.connect_hub(world).await;
        home
    }

    pub(crate) fn introduction(&self) -> HubIntroduction {
        let (key, recipient) = (PublicKey::of(&self.hub_signing), "age1pq1hub".to_owned());
        let mac = self.code.introduction_mac(self.hub, &key, &recipient).into();
        HubIntroduction { hub: self.hub, signing_key: key, recipient, mac }
    }

    pub(crate) async fn pair(&self, world: &World) -> Answer {
        let pairing = Pairing {
            token_hash: Digest::of(&self.code.vault_token()),
            expires_us: world.now().plus_us(600_000_000),
            introduction: self.introduction(),
        };
        world.call(Ask::bare(Method::POST, "/hub/v1/pairing").bearer(PAIRING_SECRET).json(&pairing)).await
    }

    pub(crate) fn claim_token(&self) -> Base64Url {
        self.code.vault_token().to_vec().into()
    }

    pub(crate) fn wraps(&self) -> Vec<KeyWrap> {
        let wrap = |scope| KeyWrap { scope, epoch: 1, member: self.member, wrapped: vec![5; 200].into() };
        vec![wrap(self.household.into()), wrap(self.room.into())]
    }

    /// The last message of a claim.
    pub(crate) async fn claim_finish(&self, world: &World) -> ClaimFinish {
        let (registration_request, finish) = registration(&self.password);
        let (token, handle) = (self.claim_token(), self.handle.clone());
        let register = ClaimRegister { token: token.clone(), handle: handle.clone(), registration_request };
        let answer: Registration =
            world.call(Ask::app(Method::POST, "/api/v1/claim/register").json(&register)).await.json();
        ClaimFinish {
            token,
            handle,
            registration_record: finish(&answer.registration_response.0),
            ksf_preset: KSF_PRESET,
            member: self.member,
            roster: self.rosters[0].clone(),
            roster_mac: self.code.roster_mac(self.rosters[0].payload_digest()).into(),
            key_wraps: self.wraps(),
            password: secret(Way::Password),
            kit: secret(Way::Kit),
            kit_key: PublicKey::of(&self.kit),
        }
    }

    /// Claims, with `member_secret` really wrapped under the password.
    pub(crate) async fn claim_wrapping(&mut self, world: &World, member_secret: &[u8]) -> Answer {
        let (registration_request, finish) = registration_with_key(&self.password);
        let (token, handle) = (self.claim_token(), self.handle.clone());
        let register = ClaimRegister { token, handle, registration_request };
        let answer: Registration =
            world.call(Ask::app(Method::POST, "/api/v1/claim/register").json(&register)).await.json();
        let (registration_record, export_key) = finish(&answer.registration_response.0);
        let nonce = random();
        let ciphertext = crate::thief::home_wrap(&export_key, nonce, member_secret);
        let password =
            WrappedSecret { nonce: nonce.to_vec().into(), ciphertext: ciphertext.into(), ..secret(Way::Password) };
        let finish = ClaimFinish { registration_record, password, ..self.claim_finish(world).await };
        let answer = world.call(Ask::app(Method::POST, "/api/v1/claim/finish").json(&finish)).await;
        self.cookie = answer.cookie();
        answer
    }

    /// The export key of a sign-in with the password, if whoever answers has the right secrets.
    pub(crate) fn export_key(&self, answer: impl FnOnce(&[u8]) -> Option<(Vec<u8>, Vec<u8>)>) -> Option<Vec<u8>> {
        let password = self.password.as_bytes();
        let started = ClientLogin::<Suite>::start(&mut OsRng, password).unwrap();
        let (_, ke2) = answer(&started.message.serialize())?;
        let argon = argon();
        let parameters = ClientLoginFinishParameters::new(None, Identifiers::default(), Some(&argon));
        let ke2 = CredentialResponse::deserialize(&ke2).ok()?;
        Some(started.state.finish(&mut OsRng, password, ke2, parameters).ok()?.export_key.to_vec())
    }

    pub(crate) async fn claim(&mut self, world: &World) -> Answer {
        let finish = self.claim_finish(world).await;
        let answer = world.call(Ask::app(Method::POST, "/api/v1/claim/finish").json(&finish)).await;
        if answer.status.is_success() {
            self.cookie = answer.cookie();
        }
        answer
    }

    pub(crate) fn session_request(&self, issued: Timestamp, nonce: [u8; 16]) -> Envelope {
        let request = SessionRequest { hub: self.hub, issued_us: issued, nonce: nonce.to_vec().into() };
        Envelope::sign(&request, &self.hub_signing)
    }

    pub(crate) async fn connect_hub(&mut self, world: &World) {
        let request = self.session_request(world.now(), random());
        let session: Session = world.call(Ask::bare(Method::POST, "/hub/v1/session").json(&request)).await.json();
        self.token = session.token;
    }

    pub(crate) fn ask(&self, method: Method, path: &str) -> Ask {
        Ask::app(method, path).cookie(&self.cookie)
    }

    pub(crate) fn hub_ask(&self, method: Method, path: &str) -> Ask {
        Ask::bare(method, path).bearer(&self.token)
    }

    /// Starts a sign-in; the answer, and what proves the password (if it is the right one).
    pub(crate) async fn login_start(
        &self,
        world: &World,
        password: &str,
    ) -> (Answer, impl FnOnce(&LoginChallenge) -> Option<LoginFinish>) {
        let started = ClientLogin::<Suite>::start(&mut OsRng, password.as_bytes()).unwrap();
        let start = LoginStart { handle: self.handle.clone(), ke1: started.message.serialize().to_vec().into() };
        let answer = world.call(self.device_ask("/api/v1/login/start").json(&start)).await;
        let password = password.to_owned();
        let finish = move |challenge: &LoginChallenge| {
            let ke2 = CredentialResponse::deserialize(&challenge.ke2.0).unwrap();
            let argon = argon();
            let parameters = ClientLoginFinishParameters::new(None, Identifiers::default(), Some(&argon));
            let done = started.state.finish(&mut OsRng, password.as_bytes(), ke2, parameters).ok()?;
            let ke3 = done.message.serialize().to_vec().into();
            Some(LoginFinish { login: challenge.login.clone(), ke3 })
        };
        (answer, finish)
    }

    /// Signs in; `None` when the app itself sees that the password is wrong.
    pub(crate) async fn login(&self, world: &World, password: &str) -> Option<Answer> {
        let (answer, finish) = self.login_start(world, password).await;
        if !answer.status.is_success() {
            return Some(answer);
        }
        let finish = finish(&answer.json())?;
        Some(world.call(self.device_ask("/api/v1/login/finish").json(&finish)).await)
    }

    /// A new password, chosen in the browser of `cookie`.
    pub(crate) async fn change_password(&mut self, world: &World, password: &str) {
        let (registration_request, finish) = registration(password);
        let start = PasswordStart { registration_request };
        let answer = world.call(self.ask(Method::POST, "/api/v1/ways-in/password/start").json(&start)).await;
        let registration_record = finish(&answer.json::<Registration>().registration_response.0);
        let replace = PasswordReplace { registration_record, ksf_preset: KSF_PRESET, password: secret(Way::Password) };
        world.call(self.ask(Method::PUT, "/api/v1/ways-in/password").json(&replace)).await.ok();
        password.clone_into(&mut self.password);
    }

    /// The first message of a sign-in.
    pub(crate) fn ke1(&self) -> Vec<u8> {
        ClientLogin::<Suite>::start(&mut OsRng, self.password.as_bytes()).unwrap().message.serialize().to_vec()
    }

    /// The same people in a browser that nobody has used before.
    pub(crate) fn stranger(&self) -> Stranger<'_> {
        Stranger::of(self)
    }

    /// From a browser that is known by the cookie it holds, if it holds one.
    fn device_ask(&self, path: &str) -> Ask {
        match self.cookie.split("; ").find(|pair| pair.starts_with("eaves-device=")) {
            Some(cookie) => Ask::app(Method::POST, path).cookie(cookie),
            None => Ask::app(Method::POST, path),
        }
    }

    pub(crate) async fn kit_login(&self, world: &World, kit: &SigningKey) -> Answer {
        let start = KitStart { handle: self.handle.clone() };
        let answer = world.call(self.device_ask("/api/v1/login/kit/start").json(&start)).await;
        if !answer.status.is_success() {
            return answer;
        }
        let challenge: KitChallenge = answer.json();
        let message = [b"eaves/kit-login/v1\0".as_slice(), &challenge.challenge.0].concat();
        let signature = kit.sign(&message).to_bytes().to_vec().into();
        let finish = KitFinish { login: challenge.login, signature };
        world.call(self.device_ask("/api/v1/login/kit/finish").json(&finish)).await
    }

    /// The roster after the newest, changed by `change`.
    pub(crate) fn next_roster(&self, world: &World, change: impl FnOnce(&mut Roster)) -> (Roster, Envelope) {
        let mut next = self.roster.clone();
        next.version += 1;
        next.previous = Some(self.rosters.last().unwrap().payload_digest());
        next.issued_us = world.now();
        change(&mut next);
        let envelope = Envelope::sign(&next, &self.signing);
        (next, envelope)
    }

    pub(crate) async fn put_roster(&mut self, world: &World, change: impl FnOnce(&mut Roster)) {
        let before = self.roster.clone();
        let (next, roster) = self.next_roster(world, |next| {
            change(next);
            renew_keys(&before, next);
        });
        let update = RosterUpdate { roster: roster.clone(), key_wraps: vec![], hub: None };
        world.call(self.ask(Method::PUT, "/api/v1/roster").json(&update)).await.ok();
        self.roster = next;
        self.rosters.push(roster);
    }

    /// The next link with the bodies it vouches for.
    pub(crate) fn next_link(&self, world: &World, body: &[u8]) -> (Link, LinkUpload) {
        let header = random::<64>().to_vec();
        let end = world.now();
        let part = Part {
            part: PartKind::Media,
            header: Digest::of(&header),
            body: Digest::of(body),
            body_bytes: body.len() as u64,
        };
        let link = Link {
            household: self.household,
            hub: self.hub,
            device: self.device,
            room: self.room,
            epoch: 1,
            roster: self.roster.version,
            index: self.head.next_index,
            previous: self.head.digest,
            start_us: end.plus_us(-10_000_000),
            end_us: end,
            kind: LinkKind::Recording {
                recording: RecordingId(random()),
                run: RunId(random()),
                class: Class::Continuous,
                keep_until_us: Lifetimes::default().keep_until(Class::Continuous, end),
                cut: false,
                parts: vec![part],
            },
        };
        let upload = LinkUpload {
            link: Envelope::sign(&link, &self.hub_signing),
            headers: Some(Headers { media: header.into(), card: None, poster: None }),
        };
        (link, upload)
    }

    pub(crate) async fn put_body(&self, world: &World, recording: RecordingId, body: &[u8]) -> Answer {
        let path = format!("/hub/v1/recordings/{recording}/parts/media");
        world.call(self.hub_ask(Method::PUT, &path).bytes(body)).await
    }

    /// Records something of so many bytes.
    pub(crate) async fn record(&mut self, world: &World, bytes: usize) -> RecordingId {
        let body: Vec<u8> = (0..bytes).map(|i| (i % 251) as u8).collect();
        let (link, upload) = self.next_link(world, &body);
        let recording = link.recording().unwrap();
        self.put_body(world, recording, &body).await.ok();
        world.call(self.hub_ask(Method::POST, "/hub/v1/links").json(&upload)).await.ok();
        let digest = upload.link.payload_digest();
        self.head = ChainHead { next_index: self.head.next_index + 1, digest: Some(digest) };
        self.links.push((recording, digest, body));
        recording
    }

    pub(crate) fn command(&self, world: &World, action: Action) -> Command {
        Command {
            household: self.household,
            command: CommandId(random()),
            issued_us: world.now(),
            member: self.member,
            action,
        }
    }

    pub(crate) fn erase_all(&self, world: &World) -> (CommandId, Envelope) {
        let targets = self.links.iter().map(|(recording, link, _)| EraseTarget { recording: *recording, link: *link });
        let command = self.command(world, Action::Erase { device: self.device, targets: targets.collect() });
        (command.command, Envelope::sign(&command, &self.signing))
    }
}
