//! Keeps what is in memory from reaching a disk: no core dumps, and files for nobody else.

use rustix::process::{DumpableBehavior, Resource, Rlimit};

/// Set to 1 to let a debugger or a test take a memory image of the process.
const ALLOW_MEMORY_IMAGE: &str = "EAVES_ALLOW_MEMORY_IMAGE";

pub(crate) fn confine() -> rustix::io::Result<()> {
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    if std::env::var_os(ALLOW_MEMORY_IMAGE).is_some_and(|value| value == "1") {
        return Ok(());
    }
    rustix::process::setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)
}
