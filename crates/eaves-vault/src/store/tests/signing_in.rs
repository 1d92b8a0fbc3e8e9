//! The secrets behind sign-ins: outside the database, moved out of an older one, in every backup.

use super::{Home, NOW, random};
use crate::auth::opaque::SignInKey;
use crate::store::{Account, NewHousehold, Store, StoreConfig, StoreError, restore};
use eaves_api::app::{Way, WrappedSecret};
use eaves_domain::envelope::{Envelope, PublicKey};
use eaves_domain::roster::Roster;
use eaves_domain::{Base64Url, HouseholdId, MemberId};
use ed25519_dalek::SigningKey;
use std::path::Path;

struct Made {
    household: HouseholdId,
    member: MemberId,
    password: WrappedSecret,
}

fn wrapped(way: Way) -> WrappedSecret {
    WrappedSecret {
        way,
        credential: None,
        nonce: random::<12>().to_vec().into(),
        ciphertext: random::<48>().to_vec().into(),
    }
}

fn roster(household: HouseholdId) -> Roster {
    Roster {
        household,
        version: 1,
        previous: None,
        issued_us: NOW,
        epoch: 1,
        recipient: String::new(),
        label: Base64Url::default(),
        members: Vec::new(),
        hubs: Vec::new(),
        rooms: Vec::new(),
        devices: Vec::new(),
    }
}

async fn household(store: &Store) -> Made {
    let (household, member, key) = (HouseholdId(random()), MemberId(random()), SigningKey::from_bytes(&random()));
    let account = Account {
        household,
        member,
        opaque_record: random::<192>().to_vec(),
        ksf_preset: 1,
        kit_key: Some(PublicKey::of(&key)),
    };
    let (password, kit) = (wrapped(Way::Password), wrapped(Way::Kit));
    let roster = Envelope::sign(&roster(household), &key);
    let new = NewHousehold {
        household,
        handle: "handle",
        account: &account,
        roster: &roster,
        hub: eaves_domain::HubId([1; 16]),
        roster_mac: &[1; 32],
        key_wraps: &[],
        wrapped: [&password, &kit],
    };
    store.make_household(&new, NOW).await.unwrap();
    Made { household, member, password }
}

fn holds(dir: &Path, wanted: &[u8]) -> bool {
    std::fs::read_dir(dir).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        path.is_file() && std::fs::read(&path).unwrap().windows(wanted.len()).any(|bytes| bytes == wanted)
    })
}

#[tokio::test]
async fn a_wrapped_secret_lies_sealed_in_the_database_and_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let config = StoreConfig::in_folder(dir.path());
    let store = Store::open(config.clone()).await.unwrap();
    let made = household(&store).await;
    let found = store.wrapped_secret(made.household, made.member, Way::Password).await.unwrap();
    assert_eq!(found.as_ref(), Some(&made.password));
    store.close().await;
    assert!(!holds(dir.path(), &made.password.ciphertext.0));
    let store = Store::open(config).await.unwrap();
    assert_eq!(store.wrapped_secret(made.household, made.member, Way::Password).await.unwrap(), found);
    assert_eq!(store.check(false).await.unwrap(), []);
    // A row that is moved to another member does not open there.
    sqlx::query("UPDATE wrapped_secret SET member = $1")
        .bind(MemberId([9; 16]).to_hex())
        .execute(store.db.writer())
        .await
        .unwrap();
    assert!(store.wrapped_secret(made.household, MemberId([9; 16]), Way::Password).await.is_err());
    assert_eq!(store.check(false).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_store_with_accounts_does_not_open_without_its_sign_in_key() {
    let dir = tempfile::tempdir().unwrap();
    let config = StoreConfig::in_folder(dir.path());
    let store = Store::open(config.clone()).await.unwrap();
    household(&store).await;
    store.close().await;
    let (file, aside) = (dir.path().join("sign-in.key"), dir.path().join("aside"));
    std::fs::rename(&file, &aside).unwrap();
    assert!(matches!(Store::open(config.clone()).await, Err(StoreError::Damaged(why)) if why.contains("sign-in.key")));
    assert!(!file.exists());
    std::fs::rename(&aside, &file).unwrap();
    Store::open(config).await.unwrap();
}

#[tokio::test]
async fn an_older_database_gives_its_secret_to_the_file_and_keeps_nothing_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let config = StoreConfig::in_folder(dir.path());
    let store = Store::open(config.clone()).await.unwrap();
    let made = household(&store).await;
    // As an older version left it.
    let setup = SignInKey::make();
    let mut tx = store.db.begin().await.unwrap();
    sqlx::query("INSERT INTO setting (name, value) VALUES ('opaque-sign-in-key', $1)")
        .bind(setup.clone())
        .execute(&mut *tx)
        .await
        .unwrap();
    sqlx::query("UPDATE wrapped_secret SET sealed = NULL, nonce = $1, ciphertext = $2 WHERE way = 'password'")
        .bind(made.password.nonce.0.clone())
        .bind(made.password.ciphertext.0.clone())
        .execute(&mut *tx)
        .await
        .unwrap();
    sqlx::query("DELETE FROM wrapped_secret WHERE way <> 'password'").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
    std::fs::remove_file(dir.path().join("sign-in.key")).unwrap();
    assert!(holds(dir.path(), &setup));
    for round in 0..2 {
        let store = Store::open(config.clone()).await.unwrap();
        assert_eq!(*store.sign_in_secrets().setup, setup);
        let found = store.wrapped_secret(made.household, made.member, Way::Password).await.unwrap();
        assert_eq!(found.as_ref(), Some(&made.password));
        store.close().await;
        for file in ["vault.db", "vault.db-wal"].map(|name| dir.path().join(name)).iter().filter(|file| file.exists()) {
            let bytes = std::fs::read(file).unwrap();
            let keeps = |wanted: &[u8]| bytes.windows(wanted.len()).any(|bytes| bytes == wanted);
            assert!(!keeps(&setup) && !keeps(&made.password.ciphertext.0), "round {round}");
        }
    }
}

#[tokio::test]
async fn a_backup_carries_the_sign_in_key_and_is_refused_without_it() {
    let mut home = Home::new().await;
    home.keep().await;
    let out = home.dir.path().join("backups/one");
    home.store.backup(&out, NOW).await.unwrap();
    let empty = |name: &str| StoreConfig::in_folder(&home.dir.path().join(name));
    restore(&out, &empty("whole"), NOW).unwrap();
    let restored = Store::open(empty("whole")).await.unwrap();
    assert_eq!(restored.sign_in_secrets().setup, home.store.sign_in_secrets().setup);
    assert_eq!(restored.sign_in_secrets().vault_key, home.store.sign_in_secrets().vault_key);
    std::fs::remove_file(out.join("sign-in.key")).unwrap();
    assert!(matches!(restore(&out, &empty("less"), NOW), Err(StoreError::Damaged(why)) if why.contains("sign-in.key")));
    assert!(!home.dir.path().join("less").exists());
}

#[tokio::test]
async fn check_says_when_others_may_read_the_sign_in_key() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new().await;
    let file = home.data_dir().join("sign-in.key");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(home.findings().await.iter().any(|finding| finding.what.contains("sign-in.key")));
}
