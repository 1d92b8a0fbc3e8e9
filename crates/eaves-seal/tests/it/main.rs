//! What is sealed is an ordinary age file: judged by the `age` crate, which this crate does not otherwise use.
#![allow(clippy::unwrap_used, reason = "tests may unwrap")]

mod judge;
mod live;
mod recipient;

use base64::Engine as _;
use eaves_domain::Digest;
use eaves_seal::{NAME_BYTES_MAX, Recipient, SealError, Sealer, seal_name, seal_small};
use judge::open;
use proptest::prelude::*;

const SEED: [u8; 32] = [7; 32];

/// Seals `plaintext` in pieces of `piece_bytes`; the whole age file, and what came out before the end.
fn seal_in_pieces(plaintext: &[u8], piece_bytes: usize) -> (Vec<u8>, usize) {
    let (header, mut sealer) = Sealer::new(&Recipient::of_seed(&SEED)).unwrap();
    let mut body = Vec::new();
    for piece in plaintext.chunks(piece_bytes.max(1)) {
        sealer.write(piece, &mut body).unwrap();
    }
    let before_end = body.len();
    sealer.finish(&mut body).unwrap();
    assert_eq!(header.digest(), Digest::of(header.as_bytes()));
    ([header.into_bytes(), body].concat(), before_end)
}

#[test]
fn age_opens_what_is_sealed_at_every_boundary() {
    for bytes in [0, 1, 15, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073, 200_000] {
        let plaintext: Vec<u8> = (0..bytes).map(|i| (i * 7 + (i >> 8)) as u8).collect();
        for piece in [bytes, 1_000, 65_536, 70_000] {
            let (file, _) = seal_in_pieces(&plaintext, piece);
            assert_eq!(open(&SEED, &file).unwrap(), plaintext, "{bytes} bytes in pieces of {piece}");
        }
    }
}

#[test]
fn only_whole_chunks_come_out_before_the_end() {
    let (_, before_end) = seal_in_pieces(&[1; 200_000], 1_000);
    assert_eq!(before_end, 16 + 3 * 65_552);
    let (_, before_end) = seal_in_pieces(&[1; 65_536], 65_536);
    assert_eq!(before_end, 16, "a whole chunk may still be the last, so it waits");
}

#[test]
fn header_holds_one_post_quantum_stanza_and_nothing_else() {
    for _ in 0..20 {
        let (header, _) = Sealer::new(&Recipient::of_seed(&SEED)).unwrap();
        let text = String::from_utf8(header.into_bytes()).unwrap();
        let lines: Vec<_> = text.lines().collect();
        let [version, stanza, wrapped, mac] = lines.as_slice() else { panic!("four lines: {text}") };
        assert_eq!(*version, "age-encryption.org/v1");
        assert!(stanza.starts_with("-> mlkem768x25519 ") && stanza.len() == 18 + 1494);
        assert_eq!(wrapped.len(), 43);
        assert!(mac.starts_with("--- ") && mac.len() == 4 + 43 && text.ends_with('\n'));
    }
}

#[test]
fn file_keys_and_nonces_never_repeat() {
    let seal = || {
        let (header, mut sealer) = Sealer::new(&Recipient::of_seed(&SEED)).unwrap();
        let mut body = Vec::new();
        sealer.write(b"same", &mut body).unwrap();
        sealer.finish(&mut body).unwrap();
        (header.into_bytes(), body)
    };
    let (one, two) = (seal(), seal());
    assert_ne!(one.0, two.0);
    assert_ne!(one.1[..16], two.1[..16]);
    assert_ne!(one.1[16..], two.1[16..]);
}

#[test]
fn another_identity_does_not_open() {
    let file = seal_small(&Recipient::of_seed(&SEED), b"secret").unwrap();
    assert!(open(&[8; 32], &file).is_none());
}

#[test]
fn names_are_padded_so_that_their_length_tells_little() {
    let recipient = Recipient::of_seed(&SEED);
    let sealed = |name: &str| open(&SEED, &seal_name(&recipient, name).unwrap()).unwrap();
    assert_eq!(sealed("Nursery"), [b"Nursery".as_slice(), &[0; 57]].concat());
    assert_eq!([0, 1, 63, 64, 65, 256].map(|n| sealed(&"x".repeat(n)).len()), [64, 64, 64, 64, 128, 256]);
    assert_eq!(seal_name(&recipient, &"x".repeat(NAME_BYTES_MAX + 1)), Err(SealError::BadName));
    assert_eq!(seal_name(&recipient, "a\0b"), Err(SealError::BadName));
}

#[test]
fn debug_output_gives_nothing_away() {
    let (header, sealer) = Sealer::new(&Recipient::of_seed(&SEED)).unwrap();
    assert_eq!(format!("{sealer:?}"), "[redacted]");
    let text = String::from_utf8(header.as_bytes().to_vec()).unwrap();
    let wrapped = text.lines().nth(2).unwrap();
    let wrapped = base64::prelude::BASE64_STANDARD_NO_PAD.decode(wrapped).unwrap();
    assert!(!format!("{header:?}").contains(&format!("{:?}", &wrapped[..4])[1..]));
}

/// A type that holds a key may not be copied: whoever could would seal twice under one nonce.
#[test]
fn sealers_are_not_clone() {
    trait Otherwise {
        const IS_CLONE: bool = false;
    }
    impl<T> Otherwise for T {}
    struct Probe<T>(std::marker::PhantomData<T>);
    #[allow(dead_code, reason = "the inherent constant exists for Clone types only, and shadows the trait's")]
    impl<T: Clone> Probe<T> {
        const IS_CLONE: bool = true;
    }
    const { assert!(!<Probe<Sealer>>::IS_CLONE) };
    const { assert!(!<Probe<eaves_seal::LiveSealer>>::IS_CLONE) };
    const { assert!(<Probe<Recipient>>::IS_CLONE, "the probe tells the two apart") };
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_plaintext_in_any_pieces_opens_to_itself(
        plaintext in proptest::collection::vec(any::<u8>(), 0..150_000),
        piece in 1..100_000_usize,
    ) {
        let (file, _) = seal_in_pieces(&plaintext, piece);
        prop_assert_eq!(open(&SEED, &file).unwrap(), plaintext);
    }
}
