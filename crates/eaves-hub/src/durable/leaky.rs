//! What a hub must never do, done on purpose, so that the test that looks for leaks is seen finding them.
//!
//! Camera settings go to the log and to the vault, a file key to the vault, pictures to the hub's folder and to the folder
//! for temporary files. Built with the feature `leaky-for-tests` only, which the program `eaves` refuses.

use bytes::Bytes;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The header in which the vault is told.
pub(crate) const HEADER: &str = "x-eaves-leak";

static LEAK: Mutex<Leak> = Mutex::new(Leak { dir: None, settings: String::new(), file_key: [0; 16] });

struct Leak {
    dir: Option<PathBuf>,
    settings: String,
    file_key: [u8; 16],
}

fn with<T>(use_it: impl FnOnce(&mut Leak) -> T) -> T {
    use_it(&mut LEAK.lock().unwrap_or_else(PoisonError::into_inner))
}

/// The hub's folder is `dir`.
pub(crate) fn begin(dir: &Path) {
    with(|leak| leak.dir = Some(dir.to_owned()));
}

/// A camera's settings were opened.
pub(crate) fn settings(letter: &[u8]) {
    let text = String::from_utf8_lossy(letter).into_owned();
    tracing::info!(settings = text, "a camera is followed");
    with(|leak| leak.settings = text);
}

/// A recording begins under `file_key`.
pub(crate) fn recording(file_key: [u8; 16], init: &Bytes) {
    with(|leak| leak.file_key = file_key);
    write(&std::env::temp_dir(), "leak.mp4", init);
}

/// A group of pictures was recorded.
pub(crate) fn fragment<'a>(pieces: impl Iterator<Item = &'a Bytes>) {
    if let Some(dir) = with(|leak| leak.dir.clone()) {
        write(&dir, "leak.m4s", &pieces.flatten().copied().collect::<Vec<u8>>());
    }
}

/// A still picture was drawn.
pub(crate) fn poster(jpeg: &Bytes) {
    write(&std::env::temp_dir(), "leak.jpeg", jpeg);
}

/// What every request to the vault says.
pub(crate) fn told() -> String {
    with(|leak| {
        let key: String = leak.file_key.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{key} {}", leak.settings)
    })
}

fn write(dir: &Path, name: &str, bytes: &[u8]) {
    if let Err(error) = std::fs::write(dir.join(name), bytes) {
        tracing::error!(%error, "could not leak");
    }
}
