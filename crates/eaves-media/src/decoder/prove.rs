//! The child tries what it must not be able to do, and says how that went.

use super::confine;
use rustix::fs::{Mode, OFlags, open};
use std::io::Write;
use std::net::{TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode, Stdio};

/// How the child is confined while it tries.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum As {
    /// As the one that decodes.
    Decoder,
    /// As the one that becomes `ffmpeg`.
    Ffmpeg,
    /// Not at all.
    Unconfined,
}

/// Prints one line for each attempt: its name, and `refused` or `possible`.
pub(super) fn prove(confined: As) -> ExitCode {
    // As a file that exists and can be read, this program itself.
    let file = "/proc/self/exe";
    let parent = rustix::process::getppid();
    if confined != As::Unconfined && confine::drop_descriptors().is_err() {
        return ExitCode::from(super::child::EXIT_UNCONFINED);
    }
    let inherited = confine::inherited_descriptors().ok();
    let confinement = match confined {
        As::Decoder => confine::for_pictures(),
        As::Ffmpeg => confine::for_ffmpeg("/bin/sh"),
        As::Unconfined => Ok(()),
    };
    if confinement.is_err() {
        return ExitCode::from(super::child::EXIT_UNCONFINED);
    }
    say("inherited-descriptor", inherited.is_none_or(|list| !list.is_empty()));
    say("open-file", open(file, OFlags::RDONLY, Mode::empty()).is_ok());
    // Without a name, so that nothing is left behind where it is possible.
    say("create-file", open("/tmp", OFlags::TMPFILE | OFlags::RDWR, Mode::RUSR | Mode::WUSR).is_ok());
    // Nothing listens on this port: being turned away by the network is as far as an attempt can get.
    let connected = match TcpStream::connect("127.0.0.1:1") {
        Ok(_) => true,
        Err(error) => error.kind() == std::io::ErrorKind::ConnectionRefused,
    };
    say("connect", connected);
    say("new-socket", UdpSocket::bind("127.0.0.1:0").is_ok());
    say("socket-pair", UnixStream::pair().is_ok());
    say("thread", std::thread::Builder::new().spawn(|| ()).is_ok_and(|thread| thread.join().is_ok()));
    say("process", Command::new("/bin/true").stdin(Stdio::null()).status().is_ok());
    say("signal-parent", parent.is_some_and(|parent| rustix::process::test_kill_process(parent).is_ok()));
    say("two-gibibytes", Vec::<u8>::new().try_reserve_exact(2 << 30).is_ok());
    // Last, since it does not come back where it is possible.
    let _ = Command::new("/bin/echo").arg("exec possible").exec();
    say("exec", false);
    ExitCode::SUCCESS
}

fn say(attempt: &str, possible: bool) {
    let outcome = if possible { "possible" } else { "refused" };
    let _ = writeln!(std::io::stdout(), "{attempt} {outcome}");
}
