//! Who was trusted when: the verified chain of rosters.

use crate::{Error, Identity};
use eaves_domain::envelope::{Envelope, PublicKey};
use eaves_domain::link::Link;
use eaves_domain::roster::Roster;
use eaves_domain::{Digest, HubId, ScopeId};
use ed25519_dalek::SigningKey;

/// Every version of a household's roster, each verified by the one before.
#[derive(Debug)]
pub struct RosterHistory {
    versions: Vec<(Roster, Digest)>,
}

impl RosterHistory {
    /// Verifies a chain from its first version. `pinned` is the key of an owner that is known from elsewhere; without
    /// it the first roster vouches for itself alone, and the caller has to say so.
    pub fn accept(envelopes: &[Envelope], pinned: Option<PublicKey>) -> Result<Self, Error> {
        let (first, later) = envelopes.split_first().ok_or(Error::Unreadable)?;
        let mut versions = vec![(Roster::accept_first(first, pinned)?, first.payload_digest())];
        for envelope in later {
            let (last, digest) = versions.last().ok_or(Error::Unreadable)?;
            let next = last.accept_next(*digest, envelope)?;
            versions.push((next, envelope.payload_digest()));
        }
        Ok(Self { versions })
    }

    /// The newest version.
    pub fn current(&self) -> &Roster {
        let (roster, _) = self.versions.last().expect("a history has at least its first version");
        roster
    }

    /// All versions, oldest first.
    pub fn versions(&self) -> impl DoubleEndedIterator<Item = &Roster> {
        self.versions.iter().map(|(roster, _)| roster)
    }

    /// Refuses a history that does not contain what a reader remembers.
    pub fn check_not_rolled_back(&self, version: u64, digest: Digest) -> Result<(), Error> {
        let seen = self.versions.iter().find(|(roster, _)| roster.version == version);
        if seen.is_some_and(|(_, found)| *found == digest) { Ok(()) } else { Err(Error::RolledBack) }
    }

    /// Whether some version names the holder of these keys as a member, so that the history is theirs.
    pub fn names(&self, identity: &Identity, signing_key: &SigningKey) -> bool {
        let signing_key = PublicKey::of(signing_key);
        self.versions()
            .flat_map(|roster| &roster.members)
            .any(|m| m.recipient == identity.recipient() && m.signing_key == signing_key)
    }

    /// The key of `hub` in `version`.
    pub fn hub_key(&self, hub: HubId, version: u64) -> Option<PublicKey> {
        let roster = self.versions().find(|roster| roster.version == version)?;
        roster.hub(hub).map(|hub| hub.signing_key)
    }

    /// The recipient that some version names for `scope` at `epoch`; the newest such version counts.
    pub fn recipient(&self, scope: ScopeId, epoch: u32) -> Option<&str> {
        self.versions().rev().find_map(|roster| {
            if ScopeId::from(roster.household) == scope && roster.epoch == epoch {
                return Some(roster.recipient.as_str());
            }
            let room = roster.rooms.iter().find(|room| ScopeId::from(room.room) == scope && room.epoch == epoch)?;
            Some(room.recipient.as_str())
        })
    }

    /// Whether household, hub, room and epoch of a link are those that the roster named by the link gives its device.
    /// What was removed from the roster may still end its chain: then the last version that had it counts.
    pub fn check_place(&self, link: &Link) -> Result<(), Error> {
        let until_then = || self.versions().rev().filter(|roster| roster.version <= link.roster);
        if self.current().household != link.household {
            return Err(Error::WrongHousehold);
        }
        let device = until_then().find_map(|roster| roster.device(link.device)).ok_or(Error::WrongDevice)?;
        if device.hub != link.hub {
            return Err(Error::WrongDevice);
        }
        let room = until_then().find_map(|roster| roster.room(link.room)).ok_or(Error::WrongRoom)?;
        if device.room == link.room && room.epoch == link.epoch { Ok(()) } else { Err(Error::WrongRoom) }
    }
}
