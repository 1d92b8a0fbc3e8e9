//! The attack that a right password and a stolen copy of the database make possible, with the attacker's code written out.
//!
//! The thief has: the name, the password, every file of the vault but `sign-in.key`, and as much time as they like. They
//! also reach the running vault, from a browser that nobody knows. What they want is the member secret, 32 bytes, from
//! which everything of a household can be opened. What they get is nothing. With `sign-in.key` the same code opens it,
//! which shows that the code is able to.

use crate::home::{Home, random};
use crate::world::World;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use eaves_vault::auth::lockbox::{Lockbox, Place};
use eaves_vault::auth::opaque::SignInKey;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Bytes of OPAQUE's long-term secret; it begins with the OPRF seed.
const SETUP: usize = 128;
const SIGN_IN_KEY: &str = "sign-in.key";

/// What was carried off.
struct Loot {
    files: Vec<(PathBuf, Vec<u8>)>,
    /// Handle, record, and the sealed columns of the member, with household and member.
    handle: String,
    record: Vec<u8>,
    sealed: Vec<(String, Vec<u8>)>,
    household: eaves_domain::HouseholdId,
    member: eaves_domain::MemberId,
}

fn walk(dir: &Path, out: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, out) } else { out.push((path.clone(), std::fs::read(&path).unwrap())) }
    }
}

/// Copies everything of the vault's folder but the one file, and reads the database as anybody can.
async fn steal(world: &World, home: &Home, with_key: bool) -> Loot {
    let mut files = Vec::new();
    walk(&world.folder.path().join("data"), &mut files);
    files.retain(|(path, _)| with_key || !path.ends_with(SIGN_IN_KEY));
    let copy = tempfile::tempdir().unwrap();
    for (path, bytes) in &files {
        let name = path.file_name().unwrap();
        if name.to_string_lossy().starts_with("vault.db") {
            std::fs::write(copy.path().join(name), bytes).unwrap();
        }
    }
    use sqlx::Connection as _;
    sqlx::any::install_default_drivers();
    let url = format!("sqlite://{}/vault.db", copy.path().display());
    let mut database = sqlx::AnyConnection::connect(&url).await.unwrap();
    let (handle, record): (String, Vec<u8>) =
        sqlx::query_as("SELECT handle, opaque_record FROM account").fetch_one(&mut database).await.unwrap();
    let sealed: Vec<(String, Vec<u8>)> =
        sqlx::query_as("SELECT way, sealed FROM wrapped_secret").fetch_all(&mut database).await.unwrap();
    assert_eq!((handle.as_str(), record.len(), sealed.len()), (home.handle.to_text().as_str(), 192, 2));
    Loot { files, handle, record, sealed, household: home.household, member: home.member }
}

impl Loot {
    /// Every stretch of bytes that could be a secret: at any offset of any file, and random enough. Text, numbers and
    /// empty pages are not.
    fn candidates<const N: usize>(&self) -> HashSet<[u8; N]> {
        let mut all = HashSet::new();
        for (_, bytes) in &self.files {
            let (mut counts, mut distinct) = ([0_usize; 256], 0);
            for (at, byte) in bytes.iter().enumerate() {
                let entering = &mut counts[usize::from(*byte)];
                distinct += usize::from(*entering == 0);
                *entering += 1;
                if at >= N {
                    let leaving = &mut counts[usize::from(bytes[at - N])];
                    *leaving -= 1;
                    distinct -= usize::from(*leaving == 0);
                }
                if at + 1 >= N && distinct * 4 > N.min(64) * 3 {
                    all.insert(<[u8; N]>::try_from(&bytes[at + 1 - N..=at]).unwrap());
                }
            }
        }
        all
    }

    /// Tries the password offline against the stolen record, with every candidate for the vault's OPAQUE secret.
    fn offline(&self, home: &Home) -> Vec<Vec<u8>> {
        let mut opened = Vec::new();
        for setup in self.candidates::<SETUP>() {
            let Ok(key) = SignInKey::read(&setup) else { continue };
            let Some(export_key) = home.export_key(|ke1| key.start(&self.handle, Some(&self.record), ke1).ok()) else {
                continue;
            };
            opened.extend(self.unwrap_all(&export_key));
        }
        opened
    }

