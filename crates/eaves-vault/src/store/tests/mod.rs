//! Tests of the store: a small home that keeps recordings in it, and what the tests do with that.

mod copying;
mod crashing;
mod erasing;
mod keeping;
mod older;
mod signing_in;

use super::fault::Steps;
use super::{BodyWriter, CommitOutcome, Result, Store, StoreConfig};
use eaves_api::app::Headers;
use eaves_domain::command::{Action, Command, EraseTarget};
use eaves_domain::envelope::Envelope;
use eaves_domain::link::{ChainHead, GapCause, Link, LinkKind, Part, PartKind};
use eaves_domain::retention::{Class, Lifetimes};
use eaves_domain::roster::{Room, Roster};
use eaves_domain::{
    Base64Url, CommandId, Days, DeviceId, Digest, HouseholdId, HubId, MemberId, RecordingId, RoomId, RunId, Timestamp,
};
use ed25519_dalek::SigningKey;
use std::path::PathBuf;

pub(super) const NOW: Timestamp = Timestamp(1_790_000_000_000_000);
pub(super) const DAY_US: i64 = 86_400_000_000;

/// A recording as the hub has it.
#[derive(Clone)]
pub(super) struct Made {
    pub(super) recording: RecordingId,
    pub(super) link: Link,
    pub(super) envelope: Envelope,
    pub(super) headers: Headers,
    pub(super) media: Vec<u8>,
    pub(super) poster: Vec<u8>,
}

impl Made {
    pub(super) fn target(&self) -> EraseTarget {
        EraseTarget { recording: self.recording, link: self.envelope.payload_digest() }
    }
}

pub(super) struct Home {
    pub(super) dir: tempfile::TempDir,
    pub(super) store: Store,
    pub(super) steps: Steps,
    pub(super) household: HouseholdId,
    pub(super) device: DeviceId,
    pub(super) room: RoomId,
    key: SigningKey,
    head: ChainHead,
    pub(super) clock: Timestamp,
}

pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    getrandom::fill(&mut out).unwrap();
    out
}

impl Home {
    pub(super) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let steps = Steps::default();
        let store = Store::open_with(Self::config_in(&dir), steps.clone()).await.unwrap();
        let household = HouseholdId(random());
        let mut tx = store.db.begin().await.unwrap();
        sqlx::query("INSERT INTO household (household, made_us, used_bytes, recordings) VALUES ($1, 0, 0, 0)")
            .bind(household.to_hex())
            .execute(&mut *tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let (device, room, key) = (DeviceId(random()), RoomId(random()), SigningKey::from_bytes(&random()));
        Self { dir, store, steps, household, device, room, key, head: ChainHead::EMPTY, clock: NOW }
    }

    fn config_in(dir: &tempfile::TempDir) -> StoreConfig {
        // A name that means something in a URL.
        StoreConfig { data_dir: dir.path().join("a home?"), second_roots_dir: dir.path().join("second") }
    }

    pub(super) fn config(&self) -> StoreConfig {
        Self::config_in(&self.dir)
    }

    pub(super) fn data_dir(&self) -> PathBuf {
        self.config().data_dir
    }

    /// What a restart does: everything in memory is gone.
    pub(super) async fn restart(&mut self) -> Result<()> {
        self.store.close().await;
        self.steps = Steps::default();
        self.store = Store::open_with(self.config(), self.steps.clone()).await?;
        Ok(())
    }

    /// The next recording of the device, which the vault does not know yet.
    pub(super) fn make(&self) -> Made {
        let recording = RecordingId(random());
        let (media, poster) = (random::<2_000>().to_vec(), random::<300>().to_vec());
        let (of_media, of_poster) = (random::<1_700>().to_vec(), random::<1_700>().to_vec());
        let part = |part, header: &[u8], body: &[u8]| Part {
            part,
            header: Digest::of(header),
            body: Digest::of(body),
            body_bytes: body.len() as u64,
        };
        let end = self.clock.plus_us(60_000_000);
        let kind = LinkKind::Recording {
            recording,
            run: RunId([1; 16]),
            class: Class::Continuous,
            keep_until_us: end.plus_us(3 * DAY_US),
            cut: false,
            parts: vec![part(PartKind::Media, &of_media, &media), part(PartKind::Poster, &of_poster, &poster)],
        };
        let link = self.link(end, kind);
        let envelope = Envelope::sign(&link, &self.key);
        let headers = Headers { media: Base64Url(of_media), card: None, poster: Some(Base64Url(of_poster)) };
        Made { recording, link, envelope, headers, media, poster }
    }

