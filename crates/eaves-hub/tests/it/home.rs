//! A household for the tests: its keys, its roster, its hub.

use crate::camera::{TestCameras, TestClock};
use crate::vault::TestVault;
use eaves_api::channel::ToHub;
use eaves_domain::claim::ClaimCode;
use eaves_domain::command::{Action, Command};
use eaves_domain::envelope::{Envelope, PublicKey};
use eaves_domain::home::HomeState;
use eaves_domain::link::{GapCause, Link, LinkKind};
use eaves_domain::live::Watch;
use eaves_domain::retention::Lifetimes;
use eaves_domain::roster::{CameraSettings, Device, DeviceKind, Hub as HubEntry, Member, Records, Role, Room, Roster};
use eaves_domain::{Base64Url, CommandId, DeviceId, HouseholdId, MemberId, RecordingId, RoomId};
use eaves_hub::camera::Cameras;
use eaves_hub::claim::PublicIdentity;
use eaves_hub::event::Event;
use eaves_hub::hub::{Hub, HubConfig};
use eaves_inbox::HubIdentity;
use eaves_media::Clock;
use eaves_seal::{Recipient, seal_small};
use ed25519_dalek::SigningKey;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(crate) const CAMERA: DeviceId = DeviceId([4; 16]);
pub(crate) const OWNER: MemberId = MemberId([5; 16]);
pub(crate) const ROOM: RoomId = RoomId([3; 16]);
pub(crate) const HOUSEHOLD: HouseholdId = HouseholdId([1; 16]);

pub(crate) struct Home {
    pub(crate) clock: TestClock,
    pub(crate) cameras: TestCameras,
    pub(crate) vault: TestVault,
    pub(crate) owner: SigningKey,
    pub(crate) events: Arc<Mutex<Vec<Event>>>,
    pub(crate) config: HubConfig,
    pub(crate) own: Option<PublicIdentity>,
    pub(crate) roster: Option<(Roster, Envelope)>,
    /// Kept so that the folder lives as long as the home.
    pub(crate) dir: tempfile::TempDir,
    running: Option<(CancellationToken, JoinHandle<()>)>,
}

/// A room's identity: opens small files sealed to the room.
pub(crate) fn room_identity(epoch: u8) -> HubIdentity {
    HubIdentity::from_seed(&[100 + epoch; 32])
}

/// Waits for something that the hub does in its own time.
pub(crate) async fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.unwrap_or_else(|_| panic!("never happened: {what}"));
}

