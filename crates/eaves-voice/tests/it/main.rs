//! The voice assistant from outside.

mod arbitrary;
mod peers;
mod satellite;
mod sentences;
mod wyoming;
