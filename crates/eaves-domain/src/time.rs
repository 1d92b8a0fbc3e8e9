//! Points in time and lifetimes, as integers in a named unit.

use serde::{Deserialize, Serialize};

/// A point in time: microseconds since 1970-01-01T00:00:00Z, without leap seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Microseconds since the epoch.
    pub const fn as_us(self) -> i64 {
        self.0
    }

    /// Whole milliseconds since the epoch, rounded towards the past.
    pub const fn as_ms(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// This point moved by `us` microseconds; saturates at the ends of the range.
    #[must_use]
    pub const fn plus_us(self, us: i64) -> Self {
        Self(self.0.saturating_add(us))
    }

    /// Microseconds from `earlier` to `self`; negative when `earlier` is later.
    pub const fn since_us(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// A lifetime in whole days. There is no value for "for ever".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Days(u16);

impl Days {
    /// The longest lifetime a rule may give: ten years.
    pub const LONGEST: Self = Self(3_650);

    /// A lifetime of `days`, or `None` when it is zero or longer than [`Days::LONGEST`].
    pub const fn new(days: u16) -> Option<Self> {
        if days == 0 || days > Self::LONGEST.0 { None } else { Some(Self(days)) }
    }

    /// The lifetime in microseconds.
    pub const fn as_us(self) -> i64 {
        self.0 as i64 * 86_400_000_000
    }
}

impl TryFrom<u16> for Days {
    type Error = &'static str;

    fn try_from(days: u16) -> Result<Self, Self::Error> {
        Self::new(days).ok_or("a lifetime is between 1 and 3650 days")
    }
}

impl From<Days> for u16 {
    fn from(days: Days) -> Self {
        days.0
    }
}
