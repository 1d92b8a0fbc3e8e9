//! In the child: from an access unit to a JPEG.

use super::DecoderError;
use h264_reader::nal::sps::SeqParameterSet;
use h264_reader::rbsp::{BitReader, ByteReader};
use jpeg_encoder::{Encoder, ImageBuffer, JpegColorType, SamplingFactor};
use openh264::decoder::{DecodedYUV, Decoder};
use openh264::formats::YUVSource;

/// The widest JPEG.
const WIDTH_MAX: usize = 640;
const QUALITY: u8 = 80;
/// The largest picture that is decoded: 4096 × 2304.
const PIXELS_MAX: u64 = 4_096 * 2_304;

/// Decodes an H.264 keyframe in Annex B. Each picture has a decoder of its own: one that had seen another picture might
/// fill the holes of a damaged one with it, and the other may be of another room.
pub(super) fn jpeg(access_unit: &[u8]) -> Result<Vec<u8>, DecoderError> {
    let full_range = check_parameters(access_unit)?;
    let mut decoder = Decoder::new().map_err(|_| DecoderError::Crashed)?;
    draw(&mut decoder, access_unit, full_range)
}

fn draw(decoder: &mut Decoder, access_unit: &[u8], full_range: bool) -> Result<Vec<u8>, DecoderError> {
    if let Some(picture) = decoder.decode(access_unit).map_err(|_| DecoderError::Undecodable)? {
        return encode(&Planes::new(&picture, full_range)?);
    }
    let held = decoder.flush_remaining().map_err(|_| DecoderError::Undecodable)?;
    encode(&Planes::new(held.first().ok_or(DecoderError::Undecodable)?, full_range)?)
}

/// Looks at the sequence parameter set before the decoder does: refuses sizes it would allocate for, and tells whether
/// the samples use the full range.
fn check_parameters(access_unit: &[u8]) -> Result<bool, DecoderError> {
    for nal in access_unit.split_inclusive_start_codes() {
        if nal.first().is_some_and(|head| head & 0x1f == 7) {
            let body = nal.get(1..).unwrap_or_default();
            let sps = SeqParameterSet::from_bits(BitReader::new(ByteReader::without_skip(body)))
                .map_err(|_| DecoderError::Undecodable)?;
            let (width, height) = sps.pixel_dimensions().map_err(|_| DecoderError::Undecodable)?;
            if u64::from(width) * u64::from(height) > PIXELS_MAX {
                return Err(DecoderError::TooLarge);
            }
            let signal = sps.vui_parameters.and_then(|vui| vui.video_signal_type);
            return Ok(signal.is_some_and(|signal| signal.video_full_range_flag));
        }
    }
    Err(DecoderError::Undecodable)
}

trait StartCodes {
    /// The NAL units between start codes.
    fn split_inclusive_start_codes(&self) -> impl Iterator<Item = &[u8]>;
}

impl StartCodes for [u8] {
    fn split_inclusive_start_codes(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = self;
        std::iter::from_fn(move || {
            let start = rest.windows(3).position(|w| w == [0, 0, 1])? + 3;
            let nal = rest.get(start..)?;
            let end = nal.windows(3).position(|w| w == [0, 0, 1]).unwrap_or(nal.len());
            rest = nal.get(end..)?;
            nal.get(..end)
        })
    }
}

/// One plane, scaled down.
struct Plane {
    samples: Vec<u8>,
    width: usize,
}

