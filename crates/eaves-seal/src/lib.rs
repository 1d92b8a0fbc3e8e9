//! The writing side of the sealed formats.
//!
//! A hub seals what it records to the room's recipient, and from then on cannot read it any more: this crate holds no
//! code that opens anything, and the program never links the crate that does (invariant A1). What comes out is an
//! ordinary age file (c2sp.org/age) with one post-quantum recipient, so a family can open its archive with the stock
//! tool long after Eaves is gone. `docs/spec/sealed-part.md`, `docs/spec/keys.md` and `docs/spec/live.md` are the
//! normative pages.
//!
//! Header and body of a part come out apart, because they are kept apart: whoever destroys the header (1.7 kB) has
//! destroyed the recording. The body grows in whole 64 KiB chunks, so that a power cut costs at most the chunk that was
//! being sealed.
//!
//! age proves no sender. What this crate seals means nothing before the hub has signed its digests
//! (`eaves_domain::link`).
//!
//! The crate knows no clock, file, socket or runtime (invariant A4). The one thing it asks of the operating system is
//! randomness: a seal whose randomness a caller could choose would be worth nothing.
//!
//! Trust: whoever controls this crate's input can at worst get that input sealed. A wrong recipient would be the
//! disaster, so recipients come from a verified roster only.

mod live;
mod part;
mod recipient;

pub use live::{FrameFlags, LiveSealer};
pub use part::{BodySummary, Header, NAME_BYTES_MAX, Sealer, seal_name, seal_small};
pub use recipient::Recipient;

/// Why something could not be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The text is not an `age1pq1…` recipient.
    #[error("not a post-quantum age recipient")]
    NotARecipient,
    /// The name is too long or holds a zero byte.
    #[error("the name is too long, or holds a zero byte")]
    BadName,
    /// The operating system gave no randomness.
    #[error("no randomness from the operating system")]
    NoRandomness,
    /// Sealing failed; with memory as the only output this does not happen.
    #[error("sealing failed")]
    Failed,
}
