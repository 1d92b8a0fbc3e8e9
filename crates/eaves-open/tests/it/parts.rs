//! Properties of parts: what was sealed opens, and nothing that was done to it does.

use eaves_domain::link::PartKind;
use eaves_open::{Ending, Error, Header, Identity, PartReader, open_body, open_vouched};
use eaves_testkit::home::{SealedPart, SimulatedHome};
use proptest::prelude::*;
use std::io::{Cursor, Read, Seek, SeekFrom};

const CHUNK: usize = 65_552;

fn sealed(plaintext: &[u8]) -> (SealedPart, Identity) {
    let home = SimulatedHome::new(1);
    (home.seal_part(PartKind::Media, plaintext), home.room_identity())
}

fn pattern(bytes: usize) -> Vec<u8> {
    eaves_testkit::vectors::pattern(bytes)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn opening_what_was_sealed_gives_it_back(plaintext in proptest::collection::vec(any::<u8>(), 0..200_000)) {
        let (part, identity) = sealed(&plaintext);
        prop_assert_eq!(&*open_body(&part.header, &part.body, &identity, Ending::Whole).unwrap(), &plaintext);
        prop_assert_eq!(&*open_body(&part.header, &part.body, &identity, Ending::MayBeCut).unwrap(), &plaintext);
    }

    #[test]
    fn any_flipped_bit_is_refused(bytes in 0..140_000_usize, at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let (mut part, identity) = sealed(&pattern(bytes));
        let index = at.index(part.header.len() + part.body.len());
        match part.header.len() {
            n if index < n => part.header[index] ^= 1 << bit,
            n => part.body[index - n] ^= 1 << bit,
        }
        prop_assert!(open_body(&part.header, &part.body, &identity, Ending::Whole).is_err());
    }

    #[test]
    fn any_two_chunks_swapped_are_refused(chunks in 2..5_usize, a in 0..5_usize, b in 0..5_usize) {
        let (a, b) = (a % chunks, b % chunks);
        prop_assume!(a != b);
        let (mut part, identity) = sealed(&pattern(chunks * 65_536));
        let range = |i: usize| 16 + i * CHUNK..16 + (i + 1) * CHUNK;
        let (first, second) = (part.body[range(a)].to_vec(), part.body[range(b)].to_vec());
        part.body[range(a)].copy_from_slice(&second);
        part.body[range(b)].copy_from_slice(&first);
        for ending in [Ending::Whole, Ending::MayBeCut] {
            prop_assert!(open_body(&part.header, &part.body, &identity, ending).is_err());
        }
    }

    #[test]
    fn a_prefix_is_refused_unless_the_link_says_cut(bytes in 0..200_000_usize, at in any::<prop::sample::Index>()) {
        let plaintext = pattern(bytes);
        let (part, identity) = sealed(&plaintext);
        let kept = at.index(part.body.len());
        let prefix = &part.body[..kept];
        prop_assert!(open_body(&part.header, prefix, &identity, Ending::Whole).is_err());
        match open_body(&part.header, prefix, &identity, Ending::MayBeCut) {
            Ok(opened) => {
                let whole_chunks = (kept - 16) / CHUNK;
                prop_assert_eq!(&*opened, &plaintext[..whole_chunks * 65_536]);
            }
            Err(error) => prop_assert!(kept < 16 && error == Error::Truncated),
        }
    }

    #[test]
    fn reading_from_anywhere_gives_what_lies_there(bytes in 1..200_000_usize, at in any::<prop::sample::Index>(), count in 0..70_000_usize) {
        let plaintext = pattern(bytes);
        let (part, identity) = sealed(&plaintext);
        let key = Header::parse(&part.header).unwrap().open(&identity).unwrap();
        let mut reader = PartReader::new(Cursor::new(&part.body), part.body.len() as u64, &key, Ending::Whole).unwrap();
        let start = at.index(bytes);
        reader.seek(SeekFrom::Start(start as u64)).unwrap();
        let mut out = Vec::new();
        reader.take(count as u64).read_to_end(&mut out).unwrap();
        prop_assert_eq!(&out[..], &plaintext[start..(start + count).min(bytes)]);
    }
}

#[test]
fn seeking_past_the_end_reads_nothing() {
    let (part, identity) = sealed(&pattern(1_000));
    let key = Header::parse(&part.header).unwrap().open(&identity).unwrap();
    let mut reader = PartReader::new(Cursor::new(&part.body), part.body.len() as u64, &key, Ending::Whole).unwrap();
    assert_eq!(reader.seek(SeekFrom::End(0)).unwrap(), 1_000);
    assert_eq!(reader.read(&mut [0; 10]).unwrap(), 0);
    reader.seek(SeekFrom::Start(u64::MAX)).unwrap();
    assert_eq!(reader.read(&mut [0; 10]).unwrap(), 0);
    assert!(reader.seek(SeekFrom::End(-2_000)).is_err());
}

#[test]
fn a_part_that_its_link_does_not_vouch_for_is_refused_before_it_is_opened() {
    let (part, identity) = sealed(b"media");
    let (other, _) = sealed(b"other");
    let open = |header: &[u8], body: &[u8]| open_vouched(&part.part, header, body, &identity, Ending::Whole);
    assert_eq!(*open(&part.header, &part.body).unwrap(), b"media");
    assert_eq!(open(&other.header, &part.body).unwrap_err(), Error::ChangedHeader);
    assert_eq!(open(&part.header, &other.body).unwrap_err(), Error::ChangedBody);
    assert_eq!(open(&other.header, &other.body).unwrap_err(), Error::ChangedHeader, "though it opens by itself");
    assert_eq!(open(&part.header, &part.body[..30]).unwrap_err(), Error::Truncated);
}
