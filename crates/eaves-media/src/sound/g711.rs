//! G.711 (ITU-T G.711) packets to FLAC frames, without a hole in their time.

use super::flac::{BLOCK, frame};
use crate::end::Track;
use crate::sample::{Moment, Sample};

/// A pause longer than this (in samples, at 8 kHz) is a pause; a shorter one is filled with silence.
const FILL_MAX: i64 = 8_000;

/// The two laws of G.711.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Law {
    /// PCMU.
    Mu,
    /// PCMA.
    A,
}

impl Law {
    fn expand(self, byte: u8) -> i16 {
        match self {
            Self::Mu => {
                let byte = !byte;
                let magnitude = (((i16::from(byte & 0x0f) << 3) + 0x84) << (byte >> 4 & 7)) - 0x84;
                if byte & 0x80 != 0 { -magnitude } else { magnitude }
            }
            Self::A => {
                let byte = byte ^ 0x55;
                let mantissa = i16::from(byte & 0x0f) << 4;
                let magnitude = match byte >> 4 & 7 {
                    0 => mantissa + 8,
                    exponent => (mantissa + 0x108) << (exponent - 1),
                };
                if byte & 0x80 != 0 { magnitude } else { -magnitude }
            }
        }
    }
}

/// Collects packets into blocks.
pub(crate) struct G711 {
    law: Law,
    block: [i16; BLOCK],
    filled: usize,
    /// Time of the first sample of the block.
    start: i64,
    number: u32,
    running: bool,
}

impl G711 {
    pub(crate) fn new(law: Law) -> Self {
        Self { law, block: [0; BLOCK], filled: 0, start: 0, number: 0, running: false }
    }

    /// Takes a packet that begins at `time` and appends the blocks that are complete.
    pub(crate) fn packet(&mut self, mut data: &[u8], time: i64, arrival: Moment, out: &mut Vec<Sample>) {
        let expected = self.start.saturating_add(self.filled as i64);
        let gap = time.saturating_sub(expected);
        if !self.running {
            self.running = true;
            self.start = time;
        } else if gap < 0 {
            // Sent twice, or overlapping: only what is new.
            let known = usize::try_from(gap.unsigned_abs()).unwrap_or(usize::MAX);
            data = data.get(known..).unwrap_or_default();
        } else if gap < FILL_MAX {
            for _ in 0..gap {
                self.sample(0, arrival, out);
            }
        } else {
            while self.filled > 0 {
                self.sample(0, arrival, out);
            }
            self.start = time;
        }
        for byte in data {
            self.sample(self.law.expand(*byte), arrival, out);
        }
    }

    fn sample(&mut self, value: i16, arrival: Moment, out: &mut Vec<Sample>) {
        self.block[self.filled] = value;
        self.filled += 1;
        if self.filled == BLOCK {
            out.push(Sample {
                track: Track::Audio,
                time: self.start,
                duration: Some(BLOCK as u32),
                keyframe: true,
                arrival,
                data: frame(self.number, &self.block),
            });
            self.number = self.number.wrapping_add(1);
            self.start = self.start.saturating_add(BLOCK as i64);
            self.filled = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eaves_domain::Timestamp;

    const NOW: Moment = Moment { wall: Timestamp(0), monotonic_us: 0 };

    #[test]
    fn both_laws_expand_to_the_values_of_the_standard() {
        assert_eq!([0xff, 0x7f, 0x80, 0x00, 0xfe, 0xf0].map(|b| Law::Mu.expand(b)), [0, 0, 32_124, -32_124, 8, 120]);
        assert_eq!([0xd5, 0x55, 0xaa, 0x2a, 0xd4].map(|b| Law::A.expand(b)), [8, -8, 32_256, -32_256, 24]);
    }

    #[test]
    fn blocks_follow_each_other_through_gaps_and_repeats() {
        let mut g711 = G711::new(Law::Mu);
        let mut out = Vec::new();
        for packet in [0, 1, 2, 2, 3, 6, 7, 8, 9, 10, 11, 12] {
            g711.packet(&[0xff; 160], 1_000 + packet * 160, NOW, &mut out);
        }
        let times: Vec<i64> = out.iter().map(|sample| sample.time).collect();
        assert_eq!(times, [1_000, 1_512, 2_024, 2_536]);
    }

    #[test]
    fn a_long_pause_stays_a_pause() {
        let mut g711 = G711::new(Law::A);
        let mut out = Vec::new();
        g711.packet(&[0; 600], 0, NOW, &mut out);
        g711.packet(&[0; 600], 80_000, NOW, &mut out);
        let times: Vec<i64> = out.iter().map(|sample| sample.time).collect();
        assert_eq!(times, [0, 512, 80_000]);
    }
}
