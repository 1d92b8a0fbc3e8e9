//! Inviting somebody: one link, whose secret never reaches the vault, makes inviter and newcomer known to each other.
//!
//! The secret stands in the fragment of the link, which browsers send to nobody. Three keys grow from it: a token that
//! the vault compares (it holds the token's hash), a key under which welcome and answer are sealed past the vault, and a
//! MAC key that vouches for the newcomer's keys. A vault that swaps a key, or answers in somebody's name, is refused.
//! Sealing and opening are the app's (and, for archives and tests, `eaves-open`'s). Specification: `docs/spec/invite.md`.

use crate::envelope::PublicKey;
use crate::roster::{Role, Roster};
use crate::{Base64Url, Digest, HouseholdId, InviteId, MemberId, RoomId, Timestamp};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::ZeroizeOnDrop;

/// How long an invitation is good for, in microseconds: three days.
pub const INVITE_US_MAX: i64 = 3 * 86_400_000_000;

/// Letters are padded with blanks to a multiple of so many bytes.
pub const LETTER_PAD: usize = 256;

/// The longest letter, padded.
pub const LETTER_BYTES_MAX: usize = 16 << 10;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const DIGITS: usize = 36;

/// The secret of an invitation. `Debug` gives nothing away; [`InviteSecret::reveal_text`] is for the link.
#[derive(Clone, ZeroizeOnDrop)]
pub struct InviteSecret([u8; 20]);

impl std::fmt::Debug for InviteSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Something sealed under a key that two people share: ChaCha20-Poly1305.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SealedLetter {
    /// 12 random bytes.
    pub nonce: Base64Url,
    /// The letter, padded, and a tag.
    pub ciphertext: Base64Url,
}

impl SealedLetter {
    /// Whether it has the form of one.
    pub fn is_sensible(&self) -> bool {
        self.nonce.0.len() == 12 && (16..=LETTER_BYTES_MAX + 16).contains(&self.ciphertext.0.len())
    }
}

/// The state of the roster that a welcome vouches for, and with it of every version before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RosterPin {
    /// Which version.
    pub version: u64,
    /// SHA-256 of its payload.
    pub digest: Digest,
}

/// A room by its name, for somebody who cannot open names yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NamedRoom {
    /// Which.
    pub room: RoomId,
    /// Its name.
    pub name: String,
}

/// What the inviter tells the newcomer, sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Welcome {
    /// Into which household.
    pub household: HouseholdId,
    /// Which invitation.
    pub invite: InviteId,
    /// By whom.
    pub inviter: MemberId,
    /// Their name.
    pub inviter_name: String,
    /// The household's name; may be empty.
    pub household_name: String,
    /// Until when.
    pub expires_us: Timestamp,
    /// What the newcomer believes of the roster.
    pub roster: RosterPin,
    /// As what.
    pub role: Role,
    /// Into which rooms.
    pub rooms: Vec<NamedRoom>,
    /// Whether with what is recorded already.
    pub past: bool,
}

/// What the newcomer answers, as the vault carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JoinAnswer {
    /// Whose account it is.
    pub member: MemberId,
    /// A [`Newcomer`], sealed.
    pub letter: SealedLetter,
    /// [`InviteSecret::answer_mac`] of what is inside.
    pub mac: Base64Url,
}

/// Who asks to come in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Newcomer {
    /// Into which household.
    pub household: HouseholdId,
    /// By which invitation.
    pub invite: InviteId,
    /// The id of their account.
    pub member: MemberId,
    /// Their age recipient.
    pub recipient: String,
    /// The key that will sign their documents.
    pub signing_key: PublicKey,
    /// Their name, as they typed it.
    pub name: String,
}

impl Newcomer {
    /// Whether some roster has ever named this id or one of these keys: then the answer is an old one, shown again.
    pub fn is_known_to<'a>(&self, rosters: impl IntoIterator<Item = &'a Roster>) -> bool {
        rosters.into_iter().flat_map(|roster| &roster.members).any(|member| {
            member.member == self.member || member.recipient == self.recipient || member.signing_key == self.signing_key
        })
    }
}

