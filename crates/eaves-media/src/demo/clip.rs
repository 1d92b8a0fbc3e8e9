//! The minute that is shown: two elementary streams in the program, cut into samples.

use crate::sample::{AudioCoding, AudioTrack, Tracks, VideoCoding, VideoTrack};
use bytes::Bytes;

/// Pictures per second, and seconds in the clip (see `demo/make-demo.sh`).
pub(super) const FPS: i64 = 15;
pub(super) const SECONDS: i64 = 60;
const SIZE: (u16, u16) = (640, 360);
const VIDEO_TIMESCALE: u32 = 90_000;

static VIDEO: &[u8] = include_bytes!("../../demo/demo.h264");
static AUDIO: &[u8] = include_bytes!("../../demo/demo.aac");

/// A picture.
pub(super) struct Picture {
    pub(super) keyframe: bool,
    pub(super) data: Bytes,
}

/// The clip, cut.
pub(super) struct Clip {
    pub(super) tracks: Tracks,
    pub(super) pictures: Vec<Picture>,
    pub(super) sound: Vec<Bytes>,
}

impl Clip {
    /// The clip in the program. `None` only if it is not what `make-demo.sh` makes.
    pub(super) fn built_in() -> Option<Self> {
        let clip = Self::cut(VIDEO, AUDIO)?;
        let whole = clip.pictures.len() as i64 == FPS * SECONDS && !clip.sound.is_empty();
        whole.then_some(clip)
    }

    /// Cuts an H.264 stream (Annex B with delimiters) and an AAC stream (ADTS).
    fn cut(video: &'static [u8], audio: &'static [u8]) -> Option<Self> {
        let mut pictures: Vec<Picture> = Vec::new();
        let (mut sps, mut pps) = (None, None);
        let mut access_unit = Vec::new();
        let mut keyframe = false;
        for nal in nal_units(video).chain([&[9][..]]) {
            match nal.first()? & 0x1f {
                9 if access_unit.is_empty() => {}
                9 => {
                    pictures.push(Picture { keyframe, data: std::mem::take(&mut access_unit).into() });
                    keyframe = false;
                }
                7 => sps = Some(nal),
                8 => pps = Some(nal),
                kind @ 1..=5 => {
                    keyframe |= kind == 5;
                    access_unit.extend_from_slice(&u32::try_from(nal.len()).ok()?.to_be_bytes());
                    access_unit.extend_from_slice(nal);
                }
                _ => {}
            }
        }
        let video = video_track(sps?, pps?)?;
        let (audio, sound) = adts(audio)?;
        Some(Self { tracks: Tracks { video, audio: Some(audio) }, pictures, sound })
    }
}

/// The NAL units between start codes.
fn nal_units(stream: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = stream;
    std::iter::from_fn(move || {
        let start = find_start(rest)? + 3;
        let nal = rest.get(start..)?;
        let end = find_start(nal).unwrap_or(nal.len());
        rest = nal.get(end..)?;
        let nal = nal.get(..end)?;
        // A start code may have a zero before it, which belongs to nobody.
        let length = nal.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        nal.get(..length)
    })
}

fn find_start(bytes: &[u8]) -> Option<usize> {
    bytes.windows(3).position(|w| w == [0, 0, 1])
}

fn boxed(kind: &[u8; 4], content: &[&[u8]]) -> Vec<u8> {
    let content = content.concat();
    let length = u32::try_from(content.len() + 8).expect("sample entries are small");
    [&length.to_be_bytes()[..], kind, &content].concat()
}

