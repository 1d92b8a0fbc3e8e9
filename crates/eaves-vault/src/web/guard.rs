//! What stands before every route: where the request comes from, and who sends it.

use super::door::Charged;
use super::failure::{Answer, Failure};
use super::homes::InForce;
use super::routes::{Bound, Route, Strong, Who};
use crate::auth::{is_same_secret, session};
use crate::store::SessionRow;
use crate::vault::Shared;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use eaves_api::problem::Code;
use eaves_api::route::{APP, CSRF_HEADER};
use eaves_domain::{Digest, HouseholdId, HubId, MemberId, Timestamp};
use std::sync::Arc;
use std::time::{Duration, Instant};

const ANSWER_WAIT: Duration = Duration::from_secs(30);

/// A member with a live session.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) session: String,
    /// The known device that the session began on.
    pub(crate) device: Option<String>,
    pub(crate) token: Digest,
    pub(crate) household: HouseholdId,
    pub(crate) member: MemberId,
    pub(crate) in_force: Arc<InForce>,
    /// When the session last showed a fresh proof.
    pub(crate) strong: Timestamp,
    /// Since when it may do what needs one, when it is from a recovery.
    pub(crate) powers_from: Option<Timestamp>,
}

impl Caller {
    /// Whether the session may do what needs a fresh proof at all; one from a recovery waits.
    pub(crate) fn check_powers(&self, now: Timestamp) -> Answer<()> {
        if self.powers_from.is_some_and(|from| now < from) { Err(Code::PowersWait.into()) } else { Ok(()) }
    }

    /// Whether the session showed a fresh proof.
    pub(crate) fn check_strong(&self, now: Timestamp) -> Answer<()> {
        self.check_powers(now)?;
        // A clock that was moved back makes no proof fresh.
        let is_fresh = (0..=session::STRONG_US).contains(&now.since_us(self.strong));
        if is_fresh { Ok(()) } else { Err(Code::StepUpNeeded.into()) }
    }
}

/// Somebody with a session whom the roster does not name yet, or has just come to name.
#[derive(Clone, Copy)]
pub(crate) struct Newcomer {
    pub(crate) household: HouseholdId,
    pub(crate) member: MemberId,
}

/// A hub that proved its key.
#[derive(Clone)]
pub(crate) struct HubCaller {
    pub(crate) hub: HubId,
    pub(crate) token: Digest,
    /// Nothing before somebody claimed it.
    pub(crate) home: Option<(HouseholdId, Arc<InForce>)>,
}

impl HubCaller {
    /// The household, or a refusal.
    pub(crate) fn home(&self) -> Answer<(HouseholdId, &InForce)> {
        self.home.as_ref().map(|(household, in_force)| (*household, &**in_force)).ok_or(Code::NotAllowed.into())
    }
}

/// Lets a request through to `route`, or not. Logs the template, never what was filled in.
pub(crate) async fn guard(
    State((shared, route)): State<(Arc<Shared>, Route)>,
    mut request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let answer = async {
        if needs_own_origin(&route) && !comes_from_app(request.method(), request.headers()) {
            return Failure::from(Code::CrossSite).into_response();
        }
        if let Err(failure) = identify(&shared, &route, &mut request).await {
            return failure.into_response();
        }
        let is_act = is_act(&route);
        // With a log that cannot be published nothing more is begun.
        if is_act && let Err(error) = shared.publish().await {
            return Failure::from(error).into_response();
        }
        let charged = Charged::default();
        request.extensions_mut().insert(route.limiter);
        request.extensions_mut().insert(charged.clone());
        let response = next.run(request).await;
        if response.status().is_success() && charged.is_due(&route) {
            // A door that forgot its limit stays shut.
            tracing::error!(route = route.path, "a limited route answered without a charge");
            return Failure::from(Code::Internal).into_response();
        }
        if is_act
            && response.status().is_success()
            && let Err(error) = shared.publish().await
        {
            return Failure::from(error).into_response();
        }
        response
    };
    let response = if route.body == Bound::Part {
        // Its handler waits for each piece; how long the whole takes depends on the line.
        answer.await
    } else {
        match tokio::time::timeout(ANSWER_WAIT, answer).await {
            Ok(response) => response,
            Err(_) => Failure::from(Code::Busy).into_response(),
        }
    };
    let (status, ms) = (response.status().as_u16(), u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX));
    if status >= 500 {
        tracing::warn!(method = %route.method, route = route.path, status, ms, "answered");
    } else {
        tracing::debug!(method = %route.method, route = route.path, status, ms, "answered");
    }
    response
}

/// Whether a route may do what is written down: its answer waits until that is published.
fn is_act(route: &Route) -> bool {
    route.path.starts_with(APP) && route.method != Method::GET
}

fn needs_own_origin(route: &Route) -> bool {
    route.path.starts_with(APP) && (route.method != Method::GET || route.is_socket)
}

/// Whether a page of our own origin sent this, and not a form, a link or a foreign page.
fn comes_from_app(method: &Method, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST.as_str());
    let origin = text(header::ORIGIN.as_str())
        .and_then(|origin| origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://")));
    let is_same_origin = host.is_some() && origin == host;
    // A WebSocket cannot carry the header; its `Origin` cannot be forged by a page.
    let has_header = *method == Method::GET || text(CSRF_HEADER) == Some("1");
    let is_same_site = text("sec-fetch-site").is_none_or(|site| site == "same-origin");
    is_same_origin && has_header && is_same_site
}

