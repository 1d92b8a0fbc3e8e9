//! The bodies of the fuzz targets (`fuzz/`), run over arbitrary bytes so that every push exercises them: nothing that
//! comes from outside may panic.

use eaves_domain::link::{ChainHead, GapCause, PartKind};
use eaves_open::fuzzing;
use eaves_testkit::home::{NOON, SimulatedHome, gap};
use proptest::prelude::*;

fn targets(bytes: &[u8]) {
    fuzzing::header(bytes);
    fuzzing::part(bytes);
    fuzzing::envelope(bytes);
    fuzzing::link(bytes);
    fuzzing::roster(bytes);
    fuzzing::frame(bytes);
    fuzzing::manifest(bytes);
    fuzzing::pack_list(bytes);
    fuzzing::texts(bytes);
}

/// Real inputs, so that changes to them get past the first check.
fn seeds() -> Vec<Vec<u8>> {
    let home = SimulatedHome::new(3);
    let part = home.seal_part(PartKind::Media, &[7; 70_000]);
    let link = home.link(ChainHead::EMPTY, NOON, gap(GapCause::HubStopped));
    let link = home.sign_link(&link, &mut ChainHead::EMPTY.clone());
    vec![
        part.header.clone(),
        part.file(),
        serde_json::to_vec(&link).unwrap(),
        link.payload.0.clone(),
        serde_json::to_vec(&home.owner.sign(&home.roster())).unwrap(),
        serde_json::to_vec(&home.roster()).unwrap(),
        br#"{"format":1,"household":"00000000000000000000000000000000","exportedUs":0}"#.to_vec(),
        [&[1][..], &[0; 60]].concat(),
        home.owner.kit().reveal_text().as_bytes().to_vec(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        targets(&bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn changed_documents_never_panic(
        which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(),
    ) {
        let seeds = seeds();
        let mut bytes = seeds[which.index(seeds.len())].clone();
        targets(&bytes);
        let index = at.index(bytes.len());
        bytes[index] = byte;
        targets(&bytes);
        bytes.truncate(cut.index(bytes.len()));
        targets(&bytes);
    }
}
