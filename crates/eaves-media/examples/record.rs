//! Records cameras for a while and says what that cost: `record SECONDS URL...` (`demo` is a URL).
//! With `LIVE=1` also makes the frames for a live view. Keeps nothing.
#![allow(clippy::print_stdout, reason = "a command")]

use eaves_domain::Timestamp;
use eaves_media::{Camera, CameraAddress, MediaEvent, Moment, Opening, Output, Segmenter, Source};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut args = std::env::args().skip(1);
    let seconds = args.next().and_then(|text| text.parse().ok()).unwrap_or(10);
    let live = std::env::var_os("LIVE").is_some();
    let start = Instant::now();
    let clock = Arc::new(move || Moment {
        wall: Timestamp(SystemTime::UNIX_EPOCH.elapsed().map_or(0, |t| t.as_micros() as i64)),
        monotonic_us: start.elapsed().as_micros() as i64,
    });
    let mut tasks = Vec::new();
    for url in args {
        let source = match url.as_str() {
            "demo" => Source::Demo,
            url => match CameraAddress::parse(url) {
                Ok((address, credentials)) => Source::Rtsp { address, credentials },
                Err(error) => return println!("{error}"),
            },
        };
        let mut camera = Camera::open(source, Opening::default(), clock.clone());
        tasks.push(tokio::spawn(async move {
            let (mut fragments, mut frames, mut bytes) = (0_u64, 0_u64, 0_u64);
            let run = async {
                let mut segmenter = None;
                let mut out = Vec::new();
                loop {
                    match camera.next().await {
                        MediaEvent::Started(tracks) => {
                            println!("{} {}x{}", tracks.codecs(), tracks.video.width, tracks.video.height);
                            segmenter = Some(Segmenter::new(tracks));
                        }
                        MediaEvent::Sample(sample) => {
                            let Some(segmenter) = &mut segmenter else { continue };
                            if let Err(end) = segmenter.handle(sample, live, &mut out) {
                                return println!("{end}");
                            }
                        }
                        MediaEvent::Ended(end) => return println!("{end}"),
                    }
                    for output in out.drain(..) {
                        match output {
                            Output::Fragment(fragment) => {
                                fragments += 1;
                                bytes += fragment.pieces.len() as u64;
                            }
                            Output::Live(_) => frames += 1,
                            _ => {}
                        }
                    }
                }
            };
            let _ = tokio::time::timeout(Duration::from_secs(seconds), run).await;
            println!("{fragments} fragments, {frames} live frames, {} kbit/s", bytes / 125 / seconds.max(1));
        }));
    }
    for task in tasks {
        let _ = task.await;
    }
}
