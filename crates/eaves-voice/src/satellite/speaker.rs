//! Sending sound no faster than it is played, so that "stop" stops it.

use crate::sound::Sound;
use crate::wyoming::{At, AudioChunk, AudioFormat, AudioStart, Event};
use std::time::Duration;

/// A satellite is sent at most so much more than it has had time to play. What it has, it plays: this is how long
/// an answer goes on after it was stopped.
pub const LEAD: Duration = Duration::from_millis(300);
const SAMPLES_PER_CHUNK: usize = 1024;

/// One answer on its way.
pub(super) struct Speaker {
    sound: Sound,
    /// Samples that were sent.
    sent: usize,
    began: Duration,
}

impl Speaker {
    /// An answer that begins now, and the event that says so.
    pub(super) fn begin(sound: Sound, now: Duration) -> (Self, Event) {
        let start = Event::AudioStart(AudioStart { format: format(&sound), timestamp: Some(0.into()) });
        (Self { sound, sent: 0, began: now }, start)
    }

    /// When everything will have been played, if nobody stops it.
    pub(super) fn played_at(&self) -> Duration {
        self.began + self.sound.length()
    }

    /// When there is something to send again; `None` when everything has been sent.
    pub(super) fn due(&self) -> Option<Duration> {
        (self.sent < self.sound.samples().len())
            .then(|| self.began + crate::sound::length(self.sent, self.sound.rate()).saturating_sub(LEAD))
    }

    /// The next piece, if it is time for it; the end after the last one.
    pub(super) fn next(&mut self, now: Duration) -> Option<Event> {
        if self.due()? > now {
            return None;
        }
        let rest = &self.sound.samples()[self.sent..];
        let piece = &rest[..rest.len().min(SAMPLES_PER_CHUNK)];
        let audio: Vec<u8> = piece.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        let at = crate::sound::length(self.sent, self.sound.rate()).as_millis();
        self.sent += piece.len();
        let timestamp = u64::try_from(at).ok().map(Into::into);
        Some(Event::AudioChunk(AudioChunk { format: format(&self.sound), timestamp, audio: audio.into() }))
    }

    /// The event after the last piece, or instead of it.
    pub(super) fn end() -> Event {
        Event::AudioStop(At::default())
    }
}

fn format(sound: &Sound) -> AudioFormat {
    AudioFormat { rate: sound.rate(), width: 2, channels: 1 }
}
