//! Nothing that a stranger, a browser or a camera's owner says reaches a log, at the most talkative level.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(all(feature = "hub", feature = "vault"))]

use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

/// In every place of a request where something private could stand.
const WORDS: [&str; 7] =
    ["canarypath", "canaryquery", "canaryheader", "canarycookie", "canarytoken", "canaryname", "canarypassword"];
const PATHS: [&str; 7] = [
    "/api/v1/state",
    "/api/v1/login/start",
    "/api/v1/claim/finish",
    "/api/v1/commands",
    "/api/v1/recordings/canarypath/headers",
    "/hub/v1/pairing",
    "/rooms/canarypath",
];

fn ask(address: &str, method: &str, path: &str) {
    let body =
        r#"{"handle":"canaryname","password":"canarypassword","address":"rtsp://canaryname:canarypassword@camera/"}"#;
    let mut socket = TcpStream::connect(address).unwrap();
    let request = format!(
        "{method} {path}?q=canaryquery HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\nx-eaves: 1\r\n\
         user-agent: canaryheader\r\nreferer: http://canaryheader/\r\ncookie: eaves=canarycookie\r\n\
         authorization: Bearer canarytoken\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    socket.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // A refusal may come, and the connection end, before the body was read.
    let _ = socket.read_to_end(&mut answer);
    assert!(answer.starts_with(b"HTTP/1.1 "), "{method} {path} was answered");
}

#[test]
fn no_word_of_a_request_is_logged_at_any_level() {
    let data = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_eaves"));
    command
        .env_clear()
        .env("EAVES_LOG", "trace")
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(data.path());
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Read while it runs, so that a full pipe never holds it up.
    let mut errors = child.stderr.take().unwrap();
    let log = std::thread::spawn(move || {
        let mut log = String::new();
        errors.read_to_string(&mut log).map(|_| log)
    });
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address =
        lines.find_map(|line| Some(line.unwrap().strip_prefix("Eaves is running at http://")?.to_owned())).unwrap();
    for path in PATHS {
        for method in ["GET", "POST", "PUT"] {
            ask(&address, method, path);
        }
    }
    // Not HTTP at all.
    TcpStream::connect(&address).unwrap().write_all(b"canarypath canaryquery\r\n\r\n").unwrap();
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert!(child.wait().unwrap().success());
    let log = log.join().unwrap().unwrap();
    assert!(log.contains("/api/v1/login/start"), "requests are logged, as templates");
    let found: Vec<&str> = WORDS.into_iter().filter(|word| log.contains(word)).collect();
    assert!(found.is_empty(), "in the log: {found:?}");
}
