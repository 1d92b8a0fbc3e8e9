//! What a household is made of and what is kept of it: rosters, chains, commands, events.

use super::notice::Notice;
use super::second_step::ApprovalAsk;
use eaves_domain::envelope::Envelope;
use eaves_domain::invite::SealedLetter;
use eaves_domain::roster::KeyWrap;
use eaves_domain::{Base64Url, CommandId, DeviceId, Digest, InviteId, MemberId, RecordingId, Timestamp};
use serde::{Deserialize, Serialize};

/// Rosters in order, and the identities that are wrapped to the asking member (none for a hub).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RosterChain {
    /// From the version that was asked for.
    pub rosters: Vec<Envelope>,
    /// Every epoch that was given to this member.
    pub key_wraps: Vec<KeyWrap>,
    /// The roster that this member pinned when they joined, sealed to themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<SealedLetter>,
}

/// The next roster.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RosterUpdate {
    /// Signed by an owner of the one before.
    pub roster: Envelope,
    /// Identities that are new in it, for each member who shall have them.
    pub key_wraps: Vec<KeyWrap>,
    /// A hub that comes with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub: Option<crate::people::HubJoin>,
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
        /// Why, in kebab-case: `out-of-time`, `not-allowed`, `replayed`, `not-waiting`, `failed`.
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

/// Who watched what live.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Views {
    /// Newest first. What goes on now is in the hub's signed state.
    pub views: Vec<View>,
}

/// A live picture that somebody watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct View {
    /// Which camera.
    pub device: DeviceId,
    /// Who.
    pub member: MemberId,
    /// From when.
    pub from_us: Timestamp,
    /// Until when.
    pub to_us: Timestamp,
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
    /// What a hub keeps to changed, or who watches.
    Home {
        /// A `HomeState`, signed by the hub.
        state: Envelope,
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
    /// Somebody answered an invitation of this member.
    JoinAsked {
        /// Which invitation.
        invite: InviteId,
    },
    /// The reader was too slow and missed events: read everything again.
    Missed,
    /// Something about this member's account, or the household's, that every device should say; it is kept, see [`super::Notices`].
    Notice {
        /// What.
        #[serde(flatten)]
        notice: Notice,
    },
    /// Somebody who knows this member's password or kit asks to be let in from another device: is it you?
    ApprovalAsked {
        /// What is asked.
        #[serde(flatten)]
        ask: ApprovalAsk,
    },
    /// An approval was answered, on this or another device, or is over.
    ApprovalOver {
        /// Which.
        approval: String,
    },
    /// The session ended.
    SignedOut,
}
