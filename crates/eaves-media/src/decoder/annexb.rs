//! From MP4 form to Annex B (ITU-T H.264 and H.265): start codes, parameter sets first.

use crate::sample::VideoCoding;

const START: [u8; 4] = [0, 0, 0, 1];

/// Reads from the front of foreign bytes.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(count)?;
        self.0 = tail;
        Some(head)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn u16(&mut self) -> Option<usize> {
        Some(usize::from(u16::from_be_bytes(self.take(2)?.try_into().ok()?)))
    }

    /// A NAL unit with a length of two bytes.
    fn nal(&mut self, out: &mut Vec<u8>) -> Option<()> {
        let length = self.u16()?;
        out.extend_from_slice(&START);
        out.extend_from_slice(self.take(length)?);
        Some(())
    }
}

/// The access unit with its parameter sets, for a decoder. `None` if either is not what it should be.
pub(super) fn annex_b(coding: VideoCoding, configuration: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(configuration.len() + data.len() + 64);
    match coding {
        VideoCoding::H264 => avc_parameter_sets(configuration, &mut out)?,
        VideoCoding::H265 => hevc_parameter_sets(configuration, &mut out)?,
    }
    let mut rest = Reader(data);
    while !rest.0.is_empty() {
        let length = u32::from_be_bytes(rest.take(4)?.try_into().ok()?);
        out.extend_from_slice(&START);
        out.extend_from_slice(rest.take(usize::try_from(length).ok()?)?);
    }
    Some(out)
}

/// ISO/IEC 14496-15, 5.3.3.1: AVCDecoderConfigurationRecord.
fn avc_parameter_sets(configuration: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut record = Reader(configuration);
    record.take(5)?;
    for _ in 0..record.u8()? & 0x1f {
        record.nal(out)?;
    }
    for _ in 0..record.u8()? {
        record.nal(out)?;
    }
    Some(())
}

/// ISO/IEC 14496-15, 8.3.3.1: HEVCDecoderConfigurationRecord.
fn hevc_parameter_sets(configuration: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut record = Reader(configuration);
    record.take(22)?;
    for _ in 0..record.u8()? {
        record.u8()?;
        for _ in 0..record.u16()? {
            record.nal(out)?;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parameter_sets_come_before_the_picture() {
        let avcc = [1, 66, 0, 30, 0xff, 0xe1, 0, 2, 0x67, 1, 1, 0, 1, 0x68];
        let data = [0, 0, 0, 2, 0x65, 9, 0, 0, 0, 1, 7];
        let expected = [0, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x68, 0, 0, 0, 1, 0x65, 9, 0, 0, 0, 1, 7];
        assert_eq!(annex_b(VideoCoding::H264, &avcc, &data).as_deref(), Some(&expected[..]));
        assert_eq!(annex_b(VideoCoding::H264, &avcc, &data[..10]), None, "a truncated NAL unit");
        assert_eq!(annex_b(VideoCoding::H264, &avcc[..9], &data), None, "a truncated parameter set");
    }

    proptest! {
        #[test]
        fn no_bytes_panic(configuration in proptest::collection::vec(any::<u8>(), 0..64),
                          data in proptest::collection::vec(any::<u8>(), 0..64)) {
            for coding in [VideoCoding::H264, VideoCoding::H265] {
                if let Some(out) = annex_b(coding, &configuration, &data) {
                    prop_assert!(out.len() <= 4 * (configuration.len() + data.len()) + 64);
                }
            }
        }
    }
}
