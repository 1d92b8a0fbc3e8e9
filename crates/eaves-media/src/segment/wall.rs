//! Which wall time a recording has, from the arrival of its pictures.

use crate::end::RunEnd;
use eaves_domain::Timestamp;

/// How much a recording may be stretched or shrunk: 500 ppm.
const STRETCH: i64 = 2_000;
/// How much later than usual a whole GOP may arrive (the network may stall), in microseconds.
const LATE_MAX_US: i64 = 20_000_000;
/// How much earlier than its time stamps say.
const EARLY_MAX_US: i64 = 5_000_000;

/// `time` in units of `timescale` per second, in microseconds.
pub(super) fn to_us(time: i64, timescale: u32) -> i64 {
    let us = i128::from(time) * 1_000_000 / i128::from(timescale.max(1));
    i64::try_from(us).unwrap_or(if us < 0 { i64::MIN } else { i64::MAX })
}

/// The same in whole milliseconds; negative is 0.
pub(super) fn to_ms(time: i64, timescale: u32) -> u32 {
    u32::try_from((to_us(time, timescale) / 1_000).max(0)).unwrap_or(u32::MAX)
}

/// The lag is wall time minus media time. That of the run as published, once its first recording has ended.
#[derive(Default)]
pub(super) struct WallClock {
    published_us: Option<i64>,
}

impl WallClock {
    /// When the recording starts whose pictures begin at `media_us`.
    pub(super) fn start(&self, media_us: i64, lag_us: i64) -> Timestamp {
        Timestamp(media_us.saturating_add(self.published_us.unwrap_or(lag_us)))
    }

    /// When a recording started and ended. `lag_us` is the smallest of its pictures.
    pub(super) fn end(&mut self, start_us: i64, end_us: i64, lag_us: i64) -> (Timestamp, Timestamp) {
        let published = self.published_us.unwrap_or(lag_us);
        let limit = end_us.saturating_sub(start_us) / STRETCH;
        let stretched = published.saturating_add(lag_us.saturating_sub(published).clamp(-limit, limit));
        self.published_us = Some(stretched);
        (Timestamp(start_us.saturating_add(published)), Timestamp(end_us.saturating_add(stretched)))
    }

    /// Fails when pictures arrive far from when their time stamps say. `usual_us` is the lag of the recording so far.
    pub(super) fn check(&self, lag_us: i64, usual_us: i64) -> Result<(), RunEnd> {
        let usual = self.published_us.unwrap_or(usual_us);
        let late_us = lag_us.saturating_sub(usual);
        if (-EARLY_MAX_US..=LATE_MAX_US).contains(&late_us) { Ok(()) } else { Err(RunEnd::TimestampsBroken) }
    }
}
