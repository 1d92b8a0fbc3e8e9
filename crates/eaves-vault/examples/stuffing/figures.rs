//! Samples and the lines that say what they come to.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long things took.
#[derive(Default)]
pub(crate) struct Samples(Mutex<Vec<Duration>>);

impl Samples {
    pub(crate) fn add(&self, took: Duration) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(took);
    }

    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The time within which `share` of them were done, in milliseconds.
    pub(crate) fn ms(&self, share: f64) -> f64 {
        let mut sorted = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        sorted.sort();
        let at = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
        sorted.get(at).map_or(f64::NAN, |took| took.as_secs_f64() * 1_000.0)
    }
}

/// One line: name, value, unit, and the ratio to the peer where there is one.
pub(crate) fn report(name: &str, value: f64, unit: &str, ratio: Option<f64>) {
    let rounded = |value: f64| format!("{value:.3}").trim_end_matches('0').trim_end_matches('.').to_owned();
    let ratio = ratio.map(|ratio| format!("\t{}", rounded(ratio))).unwrap_or_default();
    println!("figure\t{name}\t{}\t{unit}{ratio}", rounded(value));
}
