//! The home's role: talks to cameras, sees plaintext in memory only, seals.
pub mod durable;
pub mod recorder;
pub mod spool;
pub mod timeline;
