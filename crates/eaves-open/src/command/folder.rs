//! An archive's bytes on a disk.

use eaves_open::archive::Files;
use std::path::{Path, PathBuf};

/// The longest file that is read: an hour of one camera would not fill it, and a recording lasts a minute.
const FILE_BYTES_MAX: u64 = 2 << 30;

/// A folder of this machine.
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }
}

impl Files for Folder {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        let path = self.root.join(path);
        let length = std::fs::metadata(&path).ok().filter(|m| m.is_file())?.len();
        if length > FILE_BYTES_MAX {
            return None;
        }
        std::fs::read(path).ok()
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.root.join(folder)) else { return Vec::new() };
        let mut names: Vec<_> = entries.filter_map(|e| e.ok()?.file_name().into_string().ok()).collect();
        names.sort();
        names
    }
}
