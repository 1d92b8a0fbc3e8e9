//! What a device's time was spent on: recordings, and gaps with their cause, one after the other without a hole.
//!
//! A pure machine. It is told when recordings begin and end and why there is none, and answers with the gaps that have
//! to be announced. Between its first moment and now every instant is covered by a recording, by a gap it has
//! answered with, or by the gap that is still open.

use eaves_domain::Timestamp;
use eaves_domain::link::GapCause;

/// Pauses up to this long are the jitter of arrival times, not gaps (a reader alarms above two seconds).
pub const PAUSE_US_MAX: i64 = 250_000;
/// Spans may overlap by this much before the clock counts as moved back.
pub const OVERLAP_US_MAX: i64 = 500_000;
/// A long gap is announced in pieces of this length, so that the timeline shows it while it lasts and a power cut
/// forgets little of its cause.
pub const PIECE_US: i64 = 600_000_000;

/// A gap to be announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Its start: the end of what came before.
    pub start: Timestamp,
    /// Its end. Equal to the start when it only marks that the clock was moved back.
    pub end: Timestamp,
    /// Why nothing was recorded.
    pub cause: GapCause,
}

/// What happens to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A recording begins.
    Began {
        /// With this instant.
        start: Timestamp,
    },
    /// The recording that began is over, and everything until here is kept.
    Ended {
        /// With this instant.
        end: Timestamp,
    },
    /// Nothing is being recorded.
    Down {
        /// Why.
        cause: GapCause,
        /// When this became known.
        at: Timestamp,
    },
    /// Time passes.
    Tick {
        /// The time.
        now: Timestamp,
    },
}

/// The machine of one device.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// Everything before this instant is a recording or an announced gap.
    covered: Timestamp,
    /// Why nothing is recorded now, if nothing is.
    cause: Option<GapCause>,
    recording: bool,
}

impl Timeline {
    /// A device that is covered until `covered`, and has not been recorded since for `cause`.
    pub fn new(covered: Timestamp, cause: GapCause) -> Self {
        Self { covered, cause: Some(cause), recording: false }
    }

    /// Until when everything is a recording or an announced gap.
    pub fn covered(&self) -> Timestamp {
        self.covered
    }

    /// Takes an event, and returns the gaps that have to be announced before anything else, in order.
    pub fn handle(&mut self, event: Event) -> Vec<Gap> {
        match event {
            Event::Began { start } => {
                let gaps = self.cover_until(start, PAUSE_US_MAX);
                self.covered = start;
                self.recording = true;
                self.cause = None;
                gaps
            }
            Event::Ended { end } => {
                self.recording = false;
                self.covered = self.covered.max(end);
                Vec::new()
            }
            Event::Down { .. } | Event::Tick { .. } if self.recording => Vec::new(),
            Event::Down { cause, at } => {
                let gaps = match self.cause {
                    Some(before) if before != cause => self.cover_until(at, 0),
                    _ => Vec::new(),
                };
                self.cause = Some(cause);
                gaps
            }
            Event::Tick { now } => {
                if now.since_us(self.covered) >= PIECE_US || self.covered.since_us(now) > OVERLAP_US_MAX {
                    self.cover_until(now, 0)
                } else {
                    Vec::new()
                }
            }
        }
    }

