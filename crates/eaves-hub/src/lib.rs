//! The home's role: talks to cameras, sees plaintext in memory only, seals.
pub mod claim;
pub mod commands;
pub mod durable;
pub mod error;
pub mod household;
pub mod identity;
mod random;
pub mod recorder;
pub mod spool;
pub mod timeline;
