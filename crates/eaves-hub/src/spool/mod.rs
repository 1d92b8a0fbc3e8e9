//! The spool: sealed recordings and gaps on the hub's disk that the vault has not confirmed yet.
//!
//! ```text
//! spool/<device>/head.json            where the confirmed chain ends
//! spool/<device>/0000000007.log       sealed bodies of a recording, while it is made and until it is confirmed
//! spool/<device>/0000000007.item      what the link will say: the recording is complete, or this is a gap
//! ```
//!
//! The item file is the truth. A log without an item is a recording that was interrupted; a position up to
//! `uploadedSeq` of the head, or swallowed by another item, is rubbish. Opening the spool puts all of that in order, and
//! its cost grows with what waits, never with what the vault has.

pub mod item;
pub mod log;
pub mod queue;
mod restore;
pub mod store;

pub use item::{Item, ItemKind, Place, RecordingItem, Signer, SpooledPart};
pub use queue::{Entry, EntryKind, Failure, HeadRecord, Verdict, judge};
pub use store::{Spool, SpoolLimits};
