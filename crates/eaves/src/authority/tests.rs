//! Tests of the household's authority, with the verifier that browsers' cousins use.

use super::*;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls_pki_types::{ServerName, UnixTime};
use std::os::unix::fs::PermissionsExt as _;

fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_900_000_000).unwrap()
}

fn authority(dir: &Path, names: &[&str]) -> anyhow::Result<Authority> {
    Authority::open(dir, names.iter().map(|n| (*n).to_owned()).collect(), now())
}

/// Whether somebody who trusts `authority` believes that `by` is `name`.
fn is_believed(authority: &Authority, by: &CertifiedKey, name: &str) -> bool {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(authority.certificate.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
    let at = UnixTime::since_unix_epoch(std::time::Duration::from_secs(1_900_000_000));
    let name = ServerName::try_from(name.to_owned()).unwrap();
    verifier.verify_server_cert(&by.cert[0], &by.cert[1..], &name, &[], at).is_ok()
}

fn current(authority: &Authority) -> Arc<CertifiedKey> {
    authority.leaf.read().unwrap().clone()
}

#[test]
fn whoever_trusts_the_authority_reaches_the_vault_by_each_of_its_names() {
    let dir = tempfile::tempdir().unwrap();
    let authority = authority(dir.path(), &["eaves.local", "192.168.1.5"]).unwrap();
    assert!(is_believed(&authority, &current(&authority), "eaves.local"));
    assert!(is_believed(&authority, &current(&authority), "192.168.1.5"));
    assert!(!is_believed(&authority, &current(&authority), "other.local"));
}

#[test]
fn the_authority_is_believed_for_homes_only_even_if_its_key_is_stolen() {
    let dir = tempfile::tempdir().unwrap();
    let authority = authority(dir.path(), &["eaves.local"]).unwrap();
    for stolen in ["bank.example", "192.0.2.1"] {
        let forged = leaf(&authority.issuer, &authority.certificate, &[stolen.to_owned()], now()).unwrap();
        assert!(!is_believed(&authority, &forged, stolen), "{stolen}");
    }
}

#[test]
fn a_public_name_is_allowed_only_when_the_authority_was_made_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let made = authority(dir.path(), &["eaves.example"]).unwrap();
    assert!(is_believed(&made, &current(&made), "eaves.example"));
    assert!(authority(dir.path(), &["eaves.example", "eaves.local"]).is_ok());
    let refused = authority(dir.path(), &["other.example"]).unwrap_err().to_string();
    assert!(refused.contains("may not vouch for other.example"), "{refused}");
}

#[test]
fn the_authority_stays_the_same_and_its_certificates_are_renewed() {
    let dir = tempfile::tempdir().unwrap();
    let first = authority(dir.path(), &["eaves.local"]).unwrap();
    let again = authority(dir.path(), &["eaves.local"]).unwrap();
    assert_eq!(first.fingerprint(), again.fingerprint());
    assert!(is_believed(&first, &current(&again), "eaves.local"));
    let before = current(&again);
    again.renew(now()).unwrap();
    assert_ne!(before.cert[0], current(&again).cert[0]);
    assert!(is_believed(&first, &current(&again), "eaves.local"));
}

#[test]
fn the_authoritys_key_is_for_this_user_only_and_is_not_replaced_when_it_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    authority(dir.path(), &["eaves.local"]).unwrap();
    let key = Files::below(dir.path()).key;
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::remove_file(&key).unwrap();
    assert!(authority(dir.path(), &["eaves.local"]).is_err());
}
