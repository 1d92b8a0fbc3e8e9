//! Between the app and the vault.

use eaves_domain::envelope::Envelope;
use eaves_domain::roster::KeyWrap;
use eaves_domain::{Base64Url, CommandId, DeviceId, Digest, HouseholdId, MemberId, RecordingId, Timestamp};
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
}

/// Who a session belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// Whose household.
    pub household: HouseholdId,
    /// Which member.
    pub member: MemberId,
}

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
    /// `password` or `kit`.
    pub way: Way,
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
    /// [`KSF_PRESET`] the app used.
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

/// A session has begun (its token is in the cookie).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignedIn {
    /// Whose household.
    pub household: HouseholdId,
    /// Which member.
    pub member: MemberId,
    /// The member secret under the way that was used.
    pub wrapped: WrappedSecret,
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
    /// How many live pictures it is watching now.
    pub watching: u32,
}

/// The ways in that exist.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WaysIn {
    /// Each with the time it was made.
    pub ways: Vec<WayIn>,
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

/// Rosters in order, and the identities that are wrapped to the asking member (none for a hub).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RosterChain {
    /// From the version that was asked for.
    pub rosters: Vec<Envelope>,
    /// Every epoch that was given to this member.
    pub key_wraps: Vec<KeyWrap>,
}

/// The next roster.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RosterUpdate {
    /// Signed by an owner of the one before.
    pub roster: Envelope,
    /// Identities that are new in it, for each member who shall have them.
    pub key_wraps: Vec<KeyWrap>,
}

/// Part of a device's chain.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Links {
    /// In order of index, without a hole: what was erased is there as its digest.
    pub links: Vec<ChainEntry>,
    /// Where the chain ends now.
    pub head: eaves_domain::link::ChainHead,
    /// Whether the answer stopped at a limit.
    pub more: bool,
}

/// One place in the chain.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum ChainEntry {
    /// A gap, or a recording that can be opened.
    Kept {
        /// The link.
        link: Envelope,
    },
    /// A recording whose keys were destroyed because a member wished it.
    Erased {
        /// Its link, so that the chain can still be verified.
        link: Envelope,
        /// The signed wish.
        command: Envelope,
    },
    /// A recording whose keys were destroyed because its time was over.
    Expired {
        /// Its link.
        link: Envelope,
    },
}

/// The age headers of a recording's parts, by part name.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Headers {
    /// Of the media.
    pub media: Base64Url,
    /// Of the card, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<Base64Url>,
    /// Of the poster, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poster: Option<Base64Url>,
}

/// How far a command is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommandState {
    /// Which.
    pub command: CommandId,
    /// `None` while it is being carried out.
    pub outcome: Option<CommandOutcome>,
    /// Of an erasure: recordings whose keys are destroyed.
    pub keys_destroyed: u64,
    /// Of an erasure: recordings whose bytes are gone from the vault.
    pub bytes_gone: u64,
}

/// How a command ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum CommandOutcome {
    /// It was carried out.
    Done {
        /// An answer sealed to the asker, if there is one: an age file, header and body together.
        reply: Option<Base64Url>,
    },
    /// It was refused.
    Refused {
        /// Why, in kebab-case: `out-of-time`, `not-allowed`, `replayed`, `failed`.
        reason: String,
    },
}

/// What is used and what is left, in bytes.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Storage {
    /// Used by this household.
    pub used_bytes: u64,
    /// Free on the vault's disk.
    pub free_bytes: u64,
    /// Recordings kept.
    pub recordings: u64,
    /// When the oldest of them began.
    pub oldest_us: Option<Timestamp>,
}

/// What the event stream tells.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Event {
    /// A new link of a device's chain.
    Link {
        /// Whose.
        device: DeviceId,
        /// The link.
        link: Envelope,
    },
    /// Recordings were erased or expired.
    Erased {
        /// Whose.
        device: DeviceId,
        /// Which.
        recordings: Vec<RecordingId>,
    },
    /// A device's state changed, as the hub tells it.
    Device {
        /// Which and how.
        #[serde(flatten)]
        status: crate::channel::DeviceStatus,
    },
    /// The hub came or went.
    Hub {
        /// Whether it is connected.
        connected: bool,
        /// Since when.
        since_us: Timestamp,
    },
    /// There is a newer roster.
    Roster {
        /// Its version.
        version: u64,
        /// Its payload digest.
        digest: Digest,
    },
    /// A command went on.
    Command {
        /// How far.
        #[serde(flatten)]
        state: CommandState,
    },
    /// The reader was too slow and missed events: read everything again.
    Missed,
    /// The session ended.
    SignedOut,
}
