//! Small documents, sealed whole: names, settings, answers, live keys.

use crate::{Recipient, SealError, Sealer};
use zeroize::Zeroizing;

/// The longest name, in bytes of UTF-8.
pub const NAME_BYTES_MAX: usize = 256;

/// Names are padded to a multiple of this.
const NAME_STEP_BYTES: usize = 64;

/// `plaintext` as a whole age file.
pub fn seal_small(recipient: &Recipient, plaintext: &[u8]) -> Result<Vec<u8>, SealError> {
    let (header, mut sealer) = Sealer::new(recipient)?;
    let mut out = header.into_bytes();
    sealer.write(plaintext, &mut out)?;
    sealer.finish(&mut out)?;
    Ok(out)
}

/// A name as `docs/spec/keys.md` seals it: zero bytes up to the next multiple of 64, so that its length tells little.
pub fn seal_name(recipient: &Recipient, name: &str) -> Result<Vec<u8>, SealError> {
    if name.len() > NAME_BYTES_MAX || name.contains('\0') {
        return Err(SealError::BadName);
    }
    let padded_bytes = name.len().next_multiple_of(NAME_STEP_BYTES).max(NAME_STEP_BYTES);
    let mut padded = Zeroizing::new(vec![0; padded_bytes]);
    padded[..name.len()].copy_from_slice(name.as_bytes());
    seal_small(recipient, &padded)
}
