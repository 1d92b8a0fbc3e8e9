//! What a session is in the middle of.

use crate::satellite::speaker::Speaker;
use crate::sound::{Endpoint, Sound};
use std::time::Duration;

pub(super) enum State {
    /// Not connected.
    Off,
    /// Connected, and asked who it is.
    Greeting { until: Duration },
    /// Nothing happens.
    Waiting,
    /// Somebody speaks.
    Listening(Listening),
    /// They have; the answer is being found.
    Thinking { until: Duration },
    /// The answer is being sent.
    Speaking(Speaking),
    /// It has been sent, and is being played.
    Draining { until: Duration, asks: bool },
}

pub(super) struct Listening {
    pub(super) sound: Sound,
    pub(super) endpoint: Endpoint,
    pub(super) began: Duration,
    pub(super) last_sound: Duration,
    pub(super) has_spoken: bool,
}

pub(super) struct Speaking {
    pub(super) speaker: Speaker,
    pub(super) asks: bool,
}
