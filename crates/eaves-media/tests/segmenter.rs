//! The segmenter against an independent MP4 reader: whatever a camera sends, what comes out is whole.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use bytes::Bytes;
use eaves_domain::Timestamp;
use eaves_media::segment::{RECORDING, RECORDING_MAX};
use eaves_media::{Camera, MediaEvent, Moment, Opening, Output, Recording, RunEnd, Sample, Segmenter, Source};
use eaves_media::{LiveFrame, Track, Tracks};
use mp4_atom::{Any, ReadFrom};
use proptest::prelude::*;
use std::sync::{Arc, OnceLock};

const HZ: i64 = 90_000;
const AUDIO_HZ: i64 = 32_000;
const EPOCH: i64 = 1_700_000_000_000_000;

/// Real sample entries, from the demo camera.
fn tracks() -> Tracks {
    static TRACKS: OnceLock<Tracks> = OnceLock::new();
    let first = || {
        let clock = Arc::new(|| Moment { wall: Timestamp(0), monotonic_us: 0 });
        let mut camera = Camera::open(Source::Demo, Opening::default(), clock);
        match tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(camera.next()) {
            MediaEvent::Started(tracks) => tracks,
            other => panic!("{other:?}"),
        }
    };
    TRACKS.get_or_init(first).clone()
}

fn at(us: i64) -> Moment {
    Moment { wall: Timestamp(EPOCH + us), monotonic_us: us }
}

/// A picture due at `time`, which arrives `late_us` after that.
fn picture(time: i64, keyframe: bool, late_us: i64) -> Sample {
    let data = Bytes::from(vec![time as u8; 40]);
    let arrival = at(time * 1_000_000 / HZ + late_us);
    Sample { track: Track::Video, time, duration: None, keyframe, arrival, data }
}

fn sound(time: i64) -> Sample {
    let data = Bytes::from(vec![time as u8; 9]);
    let arrival = at(time * 1_000_000 / AUDIO_HZ);
    Sample { track: Track::Audio, time, duration: Some(1_024), keyframe: true, arrival, data }
}

/// `seconds` of pictures at ten a second, a keyframe every `gop` pictures.
fn pictures(seconds: i64, gop: i64) -> Vec<Sample> {
    (0..seconds * 10).map(|i| picture(i * HZ / 10, i % gop == 0, 0)).collect()
}

/// What came out.
#[derive(Default)]
struct Run {
    files: Vec<Vec<u8>>,
    recordings: Vec<Recording>,
    live: Vec<LiveFrame>,
    starts: Vec<Timestamp>,
    end: Option<RunEnd>,
}

fn run(tracks: Tracks, samples: impl IntoIterator<Item = Sample>) -> Run {
    let mut segmenter = Segmenter::new(tracks);
    let mut run = Run::default();
    let mut out = Vec::new();
    for sample in samples {
        if let Err(end) = segmenter.handle(sample, true, &mut out) {
            run.end = Some(end);
            break;
        }
    }
    segmenter.finish(&mut out);
    for output in out {
        match output {
            Output::RecordingStarted { start, init } => {
                assert_eq!(run.files.len(), run.recordings.len(), "the one before has ended");
                run.starts.push(start);
                run.files.push(init.to_vec());
            }
            Output::Fragment(fragment) => {
                let file = run.files.last_mut().unwrap();
                assert_eq!(
                    (fragment.entry.offset, fragment.entry.bytes as usize),
                    (file.len() as u64, fragment.pieces.len())
                );
                assert_eq!(fragment.keyframe.is_some(), fragment.entry.keyframe);
                file.extend_from_slice(&fragment.pieces.to_bytes());
            }
            Output::RecordingEnded(recording) => {
                assert_eq!(recording.bytes, run.files.last().unwrap().len() as u64);
                run.recordings.push(recording);
            }
            Output::Live(frame) => run.live.push(frame),
        }
    }
    assert_eq!(run.files.len(), run.recordings.len(), "each recording ends");
    run
}

/// What a reader sees of one sample.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    track: u32,
    decode: i64,
    shown: i64,
    duration: i64,
    keyframe: bool,
    data: Vec<u8>,
}

