//! Step-up: a fresh proof within a session, for what a stolen session must not do.

use super::door::{self, Charge, Door, Trying};
use super::failure::{Answer, Failure};
use super::guard::Caller;
use super::reading::Body;
use super::{login, passkeys};
use crate::auth::passkey::Assertion;
use crate::auth::{opaque, random, session};
use crate::vault::Shared;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use eaves_api::app::{Powers, StepUpChallenge, StepUpFinish, StepUpStart};
use eaves_api::problem::Code;
use eaves_domain::Digest;
use eaves_domain::envelope::PublicKey;
use std::sync::{Arc, PoisonError};

/// What was asked for.
pub(crate) enum Asked {
    Password(zeroize::Zeroizing<Vec<u8>>),
    Passkey(Box<Assertion>),
    Kit { challenge: [u8; 32], key: PublicKey },
}

/// A step-up that has started, and in which session.
pub(crate) struct SteppingUp {
    asked: Asked,
    session: Digest,
    charge: Charge,
}

pub(super) async fn start(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    mut door: Door,
    Body(start): Body<StepUpStart>,
) -> Answer<Json<StepUpChallenge>> {
    let (household, member) = (caller.household, caller.member);
    let handle = shared.store.handle_of(household, member).await?.ok_or(Code::NotFound)?;
    let known = door.device_of(&shared, &handle).await?;
    let charge = door.charge(&shared, Trying::SecondStep(household, member), known.as_ref()).await?;
    caller.check_powers(shared.now())?;
    let account = shared.store.account(&handle).await?.ok_or(Code::NotFound)?;
    let id: [u8; 16] = random()?;
    let step_up = id.to_vec().into();
    let (asked, challenge) = match start {
        StepUpStart::Password { ke1 } => {
            if account.opaque_record.is_empty() {
                return Err(Code::NotFound.into());
            }
            let (state, ke2) = shared
                .sign_in_key
                .start(&handle, Some(&account.opaque_record), &ke1.0)
                .map_err(|_| Failure::from(Code::InvalidRequest))?;
            let challenge = StepUpChallenge::Password { step_up, ke2: ke2.into(), ksf_preset: account.ksf_preset };
            (Asked::Password(state.into()), challenge)
        }
        StepUpStart::Passkey => {
            let (options, assertion) = passkeys::own_challenge(&shared, &headers, household, member).await?;
            (Asked::Passkey(Box::new(assertion)), StepUpChallenge::Passkey { step_up, options })
        }
        StepUpStart::Kit => {
            let key = account.kit_key.ok_or(Code::NotFound)?;
            let challenge: [u8; 32] = random()?;
            (Asked::Kit { challenge, key }, StepUpChallenge::Kit { step_up, challenge: challenge.to_vec().into() })
        }
    };
    let mut open = shared.step_ups.lock().unwrap_or_else(PoisonError::into_inner);
    if !open.open(id, SteppingUp { asked, session: caller.token, charge }, shared.now()) {
        return Err(Code::Busy.into());
    }
    Ok(Json(challenge))
}

pub(super) async fn finish(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(answer): Body<StepUpFinish>,
) -> Answer<Json<Powers>> {
    let started = {
        let mut open = shared.step_ups.lock().unwrap_or_else(PoisonError::into_inner);
        open.take(&answer.step_up.0, shared.now())
    };
    let started = started.filter(|started| started.session == caller.token).ok_or(Code::SignInFailed)?;
    let (household, member) = (caller.household, caller.member);
    let charge = started.charge;
    let is_proved = match (started.asked, answer) {
        (Asked::Password(state), StepUpFinish { ke3: Some(ke3), .. }) => opaque::is_proof(&state, &ke3.0),
        (Asked::Passkey(asked), StepUpFinish { assertion: Some(assertion), .. }) => {
            passkeys::is_of(&shared, *asked, &assertion, household, member).await?.is_some()
        }
        (Asked::Kit { challenge, key }, StepUpFinish { signature: Some(signature), .. }) => {
            login::is_signed_by_kit(&key, &challenge, &signature.0)
        }
        _ => false,
    };
    if !is_proved {
        return Err(Code::SignInFailed.into());
    }
    door::refund(&shared, &charge).await?;
    let now = shared.now();
    shared.store.strengthen_session(caller.token, now).await?;
    Ok(Json(Powers { strong_until_us: now.plus_us(session::STRONG_US), powers_from_us: caller.powers_from }))
}
