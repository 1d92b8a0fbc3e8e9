//! Receipts: one file that proves one entry with no network.

use eaves_domain::envelope::PublicKey;
use eaves_domain::{HouseholdId, HubId};
use eaves_testkit::log::{SimulatedLog, after_noon, signed_out};
use eaves_tlog::proof::{Policy, Proof};
use eaves_tlog::{Error, cosignature};
use ed25519_dalek::SigningKey;

const HOME: HouseholdId = HouseholdId([3; 16]);

fn world() -> (SimulatedLog, String, Policy) {
    let mut log = SimulatedLog::new(1);
    log.strangers(5);
    let (index, opening) = log.write(HOME, &signed_out(), after_noon(0));
    log.strangers(2);
    let (hub, key) = (HubId([9; 16]), SigningKey::from_bytes(&[9; 32]));
    let receipt = log.receipt(index, &opening, log.cosigned(hub, &key, after_noon(5))).to_string();
    let policy = log.policy(vec![cosignature::hub_key(hub, PublicKey::of(&key))], 1);
    (log, receipt, policy)
}

fn check(receipt: &[u8], policy: &Policy) -> Result<(), Error> {
    Proof::parse(receipt)?.verify_receipt(policy).map(drop)
}

#[test]
fn a_receipt_says_what_was_written_when_and_who_saw_it() {
    let (_, receipt, policy) = world();
    let proved = Proof::parse(receipt.as_bytes()).unwrap().verify_receipt(&policy).unwrap();
    assert_eq!(proved.line.household, HOME);
    assert_eq!(proved.details, Some(signed_out()));
    assert_eq!(proved.accepted.cosignatures[0].at, after_noon(5));
    assert!(receipt.starts_with("c2sp.org/tlog-proof@v1\nextra "));
}

#[test]
fn no_bit_of_a_receipt_may_change() {
    let (_, receipt, policy) = world();
    check(receipt.as_bytes(), &policy).unwrap();
    for bit in 0..receipt.len() * 8 {
        let mut bytes = receipt.clone().into_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(check(&bytes, &policy).is_err(), "bit {bit} of byte {}", bit / 8);
    }
}

#[test]
fn a_receipt_counts_for_its_own_log_with_its_own_witness_only() {
    let (log, receipt, policy) = world();
    let other = SimulatedLog::new(2);
    let is = |policy: &Policy| check(receipt.as_bytes(), policy);
    assert_eq!(is(&Policy { log: other.key(), ..policy.clone() }), Err(Error::NotSignedByTrusted));
    assert_eq!(is(&Policy { quorum: 2, ..policy.clone() }), Err(Error::CosignatureMissing));
    assert_eq!(is(&Policy { witnesses: Vec::new(), ..policy.clone() }), Err(Error::CosignatureMissing));
    assert_eq!(is(&Policy { witnesses: Vec::new(), quorum: 0, log: log.key() }), Ok(()));
}

#[test]
fn a_proof_is_written_in_one_way_only() {
    let (_, receipt, _) = world();
    assert_eq!(Proof::parse(receipt.as_bytes()).unwrap().to_string(), receipt);
    let hash = receipt.lines().nth(3).unwrap().to_owned() + "\n";
    for bad in [
        receipt.replace("@v1", "@v2"),
        receipt.replace("extra ", "extra  "),
        receipt.replace("index 5", "index 05"),
        receipt.replace("index 5\n", ""),
        receipt.replace("index", "extra"),
        receipt.replace(&hash, &hash.repeat(64)),
        receipt.replace("\n\neaves", "\neaves"),
        receipt.replace('\n', "\r\n"),
        format!("\n{receipt}"),
        receipt.trim_end().to_owned(),
    ] {
        assert!(Proof::parse(bad.as_bytes()).is_err(), "{bad:.80}");
    }
    let bare: String =
        receipt.lines().filter(|line| !line.starts_with("extra")).map(|line| format!("{line}\n")).collect();
    let bare = Proof::parse(bare.as_bytes()).unwrap();
    assert_eq!(bare.extra, None);
    assert_eq!(bare.verify_receipt(&world().2).map(drop), Err(Error::Malformed), "it does not say what it proves");
}
