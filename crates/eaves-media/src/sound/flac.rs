//! Frames of FLAC (RFC 9639): mono, 16 bits, 8 kHz, [`BLOCK`] samples each, fixed predictors.

use bytes::Bytes;

/// Samples in a frame: 64 ms.
pub(crate) const BLOCK: usize = 512;
const RATE: u32 = 8_000;
/// The highest order of a fixed predictor.
const ORDER_MAX: usize = 4;
/// Rice partitions are at most 2 to the power of this.
const PARTITION_ORDER_MAX: u32 = 4;

/// The `fLaC` sample entry with its `dfLa` box ("Encapsulation of FLAC in ISO Base Media File Format").
pub(crate) fn sample_entry() -> Bytes {
    let mut info = vec![0x80, 0, 0, 34];
    info.extend_from_slice(&[(BLOCK as u16).to_be_bytes(), (BLOCK as u16).to_be_bytes()].concat());
    info.extend_from_slice(&[0; 6]);
    // 20 bits of rate, 3 of channels - 1, 5 of bits per sample - 1, 36 of length (unknown), then no MD5.
    info.extend_from_slice(&((u64::from(RATE) << 44) | (15 << 36)).to_be_bytes());
    info.extend_from_slice(&[0; 16]);

    let mut entry = Vec::with_capacity(86);
    entry.extend_from_slice(&(8 + 28 + 12 + info.len() as u32).to_be_bytes());
    entry.extend_from_slice(b"fLaC");
    entry.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 1]);
    entry.extend_from_slice(&[0; 8]);
    entry.extend_from_slice(&[0, 1, 0, 16, 0, 0, 0, 0]);
    entry.extend_from_slice(&(RATE << 16).to_be_bytes());
    entry.extend_from_slice(&(12 + info.len() as u32).to_be_bytes());
    entry.extend_from_slice(b"dfLa");
    entry.extend_from_slice(&[0; 4]);
    entry.extend_from_slice(&info);
    entry.into()
}

/// Codes one block as frame `number`.
pub(crate) fn frame(number: u32, samples: &[i16; BLOCK]) -> Bytes {
    let mut out = Bits::default();
    // 9.1 Frame header: sync and fixed block size, 512 samples at 8 kHz, mono with 16 bits.
    out.bytes.extend_from_slice(&[0xff, 0xf8, 0x94, 0x08]);
    coded_number(number & 0x7fff_ffff, &mut out.bytes);
    let crc = crc8(&out.bytes);
    out.bytes.push(crc);
    subframe(samples, &mut out);
    out.align();
    let crc = crc16(&out.bytes);
    out.bytes.extend_from_slice(&crc.to_be_bytes());
    out.bytes.into()
}

/// 9.2 Subframes.
fn subframe(samples: &[i16; BLOCK], out: &mut Bits) {
    let first = samples[0];
    if samples.iter().all(|sample| *sample == first) {
        out.put(0, 8);
        out.put(u64::from(first.cast_unsigned()), 16);
        return;
    }
    // G.711 leaves the lowest two or three bits empty.
    let wasted = samples.iter().fold(0, |all, sample| all | sample).trailing_zeros().min(15);
    let bits = 16 - wasted;
    let samples = samples.map(|sample| i32::from(sample >> wasted));
    let (order, residual) = best_prediction(&samples);

    // Zero, then `001` and the order of the fixed predictor, then whether bits are wasted.
    out.put(0b0001_0000 | (order as u64) << 1 | u64::from(wasted > 0), 8);
    if wasted > 0 {
        out.put(1, wasted);
    }
    for sample in &samples[..order] {
        out.put(u64::from(sample.cast_unsigned()) & ((1 << bits) - 1), bits);
    }
    rice(&residual, order, out);
}

/// The fixed predictor with the smallest residual. The first `order` values are not residual but warm-up.
fn best_prediction(samples: &[i32; BLOCK]) -> (usize, [i32; BLOCK]) {
    let weight =
        |residual: &[i32; BLOCK]| residual[ORDER_MAX..].iter().map(|r| u64::from(r.unsigned_abs())).sum::<u64>();
    let mut best = (0, *samples);
    let mut least = weight(samples);
    let mut residual = *samples;
    for order in 1..=ORDER_MAX {
        for i in (order..BLOCK).rev() {
            residual[i] -= residual[i - 1];
        }
        let weight = weight(&residual);
        if weight < least {
            least = weight;
            best = (order, residual);
        }
    }
    best
}

/// 9.2.7 Coded residual, with 4-bit Rice parameters.
fn rice(residual: &[i32; BLOCK], order: usize, out: &mut Bits) {
    let folded = residual.map(|r| ((r << 1) ^ (r >> 31)).cast_unsigned());
    let partitions = |partition_order: u32| {
        let length = BLOCK >> partition_order;
        folded.chunks(length).enumerate().map(move |(i, part)| if i == 0 { &part[order..] } else { part })
    };
    let cost = |partition_order: u32| partitions(partition_order).map(|part| best_parameter(part).1).sum::<u64>();
    let partition_order = (0..=PARTITION_ORDER_MAX).min_by_key(|p| cost(*p)).unwrap_or(0);
    out.put(0, 2);
    out.put(partition_order.into(), 4);
    for part in partitions(partition_order) {
        let (parameter, _) = best_parameter(part);
        out.put(parameter.into(), 4);
        for value in part {
            let mut zeros = value >> parameter;
            while zeros >= 32 {
                out.put(0, 32);
                zeros -= 32;
            }
            out.put(1, zeros + 1);
            out.put(u64::from(value & ((1 << parameter) - 1)), parameter);
        }
    }
}

