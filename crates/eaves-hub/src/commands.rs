//! Which commands the hub obeys: signed by a member who may, in time, and never twice.
//!
//! The nonces of obeyed commands are durable before anything is done, so that neither a replay nor a power cut makes the
//! home act twice.

use crate::durable::{Disk, read_if_there, replace};
use crate::error::Error;
use eaves_domain::command::{Command, CommandError};
use eaves_domain::envelope::Envelope;
use eaves_domain::roster::Roster;
use eaves_domain::{CommandId, Timestamp};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// How long a nonce is remembered: far longer than a command is good for, so that a clock that is moved back by hours
/// does not make an old command new.
const REMEMBERED_US: i64 = 7 * 86_400_000_000;
/// The most nonces that are remembered.
const REMEMBERED_MAX: usize = 20_000;

/// Why a command was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not signed by somebody who may, malformed, or out of time.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// It was obeyed before.
    #[error("the command was obeyed before")]
    Replayed,
    /// The nonce could not be made durable, so nothing is done.
    #[error("the command could not be noted down")]
    NotNoted,
}

impl Refusal {
    /// The reason as the vault and the app know it.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Command(CommandError::OutOfTime) => "out-of-time",
            Self::Command(_) => "not-allowed",
            Self::Replayed => "replayed",
            Self::NotNoted => "failed",
        }
    }
}

/// The gate that every command passes.
pub struct Commands {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    seen: BTreeMap<CommandId, Timestamp>,
}

impl Commands {
    /// Reads the nonces at `path`.
    pub fn load(disk: Arc<dyn Disk>, path: PathBuf) -> Result<Self, Error> {
        let seen = match read_if_there(&*disk, &path)? {
            None => BTreeMap::new(),
            Some(bytes) => serde_json::from_slice::<Vec<(CommandId, Timestamp)>>(&bytes)
                .map_err(|_| std::io::Error::new(std::io::ErrorKind::InvalidData, "the nonces are damaged"))?
                .into_iter()
                .collect(),
        };
        Ok(Self { disk, path, seen })
    }