/// Reads a file with mp4-atom and checks that every length, offset and time in it agrees.
fn read(file: &[u8]) -> Vec<Seen> {
    let mut rest = file;
    assert!(matches!(Any::read_from(&mut rest), Ok(Any::Ftyp(_))));
    let Ok(Any::Moov(moov)) = Any::read_from(&mut rest) else { panic!("no moov") };
    assert_eq!(moov.trak.len(), moov.mvex.unwrap().trex.len());
    let mut seen: Vec<Seen> = Vec::new();
    let mut sequence = None;
    while !rest.is_empty() {
        let start = file.len() - rest.len();
        let Ok(Any::Moof(moof)) = Any::read_from(&mut rest) else { panic!("no moof at {start}") };
        assert!(sequence.is_none_or(|before| before < moof.mfhd.sequence_number));
        sequence = Some(moof.mfhd.sequence_number);
        let data_start = file.len() - rest.len() + 8;
        let Ok(Any::Mdat(mdat)) = Any::read_from(&mut rest) else { panic!("no mdat") };
        let mut data_end = data_start;
        for traf in moof.traf {
            assert!(traf.tfhd.default_base_is_moof);
            let mut decode = traf.tfdt.unwrap().base_media_decode_time as i64;
            let [trun] = &traf.trun[..] else { panic!("one run of samples") };
            let mut offset = start + trun.data_offset.unwrap() as usize;
            assert_eq!(offset, data_end, "tracks follow each other");
            for entry in trun.samples.iter() {
                let (size, duration) = (entry.size.unwrap() as usize, i64::from(entry.duration.unwrap()));
                let track = traf.tfhd.track_id;
                let before = seen.iter().rev().find(|sample| sample.track == track);
                assert!(before.is_none_or(|before| before.decode < decode), "decode times grow");
                seen.push(Seen {
                    track,
                    decode,
                    shown: decode + entry.cts.unwrap_or(0),
                    duration,
                    keyframe: entry.flags.unwrap() == 0x0200_0000,
                    data: file[offset..offset + size].to_vec(),
                });
                offset += size;
                decode += duration;
            }
            data_end = offset;
        }
        assert_eq!(data_end, data_start + mdat.data.len(), "the mdat is all accounted for");
    }
    seen
}

fn of(seen: &[Seen], track: u32) -> Vec<&Seen> {
    seen.iter().filter(|sample| sample.track == track).collect()
}

fn silent() -> Tracks {
    Tracks { audio: None, ..tracks() }
}

#[test]
fn recordings_are_whole_gops_of_at_most_a_minute_and_follow_each_other() {
    let run = run(silent(), pictures(200, 70));
    let lengths: Vec<u32> = run.recordings.iter().map(|recording| recording.duration_ms).collect();
    // Eight GOPs of seven seconds fit into a minute.
    assert_eq!(lengths, [56_000, 56_000, 56_000, 32_000]);
    for pair in run.recordings.windows(2) {
        assert_eq!(pair[0].end, pair[1].start);
    }
    assert_eq!(run.recordings[0].start, Timestamp(EPOCH));
    assert_eq!(run.recordings[3].end, Timestamp(EPOCH + 200_000_000));
    let mut pictures = 0;
    for (file, recording) in run.files.iter().zip(&run.recordings) {
        let seen = read(file);
        assert_eq!((seen[0].decode, seen[0].keyframe), (0, true));
        assert_eq!(seen.iter().map(|sample| sample.duration).sum::<i64>(), i64::from(recording.duration_ms) * 90);
        assert!(recording.fragments.iter().all(|fragment| fragment.keyframe));
        pictures += seen.len();
    }
    assert_eq!(pictures, 2_000);
}

#[test]
fn a_long_gop_is_cut_into_pieces_of_which_only_the_first_has_a_keyframe() {
    let run = run(silent(), pictures(100, 250));
    let pieces: Vec<(u32, bool)> =
        run.recordings[0].fragments.iter().map(|fragment| (fragment.duration_ms, fragment.keyframe)).collect();
    let gop = [(10_000, true), (10_000, false), (5_000, false)];
    assert_eq!(pieces, [&gop[..], &gop[..]].concat());
    assert_eq!(run.recordings.iter().map(|recording| recording.duration_ms).sum::<u32>(), 100_000);
    run.files.iter().for_each(|file| drop(read(file)));
}

#[test]
fn a_gop_that_never_ends_ends_the_run_with_a_playable_recording() {
    let run = run(silent(), pictures(90, i64::MAX));
    assert_eq!(run.end, Some(RunEnd::KeyframesTooRare));
    assert_eq!(run.recordings.len(), 1);
    assert_eq!(i64::from(run.recordings[0].duration_ms) * 1_000, RECORDING_MAX);
    read(&run.files[0]);
}

#[test]
fn a_recording_starts_when_its_promptest_picture_says() {
    let mut samples = pictures(10, 20);
    // The network is slow at first: the fifth picture is the first that comes in time.
    for (sample, late) in samples.iter_mut().zip([400_000, 300_000, 200_000, 100_000]) {
        sample.arrival = at(sample.time * 1_000_000 / HZ + late);
    }
    let run = run(silent(), samples);
    assert_eq!(run.starts[0], Timestamp(EPOCH));
    assert_eq!(run.recordings[0].start, Timestamp(EPOCH));
}