impl InviteSecret {
    /// A secret from twenty random bytes.
    pub fn from_random(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    /// Reads the text of a link as forgivingly as a recovery kit; `None` when it is not one or its check is wrong.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut digits = [0_u8; DIGITS];
        let mut count = 0;
        for c in text.bytes().filter(|c| !matches!(c, b'-' | b' ')) {
            let c = match c.to_ascii_uppercase() {
                b'O' => b'0',
                b'I' | b'L' => b'1',
                other => other,
            };
            *digits.get_mut(count)? = u8::try_from(ALPHABET.iter().position(|a| *a == c)?).ok()?;
            count += 1;
        }
        let mut bytes = [0_u8; 20];
        for (at, digit) in digits.iter().take(32).enumerate() {
            for bit in 0..5 {
                if digit >> (4 - bit) & 1 == 1 {
                    let to = at * 5 + bit;
                    bytes[to / 8] |= 0x80 >> (to % 8);
                }
            }
        }
        let secret = Self(bytes);
        (count == DIGITS && digits[32..] == secret.check_digits()).then_some(secret)
    }

    /// The text of the link: nine groups of four. This is the secret itself.
    pub fn reveal_text(&self) -> String {
        let bit = |at: usize| self.0[at / 8] >> (7 - at % 8) & 1;
        let body = (0..32).map(|digit| (0..5).fold(0_u8, |value, i| value << 1 | bit(digit * 5 + i)));
        let mut text = String::with_capacity(DIGITS + 8);
        for (at, digit) in body.chain(self.check_digits()).enumerate() {
            if at > 0 && at.is_multiple_of(4) {
                text.push('-');
            }
            text.push(char::from(ALPHABET[usize::from(digit & 31)]));
        }
        text
    }

    /// The first 20 bits of a labelled digest, as four digits. Another label than the kit's: neither is read as the other.
    fn check_digits(&self) -> [u8; 4] {
        let [a, b, c, ..] = Digest::of(&[b"eaves/invite/v1".as_slice(), &self.0].concat()).0;
        let bits = u32::from_be_bytes([0, a, b, c]) >> 4;
        [15, 10, 5, 0].map(|shift| (bits >> shift & 31) as u8)
    }

    fn derive(&self, label: &str) -> [u8; 32] {
        let mut out = [0; 32];
        Hkdf::<Sha256>::new(None, &self.0).expand(label.as_bytes(), &mut out).expect("32 bytes is a valid length");
        out
    }

    /// What the newcomer's app shows the vault. The vault stores its SHA-256 only.
    pub fn vault_token(&self) -> [u8; 32] {
        self.derive("eaves/invite/vault/v1")
    }

    /// The key of welcome and answer.
    pub fn seal_key(&self) -> [u8; 32] {
        self.derive("eaves/invite/seal/v1")
    }

    fn mac(&self, newcomer: &Newcomer) -> Hmac<Sha256> {
        let key = self.derive("eaves/invite/mac/v1");
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes a key of any length");
        mac.update(b"eaves/invite/answer/v1\0");
        for id in [newcomer.household.0, newcomer.invite.0, newcomer.member.0] {
            mac.update(&id);
        }
        mac.update(&newcomer.signing_key.0);
        mac.update(newcomer.recipient.as_bytes());
        mac
    }

    /// The MAC of who asks to come in: ids and keys.
    pub fn answer_mac(&self, newcomer: &Newcomer) -> Vec<u8> {
        self.mac(newcomer).finalize().into_bytes().to_vec()
    }

    /// Whether whoever answered knows the secret of the link.
    pub fn verifies_answer(&self, newcomer: &Newcomer, mac: &[u8]) -> bool {
        self.mac(newcomer).verify_slice(mac).is_ok()
    }
}

/// Which of the two letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Letter {
    /// From the inviter.
    Welcome,
    /// From the newcomer.
    Answer,
}

impl Letter {
    /// The associated data that binds a letter to its place.
    pub fn associated_data(self, household: HouseholdId, invite: InviteId) -> Vec<u8> {
        let name = match self {
            Self::Welcome => "welcome",
            Self::Answer => "answer",
        };
        format!("eaves/invite/{name}/v1|{household}|{invite}").into_bytes()
    }
}
