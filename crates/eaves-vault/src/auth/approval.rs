//! Approvals: a signed-in device says that a sign-in elsewhere is the same person. Pure.
//!
//! The new device shows a number; on the other the person picks it out of three. So whoever just says yes to everything
//! lets in a stranger one time in three at most, and a wrong pick ends the stranger's sign-in.

use super::challenges::Challenges;
use eaves_api::app::{ApprovalAsk, Network};
use eaves_domain::{HouseholdId, MemberId, Timestamp};

/// How long one may be answered, in microseconds.
pub const APPROVAL_US: i64 = 120_000_000;

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody answered.
    Waiting,
    /// It is the same person.
    Approved,
    /// It is not.
    Denied,
}

/// One approval.
#[derive(Debug)]
pub struct Approval {
    /// Whose household.
    pub household: HouseholdId,
    /// Which member.
    pub member: MemberId,
    /// What the new device shows.
    pub number: String,
    /// What the other devices show.
    pub numbers: [String; 3],
    /// The new device.
    pub client: String,
    /// Where it is.
    pub network: Network,
    /// When it was asked.
    pub at: Timestamp,
    /// How it stands.
    pub state: State,
}

/// Three different numbers of two digits from random bytes, and which of them is the right one.
pub fn numbers(random: [u8; 8]) -> ([String; 3], usize) {
    let [a, b, c, rest @ ..] = random;
    let first = u32::from(a) % 90;
    // Steps of 1..=44 from one to the next never come around to the first.
    let second = (first + 1 + u32::from(b) % 44) % 90;
    let third = (second + 1 + u32::from(c) % 44) % 90;
    let text = |n: u32| (n + 10).to_string();
    ([text(first), text(second), text(third)], usize::from(rest[0]) % 3)
}

impl Approval {
    /// What the other devices are asked.
    pub fn ask(&self, id: &[u8; 16]) -> ApprovalAsk {
        ApprovalAsk {
            approval: hex::encode(id),
            client: self.client.clone(),
            network: self.network,
            at_us: self.at,
            numbers: self.numbers.to_vec(),
        }
    }
}

/// All approvals; at most one waits per member.
pub struct Approvals(Challenges<Approval>);

impl Default for Approvals {
    fn default() -> Self {
        Self(Challenges::new(APPROVAL_US))
    }
}

impl Approvals {
    /// Asks. Another one that waits for the same member is over; its id comes back. `None` when too many are open.
    pub fn ask(&mut self, id: [u8; 16], approval: Approval) -> Option<Option<[u8; 16]>> {
        let (owner, now) = ((approval.household, approval.member), approval.at);
        let before = self.waiting(owner.0, owner.1, now).next().map(|(id, _)| *id);
        if let Some(before) = before {
            let _ = self.0.take(&before, now);
        }
        self.0.open(id, approval, now).then_some(before)
    }

    /// Those that wait for a member.
    pub fn waiting(
        &self,
        household: HouseholdId,
        member: MemberId,
        now: Timestamp,
    ) -> impl Iterator<Item = (&[u8; 16], &Approval)> {
        self.0.iter(now).filter(move |(_, approval)| {
            (approval.household, approval.member) == (household, member) && approval.state == State::Waiting
        })
    }

    /// A device of the member answers, with the number it picked or with none for "not me". Nothing when there is none
    /// such that waits.
    pub fn answer(
        &mut self,
        id: &[u8],
        household: HouseholdId,
        member: MemberId,
        number: Option<&str>,
        now: Timestamp,
    ) -> Option<State> {
        let approval = self.0.get_mut(id, now)?;
        if (approval.household, approval.member) != (household, member) || approval.state != State::Waiting {
            return None;
        }
        approval.state = if number == Some(&approval.number) { State::Approved } else { State::Denied };
        Some(approval.state)
    }

    /// How one stands; nothing when its time is over.
    pub fn state(&mut self, id: &[u8], now: Timestamp) -> Option<State> {
        self.0.get_mut(id, now).map(|approval| approval.state)
    }

    /// Uses one up.
    pub fn end(&mut self, id: &[u8], now: Timestamp) {
        let _ = self.0.take(id, now);
    }

    /// Forgets what is over.
    pub fn sweep(&mut self, now: Timestamp) {
        self.0.sweep(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOME: HouseholdId = HouseholdId([1; 16]);
    const ALMA: MemberId = MemberId([2; 16]);

    fn approval(member: MemberId, at: i64) -> Approval {
        Approval {
            household: HOME,
            member,
            number: "42".to_owned(),
            numbers: ["17", "42", "58"].map(str::to_owned),
            client: "Firefox on Android".to_owned(),
            network: Network::Elsewhere,
            at: Timestamp(at),
            state: State::Waiting,
        }
    }

    #[test]
    fn the_right_number_approves_once_and_any_other_denies() {
        let mut approvals = Approvals::default();
        for (picked, state) in [(Some("42"), State::Approved), (Some("17"), State::Denied), (None, State::Denied)] {
            approvals.ask([7; 16], approval(ALMA, 0)).unwrap();
            assert_eq!(approvals.answer(&[7; 16], HOME, ALMA, picked, Timestamp(1)), Some(state));
            assert_eq!(approvals.answer(&[7; 16], HOME, ALMA, Some("42"), Timestamp(1)), None, "answered already");
            assert_eq!(approvals.state(&[7; 16], Timestamp(1)), Some(state));
        }
    }

    #[test]
    fn nobody_else_answers_and_nobody_answers_late() {
        let mut approvals = Approvals::default();
        approvals.ask([7; 16], approval(ALMA, 0)).unwrap();
        assert_eq!(approvals.answer(&[7; 16], HOME, MemberId([3; 16]), Some("42"), Timestamp(1)), None);
        assert_eq!(approvals.answer(&[7; 16], HouseholdId([9; 16]), ALMA, Some("42"), Timestamp(1)), None);
        assert_eq!(approvals.answer(&[7; 16], HOME, ALMA, Some("42"), Timestamp(APPROVAL_US + 1)), None);
    }

    #[test]
    fn one_waits_per_member() {
        let mut approvals = Approvals::default();
        assert_eq!(approvals.ask([7; 16], approval(ALMA, 0)), Some(None));
        assert_eq!(approvals.ask([8; 16], approval(ALMA, 1)), Some(Some([7; 16])));
        assert_eq!(approvals.waiting(HOME, ALMA, Timestamp(2)).count(), 1);
        assert_eq!(approvals.state(&[7; 16], Timestamp(2)), None);
    }

    proptest! {
        #[test]
        fn three_numbers_of_two_digits_are_different(random: [u8; 8]) {
            let (numbers, right) = numbers(random);
            prop_assert!(right < 3);
            prop_assert!(numbers.iter().all(|n| n.len() == 2));
            prop_assert!(numbers[0] != numbers[1] && numbers[1] != numbers[2] && numbers[0] != numbers[2]);
        }
    }
}