#[test]
fn a_camera_whose_clock_drifts_is_followed_by_at_most_500_ppm_and_never_breaks_the_chain() {
    // 100 ppm slow: each hour of media takes 0.36 s more.
    let samples = pictures(3_600, 20).into_iter().map(|mut sample| {
        let us = sample.time * 1_000_000 / HZ;
        sample.arrival = at(us + us / 10_000);
        sample
    });
    let run = run(silent(), samples);
    for pair in run.recordings.windows(2) {
        assert_eq!(pair[0].end, pair[1].start);
    }
    for recording in &run.recordings {
        let stretch = recording.end.since_us(recording.start) - i64::from(recording.duration_ms) * 1_000;
        assert!(stretch.abs() <= i64::from(recording.duration_ms) / 2 + 1_000, "{stretch}");
    }
    let last = run.recordings.last().unwrap();
    assert!((last.end.0 - EPOCH - 3_600_360_000).abs() < 10_000, "{}", last.end.0 - EPOCH);
}

#[test]
fn sound_belongs_to_the_recording_in_whose_time_it_begins() {
    // Sound comes 100 ms after the pictures it belongs to.
    let mut samples: Vec<Sample> = pictures(130, 20);
    samples.extend((0..130 * AUDIO_HZ / 1_024).map(|i| sound(i * 1_024)));
    samples.sort_by_key(|sample| match sample.track {
        Track::Video => sample.time * 1_000_000 / HZ,
        Track::Audio => sample.time * 1_000_000 / AUDIO_HZ + 132_000,
    });
    let run = run(tracks(), samples);
    assert_eq!(run.recordings.len(), 3);
    let mut sounds = 0;
    for (file, recording) in run.files.iter().zip(&run.recordings) {
        let seen = read(file);
        let sound = of(&seen, 2);
        let length = i64::from(recording.duration_ms) * AUDIO_HZ / 1_000;
        assert!(sound[0].decode < 1_024, "{}", sound[0].decode);
        assert!(sound.iter().all(|sample| sample.decode < length));
        assert!(sound.last().unwrap().decode + 5 * 1_024 >= length);
        sounds += sound.len();
    }
    // All but what comes after the last picture.
    assert!((4_060 - sounds as i64).abs() <= 8, "{sounds}");
}

#[test]
fn pictures_out_of_order_are_shown_when_they_should() {
    // I P B B P B B …, as RTP sends them.
    let mut times = Vec::new();
    for gop in 0..40 {
        let base = gop * 31;
        times.push((base, true));
        for triple in 0..10 {
            let first = base + 1 + triple * 3;
            times.extend([(first + 2, false), (first, false), (first + 1, false)]);
        }
    }
    let samples = times.iter().map(|(time, keyframe)| {
        let late = 200_000;
        picture(time * HZ / 10, *keyframe, late)
    });
    let run = run(silent(), samples);
    let mut base = 0;
    let mut shown: Vec<i64> = Vec::new();
    for (file, recording) in run.files.iter().zip(&run.recordings) {
        let seen = read(file);
        shown.extend(seen.iter().map(|sample| base + sample.shown));
        assert!(seen.iter().all(|sample| sample.duration == HZ / 10));
        base += i64::from(recording.duration_ms) * 90;
    }
    let expected: Vec<i64> = times.iter().map(|(time, _)| time * HZ / 10).collect();
    assert_eq!(shown, expected);
    // Live, too: shown when they should be, decoded in order.
    let init = Segmenter::new(silent()).init();
    let live = read(&[&init[..], &run.live.iter().flat_map(|f| f.pieces.to_bytes()).collect::<Vec<_>>()].concat());
    assert_eq!(live.iter().map(|sample| sample.shown).collect::<Vec<_>>(), expected);
}

#[test]
fn a_live_player_never_sees_a_break_between_keyframes() {
    // Five pictures a second, a hiccup of three seconds, and lost sound.
    let mut samples: Vec<Sample> =
        (0..50).filter(|i| !(12..27).contains(i)).map(|i| picture(i * HZ / 5, i == 0, 0)).collect();
    samples.extend((0..300).filter(|i| !(100..120).contains(i)).map(|i| sound(i * 1_024)));
    samples.sort_by_key(|sample| sample.arrival.monotonic_us);
    let run = run(tracks(), samples);
    let init = Segmenter::new(tracks()).init();
    let live = read(&[&init[..], &run.live.iter().flat_map(|f| f.pieces.to_bytes()).collect::<Vec<_>>()].concat());
    for (track, shown_last) in [(1, 49 * HZ / 5), (2, 299 * 1_024)] {
        let seen = of(&live, track);
        for pair in seen.windows(2) {
            // Media Source Extensions, coded frame processing, step 6.
            assert!(pair[1].decode - pair[0].decode <= 2 * pair[0].duration, "{pair:?}");
        }
        assert_eq!(seen.last().unwrap().shown, shown_last);
        assert_eq!(seen.last().unwrap().decode, shown_last, "it has caught up");
    }
}

