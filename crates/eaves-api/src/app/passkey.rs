//! Passkeys: WebAuthn level 3, discoverable, with user verification, and with the PRF extension where there is one.
//!
//! The vault sends option JSON for `PublicKeyCredential.parseCreationOptionsFromJSON` and `parseRequestOptionsFromJSON`;
//! the app answers with `credential.toJSON()` **after it has deleted `clientExtensionResults.prf.results`**: a body that
//! holds PRF results anywhere is refused with `prf-result-refused`, because they open the member secret.

use super::account::WrappedSecret;
use eaves_domain::{Base64Url, Timestamp};
use serde::{Deserialize, Serialize};

/// The salt of the PRF evaluation that gives the wrapping key; the options carry it.
pub const PRF_SALT: &[u8] = b"eaves/prf/member-secret/v1";
/// The largest sealed label of a passkey, in bytes.
pub const LABEL_BYTES_MAX: usize = 4 << 10;

/// A sign-in with a passkey has started.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PasskeyChallenge {
    /// Names this sign-in, for five minutes.
    pub login: Base64Url,
    /// `PublicKeyCredentialRequestOptionsJSON`; good for a button and for `mediation: "conditional"`.
    pub options: serde_json::Value,
}

/// Finishes a sign-in with a passkey.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PasskeyFinish {
    /// As in [`PasskeyChallenge`].
    pub login: Base64Url,
    /// `AuthenticationResponseJSON`, without PRF results.
    pub assertion: serde_json::Value,
}

/// A registration has started.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PasskeyRegistration {
    /// Names this registration, for five minutes.
    pub registration: Base64Url,
    /// `PublicKeyCredentialCreationOptionsJSON`. The vault knows no names: the app puts the ones it wants to see in the
    /// authenticator into `user.name` and `user.displayName`.
    pub options: serde_json::Value,
}

/// Finishes a registration.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PasskeyRegister {
    /// As in [`PasskeyRegistration`].
    pub registration: Base64Url,
    /// `RegistrationResponseJSON`, without PRF results.
    pub credential: serde_json::Value,
    /// What the person calls it, sealed to the member's own recipient.
    #[serde(default)]
    pub label: Option<Base64Url>,
    /// The member secret under it, if the authenticator gave a PRF result.
    #[serde(default)]
    pub wrapped: Option<WrappedSecret>,
}

/// Changes a passkey: what is not given stays.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PasskeyChange {
    /// As in [`PasskeyRegister`].
    #[serde(default)]
    pub label: Option<Base64Url>,
    /// The member secret under it, when the authenticator gave its first PRF result only later.
    #[serde(default)]
    pub wrapped: Option<WrappedSecret>,
}

/// The passkeys of a member.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PasskeyList {
    /// Oldest first.
    pub passkeys: Vec<Passkey>,
}

/// One passkey.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Passkey {
    /// The credential id, in hexadecimal as in its path.
    pub credential: String,
    /// Where it lives, as far as the authenticator says.
    pub kind: PasskeyKind,
    /// What the person calls it, sealed.
    pub label: Option<Base64Url>,
    /// When it was made.
    pub made_us: Timestamp,
    /// When it last signed in or stepped up.
    pub used_us: Option<Timestamp>,
    /// Whether it opens: whether the member secret is wrapped under it.
    pub opens: bool,
    /// Whether its provider keeps copies of it (a synced passkey).
    pub synced: bool,
}

/// Where a passkey lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PasskeyKind {
    /// In the device that made it.
    ThisDevice,
    /// In a phone, used from elsewhere.
    Phone,
    /// In a key to plug in or hold near.
    SecurityKey,
    /// It does not say.
    Unknown,
}
