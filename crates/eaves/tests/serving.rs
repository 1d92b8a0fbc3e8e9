//! The program as a person starts it: what it prints, what it answers, what it refuses, and how it stops.
#![cfg(all(feature = "hub", feature = "vault"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// `eaves` with a clean environment.
fn eaves() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eaves"));
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A running `eaves serve`, ended with the test.
struct Running {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Running {
    fn start(data: &Path) -> Self {
        let mut command = eaves();
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data).env("EAVES_LOG", "debug");
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// What follows `start` on the first line that begins with it.
    fn line(&mut self, start: &str) -> String {
        for line in self.lines.by_ref() {
            if let Some(rest) = line.unwrap().strip_prefix(start) {
                return rest.to_owned();
            }
        }
        panic!("the program ended without saying {start:?}");
    }

    /// Stops it in good order; its exit code and its whole log.
    fn stop(mut self) -> (Option<i32>, String) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap().code(), log)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn get(address: &str, path: &str) -> String {
    let mut socket = TcpStream::connect(address).unwrap();
    write!(socket, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer
}

fn finish(args: &[&str]) -> Output {
    eaves().args(args).output().unwrap()
}

#[test]
fn the_first_start_prints_where_to_go_with_a_code_that_the_vault_knows_of_and_nothing_of_it_is_logged() {
    let data = tempfile::tempdir().unwrap();
    let mut running = Running::start(data.path());
    let opened = running.line("Open http://");
    let (address, code) = opened.split_once("/#claim=").expect("an address and a code");
    assert_eq!(code.len(), 19, "XXXX-XXXX-XXXX-XXXX");
    assert!(running.line("Claim code ").starts_with(code));
    // The code is printed before the hub has introduced itself, so that the vault may be a moment behind.
    let is_claimable = (0..2_000).any(|_| get(address, "/api/v1/state").contains("\"claimable\":true"));
    assert!(is_claimable, "{}", get(address, "/api/v1/state"));
    let (exit, log) = running.stop();
    assert_eq!(exit, Some(0), "{log}");
    assert!(log.contains("stopping"), "the log was read: {log}");
    assert!(!log.contains(code), "the claim code is in the log");
}

#[test]
fn what_it_keeps_is_for_its_own_user_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let data = tempfile::tempdir().unwrap();
    let mut running = Running::start(data.path());
    running.line("Claim code ");
    let mut folders = vec![data.path().join("vault"), data.path().join("hub")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            // A temporary file may be gone again.
            let Ok(about) = entry.metadata() else { continue };
            assert_eq!(about.permissions().mode() & 0o077, 0, "{}", entry.path().display());
            seen += 1;
            if about.is_dir() {
                folders.push(entry.path());
            }
        }
    }
    assert!(seen > 3, "there was something to look at");
    assert_eq!(running.stop().0, Some(0));
}

#[test]
fn a_second_program_on_the_same_folder_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let mut running = Running::start(data.path());
    running.line("Claim code ");
    let second = finish(&["serve", "--listen", "127.0.0.1:0", "--data-dir", data.path().to_str().unwrap()]);
    assert_eq!(second.status.code(), Some(1));
    assert_eq!(running.stop().0, Some(0));
}

#[test]
fn what_was_kept_passes_the_check_and_survives_backup_and_restore() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let mut running = Running::start(&dir.path().join("data"));
    running.line("Claim code ");
    assert_eq!(running.stop().0, Some(0));
    let steps: [&[&str]; 4] = [
        &["check", "--digests", "--data-dir", &path("data")],
        &["backup", "--data-dir", &path("data"), "--out", &path("copy")],
        &["restore", "--data-dir", &path("new"), "--from", &path("copy")],
        &["check", "--digests", "--data-dir", &path("new")],
    ];
    for step in steps {
        let output = finish(step);
        assert!(output.status.success(), "{}: {}", step[0], String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn plain_http_for_other_machines_is_refused_with_a_reason_before_anything_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let refused = finish(&["serve", "--listen", "0.0.0.0:0", "--data-dir", data.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("no microphone"), "{said}");
    assert!(!data.exists());
}

#[test]
fn the_decoder_child_is_part_of_the_program_and_cannot_do_what_it_could_unconfined() {
    let confined = finish(&["decoder", "--prove"]);
    let tried = String::from_utf8(confined.stdout).unwrap();
    assert!(confined.status.success() && tried.contains("refused") && !tried.contains("possible"), "{tried}");
    let unconfined = finish(&["decoder", "--prove", "--unconfined"]);
    assert!(String::from_utf8(unconfined.stdout).unwrap().contains("possible"));
    assert_eq!(finish(&["decoder", "--other"]).status.code(), Some(64));
}
