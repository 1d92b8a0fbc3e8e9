//! What was asked and not answered yet: in memory only, bounded, and for a limited time. A restart forgets all of it, and
//! the person starts again.

use eaves_domain::Timestamp;
use std::collections::HashMap;

/// So many may be open at once, of each kind.
pub const CHALLENGES_MAX: usize = 4_096;

/// Open questions of one kind.
pub struct Challenges<T> {
    open: HashMap<[u8; 16], (Timestamp, T)>,
    lasts_us: i64,
}

impl<T> Challenges<T> {
    /// None yet; each will be good for `lasts_us`.
    pub fn new(lasts_us: i64) -> Self {
        Self { open: HashMap::new(), lasts_us }
    }

    fn is_open(&self, started: Timestamp, now: Timestamp) -> bool {
        (0..=self.lasts_us).contains(&now.since_us(started))
    }

    /// Forgets what is over.
    pub fn sweep(&mut self, now: Timestamp) {
        let lasts_us = self.lasts_us;
        self.open.retain(|_, (started, _)| (0..=lasts_us).contains(&now.since_us(*started)));
    }

    /// Opens one; false when too many are open.
    pub fn open(&mut self, id: [u8; 16], question: T, now: Timestamp) -> bool {
        if self.open.len() >= CHALLENGES_MAX {
            self.sweep(now);
        }
        if self.open.len() >= CHALLENGES_MAX {
            return false;
        }
        self.open.insert(id, (now, question));
        true
    }

    /// Takes one out: it is used up, whatever comes of it.
    pub fn take(&mut self, id: &[u8], now: Timestamp) -> Option<T> {
        let (started, question) = self.open.remove(&<[u8; 16]>::try_from(id).ok()?)?;
        self.is_open(started, now).then_some(question)
    }

    /// Looks at one.
    pub fn get_mut(&mut self, id: &[u8], now: Timestamp) -> Option<&mut T> {
        let id = <[u8; 16]>::try_from(id).ok()?;
        let started = self.open.get(&id)?.0;
        if !self.is_open(started, now) {
            self.open.remove(&id);
            return None;
        }
        self.open.get_mut(&id).map(|(_, question)| question)
    }

    /// All that are open.
    pub fn iter(&self, now: Timestamp) -> impl Iterator<Item = (&[u8; 16], &T)> {
        let open = self.open.iter().filter(move |(_, (started, _))| self.is_open(*started, now));
        open.map(|(id, (_, question))| (id, question))
    }

    /// Keeps only those of which `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.open.retain(|_, (_, question)| keep(question));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_good_once_and_for_its_time() {
        let mut open = Challenges::new(10);
        assert!(open.open([1; 16], 'a', Timestamp(0)));
        assert_eq!(open.get_mut(&[1; 16], Timestamp(10)), Some(&mut 'a'));
        assert_eq!(open.take(&[1; 16], Timestamp(10)), Some('a'));
        assert_eq!(open.take(&[1; 16], Timestamp(10)), None, "used up");
        assert!(open.open([1; 16], 'a', Timestamp(0)));
        assert_eq!(open.take(&[1; 16], Timestamp(11)), None, "too late");
        assert_eq!(open.take(&[1; 15], Timestamp(0)), None, "no id");
    }

    #[test]
    fn memory_is_bounded_and_comes_back() {
        let mut open = Challenges::new(10);
        for i in 0..CHALLENGES_MAX {
            let mut id = [0; 16];
            id[..8].copy_from_slice(&(i as u64).to_be_bytes());
            assert!(open.open(id, (), Timestamp(0)));
        }
        assert!(!open.open([9; 16], (), Timestamp(5)));
        assert!(open.open([9; 16], (), Timestamp(11)));
    }
}
