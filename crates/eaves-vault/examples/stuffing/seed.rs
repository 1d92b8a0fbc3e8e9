//! Seeds accounts straight through the store: what fifty-five thousand registrations would have left.

use crate::opaque;
use eaves_domain::envelope::{Envelope, PublicKey};
use eaves_domain::retention::Lifetimes;
use eaves_domain::roster::{self, Role, Roster};
use eaves_domain::{Base64Url, DeviceId, HouseholdId, HubId, MemberId, RoomId, Timestamp};
use eaves_vault::auth::known_device::{DeviceCookie, KnownDevice};
use eaves_vault::auth::lockbox::{Lockbox, Place};
use eaves_vault::auth::opaque::SignInKey;
use eaves_vault::store::{Store, StoreConfig};
use ed25519_dalek::SigningKey;
use sqlx::Connection as _;
use std::path::Path;
use std::sync::Arc;

/// Members of a household.
const MEMBERS: usize = 4;
/// One account in so many has a passkey and no password.
const PASSKEY_ONE_IN: usize = 4;
/// So many owners sign in during the attack, each on a known device and on new ones.
pub(crate) const OWNERS: usize = 300;

pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

/// An account.
pub(crate) struct Person {
    pub(crate) handle: Base64Url,
    /// Nothing for an account with a passkey only.
    pub(crate) password: Option<String>,
    household: HouseholdId,
    member: MemberId,
}

/// Everything that was seeded.
pub(crate) struct Seeded {
    pub(crate) people: Vec<Person>,
    /// Of the first [`OWNERS`] with a password: who, and the cookie of their known device.
    pub(crate) owners: Vec<(usize, String)>,
    /// A camera of the first household, to see whether anybody reaches it.
    pub(crate) device: DeviceId,
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp(i64::try_from(since.as_micros()).unwrap())
}

fn roster_of(household: HouseholdId, members: &[MemberId], device: DeviceId, key: &SigningKey) -> Envelope {
    let (room, hub) = (RoomId(random()), HubId(random()));
    let label: Base64Url = vec![7; 64].into();
    let member = |member: &MemberId| roster::Member {
        member: *member,
        role: Role::Owner,
        recipient: "age1pq1member".to_owned(),
        signing_key: PublicKey::of(key),
        label: label.clone(),
    };
    let value = serde_json::json!({
        "household": household, "version": 1, "previous": null, "issuedUs": now(), "epoch": 1,
        "recipient": "age1pq1household", "label": label,
        "members": members.iter().map(member).collect::<Vec<_>>(),
        "hubs": [{ "hub": hub, "signingKey": PublicKey::of(key), "recipient": "age1pq1hub" }],
        "rooms": [{ "room": room, "epoch": 1, "recipient": "age1pq1room", "audience": members, "label": label,
            "lifetimes": Lifetimes::default() }],
        "devices": [{ "device": device, "kind": "camera", "room": room, "hub": hub, "label": label,
            "settings": Base64Url(vec![9; 100]) }],
    });
    let roster: Roster = serde_json::from_value(value).unwrap();
    Envelope::sign(&roster, key)
}

/// Registration records, on every processor.
fn records(key: &[u8], people: &[Person]) -> Vec<Vec<u8>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let chunks = people.chunks(people.len().div_ceil(threads)).map(|chunk| {
            scope.spawn(move || {
                let key = SignInKey::read(key).unwrap();
                let record = |person: &Person| {
                    let Some(password) = &person.password else { return Vec::new() };
                    opaque::register(password, |request| key.register(&person.handle.to_text(), request).unwrap())
                };
                chunk.iter().map(record).collect::<Vec<_>>()
            })
        });
        chunks.collect::<Vec<_>>().into_iter().flat_map(|chunk| chunk.join().unwrap()).collect()
    })
}

