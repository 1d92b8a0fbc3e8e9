//! The second step of a sign-in, the recovery with the kit, and step-up.
//!
//! A password alone opens nothing: the wrapped secret leaves the vault only after one more proof. A browser that was
//! signed in before (a known device) has given it already. With the kit the other proof may be the password; somebody
//! who has nothing but the kit waits.

use eaves_domain::{Base64Url, Timestamp};
use serde::{Deserialize, Serialize};

/// What can be the second proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Offer {
    /// Six digits of an authenticator app.
    Totp,
    /// A signed-in device says that it is you.
    Approval,
    /// One of the printed single-use codes.
    RecoveryCode,
    /// The recovery kit, when the password was first.
    Kit,
    /// A passkey.
    Passkey,
    /// The password, when the kit was first.
    Password,
    /// There is nothing else: wait, while every device is told. Only when the kit was first.
    Wait,
}

/// One more proof is needed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SecondStep {
    /// Names this sign-in from now on, for five minutes and a few tries.
    pub login: Base64Url,
    /// What can be the proof.
    pub offers: Vec<Offer>,
    /// 32 random bytes, for the kit to sign as in [`super::KitFinish`].
    pub challenge: Base64Url,
    /// `PublicKeyCredentialRequestOptionsJSON` (WebAuthn level 3), when a passkey is among the offers.
    pub passkey: Option<serde_json::Value>,
    /// Of an approval that was asked for: the number to pick on the other device.
    pub number: Option<String>,
}

/// The second proof.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecondAnswer {
    /// As in [`SecondStep`].
    pub login: Base64Url,
    /// The proof.
    pub proof: SecondProof,
}

/// Which proof.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum SecondProof {
    /// Of an authenticator app.
    Totp {
        /// Six digits.
        code: String,
    },
    /// A printed code.
    RecoveryCode {
        /// As typed: case, hyphens and spaces do not matter.
        code: String,
    },
    /// The recovery kit.
    Kit {
        /// Ed25519 by the kit's key over `eaves/kit-login/v1\0` and the challenge.
        signature: Base64Url,
    },
    /// Whether the other device has said yes: 202 while it has not. The answer waits up to twenty seconds.
    Approval,
    /// A passkey.
    Passkey {
        /// `AuthenticationResponseJSON`, without PRF results.
        assertion: serde_json::Value,
    },
    /// The password, proved by a sign-in of the same name that was started beside this one.
    Password {
        /// As in [`super::LoginChallenge`].
        login: Base64Url,
        /// OPAQUE KE3, 64 bytes.
        ke3: Base64Url,
    },
    /// There is nothing else.
    Wait,
}

/// Asks the other devices.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApprovalStart {
    /// As in [`SecondStep`].
    pub login: Base64Url,
}

/// What to pick on the other device.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApprovalNumber {
    /// Two digits.
    pub number: String,
}

/// What the other devices are asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApprovalAsk {
    /// Opaque id.
    pub approval: String,
    /// A coarse name of browser and system.
    pub client: String,
    /// From where: `home` or `elsewhere`.
    pub network: super::Network,
    /// When.
    pub at_us: Timestamp,
    /// Three numbers; one is shown on the new device.
    pub numbers: Vec<String>,
}

/// The approvals that wait for an answer of this member.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Approvals {
    /// They are kept in memory for two minutes.
    pub approvals: Vec<ApprovalAsk>,
}

/// "It is me."
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApprovalAnswer {
    /// The number that the new device shows. A wrong one denies.
    pub number: String,
}

/// A new secret for an authenticator app (RFC 6238: SHA-1, six digits, thirty seconds). It counts from [`TotpConfirm`] on.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TotpSecret {
    /// In base 32, to be typed.
    pub secret: String,
    /// `otpauth://…`, to be shown as a QR code.
    pub uri: String,
}

/// Shows that the authenticator app has the secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TotpConfirm {
    /// Six digits.
    pub code: String,
}

/// Single-use codes, shown once. They replace all earlier ones.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecoveryCodes {
    /// Eight of them, each `XXXX-XXXX-XXXX-XXXX` in Crockford's base 32.
    pub codes: Vec<String>,
}

/// Starts a step-up: a fresh proof within a session, for what a stolen session must not do.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum StepUpStart {
    /// With the password.
    Password {
        /// OPAQUE KE1, 96 bytes.
        ke1: Base64Url,
    },
    /// With a passkey.
    Passkey,
    /// With the recovery kit.
    Kit,
}

/// What to answer to.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum StepUpChallenge {
    /// With the password.
    Password {
        /// Names this step-up, for one minute.
        step_up: Base64Url,
        /// OPAQUE KE2, 320 bytes.
        ke2: Base64Url,
        /// As in [`super::LoginChallenge`].
        ksf_preset: u8,
    },
    /// With a passkey.
    Passkey {
        /// Names this step-up, for five minutes.
        step_up: Base64Url,
        /// `PublicKeyCredentialRequestOptionsJSON`.
        options: serde_json::Value,
    },
    /// With the recovery kit.
    Kit {
        /// Names this step-up, for one minute.
        step_up: Base64Url,
        /// To be signed as in [`super::KitFinish`].
        challenge: Base64Url,
    },
}

/// Finishes a step-up.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StepUpFinish {
    /// As in [`StepUpChallenge`].
    pub step_up: Base64Url,
    /// OPAQUE KE3, of the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ke3: Option<Base64Url>,
    /// `AuthenticationResponseJSON` without PRF results, of a passkey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assertion: Option<serde_json::Value>,
    /// Of the kit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Base64Url>,
}
