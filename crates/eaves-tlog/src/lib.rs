//! The tamper-evident log: what everybody can check about what touched a household, without trusting who keeps it.
//!
//! The log is a Merkle tree (RFC 6962) in C2SP's clothes, byte for byte: signed notes, checkpoints, tiles, cosignatures,
//! witnesses, proofs. So any monitor, witness or verifier of that family works with it. What is ours begins inside an
//! entry: a commitment of 33 bytes that says nothing to anybody without its opening. Specification: `docs/spec/log.md`.
//!
//! - [`merkle`], [`tile`], [`append`]: hashes, proofs, and the tree as files that never change once they are full.
//! - [`note`], [`checkpoint`], [`cosignature`], [`proof`]: the texts that are signed, and the file that proves one entry.
//! - [`entry`], [`details`]: what an entry commits to, and the list of what is written at all.
//! - [`chain`]: a household's entries in their order; which one is missing, moved or altered.
//! - [`witness`]: signs what it has seen, and never a fork or a step back. [`monitor`]: what an app remembers between
//!   visits, and how it tells that somebody lied.
//!
//! **Trust.** Whoever keeps the log is taken for a liar. They can refuse to serve, and they can leave an act out of the
//! log from the start; they cannot change, drop or reorder what somebody has seen, nor show two people two histories
//! that meet again. Leaving out from the start is met elsewhere: nobody acts without a proof that the entry is in.
//! *Not* proved here: that what was written is true, only that it was written then and has stayed.
//!
//! **Purity (A4).** No async runtime, HTTP, SQL, clock, file, socket, environment or randomness. `now`, nonces and
//! keys come in; tiles, texts and verdicts go out. No input makes it panic.

pub mod append;
pub mod chain;
pub mod checkpoint;
pub mod cosignature;
pub mod details;
pub mod entry;
mod error;
#[doc(hidden)]
pub mod fuzzing;
pub mod merkle;
pub mod monitor;
pub mod note;
pub mod proof;
mod text;
pub mod tile;
pub mod witness;

pub use error::Error;

/// The largest tree and the largest number in a text: what every reader holds exactly, also one that counts in doubles.
pub const SIZE_MAX: u64 = (1 << 53) - 1;
