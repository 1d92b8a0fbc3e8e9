//! Logging: to standard error, for people on a terminal and as JSON otherwise. Never a name, an address or a key.

use std::io::IsTerminal as _;
use tracing_subscriber::EnvFilter;

/// Names the level, for example `debug` or `eaves_hub=debug`.
const LEVEL: &str = "EAVES_LOG";

pub(crate) fn start() {
    // The RTSP library writes camera addresses into its messages; they are not for a log.
    let silenced = "retina=off".parse().expect("a valid directive");
    let filter = EnvFilter::builder()
        .with_default_directive(tracing::Level::INFO.into())
        .with_env_var(LEVEL)
        .from_env_lossy()
        .add_directive(silenced);
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        builder.with_target(false).init();
    } else {
        builder.json().init();
    }
}

/// Nobody shall take this build for the program.
#[cfg(feature = "leaky-for-tests")]
#[expect(clippy::print_stderr, reason = "it must be seen whatever the log level is")]
pub(crate) fn warn_of_leaks() {
    eprintln!(
        "eaves-leaky: THIS BUILD LEAKS PICTURES, PASSWORDS AND KEYS ON PURPOSE. It is for one test and never for use."
    );
}

/// Tells why the program stops.
#[expect(clippy::print_stderr, reason = "the last words of a command are for the person who typed it")]
pub(crate) fn complain(error: &anyhow::Error) {
    eprintln!("eaves: {error:#}");
}
