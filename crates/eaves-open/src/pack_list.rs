//! The list of an audit pack: which files, whose, by which log. A note signed by the log, in one right form.

use eaves_domain::{Digest, HouseholdId, Timestamp};
use eaves_tlog::Error;
use eaves_tlog::note::{Note, VerifierKey};

const FIRST_LINE: &str = "eaves.invalid/audit-pack/v1";
const PATH_BYTES_MAX: usize = 200;

/// A path that stays inside its folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackPath(String);

impl PackPath {
    /// Reads a path: lower-case letters, digits, `.`, `-`, `_`; no empty, `.` or `..` element.
    pub fn parse(text: &str) -> Option<Self> {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "./_-".contains(c);
        let is_inside = text.split('/').all(|element| !matches!(element, "" | "." | ".."));
        let is_path = text.len() <= PATH_BYTES_MAX && text.chars().all(is_plain) && is_inside;
        (is_path && text != "audit-pack").then(|| Self(text.to_owned()))
    }

    /// The path, with `/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it lies in `folder`, which ends with `/`.
    pub fn is_under(&self, folder: &str) -> bool {
        self.0.starts_with(folder)
    }
}

/// The list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Whose entries.
    pub household: HouseholdId,
    /// When the pack was made.
    pub exported_us: Timestamp,
    /// The log, and its key.
    pub log: VerifierKey,
    /// How many entries the household has.
    pub entries: u64,
    /// Digest of every other file, by path.
    pub files: Vec<(PackPath, Digest)>,
}

impl List {
    /// Reads the list and verifies it with the key that it names. That shows it unchanged; whose key it is, it cannot.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let note = Note::parse(bytes)?;
        let list = Self::parse_text(note.text()).ok_or(Error::Malformed)?;
        if note.signatures().len() != 1 || list.to_text() != note.text() {
            return Err(Error::Malformed);
        }
        note.verify(&list.log)?;
        Ok(list)
    }

    fn parse_text(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        if lines.next() != Some(FIRST_LINE) {
            return None;
        }
        let mut field = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
        let household = HouseholdId::from_hex(field("household")?)?;
        let exported_us = Timestamp(field("exported")?.parse().ok()?);
        let log = VerifierKey::parse(field("log")?).ok()?;
        let entries = field("entries")?.parse().ok()?;
        let mut files: Vec<(PackPath, Digest)> = Vec::new();
        for line in lines {
            let (digest, path) = line.strip_prefix("file ")?.split_once(' ')?;
            let file = (PackPath::parse(path)?, Digest::from_hex(digest)?);
            if files.last().is_some_and(|(before, _)| *before >= file.0) {
                return None;
            }
            files.push(file);
        }
        Some(Self { household, exported_us, log, entries, files })
    }

    /// The text that is signed.
    pub fn to_text(&self) -> String {
        let files: String =
            self.files.iter().map(|(path, digest)| format!("file {} {}\n", digest.to_hex(), path.0)).collect();
        format!(
            "{FIRST_LINE}\nhousehold {}\nexported {}\nlog {}\nentries {}\n{files}",
            self.household,
            self.exported_us.as_us(),
            self.log.to_text(),
            self.entries,
        )
    }
}
