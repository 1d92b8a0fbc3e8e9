//! From a recovery kit to everything that a member may open. `docs/spec/keys.md`.

use crate::{Error, Identity};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit};
use eaves_domain::roster::KeyWrap;
use eaves_domain::{Base64Url, Digest, HouseholdId, MemberId, ScopeId};
use ed25519_dalek::SigningKey;
use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// `HKDF(ikm, info)` of the specification: SHA-256, empty salt, 32 bytes.
pub(crate) fn derive(ikm: &[u8], info: &str) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(None, ikm).expand(info.as_bytes(), out.as_mut_slice()).expect("32 bytes is a valid length");
    out
}

/// A member's 32-byte secret: identity and signing key grow from it.
pub struct MemberSecret(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for MemberSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl MemberSecret {
    /// A secret that is known already, for example one that a test made up.
    pub fn from_bytes(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// The member's age identity.
    pub fn identity(&self) -> Identity {
        Identity::from_seed(derive(self.0.as_slice(), "eaves/member/identity/v1"))
    }

    /// The key that signs the member's documents.
    pub fn signing_key(&self) -> SigningKey {
        SigningKey::from_bytes(&derive(self.0.as_slice(), "eaves/member/signing/v1"))
    }
}

/// How a member gets at their secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// From OPAQUE's export key.
    Password,
    /// From the printed recovery kit.
    Kit,
}

impl Way {
    /// The name used in JSON and in the associated data.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Kit => "kit",
        }
    }

    /// The key that wraps the member secret, from what this way in yields.
    pub fn wrapping_key(self, yielded: &[u8]) -> Zeroizing<[u8; 32]> {
        derive(
            yielded,
            match self {
                Self::Password => "eaves/way/password/v1",
                Self::Kit => "eaves/way/kit/v1",
            },
        )
    }
}

/// A member secret, wrapped for one way in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WrappedSecret {
    /// Which way in.
    pub way: Way,
    /// 12 random bytes.
    pub nonce: Base64Url,
    /// 32 bytes and a tag.
    pub ciphertext: Base64Url,
}

impl WrappedSecret {
    /// The associated data that nails a wrapped secret to its place.
    pub fn associated_data(household: HouseholdId, member: MemberId, way: Way) -> Vec<u8> {
        format!("eaves/wrapped-secret/v1|{household}|{member}|{}", way.as_str()).into_bytes()
    }

    /// Opens the secret of `member` with the wrapping key of its way in.
    pub fn open(
        &self,
        household: HouseholdId,
        member: MemberId,
        wrapping_key: &[u8; 32],
    ) -> Result<MemberSecret, Error> {
        let nonce: &[u8; 12] = self.nonce.0.as_slice().try_into().map_err(|_| Error::DoesNotOpen)?;
        let aad = Self::associated_data(household, member, self.way);
        let opened = ChaCha20Poly1305::new(wrapping_key.into())
            .decrypt(nonce.into(), Payload { msg: &self.ciphertext.0, aad: &aad })
            .map(Zeroizing::new)
            .map_err(|_| Error::DoesNotOpen)?;
        let secret = opened.as_slice().try_into().map_err(|_| Error::DoesNotOpen)?;
        Ok(MemberSecret(Zeroizing::new(secret)))
    }
}

/// The secret of a recovery kit: 20 bytes, printed as nine groups of four.
#[derive(ZeroizeOnDrop)]
pub struct KitSecret([u8; 20]);

