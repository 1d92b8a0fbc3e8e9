//! Known devices at the door: who shows which cookie, and what a completed sign-in hands out.

use super::failure::Answer;
use crate::auth::known_device::{DeviceCookie, KnownDevice, TOUCH_US};
use crate::auth::random;
use crate::vault::Shared;
use axum::http::{HeaderMap, header};
use eaves_domain::{HouseholdId, MemberId};
use eaves_tlog::details::{Change, What};

/// The known device that sends these headers, whosever it is.
pub(crate) async fn shown(shared: &Shared, headers: &HeaderMap) -> Answer<Option<KnownDevice>> {
    let is_secure = shared.config.is_secure;
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let Some(cookie) = cookies.into_iter().find_map(|line| DeviceCookie::read(line, is_secure)) else {
        return Ok(None);
    };
    let found = shared.store.known_device(&cookie.device()).await?;
    Ok(found.filter(|known| known.is_shown_by(&cookie, shared.now())))
}

/// After a completed sign-in: the device's id, and the cookie to set where the browser was not known for this account.
pub(crate) async fn remember(
    shared: &Shared,
    household: HouseholdId,
    member: MemberId,
    headers: &HeaderMap,
    client: &str,
) -> Answer<(String, Option<String>)> {
    let now = shared.now();
    match shown(shared, headers).await? {
        Some(known) if known.is_of(Some((household, member))) => {
            if now.since_us(known.used) > TOUCH_US {
                shared.store.touch_known_device(&known.device, now).await?;
            }
            return Ok((known.device, None));
        }
        // The browser loses this cookie now, so nobody can show it any more.
        Some(other) => {
            shared.store.forget_device(other.household, other.member, &other.device).await?;
        }
        None => {}
    }
    let cookie = DeviceCookie::of_random(random()?, random()?);
    let known = KnownDevice {
        device: cookie.device(),
        household,
        member,
        secret_hash: cookie.secret_hash(),
        client: client.to_owned(),
        made: now,
        used: now,
    };
    let what = What::BrowserChanged { member, change: Change::Added };
    shared.store.telling_of((household, member), now, what).add_known_device(&known).await?;
    Ok((known.device, Some(cookie.cookie(shared.config.is_secure))))
}
