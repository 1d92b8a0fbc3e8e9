//! The link: one entry of a device's signed chain, either a recording (then it is the recording's manifest) or a gap.
//!
//! A sealed part proves no sender, so the hub signs. Each device has one unbroken chain: index 0, 1, 2 …, every link
//! naming the SHA-256 of the payload before it. A recording that was left out, replaced, reordered or rolled back
//! breaks the chain, and a pause in recording that the hub did not announce as a gap shows as one.
//! Specification: `docs/spec/link.md`.

use crate::envelope::{Document, Envelope, EnvelopeError, PublicKey};
use crate::retention::Class;
use crate::{DeviceId, Digest, HouseholdId, HubId, RecordingId, RoomId, RunId, Timestamp};
use serde::{Deserialize, Serialize};

/// The longest recording, in microseconds: 60 s, and a little for the last group of pictures.
pub const RECORDING_US_MAX: i64 = 70_000_000;

/// One sealed file of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartKind {
    /// Fragmented MP4 (ISO 14496-12).
    Media,
    /// What is known about the media, as JSON: codecs, fragment index, labels.
    Card,
    /// A still picture, JPEG.
    Poster,
}

impl PartKind {
    /// All kinds, in the order in which they appear in a manifest.
    pub const ALL: [Self; 3] = [Self::Media, Self::Card, Self::Poster];

    /// The name used in JSON, URLs and file names.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Media => "media",
            Self::Card => "card",
            Self::Poster => "poster",
        }
    }

    /// Reads [`PartKind::as_str`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// What the hub vouches for about one part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Part {
    /// Which part.
    pub part: PartKind,
    /// SHA-256 of the age header, up to and including the newline after its MAC.
    pub header: Digest,
    /// SHA-256 of the age body: payload nonce and STREAM chunks.
    pub body: Digest,
    /// Length of the body in bytes.
    pub body_bytes: u64,
}

/// Why nothing was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapCause {
    /// The camera could not be reached.
    CameraUnreachable,
    /// The camera was connected but sent nothing new.
    CameraStalled,
    /// The camera refused user name or password.
    CredentialsRefused,
    /// The camera answered, but not with a stream that can be recorded.
    CameraRefused,
    /// The camera ended the stream.
    StreamEnded,
    /// The camera changed its picture or sound format.
    ParametersChanged,
    /// The clock of the hub was moved.
    ClockStepped,
    /// The hub was switched off or restarted on purpose.
    HubStopped,
    /// The hub stopped without warning, for example in a power cut.
    HubInterrupted,
    /// The disk of the hub was full.
    DiskFull,
    /// The vault was away for so long that the oldest recordings no longer fitted on the hub.
    SpoolFull,
    /// The recording could not be sealed or written.
    RecordingFailed,
    /// The camera was added, changed or removed by a member.
    CameraChanged,
    /// A member stopped the camera.
    Privacy,
    /// The room records while the home is armed only, and it was not.
    Disarmed,
}

/// What a link stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum LinkKind {
    /// A recording: this link is its manifest.
    Recording {
        /// Opaque id.
        recording: RecordingId,
        /// The unbroken connection it belongs to.
        run: RunId,
        /// What it was kept for.
        class: Class,
        /// When it is erased by the rules that held when it was made.
        keep_until_us: Timestamp,
        /// True when the recording was interrupted: only then may the last chunk of a body be missing.
        cut: bool,
        /// The sealed files, in the order of [`PartKind::ALL`]; `media` is always there.
        parts: Vec<Part>,
    },
    /// Nothing was recorded in this span, and the hub says why.
    Gap {
        /// The cause.
        cause: GapCause,
    },
}

/// The signed document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// Whose.
    pub household: HouseholdId,
    /// Who signed.
    pub hub: HubId,
    /// Which device's chain.
    pub device: DeviceId,
    /// Where the device stood.
    pub room: RoomId,
    /// The epoch of the room identity that opens the parts.
    pub epoch: u32,
    /// The version of the roster that the hub obeyed.
    pub roster: u64,
    /// Position in the chain, from 0.
    pub index: u64,
    /// SHA-256 of the payload of the link before; `null` at index 0.
    pub previous: Option<Digest>,
    /// Start of the span.
    pub start_us: Timestamp,
    /// End of the span.
    pub end_us: Timestamp,
    /// Recording or gap.
    #[serde(flatten)]
    pub kind: LinkKind,
}

impl Document for Link {
    const PAYLOAD_TYPE: &'static str = "application/vnd.eaves.link.v1+json";
}

/// Why a link was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// Signature, type or form.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// It belongs to another household or device.
    #[error("the link belongs to another device")]
    WrongDevice,
    /// Its index is not the next one.
    #[error("a link of the chain is missing or was replayed")]
    WrongIndex,
    /// It does not name the link before it.
    #[error("the link does not follow the one before")]
    Broken,
    /// It contradicts itself, for example it ends before it starts.
    #[error("the link contradicts itself")]
    Inconsistent,
}

/// The last accepted link of a device's chain: what a writer continues and a reader remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChainHead {
    /// Index of the next link.
    pub next_index: u64,
    /// Digest of the last link's payload; `None` before the first.
    pub digest: Option<Digest>,
}

impl ChainHead {
    /// The head of a chain without links.
    pub const EMPTY: Self = Self { next_index: 0, digest: None };

    /// Accepts `envelope` as the next link of `device`, signed by `hub_key`, and moves on.
    pub fn accept(
        &mut self,
        envelope: &Envelope,
        household: HouseholdId,
        device: DeviceId,
        hub_key: PublicKey,
    ) -> Result<Link, LinkError> {
        let link: Link = envelope.verify(&[hub_key])?;
        if link.household != household || link.device != device {
            return Err(LinkError::WrongDevice);
        }
        if link.index != self.next_index {
            return Err(LinkError::WrongIndex);
        }
        if link.previous != self.digest {
            return Err(LinkError::Broken);
        }
        link.check()?;
        *self = Self { next_index: self.next_index.saturating_add(1), digest: Some(envelope.payload_digest()) };
        Ok(link)
    }
}

impl Link {
    /// Whether the link makes sense in itself.
    pub fn check(&self) -> Result<(), LinkError> {
        let span = self.end_us.since_us(self.start_us);
        let sensible = span >= 0
            && match &self.kind {
                LinkKind::Gap { .. } => true,
                LinkKind::Recording { parts, keep_until_us, .. } => {
                    span <= RECORDING_US_MAX
                        && keep_until_us.since_us(self.end_us) > 0
                        && parts.first().is_some_and(|p| p.part == PartKind::Media)
                        && parts.windows(2).all(|pair| matches!(pair, [a, b] if a.part < b.part))
                }
            };
        if sensible { Ok(()) } else { Err(LinkError::Inconsistent) }
    }

    /// The recording's id, when the link is a manifest.
    pub fn recording(&self) -> Option<RecordingId> {
        match &self.kind {
            LinkKind::Recording { recording, .. } => Some(*recording),
            LinkKind::Gap { .. } => None,
        }
    }
}
