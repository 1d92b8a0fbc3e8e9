//! How the simulated people sign in: an OPAQUE client, the kit, and the browsers they do it from.

use crate::home::{Home, random, secret};
use crate::stranger::Stranger;
use crate::world::{Answer, Ask, World};
use argon2::Argon2;
use axum::http::Method;
use eaves_api::app::*;
use eaves_domain::Base64Url;
use eaves_domain::envelope::PublicKey;
use ed25519_dalek::{Signer as _, SigningKey};
use opaque_ke::rand::rngs::OsRng;
use opaque_ke::*;

pub(crate) struct Suite;

impl CipherSuite for Suite {
    type OprfCs = Ristretto255;
    type KeyExchange = TripleDh<Ristretto255, sha2::Sha512>;
    type Ksf = Argon2<'static>;
}

/// Cheap parameters: the vault cannot tell, and the tests need not wait.
pub(crate) fn argon() -> Argon2<'static> {
    let parameters = argon2::Params::new(64, 1, 1, None).unwrap();
    Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, parameters)
}

fn ask_with(cookie: Option<&str>, path: &str) -> Ask {
    let ask = Ask::app(Method::POST, path);
    match cookie {
        Some(cookie) => ask.cookie(cookie),
        None => ask,
    }
}

/// The app's half of a registration: message one, and what makes message two from the answer.
pub(crate) fn registration(password: &str) -> (Base64Url, impl FnOnce(&[u8]) -> Base64Url + use<>) {
    let (request, finish) = registration_with_key(password);
    (request, move |response: &[u8]| finish(response).0)
}

/// The same, with the export key.
pub(crate) fn registration_with_key(password: &str) -> (Base64Url, impl FnOnce(&[u8]) -> (Base64Url, Vec<u8>) + use<>) {
    let password = password.to_owned();
    let started = ClientRegistration::<Suite>::start(&mut OsRng, password.as_bytes()).unwrap();
    let request = started.message.serialize().to_vec().into();
    let finish = move |response: &[u8]| {
        let response = RegistrationResponse::deserialize(response).unwrap();
        let argon = argon();
        let parameters = ClientRegistrationFinishParameters::new(Identifiers::default(), Some(&argon));
        let done = started.state.finish(&mut OsRng, password.as_bytes(), response, parameters).unwrap();
        (done.message.serialize().to_vec().into(), done.export_key.to_vec())
    };
    (request, finish)
}

/// What a sign-in that was completed hands out.
pub(crate) fn signed_in(answer: &Answer) -> SignedIn {
    match answer.json() {
        SignIn::SignedIn(signed) => *signed,
        other => panic!("{other:?}"),
    }
}

/// The question for a second proof.
pub(crate) fn question(answer: &Answer) -> SecondStep {
    match answer.json() {
        SignIn::SecondStep(step) => *step,
        other => panic!("{other:?}"),
    }
}

impl Home {
    /// The app's half of OPAQUE: KE1, and what makes KE3 from KE2 if the password is the right one.
    pub(crate) fn opaque_login(&self, password: &str) -> (Base64Url, impl FnOnce(&[u8]) -> Option<Base64Url> + use<>) {
        let started = ClientLogin::<Suite>::start(&mut OsRng, password.as_bytes()).unwrap();
        let (ke1, password) = (started.message.serialize().to_vec().into(), password.to_owned());
        let finish = move |ke2: &[u8]| {
            let ke2 = CredentialResponse::deserialize(ke2).unwrap();
            let argon = argon();
            let parameters = ClientLoginFinishParameters::new(None, Identifiers::default(), Some(&argon));
            let done = started.state.finish(&mut OsRng, password.as_bytes(), ke2, parameters).ok()?;
            Some(done.message.serialize().to_vec().into())
        };
        (ke1, finish)
    }

    /// Starts a sign-in; the answer, and what proves the password (if it is the right one).
    pub(crate) async fn login_start(
        &self,
        world: &World,
        password: &str,
    ) -> (Answer, impl FnOnce(&LoginChallenge) -> Option<LoginFinish> + use<>) {
        self.login_start_with(world, password, self.device_cookie()).await
    }

    /// Starts a sign-in in a browser that has this cookie, or none.
    pub(crate) async fn login_start_with(
        &self,
        world: &World,
        password: &str,
        cookie: Option<&str>,
    ) -> (Answer, impl FnOnce(&LoginChallenge) -> Option<LoginFinish> + use<>) {
        let (ke1, proof) = self.opaque_login(password);
        let start = LoginStart { handle: self.handle.clone(), ke1 };
        let answer = world.call(ask_with(cookie, "/api/v1/login/start").json(&start)).await;
        let finish = move |challenge: &LoginChallenge| {
            let ke3 = proof(&challenge.ke2.0)?;
            Some(LoginFinish { login: challenge.login.clone(), ke3 })
        };
        (answer, finish)
    }

    /// The first step of a sign-in in a browser that has this cookie, or none; `None` when the app itself sees that the
    /// password is wrong.
    pub(crate) async fn login_with(&self, world: &World, password: &str, cookie: Option<&str>) -> Option<Answer> {
        let (answer, finish) = self.login_start_with(world, password, cookie).await;
        if !answer.status.is_success() {
            return Some(answer);
        }
        let finish = finish(&answer.json())?;
        Some(world.call(ask_with(cookie, "/api/v1/login/finish").json(&finish)).await)
    }

