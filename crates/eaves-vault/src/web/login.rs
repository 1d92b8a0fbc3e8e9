//! Signing in, with the password or with the recovery kit. Every refusal is the same, and so is every answer to a name
//! that nobody has.

use super::Peer;
use super::failure::{Answer, Failure};
use super::reading::Body;
use crate::auth::attempts::{Attempt, Proof};
use crate::auth::session::{self, Token};
use crate::auth::throttle::{self, Counter};
use crate::auth::{client, opaque, random};
use crate::store::{Account, SessionRow};
use crate::vault::Shared;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use eaves_api::app::{
    KSF_PRESET, KitChallenge, KitFinish, KitStart, LoginChallenge, LoginFinish, LoginStart, Powers, SignIn, SignedIn,
    Way, WrappedSecret,
};
use eaves_api::problem::Code;
use eaves_domain::{Base64Url, HouseholdId, MemberId};
use std::sync::{Arc, PoisonError};

/// A session that has just begun: its cookie, and what the app needs next.
pub(super) type Signed = ([(HeaderName, HeaderValue); 1], Json<SignIn>);

const HANDLE_BYTES: usize = 32;

/// The text under which a handle is known.
pub(super) fn handle_text(handle: &Base64Url) -> Answer<String> {
    if handle.0.len() == HANDLE_BYTES { Ok(handle.to_text()) } else { Err(Code::InvalidRequest.into()) }
}

/// Whether a wrapped secret has the form and belongs to `way`.
pub(super) fn is_wrapped(secret: &WrappedSecret, way: Way) -> bool {
    secret.way == way && secret.nonce.0.len() == 12 && secret.ciphertext.0.len() == 48
}

/// Takes an attempt and charges it to every counter, or refuses it.
pub(super) async fn charge(shared: &Shared, counters: &[Counter]) -> Answer<()> {
    let (names, now) = (counters.iter().map(Counter::name).collect::<Vec<_>>(), shared.now());
    let decision = shared.store.throttle(&names, |buckets| throttle::charge(counters, buckets, now)).await?;
    Ok(decision?)
}

/// Gives back what was charged for an attempt that succeeded.
pub(super) async fn refund(shared: &Shared, counters: &[Counter]) -> Answer<()> {
    let names: Vec<_> = counters.iter().map(Counter::name).collect();
    shared.store.throttle(&names, |buckets| throttle::refund(counters, buckets)).await?;
    Ok(())
}

fn network(peer: Option<Extension<Peer>>) -> Counter {
    Counter::Network(peer.map(|Extension(Peer(address))| address))
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
    peer: Option<Extension<Peer>>,
    Body(login): Body<LoginStart>,
) -> Answer<Json<LoginChallenge>> {
    let handle = handle_text(&login.handle)?;
    let counters = vec![Counter::Password(handle.clone()), network(peer)];
    charge(&shared, &counters).await?;
    let account = shared.store.account(&handle).await?;
    let record = account.as_ref().map(|account| account.opaque_record.as_slice());
    let (state, ke2) =
        shared.sign_in_key.start(&handle, record, &login.ke1.0).map_err(|_| Failure::from(Code::InvalidRequest))?;
    let ksf_preset = account.as_ref().map_or(KSF_PRESET, |account| account.ksf_preset);
    let account = account.map(|account| (account.household, account.member));
    let attempt = Attempt { proof: Proof::Password(state), account, counters, started: shared.now() };
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
    peer: Option<Extension<Peer>>,
    Body(login): Body<KitStart>,
) -> Answer<Json<KitChallenge>> {
    let handle = handle_text(&login.handle)?;
    let counters = vec![Counter::Kit(handle.clone()), network(peer)];
    charge(&shared, &counters).await?;
    let account = shared.store.account(&handle).await?;
    let challenge: [u8; 32] = random()?;
    let proof = Proof::Kit { challenge, key: account.as_ref().map(|account| account.kit_key) };
    let account = account.map(|account| (account.household, account.member));
    let attempt = Attempt { proof, account, counters, started: shared.now() };
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
    refund(shared, &attempt.counters).await?;
    if way == Way::Kit {
        // Who holds the kit is the member: whatever strangers did to the password's counter is over.
        if let Some(handle) = shared.store.handle_of(household, member).await? {
            refund(shared, &[Counter::Password(handle)]).await?;
        }
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
    if in_force.roster.member(member).is_none() {
        return Err(Code::SignInFailed.into());
    }
    let wrapped = shared.store.wrapped_secret(household, member, way).await?.ok_or(Code::SignInFailed)?;
    let (token, now) = (Token::from_random(random()?), shared.now());
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let row = SessionRow {
        session: hex::encode(random::<16>()?),
        household,
        member,
        client: client::name(agent),
        started: now,
        used: now,
    };
    shared.store.add_session(token.digest(), &row).await?;
    let cookie = session::cookie(&token.into_text(), shared.config.is_secure);
    let cookie = HeaderValue::from_str(&cookie).map_err(|_| Failure::from(Code::Internal))?;
    let session = Powers { strong_until_us: now.plus_us(session::STRONG_US), powers_from_us: None };
    let signed = SignedIn { household, member, wrapped: Some(wrapped), session, pending: false };
    Ok(([(header::SET_COOKIE, cookie)], Json(SignIn::SignedIn(Box::new(signed)))))
}
