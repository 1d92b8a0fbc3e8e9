//! The home's role: talks to cameras, sees plaintext in memory only, seals.
//!
//! # How a picture goes
//!
//! A [`camera`] worker reads a camera for ever. Its segmenter cuts the stream into recordings of at most a minute; its
//! writer, on a thread of its own, seals every group of pictures to the room's recipient and appends the
//! ciphertext to a log ([`spool::log`]), one flush each. When a recording is complete, or a gap is, it becomes an item
//! of the device's queue in the [`spool`]. The uploader hands items to the vault, one at a time per device, in
//! order. Only then are they numbered, chained and signed ([`spool::item`]); when the vault has confirmed one, the
//! new head of the chain is made durable, and the files go. [`live`] pictures are sealed frame by frame, in memory, only
//! while somebody watches.
//!
//! # What holds
//!
//! - **No instant is missing without a word.** From the moment a device is added, every instant is covered by a
//!   recording or by a gap that says its cause ([`timeline`]), through failing disks, power cuts and restarts
//!   ([`recorder`] has the test that tries). A power cut costs the group of pictures and the chunk being written.
//! - **A chain is never forked by its hub.** The first item of a queue is frozen, because its link may be in the vault
//!   although the answer was lost ([`spool::queue`]). Signing is deterministic, so handing it over again changes nothing.
//! - **The spool is bounded**, and so are its files, every queue and every answer. What gives way is the oldest recording,
//!   and a gap says so. Before the disk is full, recording stops and live pictures go on ([`space`]).
//! - **Nothing is obeyed that is not signed.** Rosters follow the pinned one step by step ([`household`]); commands are
//!   judged by that roster, the clock and their nonce ([`commands`]); room keys come from the roster and from nowhere
//!   else. The hub records nothing before its [`claim`].
//! - **Erasure.** A member's command names a recording by the digest of its link, so it can only name what is in the
//!   vault already. The spool still holds such a recording only when the answer to its upload was lost; then the chain
//!   moves on over it and the bytes are dropped ([`spool::Spool::erase`]). Everything else is the vault's to destroy.
//!
//! Decisions are plain machines with `now` as an argument. Files go through [`durable::Disk`], cameras through
//! [`camera::Cameras`], the vault through [`vault::Connect`], time through [`eaves_media::Clock`].
//!
//! # Trust
//!
//! The hub is where plaintext is, so whoever runs code in its process sees what the cameras see from then on, and can sign
//! as the hub. They still cannot open what was sealed before: the file keys are gone, and a hub is never given the
//! identity of a room. This crate reaches neither `eaves-open` nor `eaves-vault` (A1, A3).
//!
//! Whoever steals the hub's disk holds its identity, which is not encrypted, since the hub starts without anybody typing.
//! They can open the camera settings in the rosters and so learn addresses, user names and passwords of the cameras;
//! they can sign links and live keys until an owner removes the hub from the roster; they learn ids, times, sizes and
//! the public half of the household's keys. They can open no recording, spooled or uploaded, and sign no roster or
//! command.
//!
//! Whoever controls the vault can withhold: rosters (the hub obeys the last good one), commands, the claim, room for
//! recordings (they wait, then give way to gaps). They can ask for live frames, which they cannot open, learn which
//! camera is up, and see times and sizes. They cannot make the hub record to another key, accept another owner, look for
//! a camera, erase, replay a command, or take back or rewrite a chain unnoticed; each attempt is refused, logged and told
//! to the program ([`event`]).

pub mod camera;
mod channel;
pub mod claim;
pub mod commands;
mod conductor;
pub mod durable;
pub mod error;
pub mod event;
pub mod household;
pub mod hub;
pub mod identity;
mod keeping;
pub mod live;
mod looking;
mod random;
pub mod recorder;
pub mod space;
pub mod spool;
pub mod timeline;
mod uplink;
mod uploads;
pub mod vault;

pub use error::Error;
pub use event::{Event, Events};
pub use hub::{Hub, HubConfig};
