//! Sound as plain samples: what is said, what is answered, and where speech begins and ends.

mod convert;
mod endpoint;

pub use convert::{Converter, FormatError};
pub use endpoint::{Endpoint, EndpointRules, Heard};

use std::fmt;
use std::time::Duration;
use zeroize::Zeroize;

/// Samples a second of everything that is recognised.
pub const RATE: u32 = 16_000;

/// Mono sound at some rate, wiped when dropped. `Debug` shows how long it is.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Sound {
    samples: Vec<i16>,
    rate: u32,
}

impl Sound {
    /// Samples at `rate` a second.
    pub fn new(samples: Vec<i16>, rate: u32) -> Self {
        Self { samples, rate }
    }

    /// Nothing yet, with room for `length`, so that it need not move.
    pub fn with_room(rate: u32, length: Duration) -> Self {
        let samples = (length.as_secs_f64() * f64::from(rate)).ceil();
        Self { samples: Vec::with_capacity(samples as usize), rate }
    }

    /// The samples.
    pub fn samples(&self) -> &[i16] {
        &self.samples
    }

    /// Samples a second.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// How long it is.
    pub fn length(&self) -> Duration {
        length(self.samples.len(), self.rate)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// Adds samples of the same rate. If they do not fit, the old place is wiped.
    pub fn extend(&mut self, samples: &[i16]) {
        let needed = self.samples.len() + samples.len();
        if needed > self.samples.capacity() {
            let mut larger = Vec::with_capacity(needed.max(self.samples.capacity() * 2));
            larger.extend_from_slice(&self.samples);
            self.samples.zeroize();
            self.samples = larger;
        }
        self.samples.extend_from_slice(samples);
    }
}

impl Drop for Sound {
    fn drop(&mut self) {
        self.samples.zeroize();
    }
}

impl fmt::Debug for Sound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{:.2} s of sound]", self.length().as_secs_f64())
    }
}

/// How long so many samples are.
pub(crate) fn length(samples: usize, rate: u32) -> Duration {
    Duration::from_secs_f64(samples as f64 / f64::from(rate.max(1)))
}

/// How loud samples are, from 0 (silence) to 1 (as loud as can be written): the root of their mean square.
pub fn loudness(samples: &[i16]) -> f32 {
    if samples.is_empty() {
        return 0.0;
    }
    let sum: f64 = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    ((sum / samples.len() as f64).sqrt() / 32_768.0) as f32
}
