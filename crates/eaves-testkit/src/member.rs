//! A simulated member: the writing half of what the app does with a member's keys.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit};
use eaves_domain::envelope::{Document, Envelope, PublicKey};
use eaves_domain::invite::{InviteSecret, JoinAnswer, LETTER_PAD, Letter, Newcomer, SealedLetter};
use eaves_domain::roster::{KeyWrap, Member, Role};
use eaves_domain::{Base64Url, HouseholdId, InviteId, MemberId, ScopeId};
use eaves_open::{Identity, KitSecret, MemberSecret, Way, WrappedSecret};
use eaves_seal::{Recipient, seal_name, seal_small};
use ed25519_dalek::SigningKey;
use hkdf::Hkdf;
use serde_json::json;
use sha2::Sha256;
use zeroize::Zeroizing;

/// A member with keys that grow from one byte.
#[derive(Debug)]
pub struct SimulatedMember {
    /// Opaque id.
    pub member: MemberId,
    /// Whose household.
    pub household: HouseholdId,
    secret: [u8; 32],
    kit: [u8; 20],
}

impl SimulatedMember {
    /// Member number `n` of `household`.
    pub fn new(household: HouseholdId, n: u8) -> Self {
        Self { member: MemberId([n; 16]), household, secret: [n; 32], kit: [n ^ 0xa5; 20] }
    }

    /// The 32-byte member secret.
    pub fn secret(&self) -> MemberSecret {
        MemberSecret::from_bytes(Zeroizing::new(self.secret))
    }

    /// The 32 bytes themselves.
    pub fn secret_bytes(&self) -> [u8; 32] {
        self.secret
    }

    /// The recovery kit.
    pub fn kit(&self) -> KitSecret {
        KitSecret::from_bytes(self.kit)
    }

    /// The age identity.
    pub fn identity(&self) -> Identity {
        self.secret().identity()
    }

    /// The signing key.
    pub fn signing_key(&self) -> SigningKey {
        self.secret().signing_key()
    }

    /// Signs a document.
    pub fn sign<D: Document>(&self, document: &D) -> Envelope {
        Envelope::sign(document, &self.signing_key())
    }

    /// The member's line in a roster, with the name sealed to `household_recipient`.
    pub fn roster_line(&self, role: Role, household_recipient: &str, name: &str) -> Member {
        Member {
            member: self.member,
            role,
            recipient: self.identity().recipient().to_owned(),
            signing_key: PublicKey::of(&self.signing_key()),
            label: label(household_recipient, name),
        }
    }

    /// The member secret wrapped for the recovery kit.
    pub fn wrap_for_kit(&self) -> WrappedSecret {
        self.wrap(Way::Kit, &self.kit().wrapping_key())
    }

    /// The member secret wrapped for the password, from OPAQUE's export key.
    pub fn wrap_for_password(&self, export_key: &[u8; 64]) -> WrappedSecret {
        self.wrap(Way::Password, &Way::Password.wrapping_key(export_key))
    }

    fn wrap(&self, way: Way, key: &[u8; 32]) -> WrappedSecret {
        let nonce = [self.secret[0]; 12];
        let aad = WrappedSecret::associated_data(self.household, self.member, way);
        let ciphertext = ChaCha20Poly1305::new(key.into())
            .encrypt((&nonce).into(), Payload { msg: &self.secret, aad: &aad })
            .expect("32 bytes can be sealed");
        WrappedSecret { way, nonce: Base64Url(nonce.to_vec()), ciphertext: Base64Url(ciphertext) }
    }

    /// Something that the member writes to themselves.
    pub fn seal_own(&self, purpose: &str, text: &[u8]) -> SealedLetter {
        let mut key = [0; 32];
        Hkdf::<Sha256>::new(None, &self.secret).expand(b"eaves/member/own/v1", &mut key).expect("a valid length");
        let aad = format!("eaves/own/v1|{}|{}|{purpose}", self.household, self.member);
        seal_letter(&key, [self.secret[0]; 12], aad.as_bytes(), text)
    }

    /// This member as somebody who answers an invitation.
    pub fn as_newcomer(&self, invite: InviteId, name: &str) -> Newcomer {
        Newcomer {
            household: self.household,
            invite,
            member: self.member,
            recipient: self.identity().recipient().to_owned(),
            signing_key: PublicKey::of(&self.signing_key()),
            name: name.to_owned(),
        }
    }

    /// A shared identity wrapped to this member.
    pub fn wrap_shared(&self, scope: ScopeId, epoch: u32, seed: &[u8; 32]) -> KeyWrap {
        let content = json!({
            "household": self.household, "scope": scope, "epoch": epoch, "member": self.member,
            "seed": Base64Url(seed.to_vec()),
        });
        let wrapped = seal(self.identity().recipient(), content.to_string().as_bytes());
        KeyWrap { scope, epoch, member: self.member, wrapped: Base64Url(wrapped) }
    }
}

/// Seals a letter, padded with blanks.
pub fn seal_letter(key: &[u8; 32], nonce: [u8; 12], aad: &[u8], text: &[u8]) -> SealedLetter {
    let mut padded = text.to_vec();
    padded.resize(text.len().next_multiple_of(LETTER_PAD), b' ');
    let ciphertext = ChaCha20Poly1305::new(key.into())
        .encrypt((&nonce).into(), Payload { msg: &padded, aad })
        .expect("a letter can be sealed");
    SealedLetter { nonce: Base64Url(nonce.to_vec()), ciphertext: Base64Url(ciphertext) }
}

/// Answers an invitation as `newcomer`.
pub fn answer(secret: &InviteSecret, newcomer: &Newcomer) -> JoinAnswer {
    let aad = Letter::Answer.associated_data(newcomer.household, newcomer.invite);
    let text = serde_json::to_vec(newcomer).expect("string keys");
    let letter = seal_letter(&secret.seal_key(), [newcomer.member.0[0]; 12], &aad, &text);
    JoinAnswer { member: newcomer.member, letter, mac: secret.answer_mac(newcomer).into() }
}

/// The identity that grows from `seed`.
pub fn identity(seed: [u8; 32]) -> Identity {
    Identity::from_seed(Zeroizing::new(seed))
}

/// Seals to a recipient in text.
pub fn seal(recipient: &str, plaintext: &[u8]) -> Vec<u8> {
    seal_small(&Recipient::parse(recipient).expect("a post-quantum recipient"), plaintext).expect("sealed")
}

/// Seals a name to a recipient in text.
pub fn label(recipient: &str, name: &str) -> Base64Url {
    Base64Url(seal_name(&Recipient::parse(recipient).expect("a post-quantum recipient"), name).expect("sealed"))
}
