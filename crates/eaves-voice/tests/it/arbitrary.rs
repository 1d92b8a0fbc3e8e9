//! What the fuzz targets run, over arbitrary bytes and over proper ones with a bit turned.

use eaves_voice::fuzzing;
use proptest::prelude::*;

proptest! {
    #[test]
    fn arbitrary_bytes_are_no_event_and_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        fuzzing::wyoming(&bytes);
    }

    #[test]
    fn arbitrary_text_is_a_sentence_or_not_and_no_panic(
        text in "([\\[\\](){}<>|;:@. a-f]|\\{a\\}|\\{w:x\\}|<r>|\n){0,40}",
    ) {
        fuzzing::sentences(text.as_bytes());
    }

    #[test]
    fn a_turned_bit_makes_no_panic(at in 0_usize..200, bit in 0_u8..8) {
        let mut bytes = b"{\"type\":\"audio-chunk\",\"data\":{\"rate\":16000},\"data_length\":25,\"payload_length\":4}\n\
            {\"width\":2, \"channels\":1}abcd{\"type\":\"timer-started\",\"data\":{\"id\":\"a\",\"total_seconds\":60}}\n".to_vec();
        let length = bytes.len();
        bytes[at % length] ^= 1 << bit;
        fuzzing::wyoming(&bytes);
    }
}
