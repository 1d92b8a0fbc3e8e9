//! What a signed-in device says about sign-ins elsewhere: it is me, it is not me, stop that recovery.

use super::failure::Answer;
use super::guard::Caller;
use super::homes;
use super::notices::{self, Told};
use super::reading::{Body, InPath};
use crate::auth::approval::State as Approved;
use crate::vault::Shared;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use eaves_api::app::{ApprovalAnswer, Approvals, Event, NoticeKind};
use eaves_api::problem::Code;
use eaves_domain::MemberId;
use std::sync::{Arc, PoisonError};

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Answer<Json<Approvals>> {
    let open = shared.approvals.lock().unwrap_or_else(PoisonError::into_inner);
    let waiting = open.waiting(caller.household, caller.member, shared.now());
    Ok(Json(Approvals { approvals: waiting.map(|(id, approval)| approval.ask(id)).collect() }))
}

pub(super) async fn answer(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    InPath(approval): InPath<String>,
    Body(ApprovalAnswer { number }): Body<ApprovalAnswer>,
) -> Answer<StatusCode> {
    say(&shared, &caller, &approval, Some(&number)).await
}

pub(super) async fn deny(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    InPath(approval): InPath<String>,
) -> Answer<StatusCode> {
    say(&shared, &caller, &approval, None).await
}

async fn say(shared: &Shared, caller: &Caller, approval: &str, number: Option<&str>) -> Answer<StatusCode> {
    if number.is_some() {
        // A session from a recovery lets nobody else in.
        caller.check_powers(shared.now())?;
    }
    let id: [u8; 16] = hex::decode(approval).ok().and_then(|id| id.try_into().ok()).ok_or(Code::NotFound)?;
    let (household, member) = (caller.household, caller.member);
    let said = {
        let mut open = shared.approvals.lock().unwrap_or_else(PoisonError::into_inner);
        open.answer(&id, household, member, number, shared.now()).ok_or(Code::NotFound)?
    };
    if said == Approved::Denied {
        // Whoever asked starts again from the beginning.
        let mut pending = shared.second_steps.lock().unwrap_or_else(PoisonError::into_inner);
        pending.retain(|waiting| waiting.approval != Some(id));
    }
    shared.answered.notify_waiters();
    let event = Event::ApprovalOver { approval: hex::encode(id) };
    shared.homes.tell(household, homes::Told { event, device: None, member: Some(member) });
    if said == Approved::Denied {
        let told = Told { session: Some(caller.session.clone()), ..Told::default() };
        notices::tell_member(shared, household, member, NoticeKind::ApprovalDenied, told).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Stops a recovery that waits: their own, or anybody's as an adult.
pub(super) async fn stop_recovery(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    InPath(member): InPath<MemberId>,
) -> Answer<StatusCode> {
    if member != caller.member && !notices::is_adult(&caller) {
        return Err(Code::NotFound.into());
    }
    if !shared.store.end_recovery(caller.household, member).await? {
        return Err(Code::NotFound.into());
    }
    let told = Told { session: Some(caller.session.clone()), ..Told::default() };
    notices::tell_adults(&shared, caller.household, Some(member), NoticeKind::RecoveryStopped, told).await?;
    Ok(StatusCode::NO_CONTENT)
}
