//! The main functions of the child processes.

use super::protocol::{reply, request_length};
use super::prove::As;
use super::{confine, picture, prove};
use rustix::fs::{Access, access};
use std::ffi::OsString;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

/// The child could not be confined, and so did nothing.
pub(super) const EXIT_UNCONFINED: u8 = 65;
/// There is no `ffmpeg`.
pub(super) const EXIT_NO_DECODER: u8 = 66;

/// The main function of the child. `args` are those after the ones of [`super::DecoderCommand`]: none to serve
/// pictures, `--ffmpeg` to become a confined `ffmpeg` for one H.265 picture, `--prove` to show what the confined
/// child cannot do (with `--ffmpeg`: the other one), and `--prove --unconfined` to show that it could otherwise.
pub fn run_decoder_child(args: &[OsString]) -> ExitCode {
    let args: Vec<_> = args.iter().map(|arg| arg.to_str()).collect();
    match args.as_slice() {
        [] => serve(),
        [Some("--ffmpeg")] => become_ffmpeg(),
        [Some("--prove")] => prove::prove(As::Decoder),
        [Some("--prove"), Some("--ffmpeg")] => prove::prove(As::Ffmpeg),
        [Some("--prove"), Some("--unconfined")] => prove::prove(As::Unconfined),
        _ => ExitCode::from(64),
    }
}

fn serve() -> ExitCode {
    if confine::drop_descriptors().and_then(|()| confine::for_pictures()).is_err() {
        return ExitCode::from(EXIT_UNCONFINED);
    }
    let mut input = std::io::stdin().lock();
    let mut output = std::io::stdout().lock();
    let mut access_unit = Vec::new();
    loop {
        let mut head = [0; 4];
        match input.read_exact(&mut head) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return ExitCode::SUCCESS,
            Err(_) => return ExitCode::FAILURE,
        }
        let Some(length) = request_length(head) else { return ExitCode::FAILURE };
        access_unit.resize(length, 0);
        if input.read_exact(&mut access_unit).is_err() {
            return ExitCode::FAILURE;
        }
        let reply = reply(&picture::jpeg(&access_unit));
        if output.write_all(&reply).and_then(|()| output.flush()).is_err() {
            return ExitCode::FAILURE;
        }
    }
}

fn become_ffmpeg() -> ExitCode {
    let candidates = ["/usr/bin/ffmpeg", "/usr/local/bin/ffmpeg", "/bin/ffmpeg"];
    let Some(program) = candidates.into_iter().find(|path| access(*path, Access::EXEC_OK).is_ok()) else {
        return ExitCode::from(EXIT_NO_DECODER);
    };
    if confine::drop_descriptors().and_then(|()| confine::for_ffmpeg(program)).is_err() {
        return ExitCode::from(EXIT_UNCONFINED);
    }
    // Replaces this process; returns only if that failed.
    let _ = Command::new(program)
        .env_clear()
        .args(["-nostdin", "-v", "quiet", "-threads", "1", "-filter_threads", "1", "-f", "hevc", "-i", "pipe:0"])
        .args(["-frames:v", "1", "-vf", "scale='min(640,iw)':-2", "-q:v", "5", "-f", "mjpeg", "pipe:1"])
        .exec();
    ExitCode::from(EXIT_NO_DECODER)
}
