//! Wire types and error codes between hub, vault and app.
//!
//! Hub and vault meet only here, also when they run in one process (invariant A3). Paths are constants or small
//! functions of [`route`]; bodies are JSON in camelCase unless a type says otherwise; byte strings are base64url without
//! padding; times are UTC microseconds. Every failure is an RFC 9457 problem document, see [`problem`].
//!
//! Trust: whoever controls the vault can answer anything here. What it must not be believed about is signed or sealed
//! by `eaves-domain`'s documents, which these types only carry.

pub mod app;
pub mod channel;
pub mod hub;
pub mod people;
pub mod problem;
pub mod route;

/// The largest JSON body that a route accepts, in bytes.
pub const JSON_BYTES_MAX: usize = 4 << 20;
/// The largest sealed body of one part, in bytes. A minute of 4K video at 30 Mbit/s is 225 MB.
pub const PART_BYTES_MAX: u64 = 512 << 20;
/// The largest age header that is stored, in bytes.
pub const HEADER_BYTES_MAX: usize = 16 << 10;
/// The most links one answer carries.
pub const LINKS_MAX: u32 = 5_000;
