//! Which satellite answers when several hear the same wake word.

use std::time::Duration;

/// From the first satellite that hears until the decision.
pub(crate) const WINDOW: Duration = Duration::from_millis(200);
/// Who wakes so soon after a decision heard the same word, late.
const ECHO: Duration = Duration::from_secs(2);

/// Who answers, and who is to forget what it heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision<Id> {
    /// The one who answers; nobody, when all were late.
    pub answers: Option<Id>,
    /// The others.
    pub yield_: Vec<Id>,
}

struct Heard<Id> {
    id: Id,
    at: Duration,
    loudness: f32,
}

/// Collects who heard, for [a moment](Decision), and decides by loudness above the room's own noise; the earlier one
/// if there is no difference.
pub struct Arbiter<Id> {
    heard: Vec<Heard<Id>>,
    decided: Option<Duration>,
}

impl<Id: Clone + PartialEq> Default for Arbiter<Id> {
    fn default() -> Self {
        Self { heard: Vec::new(), decided: None }
    }
}

impl<Id: Clone + PartialEq> Arbiter<Id> {
    /// A satellite woke, or heard more: the loudest counts.
    pub fn hear(&mut self, id: Id, loudness: f32, now: Duration) {
        match self.heard.iter_mut().find(|heard| heard.id == id) {
            Some(heard) => heard.loudness = heard.loudness.max(loudness),
            None => self.heard.push(Heard { id, at: now, loudness }),
        }
    }

    /// When there is something to decide.
    pub fn due(&self) -> Option<Duration> {
        self.heard.first().map(|first| first.at + WINDOW)
    }

    /// The decision, once it is time for it.
    pub fn decide(&mut self, now: Duration) -> Option<Decision<Id>> {
        if self.due()? > now {
            return None;
        }
        let heard = std::mem::take(&mut self.heard);
        let is_echo = self.decided.is_some_and(|at| heard[0].at < at + ECHO);
        if is_echo {
            return Some(Decision { answers: None, yield_: heard.into_iter().map(|heard| heard.id).collect() });
        }
        self.decided = Some(now);
        let loudest = heard.iter().enumerate().max_by(|(n, a), (m, b)| {
            // Of equal ones the first: `max_by` takes the last.
            a.loudness.total_cmp(&b.loudness).then(m.cmp(n))
        });
        let winner = loudest.map(|(n, _)| n)?;
        let answers = heard[winner].id.clone();
        let others = heard.into_iter().map(|heard| heard.id).filter(|id| *id != answers).collect();
        Some(Decision { answers: Some(answers), yield_: others })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn the_loudest_of_those_who_heard_answers_and_the_others_forget() {
        let mut arbiter = Arbiter::default();
        arbiter.hear("hall", 0.01, ms(1000));
        arbiter.hear("kitchen", 0.02, ms(1080));
        arbiter.hear("study", 0.015, ms(1150));
        arbiter.hear("kitchen", 0.2, ms(1190));
        assert_eq!(arbiter.decide(ms(1199)), None);
        let decision = Decision { answers: Some("kitchen"), yield_: vec!["hall", "study"] };
        assert_eq!(arbiter.decide(ms(1200)), Some(decision));
        assert_eq!(arbiter.decide(ms(1300)), None);
    }

    #[test]
    fn who_hears_the_same_word_late_is_not_answered() {
        let mut arbiter = Arbiter::default();
        arbiter.hear("hall", 0.01, ms(0));
        assert_eq!(arbiter.decide(ms(200)).and_then(|decision| decision.answers), Some("hall"));
        arbiter.hear("kitchen", 0.9, ms(1500));
        assert_eq!(arbiter.decide(ms(1700)), Some(Decision { answers: None, yield_: vec!["kitchen"] }));
        arbiter.hear("kitchen", 0.9, ms(2300));
        assert_eq!(arbiter.decide(ms(2500)).and_then(|decision| decision.answers), Some("kitchen"));
    }

    #[test]
    fn of_equals_the_first_answers() {
        let mut arbiter = Arbiter::default();
        arbiter.hear(1, 0.5, ms(0));
        arbiter.hear(2, 0.5, ms(1));
        assert_eq!(arbiter.decide(ms(200)).and_then(|decision| decision.answers), Some(1));
    }
}
