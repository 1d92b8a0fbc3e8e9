//! What a first proof is worth, and which second one is asked for. Pure.
//!
//! | first | on a known device, or within a session | elsewhere |
//! |---|---|---|
//! | password | signed in | one more: authenticator app, approval, recovery code, kit, passkey |
//! | kit | signed in | one more: password, authenticator app, approval, recovery code, passkey; or wait three days |
//! | passkey | signed in: it is possession and user verification in one | signed in |
//!
//! Who came in with the kit and neither the password nor a passkey has *recovered* the account: the session may not do
//! what needs a fresh proof for a day, so that every other device has time to object.

use super::passkey::Assertion;
use crate::web::door::Charge;
use eaves_api::app::Offer;
use eaves_domain::{HouseholdId, MemberId};

/// How long the second step may take, in microseconds.
pub const SECOND_STEP_US: i64 = 300_000_000;
/// So many wrong second proofs end a sign-in.
pub const TRIES_MAX: u8 = 5;
/// A recovery with nothing but the kit waits so long, in microseconds.
pub const RECOVERY_WAIT_US: i64 = 72 * 3_600_000_000;

/// The first proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    /// The password.
    Password,
    /// The recovery kit.
    Kit,
}

/// What a member has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Has {
    /// A password.
    pub password: bool,
    /// A kit.
    pub kit: bool,
    /// A passkey that can be used at this address.
    pub passkey: bool,
    /// An authenticator app.
    pub totp: bool,
    /// Recovery codes that are left.
    pub codes: bool,
    /// Another device that is signed in.
    pub other_device: bool,
}

/// What is offered after the first proof, the usual first.
pub fn offers(first: First, has: Has) -> Vec<Offer> {
    let all = [
        (Offer::Passkey, has.passkey),
        (Offer::Totp, has.totp),
        (Offer::Approval, has.other_device),
        (Offer::RecoveryCode, has.codes),
        (Offer::Password, first == First::Kit && has.password),
        (Offer::Kit, first == First::Password && has.kit),
        (Offer::Wait, first == First::Kit),
    ];
    all.into_iter().filter_map(|(offer, is_there)| is_there.then_some(offer)).collect()
}

/// Whether these two proofs are a recovery.
pub fn is_recovery(first: First, second: Offer) -> bool {
    first == First::Kit && !matches!(second, Offer::Password | Offer::Passkey)
}

/// A sign-in that waits for its second proof.
pub struct Pending {
    /// The first proof.
    pub first: First,
    /// Whose household.
    pub household: HouseholdId,
    /// Which member.
    pub member: MemberId,
    /// What was charged for it and is refunded when it succeeds.
    pub(crate) charge: Charge,
    /// What was offered.
    pub offers: Vec<Offer>,
    /// For the kit to sign.
    pub challenge: [u8; 32],
    /// For the passkey to answer, once.
    pub assertion: Option<Assertion>,
    /// Wrong proofs so far.
    pub tries: u8,
    /// The approval that was asked for.
    pub approval: Option<[u8; 16]>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Has = Has { password: true, kit: true, passkey: true, totp: true, codes: true, other_device: true };

    #[test]
    fn the_second_proof_is_never_the_first_again() {
        assert!(!offers(First::Password, ALL).contains(&Offer::Password));
        assert!(!offers(First::Kit, ALL).contains(&Offer::Kit));
        assert_eq!(offers(First::Password, ALL).len(), 5);
        assert_eq!(offers(First::Kit, ALL).len(), 6);
    }

    #[test]
    fn nothing_is_offered_that_is_not_there_and_only_the_kit_can_wait() {
        assert_eq!(offers(First::Password, Has::default()), []);
        assert_eq!(offers(First::Kit, Has::default()), [Offer::Wait]);
    }

    #[test]
    fn a_kit_without_password_or_passkey_is_a_recovery() {
        for second in [Offer::Totp, Offer::Approval, Offer::RecoveryCode, Offer::Wait] {
            assert!(is_recovery(First::Kit, second));
            assert!(!is_recovery(First::Password, second));
        }
        assert!(!is_recovery(First::Kit, Offer::Password) && !is_recovery(First::Kit, Offer::Passkey));
    }
}
