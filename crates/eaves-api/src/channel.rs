//! The messages of the two WebSockets: hub ↔ vault (`/hub/v1/channel`) and vault → app (`/api/v1/live/{device}`).
//!
//! Text messages are JSON of the enums below; binary messages are sealed live frames (`docs/spec/live.md`), forwarded
//! as they are. The vault asks the hub to send a camera's frames while somebody watches it, and not otherwise.

use eaves_domain::envelope::Envelope;
use eaves_domain::link::GapCause;
use eaves_domain::{Base64Url, CommandId, DeviceId, Timestamp};
use serde::{Deserialize, Serialize};

/// How a device is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceStatus {
    /// Which.
    pub device: DeviceId,
    /// How.
    pub state: DeviceState,
    /// Since when.
    pub since_us: Timestamp,
}

/// The states of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum DeviceState {
    /// Being connected.
    Connecting,
    /// Sends pictures, and they are recorded.
    Recording,
    /// Does not; the hub keeps trying.
    Down {
        /// Why.
        cause: GapCause,
    },
}

/// From the hub to the vault.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum FromHub {
    /// A device's state changed. The last one of each device is kept while the hub is connected.
    Status(DeviceStatus),
    /// A new live key; frames under it follow.
    LiveKey {
        /// Which camera.
        device: DeviceId,
        /// A signed `LiveKey`.
        key: Envelope,
    },
    /// What the hub keeps to changed, or who watches. The last one is kept while the hub is connected.
    Home {
        /// A signed `HomeState`.
        state: Envelope,
    },
}

/// From the vault to the hub.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum ToHub {
    /// A claim was finished: the first roster, and the proof that its owner knows the code.
    Claimed {
        /// The first roster.
        roster: Envelope,
        /// `ClaimCode::roster_mac`.
        mac: Base64Url,
    },
    /// There is a newer roster to fetch.
    RosterChanged,
    /// A member's signed command.
    Command {
        /// The command.
        command: Envelope,
    },
    /// A member watches a camera. If nobody did, the hub sends key, init segment and everything since the last keyframe,
    /// and goes on.
    Watch {
        /// A signed `Watch`.
        watch: Envelope,
    },
    /// They do not any more.
    Unwatch {
        /// Which camera.
        device: DeviceId,
        /// The wishes that are over.
        watches: Vec<CommandId>,
    },
}

/// From a watching app to the vault. Nothing is shown before it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum FromViewer {
    /// The member's signed wish to watch; a new one in time before it ends.
    Watch {
        /// A signed `Watch`.
        watch: Envelope,
    },
}

/// From the vault to a watching app.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum ToViewer {
    /// The key of the frames that follow.
    LiveKey {
        /// A signed `LiveKey`.
        key: Envelope,
    },
    /// Frames were dropped because this viewer is slow; the next one is a keyframe.
    Dropped {
        /// How many.
        frames: u64,
    },
    /// The camera's or hub's state.
    Status(DeviceStatus),
    /// The hub is not connected.
    HubAway,
}
