//! The command: a member's signed wish that something happens in the home or to what is kept.
//!
//! A command carries its own id as nonce and the time at which it was signed. Whoever obeys it refuses one that was
//! seen before, is older or newer than [`COMMAND_WINDOW_US`], or comes from somebody who may not.
//! Specification: `docs/spec/command.md`.

use crate::envelope::{Document, Envelope, EnvelopeError};
use crate::roster::{Role, Roster};
use crate::{Base64Url, CommandId, DeviceId, Digest, HouseholdId, HubId, MemberId, RecordingId, RoomId, Timestamp};
use serde::{Deserialize, Serialize};

/// How far the signer's clock may be from the reader's, in microseconds: ten minutes.
pub const COMMAND_WINDOW_US: i64 = 600_000_000;

/// The most recordings one command may name.
pub const ERASE_RECORDINGS_MAX: usize = 2_000;

/// A recording to be erased, named by its id and by the link that vouched for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EraseTarget {
    /// The recording.
    pub recording: RecordingId,
    /// Digest of the payload of its link, so that the wish is about exactly this one.
    pub link: Digest,
}

/// What is wished.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Action {
    /// Destroy the keys of these recordings of one device, then their bytes.
    Erase {
        /// Whose recordings.
        device: DeviceId,
        /// Which.
        targets: Vec<EraseTarget>,
    },
    /// Look for a camera and say what is there.
    Probe {
        /// Which hub shall look.
        hub: HubId,
        /// A [`ProbeRequest`] as JSON, sealed to the hub.
        request: Base64Url,
        /// The recipient to which the answer is sealed: the asking member's own.
        reply_to: String,
    },
    /// Stop cameras (nothing is seen and nothing recorded), or let them go on.
    Privacy {
        /// Which.
        scope: Scope,
        /// Whether they stop.
        on: bool,
    },
    /// Arm or disarm the home.
    Arm {
        /// Whether it is armed.
        on: bool,
    },
    /// Connect anew to a camera.
    Restart {
        /// Which.
        device: DeviceId,
    },
    /// Stop a loosening that waits.
    Stop {
        /// Which.
        what: Stoppable,
    },
}

/// What a wish about cameras is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Scope {
    /// All cameras.
    Household,
    /// Those of a room.
    Room {
        /// Which.
        room: RoomId,
    },
    /// One.
    Device {
        /// Which.
        device: DeviceId,
    },
}

/// A loosening that waits, by what asked for it. See [`crate::home`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "loosening", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Stoppable {
    /// Cameras that somebody stopped shall go on.
    Privacy {
        /// The wish.
        command: CommandId,
        /// Which cameras.
        scope: Scope,
    },
    /// A room shall keep for longer, or record at more times.
    Rules {
        /// Which room.
        room: RoomId,
        /// The digest of the roster that says so.
        roster: Digest,
    },
}

/// What to look for. Sealed to the hub inside [`Action::Probe`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProbeRequest {
    /// As typed: a host, `host:port` or an `rtsp://` address.
    pub address: String,
    /// User name, if any.
    #[serde(default)]
    pub username: Option<String>,
    /// Password, if any.
    #[serde(default)]
    pub password: Option<String>,
}

impl std::fmt::Debug for ProbeRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// The signed document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Command {
    /// Whose home.
    pub household: HouseholdId,
    /// Random; never used twice.
    pub command: CommandId,
    /// When it was signed.
    pub issued_us: Timestamp,
    /// Who wishes it.
    pub member: MemberId,
    /// What is wished.
    #[serde(flatten)]
    pub action: Action,
}

impl Document for Command {
    const PAYLOAD_TYPE: &'static str = "application/vnd.eaves.command.v1+json";
}

/// Why a command was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// Signature, type or form.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// It is meant for another household.
    #[error("the command is for another household")]
    WrongHousehold,
    /// The member is not in the roster, or may not do this.
    #[error("the member may not do this")]
    NotAllowed,
    /// It was signed too long ago, or in the future.
    #[error("the command is too old, or a clock is wrong")]
    OutOfTime,
    /// It names nothing, or too much.
    #[error("the command names too few or too many recordings")]
    WrongSize,
}

impl Command {
    /// Verifies `envelope` against `roster` at `now`. The caller still has to refuse a [`CommandId`] it has seen.
    pub fn accept(envelope: &Envelope, roster: &Roster, now: Timestamp) -> Result<Self, CommandError> {
        let claimed: Self = envelope.peek()?;
        let member = roster.member(claimed.member).ok_or(CommandError::NotAllowed)?;
        let command: Self = envelope.verify(&[member.signing_key])?;
        if command.household != roster.household {
            return Err(CommandError::WrongHousehold);
        }
        if now.since_us(command.issued_us).saturating_abs() > COMMAND_WINDOW_US {
            return Err(CommandError::OutOfTime);
        }
        let allowed = match &command.action {
            Action::Erase { device, targets } => {
                if targets.is_empty() || targets.len() > ERASE_RECORDINGS_MAX {
                    return Err(CommandError::WrongSize);
                }
                // A device that was removed from the roster leaves recordings that an owner may still erase.
                let in_audience = roster.may_see_device(command.member, *device);
                match member.role {
                    Role::Owner => in_audience || roster.device(*device).is_none(),
                    Role::Adult => in_audience,
                    Role::Guest => false,
                }
            }
            Action::Probe { hub, reply_to, .. } => {
                member.role == Role::Owner && roster.hub(*hub).is_some() && *reply_to == member.recipient
            }
            action @ (Action::Privacy { .. } | Action::Arm { .. } | Action::Restart { .. } | Action::Stop { .. }) => {
                crate::home::may(roster, command.member, action)
            }
        };
        if allowed { Ok(command) } else { Err(CommandError::NotAllowed) }
    }
}
