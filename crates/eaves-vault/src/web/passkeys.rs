//! Passkeys: signing in with one, and keeping a member's list of them.

use super::acts;
use super::begin::{self, Asker, Beginning};
use super::door::{self, Charge, Door, Trying};
use super::failure::{Answer, Failure};
use super::guard::Caller;
use super::notices::{self, Told};
use super::reading::{Body, InPath};
use super::{Peer, login};
use crate::auth::passkey::{Assertion, Registration, RelyingParty};
use crate::auth::random;
use crate::auth::throttle::Counter;
use crate::store::{PasskeyRow, Removal, Removed, StoreError};
use crate::vault::Shared;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use eaves_api::app::{
    LABEL_BYTES_MAX, NoticeKind, Passkey, PasskeyChallenge, PasskeyChange, PasskeyFinish, PasskeyList, PasskeyRegister,
    PasskeyRegistration, Passkeys, Way, WrappedSecret,
};
use eaves_api::problem::Code;
use eaves_domain::{Base64Url, Digest, HouseholdId, MemberId};
use eaves_tlog::details::{Change, WayIn, What};
use serde_json::Value;
use std::sync::{Arc, PoisonError};

/// A sign-in or registration with a passkey may take so long, in microseconds.
pub(crate) const PASSKEY_US: i64 = 300_000_000;
/// A member has so many at most.
const PASSKEYS_MAX: usize = 32;

/// A sign-in with a passkey that has started.
pub(crate) struct SigningIn {
    assertion: Assertion,
    charge: Charge,
}

/// A registration that has started, and by which session.
pub(crate) struct Registering {
    registration: Registration,
    session: Digest,
}

/// The name that passkeys of this page are for. An address has none, and another name than ours gets none.
pub(super) fn party<'a>(shared: &'a Shared, headers: &HeaderMap) -> Answer<&'a RelyingParty> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let party = shared.relying_party.as_ref().filter(|party| Some(party.host()) == host);
    party.ok_or(Code::NeedsAName.into())
}

/// Whether passkeys can be used at the address that this request came to.
pub(super) fn availability(shared: &Shared, headers: &HeaderMap) -> Passkeys {
    if party(shared, headers).is_ok() { Passkeys::Available } else { Passkeys::NeedsAName }
}

pub(super) async fn login_start(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    mut door: Door,
) -> Answer<Json<PasskeyChallenge>> {
    let charge = door.charge(&shared, Trying::Passkey, None).await?;
    let party = party(&shared, &headers)?;
    let (options, assertion) = party.challenge(&[]).map_err(|_| Failure::from(Code::Internal))?;
    let id: [u8; 16] = random()?;
    let mut open = shared.passkey_logins.lock().unwrap_or_else(PoisonError::into_inner);
    if !open.open(id, SigningIn { assertion, charge }, shared.now()) {
        return Err(Code::Busy.into());
    }
    Ok(Json(PasskeyChallenge { login: id.to_vec().into(), options }))
}

pub(super) async fn login_finish(
    State(shared): State<Arc<Shared>>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    Body(PasskeyFinish { login, assertion }): Body<PasskeyFinish>,
) -> Answer<Response> {
    let started = {
        let mut open = shared.passkey_logins.lock().unwrap_or_else(PoisonError::into_inner);
        open.take(&login.0, shared.now()).ok_or(Code::SignInFailed)?
    };
    let row = asserted(&shared, started.assertion, &assertion).await?.ok_or(Code::SignInFailed)?;
    let wrapped = shared.store.passkey_wrap(&row).await?;
    let (household, member) = (row.household, row.member);
    let beginning = Beginning { household, member, way: WayIn::Passkey, wrapped, recovered: false, tell: true };
    let signed = begin::begin(&shared, Asker::new(peer, &headers), beginning).await?;
    door::refund(&shared, &started.charge).await?;
    if let Some(handle) = shared.store.handle_of(household, member).await? {
        // Whoever holds the passkey is the member: whatever strangers did to the password's counter is over.
        shared.store.refund(&[Counter::Password(handle)]).await?;
    }
    Ok(signed)
}