/// Makes the accounts below `folder`.
pub(crate) async fn seed(folder: &Path, accounts: usize) -> Seeded {
    let config = StoreConfig::in_folder(&folder.join("vault"));
    let store = Store::open(config.clone()).await.unwrap();
    let households: Vec<_> = (0..accounts.div_ceil(MEMBERS)).map(|_| HouseholdId(random())).collect();
    let people: Vec<_> = (0..accounts)
        .map(|n| Person {
            handle: random::<32>().to_vec().into(),
            password: (n % PASSKEY_ONE_IN != PASSKEY_ONE_IN - 1).then(|| format!("password {n}")),
            household: households[n / MEMBERS],
            member: MemberId(random()),
        })
        .collect();
    let records = records(&store.sign_in_secrets().setup, &people);
    let lockbox = Lockbox::new(&store.sign_in_secrets().vault_key);
    let mut owners = Vec::new();
    for n in (0..accounts).filter(|n| people[*n].password.is_some()).take(OWNERS) {
        let cookie = DeviceCookie::of_random(random(), random());
        let known = KnownDevice {
            device: cookie.device(),
            household: people[n].household,
            member: people[n].member,
            secret_hash: cookie.secret_hash(),
            client: "Firefox on Linux".to_owned(),
            made: now(),
            used: now(),
        };
        store.add_known_device(&known).await.unwrap();
        owners.push((n, cookie.cookie(true).split(';').next().unwrap().to_owned()));
    }
    store.close().await;
    let device = DeviceId(random());
    write(folder, &people, &records, &lockbox, device).await;
    Seeded { people, owners, device }
}

async fn write(folder: &Path, people: &[Person], records: &[Vec<u8>], lockbox: &Lockbox, device: DeviceId) {
    sqlx::any::install_default_drivers();
    let file = folder.join("vault/vault.db");
    let mut connection = sqlx::AnyConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    let mut tx = connection.begin().await.unwrap();
    let key = SigningKey::from_bytes(&random());
    for (n, members) in people.chunks(MEMBERS).enumerate() {
        let household = members[0].household;
        let device = if n == 0 { device } else { DeviceId(random()) };
        let ids: Vec<_> = members.iter().map(|person| person.member).collect();
        let roster = roster_of(household, &ids, device, &key);
        sqlx::query("INSERT INTO household (household, made_us, used_bytes, recordings) VALUES ($1, 0, 0, 0)")
            .bind(household.to_hex())
            .execute(&mut *tx)
            .await
            .unwrap();
        sqlx::query("INSERT INTO roster (household, version, digest, envelope) VALUES ($1, 1, $2, $3)")
            .bind(household.to_hex())
            .bind(roster.payload_digest().to_hex())
            .bind(serde_json::to_string(&roster).unwrap())
            .execute(&mut *tx)
            .await
            .unwrap();
    }
    for (person, record) in people.iter().zip(records) {
        sqlx::query(
            "INSERT INTO account (handle, household, member, opaque_record, ksf_preset, kit_key)
             VALUES ($1, $2, $3, $4, 1, $5)",
        )
        .bind(person.handle.to_text())
        .bind(person.household.to_hex())
        .bind(person.member.to_hex())
        .bind(record.clone())
        .bind(PublicKey::of(&key).0.to_vec())
        .execute(&mut *tx)
        .await
        .unwrap();
        let ways = if person.password.is_some() { ["password", "kit"].as_slice() } else { &["kit"] };
        for way in ways {
            let place =
                Place { table: "wrapped_secret", household: person.household, member: person.member, column: way };
            sqlx::query(
                "INSERT INTO wrapped_secret (household, member, way, sealed, made_us) VALUES ($1, $2, $3, $4, 0)",
            )
            .bind(person.household.to_hex())
            .bind(person.member.to_hex())
            .bind((*way).to_owned())
            .bind(lockbox.seal(&place, random(), &random::<60>()))
            .execute(&mut *tx)
            .await
            .unwrap();
        }
    }
    tx.commit().await.unwrap();
    connection.close().await.unwrap();
}

/// Shared by everybody.
pub(crate) type All = Arc<Seeded>;
