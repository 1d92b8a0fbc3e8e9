//! Letting people in: invitations, joining, and the second hub of a household.

use crate::app::WrappedSecret;
use eaves_domain::envelope::PublicKey;
use eaves_domain::invite::{JoinAnswer, SealedLetter};
use eaves_domain::{Base64Url, Digest, HouseholdId, InviteId, MemberId, Timestamp};
use serde::{Deserialize, Serialize};

/// An owner makes an invitation.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InviteMake {
    /// A new id.
    pub invite: InviteId,
    /// SHA-256 of `InviteSecret::vault_token`.
    pub token_hash: Digest,
    /// Until when; at most three days.
    pub expires_us: Timestamp,
    /// For whoever has the link.
    pub welcome: SealedLetter,
    /// For the inviter's own devices.
    pub kept: SealedLetter,
}

/// The invitations of a household that are open or answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invites {
    /// Oldest first.
    pub invites: Vec<Invite>,
}

/// One of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invite {
    /// Which.
    pub invite: InviteId,
    /// Who made it.
    pub inviter: MemberId,
    /// When.
    pub made_us: Timestamp,
    /// Until when.
    pub expires_us: Timestamp,
    /// What the inviter kept; nothing for other owners.
    pub kept: Option<SealedLetter>,
    /// Who asks to come in, and since when.
    pub asked: Option<Asked>,
}

/// A newcomer who waits.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// Their answer.
    pub answer: JoinAnswer,
    /// Since when.
    pub asked_us: Timestamp,
}

/// Shows the token of an invitation.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JoinInvite {
    /// `InviteSecret::vault_token`.
    pub token: Base64Url,
}

/// What is behind it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InviteFound {
    /// Into which household.
    pub household: HouseholdId,
    /// Which invitation.
    pub invite: InviteId,
    /// The inviter's letter.
    pub welcome: SealedLetter,
}

/// Starts the registration of a newcomer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JoinRegister {
    /// As in [`JoinInvite`].
    pub token: Base64Url,
    /// The login handle.
    pub handle: Base64Url,
    /// OPAQUE RegistrationRequest.
    pub registration_request: Base64Url,
}

/// Makes the newcomer's account, which waits until the inviter has said yes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JoinFinish {
    /// As in [`JoinInvite`].
    pub token: Base64Url,
    /// As in [`JoinRegister`].
    pub handle: Base64Url,
    /// OPAQUE RegistrationRecord.
    pub registration_record: Base64Url,
    /// The Argon2id parameters that the app used.
    pub ksf_preset: u8,
    /// For the inviter; names the account's member.
    pub answer: JoinAnswer,
    /// The roster that the newcomer pinned, sealed to themselves.
    pub anchor: SealedLetter,
    /// The member secret under the password.
    pub password: WrappedSecret,
    /// The member secret under the recovery kit.
    pub kit: WrappedSecret,
    /// The kit's public key.
    pub kit_key: PublicKey,
}

/// The account is made and waits; its session is in the cookie.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Joined {
    /// In which household.
    pub household: HouseholdId,
    /// As which member.
    pub member: MemberId,
}

/// How far a newcomer is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JoinState {
    /// Whether the roster names them by now.
    pub is_in: bool,
}

/// A hub that comes with a roster: the proof that its owner typed the code.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HubJoin {
    /// `ClaimCode::vault_token`.
    pub token: Base64Url,
    /// `ClaimCode::roster_mac` of the roster's payload digest.
    pub roster_mac: Base64Url,
}
