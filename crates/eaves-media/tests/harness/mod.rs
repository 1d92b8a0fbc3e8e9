//! A real RTSP camera for tests: `e2e/camera/camera.py`, and what is needed to judge what was recorded.
//! Needs python3-gi, GStreamer's RTSP server and ffmpeg, which `make test` installs.
#![allow(dead_code, reason = "each test file uses a part")]

use eaves_domain::Timestamp;
use eaves_media::{Camera, CameraAddress, Clock, Credentials, MediaEvent, Moment, Opening, Output, RunEnd, Sample};
use eaves_media::{Segmenter, Source, Track, Tracks};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

pub(crate) fn clock() -> Arc<dyn Clock> {
    let start = Instant::now();
    Arc::new(move || Moment {
        wall: Timestamp(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_micros() as i64),
        monotonic_us: start.elapsed().as_micros() as i64,
    })
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../e2e/camera")
}

/// A clip of `make-clip.sh`, made once.
pub(crate) fn clip(name: &str) -> PathBuf {
    let clips = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clips");
    let status = Command::new(folder().join("make-clip.sh")).arg(&clips).arg(name).status().unwrap();
    assert!(status.success(), "make-clip.sh (is ffmpeg installed?)");
    clips.join(format!("{name}.mp4"))
}

/// A camera that runs; killed when dropped.
pub(crate) struct TestCamera {
    child: Child,
    pub(crate) url: String,
}

impl TestCamera {
    /// Starts `camera.py` with these arguments.
    pub(crate) fn start(args: &[&str]) -> Self {
        let mut command = Command::new("/usr/bin/python3");
        command.arg(folder().join("camera.py")).arg("--tied").args(args);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.strip_prefix("ready ").expect("camera.py started (is python3-gi installed?)").trim().to_owned();
        Self { child, url }
    }

    pub(crate) fn source(&self, user: &str, password: &str) -> Source {
        source(&self.url, user, password)
    }

    pub(crate) fn host_and_port(&self) -> &str {
        self.url.strip_prefix("rtsp://").unwrap().split('/').next().unwrap()
    }

    pub(crate) fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap().success());
    }
}

impl Drop for TestCamera {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn source(url: &str, user: &str, password: &str) -> Source {
    let (address, _) = CameraAddress::parse(url).unwrap();
    let credentials = (!user.is_empty()).then(|| Credentials::new(user, password));
    Source::Rtsp { address, credentials }
}

/// What came of one run.
#[derive(Default)]
pub(crate) struct Recorded {
    pub(crate) tracks: Option<Tracks>,
    /// The recordings, each a whole file.
    pub(crate) files: Vec<Vec<u8>>,
    pub(crate) ended: Vec<eaves_media::Recording>,
    pub(crate) live: Vec<eaves_media::LiveFrame>,
    pub(crate) keyframes: Vec<bytes::Bytes>,
    pub(crate) samples: Vec<Sample>,
    pub(crate) end: Option<RunEnd>,
}

impl Recorded {
    pub(crate) fn take(&mut self, outputs: &mut Vec<Output>) {
        for output in outputs.drain(..) {
            match output {
                Output::RecordingStarted { init, .. } => self.files.push(init.to_vec()),
                Output::Fragment(fragment) => {
                    let file = self.files.last_mut().unwrap();
                    assert_eq!(fragment.entry.offset, file.len() as u64);
                    fragment.pieces.iter().for_each(|piece| file.extend_from_slice(piece));
                    self.keyframes.extend(fragment.keyframe);
                }
                Output::RecordingEnded(recording) => {
                    assert_eq!(recording.bytes, self.files.last().unwrap().len() as u64);
                    self.ended.push(recording);
                }
                Output::Live(frame) => self.live.push(frame),
            }
        }
    }

    pub(crate) fn frames(&self, track: Track) -> usize {
        self.samples.iter().filter(|sample| sample.track == track).count()
    }
}

/// Records one run until it ends or has `pictures` pictures.
pub(crate) async fn record(source: Source, opening: Opening, pictures: usize) -> Recorded {
    let mut recorded = Recorded::default();
    let mut camera = Camera::open(source, opening, clock());
    let mut segmenter = None;
    let mut out = Vec::new();
    let wait = Duration::from_secs(60);
    while recorded.frames(Track::Video) < pictures {
        match tokio::time::timeout(wait, camera.next()).await.expect("the camera says something within a minute") {
            MediaEvent::Started(tracks) => {
                recorded.tracks = Some(tracks.clone());
                segmenter = Some(Segmenter::new(tracks));
            }
            MediaEvent::Sample(sample) => {
                recorded.samples.push(sample.clone());
                segmenter.as_mut().unwrap().handle(sample, true, &mut out).unwrap();
            }
            MediaEvent::Ended(end) => {
                recorded.end = Some(end);
                break;
            }
        }
        recorded.take(&mut out);
    }
    if let Some(segmenter) = segmenter {
        segmenter.finish(&mut out);
    }
    recorded.take(&mut out);
    recorded
}

/// What ffprobe says of a file: `frames` per stream, codec and duration.
pub(crate) struct Probed {
    pub(crate) streams: Vec<(String, usize, f64)>,
}

/// Checks that ffmpeg decodes every frame of `file` without a complaint, and counts them.
pub(crate) fn decoded(file: &[u8]) -> Probed {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = folder.path().join("recording.mp4");
    std::fs::write(&path, file).unwrap();
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "warning", "-xerror", "-i"])
        .arg(&path)
        .args(["-map", "0", "-fps_mode", "passthrough", "-f", "null", "-"])
        .output()
        .expect("ffmpeg is installed");
    // The null muxer complains when two pictures of a live encoder fall into one tick of its own coarse clock.
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    let ours = |line: &&str| !line.starts_with("[null @") && !line.contains("Last message repeated");
    let complaints: String = complaints.lines().filter(ours).collect();
    assert!(output.status.success() && complaints.is_empty(), "ffmpeg: {complaints}");
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-count_frames", "-of", "csv=p=0"])
        .args(["-show_entries", "stream=codec_name,nb_read_frames,duration"])
        .arg(&path)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let streams = text.lines().map(|line| {
        let mut fields = line.split(',');
        let codec = fields.next().unwrap().to_owned();
        let duration = fields.next().unwrap().parse().unwrap_or(0.0);
        (codec, fields.next().unwrap().parse().unwrap_or(0), duration)
    });
    Probed { streams: streams.collect() }
}
