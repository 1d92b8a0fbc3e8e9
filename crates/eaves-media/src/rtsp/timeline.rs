//! One time line for both tracks, and time stamps that can be believed.
//!
//! A camera may say how its two RTP clocks belong together (`rtptime`), say it wrongly, or not at all. The first
//! sample of a run defines the origin. A track whose first time stamp disagrees with its arrival is placed by arrival.

use crate::end::RunEnd;
use crate::sample::Moment;

/// A time stamp may disagree with arrival by this much; a camera sends up to a second of picture at once.
const TRUST_US: i64 = 2_000_000;
/// A pause of media time that arrival does not explain.
const JUMP_US: i64 = 10_000_000;
/// B-frames go back, but not that far.
const BACK_US: i64 = 2_000_000;

/// The origin of a run: media time 0 is when its first sample came.
#[derive(Clone, Copy, Default)]
pub(crate) struct Origin {
    first_us: Option<i64>,
}

/// The clock of one track.
pub(crate) struct Timeline {
    clock_rate: i64,
    offset: Option<i64>,
    highest: i64,
    highest_arrival_us: i64,
}

impl Timeline {
    pub(crate) fn new(clock_rate: u32) -> Self {
        Self { clock_rate: i64::from(clock_rate.max(1)), offset: None, highest: 0, highest_arrival_us: 0 }
    }

    fn to_us(&self, units: i64) -> i64 {
        let us = i128::from(units) * 1_000_000 / i128::from(self.clock_rate);
        i64::try_from(us).unwrap_or(if us < 0 { i64::MIN } else { i64::MAX })
    }

    /// The media time of a sample in microseconds.
    pub(crate) fn us(&self, time: i64) -> i64 {
        self.to_us(time)
    }

    /// Places a time stamp, given as units since some start, on the common time line.
    pub(crate) fn place(&mut self, stamp: i64, now: Moment, origin: &mut Origin) -> Result<i64, RunEnd> {
        let arrival_us = now.monotonic_us;
        let Some(offset) = self.offset else {
            let since_origin = arrival_us.saturating_sub(*origin.first_us.get_or_insert(arrival_us));
            let disagreement = self.to_us(stamp).saturating_sub(since_origin).saturating_abs();
            let place = if disagreement <= TRUST_US && stamp != 0 {
                stamp
            } else {
                let units = i128::from(since_origin) * i128::from(self.clock_rate) / 1_000_000;
                i64::try_from(units).map_err(|_| RunEnd::TimestampsBroken)?
            };
            self.offset = Some(place.checked_sub(stamp).ok_or(RunEnd::TimestampsBroken)?);
            (self.highest, self.highest_arrival_us) = (place, arrival_us);
            return Ok(place);
        };
        let time = stamp.checked_add(offset).ok_or(RunEnd::TimestampsBroken)?;
        let moved_us = self.to_us(time.checked_sub(self.highest).ok_or(RunEnd::TimestampsBroken)?);
        let waited_us = arrival_us.saturating_sub(self.highest_arrival_us);
        if moved_us < -BACK_US || moved_us > JUMP_US.max(waited_us.saturating_add(TRUST_US)) {
            return Err(RunEnd::TimestampsBroken);
        }
        if time > self.highest {
            (self.highest, self.highest_arrival_us) = (time, arrival_us);
        }
        Ok(time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eaves_domain::Timestamp;
    use proptest::prelude::*;

    fn at(us: i64) -> Moment {
        Moment { wall: Timestamp(us), monotonic_us: us }
    }

    #[test]
    fn tracks_that_agree_with_arrival_are_believed() {
        let mut origin = Origin::default();
        let (mut video, mut audio) = (Timeline::new(90_000), Timeline::new(8_000));
        assert_eq!(video.place(900, at(5_000_000), &mut origin), Ok(900));
        assert_eq!(audio.place(400, at(5_090_000), &mut origin), Ok(400));
        assert_eq!(video.place(6_900, at(5_066_000), &mut origin), Ok(6_900));
    }

    #[test]
    fn a_track_whose_time_is_absurd_or_unsaid_is_placed_by_arrival() {
        let mut origin = Origin::default();
        let (mut video, mut audio) = (Timeline::new(90_000), Timeline::new(8_000));
        assert_eq!(video.place(1 << 40, at(0), &mut origin), Ok(0));
        assert_eq!(video.place((1 << 40) + 9_000, at(100_000), &mut origin), Ok(9_000));
        assert_eq!(audio.place(0, at(500_000), &mut origin), Ok(4_000));
    }

    #[test]
    fn jumps_that_arrival_does_not_explain_end_the_run() {
        for jump in [-3 * 90_000, 11 * 90_000, i64::MAX, i64::MIN] {
            let mut origin = Origin::default();
            let mut video = Timeline::new(90_000);
            video.place(0, at(0), &mut origin).unwrap();
            assert_eq!(video.place(jump, at(40_000), &mut origin), Err(RunEnd::TimestampsBroken), "{jump}");
        }
        let mut origin = Origin::default();
        let mut video = Timeline::new(90_000);
        video.place(0, at(0), &mut origin).unwrap();
        assert_eq!(video.place(20 * 90_000, at(20_000_000), &mut origin), Ok(20 * 90_000));
    }

    proptest! {
        #[test]
        fn no_time_stamp_panics(stamps in proptest::collection::vec((any::<i64>(), 0_i64..1 << 40), 1..20)) {
            let mut origin = Origin::default();
            let mut timeline = Timeline::new(90_000);
            for (stamp, now) in stamps {
                if timeline.place(stamp, at(now), &mut origin).is_err() {
                    break;
                }
            }
        }
    }
}
