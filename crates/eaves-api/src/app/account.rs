//! An account: who is signed in, where, and with which ways in.

use super::sign_in::Powers;
use eaves_domain::{Base64Url, DeviceId, HouseholdId, MemberId, Timestamp};
use serde::{Deserialize, Serialize};

/// What a page may know before anybody signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// Whether the box has an owner.
    pub claimed: bool,
    /// Whether an unclaimed hub has introduced itself, so that a claim code can work.
    pub claimable: bool,
    /// The program's version.
    pub version: String,
    /// Who is signed in with this cookie.
    pub signed_in: Option<Identity>,
    /// What that session may do.
    #[serde(default)]
    pub session: Option<Powers>,
    /// Whether passkeys can be used at the vault's address.
    pub passkeys: Passkeys,
    /// Whether many names fail at once, so that browsers which are not known bring work before they sign in.
    pub guarded: bool,
}

/// Whether passkeys can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Passkeys {
    /// They can.
    Available,
    /// The vault is reached by an address without a name, or does not know its name: see `origin` in the configuration.
    NeedsAName,
}

/// Who a session belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// Whose household.
    pub household: HouseholdId,
    /// Which member.
    pub member: MemberId,
    /// Whether they still wait to be let in.
    pub pending: bool,
}

/// The vault's half of an OPAQUE registration.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Registration {
    /// OPAQUE RegistrationResponse, 64 bytes.
    pub registration_response: Base64Url,
}

/// The number of a set of Argon2id parameters that app and vault both know. 1 = (t 3, m 65536 KiB, p 4).
pub const KSF_PRESET: u8 = 1;

/// A member secret under one way in. `docs/spec/keys.md` has the AEAD and its associated data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WrappedSecret {
    /// Which way.
    pub way: Way,
    /// The passkey's credential id, when that is the way; it is part of the associated data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<Base64Url>,
    /// 12 random bytes.
    pub nonce: Base64Url,
    /// 48 bytes: the sealed 32-byte secret.
    pub ciphertext: Base64Url,
}

/// A way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// From OPAQUE's export key.
    Password,
    /// From the printed recovery kit.
    Kit,
    /// From a passkey's PRF output.
    Passkey,
}

/// The sessions of a member.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sessions {
    /// All live ones.
    pub sessions: Vec<Session>,
}

/// One session.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Opaque id (not the token).
    pub session: String,
    /// Whether it is the asking one.
    pub this: bool,
    /// A coarse name of browser and system, made from a fixed list: `Firefox on Android`.
    pub client: String,
    /// When it began.
    pub started_us: Timestamp,
    /// When it was last used.
    pub used_us: Timestamp,
    /// Whether its browser is a known device, which is the second step of the password.
    pub device_known: bool,
    /// Where it was begun from, without saying where that is.
    pub network: Network,
    /// The cameras whose live picture it shows now.
    pub watching: Vec<DeviceId>,
}

/// Where a session was begun from, said without a place or an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Network {
    /// The same network as the one who asks.
    This,
    /// The network that the household's hub is in.
    Home,
    /// Another one, or it is not known.
    Elsewhere,
}

/// The ways in that exist.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WaysIn {
    /// Each with the time it was made; the passkeys that open are among them.
    pub ways: Vec<WayIn>,
    /// Whether a one-time password from an authenticator app can be the second step.
    pub totp: bool,
    /// How many recovery codes are left.
    pub recovery_codes: u32,
    /// A recovery that waits, and until when; every device can stop it.
    pub recovery_until_us: Option<Timestamp>,
}

/// One way in.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WayIn {
    /// Which.
    pub way: Way,
    /// When it was made.
    pub made_us: Timestamp,
}

/// Starts the change of the password, or a new one after a sign-in with the kit.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PasswordStart {
    /// OPAQUE RegistrationRequest, 32 bytes.
    pub registration_request: Base64Url,
}

/// Replaces the password.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PasswordReplace {
    /// OPAQUE RegistrationRecord, 192 bytes.
    pub registration_record: Base64Url,
    /// [`KSF_PRESET`] the app used.
    pub ksf_preset: u8,
    /// The member secret under the new password.
    pub password: WrappedSecret,
}

/// Replaces the recovery kit.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KitReplace {
    /// The member secret under the new kit.
    pub kit: WrappedSecret,
    /// The new kit's public key.
    pub kit_key: eaves_domain::envelope::PublicKey,
}
