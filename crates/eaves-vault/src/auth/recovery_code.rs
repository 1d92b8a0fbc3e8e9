//! Recovery codes: 80 random bits each, printed like a claim code, good once. Only digests are kept.

use eaves_domain::claim::ClaimCode;
use eaves_domain::{Digest, HouseholdId, MemberId};

/// So many are made at once.
pub const CODES: usize = 8;

/// What is printed.
pub fn to_text(random: [u8; 10]) -> String {
    ClaimCode::from_random(random).to_text()
}

/// What is stored of a typed code; nothing when it cannot be one.
pub fn digest(typed: &str, household: HouseholdId, member: MemberId) -> Option<Digest> {
    let code = ClaimCode::from_text(typed)?.to_text();
    Some(Digest::of(format!("eaves/recovery-code/v1|{household}|{member}|{code}").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_however_it_is_typed_and_belongs_to_one_member() {
        let (home, alma) = (HouseholdId([1; 16]), MemberId([2; 16]));
        let printed = to_text([7; 10]);
        let of = |text: &str| digest(text, home, alma);
        assert_eq!(of(&printed), of(&printed.to_lowercase().replace('-', " ")));
        assert_ne!(of(&printed), of(&to_text([8; 10])));
        assert_ne!(of(&printed), digest(&printed, home, MemberId([3; 16])));
        assert_eq!(of("short"), None);
    }
}
