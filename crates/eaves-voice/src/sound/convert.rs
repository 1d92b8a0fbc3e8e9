//! From the PCM that somebody sends to mono samples at the rate of the recogniser.

use super::{RATE, Sound};
use crate::wyoming::AudioFormat;
use std::f32::consts::PI;

/// Why sound cannot be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// Rate, width or number of channels are none that exist.
    #[error("there is no such audio format")]
    NoSuchFormat,
    /// The bytes are not a whole number of samples.
    #[error("the sound does not have the length that its format says")]
    PartialSample,
    /// The format is not the one that the stream began with.
    #[error("the audio format changed within the stream")]
    Changed,
}

/// Zero crossings of the filter on each side.
const LOBES: usize = 12;
/// Entries of the filter's table between two zero crossings.
const STEPS: usize = 64;
const RATES: std::ops::RangeInclusive<u32> = 4_000..=192_000;
const CHANNELS_MAX: u32 = 8;

/// Converts one stream: any rate, width and channels to mono at [`RATE`].
pub struct Converter {
    format: AudioFormat,
    filter: Vec<f32>,
    /// Mono samples at the foreign rate that later output still needs.
    history: Vec<f32>,
    /// Where the next output lies in `history`, in foreign samples.
    at: f64,
}

impl Converter {
    /// A converter for one stream.
    pub fn new(format: AudioFormat) -> Result<Self, FormatError> {
        let is_known = RATES.contains(&format.rate)
            && (1..=4).contains(&format.width)
            && (1..=CHANNELS_MAX).contains(&format.channels);
        if !is_known {
            return Err(FormatError::NoSuchFormat);
        }
        let filter = (0..=LOBES * STEPS).map(|n| kernel(n as f32 / STEPS as f32)).collect();
        // Silence before the first sample, so that the filter has something on its left.
        let reach = reach(format.rate);
        Ok(Self { format, filter, history: vec![0.0; reach], at: reach as f64 })
    }

    /// The format that it was made for.
    pub fn format(&self) -> AudioFormat {
        self.format
    }

    /// The samples of the next bytes, added to `sound`.
    pub fn convert(&mut self, format: AudioFormat, bytes: &[u8], sound: &mut Sound) -> Result<(), FormatError> {
        if format != self.format {
            return Err(FormatError::Changed);
        }
        let width = format.width as usize;
        let frame = width * format.channels as usize;
        if !bytes.len().is_multiple_of(frame) {
            return Err(FormatError::PartialSample);
        }
        let mono = bytes.chunks_exact(frame).map(|frame| {
            let sum: f32 = frame.chunks_exact(width).map(sample).sum();
            sum / format.channels as f32
        });
        if format.rate == RATE {
            let samples: Vec<i16> = mono.map(to_i16).collect();
            sound.extend(&samples);
            return Ok(());
        }
        self.history.extend(mono);
        self.resample(sound);
        Ok(())
    }

    fn resample(&mut self, sound: &mut Sound) {
        let step = f64::from(self.format.rate) / f64::from(RATE);
        // Below the foreign rate the filter also has to keep out what the new rate cannot hold.
        let scale = (1.0 / step).min(1.0) as f32;
        let reach = reach(self.format.rate);
        let mut samples = Vec::new();
        while self.at as usize + reach + 1 < self.history.len() {
            let middle = self.at as usize;
            let mut sum = 0.0;
            for n in middle + 1 - reach.min(middle + 1)..=middle + reach {
                let distance = (n as f64 - self.at).abs() as f32 * scale;
                sum += self.history[n] * self.tap(distance);
            }
            samples.push(to_i16(sum * scale));
            self.at += step;
        }
        sound.extend(&samples);
        let done = (self.at as usize).saturating_sub(reach);
        self.history.drain(..done);
        self.at -= done as f64;
    }

    fn tap(&self, distance: f32) -> f32 {
        let place = distance * STEPS as f32;
        let n = place as usize;
        match (self.filter.get(n), self.filter.get(n + 1)) {
            (Some(here), Some(next)) => here + (next - here) * (place - n as f32),
            _ => 0.0,
        }
    }
}

impl Drop for Converter {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.history);
    }
}

fn reach(rate: u32) -> usize {
    (LOBES as f64 * (f64::from(rate) / f64::from(RATE)).max(1.0)).ceil() as usize
}

