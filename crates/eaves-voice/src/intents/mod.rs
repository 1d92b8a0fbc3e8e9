//! From text to what somebody wants: sentence templates in the ecosystem's own format (hassil), and its data layout.
//!
//! Written from the format's documentation and behaviour, with bounds on everything, since households and other
//! languages bring their own sentences. A [`template`] is parsed and compiled with its rules to a small graph without
//! loops; text is matched against the graph by visiting each of its states at each place of the text once, so that no
//! template and no text takes more than their product.

mod data;
mod grammar;
mod matching;
mod normal;
mod numbers;
mod program;
mod recognize;
pub mod template;

pub use data::{DataError, Intents, ListData, RangeData, ValueData};
pub use grammar::Grammar;
pub use numbers::number_words;
pub use recognize::{Recognition, Slot, Surroundings};
pub use template::{Template, TemplateError};
