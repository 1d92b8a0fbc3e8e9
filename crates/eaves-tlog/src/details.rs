//! What is written down: the list of everything that a household hears of, as one type.
//!
//! Details hold ids and numbers, never a name, an address or a word that somebody typed. A reader keeps details of a
//! kind that it does not know as [`What::Unknown`]: a newer vault is no liar.

use crate::Error;
use crate::entry::TEXT_BYTES_MAX;
use eaves_domain::link::PartKind;
use eaves_domain::retention::Class;
use eaves_domain::{CommandId, DeviceId, Digest, GrantId, HubId, InviteId, MemberId, ReviewerId, RoomId, Timestamp};
use serde::{Deserialize, Serialize};

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Who {
    /// A member.
    Member {
        /// Which.
        member: MemberId,
    },
    /// A hub.
    Hub {
        /// Which.
        hub: HubId,
    },
    /// A reviewer, under a grant.
    Reviewer {
        /// Which.
        reviewer: ReviewerId,
    },
    /// The vault itself: the clock, by the household's rules.
    Vault,
    /// Whoever runs the vault, by its command line.
    Operator,
    /// Somebody who has not shown who they are.
    Stranger,
    /// Somebody of a kind that this reader does not know.
    #[serde(other)]
    Unknown,
}

/// A way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WayIn {
    /// The password.
    Password,
    /// A passkey.
    Passkey,
    /// The recovery kit.
    Kit,
    /// An invitation.
    Invitation,
    /// The code of a hub's console.
    Claim,
}

/// Why somebody was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// The password was right and the second step was not.
    SecondStep,
    /// Too many attempts: the door is shut for a while.
    TooMany,
    /// An attempt to get in with the recovery kit.
    Kit,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SessionEnd {
    /// Signed out.
    SignedOut,
    /// Ended from another device.
    Elsewhere,
    /// A new password or another change of the ways in.
    WayChanged,
    /// Put out of the household.
    PutOut,
    /// Its time was over.
    Expired,
}

/// What happened to a key or a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It is new.
    Added,
    /// Another took its place.
    Replaced,
    /// It is gone.
    Removed,
}

/// What a setting is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// Arming and disarming.
    Armed,
    /// Cameras turned off and on.
    Privacy,
    /// Talking through a device.
    Talk,
    /// How notices reach people.
    Notices,
    /// How people get in.
    Security,
    /// A device's own settings.
    Device,
}

/// How a grant went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GrantStep {
    /// A reviewer asks.
    Asked,
    /// A member says yes.
    Given,
    /// A member says no.
    Declined,
    /// Nobody answered in time.
    Lapsed,
    /// The reviewer opened something.
    Used,
    /// A member took it back.
    Revoked,
    /// Its time is over.
    Expired,
}

/// By whose wish something was erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Wish {
    /// A member's signed command.
    Command {
        /// Which.
        command: CommandId,
    },
    /// The household's rules, by the clock.
    Rules,
    /// The vault's command line.
    Operator,
}

/// A place that kept something, and when it said that it does not any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HolderWord {
    /// Which: a name from the data map, such as `key-tree` or `hub-spool`.
    pub holder: String,
    /// When; `null` while it has not.
    pub confirmed_us: Option<Timestamp>,
    /// Why it cannot, if it cannot: a code from the data map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cannot: Option<String>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum What {
    /// Somebody signed in.
    SignedIn { way: WayIn, known_browser: bool },
    /// Somebody was not let in, and that is worth telling.
    SignInRefused {
        way: WayIn,
        why: Refusal,
        attempts: u32,
        /// Whose name was used.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        member: Option<MemberId>,
    },
    /// A session ended.
    SessionEnded { why: SessionEnd },
    /// A way in of a member: password, passkey, kit.
    WayInChanged { member: MemberId, way: WayIn, change: Change },
    /// A browser that a member signed in with is remembered, or forgotten.
    BrowserChanged { member: MemberId, change: Change },
    /// A hub was claimed, or let go.
    HubChanged { hub: HubId, change: Change },
    /// A device was set up, set up again, or removed.
    DeviceChanged { device: DeviceId, room: RoomId, change: Change },
    /// Somebody was invited.
    Invited { invite: InviteId },
    /// Who belongs to the household.
    MemberChanged { member: MemberId, change: Change },
    /// A new version of the roster.
    RosterChanged { version: u64, roster: Digest },
    /// How long a room keeps something, from a version of the roster on.
    RuleChanged { room: RoomId, class: Class, days: u16, version: u64 },
    /// A consent was given.
    ConsentGiven { consent: Digest },
    /// A consent was taken back.
    ConsentWithdrawn { consent: Digest },
    /// Somebody began to watch live.
    LiveOpened { device: DeviceId, room: RoomId },
    /// Somebody stopped watching live.
    LiveEnded { device: DeviceId, room: RoomId, seconds: u64 },
    /// Somebody opened a recording.
    RecordingOpened { device: DeviceId, from_us: Timestamp, to_us: Timestamp, part: PartKind },
    /// Somebody talked through a device.
    TalkUsed { device: DeviceId, seconds: u64 },
    /// Somebody took recordings with them.
    Exported { device: DeviceId, from_us: Timestamp, to_us: Timestamp, recordings: u64 },
    /// The whole archive, or an audit pack, was made.
    ArchiveMade { entries: u64, recordings: u64 },
    /// A grant, and how it went.
    Grant { grant: GrantId, step: GrantStep, recordings: u64 },
    /// An erasure was asked for.
    ErasureAsked { wish: Wish, recordings: u64, targets: Digest },
    /// Recordings were erased, and every holder has said so, or says why not.
    RecordingsErased { wish: Wish, recordings: u64, targets: Digest, holders: Vec<HolderWord> },
    /// A room's recordings of a class reached their end.
    RetentionSwept { room: RoomId, class: Class, before_us: Timestamp, recordings: u64 },
    /// Details of this log up to a sequence reached theirs.
    DetailsErased { through: u64 },
    /// This log began after a restore; the one before had so many entries of the household when its backup was made.
    LogBegun { entries: u64, backup_us: Timestamp },
    /// A setting was changed.
    SettingChanged { setting: Setting, command: Option<CommandId> },
    /// A kind that this reader does not know.
    #[serde(other)]
    Unknown,
}

/// Who did what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// Who.
    pub who: Who,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

impl Details {
    /// Whether it is a member's own business: what they did, or what was done to them or in their name.
    pub fn is_about(&self, member: MemberId) -> bool {
        let about = match &self.what {
            What::SignInRefused { member, .. } => *member,
            What::WayInChanged { member, .. }
            | What::BrowserChanged { member, .. }
            | What::MemberChanged { member, .. } => Some(*member),
            _ => None,
        };
        self.who == Who::Member { member } || about == Some(member)
    }

    /// The bytes to commit to.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("details have string keys")
    }

    /// Reads details.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > TEXT_BYTES_MAX {
            return Err(Error::TooLarge);
        }
        serde_json::from_slice(bytes).map_err(|_| Error::Malformed)
    }
}
