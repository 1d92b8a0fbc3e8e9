//! Numbers and hashes as C2SP texts write them: one right form each, everything else refused.

use crate::{Error, SIZE_MAX};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use eaves_domain::Digest;

/// Reads a decimal without sign or leading zeroes.
pub(crate) fn decimal(text: &str) -> Result<u64, Error> {
    let is_plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    let value = text.parse().ok().filter(|value| is_plain && *value <= SIZE_MAX);
    value.ok_or(Error::Malformed)
}

/// Reads standard base64 with padding, in its one right form.
pub(crate) fn bytes(text: &str) -> Result<Vec<u8>, Error> {
    BASE64_STANDARD.decode(text).map_err(|_| Error::Malformed)
}

/// Reads a hash in base64.
pub(crate) fn hash(text: &str) -> Result<Digest, Error> {
    <[u8; 32]>::try_from(bytes(text)?.as_slice()).map(Digest).map_err(|_| Error::Malformed)
}

/// Reads hashes, one a line, of which a proof can have at most 63.
pub(crate) fn hashes<'a>(lines: impl Iterator<Item = &'a str>) -> Result<Vec<Digest>, Error> {
    let mut out = Vec::new();
    for line in lines {
        if out.len() == crate::merkle::PROOF_HASHES_MAX {
            return Err(Error::TooLarge);
        }
        out.push(hash(line)?);
    }
    Ok(out)
}

/// Standard base64 with padding.
pub(crate) fn base64(bytes: impl AsRef<[u8]>) -> String {
    BASE64_STANDARD.encode(bytes)
}
