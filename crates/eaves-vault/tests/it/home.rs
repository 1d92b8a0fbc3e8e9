//! A simulated household: its keys, its hub, its recordings, and an app that speaks OPAQUE.

use crate::signing::{registration, registration_with_key};
use crate::world::{Answer, Ask, PAIRING_SECRET, World};
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
use ed25519_dalek::SigningKey;

pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

pub(crate) fn secret(way: Way) -> WrappedSecret {
    WrappedSecret { way, credential: None, nonce: vec![1; 12].into(), ciphertext: random::<48>().to_vec().into() }
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
    /// The member secret under password and kit.
    secrets: [WrappedSecret; 2],
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
            secrets: [secret(Way::Password), secret(Way::Kit)],
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
            password: self.secrets[0].clone(),
            kit: self.secrets[1].clone(),
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

    /// The member secret in every form that the vault has.
    pub(crate) fn wrapped(&self) -> &[WrappedSecret] {
        &self.secrets
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