    /// Lets a command pass once. On success its nonce is durable.
    pub fn admit(&mut self, envelope: &Envelope, roster: &Roster, now: Timestamp) -> Result<Command, Refusal> {
        let command = Command::accept(envelope, roster, now)?;
        if self.seen.contains_key(&command.command) {
            return Err(Refusal::Replayed);
        }
        let mut seen = self.seen.clone();
        seen.retain(|_, issued| now.since_us(*issued) <= REMEMBERED_US);
        while seen.len() >= REMEMBERED_MAX
            && let Some((oldest, _)) = seen.iter().min_by_key(|(_, issued)| **issued).map(|(id, at)| (*id, *at))
        {
            seen.remove(&oldest);
        }
        seen.insert(command.command, command.issued_us);
        let list: Vec<_> = seen.iter().collect();
        let json = serde_json::to_vec(&list).expect("a list of texts and numbers");
        // In memory in any case: a write that failed may have been done.
        self.seen = seen;
        replace(&*self.disk, &self.path, &json).map_err(|_| Refusal::NotNoted)?;
        Ok(command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::durable::faulty::{Fault, FaultyDisk};
    use crate::household::example::{ADULT, CAMERA, Home, OWNER};
    use eaves_domain::command::{Action, COMMAND_WINDOW_US, EraseTarget};
    use eaves_domain::roster::Role;
    use eaves_domain::{Digest, HouseholdId, HubId, MemberId, RecordingId};
    use ed25519_dalek::SigningKey;

    const NOW: Timestamp = Timestamp(1_700_000_000_000_000);

    fn erase(member: MemberId, id: u8) -> Command {
        let targets = vec![EraseTarget { recording: RecordingId([1; 16]), link: Digest([2; 32]) }];
        Command {
            household: HouseholdId([1; 16]),
            command: CommandId([id; 16]),
            issued_us: NOW,
            member,
            action: Action::Erase { device: CAMERA, targets },
        }
    }

    fn probe(member: MemberId, hub: HubId, reply_to: &str) -> Command {
        let action = Action::Probe { hub, request: vec![1].into(), reply_to: reply_to.into() };
        Command { action, ..erase(member, 9) }
    }

    fn load(disk: &FaultyDisk) -> Commands {
        disk.create_dir(std::path::Path::new("/hub")).unwrap();
        Commands::load(Arc::new(disk.clone()), "/hub/commands.json".into()).unwrap()
    }

    fn judge(command: &Command, key: &SigningKey, now: Timestamp) -> Result<(), Refusal> {
        let disk = FaultyDisk::default();
        load(&disk).admit(&Envelope::sign(command, key), &Home::new().roster(), now).map(drop)
    }

    #[test]
    fn members_who_may_are_obeyed() {
        let home = Home::new();
        assert_eq!(judge(&erase(OWNER, 1), &home.owner, NOW), Ok(()));
        assert_eq!(judge(&erase(ADULT, 1), &home.adult, NOW), Ok(()));
        assert_eq!(judge(&probe(OWNER, home.own().hub, "age1pq1owner"), &home.owner, NOW), Ok(()));
    }

    #[test]
    fn everybody_else_is_refused() {
        let home = Home::new();
        let not_allowed = Err(Refusal::Command(CommandError::NotAllowed));
        assert_eq!(judge(&probe(ADULT, home.own().hub, "age1pq1adult"), &home.adult, NOW), not_allowed);
        assert_eq!(judge(&probe(OWNER, HubId([8; 16]), "age1pq1owner"), &home.owner, NOW), not_allowed);
        assert_eq!(
            judge(&probe(OWNER, home.own().hub, "age1pq1somebodyelse"), &home.owner, NOW),
            not_allowed,
            "an answer goes to the asking member only"
        );
        let forged = judge(&erase(OWNER, 1), &home.adult, NOW);
        assert!(matches!(forged, Err(Refusal::Command(CommandError::Envelope(_)))), "signed by another member");
        let vault = judge(&erase(OWNER, 1), &home.hub, NOW);
        assert!(matches!(vault, Err(Refusal::Command(CommandError::Envelope(_)))));
        let mut guest = home.roster();
        guest.members[1].role = Role::Guest;
        let refused = load(&FaultyDisk::default()).admit(&Envelope::sign(&erase(ADULT, 1), &home.adult), &guest, NOW);
        assert_eq!(refused.map(drop), not_allowed);
        let mut elsewhere = erase(OWNER, 1);
        elsewhere.household = HouseholdId([9; 16]);
        assert_eq!(judge(&elsewhere, &home.owner, NOW), Err(Refusal::Command(CommandError::WrongHousehold)));
    }

    #[test]
    fn command_out_of_time_is_refused() {
        let home = Home::new();
        for off in [COMMAND_WINDOW_US + 1, -COMMAND_WINDOW_US - 1] {
            assert_eq!(
                judge(&erase(OWNER, 1), &home.owner, NOW.plus_us(off)),
                Err(Refusal::Command(CommandError::OutOfTime))
            );
        }
    }

    #[test]
    fn command_is_obeyed_once_also_after_a_power_cut() {
        let home = Home::new();
        let disk = FaultyDisk::default();
        let envelope = Envelope::sign(&erase(OWNER, 1), &home.owner);
        let mut commands = load(&disk);
        commands.admit(&envelope, &home.roster(), NOW).unwrap();
        assert_eq!(commands.admit(&envelope, &home.roster(), NOW).map(drop), Err(Refusal::Replayed));
        disk.power_cut(|n| n - 1);
        assert_eq!(load(&disk).admit(&envelope, &home.roster(), NOW).map(drop), Err(Refusal::Replayed));
        assert!(load(&disk).admit(&Envelope::sign(&erase(OWNER, 2), &home.owner), &home.roster(), NOW).is_ok());
    }

    #[test]
    fn command_that_cannot_be_noted_is_not_obeyed() {
        let home = Home::new();
        let disk = FaultyDisk::default();
        let mut commands = load(&disk);
        disk.inject(disk.steps() + 1, Fault::FailsUndone);
        let envelope = Envelope::sign(&erase(OWNER, 1), &home.owner);
        assert_eq!(commands.admit(&envelope, &home.roster(), NOW).map(drop), Err(Refusal::NotNoted));
    }
}
