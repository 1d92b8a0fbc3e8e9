//! The voice assistant: everything between a satellite's sound and an answer, as plain values in memory.
//!
//! Nothing here is stored: the crate has no HTTP client and no file API, and it cannot seal or open. What somebody says
//! leaves it as an action and a counter. [`private`] has the types for sound and text, which are wiped when dropped and
//! cannot be printed.
//!
//! # Trust
//!
//! A satellite is a stranger's computer on a wire that is neither encrypted nor authenticated ([`wyoming`]). Whoever
//! controls one, or the wire, hears what it hears and can say what it likes. They cannot make this program panic or
//! fill its memory: each length, count and wait has a bound.

pub mod assistant;
#[doc(hidden)]
pub mod fuzzing;
pub mod intents;
pub mod private;
pub mod satellite;
pub mod sound;
pub mod wyoming;
