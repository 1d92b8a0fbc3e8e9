//! The app's half of OPAQUE, without stretching.

use opaque_ke::rand::rngs::OsRng;
use opaque_ke::{
    CipherSuite, ClientLogin, ClientLoginFinishParameters, ClientRegistration, ClientRegistrationFinishParameters,
    CredentialResponse, RegistrationResponse, Ristretto255, TripleDh,
};

pub(crate) struct Suite;

impl CipherSuite for Suite {
    type OprfCs = Ristretto255;
    type KeyExchange = TripleDh<Ristretto255, sha2::Sha512>;
    type Ksf = opaque_ke::ksf::Identity;
}

/// A registration record; `answer` is the vault's half.
pub(crate) fn register(password: &str, answer: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let started = ClientRegistration::<Suite>::start(&mut OsRng, password.as_bytes()).unwrap();
    let response = RegistrationResponse::deserialize(&answer(&started.message.serialize())).unwrap();
    let parameters = ClientRegistrationFinishParameters::default();
    let done = started.state.finish(&mut OsRng, password.as_bytes(), response, parameters).unwrap();
    done.message.serialize().to_vec()
}

/// A sign-in that has begun.
pub(crate) struct Login {
    state: ClientLogin<Suite>,
    password: String,
    pub(crate) ke1: Vec<u8>,
}

impl Login {
    pub(crate) fn start(password: &str) -> Self {
        let started = ClientLogin::<Suite>::start(&mut OsRng, password.as_bytes()).unwrap();
        Self { state: started.state, password: password.to_owned(), ke1: started.message.serialize().to_vec() }
    }

    /// KE3, or nothing when the password is wrong.
    pub(crate) fn finish(self, ke2: &[u8]) -> Option<Vec<u8>> {
        let ke2 = CredentialResponse::deserialize(ke2).ok()?;
        let parameters = ClientLoginFinishParameters::default();
        let done = self.state.finish(&mut OsRng, self.password.as_bytes(), ke2, parameters).ok()?;
        Some(done.message.serialize().to_vec())
    }
}
