//! The vault over HTTP: real routes, a real database in a temporary folder, a real OPAQUE client.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod account;
mod alike;
mod authenticator;
mod claim;
mod commands;
mod devices;
mod doors;
mod guessing;
mod home;
mod live;
mod log;
mod passkeys;
mod people;
mod recordings;
mod recovery;
mod reference;
mod roster;
mod second_step;
mod signing;
mod stranger;
mod strong;
mod swap;
mod thief;
mod world;
