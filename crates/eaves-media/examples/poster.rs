//! Draws a poster of a camera: `poster DECODER URL COUNT > poster.jpeg`, and says on standard error what it took.
#![allow(clippy::print_stderr, reason = "a command")]

use eaves_domain::Timestamp;
use eaves_media::Moment;
use eaves_media::decoder::{DecoderCommand, PosterDecoder};
use eaves_media::probe::probe;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [decoder, url, count] = &args[..] else { return eprintln!("poster DECODER URL COUNT") };
    let start = Instant::now();
    let clock = Arc::new(move || {
        let us = start.elapsed().as_micros() as i64;
        Moment { wall: Timestamp(us), monotonic_us: us }
    });
    let found = match probe(url, None, Duration::from_secs(30), clock).await {
        Ok(found) => found,
        Err(failure) => return eprintln!("{failure}"),
    };
    let picture = found.main.picture;
    let mut decoder = PosterDecoder::new(DecoderCommand { program: decoder.into(), args: vec![] });
    let count: u32 = count.parse().unwrap_or(1);
    let begin = Instant::now();
    for _ in 0..count {
        match decoder.draw(picture.coding, &picture.configuration, &picture.data).await {
            Ok(jpeg) => {
                let _ = std::io::stdout().write_all(&jpeg);
            }
            Err(error) => return eprintln!("{error}"),
        }
    }
    eprintln!("{:?} each", begin.elapsed() / count.max(1));
}
