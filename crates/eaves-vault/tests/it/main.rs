//! The vault over HTTP: real routes, a real database in a temporary folder, a real OPAQUE client.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod account;
mod alike;
mod claim;
mod commands;
mod devices;
mod doors;
mod guessing;
mod home;
mod live;
mod people;
mod recordings;
mod reference;
mod roster;
mod stranger;
mod swap;
mod thief;
mod world;
