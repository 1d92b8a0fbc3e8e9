//! Seals what the database keeps about ways in, under a key that is not in the database.
//!
//! A member secret under a password is a prize for whoever reads the database and knows that password from elsewhere. So
//! each such value lies in the database sealed once more, and the key for it lies in a file ([`crate::store`] has it). Each
//! value is bound to its place: moved to another row or column it does not open.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _};
use eaves_domain::{HouseholdId, MemberId};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// Bytes of the vault key.
pub const VAULT_KEY: usize = 32;
/// Bytes of a nonce; a sealed value begins with it.
const NONCE: usize = 12;
const COLUMN_LABEL: &[u8] = b"eaves/vault/sealed-column/v1";

/// Where a sealed value belongs.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Which table.
    pub table: &'a str,
    /// Whose household.
    pub household: HouseholdId,
    /// Which member.
    pub member: MemberId,
    /// Which column, and which of a member's rows where there are several.
    pub column: &'a str,
}

impl Place<'_> {
    fn bytes(&self) -> Vec<u8> {
        format!("{}|{}|{}|{}", self.table, self.household, self.member, self.column).into_bytes()
    }
}

/// It does not open: another key, another place, or changed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shut;

/// Seals and opens columns.
#[derive(Clone)]
pub struct Lockbox(Zeroizing<[u8; VAULT_KEY]>);

impl std::fmt::Debug for Lockbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Lockbox {
    /// From the vault key.
    pub fn new(vault_key: &[u8; VAULT_KEY]) -> Self {
        Self(derive(vault_key, COLUMN_LABEL))
    }

    fn cipher(&self) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new((&*self.0).into())
    }

    /// Seals `plain` for `place`. `nonce` is fresh randomness; the answer begins with it.
    pub fn seal(&self, place: &Place<'_>, nonce: [u8; NONCE], plain: &[u8]) -> Vec<u8> {
        let payload = Payload { msg: plain, aad: &place.bytes() };
        let sealed = self.cipher().encrypt(&nonce.into(), payload).expect("what is sealed here is small");
        [nonce.as_slice(), &sealed].concat()
    }

    /// Opens what was sealed for `place`.
    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Shut> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or(Shut)?;
        let payload = Payload { msg: sealed, aad: &place.bytes() };
        self.cipher().decrypt(nonce.into(), payload).map(Zeroizing::new).map_err(|_| Shut)
    }
}

/// A key for one purpose.
pub(crate) fn derive(vault_key: &[u8; VAULT_KEY], label: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(None, vault_key).expand(label, key.as_mut_slice()).expect("32 bytes can be derived");
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place(table: &'static str, member: u8, column: &'static str) -> Place<'static> {
        Place { table, household: HouseholdId([1; 16]), member: MemberId([member; 16]), column }
    }

    #[test]
    fn a_value_opens_in_its_place_only_and_under_its_key_only() {
        let lockbox = Lockbox::new(&[7; VAULT_KEY]);
        let home = place("wrapped_secret", 1, "password");
        let sealed = lockbox.seal(&home, [3; NONCE], b"secret");
        assert_eq!(lockbox.open(&home, &sealed).unwrap().as_slice(), b"secret");
        for elsewhere in
            [place("totp", 1, "password"), place("wrapped_secret", 2, "password"), place("wrapped_secret", 1, "kit")]
        {
            assert_eq!(lockbox.open(&elsewhere, &sealed), Err(Shut));
        }
        assert_eq!(Lockbox::new(&[8; VAULT_KEY]).open(&home, &sealed), Err(Shut));
    }

    proptest! {
        #[test]
        fn no_changed_byte_and_no_missing_end_opens(plain: Vec<u8>, at: prop::sample::Index, bit in 0_u8..8) {
            let lockbox = Lockbox::new(&[7; VAULT_KEY]);
            let home = place("totp", 1, "secret");
            let sealed = lockbox.seal(&home, [3; NONCE], &plain);
            let at = at.index(sealed.len());
            let mut changed = sealed.clone();
            changed[at] ^= 1 << bit;
            prop_assert_eq!(lockbox.open(&home, &changed), Err(Shut));
            prop_assert_eq!(lockbox.open(&home, &sealed[..at]), Err(Shut));
        }
    }
}