impl std::fmt::Debug for KitSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl KitSecret {
    /// A kit from 20 random bytes.
    pub fn from_bytes(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    /// Reads a printed kit: case, spaces and hyphens do not matter, O, I and L are read as 0, 1 and 1.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut digits = Zeroizing::new([0_u8; 36]);
        let mut count = 0;
        for c in text.bytes().filter(|c| !matches!(c, b'-' | b' ' | b'\n' | b'\r' | b'\t')) {
            let c = match c.to_ascii_uppercase() {
                b'O' => b'0',
                b'I' | b'L' => b'1',
                other => other,
            };
            let digit = CROCKFORD.iter().position(|a| *a == c).ok_or(Error::Malformed)?;
            *digits.get_mut(count).ok_or(Error::Malformed)? = digit as u8;
            count += 1;
        }
        if count != digits.len() {
            return Err(Error::Malformed);
        }
        let (body, check) = digits.split_at(32);
        let mut secret = [0; 20];
        // Eight digits of five bits are five bytes.
        for (bytes, group) in secret.chunks_exact_mut(5).zip(body.chunks_exact(8)) {
            let bits = group.iter().fold(0_u64, |bits, digit| bits << 5 | u64::from(*digit));
            bytes.copy_from_slice(&bits.to_be_bytes()[3..]);
        }
        let kit = Self(secret);
        secret.zeroize();
        if check == kit.check_digits() { Ok(kit) } else { Err(Error::Mistyped) }
    }

    /// The printed form. This is the secret itself.
    pub fn reveal_text(&self) -> Zeroizing<String> {
        let mut digits = Vec::with_capacity(36);
        for bytes in self.0.chunks_exact(5) {
            let bits = bytes.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            digits.extend((0..8).map(|i| (bits >> (35 - 5 * i) & 31) as u8));
        }
        digits.extend(self.check_digits());
        let mut text = Zeroizing::new(String::with_capacity(44));
        for (i, digit) in digits.iter().enumerate() {
            if i > 0 && i.is_multiple_of(4) {
                text.push('-');
            }
            text.push(char::from(CROCKFORD[usize::from(*digit) & 31]));
        }
        digits.zeroize();
        text
    }

    /// The first 20 bits of a labelled digest, as four digits.
    fn check_digits(&self) -> [u8; 4] {
        let mut message = Zeroizing::new(b"eaves/kit/v1".to_vec());
        message.extend_from_slice(&self.0);
        let [a, b, c, ..] = Digest::of(&message).0;
        let bits = u32::from_be_bytes([0, a, b, c]) >> 4;
        [15, 10, 5, 0].map(|shift| (bits >> shift & 31) as u8)
    }

    /// The key that wraps the member secret.
    pub fn wrapping_key(&self) -> Zeroizing<[u8; 32]> {
        Way::Kit.wrapping_key(&self.0)
    }

    /// The key that signs the vault's challenge.
    pub fn signing_key(&self) -> SigningKey {
        SigningKey::from_bytes(&derive(&self.0, "eaves/kit/signing/v1"))
    }
}

/// What a key wrap holds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrapContent {
    household: HouseholdId,
    scope: ScopeId,
    epoch: u32,
    member: MemberId,
    seed: Base64Url,
}

/// Opens a shared identity that was wrapped to `member`.
///
/// `expected_recipient` is the recipient that the verified roster names for this scope, when the epoch is the current
/// one; then a seed that gives any other recipient is refused.
pub fn open_key_wrap(
    wrap: &KeyWrap,
    household: HouseholdId,
    member: MemberId,
    identity: &Identity,
    expected_recipient: Option<&str>,
) -> Result<Identity, Error> {
    let plaintext = crate::open_file(&wrap.wrapped.0, identity)?;
    let mut content: WrapContent = serde_json::from_slice(&plaintext).map_err(|_| Error::Malformed)?;
    let seed = <[u8; 32]>::try_from(content.seed.0.as_slice()).map(Zeroizing::new);
    content.seed.0.zeroize();
    let in_place = content.household == household
        && content.scope == wrap.scope
        && content.epoch == wrap.epoch
        && content.member == wrap.member
        && content.member == member;
    if !in_place {
        return Err(Error::WrongScope);
    }
    let shared = Identity::from_seed(seed.map_err(|_| Error::Malformed)?);
    if expected_recipient.is_some_and(|expected| expected != shared.recipient()) {
        return Err(Error::WrongRecipient);
    }
    Ok(shared)
}
