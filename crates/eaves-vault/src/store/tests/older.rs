//! Folders of older versions open, and what was in them is still there.

use crate::store::{Store, StoreConfig, db};
use eaves_domain::{Digest, HouseholdId, MemberId, Timestamp};
use sqlx::Connection as _;

/// The database as the first version made it.
async fn first_version(config: &StoreConfig) -> sqlx::AnyConnection {
    sqlx::any::install_default_drivers();
    std::fs::create_dir_all(&config.data_dir).unwrap();
    let mut connection = sqlx::AnyConnection::connect(&db::url_of(&config.database())).await.unwrap();
    sqlx::migrate!("migrations/sqlite").run_to(1, &mut connection).await.unwrap();
    connection
}

#[tokio::test]
async fn a_folder_of_the_first_version_opens_and_its_sessions_go_on_without_a_fresh_proof() {
    let dir = tempfile::tempdir().unwrap();
    let config = StoreConfig::in_folder(dir.path());
    let mut connection = first_version(&config).await;
    let (household, member) = (HouseholdId([1; 16]), MemberId([2; 16]));
    let token = Digest::of(b"token");
    sqlx::query(
        "INSERT INTO session (token_hash, session, household, member, client, started_us, used_us)
         VALUES ($1, 'abc', $2, $3, 'Firefox on Linux', 5, 6)",
    )
    .bind(token.to_hex())
    .bind(household.to_hex())
    .bind(member.to_hex())
    .execute(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
    let store = Store::open(config.clone()).await.unwrap();
    let row = store.session(token).await.unwrap().unwrap();
    assert_eq!((row.household, row.member, row.used), (household, member, Timestamp(6)));
    assert_eq!((row.strong, row.powers_from, row.network, row.device), (Timestamp(0), None, None, None));
    assert_eq!(store.notices(household, member, true, 0, Timestamp(0)).await.unwrap(), []);
    store.close().await;
    Store::open(config).await.unwrap();
}
