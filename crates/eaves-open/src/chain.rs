//! Reading a device's chain: every link that is vouched for, and everything that is wrong with the rest.
//!
//! Nothing stops at the first fault. A stretch that cannot be verified is reported and the next one is read from its
//! own signature, because a household wants what is left.

use crate::{Error, RosterHistory};
use eaves_domain::command::{Action, Command};
use eaves_domain::envelope::{Envelope, PAYLOAD_BYTES_MAX};
use eaves_domain::link::{GapCause, Link, LinkError, LinkKind};
use eaves_domain::retention::Class;
use eaves_domain::{DeviceId, Digest, Timestamp};
use serde::{Deserialize, Serialize};

/// A pause between two links that is longer than this has to be announced as a gap, in microseconds.
pub const PAUSE_US_MAX: i64 = 2_000_000;
/// How far two spans may overlap: the drift of a clock, in microseconds.
pub const OVERLAP_US_MAX: i64 = 500_000;

/// What a vault or an archive says about a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It is there.
    Kept,
    /// It was erased by a signed command.
    Erased,
    /// Its time was over.
    Expired,
}

/// One place of a chain, as a vault or an archive shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChainEntry {
    /// What is said about the recording.
    pub state: State,
    /// The signed link.
    pub link: Envelope,
    /// The signed command that erased it.
    #[serde(default)]
    pub command: Option<Envelope>,
}

impl ChainEntry {
    /// Reads one entry.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > 4 * PAYLOAD_BYTES_MAX {
            return Err(Error::Malformed);
        }
        serde_json::from_slice(bytes).map_err(|_| Error::Malformed)
    }
}

/// A link that is vouched for.
#[derive(Clone, Debug)]
pub struct VerifiedLink {
    /// The link.
    pub link: Link,
    /// Digest of its payload.
    pub digest: Digest,
    /// What is credibly said about the recording.
    pub state: State,
}

/// Something that is wrong with a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The index that the link claims, where it could be read.
    pub index: Option<u64>,
    /// The time that it concerns, as claimed.
    pub span: Option<(Timestamp, Timestamp)>,
    /// What is wrong.
    pub error: Error,
}

/// What a chain proves, and what is wrong with it.
#[derive(Debug, Default)]
pub struct ChainReading {
    /// In order.
    pub links: Vec<VerifiedLink>,
    /// In order.
    pub findings: Vec<Finding>,
}

/// Reads the chain of `device` from entries in order of index. `now` decides what may have expired.
pub fn read_chain(entries: &[ChainEntry], device: DeviceId, history: &RosterHistory, now: Timestamp) -> ChainReading {
    let mut reading = ChainReading::default();
    // What the next link has to name; `None` when the link before could not be verified.
    let mut expected: Option<(u64, Option<Digest>)> = None;
    for entry in entries {
        let claimed = entry.link.peek::<Link>().ok();
        let index = claimed.as_ref().map(|link| link.index);
        let span = claimed.as_ref().map(|link| (link.start_us, link.end_us));
        let mut report = |error| reading.findings.push(Finding { index, span, error });
        let link = match verify_link(&entry.link, device, history) {
            Ok(link) => link,
            Err(error) => {
                report(error);
                expected = None;
                continue;
            }
        };
        let digest = entry.link.payload_digest();
        if let Some((next_index, previous)) = expected {
            if link.index != next_index {
                report(LinkError::WrongIndex.into());
            } else if link.previous != previous {
                report(LinkError::Broken.into());
            } else if let Some(before) = reading.links.last()
                && let Some(error) = unexplained(&before.link, &link)
            {
                report(error);
            }
            if link.index < next_index {
                // An older link in a later place: replayed. The chain goes on where it was.
                continue;
            }
        }
        expected = Some((link.index.saturating_add(1), Some(digest)));
        match check_state(entry, &link, digest, history, now) {
            Ok(()) => reading.links.push(VerifiedLink { link, digest, state: entry.state }),
            Err(error) => report(error),
        }
    }
    reading
}

