//! The second step of a sign-in: what is asked for after a right first proof, and what is taken as the answer.
//!
//! Nothing of an account leaves the vault before: an answer that asks for a second step says which kinds of proof there are
//! and holds what they are made over, and no wrapped secret.

use super::acts;
use super::begin::{self, Asker, Beginning};
use super::door::{self, Charge, Door, Trying};
use super::failure::{Answer, Failure};
use super::notices::{self, Told};
use super::reading::Body;
use super::{Peer, guard, login};
use crate::auth::approval::{self, State as Approved};
use crate::auth::attempts::Proof;
use crate::auth::second_step::{self, First, Has, Pending, RECOVERY_WAIT_US, TRIES_MAX};
use crate::auth::throttle::Counter;
use crate::auth::{opaque, random, recovery_code, totp};
use crate::store::{Account, TotpState};
use crate::vault::Shared;
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use eaves_api::app::{
    ApprovalNumber, ApprovalStart, Event, NoticeKind, Offer, SecondAnswer, SecondProof, SecondStep, SignIn, Way,
};
use eaves_api::problem::Code;
use eaves_domain::{Base64Url, HouseholdId, MemberId};
use eaves_tlog::details::WayIn;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// An answer to "has the other device said yes?" waits so long.
const APPROVAL_WAIT: Duration = Duration::from_secs(15);
/// A recovery that was waited for can be used for so long.
const RECOVERY_USE_US: i64 = 7 * 86_400_000_000;

fn way(first: First) -> Way {
    match first {
        First::Password => Way::Password,
        First::Kit => Way::Kit,
    }
}

fn pending(shared: &Shared) -> MutexGuard<'_, crate::auth::challenges::Challenges<Pending>> {
    shared.second_steps.lock().unwrap_or_else(PoisonError::into_inner)
}

fn approvals(shared: &Shared) -> MutexGuard<'_, approval::Approvals> {
    shared.approvals.lock().unwrap_or_else(PoisonError::into_inner)
}

/// After a right first proof: signed in on a known device or within a session, and one more question elsewhere.
/// `charge` is refunded when it succeeds.
pub(super) async fn after_first(
    shared: &Arc<Shared>,
    asker: Asker<'_>,
    first: First,
    account: &Account,
    charge: Charge,
) -> Answer<Response> {
    let (household, member) = (account.household, account.member);
    let caller = guard::caller(shared, asker.headers).await?;
    if let Some(caller) = caller.filter(|caller| (caller.household, caller.member) == (household, member)) {
        door::refund(shared, &charge).await?;
        let wrapped = shared.store.wrapped_secret(household, member, way(first)).await?.ok_or(Code::SignInFailed)?;
        return begin::unlock(shared, &caller, wrapped).await;
    }
    // A known device with too many failures is a stranger's, see `Door::charge`.
    if charge.device.is_some() {
        return finish(shared, asker, first, household, member, &charge, false).await;
    }
    if first == First::Kit && is_recovery_over(shared, household, member).await? {
        return finish(shared, asker, first, household, member, &charge, true).await;
    }
    let has = has(shared, asker.headers, account).await?;
    let offers = second_step::offers(first, has);
    if offers == [Offer::Wait] {
        return wait(shared, asker, household, member).await;
    }
    if offers.is_empty() {
        return Err(Code::SignInFailed.into());
    }
    let (challenge, id) = (random::<32>()?, random::<16>()?);
    let (mut passkey, mut assertion) = (None, None);
    if offers.contains(&Offer::Passkey)
        && let Some(party) = &shared.relying_party
    {
        let credentials = shared.store.passkeys(household, member).await?.into_iter().map(|row| row.credential);
        let started = party.challenge(&credentials.collect::<Vec<_>>()).map_err(|_| Failure::from(Code::Internal))?;
        (passkey, assertion) = (Some(started.0), Some(started.1));
    }
    let waiting = Pending {
        first,
        household,
        member,
        charge,
        offers: offers.clone(),
        challenge,
        assertion,
        tries: 0,
        approval: None,
    };
    if !pending(shared).open(id, waiting, shared.now()) {
        return Err(Code::Busy.into());
    }
    let (login, challenge) = (id.to_vec().into(), challenge.to_vec().into());
    let step = SecondStep { login, offers, challenge, passkey, number: None };
    Ok(Json(SignIn::SecondStep(Box::new(step))).into_response())
}

async fn has(shared: &Shared, headers: &HeaderMap, account: &Account) -> Answer<Has> {
    let (household, member, now) = (account.household, account.member, shared.now());
    let is_live = |row: &crate::store::SessionRow| crate::auth::session::is_live(row.started, row.used, now);
    Ok(Has {
        password: !account.opaque_record.is_empty(),
        kit: account.kit_key.is_some(),
        passkey: super::passkeys::party(shared, headers).is_ok()
            && !shared.store.passkeys(household, member).await?.is_empty(),
        totp: shared.store.totp(household, member, TotpState::On).await?.is_some(),
        codes: shared.store.recovery_codes(household, member).await? > 0,
        other_device: shared.store.sessions(household, member).await?.iter().any(is_live),
    })
}