    /// Signs in, with the kit as the second step where the browser is not known; `None` when the app itself sees that the
    /// password is wrong.
    pub(crate) async fn login(&self, world: &World, password: &str) -> Option<Answer> {
        let cookie = self.device_cookie();
        let answer = self.login_with(world, password, cookie).await?;
        if !answer.status.is_success() {
            return Some(answer);
        }
        let SignIn::SecondStep(step) = answer.json() else { return Some(answer) };
        let message = [b"eaves/kit-login/v1\0".as_slice(), &step.challenge.0].concat();
        let proof = SecondProof::Kit { signature: self.kit.sign(&message).to_bytes().to_vec().into() };
        let second = SecondAnswer { login: step.login, proof };
        Some(world.call(ask_with(cookie, "/api/v1/login/second").json(&second)).await)
    }

    /// Signs in with password and kit in a browser that nobody knows; its cookie.
    pub(crate) async fn sign_in_with_kit(&self, world: &World) -> String {
        let step = question(&self.login_with(world, &self.password, None).await.unwrap());
        let message = [b"eaves/kit-login/v1\0".as_slice(), &step.challenge.0].concat();
        let proof = SecondProof::Kit { signature: self.kit.sign(&message).to_bytes().to_vec().into() };
        let second = SecondAnswer { login: step.login, proof };
        world.call(Ask::app(Method::POST, "/api/v1/login/second").json(&second)).await.ok().cookie()
    }

    /// A new password, chosen in the browser of the claim.
    pub(crate) async fn set_password(&self, world: &World, password: &str) -> Answer {
        let (registration_request, finish) = registration(password);
        let start = PasswordStart { registration_request };
        let answer = world.call(self.ask(Method::POST, "/api/v1/ways-in/password/start").json(&start)).await;
        let registration_record = finish(&answer.json::<Registration>().registration_response.0);
        let replace = PasswordReplace { registration_record, ksf_preset: KSF_PRESET, password: secret(Way::Password) };
        world.call(self.ask(Method::PUT, "/api/v1/ways-in/password").json(&replace)).await
    }

    /// A new kit that nobody keeps.
    pub(crate) async fn replace_kit(&self, world: &World, cookie: &str) {
        let kit_key = PublicKey::of(&SigningKey::from_bytes(&random()));
        let replace = KitReplace { kit: secret(Way::Kit), kit_key };
        world.call(Ask::app(Method::PUT, "/api/v1/ways-in/kit").cookie(cookie).json(&replace)).await.ok();
    }

    /// A new password, chosen in the browser of `cookie`.
    pub(crate) async fn change_password(&mut self, world: &World, password: &str) {
        self.set_password(world, password).await.ok();
        password.clone_into(&mut self.password);
    }

    /// The export key of a sign-in with the password, if whoever answers has the right secrets.
    pub(crate) fn export_key(&self, answer: impl FnOnce(&[u8]) -> Option<(Vec<u8>, Vec<u8>)>) -> Option<Vec<u8>> {
        let password = self.password.as_bytes();
        let started = ClientLogin::<Suite>::start(&mut OsRng, password).unwrap();
        let (_, ke2) = answer(&started.message.serialize())?;
        let argon = argon();
        let parameters = ClientLoginFinishParameters::new(None, Identifiers::default(), Some(&argon));
        let ke2 = CredentialResponse::deserialize(&ke2).ok()?;
        Some(started.state.finish(&mut OsRng, password, ke2, parameters).ok()?.export_key.to_vec())
    }

    /// The first message of a sign-in.
    pub(crate) fn ke1(&self) -> Vec<u8> {
        self.opaque_login(&self.password).0.0
    }

    /// The same people in a browser that nobody has used before.
    pub(crate) fn stranger(&self) -> Stranger<'_> {
        Stranger::of(self)
    }

    /// What the browser of the claim is known by, if it holds that still.
    pub(crate) fn device_cookie(&self) -> Option<&str> {
        self.cookie.split("; ").find(|pair| pair.starts_with("eaves-device="))
    }

    pub(crate) async fn kit_login(&self, world: &World, kit: &SigningKey) -> Answer {
        self.kit_login_with(world, kit, self.device_cookie()).await
    }

    /// The first step with the kit in a browser that has this cookie, or none.
    pub(crate) async fn kit_login_with(&self, world: &World, kit: &SigningKey, cookie: Option<&str>) -> Answer {
        let start = KitStart { handle: self.handle.clone() };
        let answer = world.call(ask_with(cookie, "/api/v1/login/kit/start").json(&start)).await;
        if !answer.status.is_success() {
            return answer;
        }
        let challenge: KitChallenge = answer.json();
        let message = [b"eaves/kit-login/v1\0".as_slice(), &challenge.challenge.0].concat();
        let signature = kit.sign(&message).to_bytes().to_vec().into();
        let finish = KitFinish { login: challenge.login, signature };
        world.call(ask_with(cookie, "/api/v1/login/kit/finish").json(&finish)).await
    }
}
