//! What a segmenter gives.

use crate::end::Track;
use bytes::Bytes;
use eaves_domain::Timestamp;

/// Bytes in several pieces, to be written one after the other: a head, and the data of samples as they came.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Pieces(pub(super) Vec<Bytes>);

impl Pieces {
    /// The pieces in order.
    pub fn iter(&self) -> impl Iterator<Item = &Bytes> {
        self.0.iter()
    }

    /// Bytes in all pieces.
    #[allow(clippy::len_without_is_empty, reason = "there is always a head")]
    pub fn len(&self) -> usize {
        self.0.iter().map(Bytes::len).sum()
    }

    /// One piece, copied together.
    pub fn to_bytes(&self) -> Bytes {
        let mut out = Vec::with_capacity(self.len());
        self.0.iter().for_each(|piece| out.extend_from_slice(piece));
        out.into()
    }
}

impl FromIterator<Bytes> for Pieces {
    fn from_iter<I: IntoIterator<Item = Bytes>>(pieces: I) -> Self {
        Self(pieces.into_iter().collect())
    }
}

impl std::fmt::Debug for Pieces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[{} bytes]", self.len())
    }
}

/// Where a fragment lies in its recording. Times are milliseconds since the recording's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FragmentEntry {
    /// First byte, counted from the start of the init segment.
    pub offset: u64,
    /// Length in bytes.
    pub bytes: u32,
    /// When its first picture is due.
    pub start_ms: u32,
    /// How long its pictures last.
    pub duration_ms: u32,
    /// Whether playing can start here. False only for the rest of a long GOP.
    pub keyframe: bool,
}

/// A fragment of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// Where it lies.
    pub entry: FragmentEntry,
    /// The `moof` and `mdat` boxes.
    pub pieces: Pieces,
    /// The keyframe, for the poster: an access unit in MP4 form.
    pub keyframe: Option<Bytes>,
}

/// A recording that is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// When it started. For the first recording of a run this may be a little earlier than what
    /// [`Output::RecordingStarted`] said; otherwise it is the same, and the end of the recording before.
    pub start: Timestamp,
    /// When it ended; the next recording of the run starts here.
    pub end: Timestamp,
    /// The length of the media.
    pub duration_ms: u32,
    /// Length of the init segment.
    pub init_bytes: u32,
    /// Length of the whole.
    pub bytes: u64,
    /// Its fragments, for seeking.
    pub fragments: Vec<FragmentEntry>,
}

/// A fragment with one sample, for whoever watches live. Decode times count from the start of the run, and the init
/// segment is [`super::Segmenter::init`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveFrame {
    /// Picture or sound.
    pub track: Track,
    /// Whether playing can start here (sound never says so).
    pub keyframe: bool,
    /// When it was seen, as well as the hub can tell.
    pub captured: Timestamp,
    /// The `moof` and `mdat` boxes.
    pub pieces: Pieces,
}

/// What a [`super::Segmenter`] gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// A recording begins; its first bytes are `init`.
    RecordingStarted {
        /// When, as far as known.
        start: Timestamp,
        /// The init segment.
        init: Bytes,
    },
    /// The next bytes of the recording.
    Fragment(Fragment),
    /// The recording is complete.
    RecordingEnded(Recording),
    /// A frame to show now.
    Live(LiveFrame),
}
