//! Texts and bytes that read back.

use eaves_domain::claim::ClaimCode;
use eaves_domain::live::{FrameHeader, LiveKeyId};
use eaves_domain::{Base64Url, Days, DeviceId, Digest, MemberId, Timestamp};
use proptest::prelude::*;

proptest! {
    #[test]
    fn frame_header_reads_back(
        device in any::<[u8; 16]>(), key in any::<[u8; 8]>(), counter in any::<u64>(),
        is_init in any::<bool>(), is_keyframe in any::<bool>(), is_audio in any::<bool>(),
    ) {
        let header = FrameHeader { device: DeviceId(device), key: LiveKeyId(key), counter, is_init, is_keyframe, is_audio };
        prop_assert_eq!(FrameHeader::parse(&header.to_bytes()), Some(header));
        prop_assert_eq!(&header.nonce()[4..], &counter.to_be_bytes());
    }

    #[test]
    fn frame_header_has_one_spelling(bytes in any::<[[u8; 17]; 2]>(), first in 0..3_u8, flags in any::<u8>()) {
        let mut bytes = bytes.concat();
        (bytes[0], bytes[33]) = (first, flags);
        let read = FrameHeader::parse(&bytes).map(|header| header.to_bytes().to_vec());
        prop_assert_eq!(read.is_some(), first == 1 && flags <= 7);
        prop_assert!(read.is_none_or(|read| read == bytes));
        prop_assert_eq!(FrameHeader::parse(&bytes[..33]), None);
    }

    #[test]
    fn claim_code_reads_back_as_forgivingly_as_people_type(bytes in any::<[u8; 10]>()) {
        let code = ClaimCode::from_random(bytes);
        let text = code.to_text();
        let typed = text.to_lowercase().replace('-', " ").replace('0', "O").replace('1', "l");
        prop_assert_eq!(text.len(), 19);
        prop_assert_eq!(ClaimCode::from_text(&typed).unwrap().vault_token(), code.vault_token());
        prop_assert!(ClaimCode::from_text(&text[..18]).is_none());
        let longer = [text.as_str(), "0"].concat();
        prop_assert!(ClaimCode::from_text(&longer).is_none());
    }

    #[test]
    fn claim_macs_depend_on_every_bit_of_the_code(bytes in any::<[u8; 10]>(), at in 0..10_usize, bit in 0..8_u8) {
        let mut other = bytes;
        other[at] ^= 1 << bit;
        let (code, other) = (ClaimCode::from_random(bytes), ClaimCode::from_random(other));
        let digest = Digest::of(b"roster");
        prop_assert!(code.verifies_roster(digest, &code.roster_mac(digest)));
        prop_assert!(!other.verifies_roster(digest, &code.roster_mac(digest)));
        prop_assert_ne!(code.vault_token(), other.vault_token());
    }

    #[test]
    fn ids_digests_and_byte_strings_read_back(id in any::<[u8; 16]>(), digest in any::<[u8; 32]>(), bytes in any::<Vec<u8>>()) {
        prop_assert_eq!(MemberId::from_hex(&MemberId(id).to_hex()), Some(MemberId(id)));
        prop_assert_eq!(Digest::from_hex(&Digest(digest).to_hex()), Some(Digest(digest)));
        prop_assert_eq!(Base64Url::from_text(&Base64Url(bytes.clone()).to_text()), Some(Base64Url(bytes)));
    }

    #[test]
    fn times_saturate_instead_of_overflowing(a in any::<i64>(), b in any::<i64>()) {
        prop_assert_eq!(Timestamp(a).plus_us(b).as_us(), a.saturating_add(b));
        prop_assert_eq!(Timestamp(a).since_us(Timestamp(b)), a.saturating_sub(b));
    }

    #[test]
    fn no_lifetime_is_zero_or_longer_than_ten_years(days in any::<u16>()) {
        prop_assert_eq!(Days::new(days).is_some(), (1..=3_650).contains(&days));
        prop_assert_eq!(serde_json::from_str::<Days>(&days.to_string()).is_ok(), Days::new(days).is_some());
    }
}

#[test]
fn ids_and_digests_have_one_spelling() {
    assert_eq!(MemberId::from_hex(&"AB".repeat(16)), None);
    assert_eq!(Digest::from_hex(&"AB".repeat(32)), None);
    assert_eq!(Digest::from_hex(&"ab".repeat(31)), None);
    assert_eq!(Base64Url::from_text("AA=="), None);
    assert_eq!(Base64Url::from_text("A+"), None);
    assert_eq!(Base64Url::from_text("AB"), None, "stray bits");
}

#[test]
fn secrets_print_nothing() {
    let code = ClaimCode::from_random([1; 10]);
    assert_eq!(format!("{code:?}"), "[redacted]");
    assert_eq!(format!("{:?}", Base64Url(b"key".to_vec())), "[3 bytes]");
}