/// A sinc under Hann's window.
fn kernel(x: f32) -> f32 {
    if x == 0.0 {
        return 1.0;
    }
    let window = 0.5 + 0.5 * (PI * x / LOBES as f32).cos();
    (PI * x).sin() / (PI * x) * window
}

/// From -1 to 1. One byte is unsigned, more are signed.
fn sample(bytes: &[u8]) -> f32 {
    match *bytes {
        [a] => (f32::from(a) - 128.0) / 128.0,
        [a, b] => f32::from(i16::from_le_bytes([a, b])) / 32_768.0,
        [a, b, c] => i32::from_le_bytes([0, a, b, c]) as f32 / 2_147_483_648.0,
        [a, b, c, d] => i32::from_le_bytes([a, b, c, d]) as f32 / 2_147_483_648.0,
        _ => 0.0,
    }
}

fn to_i16(sample: f32) -> i16 {
    (sample * 32_768.0).round().clamp(-32_768.0, 32_767.0) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(rate: u32, width: u32, channels: u32) -> AudioFormat {
        AudioFormat { rate, width, channels }
    }

    /// A tone as 16-bit mono, converted in pieces.
    fn converted(rate: u32, hertz: f32) -> Vec<i16> {
        let bytes: Vec<u8> = (0..rate)
            .map(|n| ((2.0 * PI * hertz * n as f32 / rate as f32).sin() * 16_000.0) as i16)
            .flat_map(i16::to_le_bytes)
            .collect();
        let mut converter = Converter::new(format(rate, 2, 1)).expect("a usual format");
        let mut sound = Sound::with_room(RATE, std::time::Duration::from_secs(1));
        for piece in bytes.chunks(246) {
            converter.convert(format(rate, 2, 1), piece, &mut sound).expect("whole samples");
        }
        sound.samples().to_vec()
    }

    #[test]
    fn a_tone_keeps_its_height_and_loudness_at_every_rate() {
        for rate in [8_000, 11_025, 16_000, 22_050, 44_100, 48_000] {
            let samples = converted(rate, 440.0);
            assert!((15_950..=16_000).contains(&samples.len()), "{rate}: {} samples", samples.len());
            let crossings = samples.windows(2).filter(|pair| (pair[0] < 0) != (pair[1] < 0)).count();
            assert!((873..=882).contains(&crossings), "{rate}: {crossings} crossings");
            let loud = super::super::loudness(&samples[500..]);
            assert!((0.335..=0.355).contains(&loud), "{rate}: {loud}");
        }
    }

    #[test]
    fn what_the_rate_cannot_hold_is_kept_out() {
        let loud = super::super::loudness(&converted(48_000, 12_000.0)[500..]);
        assert!(loud < 0.01, "{loud}");
    }

    #[test]
    fn widths_and_channels_are_read_as_they_are_written() {
        for (bytes, at) in [
            (&[255, 128][..], format(RATE, 1, 1)),
            (&[0, 127, 0, 0][..], format(RATE, 2, 1)),
            (&[0, 0, 127, 0, 0, 0][..], format(RATE, 3, 1)),
            (&[0, 0, 0, 127, 0, 0, 0, 0][..], format(RATE, 4, 1)),
            (&[0, 127, 0, 127, 0, 127, 0, 129][..], format(RATE, 2, 2)),
        ] {
            let mut sound = Sound::new(Vec::new(), RATE);
            Converter::new(at).expect("known").convert(at, bytes, &mut sound).expect("whole");
            assert_eq!(sound.samples(), [32_512, 0], "{at:?}");
        }
    }

    #[test]
    fn lies_about_the_format_are_noticed() {
        for none in [format(0, 2, 1), format(16_000, 0, 1), format(16_000, 5, 1), format(16_000, 2, 0), format(1, 2, 9)]
        {
            assert_eq!(Converter::new(none).err(), Some(FormatError::NoSuchFormat));
        }
        let mut converter = Converter::new(format(16_000, 2, 2)).expect("known");
        let mut sound = Sound::new(Vec::new(), RATE);
        assert_eq!(converter.convert(format(16_000, 2, 2), &[0; 6], &mut sound), Err(FormatError::PartialSample));
        assert_eq!(converter.convert(format(22_050, 2, 2), &[0; 4], &mut sound), Err(FormatError::Changed));
        assert!(sound.is_empty());
    }
}
