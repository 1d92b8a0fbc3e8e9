//! Probing: what is found, and a name for each way in which nothing is.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod harness;

use eaves_media::Credentials;
use eaves_media::decoder::{DecoderCommand, PosterDecoder};
use eaves_media::probe::{Found, ProbeFailure, probe};
use harness::{TestCamera, clip, clock};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

async fn look(text: &str, credentials: Option<Credentials>) -> Result<Found, ProbeFailure> {
    probe(text, credentials, Duration::from_secs(30), clock()).await
}

#[tokio::test]
async fn a_bare_host_is_enough_to_find_main_and_sub_stream_with_picture_and_sound() {
    let (clip, sub) = (clip("small"), clip("tiny"));
    let args = ["--clip", clip.to_str().unwrap(), "--sub", sub.to_str().unwrap(), "--audio", "pcma"];
    let camera = TestCamera::start(&[&args[..], &["--user", "admin", "--password", "12345"]].concat());
    let text = format!("admin:12345@{}", camera.host_and_port());
    let found = look(&text, None).await.unwrap();
    assert_eq!(found.main.address.to_url(), camera.url);
    assert_eq!((found.main.width, found.main.height), (768, 576));
    assert!(found.main.codec.starts_with("avc1."), "{}", found.main.codec);
    assert!((9.5..10.5).contains(&found.main.frames_per_second), "{}", found.main.frames_per_second);
    assert!((200..1_500).contains(&found.main.kilobits_per_second), "{}", found.main.kilobits_per_second);
    let audio = found.main.audio.unwrap();
    assert_eq!((audio.codec.as_str(), audio.hertz), ("flac", 8_000));
    assert!(found.default_password);
    let sub = found.sub.unwrap();
    assert_eq!(sub.address.to_url(), format!("{}-sub", camera.url));
    assert_eq!((sub.width, sub.height), (320, 240));

    let command = DecoderCommand { program: env!("CARGO_BIN_EXE_eaves-media-decoder").into(), args: vec![] };
    let picture = found.main.picture;
    PosterDecoder::new(command).draw(picture.coding, &picture.configuration, &picture.data).await.unwrap();
}

#[tokio::test]
async fn wrong_and_missing_passwords_and_paths_are_told_apart() {
    let clip = clip("small");
    let args = ["--clip", clip.to_str().unwrap(), "--audio", "none"];
    let camera = TestCamera::start(&[&args[..], &["--user", "someone", "--password", "a secret"]].concat());
    let right = Credentials::new("someone", "a secret");
    assert_eq!(look(&camera.url, None).await.unwrap_err(), ProbeFailure::WrongPassword);
    let wrong = Some(Credentials::new("someone", "another"));
    assert_eq!(look(camera.host_and_port(), wrong).await.unwrap_err(), ProbeFailure::WrongPassword);
    let elsewhere = format!("{}/nothing", camera.url);
    assert_eq!(look(&elsewhere, Some(right.clone())).await.unwrap_err(), ProbeFailure::NoSuchPath);
    let found = look(&camera.url, Some(right)).await.unwrap();
    assert!(!found.default_password);
    assert_eq!(found.sub, None);
}

/// A server that answers each request with `reply` (`{}` stands for the number of the request).
async fn server(reply: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut request = [0; 4_096];
                while let Ok(1..) = stream.read(&mut request).await {
                    let text = String::from_utf8_lossy(&request);
                    let number = text.split("CSeq: ").nth(1).and_then(|rest| rest.split("\r\n").next()).unwrap_or("1");
                    if reply.is_empty() {
                        continue;
                    }
                    let _ = stream.write_all(reply.replace("{}", number).as_bytes()).await;
                    if !reply.starts_with("RTSP") {
                        return;
                    }
                }
            });
        }
    });
    format!("rtsp://{address}/x")
}

const JPEG: &str = "RTSP/1.0 200 OK\r\nCSeq: {}\r\nContent-Type: application/sdp\r\nContent-Length: 89\r\n\r\n\
    v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 26\r\na=control:a\r\na=tool:xx\r\n";
const SOUND_ONLY: &str = "RTSP/1.0 200 OK\r\nCSeq: {}\r\nContent-Type: application/sdp\r\nContent-Length: 88\r\n\r\n\
    v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=audio 0 RTP/AVP 0\r\na=control:a\r\na=tool:xx\r\n";

#[tokio::test]
async fn every_failure_has_its_name() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
    for (text, failure) in [
        ("not an address".to_owned(), ProbeFailure::AddressInvalid),
        ("rtsps://127.0.0.1/".to_owned(), ProbeFailure::EncryptedRtspUnsupported),
        ("rtsp://no-such-camera.invalid/".to_owned(), ProbeFailure::NameNotFound),
        (closed, ProbeFailure::NoRoute),
        (server("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await, ProbeFailure::NotRtsp),
        (server("SSH-2.0-OpenSSH_9.2\r\n").await, ProbeFailure::NotRtsp),
        (server("RTSP/1.0 453 Not Enough Bandwidth\r\nCSeq: {}\r\n\r\n").await, ProbeFailure::CameraBusy),
        (server("RTSP/1.0 503 Service Unavailable\r\nCSeq: {}\r\n\r\n").await, ProbeFailure::CameraBusy),
        (server("RTSP/1.0 404 Not Found\r\nCSeq: {}\r\n\r\n").await, ProbeFailure::NoSuchPath),
        (server("RTSP/1.0 302 Moved\r\nCSeq: {}\r\nLocation: rtsp://x/\r\n\r\n").await, ProbeFailure::Failed),
        (server(JPEG).await, ProbeFailure::CodecUnsupported),
        (server(SOUND_ONLY).await, ProbeFailure::NoVideo),
    ] {
        assert_eq!(look(&text, None).await.unwrap_err(), failure, "{text}");
    }
}

#[tokio::test]
async fn a_server_that_never_answers_ends_with_the_deadline() {
    let silent = server("").await;
    let failure = probe(&silent, None, Duration::from_millis(300), clock()).await.unwrap_err();
    assert_eq!(failure, ProbeFailure::TimedOut);
}