/// The `avc1` sample entry (ISO/IEC 14496-15, 5.4.2.1).
fn video_track(sps: &[u8], pps: &[u8]) -> Option<VideoTrack> {
    let [_, profile, constraints, level, ..] = *sps else { return None };
    let length = |nal: &[u8]| u16::try_from(nal.len()).ok().map(u16::to_be_bytes);
    let configuration =
        [&[1, profile, constraints, level, 0xff, 0xe1][..], &length(sps)?, sps, &[1], &length(pps)?, pps].concat();
    let sample_entry = boxed(
        b"avc1",
        &[
            &[0, 0, 0, 0, 0, 0, 0, 1],
            &[0; 16],
            &SIZE.0.to_be_bytes(),
            &SIZE.1.to_be_bytes(),
            // 72 dpi twice, reserved, one frame per sample, no compressor name, depth 24.
            &[0, 0x48, 0, 0, 0, 0x48, 0, 0, 0, 0, 0, 0, 0, 1],
            &[0; 32],
            &[0, 0x18, 0xff, 0xff],
            &boxed(b"avcC", &[&configuration]),
        ],
    );
    Some(VideoTrack {
        coding: VideoCoding::H264,
        codec: format!("avc1.{profile:02X}{constraints:02X}{level:02X}"),
        width: SIZE.0,
        height: SIZE.1,
        timescale: VIDEO_TIMESCALE,
        sample_entry: sample_entry.into(),
        configuration: configuration.into(),
    })
}

/// Cuts ADTS (ISO/IEC 13818-7) into frames without their headers. The first frame is the encoder's run-up.
fn adts(stream: &'static [u8]) -> Option<(AudioTrack, Vec<Bytes>)> {
    const RATES: [u32; 13] =
        [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];
    let mut frames = Vec::new();
    let mut format = None;
    let mut rest = stream;
    while !rest.is_empty() {
        let [0xff, second, third, fourth, fifth, sixth, _, ..] = *rest else { return None };
        let head = if second & 1 == 1 { 7 } else { 9 };
        let length = usize::from(fourth & 3) << 11 | usize::from(fifth) << 3 | usize::from(sixth >> 5);
        let (frame, tail) = rest.split_at_checked(length)?;
        frames.push(Bytes::from_static(frame.get(head..)?));
        format = Some((third >> 6, third >> 2 & 15, (third & 1) << 2 | fourth >> 6));
        rest = tail;
    }
    let (profile, rate, channels) = format?;
    let timescale = *RATES.get(usize::from(rate))?;
    let object = profile + 1;
    let specific = [object << 3 | rate >> 1, (rate & 1) << 7 | channels << 3];
    // ISO/IEC 14496-1, 7.2.6: descriptors in descriptors.
    let decoder = [&[0x05, 2][..], &specific].concat();
    let stream_config = [&[0x04, 17, 0x40, 0x15, 0, 0, 0][..], &[0; 8], &decoder].concat();
    let descriptor = [&[0x03, 25, 0, 0, 0][..], &stream_config, &[0x06, 1, 2]].concat();
    let sample_entry = boxed(
        b"mp4a",
        &[
            &[0, 0, 0, 0, 0, 0, 0, 1],
            &[0; 8],
            &u16::from(channels).to_be_bytes(),
            &[0, 16, 0, 0, 0, 0],
            &(timescale << 16).to_be_bytes(),
            &boxed(b"esds", &[&[0; 4], &descriptor]),
        ],
    );
    let track = AudioTrack {
        coding: AudioCoding::Aac,
        codec: format!("mp4a.40.{object}"),
        timescale,
        channels: u16::from(channels),
        sample_entry: sample_entry.into(),
    };
    frames.remove(0);
    Some((track, frames))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_clip_is_a_whole_minute_and_every_second_begins_with_a_keyframe() {
        let clip = Clip::built_in().unwrap();
        assert_eq!(clip.pictures.len(), 900);
        for (i, picture) in clip.pictures.iter().enumerate() {
            assert_eq!(picture.keyframe, i % 15 == 0, "picture {i}");
        }
        let audio = clip.tracks.audio.unwrap();
        assert_eq!(clip.sound.len() * 1_024, 60 * audio.timescale as usize);
        assert_eq!((clip.tracks.video.codec.as_str(), audio.codec.as_str()), ("avc1.4D401E", "mp4a.40.2"));
        assert!(VIDEO.len() + AUDIO.len() < 1_500_000);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(video in proptest::collection::vec(prop_oneof![Just(0_u8), Just(1), any::<u8>()], 0..200),
                          audio in proptest::collection::vec(prop_oneof![Just(0xff_u8), any::<u8>()], 0..200)) {
            let _ = Clip::cut(video.leak(), audio.leak());
        }
    }
}
