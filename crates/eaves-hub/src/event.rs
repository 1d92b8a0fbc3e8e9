//! What the hub tells the program around it.

use eaves_domain::claim::ClaimCode;
use eaves_domain::roster::RosterError;
use eaves_domain::{DeviceId, Timestamp};

/// Something that the program or a person should know.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// The hub has no owner: show this code on the console, and nowhere else.
    ClaimCode {
        /// The code; see [`ClaimCode::to_text`].
        code: ClaimCode,
        /// When it ends.
        expires: Timestamp,
    },
    /// The hub has an owner now.
    Claimed,
    /// The vault offered a roster that does not follow the one in force. Recording goes on under that one.
    RosterRefused(RosterError),
    /// The vault shows less of a device's chain than it has confirmed, or another history. What is recorded is kept in the
    /// spool; nothing is handed over.
    ChainRefused {
        /// Whose chain.
        device: DeviceId,
        /// Less, rather than another history.
        rolled_back: bool,
    },
    /// There is too little space on the disk, or (false) there is enough again.
    DiskFull(bool),
}

/// Who is told.
pub trait Events: Send + Sync + 'static {
    /// Something happened. Must not block.
    fn tell(&self, event: Event);
}

impl<F: Fn(Event) + Send + Sync + 'static> Events for F {
    fn tell(&self, event: Event) {
        self(event);
    }
}