/// The passkey that really made this assertion, its use noted.
async fn asserted(shared: &Shared, asked: Assertion, assertion: &Value) -> Answer<Option<PasskeyRow>> {
    let Some(party) = &shared.relying_party else { return Ok(None) };
    let Ok((credential, member)) = RelyingParty::claimed(assertion) else { return Ok(None) };
    let row = shared.store.passkey(&credential).await?;
    let Some(row) = row.filter(|row| member.is_none_or(|member| member == row.member)) else { return Ok(None) };
    let Ok(asserted) = party.asserted(asked, assertion, &row.public_half) else { return Ok(None) };
    shared.store.passkey_used(&credential, &asserted.public_half, asserted.synced, shared.now()).await?;
    Ok(Some(row))
}

/// The passkey of this member that made the assertion, if one did.
pub(super) async fn is_of(
    shared: &Shared,
    asked: Assertion,
    assertion: &Value,
    household: HouseholdId,
    member: MemberId,
) -> Answer<Option<PasskeyRow>> {
    let row = asserted(shared, asked, assertion).await?;
    Ok(row.filter(|row| (row.household, row.member) == (household, member)))
}

/// Options for a member's own passkeys.
pub(super) async fn own_challenge(
    shared: &Shared,
    headers: &HeaderMap,
    household: HouseholdId,
    member: MemberId,
) -> Answer<(Value, Assertion)> {
    let credentials: Vec<_> =
        shared.store.passkeys(household, member).await?.into_iter().map(|row| row.credential).collect();
    if credentials.is_empty() {
        return Err(Code::NotFound.into());
    }
    party(shared, headers)?.challenge(&credentials).map_err(|_| Code::Internal.into())
}

fn shown(row: PasskeyRow) -> Passkey {
    Passkey {
        credential: hex::encode(&row.credential),
        kind: row.kind,
        label: row.label.map(Base64Url),
        made_us: row.made,
        used_us: row.used,
        opens: row.opens,
        synced: row.synced,
    }
}

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Answer<Json<PasskeyList>> {
    let rows = shared.store.passkeys(caller.household, caller.member).await?;
    Ok(Json(PasskeyList { passkeys: rows.into_iter().map(shown).collect() }))
}

