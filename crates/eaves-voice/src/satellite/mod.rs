//! Satellites: one machine for each, which decides what is said to it and what is believed of what it says, and the
//! decision which of several that heard the same is answered.
//!
//! A machine takes [`Input`]s with the time and gives [`Output`]s; it has no socket, clock or task: [`link`] has those. Time is a
//! [`Duration`](std::time::Duration) since some moment, and never goes back.

mod arbiter;
mod fault;
mod intake;
pub mod link;
mod session;
mod speaker;

pub use arbiter::{Arbiter, Decision};
pub use fault::Fault;
pub use session::{Input, Mode, Order, Output, Session, SessionRules};
pub use speaker::LEAD;
