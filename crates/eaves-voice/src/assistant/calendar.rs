//! Days and hours where somebody lives.

use serde::{Deserialize, Serialize};

const DAY: i64 = 86_400;

/// A moment as the household's clock shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local {
    /// Seconds since 1970, UTC.
    pub utc: i64,
    /// Seconds that the household's clock is ahead of UTC now.
    pub offset: i32,
}

/// Hours and minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TimeOfDay {
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
}

impl Local {
    fn shown(self) -> i64 {
        self.utc.saturating_add(i64::from(self.offset))
    }

    /// The clock's hands.
    pub fn time(self) -> TimeOfDay {
        let minutes = self.shown().rem_euclid(DAY) / 60;
        TimeOfDay { hour: (minutes / 60) as u8, minute: (minutes % 60) as u8 }
    }

    /// From Monday, 0, to Sunday, 6.
    pub fn weekday(self) -> usize {
        // 1 January 1970 was a Thursday.
        (self.shown().div_euclid(DAY) + 3).rem_euclid(7) as usize
    }

    /// Year, month from 1, day from 1 (the Gregorian calendar, by Hinnant's `civil_from_days`).
    pub fn date(self) -> (i64, usize, u32) {
        let days = self.shown().div_euclid(DAY) + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        (year + era * 400 + i64::from(month <= 2), month as usize, day as u32)
    }

    /// The next moment, UTC, at which the clock shows this, on a day that `is_day` likes.
    pub(super) fn next(self, time: TimeOfDay, is_day: impl Fn(usize) -> bool) -> i64 {
        let midnight = self.shown().div_euclid(DAY) * DAY;
        let at = midnight + i64::from(time.hour) * 3600 + i64::from(time.minute) * 60;
        let moments = (0..=7).map(|day| at + day * DAY).filter(|at| *at > self.shown());
        let mut liked = moments.filter(|at| is_day((at.div_euclid(DAY) + 3).rem_euclid(7) as usize));
        liked.next().unwrap_or(at + DAY) - i64::from(self.offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (utc, offset, date, weekday, hour) in [
            (0, 0, (1970, 1, 1), 3, 0),
            (0, -3600, (1969, 12, 31), 2, 23),
            (951_782_400, 0, (2000, 2, 29), 1, 0),
            (1_796_126_400, 3600, (2026, 12, 1), 1, 13),
            (4_107_542_399, 0, (2100, 2, 28), 6, 23),
        ] {
            let local = Local { utc, offset };
            assert_eq!((local.date(), local.weekday(), local.time().hour), (date, weekday, hour), "{utc}");
        }
    }

    #[test]
    fn an_alarm_is_in_the_future_and_on_its_days() {
        let friday_noon = Local { utc: 1_796_385_600, offset: 3600 };
        assert_eq!((friday_noon.weekday(), friday_noon.time().hour), (4, 13));
        let seven = TimeOfDay { hour: 7, minute: 0 };
        assert_eq!(friday_noon.next(seven, |_| true) - friday_noon.utc, 18 * 3600);
        assert_eq!(friday_noon.next(seven, |day| day < 5) - friday_noon.utc, (18 + 48) * 3600);
    }
}
