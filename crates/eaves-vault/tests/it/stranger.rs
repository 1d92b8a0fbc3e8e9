//! A browser that nobody has signed in with before.

use crate::home::Home;
use crate::signing::{Suite, argon};
use crate::world::{Answer, Ask, World};
use axum::http::Method;
use eaves_api::app::{LoginChallenge, LoginFinish, LoginStart};
use eaves_domain::Base64Url;
use opaque_ke::rand::rngs::OsRng;
use opaque_ke::{ClientLogin, ClientLoginFinishParameters, CredentialResponse, Identifiers};

/// Somebody who tries to sign in and shows no known device.
pub(crate) struct Stranger<'a> {
    home: &'a Home,
    address: Option<String>,
    work: Option<String>,
}

impl<'a> Stranger<'a> {
    /// One who knows the name and the password of `home`.
    pub(crate) fn of(home: &'a Home) -> Self {
        Self { home, address: None, work: None }
    }

    /// From this address.
    pub(crate) fn from(self, address: &str) -> Self {
        Self { address: Some(address.to_owned()), ..self }
    }

    /// With this work.
    pub(crate) fn with_work(self, work: &str) -> Self {
        Self { work: Some(work.to_owned()), ..self }
    }

    fn ask(&self, path: &str) -> Ask {
        let mut ask = Ask::app(Method::POST, path);
        if let Some(address) = &self.address {
            ask = ask.from(address);
        }
        if let Some(work) = &self.work {
            ask = ask.header("eaves-work", work);
        }
        ask
    }

    /// Starts and stops there, as a guesser does who sees that the guess was wrong.
    pub(crate) async fn start(&self, world: &World, handle: &Base64Url) -> Answer {
        let started = ClientLogin::<Suite>::start(&mut OsRng, b"guess").unwrap();
        let start = LoginStart { handle: handle.clone(), ke1: started.message.serialize().to_vec().into() };
        world.call(self.ask("/api/v1/login/start").json(&start)).await
    }

    /// Goes all the way with the right password.
    pub(crate) async fn login(&self, world: &World) -> Answer {
        let password = self.home.password.as_bytes();
        let started = ClientLogin::<Suite>::start(&mut OsRng, password).unwrap();
        let start = LoginStart { handle: self.home.handle.clone(), ke1: started.message.serialize().to_vec().into() };
        let answer = world.call(self.ask("/api/v1/login/start").json(&start)).await;
        if !answer.status.is_success() {
            return answer;
        }
        let challenge: LoginChallenge = answer.json();
        let ke2 = CredentialResponse::deserialize(&challenge.ke2.0).unwrap();
        let argon = argon();
        let parameters = ClientLoginFinishParameters::new(None, Identifiers::default(), Some(&argon));
        let done = started.state.finish(&mut OsRng, password, ke2, parameters).unwrap();
        let finish = LoginFinish { login: challenge.login, ke3: done.message.serialize().to_vec().into() };
        world.call(self.ask("/api/v1/login/finish").json(&finish)).await
    }
}
