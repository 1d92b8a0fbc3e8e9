//! An archive folder: what a household takes with it, opened with a recovery kit and nothing else.
//! `docs/spec/archive.md`.

use crate::{
    ChainEntry, ChainReading, Ending, Error, Finding, Identity, KitSecret, MemberSecret, RosterHistory, State,
    VerifiedLink, WrappedSecret, header_bytes, open_key_wrap, open_name, open_vouched, read_chain,
};
use eaves_domain::envelope::{Envelope, PublicKey};
use eaves_domain::link::{LinkKind, PartKind};
use eaves_domain::roster::KeyWrap;
use eaves_domain::{Base64Url, DeviceId, HouseholdId, MemberId, ScopeId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// The bytes under an archive. Paths are relative, with `/`.
pub trait Files {
    /// A whole file, or `None` when it is missing or could not be read.
    fn read(&self, path: &str) -> Option<Vec<u8>>;
    /// The names in a folder, sorted; none when it is missing.
    fn list(&self, folder: &str) -> Vec<String>;
}

/// `eaves-archive.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manifest {
    /// 1.
    pub format: u32,
    /// Whose archive.
    pub household: HouseholdId,
    /// When it was written.
    pub exported_us: Timestamp,
}

impl Manifest {
    /// Reads the manifest; formats that this reader does not know are refused.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let manifest: Self = serde_json::from_slice(bytes).map_err(|_| Error::Malformed)?;
        if manifest.format == 1 { Ok(manifest) } else { Err(Error::Malformed) }
    }
}

/// Something of an archive that could not be used.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Path of the file.
    pub path: String,
    /// Why.
    pub error: Error,
}

/// How the first roster is known to be the household's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The kit's own member signed it.
    OwnKey,
    /// Somebody else did, and a later version of the same chain names the kit's member with their keys.
    NamedLater,
}

/// An archive, opened for one member.
pub struct Archive<F> {
    files: F,
    manifest: Manifest,
    member: MemberId,
    anchor: Anchor,
    history: RosterHistory,
    identities: BTreeMap<(ScopeId, u32), Identity>,
    problems: Vec<Problem>,
}

impl<F> std::fmt::Debug for Archive<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Archive({:?})", self.manifest)
    }
}

impl<F: Files> Archive<F> {
    /// Opens an archive with a recovery kit.
    pub fn open(files: F, kit: &KitSecret) -> Result<Self, Error> {
        let manifest = Manifest::parse(&files.read("eaves-archive.json").ok_or(Error::Unreadable)?)?;
        let (member, secret) = find_member(&files, manifest.household, kit)?;
        let identity = secret.identity();
        let (history, anchor) = read_rosters(&files, &secret, &identity)?;
        if history.current().household != manifest.household {
            return Err(Error::WrongHousehold);
        }
        let mut archive =
            Self { files, manifest, member, anchor, history, identities: BTreeMap::new(), problems: Vec::new() };
        archive.read_keys(&identity);
        Ok(archive)
    }

    fn read_keys(&mut self, identity: &Identity) {
        for name in self.files.list("keys") {
            let path = format!("keys/{name}");
            let Some((scope, epoch, member)) = parse_key_name(&name) else {
                self.problems.push(Problem { path, error: Error::Malformed });
                continue;
            };
            if member != self.member {
                continue;
            }
            let opened = self.files.read(&path).ok_or(Error::Unreadable).and_then(|wrapped| {
                let wrap = KeyWrap { scope, epoch, member, wrapped: Base64Url(wrapped) };
                // An identity that no roster of the history names opens nothing that a link vouches for.
                let expected = self.history.recipient(scope, epoch).ok_or(Error::WrongRecipient)?;
                open_key_wrap(&wrap, self.manifest.household, member, identity, Some(expected))
            });
            match opened {
                Ok(shared) => drop(self.identities.insert((scope, epoch), shared)),
                Err(error) => self.problems.push(Problem { path, error }),
            }
        }
    }

    /// When the archive was written, by its own word.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// How the first roster is known to be the household's own.
    pub fn anchor(&self) -> Anchor {
        self.anchor
    }

    /// The verified rosters.
    pub fn history(&self) -> &RosterHistory {
        &self.history
    }

    /// What could not be used when the archive was opened.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The shared identities that the member holds: scope, epoch, identity.
    pub fn identities(&self) -> impl Iterator<Item = (ScopeId, u32, &Identity)> {
        self.identities.iter().map(|((scope, epoch), identity)| (*scope, *epoch, identity))
    }

    /// The name of a device, when the household identity is at hand.
    pub fn device_name(&self, device: DeviceId) -> Option<String> {
        let household = ScopeId::from(self.manifest.household);
        self.history.versions().rev().find_map(|roster| {
            let label = &roster.device(device)?.label;
            self.identities.get(&(household, roster.epoch)).and_then(|identity| open_name(&label.0, identity).ok())
        })
    }

