//! Random bytes from the operating system.

use crate::error::Error;

/// `N` random bytes.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], Error> {
    let mut out = [0; N];
    getrandom::fill(&mut out).map_err(|_| Error::Randomness)?;
    Ok(out)
}

/// A number that need not be unpredictable, for jitter: 0 when there is no randomness.
pub(crate) fn jitter() -> u32 {
    bytes::<4>().map_or(0, u32::from_le_bytes)
}
