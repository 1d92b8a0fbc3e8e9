//! OPAQUE (RFC 9807), the vault's half: ristretto255, SHA-512, TripleDH, no context, no identifiers.
//!
//! The vault never sees a password. Its key stretching function is the identity because only the app stretches.
//! This module is the only one that knows `opaque-ke` and the older `rand` it needs; bytes go in and out.

use opaque_ke::{
    CipherSuite, CredentialFinalization, CredentialRequest, RegistrationRequest, RegistrationUpload, Ristretto255,
    ServerLogin, ServerLoginParameters, ServerRegistration, ServerSetup, TripleDh,
};
use rand::rngs::OsRng;

/// Bytes of the vault's long-term secret.
pub const SETUP_BYTES: usize = 128;
/// Bytes of a registration record.
pub const RECORD_BYTES: usize = 192;

struct Suite;

impl CipherSuite for Suite {
    type OprfCs = Ristretto255;
    type KeyExchange = TripleDh<Ristretto255, sha2::Sha512>;
    type Ksf = opaque_ke::ksf::Identity;
}

/// A message is not what the protocol says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

/// The vault's long-term secret for sign-ins. Whoever loses it locks every password out.
pub struct SignInKey {
    setup: ServerSetup<Suite>,
    /// What is read for a name that nobody has, so that reading takes as long.
    decoy: Vec<u8>,
}

impl std::fmt::Debug for SignInKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl SignInKey {
    /// A new one, to be stored.
    pub fn make() -> Vec<u8> {
        ServerSetup::<Suite>::new(&mut OsRng).serialize().to_vec()
    }

    /// Reads a stored one.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let setup = ServerSetup::<Suite>::deserialize(bytes).map_err(|_| Malformed)?;
        let mut decoy = setup.keypair().public().serialize().to_vec();
        decoy.resize(RECORD_BYTES, 0);
        Ok(Self { setup, decoy })
    }

    /// Answers a registration request for `handle`.
    pub fn register(&self, handle: &str, request: &[u8]) -> Result<Vec<u8>, Malformed> {
        let request = RegistrationRequest::deserialize(request).map_err(|_| Malformed)?;
        let started =
            ServerRegistration::<Suite>::start(&self.setup, request, handle.as_bytes()).map_err(|_| Malformed)?;
        Ok(started.message.serialize().to_vec())
    }

    /// Starts a sign-in: what to remember, and KE2. Without a record the answer is a forgery that looks the same and takes
    /// as long.
    pub fn start(&self, handle: &str, record: Option<&[u8]>, ke1: &[u8]) -> Result<(Vec<u8>, Vec<u8>), Malformed> {
        let request = CredentialRequest::deserialize(ke1).map_err(|_| Malformed)?;
        let read = ServerRegistration::<Suite>::deserialize(record.unwrap_or(&self.decoy)).map_err(|_| Malformed)?;
        let record = record.is_some().then_some(read);
        let parameters = ServerLoginParameters::default();
        let started = ServerLogin::start(&mut OsRng, &self.setup, record, request, handle.as_bytes(), parameters)
            .map_err(|_| Malformed)?;
        Ok((started.state.serialize().to_vec(), started.message.serialize().to_vec()))
    }
}

/// Whether KE3 proves that the app knew the password.
pub fn is_proof(state: &[u8], ke3: &[u8]) -> bool {
    let Ok(state) = ServerLogin::<Suite>::deserialize(state) else { return false };
    let Ok(ke3) = CredentialFinalization::deserialize(ke3) else { return false };
    state.finish(ke3, ServerLoginParameters::default()).is_ok()
}

/// Whether `record` can be stored as a registration.
pub fn is_record(record: &[u8]) -> bool {
    record.len() == RECORD_BYTES && RegistrationUpload::<Suite>::deserialize(record).is_ok()
}
