//! Which openings of recordings are in the log already.
//!
//! Watching a day asks for thousands of pieces. What a household wants to know is who looked at which camera's which hour,
//! so that is written down once an hour of looking: per session, camera and recorded hour, and apart for still pictures.

use eaves_domain::link::PartKind;
use eaves_domain::{DeviceId, Timestamp};
use std::collections::HashMap;

const HOUR_US: i64 = 3_600_000_000;
/// Beyond this everything is written down again: the log may grow, the vault's memory not.
const KNOWN_MAX: usize = 50_000;

/// An hour of a camera that a session looked at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Opening {
    pub(crate) session: String,
    pub(crate) device: DeviceId,
    /// When the recorded hour begins.
    pub(crate) from: Timestamp,
    /// What it was: still pictures, or the recording itself.
    pub(crate) part: PartKind,
}

impl Opening {
    /// The opening that `part` of a recording of `device` that began at `start` belongs to.
    pub(crate) fn of(session: &str, device: DeviceId, start: Timestamp, part: PartKind) -> Self {
        let from = Timestamp(start.as_us().div_euclid(HOUR_US).saturating_mul(HOUR_US));
        // The card is read with the media that it describes.
        let part = if part == PartKind::Poster { part } else { PartKind::Media };
        Self { session: session.to_owned(), device, from, part }
    }

    /// When the recorded hour ends.
    pub(crate) fn to(&self) -> Timestamp {
        self.from.plus_us(HOUR_US)
    }
}

/// What is written down, and since when.
#[derive(Debug, Default)]
pub(crate) struct RecordingsOpened(HashMap<Opening, Timestamp>);

impl RecordingsOpened {
    /// Whether it is written down already. Who watched the recording saw its picture.
    pub(crate) fn knows(&self, opening: &Opening, now: Timestamp) -> bool {
        let media = Opening { part: PartKind::Media, ..opening.clone() };
        [opening, &media]
            .into_iter()
            .any(|known| self.0.get(known).is_some_and(|since| (0..HOUR_US).contains(&now.since_us(*since))))
    }

    /// It was written down, and is published.
    pub(crate) fn note(&mut self, opening: Opening, now: Timestamp) {
        if self.0.len() >= KNOWN_MAX {
            self.0.clear();
        }
        self.0.insert(opening, now);
    }

    /// Forgets what has to be written down again anyway.
    pub(crate) fn sweep(&mut self, now: Timestamp) {
        self.0.retain(|_, since| (0..HOUR_US).contains(&now.since_us(*since)));
    }
}