async fn identify(shared: &Arc<Shared>, route: &Route, request: &mut Request) -> Result<(), Failure> {
    match route.who {
        Who::Anybody | Who::ClaimToken | Who::InviteToken | Who::Attempt | Who::SignedByHub => {}
        Who::Session | Who::Owner => {
            let caller = caller(shared, request.headers()).await?.ok_or(Code::SignedOut)?;
            let is_owner = caller.in_force.roster.owners().any(|owner| owner.member == caller.member);
            if route.who == Who::Owner && !is_owner {
                return Err(Code::NotAllowed.into());
            }
            if route.strong == Strong::Yes {
                caller.check_strong(shared.now())?;
            }
            request.extensions_mut().insert(caller);
        }
        Who::Newcomer => {
            let newcomer = newcomer(shared, request.headers()).await?.ok_or(Code::SignedOut)?;
            request.extensions_mut().insert(newcomer);
        }
        Who::Hub => {
            let caller = hub_caller(shared, request.headers()).await?.ok_or(Code::SignedOut)?;
            request.extensions_mut().insert(caller);
        }
        Who::PairingSecret => {
            let secret = shared.config.pairing_secret.as_ref().ok_or(Code::NotAllowed)?;
            let shown = bearer(request.headers()).ok_or(Code::NotAllowed)?;
            if !is_same_secret(secret.as_bytes(), shown.as_bytes()) {
                return Err(Code::NotAllowed.into());
            }
        }
    }
    Ok(())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// The digest of the token in the cookie.
fn session_token(shared: &Shared, headers: &HeaderMap) -> Option<Digest> {
    let mut cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies.find_map(|cookie| session::token_of(cookie, shared.config.is_secure)).map(session::digest)
}

/// Who waits with the cookie to be let in, or has just been. Their sessions reach nothing else.
pub(crate) async fn newcomer(shared: &Arc<Shared>, headers: &HeaderMap) -> Answer<Option<Newcomer>> {
    let Some(token) = session_token(shared, headers) else { return Ok(None) };
    let Some(row) = shared.store.session(token).await? else { return Ok(None) };
    let now = shared.now();
    if !session::is_live(row.started, row.used, now) {
        return Ok(None);
    }
    let in_force = shared.homes.roster(&shared.store, row.household).await?;
    let is_named = in_force.roster.member(row.member).is_some();
    if !is_named && !shared.store.is_newcomer(row.household, row.member, now).await? {
        return Ok(None);
    }
    if now.since_us(row.used) > session::TOUCH_US {
        shared.store.touch_session(token, now).await?;
    }
    Ok(Some(Newcomer { household: row.household, member: row.member }))
}

/// Who is signed in with the cookie.
pub(crate) async fn caller(shared: &Arc<Shared>, headers: &HeaderMap) -> Answer<Option<Caller>> {
    let Some(digest) = session_token(shared, headers) else { return Ok(None) };
    let found = live_session(shared, digest).await?;
    if let Some((_, used)) = &found {
        let now = shared.now();
        if now.since_us(*used) > session::TOUCH_US {
            shared.store.touch_session(digest, now).await?;
        }
    }
    Ok(found.map(|(caller, _)| caller))
}

/// The member behind a token, if its session holds and the roster in force still names them.
pub(crate) async fn live_session(
    shared: &Arc<Shared>,
    token: Digest,
) -> Answer<Option<(Caller, eaves_domain::Timestamp)>> {
    let Some(row) = shared.store.session(token).await? else { return Ok(None) };
    if !session::is_live(row.started, row.used, shared.now()) {
        return Ok(None);
    }
    let in_force = shared.homes.roster(&shared.store, row.household).await?;
    if in_force.roster.member(row.member).is_none() {
        return Ok(None);
    }
    let SessionRow { session, device, household, member, used, strong, powers_from, .. } = row;
    let caller = Caller { session, device, token, household, member, in_force, strong, powers_from };
    Ok(Some((caller, used)))
}

async fn hub_caller(shared: &Arc<Shared>, headers: &HeaderMap) -> Answer<Option<HubCaller>> {
    let Some(token) = bearer(headers) else { return Ok(None) };
    live_hub(shared, session::digest(token)).await
}

/// The hub behind a token, if the roster in force still names it, or if it waits to be claimed.
pub(crate) async fn live_hub(shared: &Arc<Shared>, token: Digest) -> Answer<Option<HubCaller>> {
    let now = shared.now();
    if let Some(session) = shared.store.hub_session(token, now).await? {
        let in_force = shared.homes.roster(&shared.store, session.household).await?;
        let is_named = in_force.roster.hub(session.hub).is_some();
        let home = Some((session.household, in_force));
        return Ok(is_named.then_some(HubCaller { hub: session.hub, token, home }));
    }
    let Some(hub) = shared.hubs.unclaimed(token, now) else { return Ok(None) };
    // The claim may have come meanwhile: the first roster names the key that the hub introduced itself with.
    let home = shared.homes.of_hub(&shared.store, hub).await?;
    Ok(Some(HubCaller { hub, token, home }))
}
