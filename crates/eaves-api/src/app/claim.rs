//! Claiming a box: from the code on its console to the first owner.

use super::account::WrappedSecret;
use eaves_domain::envelope::Envelope;
use eaves_domain::roster::KeyWrap;
use eaves_domain::{Base64Url, MemberId};
use serde::{Deserialize, Serialize};

/// Asks for the hub behind a claim code.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClaimHub {
    /// `ClaimCode::vault_token`.
    pub token: Base64Url,
}

/// Starts the registration of the first owner.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClaimRegister {
    /// `ClaimCode::vault_token`.
    pub token: Base64Url,
    /// The login handle: derived in the app from the typed name, see `docs/spec/keys.md`.
    pub handle: Base64Url,
    /// OPAQUE RegistrationRequest (RFC 9807 section 5.1), 32 bytes.
    pub registration_request: Base64Url,
}

/// Finishes the claim: account, household, first roster, ways in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClaimFinish {
    /// `ClaimCode::vault_token`.
    pub token: Base64Url,
    /// As in [`ClaimRegister`].
    pub handle: Base64Url,
    /// OPAQUE RegistrationRecord, 192 bytes.
    pub registration_record: Base64Url,
    /// [`super::KSF_PRESET`] the app used.
    pub ksf_preset: u8,
    /// The member whose account it is.
    pub member: MemberId,
    /// The first roster.
    pub roster: Envelope,
    /// `ClaimCode::roster_mac` of the roster's payload digest; the vault only carries it to the hub.
    pub roster_mac: Base64Url,
    /// The household and room identities, wrapped to the member.
    pub key_wraps: Vec<KeyWrap>,
    /// The member secret under the password.
    pub password: WrappedSecret,
    /// The member secret under the recovery kit. There is no account without one.
    pub kit: WrappedSecret,
    /// The Ed25519 public key derived from the kit, which proves possession of it at sign-in.
    pub kit_key: eaves_domain::envelope::PublicKey,
}
