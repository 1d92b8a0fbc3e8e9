//! An item of a device's queue as it lies on disk: a recording that is complete, or a gap, not yet in the chain.
//!
//! Links are signed late. An item has a sequence number of its own and knows neither its index nor the link before it;
//! both are given when it is handed to the vault. Signing is deterministic (Ed25519, and JSON written by one writer),
//! so an item that is signed again after an answer was lost gives the same bytes.

use eaves_domain::link::{ChainHead, GapCause, Link, LinkKind, Part};
use eaves_domain::retention::Class;
use eaves_domain::{Base64Url, DeviceId, HouseholdId, HubId, RecordingId, RoomId, RunId, Timestamp};
use serde::{Deserialize, Serialize};

/// Where a device stood, and under which roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// The room.
    pub room: RoomId,
    /// The epoch of the room's identity.
    pub epoch: u32,
    /// The version of the roster.
    pub roster: u64,
}

/// A recording or gap that waits for the vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// Position in this device's queue. Never used twice.
    pub seq: u64,
    /// The last position that this item stands for; later than `seq` when others were merged into it.
    pub through: u64,
    /// Start of the span.
    pub start_us: Timestamp,
    /// End of the span.
    pub end_us: Timestamp,
    /// Where, and under which roster.
    pub place: Place,
    /// Recording or gap.
    pub kind: ItemKind,
}

/// Recording or gap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum ItemKind {
    /// A recording, whose sealed bodies are in the log of the same number.
    Recording(RecordingItem),
    /// Nothing was recorded.
    Gap {
        /// Why.
        cause: GapCause,
    },
}

/// A complete recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordingItem {
    /// Opaque id.
    pub recording: RecordingId,
    /// The run it belongs to.
    pub run: RunId,
    /// What it is kept for.
    pub class: Class,
    /// When it is to be erased.
    pub keep_until_us: Timestamp,
    /// Whether it was interrupted.
    pub cut: bool,
    /// Its parts.
    pub parts: Vec<SpooledPart>,
}

/// A sealed part in a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SpooledPart {
    /// What the link will say about it.
    pub part: Part,
    /// The age header.
    pub header: Base64Url,
    /// Where in the log the body lies, as offset and length, in order.
    pub extents: Vec<(u64, u64)>,
}

/// Whose chain, and who signs.
#[derive(Clone, Copy, Debug)]
pub struct Signer {
    /// The household.
    pub household: HouseholdId,
    /// The hub.
    pub hub: HubId,
    /// The device.
    pub device: DeviceId,
}

impl Item {
    /// Bytes of sealed bodies.
    pub fn body_bytes(&self) -> u64 {
        match &self.kind {
            ItemKind::Recording(recording) => {
                recording.parts.iter().fold(0_u64, |sum, p| sum.saturating_add(p.part.body_bytes))
            }
            ItemKind::Gap { .. } => 0,
        }
    }

    /// The link that follows `head`.
    pub fn link(&self, signer: Signer, head: ChainHead) -> Link {
        Link {
            household: signer.household,
            hub: signer.hub,
            device: signer.device,
            room: self.place.room,
            epoch: self.place.epoch,
            roster: self.place.roster,
            index: head.next_index,
            previous: head.digest,
            start_us: self.start_us,
            end_us: self.end_us,
            kind: match &self.kind {
                ItemKind::Gap { cause } => LinkKind::Gap { cause: *cause },
                ItemKind::Recording(r) => LinkKind::Recording {
                    recording: r.recording,
                    run: r.run,
                    class: r.class,
                    keep_until_us: r.keep_until_us,
                    cut: r.cut,
                    parts: r.parts.iter().map(|p| p.part).collect(),
                },
            },
        }
    }
}
