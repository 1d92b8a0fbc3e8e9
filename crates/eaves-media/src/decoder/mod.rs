//! Still pictures from keyframes, in a child process that can do nothing else.
//!
//! A codec is a large parser of foreign bytes, so no picture is decoded in the hub itself. [`PosterDecoder`] starts this
//! same program again as [`run_decoder_child`], with three pipes and an environment of one word about memory. Before it reads a byte the
//! child closes whatever other descriptor it inherited and confines itself: no file (Landlock), bounded memory and
//! time, no core dump, and a system call filter that leaves reading from its input, writing to its output, and
//! memory. It then draws one picture after the other, so that a poster costs its decoding and no more;
//! a child that is late, dies or talks nonsense is killed and replaced.
//!
//! H.264 is decoded by openh264, which is part of this program. H.265 is not free to ship; the child becomes `ffmpeg`
//! if the machine has it, for one picture, with files limited to the program's own libraries, no network and no other
//! processes. What a child that was taken over can do is to return a wrong
//! picture, of another camera if they share the child.

mod annexb;
mod child;
mod confine;
mod picture;
mod protocol;
mod prove;

pub use child::run_decoder_child;

use crate::sample::VideoCoding;
use annexb::annex_b;
use bytes::Bytes;
use protocol::{JPEG_MAX, REPLY_HEAD, looks_like_jpeg, reply_length, request_head};
use std::ffi::OsString;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// How long a picture may take. A busy machine has many cameras start at once.
const PICTURE_MAX: Duration = Duration::from_secs(10);
/// How many pictures a child draws before it is replaced, well within its processor time.
const PICTURES_PER_CHILD: u32 = 500;
/// Each picture has a decoder of its own, with tens of megabytes of buffers. In small pages, half of what a picture costs
/// is the kernel handing them out.
const HUGE_PAGES: (&str, &str) = ("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1");

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
    command: DecoderCommand,
    worker: Option<Worker>,
}

/// A child that waits for the next picture.
struct Worker {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
    drawn: u32,
}

impl PosterDecoder {
    /// No child is started yet.
    pub fn new(command: DecoderCommand) -> Self {
        Self { command, worker: None }
    }

    /// A JPEG, at most 640 pixels wide, of a keyframe in MP4 form with its decoder configuration record.
    pub async fn draw(
        &mut self,
        coding: VideoCoding,
        configuration: &Bytes,
        keyframe: &Bytes,
    ) -> Result<Bytes, DecoderError> {
        let access_unit = annex_b(coding, configuration, keyframe).ok_or(DecoderError::Undecodable)?;
        let head = request_head(access_unit.len()).ok_or(DecoderError::TooLarge)?;
        let drawing = async {
            match coding {
                VideoCoding::H264 => self.ask(head, &access_unit).await,
                VideoCoding::H265 => self.ffmpeg(&access_unit).await,
            }
        };
        let jpeg = tokio::time::timeout(PICTURE_MAX, drawing).await.unwrap_or(Err(DecoderError::TimedOut))?;
        if looks_like_jpeg(&jpeg) { Ok(jpeg.into()) } else { Err(DecoderError::Crashed) }
    }

    /// The child's process id, while it waits for the next picture.
    pub fn child_id(&self) -> Option<u32> {
        self.worker.as_ref().and_then(|worker| worker.child.id())
    }

    /// Has the waiting child draw, or a new one. The child is put back only once it has answered well, so that it
    /// is killed when it was late or this future is dropped.
    async fn ask(&mut self, head: [u8; 4], access_unit: &[u8]) -> Result<Vec<u8>, DecoderError> {
        if let Some(mut worker) = self.worker.take_if(|worker| worker.drawn < PICTURES_PER_CHILD) {
            match worker.draw(head, access_unit).await {
                // It may have died since the last picture.
                Err(DecoderError::Crashed) => {}
                answer => {
                    self.worker = Some(worker);
                    return answer;
                }
            }
        }
        let mut worker = self.start()?;
        let answer = worker.draw(head, access_unit).await;
        self.worker = (answer != Err(DecoderError::Crashed)).then_some(worker);
        answer
    }

    fn spawn(
        &self,
        more: &[&str],
        environment: Option<(&str, &str)>,
    ) -> Result<(Child, ChildStdin, ChildStdout), DecoderError> {
        let mut command = Command::new(&self.command.program);
        command.args(&self.command.args).args(more).env_clear().envs(environment).current_dir("/").kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|_| DecoderError::Crashed)?;
        let pipes = child.stdin.take().zip(child.stdout.take()).ok_or(DecoderError::Crashed)?;
        Ok((child, pipes.0, pipes.1))
    }

    fn start(&self) -> Result<Worker, DecoderError> {
        let (child, input, output) = self.spawn(&[], Some(HUGE_PAGES))?;
        Ok(Worker { child, input, output, drawn: 0 })
    }

    async fn ffmpeg(&self, access_unit: &[u8]) -> Result<Vec<u8>, DecoderError> {
        let (mut child, mut input, output) = self.spawn(&["--ffmpeg"], None)?;
        let send = async {
            // It stops reading after the first picture.
            let _ = input.write_all(access_unit).await;
            drop(input);
        };
        let mut jpeg = Vec::new();
        let mut bounded = output.take(JPEG_MAX as u64 + 1);
        let receive = bounded.read_to_end(&mut jpeg);
        let (_, received) = tokio::join!(send, receive);
        received.map_err(|_| DecoderError::Crashed)?;
        if jpeg.len() > JPEG_MAX {
            return Err(DecoderError::TooLarge);
        }
        let status = child.wait().await.map_err(|_| DecoderError::Crashed)?;
        match status.code() {
            Some(code) if code == i32::from(child::EXIT_NO_DECODER) => Err(DecoderError::NoDecoder),
            Some(code) if code == i32::from(child::EXIT_UNCONFINED) => Err(DecoderError::NoDecoder),
            Some(0) if !jpeg.is_empty() => Ok(jpeg),
            Some(_) => Err(DecoderError::Undecodable),
            None => Err(DecoderError::Crashed),
        }
    }
}

impl Worker {
    async fn draw(&mut self, head: [u8; 4], access_unit: &[u8]) -> Result<Vec<u8>, DecoderError> {
        self.drawn += 1;
        let mut reply = [0; REPLY_HEAD];
        let exchange = async {
            self.input.write_all(&head).await?;
            self.input.write_all(access_unit).await?;
            self.output.read_exact(&mut reply).await
        };
        exchange.await.map_err(|_| DecoderError::Crashed)?;
        let mut jpeg = vec![0; reply_length(reply)?];
        self.output.read_exact(&mut jpeg).await.map_err(|_| DecoderError::Crashed)?;
        Ok(jpeg)
    }
}