impl Home {
    /// Films until something is so.
    pub(crate) async fn film_until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let filming = async {
            while !is_so() {
                self.film(1).await;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), filming)
            .await
            .unwrap_or_else(|_| panic!("never happened: {what}"));
    }

    /// A hub that nobody owns, not running.
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = TestClock::new();
        let mut config = HubConfig::new(dir.path().join("hub"));
        config.free_bytes_min = 0;
        config.drain = Duration::from_secs(2);
        Self {
            cameras: TestCameras::new(clock.clone()),
            clock,
            vault: TestVault::default(),
            owner: SigningKey::from_bytes(&[50; 32]),
            events: Arc::default(),
            config,
            own: None,
            roster: None,
            dir,
            running: None,
        }
    }

    /// A hub that runs, has an owner, and is connected to its camera and its vault.
    pub(crate) async fn recording() -> Self {
        let mut home = Self::new();
        home.start();
        home.claim().await;
        home.is_up().await;
        home
    }

    /// The camera films for some seconds.
    pub(crate) async fn film(&self, seconds: i64) {
        self.cameras.film(seconds).await;
    }

    pub(crate) async fn is_up(&self) {
        eventually("the hub connects", || self.cameras.is_connected() && self.vault.is_connected()).await;
    }

    /// Starts the hub.
    pub(crate) fn start(&mut self) {
        self.start_with(Arc::new(self.cameras.clone()), Arc::new(self.clock.clone()));
    }

    /// Starts the hub with other cameras and another clock.
    pub(crate) fn start_with(&mut self, cameras: Arc<dyn Cameras>, clock: Arc<dyn Clock>) {
        let events = self.events.clone();
        let tell = move |event: Event| events.lock().unwrap().push(event);
        let hub =
            Hub::open_with(self.config.clone(), Arc::new(self.vault.clone()), cameras, clock, Arc::new(tell)).unwrap();
        self.own = Some(hub.public_identity().clone());
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let task = tokio::spawn(async move { hub.run(stopped).await.unwrap() });
        self.running = Some((stop, task));
    }

    /// Stops the hub well.
    pub(crate) async fn stop(&mut self) {
        let (stop, task) = self.running.take().unwrap();
        stop.cancel();
        task.await.unwrap();
    }

    /// The code on the console.
    pub(crate) async fn code(&self) -> ClaimCode {
        let code = || {
            self.events.lock().unwrap().iter().rev().find_map(|e| match e {
                Event::ClaimCode { code, .. } => Some(code.clone()),
                _ => None,
            })
        };
        eventually("the hub shows a code", || code().is_some()).await;
        code().unwrap()
    }

    /// Claims the hub as an owner would, through the vault.
    pub(crate) async fn claim(&mut self) {
        self.claim_with(|_, _| {}).await;
    }

    /// Claims the hub with a roster that is changed before it is signed.
    pub(crate) async fn claim_with(&mut self, change: impl FnOnce(&Self, &mut Roster)) {
        let code = self.code().await;
        eventually("the hub has introduced itself", || self.vault.is_connected()).await;
        let pairing = self.vault.held().pairing.clone().unwrap();
        assert!(code.verifies_introduction(&pairing.introduction), "the app checks the hub's keys");
        let mut roster = self.first_roster();
        change(self, &mut roster);
        let envelope = Envelope::sign(&roster, &self.owner);
        let mac = code.roster_mac(envelope.payload_digest());
        {
            let mut held = self.vault.held();
            held.household = Some(roster.household);
            held.rosters = vec![envelope.clone()];
        }
        self.vault.tell(ToHub::Claimed { roster: envelope.clone(), mac: mac.into() });
        self.roster = Some((roster, envelope));
        eventually("the hub is claimed", || self.events.lock().unwrap().iter().any(|e| matches!(e, Event::Claimed)))
            .await;
    }

    pub(crate) fn first_roster(&self) -> Roster {
        let own = self.own.clone().unwrap();
        let label = || Base64Url(vec![0; 20]);
        Roster {
            household: HOUSEHOLD,
            version: 1,
            previous: None,
            issued_us: self.clock.now().wall,
            epoch: 1,
            recipient: Recipient::of_seed(&[90; 32]).to_text(),
            label: label(),
            members: vec![Member {
                member: OWNER,
                role: Role::Owner,
                recipient: Recipient::of_seed(&[91; 32]).to_text(),
                signing_key: PublicKey::of(&self.owner),
                label: label(),
            }],
            hubs: vec![HubEntry { hub: own.hub, signing_key: own.signing_key, recipient: own.recipient }],
            rooms: vec![Room {
                room: ROOM,
                epoch: 1,
                recipient: room_identity(1).recipient().to_text(),
                audience: vec![OWNER],
                label: label(),
                lifetimes: Lifetimes::default(),
                records: Records::Always,
            }],
            devices: vec![Device {
                device: CAMERA,
                kind: DeviceKind::Camera,
                room: ROOM,
                hub: own.hub,
                label: label(),
                settings: self.settings(true),
            }],
        }
    }

    /// Settings of the camera, sealed to the hub.
    pub(crate) fn settings(&self, microphone: bool) -> Base64Url {
        self.settings_with_sub(microphone, None)
    }

    /// The same with a sub stream.
    pub(crate) fn settings_with_sub(&self, microphone: bool, sub_url: Option<String>) -> Base64Url {
        let settings = CameraSettings::Rtsp {
            main_url: "rtsp://camera.invalid/main".into(),
            sub_url,
            username: Some("somebody".into()),
            password: Some("a-camera-password".into()),
            microphone,
        };
        let recipient = Recipient::parse(&self.own.clone().unwrap().recipient).unwrap();
        Base64Url(seal_small(&recipient, &serde_json::to_vec(&settings).unwrap()).unwrap())
    }

    /// The owner signs a newer roster, and the vault tells the hub.
    pub(crate) fn change_roster(&mut self, change: impl FnOnce(&mut Roster)) {
        let (last, envelope) = self.roster.clone().unwrap();
        let mut next = last;
        next.version += 1;
        next.previous = Some(envelope.payload_digest());
        change(&mut next);
        let envelope = Envelope::sign(&next, &self.owner);
        self.vault.held().rosters.push(envelope.clone());
        self.roster = Some((next, envelope));
        self.vault.tell(ToHub::RosterChanged);
    }

    /// Waits until the chain in the vault has so many recordings.
    pub(crate) async fn has_recordings(&self, count: usize) -> Vec<Link> {
        let recordings = || self.vault.links(CAMERA).into_iter().filter(|l| l.recording().is_some()).count();
        eventually(&format!("{count} recordings in the vault"), || recordings() >= count).await;
        self.vault.links(CAMERA)
    }

    /// Opens a small part of a recording with the room's identity.
    pub(crate) fn open_part(&self, recording: RecordingId, part: &str, epoch: u8) -> Option<Vec<u8>> {
        let held = self.vault.held();
        let headers = held.headers.get(&recording)?;
        let header = match part {
            "media" => Some(&headers.media),
            "card" => headers.card.as_ref(),
            _ => headers.poster.as_ref(),
        }?;
        let mut file = header.0.clone();
        file.extend_from_slice(held.parts.get(&(recording, part.to_owned()))?);
        room_identity(epoch).open_letter(&file).ok().map(|opened| opened.to_vec())
    }

    /// The owner watches, says the vault.
    pub(crate) fn watch(&self, id: u8) -> CommandId {
        let watch = CommandId([id; 16]);
        self.vault.tell(ToHub::Watch { watch: self.wish(id, OWNER, &self.owner) });
        watch
    }

    /// A signed wish to watch.
    pub(crate) fn wish(&self, id: u8, member: MemberId, key: &SigningKey) -> Envelope {
        let issued_us = self.clock.now().wall;
        let watch = CommandId([id; 16]);
        Envelope::sign(&Watch { household: HOUSEHOLD, watch, issued_us, member, device: CAMERA }, key)
    }

    /// They left.
    pub(crate) fn unwatch(&self, watches: &[CommandId]) {
        self.vault.tell(ToHub::Unwatch { device: CAMERA, watches: watches.to_vec() });
    }

    /// The newest home state that the vault was told, verified.
    pub(crate) fn state(&self) -> Option<HomeState> {
        let key = self.own.as_ref()?.signing_key;
        self.vault.held().home.as_ref().map(|state| state.verify(&[key]).expect("signed by the hub"))
    }

    /// Signs a command and has the vault relay it.
    pub(crate) fn command(&self, id: u8, action: Action) -> CommandId {
        self.command_of(OWNER, &self.owner, id, action)
    }

    /// The same for another member.
    pub(crate) fn command_of(&self, member: MemberId, key: &SigningKey, id: u8, action: Action) -> CommandId {
        let command = CommandId([id; 16]);
        let document = Command { household: HOUSEHOLD, command, issued_us: self.clock.now().wall, member, action };
        self.vault.tell(ToHub::Command { command: Envelope::sign(&document, key) });
        command
    }
}

/// The gaps of a chain.
pub(crate) fn gaps(links: &[Link]) -> Vec<GapCause> {
    links
        .iter()
        .filter_map(|link| match link.kind {
            LinkKind::Gap { cause } => Some(cause),
            LinkKind::Recording { .. } => None,
        })
        .collect()
}

/// Whether each link starts where the one before ended.
pub(crate) fn is_whole(links: &[Link]) -> bool {
    links.windows(2).all(|pair| {
        let pause = pair[1].start_us.since_us(pair[0].end_us);
        (-500_000..=2_000_000).contains(&pause)
    })
}
