//! The bodies of the fuzz targets (`fuzz/`), run over arbitrary bytes so that every push exercises them.

use eaves_domain::HouseholdId;
use eaves_testkit::log::{SimulatedLog, after_noon, signed_out};
use eaves_tlog::fuzzing;
use eaves_tlog::witness::Update;
use proptest::prelude::*;
use std::sync::LazyLock;

fn targets(bytes: &[u8]) {
    fuzzing::note(bytes);
    fuzzing::checkpoint(bytes);
    fuzzing::proof(bytes);
    fuzzing::tile_path(bytes);
    fuzzing::tile_bytes(bytes);
}

/// Real inputs, so that changes to them get past the first check.
static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut log = SimulatedLog::new(1);
    log.strangers(3);
    let (index, opening) = log.write(HouseholdId([3; 16]), &signed_out(), after_noon(0));
    let update = Update { old: 2, proof: log.consistency(2), checkpoint: log.note() };
    let mut seeds = vec![
        log.note().to_string().into_bytes(),
        log.checkpoint().to_text().into_bytes(),
        log.key().to_text().into_bytes(),
        log.receipt(index, &opening, log.note()).to_string().into_bytes(),
        update.to_string().into_bytes(),
        b"tile/0/x001/x234/067.p/12".to_vec(),
        b"tile/entries/000".to_vec(),
        opening.to_bytes(),
        signed_out().to_bytes(),
        opening.line.0.clone(),
    ];
    seeds.extend(log.files.values().cloned());
    seeds
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        targets(&bytes);
    }

    #[test]
    fn changed_texts_never_panic(
        which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = SEEDS[which.index(SEEDS.len())].clone();
        targets(&bytes);
        let index = at.index(bytes.len());
        bytes[index] = byte;
        targets(&bytes);
        bytes.truncate(cut.index(bytes.len()));
        targets(&bytes);
    }
}
