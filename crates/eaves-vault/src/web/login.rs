//! Signing in, with the password or with the recovery kit. Every refusal is the same, and so is every answer to a name
//! that nobody has.

use super::devices;
use super::door::{self, Door, Trying};
use super::failure::{Answer, Failure};
use super::reading::Body;
use crate::auth::attempts::{Attempt, Proof};
use crate::auth::session::{self, Token};
use crate::auth::throttle::Counter;
use crate::auth::{client, opaque, random};
use crate::store::{Account, SessionRow};
use crate::vault::Shared;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::AppendHeaders;
use eaves_api::app::{
    KSF_PRESET, KitChallenge, KitFinish, KitStart, LoginChallenge, LoginFinish, LoginStart, Powers, Registration,
    SignIn, SignedIn, Way, WrappedSecret,
};
use eaves_api::problem::Code;
use eaves_domain::{Base64Url, HouseholdId, MemberId};
use std::sync::{Arc, PoisonError};

/// A session that has just begun: its cookies, and what the app needs next.
pub(super) type Signed = (Cookies, Json<SignIn>);

/// The cookies of a session that has just begun.
pub(super) type Cookies = AppendHeaders<Vec<(HeaderName, HeaderValue)>>;

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

fn take(shared: &Shared, id: &Base64Url) -> Answer<Attempt> {
    let mut attempts = shared.attempts.lock().unwrap_or_else(PoisonError::into_inner);
    attempts.take(&id.0, shared.now()).ok_or(Code::SignInFailed.into())
}

pub(super) async fn start(
    State(shared): State<Arc<Shared>>,
    mut door: Door,
    Body(login): Body<LoginStart>,
) -> Answer<Json<LoginChallenge>> {
    let handle = handle_text(&login.handle)?;
    let known = door.device_of(&shared, &handle).await?;
    let charge = door.charge(&shared, Trying::Password(&handle), known.as_ref()).await?;
    let account = shared.store.account(&handle).await?;
    let ksf_preset = account.as_ref().map_or(KSF_PRESET, |account| account.ksf_preset);
    let (owner, record) = account.map(|a| ((a.household, a.member), a.opaque_record)).unzip();
    let key = shared.sign_in_key.clone();
    let answered = move || key.start(&handle, record.as_deref(), &login.ke1.0);
    let (state, ke2) =
        shared.gate.compute(&charge, answered).await?.map_err(|_| Failure::from(Code::InvalidRequest))?;
    let attempt = Attempt { proof: Proof::Password(state), account: owner, charge, started: shared.now() };
    Ok(Json(LoginChallenge { login: open(&shared, attempt)?, ke2: ke2.into(), ksf_preset }))
}

pub(super) async fn finish(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Body(login): Body<LoginFinish>,
) -> Answer<Signed> {
    let attempt = take(&shared, &login.login)?;
    let is_proved = match &attempt.proof {
        Proof::Password(state) => opaque::is_proof(state, &login.ke3.0),
        Proof::Kit { .. } => false,
    };
    succeed(&shared, &attempt, is_proved, Way::Password, &headers).await
}

pub(super) async fn kit_start(
    State(shared): State<Arc<Shared>>,
    mut door: Door,
    Body(login): Body<KitStart>,
) -> Answer<Json<KitChallenge>> {
    let handle = handle_text(&login.handle)?;
    let known = door.device_of(&shared, &handle).await?;
    let charge = door.charge(&shared, Trying::Kit(&handle), known.as_ref()).await?;
    let account = shared.store.account(&handle).await?;
    let challenge: [u8; 32] = random()?;
    let proof = Proof::Kit { challenge, key: account.as_ref().map(|account| account.kit_key) };
    let account = account.map(|account| (account.household, account.member));
    let attempt = Attempt { proof, account, charge, started: shared.now() };
    Ok(Json(KitChallenge { login: open(&shared, attempt)?, challenge: challenge.to_vec().into() }))
}

pub(super) async fn kit_finish(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Body(login): Body<KitFinish>,
) -> Answer<Signed> {
    let attempt = take(&shared, &login.login)?;
    let is_proved = match &attempt.proof {
        Proof::Kit { challenge, key: Some(key) } => {
            let message = [b"eaves/kit-login/v1\0".as_slice(), challenge].concat();
            key.verify(&message, &login.signature.0)
        }
        _ => false,
    };
    succeed(&shared, &attempt, is_proved, Way::Kit, &headers).await
}

async fn succeed(shared: &Shared, attempt: &Attempt, is_proved: bool, way: Way, headers: &HeaderMap) -> Answer<Signed> {
    let (true, Some((household, member))) = (is_proved, attempt.account) else {
        return Err(Code::SignInFailed.into());
    };
    let signed = begin(shared, household, member, way, headers).await?;
    door::refund(shared, &attempt.charge).await?;
    if let (Way::Kit, Some(handle)) = (way, shared.store.handle_of(household, member).await?) {
        // Who holds the kit is the member: whatever strangers did to the password's counter is over.
        shared.store.refund(&[Counter::Password(handle)]).await?;
    }
    Ok(signed)
}

/// Begins a session of `account`.
pub(super) async fn begin_session(shared: &Shared, account: &Account, way: Way, headers: &HeaderMap) -> Answer<Signed> {
    begin(shared, account.household, account.member, way, headers).await
}

async fn begin(
    shared: &Shared,
    household: HouseholdId,
    member: MemberId,
    way: Way,
    headers: &HeaderMap,
) -> Answer<Signed> {
    let in_force = shared.homes.roster(&shared.store, household).await?;
    // Who waits to be let in may come back to wait; their session opens nothing else.
    let pending = in_force.roster.member(member).is_none();
    if pending && !shared.store.is_newcomer(household, member, shared.now()).await? {
        return Err(Code::SignInFailed.into());
    }
    let wrapped = shared.store.wrapped_secret(household, member, way).await?.ok_or(Code::SignInFailed)?;
    let cookies = add_session(shared, household, member, headers).await?;
    let session = Powers { strong_until_us: shared.now().plus_us(session::STRONG_US), powers_from_us: None };
    let signed = SignedIn { household, member, wrapped: Some(wrapped), session, pending };
    Ok((cookies, Json(SignIn::SignedIn(Box::new(signed)))))
}

/// Begins the session of a newcomer, who waits.
pub(super) async fn begin_waiting(
    shared: &Shared,
    household: HouseholdId,
    member: MemberId,
    headers: &HeaderMap,
) -> Answer<Cookies> {
    add_session(shared, household, member, headers).await
}

async fn add_session(
    shared: &Shared,
    household: HouseholdId,
    member: MemberId,
    headers: &HeaderMap,
) -> Answer<Cookies> {
    let (token, now) = (Token::from_random(random()?), shared.now());
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let client = client::name(agent);
    let (device, device_cookie) = devices::remember(shared, household, member, headers, &client).await?;
    let row = SessionRow {
        session: hex::encode(random::<16>()?),
        household,
        member,
        client,
        started: now,
        used: now,
        device: Some(device),
    };
    shared.store.add_session(token.digest(), &row).await?;
    let mut cookies = Vec::new();
    for cookie in
        [Some(session::cookie(&token.into_text(), shared.config.is_secure)), device_cookie].into_iter().flatten()
    {
        let value = HeaderValue::from_str(&cookie).map_err(|_| Failure::from(Code::Internal))?;
        cookies.push((header::SET_COOKIE, value));
    }
    Ok(AppendHeaders(cookies))
}