/// Two proofs are there.
async fn finish(
    shared: &Arc<Shared>,
    asker: Asker<'_>,
    first: First,
    household: HouseholdId,
    member: MemberId,
    charge: &Charge,
    recovered: bool,
) -> Answer<Response> {
    let wrapped = shared.store.wrapped_secret(household, member, way(first)).await?.ok_or(Code::SignInFailed)?;
    let beginning =
        Beginning { household, member, way: acts::way_of(first), wrapped: Some(wrapped), recovered, tell: true };
    let signed = begin::begin(shared, asker, beginning).await?;
    door::refund(shared, charge).await?;
    if first == First::Kit {
        // Who holds the kit is the member: whatever strangers did to the password's counter is over.
        if let Some(handle) = shared.store.handle_of(household, member).await? {
            shared.store.refund(&[Counter::Password(handle)]).await?;
        }
        shared.store.end_recovery(household, member).await?;
    }
    Ok(signed)
}

async fn is_recovery_over(shared: &Shared, household: HouseholdId, member: MemberId) -> Answer<bool> {
    let Some(until) = shared.store.recovery(household, member).await? else { return Ok(false) };
    let late = shared.now().since_us(until);
    if late > RECOVERY_USE_US {
        shared.store.end_recovery(household, member).await?;
        return Ok(false);
    }
    Ok(late >= 0)
}

/// Nothing but the kit: every device hears of it for three days before it opens anything.
async fn wait(shared: &Arc<Shared>, asker: Asker<'_>, household: HouseholdId, member: MemberId) -> Answer<Response> {
    let (until, is_new) =
        shared.store.start_recovery(household, member, shared.now().plus_us(RECOVERY_WAIT_US)).await?;
    if is_new {
        let told = Told { until: Some(until), way: Some(WayIn::Kit), ..told(shared, asker, household) };
        notices::tell_adults(shared, household, Some(member), NoticeKind::RecoveryStarted, told).await?;
    }
    Ok(Json(SignIn::Waiting { until_us: until }).into_response())
}

fn told(shared: &Shared, asker: Asker<'_>, household: HouseholdId) -> Told {
    let network = Some(notices::place(shared, household, asker.network(shared).as_deref()));
    Told { client: Some(asker.client()), network, ..Told::default() }
}

fn offer_of(proof: &SecondProof) -> Offer {
    match proof {
        SecondProof::Totp { .. } => Offer::Totp,
        SecondProof::RecoveryCode { .. } => Offer::RecoveryCode,
        SecondProof::Kit { .. } => Offer::Kit,
        SecondProof::Approval => Offer::Approval,
        SecondProof::Passkey { .. } => Offer::Passkey,
        SecondProof::Password { .. } => Offer::Password,
        SecondProof::Wait => Offer::Wait,
    }
}

pub(super) async fn second(
    State(shared): State<Arc<Shared>>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    mut door: Door,
    Body(answer): Body<SecondAnswer>,
) -> Answer<Response> {
    let (asker, offer) = (Asker::new(peer, &headers), offer_of(&answer.proof));
    let (household, member) = {
        let (mut open, now) = (pending(&shared), shared.now());
        let waiting = open.get_mut(&answer.login.0, now).ok_or(Code::SignInFailed)?;
        if !waiting.offers.contains(&offer) {
            return Err(Code::InvalidRequest.into());
        }
        (waiting.household, waiting.member)
    };
    let charge = door.charge(&shared, Trying::SecondStep(household, member), None).await?;
    // A place among the strangers is not kept while a person reads a number on another device.
    drop(door);
    if offer == Offer::Wait {
        door::refund(&shared, &charge).await?;
        let _ = pending(&shared).take(&answer.login.0, shared.now());
        return wait(&shared, asker, household, member).await;
    }
    let is_proved = if offer == Offer::Approval {
        match approved(&shared, &answer.login).await? {
            Some(is_approved) => is_approved,
            None => {
                door::refund(&shared, &charge).await?;
                return Ok(StatusCode::ACCEPTED.into_response());
            }
        }
    } else {
        is_proof(&shared, &answer, household, member).await?
    };
    if !is_proved {
        return failed(&shared, asker, &answer.login, household, member).await;
    }
    door::refund(&shared, &charge).await?;
    let waiting = pending(&shared).take(&answer.login.0, shared.now()).ok_or(Code::SignInFailed)?;
    let recovered = second_step::is_recovery(waiting.first, offer);
    finish(&shared, asker, waiting.first, household, member, &waiting.charge, recovered).await
}

/// A wrong second proof after a right first one is worth telling: somebody else may know the password.
async fn failed(
    shared: &Arc<Shared>,
    asker: Asker<'_>,
    login: &Base64Url,
    household: HouseholdId,
    member: MemberId,
) -> Answer<Response> {
    let (is_first, way) = {
        let (mut open, now) = (pending(shared), shared.now());
        let Some(waiting) = open.get_mut(&login.0, now) else { return Err(Code::SignInFailed.into()) };
        waiting.tries += 1;
        let (tries, ended) = (waiting.tries, waiting.tries >= TRIES_MAX);
        let way = acts::way_of(waiting.first);
        if ended {
            let _ = open.take(&login.0, now);
        }
        (tries == 1, way)
    };
    if is_first {
        let told = Told { way: Some(way), ..told(shared, asker, household) };
        notices::tell_member(shared, household, member, NoticeKind::SecondStepFailed, told).await?;
        // What comes now is no success, so nobody else publishes it.
        shared.publish().await?;
    }
    Err(Code::SignInFailed.into())
}

