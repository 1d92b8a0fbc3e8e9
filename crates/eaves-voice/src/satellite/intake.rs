//! What may come in: how many events, how much sound, and in which format.

use super::Fault;
use crate::sound::{Converter, Sound};
use crate::wyoming::{AudioChunk, AudioFormat};
use std::time::Duration;

/// Sound may run ahead of the clock by so much: satellites send two seconds from before the wake word at once, and
/// a network holds some back and then lets go of it.
const AHEAD: Duration = Duration::from_secs(6);
/// So many events a second, on average over some seconds: a microphone in pieces of 10 ms makes a hundred.
const EVENTS_PER_SECOND: f64 = 250.0;
const EVENTS_AT_ONCE: f64 = 1_500.0;

/// Counts what comes in, against the clock.
pub(super) struct Intake {
    /// Sound that came beyond what the clock allows.
    ahead: Duration,
    events: f64,
    last: Duration,
    converter: Option<Converter>,
}

impl Intake {
    pub(super) fn new(now: Duration) -> Self {
        Self { ahead: Duration::ZERO, events: 0.0, last: now, converter: None }
    }

    /// Counts an event.
    pub(super) fn event(&mut self, now: Duration) -> Result<(), Fault> {
        let passed = now.saturating_sub(self.last);
        self.last = self.last.max(now);
        self.ahead = self.ahead.saturating_sub(passed);
        self.events = (self.events - passed.as_secs_f64() * EVENTS_PER_SECOND).max(0.0) + 1.0;
        if self.events > EVENTS_AT_ONCE { Err(Fault::Flood) } else { Ok(()) }
    }

    /// Sound begins: its format may be another than before.
    pub(super) fn begin(&mut self, format: Option<AudioFormat>) -> Result<(), Fault> {
        self.converter = None;
        if let Some(format) = format {
            self.converter = Some(Converter::new(format)?);
        }
        Ok(())
    }

    /// Counts a piece of sound and turns it into samples.
    pub(super) fn sound(&mut self, chunk: &AudioChunk, into: &mut Sound) -> Result<(), Fault> {
        let format = chunk.format;
        let a_second = u64::from(format.rate) * u64::from(format.width) * u64::from(format.channels);
        if a_second == 0 {
            return Err(Fault::AudioFormat);
        }
        // Whatever it claims its rate to be: as fast as it says, it may not fill memory.
        self.ahead += Duration::from_secs_f64(chunk.audio.len() as f64 / a_second as f64);
        if self.ahead > AHEAD {
            return Err(Fault::Flood);
        }
        let converter = match &mut self.converter {
            Some(converter) => converter,
            none => none.insert(Converter::new(format)?),
        };
        Ok(converter.convert(format, chunk.audio.as_slice(), into)?)
    }
}
