//! The letters of an invitation, and a member's letters to themselves. `docs/spec/invite.md`.

use crate::member::derive;
use crate::{Error, MemberSecret, RosterHistory};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit};
use eaves_domain::invite::{InviteSecret, JoinAnswer, Letter, Newcomer, RosterPin, SealedLetter, Welcome};
use eaves_domain::{HouseholdId, InviteId, MemberId, Timestamp};
use zeroize::Zeroizing;

fn open(key: &[u8; 32], letter: &SealedLetter, aad: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    if !letter.is_sensible() {
        return Err(Error::Malformed);
    }
    let nonce: &[u8; 12] = letter.nonce.0.as_slice().try_into().map_err(|_| Error::Malformed)?;
    ChaCha20Poly1305::new(key.into())
        .decrypt(nonce.into(), Payload { msg: &letter.ciphertext.0, aad })
        .map(Zeroizing::new)
        .map_err(|_| Error::DoesNotOpen)
}

/// Opens a welcome that was found at its place.
pub fn open_welcome(
    secret: &InviteSecret,
    household: HouseholdId,
    invite: InviteId,
    letter: &SealedLetter,
    now: Timestamp,
) -> Result<Welcome, Error> {
    let text = open(&secret.seal_key(), letter, &Letter::Welcome.associated_data(household, invite))?;
    let welcome: Welcome = serde_json::from_slice(&text).map_err(|_| Error::Malformed)?;
    if welcome.household != household || welcome.invite != invite {
        return Err(Error::WrongScope);
    }
    if now > welcome.expires_us { Err(Error::OutOfTime) } else { Ok(welcome) }
}

/// Opens the answer to an invitation that is good until `expires`, and judges it. `rosters` is what has been signed so
/// far: somebody whom it has ever named is not a newcomer.
pub fn open_answer(
    secret: &InviteSecret,
    household: HouseholdId,
    invite: InviteId,
    expires: Timestamp,
    answer: &JoinAnswer,
    rosters: &RosterHistory,
    now: Timestamp,
) -> Result<Newcomer, Error> {
    if now > expires {
        return Err(Error::OutOfTime);
    }
    let text = open(&secret.seal_key(), &answer.letter, &Letter::Answer.associated_data(household, invite))?;
    let newcomer: Newcomer = serde_json::from_slice(&text).map_err(|_| Error::Malformed)?;
    if newcomer.household != household || newcomer.invite != invite || newcomer.member != answer.member {
        return Err(Error::WrongScope);
    }
    if !secret.verifies_answer(&newcomer, &answer.mac.0) {
        return Err(Error::WrongMac);
    }
    if newcomer.is_known_to(rosters.versions()) { Err(Error::Replayed) } else { Ok(newcomer) }
}

impl MemberSecret {
    /// Opens what a member has written to themselves, at its place: only who holds the member secret can have made it.
    pub fn open_own(
        &self,
        household: HouseholdId,
        member: MemberId,
        purpose: &str,
        letter: &SealedLetter,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        let aad = format!("eaves/own/v1|{household}|{member}|{purpose}");
        open(&derive(self.bytes(), "eaves/member/own/v1"), letter, aad.as_bytes())
    }

    /// The roster that a member has pinned when they joined.
    pub fn open_anchor(
        &self,
        household: HouseholdId,
        member: MemberId,
        letter: &SealedLetter,
    ) -> Result<RosterPin, Error> {
        let text = self.open_own(household, member, "anchor", letter)?;
        serde_json::from_slice(&text).map_err(|_| Error::Malformed)
    }
}