    /// Covers the time until `to` by the gap that is open.
    fn cover_until(&mut self, to: Timestamp, tolerance_us: i64) -> Vec<Gap> {
        let pause = to.since_us(self.covered);
        if self.covered.since_us(to) > OVERLAP_US_MAX {
            // The clock was moved back: what follows lies earlier than what came before, and says so.
            self.covered = to;
            vec![Gap { start: to, end: to, cause: GapCause::ClockStepped }]
        } else if pause > tolerance_us {
            // Without a known cause, something that was to be recorded was not.
            let cause = self.cause.unwrap_or(GapCause::RecordingFailed);
            let gap = Gap { start: self.covered, end: to, cause };
            self.covered = to;
            vec![gap]
        } else {
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const S: i64 = 1_000_000;

    fn at(seconds: i64) -> Timestamp {
        Timestamp(1_000_000 * S + seconds * S)
    }

    fn gap(start: i64, end: i64, cause: GapCause) -> Gap {
        Gap { start: at(start), end: at(end), cause }
    }

    #[test]
    fn gap_lasts_from_the_end_of_one_recording_to_the_start_of_the_next() {
        let mut timeline = Timeline::new(at(0), GapCause::HubInterrupted);
        assert_eq!(timeline.handle(Event::Began { start: at(3) }), [gap(0, 3, GapCause::HubInterrupted)]);
        assert_eq!(timeline.handle(Event::Ended { end: at(60) }), []);
        assert_eq!(timeline.handle(Event::Began { start: at(60) }), [], "recordings of one run follow each other");
        assert_eq!(timeline.handle(Event::Ended { end: at(80) }), []);
        assert_eq!(timeline.handle(Event::Down { cause: GapCause::CameraStalled, at: at(90) }), []);
        assert_eq!(
            timeline.handle(Event::Began { start: at(100) }),
            [gap(80, 100, GapCause::CameraStalled)],
            "the gap starts with the last picture, not when the stall was noticed"
        );
    }

    #[test]
    fn another_cause_is_another_gap() {
        let mut timeline = Timeline::new(at(0), GapCause::HubStopped);
        assert_eq!(
            timeline.handle(Event::Down { cause: GapCause::CameraUnreachable, at: at(5) }),
            [gap(0, 5, GapCause::HubStopped)]
        );
        assert_eq!(timeline.handle(Event::Down { cause: GapCause::CameraUnreachable, at: at(9) }), []);
        assert_eq!(timeline.handle(Event::Began { start: at(12) }), [gap(5, 12, GapCause::CameraUnreachable)]);
    }

    #[test]
    fn long_gap_is_announced_in_pieces_while_it_lasts() {
        let mut timeline = Timeline::new(at(0), GapCause::CameraUnreachable);
        assert_eq!(timeline.handle(Event::Tick { now: at(599) }), []);
        assert_eq!(timeline.handle(Event::Tick { now: at(601) }), [gap(0, 601, GapCause::CameraUnreachable)]);
        assert_eq!(timeline.handle(Event::Began { start: at(700) }), [gap(601, 700, GapCause::CameraUnreachable)]);
    }

    #[test]
    fn clock_that_was_moved_back_is_announced_where_it_landed() {
        let mut timeline = Timeline::new(at(0), GapCause::HubStopped);
        timeline.handle(Event::Began { start: at(0) });
        timeline.handle(Event::Ended { end: at(4000) });
        timeline.handle(Event::Down { cause: GapCause::ClockStepped, at: at(400) });
        assert_eq!(timeline.handle(Event::Began { start: at(401) }), [gap(401, 401, GapCause::ClockStepped)]);
    }

    #[test]
    fn recording_that_left_nothing_becomes_part_of_the_gap() {
        let mut timeline = Timeline::new(at(0), GapCause::HubStopped);
        timeline.handle(Event::Began { start: at(0) });
        timeline.handle(Event::Ended { end: at(0) });
        timeline.handle(Event::Down { cause: GapCause::DiskFull, at: at(1) });
        assert_eq!(timeline.handle(Event::Began { start: at(9) }), [gap(0, 9, GapCause::DiskFull)]);
    }

    fn causes() -> impl Strategy<Value = GapCause> {
        prop_oneof![
            Just(GapCause::CameraUnreachable),
            Just(GapCause::CameraStalled),
            Just(GapCause::DiskFull),
            Just(GapCause::ClockStepped),
        ]
    }

    proptest! {
        /// Any order of events on a clock that may be moved: each span starts where the one before ended, unless a
        /// gap says that the clock was moved back; and nothing is covered twice.
        #[test]
        fn every_instant_is_covered_once(events in proptest::collection::vec((0u8..5, causes(), -30i64..120), 1..80)) {
            let mut now = at(0);
            let mut timeline = Timeline::new(now, GapCause::HubInterrupted);
            let mut spans: Vec<(Timestamp, Timestamp, bool)> = vec![];
            let mut open: Option<Timestamp> = None;
            let gaps = |spans: &mut Vec<(Timestamp, Timestamp, bool)>, gaps: Vec<Gap>| {
                for g in gaps {
                    spans.push((g.start, g.end, g.cause == GapCause::ClockStepped && g.start == g.end));
                }
            };
            for (kind, cause, step) in events {
                // A recording never sees a clock that moves back: the run ends first.
                now = now.plus_us(if open.is_some() { step.abs() } else { step } * S);
                match (kind, open) {
                    (0, None) => {
                        gaps(&mut spans, timeline.handle(Event::Began { start: now }));
                        open = Some(now);
                    }
                    (1, Some(start)) => {
                        gaps(&mut spans, timeline.handle(Event::Ended { end: now }));
                        if now > start { spans.push((start, now, false)); }
                        open = None;
                    }
                    (2, _) => gaps(&mut spans, timeline.handle(Event::Down { cause, at: now })),
                    _ => gaps(&mut spans, timeline.handle(Event::Tick { now })),
                }
            }
            if let Some(start) = open {
                spans.push((start, now, false));
                timeline.handle(Event::Ended { end: now });
            }
            prop_assert!(now.since_us(timeline.covered()) <= PIECE_US + 120 * S, "an open gap is told in time");
            let mut covered = at(0);
            for (start, end, stepped) in spans {
                prop_assert!(start <= end);
                let pause = start.since_us(covered);
                prop_assert!(stepped || pause <= PAUSE_US_MAX, "hole of {pause} us");
                prop_assert!(stepped || pause >= -OVERLAP_US_MAX, "overlap of {pause} us");
                covered = end;
            }
        }
    }
}
