//! Claiming through a vault that is honest, or is not.

use crate::camera::CANARY;
use crate::home::{Home, eventually};
use eaves_api::channel::ToHub;
use eaves_domain::claim::ClaimCode;
use eaves_domain::envelope::{Envelope, PublicKey};
use eaves_hub::event::Event;
use ed25519_dalek::SigningKey;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_recorded_before_the_claim_and_everything_after() {
    let mut home = Home::new();
    home.start();
    home.code().await;
    eventually("the hub introduces itself", || home.vault.is_connected()).await;
    assert_eq!(home.cameras.opened(), 0);
    home.claim().await;
    eventually("the camera is connected", || home.cameras.is_connected()).await;
    home.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn vault_that_makes_itself_the_owner_is_refused_and_the_true_owner_still_gets_in() {
    let mut home = Home::new();
    home.start();
    home.code().await;
    eventually("the hub introduces itself", || home.vault.is_connected()).await;
    let vaults_own = SigningKey::from_bytes(&[66; 32]);
    let mut roster = home.first_roster();
    roster.members[0].signing_key = PublicKey::of(&vaults_own);
    let envelope = Envelope::sign(&roster, &vaults_own);
    let guess = ClaimCode::from_random([1; 10]).roster_mac(envelope.payload_digest());
    home.vault.tell(ToHub::Claimed { roster: envelope, mac: guess.into() });
    home.claim().await;
    eventually("the camera is connected", || home.cameras.is_connected()).await;
    let pinned = std::fs::read(home.config.dir.join("roster/0000000001.json")).unwrap();
    let pinned: Envelope = serde_json::from_slice(&pinned).unwrap();
    assert_eq!(pinned, home.roster.clone().unwrap().1, "the owner's roster is pinned");
    home.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hub_that_ended_before_it_heard_of_its_claim_is_claimed_when_it_starts_again() {
    let mut home = Home::new();
    home.start();
    let code = home.code().await;
    eventually("the hub introduces itself", || home.vault.is_connected()).await;
    // The owner finishes at the vault; the hub ends before the vault has told it.
    let roster = home.first_roster();
    let envelope = Envelope::sign(&roster, &home.owner);
    let mac = code.roster_mac(envelope.payload_digest());
    home.stop().await;
    {
        let mut held = home.vault.held();
        held.household = Some(roster.household);
        held.rosters = vec![envelope.clone()];
    }
    home.clock.pass_us(3_600_000_000);
    home.start();
    eventually("the hub is connected again", || home.vault.is_connected()).await;
    home.vault.tell(ToHub::Claimed { roster: envelope.clone(), mac: mac.into() });
    home.roster = Some((roster, envelope));
    eventually("the hub is claimed", || home.events.lock().unwrap().iter().any(|e| matches!(e, Event::Claimed))).await;
    eventually("the camera is connected", || home.cameras.is_connected()).await;
    assert!(!home.config.dir.join("claim-codes").exists(), "no code is kept any longer than it is needed");
    home.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_of_the_hub_holds_a_picture_or_a_camera_password() {
    let mut home = Home::recording().await;
    home.film(70).await;
    home.vault.set_away(true);
    home.film(30).await;
    home.stop().await;
    let mut searched = 0;
    let mut folders = vec![home.dir.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            searched += bytes.len();
            for word in [CANARY, b"a-camera-password", b"camera.invalid", b"moof", b"ftyp", b"a poster"] {
                assert!(!bytes.windows(word.len()).any(|w| w == word), "{path:?} holds {word:?}");
            }
        }
    }
    assert!(searched > 100_000, "there is something to search: {searched}");
}
