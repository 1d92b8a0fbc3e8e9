//! The household that the hub obeys: the roster that it was claimed with and every one after it, verified at each start.
//!
//! The rosters on disk are the envelopes as they were signed. A vault that offers a fork, an older roster or somebody
//! else's changes nothing here: the last good roster stays in force, and recording goes on under it.

use crate::claim::PublicIdentity;
use crate::durable::{Disk, replace};
use crate::error::Error;
use eaves_domain::Digest;
use eaves_domain::envelope::Envelope;
use eaves_domain::roster::{Roster, RosterError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The roster in force.
#[derive(Clone, Debug)]
pub struct InForce {
    /// The roster.
    pub roster: Arc<Roster>,
    /// The digest of its payload.
    pub digest: Digest,
}

/// The chain of rosters on disk.
pub struct Household {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    in_force: Option<InForce>,
}

impl Household {
    /// Reads and verifies the chain in `dir`.
    pub fn load(disk: Arc<dyn Disk>, dir: PathBuf, own: &PublicIdentity) -> Result<Self, Error> {
        let mut versions: Vec<u64> = disk
            .list(&dir)?
            .iter()
            .filter_map(|name| name.strip_suffix(".json").and_then(|version| version.parse().ok()))
            .collect();
        versions.sort_unstable();
        let mut in_force: Option<InForce> = None;
        for version in versions {
            let bytes = disk.read(&roster_path(&dir, version))?;
            let envelope: Envelope = serde_json::from_slice(&bytes).map_err(|_| Error::RostersDamaged)?;
            let roster = match &in_force {
                // A second hub was pinned to a later version; the code vouched for it when it was taken.
                None => Roster::accept_vouched(&envelope).ok().filter(|first| own.is_in(first)),
                Some(last) => last.roster.accept_next(last.digest, &envelope).ok(),
            };
            let roster = roster.filter(|r| r.version == version).ok_or(Error::RostersDamaged)?;
            in_force = Some(InForce { roster: Arc::new(roster), digest: envelope.payload_digest() });
        }
        Ok(Self { disk, dir, in_force })
    }

    /// The roster in force; `None` before the claim.
    pub fn in_force(&self) -> Option<&InForce> {
        self.in_force.as_ref()
    }

    /// Pins the roster that the claim has accepted. Durable on success.
    pub fn pin(&mut self, envelope: &Envelope, roster: Roster) -> Result<InForce, Error> {
        self.disk.create_dir(&self.dir)?;
        self.keep(envelope, roster)
    }

    /// Judges the roster after the one in force.
    pub fn judge(&self, envelope: &Envelope) -> Result<Roster, RosterError> {
        let last = self.in_force.as_ref().ok_or(RosterError::WrongHousehold)?;
        last.roster.accept_next(last.digest, envelope)
    }

    /// Puts a roster into force that [`Household::judge`] has accepted. Durable on success; after an error the one before
    /// is in force.
    pub fn keep(&mut self, envelope: &Envelope, roster: Roster) -> Result<InForce, Error> {
        let json = serde_json::to_vec(envelope).expect("string keys only");
        replace(&*self.disk, &roster_path(&self.dir, roster.version), &json)?;
        let in_force = InForce { roster: Arc::new(roster), digest: envelope.payload_digest() };
        self.in_force = Some(in_force.clone());
        Ok(in_force)
    }
}

fn roster_path(dir: &Path, version: u64) -> PathBuf {
    dir.join(format!("{version:010}.json"))
}

#[cfg(test)]
pub(crate) mod example;

#[cfg(test)]
mod tests {
    use super::example::Home;
    use super::*;
    use crate::durable::faulty::{Fault, FaultyDisk};

    const DIR: &str = "/hub/roster";

    fn claimed(home: &Home, disk: &FaultyDisk) -> Household {
        let mut household = load(home, disk).unwrap();
        household.pin(&home.sign(&home.roster()), home.roster()).unwrap();
        household
    }

    fn load(home: &Home, disk: &FaultyDisk) -> Result<Household, Error> {
        Household::load(Arc::new(disk.clone()), DIR.into(), &home.own())
    }

    fn follow(household: &mut Household, envelope: &Envelope) -> Result<(), RosterError> {
        let roster = household.judge(envelope)?;
        household.keep(envelope, roster).unwrap();
        Ok(())
    }

    #[test]
    fn chain_is_followed_step_by_step_and_found_again() {
        let (home, disk) = (Home::new(), FaultyDisk::default());
        let mut household = claimed(&home, &disk);
        for version in 2..5 {
            let next = home.next(&household, |r| r.epoch = version);
            follow(&mut household, &next).unwrap();
        }
        disk.power_cut(|n| n - 1);
        let again = load(&home, &disk).unwrap();
        assert_eq!(again.in_force().unwrap().digest, household.in_force().unwrap().digest);
        assert_eq!(again.in_force().unwrap().roster.version, 4);
    }

    #[test]
    fn fork_rollback_and_stranger_leave_the_last_good_roster_in_force() {
        let (home, disk) = (Home::new(), FaultyDisk::default());
        let mut household = claimed(&home, &disk);
        let second = home.next(&household, |r| r.epoch = 2);
        let fork = home.next(&household, |r| r.epoch = 3);
        follow(&mut household, &second).unwrap();
        let third = home.next(&household, |r| r.epoch = 4);
        let before = household.in_force().unwrap().digest;
        let stranger = Home::with_seed(77);

        assert_eq!(follow(&mut household, &second), Err(RosterError::WrongVersion), "replayed");
        assert_eq!(follow(&mut household, &fork), Err(RosterError::WrongVersion), "another second one");
        let mut forked: Roster = third.peek().unwrap();
        forked.previous = Some(fork.payload_digest());
        assert_eq!(follow(&mut household, &home.sign(&forked)), Err(RosterError::Forked));
        let refused = follow(&mut household, &stranger.sign(&third.peek().unwrap()));
        assert!(matches!(refused, Err(RosterError::Envelope(_))), "signed by somebody else: {refused:?}");
        let mut foreign: Roster = third.peek().unwrap();
        foreign.household = eaves_domain::HouseholdId([9; 16]);
        assert_eq!(follow(&mut household, &home.sign(&foreign)), Err(RosterError::WrongHousehold));

        assert_eq!(household.in_force().unwrap().digest, before);
        assert_eq!(load(&home, &disk).unwrap().in_force().unwrap().digest, before);
    }

    #[test]
    fn tampered_chain_on_disk_is_not_used() {
        let (home, disk) = (Home::new(), FaultyDisk::default());
        let mut household = claimed(&home, &disk);
        let second = home.next(&household, |r| r.epoch = 2);
        follow(&mut household, &second).unwrap();
        let stranger = Home::with_seed(77).sign(&second.peek().unwrap());
        replace(&disk, &roster_path(Path::new(DIR), 2), &serde_json::to_vec(&stranger).unwrap()).unwrap();
        assert!(matches!(load(&home, &disk), Err(Error::RostersDamaged)));
        Disk::remove(&disk, &roster_path(Path::new(DIR), 1)).unwrap();
        assert!(matches!(load(&home, &disk), Err(Error::RostersDamaged)), "without its first, no chain");
    }

    #[test]
    fn hub_that_joined_later_follows_from_where_it_was_pinned_and_finds_that_again() {
        let (home, disk) = (Home::new(), FaultyDisk::default());
        let mut household = load(&home, &disk).unwrap();
        let mut seventh = home.roster();
        (seventh.version, seventh.previous) = (7, Some(Digest::of(b"the sixth")));
        household.pin(&home.sign(&seventh), seventh).unwrap();
        assert_eq!(follow(&mut household, &home.sign(&home.roster())), Err(RosterError::WrongVersion), "rolled back");
        let eighth = home.next(&household, |r| r.epoch = 2);
        follow(&mut household, &eighth).unwrap();
        assert_eq!(load(&home, &disk).unwrap().in_force().unwrap().roster.version, 8);
    }

    #[test]
    fn roster_that_puts_somebody_out_and_keeps_their_key_is_not_followed() {
        let (home, disk) = (Home::new(), FaultyDisk::default());
        let mut household = claimed(&home, &disk);
        let out = |r: &mut Roster| {
            r.members.pop();
            r.rooms[0].audience.pop();
            (r.epoch, r.recipient) = (2, "age1pq1household2".into());
        };
        let stale = home.next(&household, out);
        assert_eq!(follow(&mut household, &stale), Err(RosterError::StaleKeys));
        let renewed = home.next(&household, |r| {
            out(r);
            (r.rooms[0].epoch, r.rooms[0].recipient) = (2, "age1pq1room2".into());
        });
        follow(&mut household, &renewed).unwrap();
    }

    #[test]
    fn roster_that_could_not_be_kept_is_not_in_force() {
        let (home, disk) = (Home::new(), FaultyDisk::default());
        let mut household = claimed(&home, &disk);
        let before = household.in_force().unwrap().digest;
        let second = home.next(&household, |r| r.epoch = 2);
        let roster = household.judge(&second).unwrap();
        disk.inject(disk.steps() + 1, Fault::FailsUndone);
        assert!(household.keep(&second, roster.clone()).is_err());
        assert_eq!(household.in_force().unwrap().digest, before);
        household.keep(&second, roster).unwrap();
    }
}
