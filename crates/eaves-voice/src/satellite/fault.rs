//! What can be wrong with a satellite, each with a name that a person can be told.

use crate::sound::FormatError;

/// What a satellite did, or failed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Fault {
    /// It sends bytes that are no events.
    #[error("it does not speak the protocol")]
    Garbage,
    /// It sends an event that lacks something.
    #[error("it sent an event that makes no sense")]
    Malformed,
    /// Its sound is not what it says it is.
    #[error("its sound is not in the format that it names")]
    AudioFormat,
    /// It sends more than a microphone can hear, or more events than there is reason for.
    #[error("it sends more than a satellite can have to say")]
    Flood,
    /// It stopped sending sound in the middle of an utterance.
    #[error("its sound stopped in the middle of an utterance")]
    Stalled,
    /// It does not answer any more.
    #[error("it does not answer any more")]
    Silent,
    /// The connection ended in the middle of an utterance.
    #[error("the connection ended in the middle of an utterance")]
    Cut,
    /// It does not say who it is.
    #[error("it does not say who it is")]
    NoAnswer,
    /// It is not the satellite that was set up at this address.
    #[error("another satellite answers at its address")]
    Stranger,
    /// It sends sound although it is muted. The sound was dropped.
    #[error("it sends sound although it is muted")]
    AudioWhileMuted,
    /// It reports an error of its own.
    #[error("it reports an error of its own")]
    OwnError,
    /// It did not say that it has played what was sent.
    #[error("it did not say that it has played the answer")]
    NotPlayed,
}

impl Fault {
    /// Whether the connection is given up.
    pub fn ends_connection(self) -> bool {
        matches!(self, Self::Garbage | Self::Flood | Self::Silent | Self::NoAnswer | Self::Stranger)
    }
}

impl From<FormatError> for Fault {
    fn from(_: FormatError) -> Self {
        Self::AudioFormat
    }
}
