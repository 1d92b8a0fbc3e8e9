//! `sign-in.key`: the secrets behind every sign-in, in a file beside the database and never in it.
//!
//! Whoever reads the database finds OPAQUE records and sealed columns. To try passwords against the records takes the
//! vault's OPAQUE secret, and to open the columns takes the vault key; both are here. Losing the file locks every password
//! out, so a store with accounts never makes a new one: it says that the file is missing.
//!
//! `eaves-sign-in/1\n` ‖ OPAQUE ServerSetup, 128 bytes ‖ vault key, 32 bytes ‖ SHA-256 of all before.

use super::{Result, StoreError};
use crate::auth::lockbox::VAULT_KEY;
use crate::auth::opaque::{SETUP_BYTES, SignInKey};
use eaves_domain::Digest;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use zeroize::Zeroizing;

/// Its name.
pub(super) const NAME: &str = "sign-in.key";
const MAGIC: &[u8; 16] = b"eaves-sign-in/1\n";
const BODY: usize = MAGIC.len() + SETUP_BYTES + VAULT_KEY;

/// What the file holds.
#[derive(Clone)]
pub struct SignInSecrets {
    /// OPAQUE's ServerSetup.
    pub setup: Zeroizing<Vec<u8>>,
    /// What keys for one purpose each are derived from.
    pub vault_key: Zeroizing<[u8; VAULT_KEY]>,
}

impl std::fmt::Debug for SignInSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl SignInSecrets {
    /// New ones, around an OPAQUE secret that exists already or around a new one.
    pub(super) fn make(setup: Option<Vec<u8>>) -> Result<Self> {
        let mut vault_key = Zeroizing::new([0; VAULT_KEY]);
        getrandom::fill(vault_key.as_mut_slice())
            .map_err(|_| StoreError::Io(std::io::Error::other("there is no randomness")))?;
        let setup = Zeroizing::new(setup.unwrap_or_else(SignInKey::make));
        if SignInKey::read(&setup).is_err() {
            return Err(DAMAGED);
        }
        Ok(Self { setup, vault_key })
    }

    fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new([MAGIC.as_slice(), &self.setup, self.vault_key.as_slice()].concat());
        let sum = Digest::of(&bytes);
        bytes.extend_from_slice(&sum.0);
        bytes
    }

    fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let (body, sum) = bytes.split_at_checked(BODY)?;
        let (setup, vault_key) = body.strip_prefix(MAGIC)?.split_at(SETUP_BYTES);
        if Digest::of(body).0 != *sum || SignInKey::read(setup).is_err() {
            return None;
        }
        Some(Self {
            setup: Zeroizing::new(setup.to_vec()),
            vault_key: Zeroizing::new(<[u8; VAULT_KEY]>::try_from(vault_key).ok()?),
        })
    }
}

const DAMAGED: StoreError = StoreError::Damaged("sign-in.key is damaged; put back the one of a backup");

/// Reads the file; `None` when there is none.
pub(super) fn read(dir: &Path) -> Result<Option<SignInSecrets>> {
    match std::fs::read(dir.join(NAME)) {
        Ok(bytes) => SignInSecrets::of_bytes(&Zeroizing::new(bytes)).map(Some).ok_or(DAMAGED),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Writes the file so that it is there whole or not at all, for the owner's eyes only.
pub(super) fn write(dir: &Path, secrets: &SignInSecrets) -> Result<()> {
    let unfinished = dir.join("sign-in.key.new");
    let _ = std::fs::remove_file(&unfinished);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
    file.write_all(&secrets.to_bytes()).map_err(StoreError::from_write)?;
    file.sync_all()?;
    std::fs::rename(&unfinished, dir.join(NAME))?;
    File::open(dir)?.sync_all()?;
    Ok(())
}

/// Whether nobody but the owner may read the file.
pub(super) fn is_private(dir: &Path) -> bool {
    std::fs::metadata(dir.join(NAME)).is_ok_and(|file| file.permissions().mode() & 0o077 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_comes_back_as_it_was_and_only_its_owner_may_read_it() {
        let dir = tempfile::tempdir().unwrap();
        assert!(read(dir.path()).unwrap().is_none());
        let made = SignInSecrets::make(None).unwrap();
        write(dir.path(), &made).unwrap();
        let found = read(dir.path()).unwrap().unwrap();
        assert_eq!((&*found.setup, *found.vault_key), (&*made.setup, *made.vault_key));
        assert!(is_private(dir.path()));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn one_that_was_cut_or_changed_is_refused_and_never_made_anew() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &SignInSecrets::make(None).unwrap()).unwrap();
        let whole = std::fs::read(dir.path().join(NAME)).unwrap();
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            for bytes in [&changed, &whole[..at].to_vec()] {
                std::fs::write(dir.path().join(NAME), bytes).unwrap();
                assert!(matches!(read(dir.path()), Err(StoreError::Damaged(_))), "byte {at}");
            }
        }
    }
}
