//! What the fuzz targets run, over arbitrary bytes and over proper ones with a bit turned.

use eaves_voice::fuzzing;
use proptest::prelude::*;

proptest! {
    #[test]
    fn arbitrary_bytes_are_no_event_and_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        fuzzing::wyoming(&bytes);
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
