//! The one place where the clocks are read.

use eaves_domain::Timestamp;
use std::time::SystemTime;

/// The wall clock.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// The wall clock, as certificates want it.
#[cfg(feature = "vault")]
pub(crate) fn date() -> time::OffsetDateTime {
    SystemTime::now().into()
}

/// Both clocks at once, as the hub wants them.
#[cfg(feature = "hub")]
pub(crate) fn moments() -> impl Fn() -> eaves_media::Moment + Send + Sync {
    let start = std::time::Instant::now();
    move || eaves_media::Moment {
        wall: now(),
        monotonic_us: i64::try_from(start.elapsed().as_micros()).unwrap_or(i64::MAX),
    }
}
