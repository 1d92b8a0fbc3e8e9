//! Notices: what every device of a member says about their account, so that nobody gets in unnoticed.
//!
//! They are kept for 90 days and there is no way to remove one. What was seen is each device's own business.

use super::account::Network;
use eaves_domain::{MemberId, Timestamp};
use serde::{Deserialize, Serialize};

/// Notices in order.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notices {
    /// Those after the asked one, oldest first, at most 200.
    pub notices: Vec<Notice>,
    /// Whether there are more.
    pub more: bool,
}

/// One notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    /// Its number; they grow.
    pub notice: u64,
    /// What happened.
    pub kind: NoticeKind,
    /// When.
    pub at_us: Timestamp,
    /// Whose account or who it is about; nothing when it is about the household.
    pub member: Option<MemberId>,
    /// The session that did it or began, if there is one: the one to end.
    pub session: Option<String>,
    /// A coarse name of browser and system.
    pub client: Option<String>,
    /// From where: `home` or `elsewhere`.
    pub network: Option<Network>,
    /// When what was announced takes effect or is over.
    pub until_us: Option<Timestamp>,
}

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// Somebody signed in on a browser that was not known.
    NewDevice,
    /// The password or kit was right, and the second proof was not.
    SecondStepFailed,
    /// A device said that it was not this member who signs in.
    ApprovalDenied,
    /// Somebody with the kit and nothing else waits to be let in.
    RecoveryStarted,
    /// A device stopped that.
    RecoveryStopped,
    /// Somebody tried so often that they must wait.
    ThrottleTripped,
    /// The password was changed.
    PasswordChanged,
    /// The recovery kit was replaced or removed.
    KitChanged,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey was removed.
    PasskeyRemoved,
    /// An authenticator app was set up.
    TotpOn,
    /// It was taken away.
    TotpOff,
    /// New recovery codes were made.
    CodesMade,
    /// A session was ended from another device.
    SessionEnded,
    /// Somebody joined the household.
    MemberJoined,
    /// Somebody was put out of the household.
    MemberOut,
    /// A setting will become looser unless somebody stops it.
    LooseningAnnounced,
    /// Somebody stopped that.
    LooseningStopped,
}
