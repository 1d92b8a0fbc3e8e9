//! What goes into a session and what comes out of it.

use crate::satellite::Fault;
use crate::sound::{EndpointRules, Sound};
use crate::wyoming::Event;
use std::time::Duration;

/// What a session takes.
#[derive(Debug)]
pub enum Input {
    /// The connection stands.
    Connected,
    /// It ended.
    Disconnected,
    /// An event came.
    Received(Event),
    /// An event came that lacks something.
    Malformed,
    /// Bytes came that are no event.
    Garbage,
    /// Time passed.
    Tick,
    /// The hub wants something.
    Order(Order),
}

/// What the hub wants.
#[derive(Debug)]
pub enum Order {
    /// Hear nothing, or hear again.
    Mute(bool),
    /// Another satellite answers: forget what was heard.
    Yield,
    /// A wake word was found in [`Output::Ambient`] sound.
    Woken,
    /// Say this; then listen once more, without a wake word, if it asks something.
    Say {
        /// What to play.
        answer: Sound,
        /// Whether it asks something.
        asks: bool,
    },
    /// The utterance has no answer.
    NothingToSay,
    /// Stop speaking.
    Stop,
    /// Tell it of a timer. Other events are not sent.
    Timer(Event),
}

/// What a session gives.
#[derive(Debug, PartialEq)]
pub enum Output {
    /// Send this.
    Send(Event),
    /// End the connection.
    Close,
    /// It is the satellite that it should be, and calls itself so.
    Identified(String),
    /// It heard its wake word, or somebody pressed its button.
    Woke,
    /// Just after it woke: how loud it was, for the [`Arbiter`](crate::satellite::Arbiter).
    Loudness(f32),
    /// Sound in which to look for a wake word, of a satellite that cannot itself. At [`RATE`].
    Ambient(Sound),
    /// Somebody said this. At [`RATE`].
    Utterance(Sound),
    /// It woke, and nobody said anything.
    NothingSaid,
    /// What was to be said has been played.
    Played,
    /// The utterance was not answered in time.
    Unanswered,
    /// Something is wrong with it.
    Fault(Fault),
}

/// What a satellite does, as people see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It is not connected, or not known yet.
    Away,
    /// It waits for its wake word.
    Waiting,
    /// It is muted.
    Muted,
    /// Somebody speaks to it.
    Listening,
    /// The answer is being found.
    Thinking,
    /// It speaks.
    Speaking,
}

/// What is fixed for a satellite.
#[derive(Clone, Debug)]
pub struct SessionRules {
    /// The name that it must call itself; `None` while it is being set up.
    pub name: Option<String>,
    /// How utterances end.
    pub endpoint: EndpointRules,
    /// How long it listens after an answer that asks something.
    pub follow_up: Duration,
}

impl Default for SessionRules {
    fn default() -> Self {
        Self { name: None, endpoint: EndpointRules::default(), follow_up: Duration::from_secs(6) }
    }
}