/// Verifies one link by the hub that the roster of its time names.
pub fn verify_link(envelope: &Envelope, device: DeviceId, history: &RosterHistory) -> Result<Link, Error> {
    let claimed: Link = envelope.peek()?;
    let key = history.hub_key(claimed.hub, claimed.roster).ok_or(Error::WrongHub)?;
    let link: Link = envelope.verify(&[key])?;
    link.check()?;
    if link.device != device {
        return Err(Error::WrongDevice);
    }
    if (link.index == 0) != link.previous.is_none() {
        return Err(LinkError::Inconsistent.into());
    }
    history.check_place(&link)?;
    Ok(link)
}

/// Whether the time between two links is accounted for.
fn unexplained(before: &Link, after: &Link) -> Option<Error> {
    let pause = after.start_us.since_us(before.end_us);
    if pause > PAUSE_US_MAX {
        return Some(Error::UnannouncedPause);
    }
    let is_announced = is_clock_step(before) || is_clock_step(after);
    (pause < -OVERLAP_US_MAX && !is_announced).then_some(Error::Overlap)
}

/// A gap of length zero that says that the hub's clock was moved back: from there on time may repeat itself.
fn is_clock_step(link: &Link) -> bool {
    matches!(link.kind, LinkKind::Gap { cause: GapCause::ClockStepped }) && link.start_us == link.end_us
}

/// Whether a recording may be shown as erased or expired.
fn check_state(
    entry: &ChainEntry,
    link: &Link,
    digest: Digest,
    history: &RosterHistory,
    now: Timestamp,
) -> Result<(), Error> {
    match entry.state {
        State::Kept => Ok(()),
        State::Erased => {
            let is_wished = entry.command.as_ref().is_some_and(|command| erases(command, link, digest, history));
            if is_wished { Ok(()) } else { Err(Error::NotErasedByAnybody) }
        }
        State::Expired => match expiry(link, history) {
            Some(expiry) if now >= expiry => Ok(()),
            Some(_) => Err(Error::NotExpiredYet),
            None => Err(LinkError::Inconsistent.into()),
        },
    }
}

/// Whether `envelope` is the wish, by somebody who might at the time, to erase exactly this recording.
fn erases(envelope: &Envelope, link: &Link, digest: Digest, history: &RosterHistory) -> bool {
    let Ok(claimed) = envelope.peek::<Command>() else { return false };
    let Some(command) = history.versions().find_map(|roster| Command::accept(envelope, roster, claimed.issued_us).ok())
    else {
        return false;
    };
    match command.action {
        Action::Erase { device, targets } => {
            device == link.device && targets.iter().any(|t| Some(t.recording) == link.recording() && t.link == digest)
        }
        Action::Probe { .. }
        | Action::Privacy { .. }
        | Action::Arm { .. }
        | Action::Restart { .. }
        | Action::Stop { .. } => false,
    }
}

/// When a recording's time is over: as signed, or earlier where a later roster shortened the lifetime.
fn expiry(link: &Link, history: &RosterHistory) -> Option<Timestamp> {
    let LinkKind::Recording { class, keep_until_us, .. } = &link.kind else { return None };
    let class: Class = *class;
    history
        .versions()
        .filter(|roster| roster.version >= link.roster)
        .filter_map(|roster| roster.room(link.room))
        .map(|room| room.lifetimes.keep_until(class, link.end_us))
        .chain([*keep_until_us])
        .min()
}

/// Refuses a chain that ends before what a reader remembers, or has another link in its place.
pub fn check_against_mark(reading: &ChainReading, index: u64, digest: Digest) -> Result<(), Error> {
    let seen = reading.links.iter().find(|one| one.link.index == index);
    if seen.is_some_and(|one| one.digest == digest) { Ok(()) } else { Err(Error::RolledBack) }
}