#[test]
fn times_that_stand_still_or_step_back_are_repaired() {
    let times = [0, 9_000, 9_000, 8_999, 18_000, 18_000, 0, 27_000];
    let samples = times.map(|time| picture(time, time == 0, 0));
    let run = run(silent(), samples);
    assert_eq!(read(&run.files[0]).len() + run.files.get(1).map_or(0, |file| read(file).len()), times.len());
}

#[test]
fn somebody_who_starts_watching_gets_everything_since_the_last_keyframe() {
    let mut segmenter = Segmenter::new(silent());
    let mut out = Vec::new();
    for sample in pictures(5, 20).into_iter().take(47) {
        segmenter.handle(sample, false, &mut out).unwrap();
    }
    let backlog = segmenter.live_backlog();
    assert_eq!(backlog.iter().map(|frame| frame.keyframe).collect::<Vec<_>>(), [&[true][..], &[false; 6]].concat());
    assert_eq!(backlog[0].captured, Timestamp(EPOCH + 4_000_000));
    let file = [&segmenter.init()[..], &backlog.iter().flat_map(|f| f.pieces.to_bytes()).collect::<Vec<_>>()].concat();
    assert_eq!(read(&file)[0].decode, 4 * HZ);
    assert!(!out.iter().any(|output| matches!(output, Output::Live(_))), "nobody watched");
}

fn any_sample() -> impl Strategy<Value = (bool, bool, i64, i64, usize)> {
    // Sound or picture, keyframe, step of time, lateness, length.
    let step = prop_oneof![10 => 0_i64..20_000, 3 => -30_000_i64..0, 1 => 0_i64..500_000];
    (prop::bool::weighted(0.4), prop::bool::weighted(0.1), step, 0_i64..500_000, 0_usize..300)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_samples_gives_whole_recordings(
        steps in prop::collection::vec(any_sample(), 0..400),
        start in prop_oneof![Just(0_i64), -1_000_000_000_i64..1_000_000_000_000],
        with_sound: bool,
    ) {
        let mut times = [start, start * AUDIO_HZ / HZ];
        let samples: Vec<Sample> = steps.iter().map(|(is_sound, keyframe, step, late, length)| {
            let track = if *is_sound { Track::Audio } else { Track::Video };
            let (slot, hz) = if *is_sound { (1, AUDIO_HZ) } else { (0, HZ) };
            times[slot] += step;
            let arrival = at(times[slot] * 1_000_000 / hz + late);
            let data = Bytes::from(vec![7; *length]);
            Sample { track, time: times[slot], duration: is_sound.then_some(1_024), keyframe: *keyframe, arrival, data }
        }).collect();
        let sent = samples.iter().filter(|sample| sample.track == Track::Video).count();
        let before = samples.iter().filter(|s| s.track == Track::Video).take_while(|s| !s.keyframe).count();
        let tracks = if with_sound { tracks() } else { silent() };
        let init = Segmenter::new(tracks.clone()).init();
        let run = run(tracks, samples);
        let mut kept = 0;
        for (file, recording) in run.files.iter().zip(&run.recordings) {
            let seen = read(file);
            let video = of(&seen, 1);
            prop_assert_eq!(video[0].decode, 0);
            prop_assert!(video[0].keyframe);
            let length: i64 = video.iter().map(|sample| sample.duration).sum();
            prop_assert!((length / 90 - i64::from(recording.duration_ms)).abs() <= 1);
            let ends: u32 = recording.fragments.iter().map(|f| f.start_ms + f.duration_ms).max().unwrap();
            prop_assert_eq!(ends, recording.duration_ms);
            prop_assert!(i64::from(recording.duration_ms) * 1_000 <= RECORDING_MAX);
            let one_gop = recording.fragments.iter().filter(|f| f.keyframe).count() == 1;
            prop_assert!(one_gop || i64::from(recording.duration_ms) * 1_000 <= RECORDING + 10_000_000);
            kept += video.len();
        }
        // Only the rest of a GOP that would make the recording too long is left out at the end.
        let too_long = run.recordings.last().is_some_and(|recording| recording.duration_ms > 55_000);
        if run.end.is_none() && !too_long {
            prop_assert_eq!(kept, sent - before, "no picture is lost");
        }
        for pair in run.recordings.windows(2) {
            prop_assert_eq!(pair[0].end, pair[1].start);
        }
        let live: Vec<u8> = run.live.iter().flat_map(|frame| frame.pieces.to_bytes()).collect();
        read(&[&init[..], &live].concat());
    }
}