    /// Opens what can be opened with an export key: takes the vault's seal off with every candidate for its key, then the
    /// wrap below.
    fn unwrap_all(&self, export_key: &[u8]) -> Vec<Vec<u8>> {
        let wraps = self.candidates::<32>().into_iter().flat_map(|key| self.unseal(&key)).chain(self.as_they_lie());
        wraps.filter_map(|wrap| home_unwrap(export_key, &wrap)).collect()
    }

    fn unseal(&self, vault_key: &[u8; 32]) -> Vec<Vec<u8>> {
        let lockbox = Lockbox::new(vault_key);
        let open = |(way, sealed): &(String, Vec<u8>)| {
            let place = Place { table: "wrapped_secret", household: self.household, member: self.member, column: way };
            lockbox.open(&place, sealed).ok().map(|plain| plain.to_vec())
        };
        self.sealed.iter().filter_map(open).collect()
    }

    fn as_they_lie(&self) -> Vec<Vec<u8>> {
        self.sealed.iter().flat_map(|(_, sealed)| [sealed.clone(), sealed[12..].to_vec()]).collect()
    }

    /// Skips OPAQUE: takes everything random in the files for the key of the wrap.
    fn guess_keys(&self) -> usize {
        let mut opened = 0;
        let keys = self.candidates::<64>();
        for wrap in self.as_they_lie() {
            opened += keys.iter().filter(|key| home_unwrap(*key, &wrap).is_some()).count();
        }
        for key in self.candidates::<32>() {
            opened += self.unseal(&key).len();
        }
        opened
    }
}

/// As the app wraps a member secret under the password, `docs/spec/keys.md`, reduced to what matters here.
pub(crate) fn home_wrap(export_key: &[u8], nonce: [u8; 12], secret: &[u8]) -> Vec<u8> {
    let key = eaves_domain::Digest::of(export_key).0;
    let cipher = ChaCha20Poly1305::new((&key).into());
    cipher.encrypt(&nonce.into(), Payload { msg: secret, aad: b"test" }).unwrap()
}

fn home_unwrap(export_key: &[u8], wrap: &[u8]) -> Option<Vec<u8>> {
    let (nonce, ciphertext) = wrap.split_first_chunk::<12>()?;
    let key = eaves_domain::Digest::of(export_key).0;
    let payload = Payload { msg: ciphertext, aad: b"test" };
    ChaCha20Poly1305::new((&key).into()).decrypt(Nonce::from_slice(nonce), payload).ok()
}

/// A household whose member secret is really wrapped under its password, with a recording in it.
async fn household(world: &World) -> (Home, [u8; 32]) {
    let mut home = Home::new(world);
    home.pair(world).await.ok();
    let secret = random::<32>();
    home.claim_wrapping(world, &secret).await.ok();
    home.connect_hub(world).await;
    home.record(world, 40_000).await;
    (home, secret)
}

#[tokio::test]
async fn a_right_password_with_the_whole_database_and_all_bodies_opens_nothing() {
    let world = World::new().await;
    let (home, secret) = household(&world).await;
    let loot = steal(&world, &home, false).await;
    assert!(loot.files.iter().any(|(path, _)| path.to_string_lossy().contains("bodies")));
    assert_eq!(loot.offline(&home), Vec::<Vec<u8>>::new());
    assert_eq!(loot.guess_keys(), 0);
    for (path, bytes) in &loot.files {
        assert!(!bytes.windows(32).any(|window| window == secret), "{}", path.display());
    }
}

#[tokio::test]
async fn with_the_sign_in_key_as_well_the_same_thief_opens_the_member_secret() {
    let world = World::new().await;
    let (home, secret) = household(&world).await;
    let loot = steal(&world, &home, true).await;
    assert_eq!(loot.offline(&home), [secret.to_vec()], "the attack is a real one");
}
