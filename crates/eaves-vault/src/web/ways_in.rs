//! A member's ways in: which there are, new ones, and removing one.

use super::failure::Answer;
use super::guard::Caller;
use super::login;
use super::notices::{self, Told};
use super::passkeys::removed;
use super::reading::Body;
use crate::auth::opaque;
use crate::store::{Removed, Store, TotpState};
use crate::vault::Shared;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use eaves_api::app::{KSF_PRESET, KitReplace, NoticeKind, PasswordReplace, PasswordStart, Registration, Way, WaysIn};
use eaves_api::problem::Code;
use eaves_tlog::details::{Change, WayIn, What};
use std::sync::Arc;

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Answer<Json<WaysIn>> {
    let (household, member) = (caller.household, caller.member);
    let now = shared.now();
    let recovery = shared.store.recovery(household, member).await?;
    Ok(Json(WaysIn {
        ways: shared.store.ways_in(household, member).await?,
        totp: shared.store.totp(household, member, TotpState::On).await?.is_some(),
        recovery_codes: shared.store.recovery_codes(household, member).await?,
        recovery_until_us: recovery.filter(|until| *until > now),
    }))
}

pub(super) async fn kit_replace(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(new): Body<KitReplace>,
) -> Answer<StatusCode> {
    if !login::is_wrapped(&new.kit, Way::Kit) {
        return Err(Code::InvalidRequest.into());
    }
    let store = replacing(&shared, &caller, WayIn::Kit);
    store.replace_kit(caller.household, caller.member, &new.kit, new.kit_key, shared.now()).await?;
    tell(&shared, &caller, NoticeKind::KitChanged).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn password_start(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(start): Body<PasswordStart>,
) -> Answer<Json<Registration>> {
    let handle = shared.store.handle_of(caller.household, caller.member).await?.ok_or(Code::NotFound)?;
    login::registration(&shared, &handle, &start.registration_request)
}

pub(super) async fn password_replace(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(new): Body<PasswordReplace>,
) -> Answer<StatusCode> {
    let is_complete = opaque::is_record(&new.registration_record.0)
        && new.ksf_preset == KSF_PRESET
        && login::is_wrapped(&new.password, Way::Password);
    if !is_complete {
        return Err(Code::InvalidRequest.into());
    }
    let (record, now) = (new.registration_record.0, shared.now());
    replacing(&shared, &caller, WayIn::Password)
        .replace_password(caller.household, caller.member, record, new.ksf_preset, &new.password, &caller.session, now)
        .await?;
    tell(&shared, &caller, NoticeKind::PasswordChanged).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn password_remove(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Answer<StatusCode> {
    removed(&shared, &caller, Removed::Password, NoticeKind::PasswordChanged).await
}

pub(super) async fn kit_remove(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Answer<StatusCode> {
    removed(&shared, &caller, Removed::Kit, NoticeKind::KitChanged).await
}

/// The store, which writes down that a way in of the caller is another.
fn replacing(shared: &Shared, caller: &Caller, way: WayIn) -> Store {
    let what = What::WayInChanged { member: caller.member, way, change: Change::Replaced };
    shared.store.telling_of((caller.household, caller.member), shared.now(), what)
}

/// Every device hears of it, and the one that did it cannot keep it from them.
async fn tell(shared: &Shared, caller: &Caller, kind: NoticeKind) -> Answer<()> {
    let told = Told { session: Some(caller.session.clone()), ..Told::default() };
    notices::tell_member(shared, caller.household, caller.member, kind, told).await
}