async fn is_proof(shared: &Shared, answer: &SecondAnswer, household: HouseholdId, member: MemberId) -> Answer<bool> {
    let now = shared.now();
    match &answer.proof {
        SecondProof::Totp { code } => {
            let Some(secret) = shared.store.totp(household, member, TotpState::On).await? else { return Ok(false) };
            match totp::step_of(&secret, code, now) {
                Some(step) => Ok(shared.store.use_totp_step(household, member, step).await?),
                None => Ok(false),
            }
        }
        SecondProof::RecoveryCode { code } => match recovery_code::digest(code, household, member) {
            Some(digest) => Ok(shared.store.use_recovery_code(household, member, digest).await?),
            None => Ok(false),
        },
        SecondProof::Kit { signature } => {
            let challenge = pending(shared).get_mut(&answer.login.0, now).map(|waiting| waiting.challenge);
            let Some(challenge) = challenge else { return Ok(false) };
            let account = shared.store.account_of(household, member).await?;
            let key = account.and_then(|account| account.kit_key);
            Ok(key.is_some_and(|key| login::is_signed_by_kit(&key, &challenge, &signature.0)))
        }
        SecondProof::Passkey { assertion } => {
            // Taken out: a challenge is answered once.
            let asked = pending(shared).get_mut(&answer.login.0, now).and_then(|waiting| waiting.assertion.take());
            let Some(asked) = asked else { return Ok(false) };
            Ok(super::passkeys::is_of(shared, asked, assertion, household, member).await?.is_some())
        }
        SecondProof::Password { login, ke3 } => {
            let Ok(attempt) = login::take(shared, login) else { return Ok(false) };
            let is_right = attempt.account == Some((household, member))
                && matches!(&attempt.proof, Proof::Password(state) if opaque::is_proof(state, &ke3.0));
            if is_right {
                door::refund(shared, &attempt.charge).await?;
            }
            Ok(is_right)
        }
        SecondProof::Approval | SecondProof::Wait => Ok(false),
    }
}

/// What another device said; nothing yet after a while.
async fn approved(shared: &Shared, login: &Base64Url) -> Answer<Option<bool>> {
    let until = Instant::now() + APPROVAL_WAIT;
    let asked = pending(shared).get_mut(&login.0, shared.now()).and_then(|waiting| waiting.approval);
    let Some(asked) = asked else { return Err(Code::InvalidRequest.into()) };
    loop {
        let answered = shared.answered.notified();
        let state = approvals(shared).state(&asked, shared.now());
        match state {
            Some(Approved::Waiting) => {}
            Some(Approved::Approved) => {
                approvals(shared).end(&asked, shared.now());
                return Ok(Some(true));
            }
            Some(Approved::Denied) | None => return Ok(Some(false)),
        }
        if tokio::time::timeout_at(until, answered).await.is_err() {
            return Ok(None);
        }
    }
}

/// Asks the other devices of the member.
pub(super) async fn ask_approval(
    State(shared): State<Arc<Shared>>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    mut door: Door,
    Body(ApprovalStart { login }): Body<ApprovalStart>,
) -> Answer<Json<ApprovalNumber>> {
    let (asker, now) = (Asker::new(peer, &headers), shared.now());
    let (household, member) = {
        let mut open = pending(&shared);
        let waiting = open.get_mut(&login.0, now).ok_or(Code::SignInFailed)?;
        if !waiting.offers.contains(&Offer::Approval) {
            return Err(Code::InvalidRequest.into());
        }
        (waiting.household, waiting.member)
    };
    // Charged, so that nobody can make a person's devices ask all day; refunded when one says yes.
    door.charge(&shared, Trying::SecondStep(household, member), None).await?;
    let (numbers, right) = approval::numbers(random()?);
    let (id, number) = (random::<16>()?, numbers[right].clone());
    let asked = approval::Approval {
        household,
        member,
        number: number.clone(),
        numbers,
        client: asker.client(),
        network: notices::place(&shared, household, asker.network(&shared).as_deref()),
        at: now,
        state: Approved::Waiting,
    };
    let ask = asked.ask(&id);
    let before = approvals(&shared).ask(id, asked).ok_or(Code::Busy)?;
    if let Some(waiting) = pending(&shared).get_mut(&login.0, now) {
        waiting.approval = Some(id);
    }
    let tell = |event| shared.homes.tell(household, super::homes::Told { event, device: None, member: Some(member) });
    if let Some(before) = before {
        shared.answered.notify_waiters();
        tell(Event::ApprovalOver { approval: hex::encode(before) });
    }
    tell(Event::ApprovalAsked { ask });
    Ok(Json(ApprovalNumber { number }))
}
