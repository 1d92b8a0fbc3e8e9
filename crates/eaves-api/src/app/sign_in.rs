//! Signing in with the password or the recovery kit, and what every sign-in ends with.

use super::account::WrappedSecret;
use super::second_step::SecondStep;
use eaves_domain::{Base64Url, HouseholdId, MemberId, Timestamp};
use serde::{Deserialize, Serialize};

/// Starts a sign-in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LoginStart {
    /// The login handle.
    pub handle: Base64Url,
    /// OPAQUE KE1, 96 bytes.
    pub ke1: Base64Url,
}

/// The vault's answer, alike for known and unknown names.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LoginChallenge {
    /// Names this attempt, for one minute.
    pub login: Base64Url,
    /// OPAQUE KE2, 320 bytes.
    pub ke2: Base64Url,
    /// Which Argon2id parameters the account uses; the app refuses one it does not know.
    pub ksf_preset: u8,
}

/// Finishes a sign-in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LoginFinish {
    /// As in [`LoginChallenge`].
    pub login: Base64Url,
    /// OPAQUE KE3, 64 bytes.
    pub ke3: Base64Url,
}

/// Starts a sign-in with the recovery kit.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KitStart {
    /// The login handle.
    pub handle: Base64Url,
}

/// What to sign with the kit's key; alike for known and unknown names.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KitChallenge {
    /// Names this attempt, for one minute.
    pub login: Base64Url,
    /// 32 random bytes.
    pub challenge: Base64Url,
}

/// Finishes a sign-in with the recovery kit.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KitFinish {
    /// As in [`KitChallenge`].
    pub login: Base64Url,
    /// Ed25519 by the kit's key over `eaves/kit-login/v1\0` and the challenge.
    pub signature: Base64Url,
}

/// What comes of a sign-in whose first proof was right.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum SignIn {
    /// A session has begun; its token is in the cookie.
    SignedIn(Box<SignedIn>),
    /// One more proof is needed, see [`super::SecondAnswer`]. Nothing was handed out yet.
    SecondStep(Box<SecondStep>),
    /// The kit alone: the person has nothing else. Every device is told, each of them can stop it, and the kit signs in
    /// when the time is over.
    Waiting {
        /// When that is.
        until_us: Timestamp,
    },
}

/// A session has begun.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignedIn {
    /// Whose household.
    pub household: HouseholdId,
    /// Which member.
    pub member: MemberId,
    /// The member secret under the way that was used. Nothing for a passkey that wraps none: then the app asks for the
    /// password or the kit, and this session is the second step.
    pub wrapped: Option<WrappedSecret>,
    /// What the session may do.
    pub session: Powers,
    /// Whether the account waits for somebody to put its member into the roster.
    #[serde(default)]
    pub pending: bool,
}

/// Until when a session may do what needs a fresh proof, and since when it may at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Powers {
    /// Fresh enough until then; see [`super::StepUpStart`].
    pub strong_until_us: Timestamp,
    /// A session from a recovery may not before then.
    pub powers_from_us: Option<Timestamp>,
}