    fn link(&self, end: Timestamp, kind: LinkKind) -> Link {
        Link {
            household: self.household,
            hub: HubId([7; 16]),
            device: self.device,
            room: self.room,
            epoch: 1,
            roster: 1,
            index: self.head.next_index,
            previous: self.head.digest,
            start_us: self.clock,
            end_us: end,
            kind,
        }
    }

    pub(super) fn advance(&mut self, link: &Link, envelope: &Envelope) {
        self.head = ChainHead { next_index: link.index + 1, digest: Some(envelope.payload_digest()) };
        self.clock = link.end_us;
    }

    pub(super) async fn put(&self, recording: RecordingId, part: PartKind, bytes: &[u8]) -> Result<()> {
        let mut body: BodyWriter = self.store.receive_body(self.household, recording, part).await?;
        for piece in bytes.chunks(700) {
            body.write(piece.to_vec()).await?;
        }
        self.store.keep_body(self.household, recording, part, body, NOW).await.map(drop)
    }

    pub(super) async fn put_bodies(&self, made: &Made) -> Result<()> {
        self.put(made.recording, PartKind::Media, &made.media).await?;
        self.put(made.recording, PartKind::Poster, &made.poster).await
    }

    pub(super) async fn commit(&self, made: &Made) -> Result<CommitOutcome> {
        self.store.commit_link(&made.link, &made.envelope, Some(&made.headers)).await
    }

    /// Makes and keeps the next recording.
    pub(super) async fn keep(&mut self) -> Made {
        let made = self.make();
        self.put_bodies(&made).await.unwrap();
        assert_eq!(self.commit(&made).await.unwrap(), CommitOutcome::Committed);
        self.advance(&made.link, &made.envelope);
        made
    }

    pub(super) async fn keep_gap(&mut self, us: i64) {
        let link = self.link(self.clock.plus_us(us), LinkKind::Gap { cause: GapCause::CameraStalled });
        let envelope = Envelope::sign(&link, &self.key);
        assert_eq!(self.store.commit_link(&link, &envelope, None).await.unwrap(), CommitOutcome::Committed);
        self.advance(&link, &envelope);
    }

    /// A signed wish that the vault has taken.
    pub(super) async fn wish(&self, targets: &[EraseTarget]) -> CommandId {
        let command = CommandId(random());
        let document = Command {
            household: self.household,
            command,
            issued_us: NOW,
            member: MemberId([3; 16]),
            action: Action::Erase { device: self.device, targets: targets.to_vec() },
        };
        let envelope = Envelope::sign(&document, &self.key);
        assert!(self.store.add_command(self.household, command, &envelope, NOW).await.unwrap());
        command
    }

    /// Stores a roster in which the room's lifetimes are `days`.
    pub(super) async fn add_roster(&self, version: u64, days: u16) {
        let days = Days::new(days).unwrap();
        let room = Room {
            room: self.room,
            epoch: 1,
            recipient: String::new(),
            audience: Vec::new(),
            label: Base64Url::default(),
            lifetimes: Lifetimes { continuous_days: days, event_days: days },
            records: eaves_domain::roster::Records::Always,
        };
        let roster = Roster {
            household: self.household,
            version,
            previous: None,
            issued_us: NOW,
            epoch: 1,
            recipient: String::new(),
            label: Base64Url::default(),
            members: Vec::new(),
            hubs: Vec::new(),
            rooms: vec![room],
            devices: Vec::new(),
        };
        let envelope = Envelope::sign(&roster, &self.key);
        if version > 1 {
            let people = super::People::default();
            let (household, wraps) = (self.household, [].as_slice());
            let step = super::RosterStep { household, version, envelope: &envelope, wraps, people: &people, hub: None };
            return self.store.add_roster(&step).await.unwrap();
        }
        let mut tx = self.store.db.begin().await.unwrap();
        super::household::put_roster(&mut tx, self.household, 1, &envelope, &[]).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub(super) async fn opens(&self, made: &Made) -> bool {
        match self.store.headers(self.household, made.recording).await.unwrap() {
            None => false,
            Some(headers) => {
                assert_eq!(headers.media, made.headers.media, "a header that opens is the right one");
                assert_eq!(headers.poster, made.headers.poster);
                true
            }
        }
    }

    /// The files of the store and of the second roots, with their bytes.
    pub(super) fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        fn walk(dir: &std::path::Path, out: &mut Vec<(PathBuf, Vec<u8>)>) {
            for entry in std::fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { walk(&path, out) } else { out.push((path.clone(), std::fs::read(&path).unwrap())) }
            }
        }
        let mut out = Vec::new();
        walk(self.dir.path(), &mut out);
        out
    }

    /// What `check` finds, digests included.
    pub(super) async fn findings(&self) -> Vec<super::Finding> {
        self.store.check(true).await.unwrap()
    }
}
