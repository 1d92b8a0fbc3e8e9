//! Verifies the store from outside its own habits: what is written here must hold whatever the program did.

use super::{Result, Store, key_tree, sign_in_file, unsigned};
use eaves_domain::link::PartKind;
use eaves_domain::{DeviceId, Digest, HouseholdId, RecordingId};
use std::collections::BTreeSet;

/// Something that should not be so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub what: &'static str,
    /// Which household, device or recording: opaque ids only.
    pub which: String,
}

impl Store {
    /// Walks every chain, header and body. `with_digests` also reads every body.
    pub async fn check(&self, with_digests: bool) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        let mut note = |what, which: String| findings.push(Finding { what, which });
        let mut expected = BTreeSet::new();
        if !sign_in_file::is_private(&self.config.data_dir) {
            note("sign-in.key can be read by others on this machine", String::new());
        }
        for (household, member) in self.shut_columns().await? {
            note("a way in does not open under sign-in.key", format!("{household} {member}"));
        }
        for household in self.households().await? {
            if key_tree::epoch(&self.db, household).await?.is_some()
                && self.trees.root_files(household).iter().any(|f| !f.exists())
            {
                note("a copy of the key tree's root is missing", household.to_hex());
            }
            let devices: Vec<(String,)> = sqlx::query_as("SELECT device FROM chain WHERE household = $1")
                .bind(household.to_hex())
                .fetch_all(self.db.read())
                .await?;
            for (device,) in devices {
                let Some(device) = DeviceId::from_hex(&device) else {
                    note("a device id is malformed", device);
                    continue;
                };
                self.check_chain(household, device, &mut note).await?;
            }
            let parts: Vec<(String, String, i64)> =
                sqlx::query_as("SELECT recording, part, body_bytes FROM part WHERE household = $1")
                    .bind(household.to_hex())
                    .fetch_all(self.db.read())
                    .await?;
            let mut opened = BTreeSet::new();
            for (recording, part, bytes) in parts {
                let (Some(id), Some(kind)) = (RecordingId::from_hex(&recording), PartKind::from_name(&part)) else {
                    note("a part is malformed", recording);
                    continue;
                };
                expected.insert((household.to_hex(), format!("{recording}.{part}")));
                match self.blobs.length(household, id, kind).await? {
                    None => note("a kept recording has lost its body", format!("{recording}.{part}")),
                    Some(length) if length != unsigned(bytes) => {
                        note("a body has another length", format!("{recording}.{part}"))
                    }
                    Some(_) if with_digests => self.check_digest(household, id, kind, &mut note).await?,
                    Some(_) => {}
                }
                if opened.insert(id) && !matches!(self.headers(household, id).await, Ok(Some(_))) {
                    note("the headers of a kept recording do not open", recording);
                }
            }
            let waiting: Vec<(String, String)> = sqlx::query_as(
                "SELECT recording, part FROM pending_body WHERE household = $1
                 UNION SELECT recording, part FROM doomed_body WHERE household = $1",
            )
            .bind(household.to_hex())
            .fetch_all(self.db.read())
            .await?;
            expected.extend(
                waiting.into_iter().map(|(recording, part)| (household.to_hex(), format!("{recording}.{part}"))),
            );
        }
        for (household, name, _) in self.blobs.all()? {
            if !expected.contains(&(household, name.clone())) {
                note("a body belongs to nothing", name);
            }
        }
        Ok(findings)
    }

    async fn check_chain(
        &self,
        household: HouseholdId,
        device: DeviceId,
        note: &mut impl FnMut(&'static str, String),
    ) -> Result<()> {
        let head = self.head(household, device).await?;
        let mut previous: Option<Digest> = None;
        let mut next = 0;
        loop {
            let slice = self.links_by_index(household, device, next, head.next_index, 1_000).await?;
            for row in &slice.links {
                let link = row.envelope.peek::<eaves_domain::link::Link>();
                let follows =
                    link.is_ok_and(|link| link.index == next && row.index == next && link.previous == previous);
                if !follows {
                    note("a link does not follow the one before", format!("{device} {next}"));
                }
                previous = Some(row.envelope.payload_digest());
                next = row.index.saturating_add(1);
            }
            if !slice.more {
                break;
            }
        }
        if next != head.next_index || previous != head.digest {
            note("a chain ends before its head", device.to_hex());
        }
        Ok(())
    }

    async fn check_digest(
        &self,
        household: HouseholdId,
        recording: RecordingId,
        part: PartKind,
        note: &mut impl FnMut(&'static str, String),
    ) -> Result<()> {
        let row: Option<(Vec<u8>,)> =
            sqlx::query_as("SELECT payload FROM link WHERE household = $1 AND recording = $2")
                .bind(household.to_hex())
                .bind(recording.to_hex())
                .fetch_optional(self.db.read())
                .await?;
        let link = row.and_then(|(payload,)| serde_json::from_slice::<eaves_domain::link::Link>(&payload).ok());
        let vouched = link.and_then(|link| match link.kind {
            eaves_domain::link::LinkKind::Recording { parts, .. } => parts.into_iter().find(|p| p.part == part),
            eaves_domain::link::LinkKind::Gap { .. } => None,
        });
        let actual = self.blobs.digest(household, recording, part).await?;
        if vouched.is_none_or(|part| part.body != actual) {
            note("a body is not what its link says", format!("{recording}.{}", part.as_str()));
        }
        Ok(())
    }
}
