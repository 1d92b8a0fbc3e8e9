//! What the reading side accepts and refuses.
#![allow(clippy::unwrap_used, reason = "tests may unwrap")]

mod arbitrary;
mod archive;
mod pack;
mod parts;
mod secrets;
mod vectors;
