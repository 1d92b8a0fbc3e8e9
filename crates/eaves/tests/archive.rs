//! Leaving with everything: what a vault keeps, written by `eaves archive`, opens with a recovery kit and without a server.
#![cfg(feature = "vault")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use eaves_api::app::{Headers, Way, WrappedSecret};
use eaves_domain::envelope::PublicKey;
use eaves_domain::link::{ChainHead, GapCause, Link, LinkKind, PartKind};
use eaves_domain::{Base64Url, ScopeId};
use eaves_open::archive::{Archive, Files};
use eaves_testkit::home::{NOON, S, SealedPart, SimulatedHome, gap};
use eaves_vault::store::{Account, CommitOutcome, NewHousehold, Store, StoreConfig};
use std::path::{Path, PathBuf};
use std::process::Command;

const MEDIA: &[u8] = b"pictures of a whole minute";
const POSTER: &[u8] = b"one picture";

struct Folder(PathBuf);

impl Files for Folder {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        std::fs::read(self.0.join(path)).ok()
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.0.join(folder)) else { return Vec::new() };
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// A vault with one household: a recording, then a gap.
async fn fill(data: &Path, home: &SimulatedHome) {
    let store = Store::open(StoreConfig::in_folder(&data.join("vault"))).await.unwrap();
    let (owner, roster) = (&home.owner, home.owner.sign(&home.roster()));
    let (kit, password) = (owner.wrap_for_kit(), owner.wrap_for_password(&[1; 64]));
    let kit = WrappedSecret { way: Way::Kit, credential: None, nonce: kit.nonce, ciphertext: kit.ciphertext };
    let password =
        WrappedSecret { way: Way::Password, credential: None, nonce: password.nonce, ciphertext: password.ciphertext };
    let key_wraps = [
        owner.wrap_shared(ScopeId::from(home.household), 1, &home.household_seed()),
        owner.wrap_shared(ScopeId::from(home.room), 1, &home.room_seed()),
    ];
    let account = Account {
        household: home.household,
        member: owner.member,
        opaque_record: vec![0; 192],
        ksf_preset: 1,
        kit_key: Some(PublicKey([0; 32])),
    };
    let (household, handle) = (home.household, "handle");
    let new = NewHousehold {
        household,
        handle,
        account: &account,
        roster: &roster,
        hub: eaves_domain::HubId([1; 16]),
        roster_mac: &[],
        key_wraps: &key_wraps,
        wrapped: [&kit, &password],
    };
    store.make_household(&new, NOON).await.unwrap();

    let mut head = ChainHead { next_index: 0, digest: None };
    let (media, poster) = (home.seal_part(PartKind::Media, MEDIA), home.seal_part(PartKind::Poster, POSTER));
    let recording = home.link(head, NOON, home.recording(1, NOON, false, &[&media, &poster]));
    keep(&store, &recording, &[&media, &poster]).await;
    let header = |sealed: &SealedPart| Base64Url(sealed.header.clone());
    let headers = Headers { media: header(&media), card: None, poster: Some(header(&poster)) };
    let envelope = home.sign_link(&recording, &mut head);
    assert_eq!(store.commit_link(&recording, &envelope, Some(&headers)).await.unwrap(), CommitOutcome::Committed);
    let pause = home.link(head, NOON.plus_us(60 * S), gap(GapCause::CameraStalled));
    let envelope = home.sign_link(&pause, &mut head);
    assert_eq!(store.commit_link(&pause, &envelope, None).await.unwrap(), CommitOutcome::Committed);
    store.close().await;
}

async fn keep(store: &Store, link: &Link, parts: &[&SealedPart]) {
    let LinkKind::Recording { recording, .. } = link.kind else { panic!("a recording") };
    for sealed in parts {
        let mut body = store.receive_body(link.household, recording, sealed.part.part).await.unwrap();
        body.write(sealed.body.clone()).await.unwrap();
        store.keep_body(link.household, recording, sealed.part.part, body, NOON).await.unwrap();
    }
}

fn archive(data: &Path, out: &Path) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eaves"));
    command.env_clear().arg("archive").arg("--data-dir").arg(data).arg("--out").arg(out);
    command.output().unwrap()
}

#[tokio::test]
async fn what_a_vault_keeps_opens_with_the_kit_and_without_a_server() {
    let dir = tempfile::tempdir().unwrap();
    let (data, out) = (dir.path().join("data"), dir.path().join("archive"));
    let home = SimulatedHome::new(20);
    fill(&data, &home).await;
    let written = archive(&data, &out);
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    // The vault is not there any more.
    std::fs::remove_dir_all(&data).unwrap();

    let opened = Archive::open(Folder(out.clone()), &home.owner.kit()).unwrap();
    assert!(opened.problems().is_empty() && opened.missing_devices().is_empty(), "{:?}", opened.problems());
    assert_eq!(opened.device_name(home.camera).as_deref(), Some("Crib"));
    let chain = opened.chain(home.camera, NOON.plus_us(120 * S));
    assert!(chain.findings.is_empty(), "{:?}", chain.findings);
    assert_eq!(chain.links.len(), 2);
    let part = |kind| opened.part(&chain.links[0], kind).unwrap();
    assert_eq!(part(PartKind::Media).unwrap().as_slice(), MEDIA);
    assert_eq!(part(PartKind::Poster).unwrap().as_slice(), POSTER);
    assert!(part(PartKind::Card).is_none());

    let stranger = SimulatedHome::new(60);
    assert!(Archive::open(Folder(out), &stranger.owner.kit()).is_err(), "another kit opens nothing");
}

#[tokio::test]
async fn an_archive_never_goes_into_a_folder_with_something_in_it() {
    let dir = tempfile::tempdir().unwrap();
    let (data, out) = (dir.path().join("data"), dir.path().join("archive"));
    fill(&data, &SimulatedHome::new(20)).await;
    std::fs::create_dir(&out).unwrap();
    std::fs::write(out.join("mine"), "mine").unwrap();
    assert!(!archive(&data, &out).status.success());
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 1, "nothing was added");
}
