//! The writing side of the sealed formats. It seals and cannot open.
//!
//! What leaves this crate is an ordinary age file (c2sp.org/age, version 1) to one post-quantum recipient
//! (`mlkem768x25519`, that is X-Wing through HPKE, RFC 9180), or a live frame. `docs/spec/sealed-part.md`, `keys.md`
//! and `live.md` are the specification; `vectors/` holds what readers must accept and refuse.
//!
//! - [`Recipient`]: to whom. Anything that is not post-quantum is refused when it is read, not when it is used.
//! - [`Sealer`]: a recording's part, streamed. Ciphertext comes out in finished 64 KiB chunks as plaintext goes in.
//! - [`seal_small`], [`seal_name`]: a whole document at once; names are padded so that their length tells little.
//! - [`LiveSealer`]: live frames under one key; a new key is a new sealer.
//!
//! **What it does not do.** There is no function here that takes a secret identity, and no `open`. A file key exists
//! from the start of a seal to the derivation of its payload key, on the stack, and is wiped; the payload key lives as
//! long as the [`Sealer`] and is wiped with it. Whoever takes the hub's disk finds nothing that opens what it sealed.
//!
//! **Why we write the age format ourselves.** The `age` crate puts a random second stanza ("grease") into every header,
//! and our readers refuse a second stanza, because one more stanza is how a hostile writer would add a reader. Its
//! writer also keeps its sink to itself until the end, while a recorder needs each finished chunk at once, and the header
//! apart from the body. The format is a page of code over `hpke`, `hkdf`, `hmac` and
//! `chacha20poly1305`. The `age` crate stays as the judge in the tests, and the npm package `age-encryption` in
//! `vectors/interop`.
//!
//! **Purity (A4).** No async runtime, HTTP, SQL, clock, file, socket or environment. Randomness is the one thing taken
//! from the operating system: a caller that could choose file keys could repeat one.
//!
//! **Trust.** Whoever controls this crate's input can make it seal to a recipient of their choice; so callers take
//! recipients from a verified roster only. age proves no sender, so what is sealed here is worth nothing to a reader
//! until the hub has signed a link over its digests.

mod header;
mod live;
mod recipient;
mod small;
mod stream;

pub use header::Header;
pub use live::{FrameFlags, LiveSealer};
pub use recipient::Recipient;
pub use small::{NAME_BYTES_MAX, seal_name, seal_small};
pub use stream::{CHUNK_BYTES, NONCE_BYTES, SEALED_CHUNK_BYTES, Sealer};

/// Why nothing was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// An age recipient, but one that a quantum computer could open: X25519, SSH, a passphrase or a plugin.
    #[error("the recipient is not post-quantum (age1pq1…)")]
    NotPostQuantum,
    /// Not an age recipient at all, or a damaged one.
    #[error("the recipient is malformed")]
    NotARecipient,
    /// A name longer than [`NAME_BYTES_MAX`], or one that holds a zero byte.
    #[error("the name is too long or holds a zero byte")]
    BadName,
    /// The operating system gave no random bytes.
    #[error("no randomness available")]
    NoRandomness,
    /// Sealing failed: a part or a key was used beyond what its counter can number. This does not happen.
    #[error("sealing failed")]
    Failed,
}
