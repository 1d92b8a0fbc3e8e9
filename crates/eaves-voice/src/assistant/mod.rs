//! The assistant: from what somebody wants to what is done and said.
//!
//! [`Assistant`] is a value. It takes a [`Recognition`](crate::intents::Recognition) with the time, and gives a
//! [`Reply`]; its [`Memory`] is all that outlives the answer, and each thing in it names the utterance that it came
//! from, so that erasing the one finds the other. It keeps nothing of what was said beyond that, except the last
//! answer, for a minute, so that it can be repeated.
//!
//! What opens, disarms or loosens is never done by voice: whoever speaks is asked to do it in the app. What erases is
//! asked once more. A child's room leaves nothing in the memory but the running time of a timer.

mod answer;
mod calendar;
mod memory;
mod say;

pub use answer::{Action, Around, Assistant, Reply, Risk};
pub use calendar::{Local, TimeOfDay};
pub use memory::{Alarm, Derivative, Due, Fact, Item, Memory, Reminder, Repeat, Ring, SourceId, Timer};
pub use say::{Language, Say};