/// The Rice parameter that costs the fewest bits, and how many.
fn best_parameter(part: &[u32]) -> (u32, u64) {
    let sum: u64 = part.iter().map(|value| u64::from(*value)).sum();
    let guess = (sum / part.len().max(1) as u64).max(1).ilog2();
    let cost = |parameter: u32| {
        4 + part.iter().map(|value| u64::from(value >> parameter) + 1 + u64::from(parameter)).sum::<u64>()
    };
    (guess.saturating_sub(1)..=guess + 1)
        .map(|parameter| parameter.min(14))
        .map(|parameter| (parameter, cost(parameter)))
        .min_by_key(|(_, cost)| *cost)
        .unwrap_or((0, 0))
}

/// 9.1.5 Coded number: as UTF-8 codes characters, extended to 31 bits.
fn coded_number(number: u32, out: &mut Vec<u8>) {
    if number < 0x80 {
        out.push(number as u8);
        return;
    }
    let followers = match number {
        0..0x800 => 1,
        0x800..0x1_0000 => 2,
        0x1_0000..0x20_0000 => 3,
        0x20_0000..0x400_0000 => 4,
        _ => 5_u32,
    };
    let lead = !(0xff_u8 >> (followers + 1));
    out.push(lead | (number >> (6 * followers)) as u8);
    for i in (0..followers).rev() {
        out.push(0x80 | (number >> (6 * i)) as u8 & 0x3f);
    }
}

fn crc8(bytes: &[u8]) -> u8 {
    bytes
        .iter()
        .fold(0, |crc, byte| (0..8).fold(crc ^ byte, |crc, _| crc << 1 ^ if crc & 0x80 != 0 { 0x07 } else { 0 }))
}

fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0_u16, |crc, byte| crc << 8 ^ CRC16[usize::from((crc >> 8) as u8 ^ byte)])
}

const CRC16: [u16; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let mut crc = (i as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            crc = crc << 1 ^ if crc & 0x8000 != 0 { 0x8005 } else { 0 };
            bit += 1;
        }
        table[i] = crc;
        i += 1;
    }
    table
};

/// Bits, most significant first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    held: u64,
    count: u32,
}

impl Bits {
    /// Appends the lowest `count` (at most 33) bits.
    fn put(&mut self, value: u64, count: u32) {
        self.held = self.held << count | value;
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            self.bytes.push((self.held >> self.count) as u8);
        }
        self.held &= (1 << self.count) - 1;
    }

    fn align(&mut self) {
        if self.count > 0 {
            self.put(0, 8 - self.count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The frames as a FLAC file, which an independent decoder reads back.
    fn decoded(blocks: &[[i16; BLOCK]]) -> Vec<i16> {
        let mut file = b"fLaC".to_vec();
        file.extend_from_slice(&sample_entry()[48..]);
        for (number, block) in blocks.iter().enumerate() {
            file.extend_from_slice(&frame(number as u32, block));
        }
        let mut reader = claxon::FlacReader::new(std::io::Cursor::new(file)).unwrap();
        reader.samples().map(|sample| sample.unwrap() as i16).collect()
    }

    fn block(f: impl Fn(usize) -> i16) -> [i16; BLOCK] {
        std::array::from_fn(f)
    }

    #[test]
    fn every_kind_of_block_survives() {
        let blocks = [
            block(|_| 0),
            block(|_| -7),
            block(|i| ((i as f64 / 9.0).sin() * 30_000.0) as i16),
            block(|i| (((i as f64 / 40.0).sin() * 2_000.0) as i16) << 2),
            block(|i| if i % 2 == 0 { i16::MAX } else { i16::MIN }),
            block(|i| if i == 300 { i16::MIN } else { 0 }),
            block(|i| (i as u32).wrapping_mul(2_654_435_761) as u16 as i16),
        ];
        assert_eq!(decoded(&blocks), blocks.concat());
    }

    #[test]
    fn telephone_sound_becomes_smaller() {
        let speech = block(|i| (((i as f64 / 12.0).sin() + (i as f64 / 31.0).sin()) * 1_500.0) as i16 & !3);
        assert!(frame(0, &speech).len() < BLOCK, "{}", frame(0, &speech).len());
    }

    #[test]
    fn frame_numbers_of_a_long_run_are_coded_like_utf_8() {
        for (number, coded) in [
            (0x7f, vec![0x7f]),
            (0x80, vec![0xc2, 0x80]),
            (0x7ff, vec![0xdf, 0xbf]),
            (0xffff, vec![0xef, 0xbf, 0xbf]),
            (0x10_ffff, vec![0xf4, 0x8f, 0xbf, 0xbf]),
            (0x3ff_ffff, vec![0xfb, 0xbf, 0xbf, 0xbf, 0xbf]),
            (0x7fff_ffff, vec![0xfd, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf]),
        ] {
            let mut out = Vec::new();
            coded_number(number, &mut out);
            assert_eq!(out, coded);
        }
    }

    proptest! {
        #[test]
        fn any_samples_survive(samples in proptest::collection::vec(any::<i16>(), BLOCK), shift in 0_u32..15) {
            let block = block(|i| samples[i] >> shift << (shift / 2));
            prop_assert_eq!(decoded(&[block]), block.to_vec());
        }
    }
}
