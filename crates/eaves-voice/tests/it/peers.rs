//! The ecosystem's own programs, which `scripts/need test` installs under the target folder.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The Python of one of the environments, `library` or `satellite`. A test that needs it fails without.
pub(crate) fn python(environment: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("inside the target folder");
    let python = target.join("voice").join(environment).join("bin/python");
    assert!(python.exists(), "run `scripts/need test` once: there is no {}", python.display());
    python
}

/// One of the scripts in `tests/peers`, with pipes.
pub(crate) fn start(script: &str, args: &[&str]) -> Child {
    let mut command = Command::new(python("library"));
    command.arg(path(script)).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("Python starts")
}

/// Where a script of `tests/peers` is.
pub(crate) fn path(script: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers").join(script)
}
