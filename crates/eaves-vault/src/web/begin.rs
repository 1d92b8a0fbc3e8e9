//! The end of every sign-in: a session begins, the browser becomes a known device, and the other devices are told.

use super::failure::{Answer, Failure};
use super::guard::Caller;
use super::notices::{self, Told};
use super::{Peer, devices};
use crate::auth::session::{self, Token};
use crate::auth::{client, place, random};
use crate::store::SessionRow;
use crate::vault::Shared;
use axum::Json;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{AppendHeaders, IntoResponse as _, Response};
use eaves_api::app::{NoticeKind, Powers, SignIn, SignedIn, WrappedSecret};
use eaves_api::problem::Code;
use eaves_domain::{HouseholdId, MemberId};
use eaves_tlog::details::{WayIn, What};
use std::net::IpAddr;
use std::sync::Arc;

/// The cookies of a session that has just begun.
pub(super) type Cookies = AppendHeaders<Vec<(HeaderName, HeaderValue)>>;

/// Who asks, from where, and with what.
#[derive(Clone, Copy)]
pub(super) struct Asker<'a> {
    pub(super) address: Option<IpAddr>,
    pub(super) headers: &'a HeaderMap,
}

impl<'a> Asker<'a> {
    pub(super) fn new(peer: Option<axum::Extension<Peer>>, headers: &'a HeaderMap) -> Self {
        Self { address: peer.map(|axum::Extension(Peer(address))| address), headers }
    }

    /// A coarse name of browser and system.
    pub(super) fn client(&self) -> String {
        client::name(self.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()))
    }

    /// The network it comes from.
    pub(super) fn network(&self, shared: &Shared) -> Option<String> {
        place::network(&shared.store.sign_in_secrets().vault_key, self.address)
    }

    /// Whether this browser is a known device of the member.
    pub(super) async fn is_known(&self, shared: &Shared, household: HouseholdId, member: MemberId) -> Answer<bool> {
        let known = devices::shown(shared, self.headers).await?;
        Ok(known.is_some_and(|known| known.is_of(Some((household, member)))))
    }
}

/// What a sign-in came to.
pub(super) struct Beginning {
    pub(super) household: HouseholdId,
    pub(super) member: MemberId,
    /// How they came in.
    pub(super) way: WayIn,
    pub(super) wrapped: Option<WrappedSecret>,
    /// Whether the powerful actions have to wait, see [`crate::auth::second_step`].
    pub(super) recovered: bool,
    /// Whether somebody is to be told of a new device: not at the claim, where there is nobody yet.
    pub(super) tell: bool,
}

/// Begins a session.
pub(super) async fn begin(shared: &Arc<Shared>, asker: Asker<'_>, beginning: Beginning) -> Answer<Response> {
    let Beginning { household, member, way, wrapped, recovered, tell } = beginning;
    let in_force = shared.homes.roster(&shared.store, household).await?;
    // Who waits to be let in may come back to wait; their session opens nothing else.
    let pending = in_force.roster.member(member).is_none();
    if pending && !shared.store.is_newcomer(household, member, shared.now()).await? {
        return Err(Code::SignInFailed.into());
    }
    let was_known = asker.is_known(shared, household, member).await?;
    let way = What::SignedIn { way, known_browser: was_known };
    let (row, cookies) = add_session(shared, asker, (household, member), way, recovered).await?;
    if tell && !was_known {
        let network = Some(notices::place(shared, household, row.network.as_deref()));
        let told = Told { session: Some(row.session), client: Some(row.client), network, ..Told::default() };
        notices::tell_member(shared, household, member, NoticeKind::NewDevice, told).await?;
    }
    let session = Powers { strong_until_us: row.strong.plus_us(session::STRONG_US), powers_from_us: row.powers_from };
    let signed = SignedIn { household, member, wrapped, session, pending };
    Ok((cookies, Json(SignIn::SignedIn(Box::new(signed)))).into_response())
}

/// Begins the session of a newcomer, who waits to be let in.
pub(super) async fn begin_waiting(
    shared: &Arc<Shared>,
    asker: Asker<'_>,
    household: HouseholdId,
    member: MemberId,
) -> Answer<Cookies> {
    let way = What::SignedIn { way: WayIn::Invitation, known_browser: false };
    Ok(add_session(shared, asker, (household, member), way, false).await?.1)
}

async fn add_session(
    shared: &Shared,
    asker: Asker<'_>,
    (household, member): (HouseholdId, MemberId),
    what: What,
    recovered: bool,
) -> Answer<(SessionRow, Cookies)> {
    let (token, now, client) = (Token::from_random(random()?), shared.now(), asker.client());
    let (device, device_cookie) = devices::remember(shared, household, member, asker.headers, &client).await?;
    let row = SessionRow {
        session: hex::encode(random::<16>()?),
        household,
        member,
        client,
        started: now,
        used: now,
        device: Some(device),
        strong: now,
        powers_from: recovered.then(|| now.plus_us(session::POWERS_WAIT_US)),
        network: asker.network(shared),
    };
    shared.store.telling_of((household, member), now, what).add_session(token.digest(), &row).await?;
    let is_secure = shared.config.is_secure;
    let mut cookies = Vec::new();
    for cookie in [Some(session::cookie(&token.into_text(), is_secure)), device_cookie].into_iter().flatten() {
        let value = HeaderValue::from_str(&cookie).map_err(|_| Failure::from(Code::Internal))?;
        cookies.push((header::SET_COOKIE, value));
    }
    Ok((row, AppendHeaders(cookies)))
}

/// Within a session that is there already: it goes on, freshly proved, and the wrapped secret is handed out.
pub(super) async fn unlock(shared: &Arc<Shared>, caller: &Caller, wrapped: WrappedSecret) -> Answer<Response> {
    let now = shared.now();
    shared.store.strengthen_session(caller.token, now).await?;
    let session = Powers { strong_until_us: now.plus_us(session::STRONG_US), powers_from_us: caller.powers_from };
    let (household, member) = (caller.household, caller.member);
    let signed = SignedIn { household, member, wrapped: Some(wrapped), session, pending: false };
    Ok(Json(SignIn::SignedIn(Box::new(signed))).into_response())
}

/// What a session may do.
pub(super) fn powers(caller: &Caller) -> Powers {
    Powers { strong_until_us: caller.strong.plus_us(session::STRONG_US), powers_from_us: caller.powers_from }
}
