//! Why something was refused.

use eaves_domain::command::CommandError;
use eaves_domain::envelope::EnvelopeError;
use eaves_domain::link::LinkError;
use eaves_domain::roster::RosterError;

/// Why something was refused. [`Error::code`] is permanent and the same in every reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Not in the form that its specification gives.
    #[error("not in the form that its specification gives")]
    Malformed,
    /// Not sealed to exactly one post-quantum recipient.
    #[error("not sealed to exactly one post-quantum recipient")]
    ForeignStanza,
    /// Sealed to somebody else.
    #[error("sealed to an identity that is not at hand")]
    NoKey,
    /// The header was changed, or belongs to another recording.
    #[error("the header was changed, or belongs to another recording")]
    ChangedHeader,
    /// The body was changed, reordered, or belongs to another recording.
    #[error("the body was changed, reordered, or belongs to another recording")]
    ChangedBody,
    /// The end is missing, and no signature says that it may be.
    #[error("the end is missing")]
    Truncated,
    /// The bytes are not there or could not be read.
    #[error("the bytes are missing or could not be read")]
    Unreadable,
    /// The check digits of a kit are wrong.
    #[error("mistyped: the check digits are wrong")]
    Mistyped,
    /// A wrapped secret does not open here: wrong key, or moved from another member or way in.
    #[error("the wrapped secret does not open with this way in")]
    DoesNotOpen,
    /// A key wrap says that it belongs elsewhere.
    #[error("the shared identity belongs elsewhere")]
    WrongScope,
    /// A shared identity whose recipient is not the one that the signed roster names.
    #[error("the shared identity is not the one that the signed roster names")]
    WrongRecipient,
    /// Signature or type of a document.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// A roster that does not follow.
    #[error(transparent)]
    Roster(RosterError),
    /// The roster does not name this member with the keys that this member has.
    #[error("the roster does not name this member with this member's keys")]
    NotOurRoster,
    /// A link that does not follow.
    #[error(transparent)]
    Link(LinkError),
    /// A document of another household.
    #[error("belongs to another household")]
    WrongHousehold,
    /// A document of another device.
    #[error("belongs to another device")]
    WrongDevice,
    /// The link names a room or an epoch in which the device was not.
    #[error("the device was not in that room, or the room not in that epoch")]
    WrongRoom,
    /// The link names no hub of the roster that it claims to obey.
    #[error("the roster of that time does not name that hub")]
    WrongHub,
    /// Time passed between two links without any of them saying why.
    #[error("nothing was recorded here, and no gap was announced")]
    UnannouncedPause,
    /// Two links claim the same time.
    #[error("two links claim the same time")]
    Overlap,
    /// Shown as erased, without a signed command by somebody who may.
    #[error("shown as erased, but nobody who may has asked for it")]
    NotErasedByAnybody,
    /// Shown as expired before its time.
    #[error("shown as expired before its time")]
    NotExpiredYet,
    /// Less is shown than was seen before, or another history.
    #[error("shows less than was seen before, or another history")]
    RolledBack,
    /// Under a live key that was never handed over.
    #[error("under an unknown live key")]
    UnknownKey,
    /// Under a live key whose time is over.
    #[error("under a live key whose time is over")]
    OldKey,
    /// A frame that was there already, or that was overtaken.
    #[error("a frame that was there already, or was overtaken")]
    Replayed,
    /// An answer to an invitation by somebody who does not know its secret.
    #[error("whoever answered does not know the invitation's secret")]
    WrongMac,
    /// An invitation whose time is over.
    #[error("its time is over")]
    OutOfTime,
    /// A command that is refused.
    #[error(transparent)]
    Command(CommandError),
}

impl Error {
    /// The permanent code, as `vectors/` has it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::ForeignStanza => "foreign-stanza",
            Self::NoKey => "no-key",
            Self::ChangedHeader => "header-changed",
            Self::ChangedBody => "body-changed",
            Self::Truncated => "truncated",
            Self::Unreadable => "unreadable",
            Self::Mistyped => "mistyped",
            Self::DoesNotOpen => "does-not-open",
            Self::WrongScope => "wrong-scope",
            Self::WrongRecipient => "wrong-recipient",
            Self::Envelope(error) => envelope_code(error),
            Self::Roster(error) => match error {
                RosterError::Envelope(error) => envelope_code(error),
                RosterError::WrongHousehold => "wrong-household",
                RosterError::WrongVersion => "wrong-version",
                RosterError::Forked => "forked",
                RosterError::StaleKeys => "stale-keys",
                _ => "inconsistent",
            },
            Self::Link(error) => match error {
                LinkError::Envelope(error) => envelope_code(error),
                LinkError::WrongDevice => "wrong-device",
                LinkError::WrongIndex => "wrong-index",
                LinkError::Broken => "broken",
                _ => "inconsistent",
            },
            Self::Command(error) => match error {
                CommandError::Envelope(error) => envelope_code(error),
                CommandError::WrongHousehold => "wrong-household",
                CommandError::NotAllowed => "not-allowed",
                CommandError::OutOfTime => "out-of-time",
                _ => "inconsistent",
            },
            Self::NotOurRoster => "not-our-roster",
            Self::WrongHousehold => "wrong-household",
            Self::WrongDevice => "wrong-device",
            Self::WrongRoom => "wrong-room",
            Self::WrongHub => "wrong-hub",
            Self::UnannouncedPause => "broken",
            Self::Overlap => "inconsistent",
            Self::NotErasedByAnybody => "not-erased-by-anybody",
            Self::NotExpiredYet => "not-expired-yet",
            Self::RolledBack => "rolled-back",
            Self::UnknownKey => "unknown-key",
            Self::OldKey => "old-key",
            Self::Replayed => "replayed",
            Self::WrongMac => "wrong-mac",
            Self::OutOfTime => "out-of-time",
        }
    }
}

const fn envelope_code(error: EnvelopeError) -> &'static str {
    match error {
        EnvelopeError::WrongType => "wrong-type",
        EnvelopeError::NotSignedByTrusted => "not-signed-by-trusted",
        EnvelopeError::TooLarge => "too-large",
        _ => "malformed",
    }
}

impl From<RosterError> for Error {
    fn from(error: RosterError) -> Self {
        Self::Roster(error)
    }
}

impl From<LinkError> for Error {
    fn from(error: LinkError) -> Self {
        Self::Link(error)
    }
}

impl From<CommandError> for Error {
    fn from(error: CommandError) -> Self {
        Self::Command(error)
    }
}
