//! Signing in, with the password or with the recovery kit. Every refusal is the same, and so is every answer to a name
//! that nobody has.

use super::Peer;
use super::begin::Asker;
use super::door::{Charge, Door, Trying};
use super::failure::{Answer, Failure};
use super::notices::{self, Told};
use super::reading::Body;
use super::second;
use crate::auth::attempts::{Attempt, Proof};
use crate::auth::second_step::First;
use crate::auth::{opaque, random};
use crate::vault::Shared;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::Response;
use eaves_api::app::{
    KSF_PRESET, KitChallenge, KitFinish, KitStart, LoginChallenge, LoginFinish, LoginStart, Registration, Way,
    WrappedSecret,
};
use eaves_api::problem::Code;
use eaves_domain::Base64Url;
use eaves_domain::envelope::PublicKey;
use eaves_tlog::details::WayIn;
use std::sync::{Arc, PoisonError};

const HANDLE_BYTES: usize = 32;

/// The text under which a handle is known.
pub(super) fn handle_text(handle: &Base64Url) -> Answer<String> {
    if handle.0.len() == HANDLE_BYTES { Ok(handle.to_text()) } else { Err(Code::InvalidRequest.into()) }
}

/// The vault's half of a registration, alike for names that somebody has and names that nobody has.
pub(super) fn registration(shared: &Shared, handle: &str, request: &Base64Url) -> Answer<Json<Registration>> {
    let response = shared.sign_in_key.register(handle, &request.0).map_err(|_| Failure::from(Code::InvalidRequest))?;
    Ok(Json(Registration { registration_response: response.into() }))
}

/// Whether a wrapped secret has the form and belongs to `way`.
pub(super) fn is_wrapped(secret: &WrappedSecret, way: Way) -> bool {
    secret.way == way && secret.nonce.0.len() == 12 && secret.ciphertext.0.len() == 48
}

fn open(shared: &Shared, attempt: Attempt) -> Answer<Base64Url> {
    let id: [u8; 16] = random()?;
    let mut attempts = shared.attempts.lock().unwrap_or_else(PoisonError::into_inner);
    if attempts.open(id, attempt) { Ok(id.to_vec().into()) } else { Err(Code::Busy.into()) }
}

pub(super) fn take(shared: &Shared, id: &Base64Url) -> Answer<Attempt> {
    let mut attempts = shared.attempts.lock().unwrap_or_else(PoisonError::into_inner);
    attempts.take(&id.0, shared.now()).ok_or(Code::SignInFailed.into())
}

/// Somebody who tries one name too often is told of to whoever has that name.
fn tell_if_tripped(shared: &Arc<Shared>, handle: &str, way: WayIn, charge: Answer<Charge>) -> Answer<Charge> {
    if charge.as_ref().is_err_and(Failure::is_wait) {
        notices::throttle_tripped(shared, handle.to_owned(), Told { way: Some(way), ..Told::default() });
    }
    charge
}

pub(super) async fn start(
    State(shared): State<Arc<Shared>>,
    mut door: Door,
    Body(login): Body<LoginStart>,
) -> Answer<Json<LoginChallenge>> {
    let handle = handle_text(&login.handle)?;
    let known = door.device_of(&shared, &handle).await?;
    let charge = door.charge(&shared, Trying::Password(&handle), known.as_ref()).await;
    let charge = tell_if_tripped(&shared, &handle, WayIn::Password, charge)?;
    let account = shared.store.account(&handle).await?;
    let ksf_preset = account.as_ref().map_or(KSF_PRESET, |account| account.ksf_preset);
    let (owner, record) = account.map(|a| ((a.household, a.member), a.opaque_record)).unzip();
    // Without a password the answer is the one to a name that nobody has.
    let record: Option<Vec<u8>> = record.filter(|record: &Vec<u8>| !record.is_empty());
    let key = shared.sign_in_key.clone();
    let answered = move || key.start(&handle, record.as_deref(), &login.ke1.0);
    let (state, ke2) =
        shared.gate.compute(&charge, answered).await?.map_err(|_| Failure::from(Code::InvalidRequest))?;
    let attempt = Attempt { proof: Proof::Password(state), account: owner, charge, started: shared.now() };
    Ok(Json(LoginChallenge { login: open(&shared, attempt)?, ke2: ke2.into(), ksf_preset }))
}

pub(super) async fn finish(
    State(shared): State<Arc<Shared>>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    Body(login): Body<LoginFinish>,
) -> Answer<Response> {
    let attempt = take(&shared, &login.login)?;
    let is_proved = match &attempt.proof {
        Proof::Password(state) => opaque::is_proof(state, &login.ke3.0),
        Proof::Kit { .. } => false,
    };
    proved(&shared, Asker::new(peer, &headers), First::Password, attempt, is_proved).await
}

pub(super) async fn kit_start(
    State(shared): State<Arc<Shared>>,
    mut door: Door,
    Body(login): Body<KitStart>,
) -> Answer<Json<KitChallenge>> {
    let handle = handle_text(&login.handle)?;
    let known = door.device_of(&shared, &handle).await?;
    let charge = door.charge(&shared, Trying::Kit(&handle), known.as_ref()).await;
    let charge = tell_if_tripped(&shared, &handle, WayIn::Kit, charge)?;
    let account = shared.store.account(&handle).await?;
    let challenge: [u8; 32] = random()?;
    let proof = Proof::Kit { challenge, key: account.as_ref().and_then(|account| account.kit_key) };
    let account = account.map(|account| (account.household, account.member));
    let attempt = Attempt { proof, account, charge, started: shared.now() };
    Ok(Json(KitChallenge { login: open(&shared, attempt)?, challenge: challenge.to_vec().into() }))
}

pub(super) async fn kit_finish(
    State(shared): State<Arc<Shared>>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    Body(login): Body<KitFinish>,
) -> Answer<Response> {
    let attempt = take(&shared, &login.login)?;
    let is_proved = match &attempt.proof {
        Proof::Kit { challenge, key: Some(key) } => is_signed_by_kit(key, challenge, &login.signature.0),
        _ => false,
    };
    proved(&shared, Asker::new(peer, &headers), First::Kit, attempt, is_proved).await
}

/// Whether the kit of this key signed a challenge.
pub(super) fn is_signed_by_kit(key: &PublicKey, challenge: &[u8; 32], signature: &[u8]) -> bool {
    key.verify(&[b"eaves/kit-login/v1\0".as_slice(), challenge].concat(), signature)
}

async fn proved(
    shared: &Arc<Shared>,
    asker: Asker<'_>,
    first: First,
    attempt: Attempt,
    is_proved: bool,
) -> Answer<Response> {
    let (true, Some((household, member))) = (is_proved, attempt.account) else {
        return Err(Code::SignInFailed.into());
    };
    let account = shared.store.account_of(household, member).await?.ok_or(Code::SignInFailed)?;
    second::after_first(shared, asker, first, &account, attempt.charge).await
}
