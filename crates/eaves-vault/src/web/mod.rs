//! The edge: routes, who may call them, and what an answer says.

mod acts;
mod app_files;
mod approvals;
mod begin;
pub(crate) mod channel;
mod claim;
pub(crate) mod commands;
pub(crate) mod devices;
pub(crate) mod door;
mod events;
mod failure;
mod guard;
pub(crate) mod homes;
mod hub;
pub(crate) mod hubs;
mod invites;
mod join;
#[cfg(feature = "leaky-for-tests")]
mod leaky;
mod live;
mod log;
mod login;
pub(crate) mod notices;
pub(crate) mod opened;
pub(crate) mod passkeys;
mod reading;
mod recordings;
mod roster;
pub mod routes;
mod second;
mod second_ways;
mod sessions;
pub(crate) mod step_up;
mod ways_in;

/// Where a request comes from, for the limiter. Whoever accepts connections puts it into the request's extensions;
/// behind a proxy, that is the address the proxy names.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub std::net::IpAddr);
