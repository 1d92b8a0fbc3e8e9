//! What commands print for the person who typed them.

use std::io::Write as _;

/// A line on standard output. Nobody may be reading any more; that is no reason to stop.
pub(crate) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}
