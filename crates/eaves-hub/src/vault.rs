//! The hub's side of the wire: HTTP and the channel to the vault, and nothing else.
//!
//! The vault is not trusted. What it answers is bounded, and believed only where a wrong answer costs no more than
//! a vault that is away would: where a chain ends is compared with what the hub has kept itself, and rosters and commands
//! are judged by their signatures elsewhere.

mod connect;
mod http;
mod upload;

pub use connect::{Body, Carried, Connect, Stream};
pub use http::{VaultClient, VaultError};
pub(crate) use upload::{Handed, blocking, hand_over};
