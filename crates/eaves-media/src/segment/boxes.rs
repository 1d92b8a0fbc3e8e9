//! The boxes of fragmented MP4, one function each, named after their sections in ISO/IEC 14496-12:2022.
//!
//! Only what a camera's recording needs: an init segment with one or two tracks, and fragments of one `moof` and one
//! `mdat` with `default-base-is-moof`.

use crate::end::Track;
use crate::sample::Tracks;
use bytes::Bytes;

/// What a fragment says about one sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) duration: u32,
    pub(super) bytes: u32,
    pub(super) keyframe: bool,
    /// Presentation minus decode time.
    pub(super) offset: i32,
}

/// The samples of one track in a fragment.
pub(super) struct Traf<'a> {
    pub(super) track: Track,
    pub(super) decode_time: u64,
    pub(super) entries: &'a [Entry],
}

pub(super) const fn track_id(track: Track) -> u32 {
    match track {
        Track::Video => 1,
        Track::Audio => 2,
    }
}

/// The unity matrix of `mvhd` and `tkhd`.
const MATRIX: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];

struct Writer(Vec<u8>);

impl Writer {
    /// 4.2 Box: length, type, content.
    fn boxed(&mut self, kind: &[u8; 4], content: impl FnOnce(&mut Self)) {
        let start = self.0.len();
        self.u32(0);
        self.bytes(kind);
        content(self);
        let length = u32::try_from(self.0.len() - start).expect("headers are small");
        self.0[start..start + 4].copy_from_slice(&length.to_be_bytes());
    }

