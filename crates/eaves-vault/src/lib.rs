//! The vault role: keeps ciphertext and accounts, relays sealed live pictures, serves the app.
//!
//! - [`store`] is the durable side: metadata, sealed bodies, and the key tree that makes erasure final.
//! - [`auth`] decides who may sign in: OPAQUE, the limiter that every door shares, session tokens.
//! - [`live`] forwards sealed frames and never waits for a slow viewer.
//! - [`log`] is the tamper-evident log: acts are written down with what they change, and done when that is published.
//! - [`web`] is the edge: one table of routes, with who may call each, from which the router is built.
//!
//! Trust: the vault is the party that is *not* trusted. It cannot open what it keeps and links no crate that could
//! (invariants A2, A3). Its own duty is smaller: let nobody but a member reach a household's ciphertext, and say
//! nothing private in a log or an error.

pub mod auth;
mod error;
pub mod live;
pub mod log;
pub mod store;
mod vault;
pub mod web;

pub use error::Error;
pub use vault::{Clock, Config, Vault};