    /// The devices that have a folder.
    pub fn devices(&self) -> Vec<DeviceId> {
        self.files.list("devices").iter().filter_map(|name| DeviceId::from_hex(name)).collect()
    }

    /// Devices that some roster names and that have no folder at all.
    pub fn missing_devices(&self) -> Vec<DeviceId> {
        let present = self.devices();
        let mut missing: Vec<_> = self.history.versions().flat_map(|r| &r.devices).map(|d| d.device).collect();
        missing.sort_unstable();
        missing.dedup();
        missing.retain(|device| !present.contains(device));
        missing
    }

    /// Reads a device's chain.
    pub fn chain(&self, device: DeviceId, now: Timestamp) -> ChainReading {
        let folder = format!("devices/{device}");
        let mut entries = Vec::new();
        let mut unreadable = Vec::new();
        for name in self.files.list(&folder) {
            let Some(index) = name.strip_suffix(".json") else { continue };
            let entry = self.files.read(&format!("{folder}/{name}")).ok_or(Error::Unreadable);
            match entry.and_then(|bytes| ChainEntry::parse(&bytes)) {
                Ok(entry) => entries.push(entry),
                Err(error) => unreadable.push(Finding { index: index.parse().ok(), span: None, error }),
            }
        }
        let mut reading = read_chain(&entries, device, &self.history, now);
        reading.findings.extend(unreadable);
        reading
    }

    /// Opens one part of a kept recording. `Ok(None)` when the link does not name such a part.
    pub fn part(&self, verified: &VerifiedLink, kind: PartKind) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let link = &verified.link;
        let LinkKind::Recording { parts, cut, .. } = &link.kind else { return Ok(None) };
        let Some(part) = parts.iter().find(|part| part.part == kind) else { return Ok(None) };
        if verified.state != State::Kept {
            return Ok(None);
        }
        let file = self.files.read(&self.part_path(verified, kind)).ok_or(Error::Unreadable)?;
        let (header, body) =
            header_bytes(&file).and_then(|bytes| file.split_at_checked(bytes)).ok_or(Error::Malformed)?;
        let identity = self.identities.get(&(link.room.into(), link.epoch)).ok_or(Error::NoKey)?;
        let ending = if *cut { Ending::MayBeCut } else { Ending::Whole };
        open_vouched(part, header, body, identity, ending).map(Some)
    }

    /// Where a part lies.
    pub fn part_path(&self, verified: &VerifiedLink, kind: PartKind) -> String {
        format!("devices/{}/{:010}.{}.age", verified.link.device, verified.link.index, kind.as_str())
    }
}

/// The member whose way in opens with this kit.
fn find_member(files: &impl Files, household: HouseholdId, kit: &KitSecret) -> Result<(MemberId, MemberSecret), Error> {
    let key = kit.wrapping_key();
    for name in files.list("ways") {
        let Some(member) = name.strip_suffix("-kit.json").and_then(MemberId::from_hex) else { continue };
        let Some(bytes) = files.read(&format!("ways/{name}")) else { continue };
        let Ok(wrapped) = serde_json::from_slice::<WrappedSecret>(&bytes) else { continue };
        if let Ok(secret) = wrapped.open(household, member, &key) {
            return Ok((member, secret));
        }
    }
    Err(Error::DoesNotOpen)
}

/// The roster chain, anchored in the member's own keys.
fn read_rosters(
    files: &impl Files,
    secret: &MemberSecret,
    identity: &Identity,
) -> Result<(RosterHistory, Anchor), Error> {
    let mut envelopes = Vec::new();
    for name in files.list("roster") {
        let bytes = files.read(&format!("roster/{name}")).ok_or(Error::Unreadable)?;
        envelopes.push(serde_json::from_slice::<Envelope>(&bytes).map_err(|_| Error::Malformed)?);
    }
    let signing_key = secret.signing_key();
    if let Ok(history) = RosterHistory::accept(&envelopes, Some(PublicKey::of(&signing_key))) {
        return Ok((history, Anchor::OwnKey));
    }
    let history = RosterHistory::accept(&envelopes, None)?;
    if history.names(identity, &signing_key) { Ok((history, Anchor::NamedLater)) } else { Err(Error::NotOurRoster) }
}

/// `<scope>-<epoch>-<member>.age`.
fn parse_key_name(name: &str) -> Option<(ScopeId, u32, MemberId)> {
    let mut fields = name.strip_suffix(".age")?.split('-');
    let scope = ScopeId::from_hex(fields.next()?)?;
    let epoch = fields.next()?.parse().ok()?;
    let member = MemberId::from_hex(fields.next()?)?;
    fields.next().is_none().then_some((scope, epoch, member))
}
