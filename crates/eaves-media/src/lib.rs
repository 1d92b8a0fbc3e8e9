//! Cameras: everything between a camera and plaintext values in memory.
//!
//! Data flows one way. A [`Camera`] (RTSP, or the built-in demo, [`Source::Demo`]) yields [`MediaEvent`]s: the tracks, then samples,
//! then exactly one [`RunEnd`]. A *run* is one unbroken connection. The caller feeds the samples to a [`Segmenter`],
//! which has no clock, socket or task of its own, and gets back the boxes of recordings (fragmented MP4, at most a
//! minute each, complete in themselves), single frames for whoever watches live, and the keyframes from which
//! a [`decoder`] child draws posters. [`probe`] looks at an address that somebody typed and says what is there.
//!
//! Nothing here is stored. The crate has no HTTP client and no file API: plaintext leaves it as values only, and
//! whoever takes them seals them before the first write. (The decoder child alone knows how to open a file: to list its
//! own descriptors, and to try what it must not be able to do.)
//!
//! # Trust
//!
//! A camera is a stranger's computer. Whoever controls one can at worst lie about what it sees, send nothing, or end
//! the run as often as they like. They cannot
//!
//! - make the hub unavailable: each buffer of ours has a bound, each wait an end, and each end of a run a name. One gap
//!   is known: the RTSP library bounds a packet but not the picture that it collects from packets, so a camera can fill
//!   memory as fast as it can send, until the watchdog ends the run after ten seconds without a picture;
//! - corrupt a recording: time stamps that jump, stand still or go backwards are repaired or end the run, and
//!   a recording that was begun is always a playable one;
//! - reach the hub through a codec: pictures are decoded only in a child process that has no files, no network, no
//!   credentials and a bounded memory, and that proves so before it is trusted ([`decoder`]);
//! - learn the credentials of another camera: each connection knows its own only, and they are sent to the address
//!   that was typed and nowhere else (an RTSP redirect is a failure).
//!
//! RTSP is not encrypted. Whoever can listen on the wire between camera and hub sees the pictures, and, with basic
//! authentication, the password. That is a property of the cameras; keep them on a network of their own.
//!
//! Errors, `Debug` and `Display` of this crate's types carry no address, no name and no credential. The library
//! underneath (`retina`) writes addresses to the `log` facade: a program that installs a logger silences that target.

mod address;
mod backoff;
mod camera;
pub mod decoder;
mod demo;
mod end;
pub mod probe;
mod rtsp;
mod sample;
pub mod segment;
mod sound;

pub use address::{AddressError, CameraAddress, Credentials};
pub use backoff::Backoff;
pub use camera::{Camera, Clock, Opening, Source};
pub use end::{RunEnd, Track};
pub use sample::{AudioCoding, AudioTrack, MediaEvent, Moment, Sample, Tracks, VideoCoding, VideoTrack};
pub use segment::{Fragment, FragmentEntry, LiveFrame, Output, Pieces, Recording, Segmenter};
