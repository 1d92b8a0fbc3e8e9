//! Setting up what can be the second step: an authenticator app, recovery codes.

use super::failure::{Answer, Failure};
use super::guard::Caller;
use super::notices::{self, Told};
use super::passkeys::removed;
use super::reading::Body;
use crate::auth::{random, recovery_code, totp};
use crate::store::{Removed, Store, TotpState};
use crate::vault::Shared;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use eaves_api::app::{NoticeKind, RecoveryCodes, TotpConfirm, TotpSecret};
use eaves_api::problem::Code;
use eaves_tlog::details::{Setting, What};
use std::sync::Arc;
use zeroize::Zeroizing;

pub(super) async fn totp_start(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Answer<Json<TotpSecret>> {
    let secret = Zeroizing::new(random::<{ totp::SECRET_BYTES }>()?);
    shared.store.put_new_totp(caller.household, caller.member, secret.as_slice()).await?;
    Ok(Json(TotpSecret { secret: totp::to_text(secret.as_slice()), uri: totp::uri(secret.as_slice()) }))
}

pub(super) async fn totp_confirm(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(TotpConfirm { code }): Body<TotpConfirm>,
) -> Answer<StatusCode> {
    let (household, member) = (caller.household, caller.member);
    let secret = shared.store.totp(household, member, TotpState::New).await?.ok_or(Code::NotFound)?;
    let step = totp::step_of(&secret, &code, shared.now()).ok_or(Failure::from(Code::SignInFailed))?;
    changing(&shared, &caller).confirm_totp(household, member, &secret, step).await?;
    // What was signed in before there was this second factor signs in again.
    shared.store.end_other_sessions(household, member, Some(&caller.session)).await?;
    tell(&shared, &caller, NoticeKind::TotpOn).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn totp_remove(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Answer<StatusCode> {
    removed(&shared, &caller, Removed::Totp, NoticeKind::TotpOff).await
}

pub(super) async fn recovery_codes(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Answer<Json<RecoveryCodes>> {
    let (household, member) = (caller.household, caller.member);
    let mut codes = Vec::with_capacity(recovery_code::CODES);
    for _ in 0..recovery_code::CODES {
        codes.push(recovery_code::to_text(random()?));
    }
    let digests: Vec<_> = codes.iter().filter_map(|code| recovery_code::digest(code, household, member)).collect();
    changing(&shared, &caller).put_recovery_codes(household, member, &digests).await?;
    tell(&shared, &caller, NoticeKind::CodesMade).await?;
    Ok(Json(RecoveryCodes { codes }))
}

/// The store, which writes down that the caller gets in by other proofs.
fn changing(shared: &Shared, caller: &Caller) -> Store {
    let what = What::SettingChanged { setting: Setting::Security, command: None };
    shared.store.telling_of((caller.household, caller.member), shared.now(), what)
}

async fn tell(shared: &Shared, caller: &Caller, kind: NoticeKind) -> Answer<()> {
    let told = Told { session: Some(caller.session.clone()), ..Told::default() };
    notices::tell_member(shared, caller.household, caller.member, kind, told).await
}
