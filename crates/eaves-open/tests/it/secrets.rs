//! Codecs of secrets, and what their types do not give away.

use eaves_domain::HouseholdId;
use eaves_open::{FileKey, Identity, KitSecret, MemberSecret};
use eaves_testkit::member::SimulatedMember;
use proptest::prelude::*;
use zeroize::Zeroizing;

proptest! {
    #[test]
    fn kit_text_reads_back(secret in any::<[u8; 20]>()) {
        let text = KitSecret::from_bytes(secret).reveal_text();
        prop_assert_eq!(text.len(), 44);
        prop_assert_eq!(&KitSecret::parse(&text).unwrap().reveal_text(), &text);
        prop_assert!(KitSecret::parse(&text.to_lowercase().replace('-', " ")).is_ok());
    }

    #[test]
    fn a_mistyped_kit_is_noticed(secret in any::<[u8; 20]>(), at in 0..32_usize, digit in 0..31_u8) {
        let text = KitSecret::from_bytes(secret).reveal_text().replace('-', "");
        let alphabet = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let mut typed = text.clone().into_bytes();
        let place = alphabet.iter().position(|a| *a == typed[at]).unwrap();
        typed[at] = alphabet[(place + 1 + usize::from(digit)) % 32];
        let typed = String::from_utf8(typed).unwrap();
        prop_assume!(typed != text);
        // Twenty bits of check: one in a million is missed, and this seed does not meet it.
        prop_assert!(KitSecret::parse(&typed).is_err());
    }

    #[test]
    fn identity_text_reads_back(seed in any::<[u8; 32]>()) {
        let identity = Identity::from_seed(Zeroizing::new(seed));
        let text = identity.reveal_text();
        prop_assert!(text.starts_with("AGE-SECRET-KEY-PQ-1"));
        let read = Identity::parse(&text).unwrap();
        prop_assert_eq!(read.recipient(), identity.recipient());
        prop_assert!(Identity::parse(&text.to_lowercase()).is_err());
        prop_assert!(Identity::parse(&text[..text.len() - 1]).is_err());
    }
}

#[test]
fn debug_output_gives_nothing_away() {
    let member = SimulatedMember::new(HouseholdId([1; 16]), 2);
    assert_eq!(format!("{:?}", member.secret()), "[redacted]");
    assert_eq!(format!("{:?}", member.identity()), "[redacted]");
    assert_eq!(format!("{:?}", member.kit()), "[redacted]");
}

/// Keys may neither be copied nor written out by accident.
#[test]
fn secrets_are_neither_clone_nor_serialize() {
    trait Otherwise {
        const IS: bool = false;
    }
    impl<T> Otherwise for T {}
    macro_rules! assert_is_not {
        ($bound:path: $($secret:ty),+; but $public:ty) => {{
            struct Probe<T>(std::marker::PhantomData<T>);
            #[allow(dead_code, reason = "exists for types with the bound only, and shadows the trait's constant")]
            impl<T: $bound> Probe<T> {
                const IS: bool = true;
            }
            $(const { assert!(!<Probe<$secret>>::IS) };)+
            const { assert!(<Probe<$public>>::IS, "the probe tells the two apart") };
        }};
    }
    assert_is_not!(Clone: Identity, MemberSecret, KitSecret, FileKey; but String);
    assert_is_not!(serde::Serialize: Identity, MemberSecret, KitSecret, FileKey; but String);
}
