//! What the log's formats and judges do, from outside.
#![allow(clippy::unwrap_used, reason = "tests")]

mod arbitrary;
mod chain;
mod entries;
mod files;
mod merkle;
mod monitor;
mod notes;
mod receipts;
mod vectors;
mod witness;
