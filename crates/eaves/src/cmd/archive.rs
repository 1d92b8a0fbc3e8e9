//! `eaves archive`: everything of a household as a folder that opens without a server. `docs/spec/archive.md`.
//!
//! The folder is as sealed as the vault is: nothing here opens anything.

use super::{roles_vault, show};
use crate::config::File;
use crate::{clock, lock};
use anyhow::{Context as _, bail};
use eaves_api::app::Way;
use eaves_domain::envelope::Envelope;
use eaves_domain::link::{Link, LinkKind, PartKind};
use eaves_domain::roster::Roster;
use eaves_domain::{Base64Url, DeviceId, HouseholdId, MemberId, RecordingId};
use eaves_vault::store::{LinkRow, Store};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tokio::io::AsyncWriteExt as _;

/// Links that are fetched at once.
const STRETCH: u32 = 1_000;

/// What `eaves archive` takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where everything is kept [default: data]
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// A new folder for the archive
    #[arg(long)]
    out: PathBuf,
    /// Which household, where there are several
    #[arg(long)]
    household: Option<HouseholdId>,
}

pub(crate) async fn run(args: Args, file: &File) -> anyhow::Result<ExitCode> {
    let data_dir = file.data_dir(args.data_dir);
    let _lock = lock::take(&data_dir, "vault")?;
    let store = Store::open(roles_vault::store_config(&data_dir, file)).await?;
    let household = match (args.household, store.households().await?.as_slice()) {
        (Some(named), known) if known.contains(&named) => named,
        (None, [only]) => *only,
        (Some(_), _) => bail!("there is no such household here"),
        (None, []) => bail!("there is no household here yet"),
        (None, _) => bail!("there are several households here; name one with --household"),
    };
    let archive = Archive { store, household, out: args.out };
    let recordings = archive.write().await?;
    archive.store.close().await;
    show::line(&format!("{recordings} recordings. They open with a recovery kit and eaves-open, without a server."));
    Ok(ExitCode::SUCCESS)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    format: u32,
    household: HouseholdId,
    exported_us: eaves_domain::Timestamp,
}

#[derive(Serialize)]
struct Entry<'a> {
    state: &'a str,
    link: &'a Envelope,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<&'a Envelope>,
}

struct Archive {
    store: Store,
    household: HouseholdId,
    out: PathBuf,
}

impl Archive {
    async fn write(&self) -> anyhow::Result<u64> {
        std::fs::create_dir_all(&self.out).context("could not make the folder")?;
        if std::fs::read_dir(&self.out)?.next().is_some() {
            bail!("the folder is not empty; an archive goes into a new one");
        }
        let (members, devices) = self.rosters().await?;
        for member in members {
            self.ways_and_keys(member).await?;
        }
        let mut recordings = 0;
        for device in devices {
            recordings += self.chain(device).await?;
        }
        // The manifest comes last: a folder with one is complete.
        let manifest = Manifest { format: 1, household: self.household, exported_us: clock::now() };
        self.json("eaves-archive.json", &manifest)?;
        Ok(recordings)
    }

    /// Everybody and everything that was ever in a roster.
    async fn rosters(&self) -> anyhow::Result<(BTreeSet<MemberId>, BTreeSet<DeviceId>)> {
        let (mut members, mut devices) = (BTreeSet::new(), BTreeSet::new());
        for envelope in self.store.rosters(self.household, 1).await? {
            let roster: Roster = envelope.peek().context("a stored roster is malformed")?;
            self.json(&format!("roster/{:06}.json", roster.version), &envelope)?;
            members.extend(roster.members.iter().map(|member| member.member));
            devices.extend(roster.devices.iter().map(|device| device.device));
        }
        Ok((members, devices))
    }

    async fn ways_and_keys(&self, member: MemberId) -> anyhow::Result<()> {
        for wrap in self.store.key_wraps(self.household, member).await? {
            let name = format!("keys/{}-{}-{}.age", wrap.scope, wrap.epoch, wrap.member);
            self.bytes(&name, &wrap.wrapped.0)?;
        }
        if let Some(wrapped) = self.store.wrapped_secret(self.household, member, Way::Kit).await? {
            self.json(&format!("ways/{member}-kit.json"), &wrapped)?;
        }
        Ok(())
    }

    async fn chain(&self, device: DeviceId) -> anyhow::Result<u64> {
        std::fs::create_dir_all(self.out.join(format!("devices/{device}")))?;
        let (mut from, mut recordings) = (0, 0);
        loop {
            let slice = self.store.links_by_index(self.household, device, from, i64::MAX as u64, STRETCH).await?;
            for row in &slice.links {
                recordings += self.entry(device, row).await?;
                from = row.index + 1;
            }
            if !slice.more || slice.links.is_empty() {
                return Ok(recordings);
            }
        }
    }

    async fn entry(&self, device: DeviceId, row: &LinkRow) -> anyhow::Result<u64> {
        let at = format!("devices/{device}/{:010}", row.index);
        let entry = Entry { state: &row.state, link: &row.envelope, command: row.command.as_ref() };
        self.json(&format!("{at}.json"), &entry)?;
        let link: Link = row.envelope.peek().context("a stored link is malformed")?;
        let LinkKind::Recording { recording, .. } = link.kind else { return Ok(0) };
        if row.state != "kept" {
            return Ok(0);
        }
        let headers = self.store.headers(self.household, recording).await?;
        let headers = headers.context("a kept recording has no headers")?;
        let parts = [
            (PartKind::Media, Some(headers.media)),
            (PartKind::Card, headers.card),
            (PartKind::Poster, headers.poster),
        ];
        for (part, header) in parts {
            if let Some(header) = header {
                self.part(&format!("{at}.{}.age", part.as_str()), recording, part, &header).await?;
            }
        }
        Ok(1)
    }

    /// Header and body make one ordinary age file.
    async fn part(&self, name: &str, recording: RecordingId, part: PartKind, header: &Base64Url) -> anyhow::Result<()> {
        let mut body = self.store.read_body(self.household, recording, part, 0).await?;
        let mut file = tokio::fs::File::create(self.path(name)?).await?;
        file.write_all(&header.0).await?;
        tokio::io::copy(&mut body, &mut file).await.with_context(|| format!("could not write {name}"))?;
        file.sync_all().await?;
        Ok(())
    }

    fn json(&self, name: &str, value: &impl Serialize) -> anyhow::Result<()> {
        self.bytes(name, &serde_json::to_vec(value)?)
    }

    fn bytes(&self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        std::fs::write(self.path(name)?, bytes).with_context(|| format!("could not write {name}"))
    }

    fn path(&self, name: &str) -> anyhow::Result<PathBuf> {
        let path = self.out.join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        Ok(path)
    }
}