pub(super) async fn register_start(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Answer<Json<PasskeyRegistration>> {
    let party = party(&shared, &headers)?;
    let rows = shared.store.passkeys(caller.household, caller.member).await?;
    if rows.len() >= PASSKEYS_MAX {
        return Err(Code::TooLarge.into());
    }
    let existing: Vec<_> = rows.into_iter().map(|row| row.credential).collect();
    let (options, registration) =
        party.register(caller.member, &existing).map_err(|_| Failure::from(Code::Internal))?;
    let id: [u8; 16] = random()?;
    let mut open = shared.registrations.lock().unwrap_or_else(PoisonError::into_inner);
    if !open.open(id, Registering { registration, session: caller.token }, shared.now()) {
        return Err(Code::Busy.into());
    }
    Ok(Json(PasskeyRegistration { registration: id.to_vec().into(), options }))
}

/// Whether label and wrap have the form that they must have for `credential`.
fn is_change(label: Option<&Base64Url>, wrapped: Option<&WrappedSecret>, credential: &[u8]) -> bool {
    let is_own = |wrapped: &WrappedSecret| {
        login::is_wrapped(wrapped, Way::Passkey) && wrapped.credential.as_ref().is_some_and(|id| id.0 == credential)
    };
    label.is_none_or(|label| label.0.len() <= LABEL_BYTES_MAX) && wrapped.is_none_or(is_own)
}

pub(super) async fn register_finish(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Body(new): Body<PasskeyRegister>,
) -> Answer<Json<Passkey>> {
    let party = party(&shared, &headers)?;
    let started = {
        let mut open = shared.registrations.lock().unwrap_or_else(PoisonError::into_inner);
        open.take(&new.registration.0, shared.now())
    };
    let started = started.filter(|started| started.session == caller.token).ok_or(Code::InvalidRequest)?;
    let made =
        party.registered(&started.registration, &new.credential).map_err(|_| Failure::from(Code::InvalidRequest))?;
    if !is_change(new.label.as_ref(), new.wrapped.as_ref(), &made.credential) {
        return Err(Code::InvalidRequest.into());
    }
    let (household, member) = (caller.household, caller.member);
    let is_first = shared.store.passkeys(household, member).await?.is_empty();
    let row = PasskeyRow {
        credential: made.credential,
        household,
        member,
        public_half: made.public_half,
        kind: made.kind,
        synced: made.synced,
        label: new.label.map(|label| label.0),
        made: shared.now(),
        used: None,
        opens: new.wrapped.is_some(),
    };
    let what = What::WayInChanged { member, way: WayIn::Passkey, change: Change::Added };
    let store = shared.store.telling_of((household, member), row.made, what);
    match store.add_passkey(&row, new.wrapped.as_ref()).await {
        Ok(()) => {}
        Err(StoreError::Conflict) => return Err(Code::Conflict.into()),
        Err(error) => return Err(error.into()),
    }
    if is_first {
        // What was signed in before there was a second factor signs in again.
        shared.store.end_other_sessions(household, member, Some(&caller.session)).await?;
    }
    notices::tell_member(&shared, household, member, NoticeKind::PasskeyAdded, by(&caller)).await?;
    Ok(Json(shown(row)))
}

fn by(caller: &Caller) -> Told {
    Told { session: Some(caller.session.clone()), ..Told::default() }
}

pub(super) async fn change(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    InPath(credential): InPath<String>,
    Body(new): Body<PasskeyChange>,
) -> Answer<StatusCode> {
    let credential = hex::decode(&credential).map_err(|_| Code::NotFound)?;
    if !is_change(new.label.as_ref(), new.wrapped.as_ref(), &credential) {
        return Err(Code::InvalidRequest.into());
    }
    let label = new.label.as_ref().map(|label| label.0.as_slice());
    let (household, member) = (caller.household, caller.member);
    let what = What::WayInChanged { member, way: WayIn::Passkey, change: Change::Replaced };
    // A new name is nobody's way in.
    let store = match new.wrapped {
        Some(_) => shared.store.telling_of((household, member), shared.now(), what),
        None => shared.store.clone(),
    };
    let was_there = store.change_passkey(household, member, &credential, label, new.wrapped.as_ref()).await?;
    if was_there { Ok(StatusCode::NO_CONTENT) } else { Err(Code::NotFound.into()) }
}

pub(super) async fn remove(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    InPath(credential): InPath<String>,
) -> Answer<StatusCode> {
    let credential = hex::decode(&credential).map_err(|_| Code::NotFound)?;
    removed(&shared, &caller, Removed::Passkey(&credential), NoticeKind::PasskeyRemoved).await
}

/// Removes a way in or a second step, unless what is left is not enough; every other device hears of it.
pub(super) async fn removed(
    shared: &Shared,
    caller: &Caller,
    way: Removed<'_>,
    kind: NoticeKind,
) -> Answer<StatusCode> {
    let (household, member) = (caller.household, caller.member);
    let store = shared.store.telling_of((household, member), shared.now(), acts::of_removal(member, way));
    match store.remove_way(household, member, way).await? {
        Removal::Done => {}
        Removal::NotThere => return Err(Code::NotFound.into()),
        Removal::Last => return Err(Code::LastWayIn.into()),
    }
    notices::tell_member(shared, caller.household, caller.member, kind, by(caller)).await?;
    Ok(StatusCode::NO_CONTENT)
}
