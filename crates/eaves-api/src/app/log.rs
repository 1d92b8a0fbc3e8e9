//! The household's own entries in the log. Formats: `docs/spec/log.md`.

use eaves_domain::Digest;
use eaves_tlog::chain::Shown;
use serde::{Deserialize, Serialize};

/// The most entries of one page.
pub const LOG_PAGE_MAX: u32 = 500;

/// A visit to the log, or another page of one.
///
/// The first page says which checkpoint it is under. Further pages are asked for `at` its size, and are then under that
/// one, whatever was written since.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogPage {
    /// The key of the log, as a *vkey*. Believed at the first visit and never again.
    pub key: String,
    /// The newest checkpoint: a signed note.
    pub checkpoint: String,
    /// Proof that it continues the size that was asked about.
    pub consistency: Vec<Digest>,
    /// Entries by sequence, from the one that was asked for. A guest gets details of their own only.
    pub entries: Vec<Shown>,
    /// Whether there are more.
    pub more: bool,
}
