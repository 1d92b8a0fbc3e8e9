//! Who the hub is: its id, the key that signs links and live keys, and the age identity to which camera settings are
//! sealed. Made once; the app pins the public half at the claim.
//!
//! The file is private to the user that runs the hub, and not encrypted: the hub starts without anybody typing anything.
//! Whoever steals it can open the camera settings in the rosters (addresses and passwords of cameras), and can sign links
//! as this hub until an owner removes it from the roster. They can open no recording.

use crate::durable::{Disk, read_if_there, replace};
use crate::error::Error;
use crate::random;
use eaves_domain::envelope::PublicKey;
use eaves_domain::{Base64Url, HubId};
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The hub's identity.
pub struct Identity {
    /// Opaque id.
    pub hub: HubId,
    /// Signs links, live keys and session requests.
    pub signing: SigningKey,
    /// The seed of the age identity.
    pub age_seed: Zeroizing<[u8; 32]>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({}, [redacted])", self.hub)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    format: u32,
    hub: HubId,
    signing_seed: Base64Url,
    age_seed: Base64Url,
}

impl Drop for File {
    fn drop(&mut self) {
        use zeroize::Zeroize;
        self.signing_seed.0.zeroize();
        self.age_seed.0.zeroize();
    }
}

const FORMAT: u32 = 1;

/// Where the identity lies in a hub's data folder.
pub fn identity_path(dir: &Path) -> PathBuf {
    dir.join("hub-identity")
}

impl Identity {
    /// Reads the identity in `dir`; `None` when there is none.
    pub fn load(disk: &dyn Disk, dir: &Path) -> Result<Option<Self>, Error> {
        let Some(bytes) = read_if_there(disk, &identity_path(dir))?.map(Zeroizing::new) else { return Ok(None) };
        let file: File = serde_json::from_slice(&bytes).map_err(|_| Error::IdentityDamaged)?;
        let seed = |bytes: &Base64Url| <[u8; 32]>::try_from(bytes.0.as_slice()).map(Zeroizing::new);
        let (Ok(signing), Ok(age_seed)) = (seed(&file.signing_seed), seed(&file.age_seed)) else {
            return Err(Error::IdentityDamaged);
        };
        if file.format != FORMAT {
            return Err(Error::IdentityDamaged);
        }
        Ok(Some(Self { hub: file.hub, signing: SigningKey::from_bytes(&signing), age_seed }))
    }

    /// Reads the identity in `dir`, or makes it if the folder holds nothing of a hub yet.
    pub fn load_or_make(disk: &dyn Disk, dir: &Path) -> Result<Self, Error> {
        if let Some(identity) = Self::load(disk, dir)? {
            return Ok(identity);
        }
        disk.create_dir(dir)?;
        // A safety catch: a folder that has been in use must not quietly become another hub.
        for in_use in ["roster", "spool"] {
            if !disk.list(&dir.join(in_use))?.is_empty() {
                return Err(Error::IdentityMissing);
            }
        }
        let signing_seed = Zeroizing::new(random::bytes::<32>()?);
        let identity = Self {
            hub: HubId(random::bytes()?),
            signing: SigningKey::from_bytes(&signing_seed),
            age_seed: Zeroizing::new(random::bytes()?),
        };
        let file = File {
            format: FORMAT,
            hub: identity.hub,
            signing_seed: Base64Url(signing_seed.to_vec()),
            age_seed: Base64Url(identity.age_seed.to_vec()),
        };
        let json = Zeroizing::new(serde_json::to_vec(&file).expect("string keys only"));
        replace(disk, &identity_path(dir), &json)?;
        Ok(identity)
    }

    /// The public half of the signing key.
    pub fn public_key(&self) -> PublicKey {
        PublicKey::of(&self.signing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::durable::faulty::{Fault, FaultyDisk};

    const DIR: &str = "/hub";

    #[test]
    fn identity_is_made_once_and_found_again() {
        let disk = FaultyDisk::default();
        let made = Identity::load_or_make(&disk, Path::new(DIR)).unwrap();
        disk.power_cut(|n| n - 1);
        let found = Identity::load_or_make(&disk, Path::new(DIR)).unwrap();
        assert_eq!((made.hub, made.public_key(), &made.age_seed), (found.hub, found.public_key(), &found.age_seed));
        assert_eq!(format!("{found:?}"), format!("Identity({}, [redacted])", found.hub));
    }

    #[test]
    fn used_folder_without_identity_is_an_error_and_nothing_is_made() {
        let disk = FaultyDisk::default();
        disk.create_dir(Path::new("/hub/roster")).unwrap();
        replace(&disk, Path::new("/hub/roster/0000000001.json"), b"{}").unwrap();
        assert!(matches!(Identity::load_or_make(&disk, Path::new(DIR)), Err(Error::IdentityMissing)));
        assert!(Identity::load(&disk, Path::new(DIR)).unwrap().is_none());
    }

    #[test]
    fn damaged_identity_is_an_error_and_is_not_replaced() {
        let disk = FaultyDisk::default();
        disk.create_dir(Path::new(DIR)).unwrap();
        replace(&disk, &identity_path(Path::new(DIR)), b"{\"format\":1}").unwrap();
        assert!(matches!(Identity::load_or_make(&disk, Path::new(DIR)), Err(Error::IdentityDamaged)));
    }

    #[test]
    fn identity_that_could_not_be_written_is_not_used() {
        for step in 0..6 {
            for fault in [Fault::FailsUndone, Fault::FailsDone] {
                let disk = FaultyDisk::default();
                disk.inject(step, fault);
                let made = Identity::load_or_make(&disk, Path::new(DIR));
                disk.heal();
                let found = Identity::load_or_make(&disk, Path::new(DIR)).unwrap();
                if let Ok(made) = made {
                    assert_eq!(made.hub, found.hub);
                }
            }
        }
    }
}
