//! Notices: told to whoever listens now, kept for who comes later. There is no route that removes one.

use super::acts;
use super::failure::Answer;
use super::guard::Caller;
use super::homes;
use super::reading::InQuery;
use crate::store::{NOTICE_US_MAX, NOTICES_MAX, Store};
use crate::vault::Shared;
use axum::Json;
use axum::extract::{Extension, State};
use eaves_api::app::{Event, Network, Notice, NoticeKind, Notices};
use eaves_domain::roster::Role;
use eaves_domain::{HouseholdId, MemberId, Timestamp};
use eaves_tlog::details::{Details, WayIn, Who};
use serde::Deserialize;
use std::sync::Arc;

/// The same thing is told once an hour when somebody can make it happen again and again.
const AGAIN_US: i64 = 3_600_000_000;

/// What is known about it, apart from what happened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    pub(crate) session: Option<String>,
    pub(crate) client: Option<String>,
    pub(crate) network: Option<Network>,
    pub(crate) until: Option<Timestamp>,
    /// What somebody tried to come in by.
    pub(crate) way: Option<WayIn>,
}

/// Tells every device of a member about their account.
pub(crate) async fn tell_member(
    shared: &Shared,
    household: HouseholdId,
    member: MemberId,
    kind: NoticeKind,
    told: Told,
) -> Answer<()> {
    tell(shared, household, Some(member), Some(member), kind, told).await
}

/// Tells every device of every adult; `about` says who it is about.
pub(crate) async fn tell_adults(
    shared: &Shared,
    household: HouseholdId,
    about: Option<MemberId>,
    kind: NoticeKind,
    told: Told,
) -> Answer<()> {
    tell(shared, household, None, about, kind, told).await
}

async fn tell(
    shared: &Shared,
    household: HouseholdId,
    to: Option<MemberId>,
    about: Option<MemberId>,
    kind: NoticeKind,
    told: Told,
) -> Answer<()> {
    let store = telling(shared, household, about, kind, told.way);
    let notice = store.add_notice(household, to, unnumbered(shared, about, kind, told)).await?;
    shared.homes.tell(household, homes::Told { event: Event::Notice { notice }, device: None, member: to });
    Ok(())
}

/// The store, which writes down what the notice tells if nothing else does.
fn telling(
    shared: &Shared,
    household: HouseholdId,
    about: Option<MemberId>,
    kind: NoticeKind,
    way: Option<WayIn>,
) -> Store {
    match acts::of_notice(kind, about, way.unwrap_or(WayIn::Password)) {
        Some(what) => shared.store.telling(household, shared.now(), vec![Details { who: Who::Stranger, what }]),
        None => shared.store.clone(),
    }
}

fn unnumbered(shared: &Shared, member: Option<MemberId>, kind: NoticeKind, told: Told) -> Notice {
    let Told { session, client, network, until, way: _ } = told;
    Notice { notice: 0, kind, at_us: shared.now(), member, session, client, network, until_us: until }
}

/// Somebody tried this member's name too often. Told beside the answer, which must not take longer for names that exist.
pub(crate) fn throttle_tripped(shared: &Arc<Shared>, handle: String, told: Told) {
    let shared = shared.clone();
    tokio::spawn(async move {
        let Ok(Some(account)) = shared.store.account(&handle).await else { return };
        let (household, member) = (account.household, account.member);
        let store = telling(&shared, household, Some(member), NoticeKind::ThrottleTripped, told.way);
        let notice = unnumbered(&shared, Some(member), NoticeKind::ThrottleTripped, told);
        let since = notice.at_us.plus_us(-AGAIN_US);
        if let Ok(Some(notice)) = store.add_notice_once(household, member, notice, since).await {
            let told = homes::Told { event: Event::Notice { notice }, device: None, member: Some(member) };
            shared.homes.tell(household, told);
            if let Err(error) = shared.publish().await {
                tracing::error!(%error, "the log could not be published; trying again");
            }
        }
    });
}

/// The network of a session, as everybody may hear it.
pub(crate) fn place(shared: &Shared, household: HouseholdId, network: Option<&str>) -> Network {
    let home = shared.homes.hub_network(household);
    if network.is_some() && network == home.as_deref() { Network::Home } else { Network::Elsewhere }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct After {
    #[serde(default)]
    after: u64,
}

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    InQuery(After { after }): InQuery<After>,
) -> Answer<Json<Notices>> {
    let since = shared.now().plus_us(-NOTICE_US_MAX);
    let (household, member) = (caller.household, caller.member);
    let mut notices = shared.store.notices(household, member, is_adult(&caller), after, since).await?;
    let more = notices.len() > NOTICES_MAX as usize;
    notices.truncate(NOTICES_MAX as usize);
    Ok(Json(Notices { notices, more }))
}

/// Whether the caller hears what concerns the whole household.
pub(super) fn is_adult(caller: &Caller) -> bool {
    caller.in_force.roster.member(caller.member).is_some_and(|member| member.role != Role::Guest)
}