    /// 4.2 FullBox: a box that begins with a version and flags.
    fn full(&mut self, kind: &[u8; 4], version: u8, flags: u32, content: impl FnOnce(&mut Self)) {
        self.boxed(kind, |w| {
            w.u32(u32::from(version) << 24 | flags);
            content(w);
        });
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn u16(&mut self, value: u16) {
        self.bytes(&value.to_be_bytes());
    }

    fn u32(&mut self, value: u32) {
        self.bytes(&value.to_be_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.bytes(&value.to_be_bytes());
    }

    fn zeros(&mut self, words: usize) {
        for _ in 0..words {
            self.u32(0);
        }
    }

    /// 4.3 File type. `iso6` is the brand that introduced `default-base-is-moof`.
    fn ftyp(&mut self) {
        self.boxed(b"ftyp", |w| {
            w.bytes(b"iso6");
            w.u32(0);
            w.bytes(b"iso6mp41cmfc");
        });
    }

    /// 8.2.2 Movie header.
    fn mvhd(&mut self) {
        self.full(b"mvhd", 0, 0, |w| {
            w.zeros(2);
            w.u32(1_000);
            w.u32(0);
            w.u32(0x1_0000);
            w.u16(0x100);
            w.u16(0);
            w.zeros(2);
            MATRIX.iter().for_each(|m| w.u32(*m));
            w.zeros(6);
            w.u32(3);
        });
    }

    /// 8.3.2 Track header: enabled, in movie.
    fn tkhd(&mut self, track: Track, width: u16, height: u16) {
        self.full(b"tkhd", 0, 3, |w| {
            w.zeros(2);
            w.u32(track_id(track));
            w.zeros(4);
            w.u32(0);
            w.u16(if track == Track::Audio { 0x100 } else { 0 });
            w.u16(0);
            MATRIX.iter().for_each(|m| w.u32(*m));
            w.u32(u32::from(width) << 16);
            w.u32(u32::from(height) << 16);
        });
    }

    /// 8.4.2 Media header: the units of the track; language undetermined.
    fn mdhd(&mut self, timescale: u32) {
        self.full(b"mdhd", 0, 0, |w| {
            w.zeros(2);
            w.u32(timescale);
            w.u32(0);
            w.u16(0x55c4);
            w.u16(0);
        });
    }

    /// 8.4.3 Handler reference.
    fn hdlr(&mut self, track: Track) {
        self.full(b"hdlr", 0, 0, |w| {
            w.u32(0);
            w.bytes(if track == Track::Audio { b"soun" } else { b"vide" });
            w.zeros(3);
            w.bytes(&[0]);
        });
    }

    /// 8.4.4 Media information, with 12.1.2 video and 12.2.2 sound media headers.
    fn minf(&mut self, track: Track, sample_entry: &[u8]) {
        self.boxed(b"minf", |w| {
            match track {
                Track::Video => w.full(b"vmhd", 0, 1, |w| w.zeros(2)),
                Track::Audio => w.full(b"smhd", 0, 0, |w| w.zeros(1)),
            }
            w.boxed(b"dinf", |w| w.dref());
            w.stbl(sample_entry);
        });
    }

    /// 8.7.2 Data reference: the media is in this file.
    fn dref(&mut self) {
        self.full(b"dref", 0, 0, |w| {
            w.u32(1);
            w.full(b"url ", 0, 1, |_| ());
        });
    }

    /// 8.5 Sample table: the coding; the samples themselves are in the fragments.
    fn stbl(&mut self, sample_entry: &[u8]) {
        self.boxed(b"stbl", |w| {
            w.full(b"stsd", 0, 0, |w| {
                w.u32(1);
                w.bytes(sample_entry);
            });
            w.full(b"stts", 0, 0, |w| w.u32(0));
            w.full(b"stsc", 0, 0, |w| w.u32(0));
            w.full(b"stsz", 0, 0, |w| w.zeros(2));
            w.full(b"stco", 0, 0, |w| w.u32(0));
        });
    }

    /// 8.3.1 Track.
    fn trak(&mut self, track: Track, timescale: u32, size: (u16, u16), sample_entry: &[u8]) {
        self.boxed(b"trak", |w| {
            w.tkhd(track, size.0, size.1);
            w.boxed(b"mdia", |w| {
                w.mdhd(timescale);
                w.hdlr(track);
                w.minf(track, sample_entry);
            });
        });
    }

    /// 8.8.3 Track extends: nothing by default, each fragment says all.
    fn trex(&mut self, track: Track) {
        self.full(b"trex", 0, 0, |w| {
            w.u32(track_id(track));
            w.u32(1);
            w.zeros(3);
        });
    }

    /// 8.8.5 Movie fragment header.
    fn mfhd(&mut self, sequence: u32) {
        self.full(b"mfhd", 0, 0, |w| w.u32(sequence));
    }

    /// 8.8.6 Track fragment. Its data begin `data_offset` bytes after the start of the `moof`.
    fn traf(&mut self, traf: &Traf<'_>, data_offset: u32) {
        self.boxed(b"traf", |w| {
            // 8.8.7 Track fragment header: default-base-is-moof.
            w.full(b"tfhd", 0, 0x02_0000, |w| w.u32(track_id(traf.track)));
            // 8.8.12 Track fragment decode time.
            w.full(b"tfdt", 1, 0, |w| w.u64(traf.decode_time));
            // 8.8.8 Track run: data offset, then duration, size and flags of each sample, and its composition offset
            // (signed, version 1) if there is one.
            let offsets = has_offsets(traf.entries);
            w.full(b"trun", 1, if offsets { 0x0f01 } else { 0x0701 }, |w| {
                w.u32(u32::try_from(traf.entries.len()).expect("bounded by the segmenter"));
                w.u32(data_offset);
                for entry in traf.entries {
                    w.u32(entry.duration);
                    w.u32(entry.bytes);
                    // 8.8.3.1 Sample flags: depends on no other, or depends on others and is no sync sample.
                    w.u32(if entry.keyframe { 0x0200_0000 } else { 0x0101_0000 });
                    if offsets {
                        w.bytes(&entry.offset.to_be_bytes());
                    }
                }
            });
        });
    }
}

fn has_offsets(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| entry.offset != 0)
}

/// An init segment: `ftyp` and `moov` (8.2.1) with `mvex` (8.8.1).
pub(super) fn init_segment(tracks: &Tracks) -> Bytes {
    let mut w = Writer(Vec::with_capacity(1_024));
    w.ftyp();
    w.boxed(b"moov", |w| {
        w.mvhd();
        let video = &tracks.video;
        w.trak(Track::Video, video.timescale, (video.width, video.height), &video.sample_entry);
        if let Some(audio) = &tracks.audio {
            w.trak(Track::Audio, audio.timescale, (0, 0), &audio.sample_entry);
        }
        w.boxed(b"mvex", |w| {
            w.trex(Track::Video);
            if tracks.audio.is_some() {
                w.trex(Track::Audio);
            }
        });
    });
    w.0.into()
}

/// The head of a fragment: `moof` (8.8.4) and the head of the `mdat` (8.1.1) in which the data of the tracks follow, one
/// track after the other. `None` if the data are too long for the 32 bits that count them.
pub(super) fn fragment_head(sequence: u32, trafs: &[Traf<'_>]) -> Option<Bytes> {
    let traf_bytes = |traf: &Traf<'_>| 64 + traf.entries.len() * if has_offsets(traf.entries) { 16 } else { 12 };
    let moof_bytes = 24 + trafs.iter().map(traf_bytes).sum::<usize>();
    let data_bytes: u64 = trafs.iter().flat_map(|traf| traf.entries).map(|entry| u64::from(entry.bytes)).sum();
    let mdat_bytes = u32::try_from(data_bytes.checked_add(8)?).ok()?;
    let mut data_offset = u32::try_from(moof_bytes).ok()?.checked_add(8)?;
    data_offset.checked_add(mdat_bytes)?;
    let mut w = Writer(Vec::with_capacity(moof_bytes + 8));
    w.boxed(b"moof", |w| {
        w.mfhd(sequence);
        for traf in trafs {
            w.traf(traf, data_offset);
            data_offset += traf.entries.iter().map(|entry| entry.bytes).sum::<u32>();
        }
    });
    debug_assert_eq!(w.0.len(), moof_bytes);
    w.u32(mdat_bytes);
    w.bytes(b"mdat");
    Some(w.0.into())
}
