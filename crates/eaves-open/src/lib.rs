//! The reading side of the sealed formats.
//!
//! Written from `docs/spec/` alone and independent of the writing side: it shares the signed nouns of `eaves-domain`
//! and nothing else with `eaves-seal`, not even the `age` crate. Where the two disagree, the specification decides and
//! `vectors/` shows it.
//!
//! - [`Identity`], [`MemberSecret`], [`KitSecret`]: from a printed recovery kit to the identities that open rooms.
//! - [`PartReader`]: a part's plaintext, read and sought in, each 64 KiB chunk authentic before a byte of it is seen.
//! - [`RosterHistory`], [`read_chain`]: who was trusted when, and what a device's signed chain proves and lacks.
//! - [`LiveReader`]: live frames.
//! - [`verify_pack`]: an audit pack, what was done in a household's name.
//! - [`archive`]: a folder that opens without a server; the command `eaves-open` puts real files under it.
//!
//! **Trust.** Nothing here trusts its input: header, body, link, roster, frame and archive may all be made by whoever
//! runs the vault. What an attacker can do is have things refused or missing, and both are reported. What is *not*
//! proved: that the newest roster or link at hand is the newest there is. Whoever remembers a later one notices; a
//! folder alone cannot.
//!
//! **Purity (A4).** No async runtime, HTTP, SQL, clock, file, socket or environment in the library. Sources of bytes
//! are `std::io` traits and [`archive::Files`]. Only the command opens files.
//!
//! The program `eaves` does not reach this crate (A1): what runs in the home or at a provider cannot open recordings.

pub mod archive;
mod chain;
mod error;
#[doc(hidden)]
pub mod fuzzing;
mod header;
mod identity;
mod invite;
mod live;
mod member;
mod pack;
mod pack_list;
mod part;
mod trust;

pub use chain::{
    ChainEntry, ChainReading, Finding, OVERLAP_US_MAX, PAUSE_US_MAX, State, VerifiedLink, check_against_mark,
    read_chain, verify_link,
};
pub use error::Error;
pub use header::{FileKey, HEADER_BYTES_MAX, Header, header_bytes};
pub use identity::Identity;
pub use invite::{open_answer, open_welcome};
pub use live::{Frame, LiveContext, LiveReader};
pub use member::{KitSecret, MemberSecret, Way, WrappedSecret, open_key_wrap};
pub use pack::{OPENINGS_A_FILE, PackFault, PackOpening, PackProblem, PackReport, Pinned, verify_pack};
pub use pack_list::{List as PackList, PackPath};
pub use part::{CHUNK_BYTES, Ending, PartReader, SEALED_CHUNK_BYTES, open_body, open_file, open_name, open_vouched};
pub use trust::RosterHistory;