impl Plane {
    /// Averages the rectangles of `source` that become one sample each, and maps the values.
    fn scaled(
        source: &[u8],
        stride: usize,
        from: (usize, usize),
        to: (usize, usize),
        map: &[u8; 256],
    ) -> Result<Self, DecoderError> {
        let mut samples = Vec::with_capacity(to.0 * to.1);
        let columns: Vec<usize> = (0..=to.0).map(|x| x * from.0 / to.0).collect();
        // First the rows are summed, which the compiler does many at a time; at most seven, so that 16 bits suffice.
        let mut sums = vec![0_u16; from.0];
        for y in 0..to.1 {
            let first = y * from.1 / to.1;
            let rows = first..((y + 1) * from.1 / to.1).max(first + 1);
            sums.fill(0);
            for row in rows.clone() {
                let row = source.get(row * stride..row * stride + from.0).ok_or(DecoderError::Undecodable)?;
                for (sum, value) in sums.iter_mut().zip(row) {
                    *sum = sum.saturating_add(u16::from(*value));
                }
            }
            for column in columns.windows(2) {
                let (start, end) = (column[0], column[1].max(column[0] + 1));
                let sum: u32 = sums.get(start..end).unwrap_or_default().iter().map(|sum| u32::from(*sum)).sum();
                let count = (rows.len() * (end - start)) as u32;
                let mean = (sum + count / 2) / count;
                samples.push(map[(mean & 0xff) as usize]);
            }
        }
        Ok(Self { samples, width: to.0 })
    }

    fn row(&self, y: usize) -> &[u8] {
        self.samples.get(y * self.width..(y + 1) * self.width).unwrap_or_default()
    }
}

/// A picture as JPEG wants it: full range, at most 640 wide, colour at half the size.
struct Planes {
    y: Plane,
    u: Plane,
    v: Plane,
    height: usize,
}

impl Planes {
    fn new(picture: &DecodedYUV<'_>, full_range: bool) -> Result<Self, DecoderError> {
        let (width, height) = picture.dimensions();
        if width < 2 || height < 2 || (width as u64) * (height as u64) > PIXELS_MAX {
            return Err(DecoderError::TooLarge);
        }
        let out_width = width.min(WIDTH_MAX) & !1;
        let out_height = ((height * out_width / width) & !1).max(2);
        let (luma, chroma) = if full_range { (identity(), identity()) } else { (expand(16, 219), expand_chroma()) };
        let (stride_y, stride_u, stride_v) = picture.strides();
        let (half, out_half) = ((width / 2, height / 2), (out_width / 2, out_height / 2));
        Ok(Self {
            y: Plane::scaled(picture.y(), stride_y, (width, height), (out_width, out_height), &luma)?,
            u: Plane::scaled(picture.u(), stride_u, half, out_half, &chroma)?,
            v: Plane::scaled(picture.v(), stride_v, half, out_half, &chroma)?,
            height: out_height,
        })
    }
}

fn identity() -> [u8; 256] {
    std::array::from_fn(|i| i as u8)
}

/// Limited to full range: 16–235 becomes 0–255.
fn expand(low: i32, span: i32) -> [u8; 256] {
    std::array::from_fn(|i| (((i as i32 - low) * 255 + span / 2) / span).clamp(0, 255) as u8)
}

/// The same around 128: 16–240 becomes 0–255.
fn expand_chroma() -> [u8; 256] {
    std::array::from_fn(|i| ((i as i32 - 128) * 255 / 224 + 128).clamp(0, 255) as u8)
}

impl ImageBuffer for &Planes {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        JpegColorType::Ycbcr
    }

    fn width(&self) -> u16 {
        u16::try_from(self.y.width).unwrap_or(u16::MAX)
    }

    fn height(&self) -> u16 {
        u16::try_from(self.height).unwrap_or(u16::MAX)
    }

    fn fill_buffers(&self, y: u16, buffers: &mut [Vec<u8>; 4]) {
        let y = usize::from(y);
        let [luma, blue, red, _] = buffers;
        luma.extend_from_slice(self.y.row(y));
        blue.extend(self.u.row(y / 2).iter().flat_map(|value| [*value; 2]));
        red.extend(self.v.row(y / 2).iter().flat_map(|value| [*value; 2]));
    }
}

fn encode(planes: &Planes) -> Result<Vec<u8>, DecoderError> {
    let mut out = Vec::with_capacity(64 << 10);
    let mut encoder = Encoder::new(&mut out, QUALITY);
    encoder.set_sampling_factor(SamplingFactor::R_4_2_0);
    encoder.encode_image(planes).map_err(|_| DecoderError::Undecodable)?;
    Ok(out)
}
