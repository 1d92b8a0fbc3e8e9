//! How long a class of data lives. Every class has a finite lifetime; there is no value for "for ever".

use crate::{Days, Timestamp};
use serde::{Deserialize, Serialize};

/// What a recording was kept for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Video that is recorded all the time.
    Continuous,
    /// Video around something that happened.
    Event,
}

/// The lifetimes of one room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Lifetimes {
    /// Lifetime of [`Class::Continuous`], in days.
    pub continuous_days: Days,
    /// Lifetime of [`Class::Event`], in days.
    pub event_days: Days,
}

impl Default for Lifetimes {
    /// The lifetimes of a new room: 3 days of continuous video, 14 days of events.
    fn default() -> Self {
        let days = |n| Days::new(n).expect("between 1 and 3650");
        Self { continuous_days: days(3), event_days: days(14) }
    }
}

impl Lifetimes {
    /// When a recording of `class` that ended at `end` is erased.
    pub fn keep_until(&self, class: Class, end: Timestamp) -> Timestamp {
        let days = match class {
            Class::Continuous => self.continuous_days,
            Class::Event => self.event_days,
        };
        end.plus_us(days.as_us())
    }
}
