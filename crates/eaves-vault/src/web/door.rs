//! What stands before every attempt to prove who one is: one charge, whichever door.
//!
//! A known device is charged to its own counter and to nothing else, so that strangers slow only strangers, and it never
//! brings work. Everybody else is charged by name and by network, and while the vault is guarded brings work first. A route
//! whose [`Limiter`] says that it is charged and whose handler did not charge it answers nobody: the guard sees to that.

use super::failure::{Answer, Failure};
use super::routes::{Limiter, Route};
use super::{Peer, devices};
use crate::auth::known_device::KnownDevice;
use crate::auth::random;
use crate::auth::spray::{Name, Spray};
use crate::auth::throttle::Counter;
use crate::auth::work::{BITS, Work};
use crate::vault::Shared;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use eaves_api::problem::{Code, ProofOfWork};
use eaves_api::route::WORK_HEADER;
use eaves_domain::{Digest, HouseholdId, MemberId, Timestamp};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many attempts of strangers are answered at once; beyond, the vault is busy for strangers.
const STRANGERS_MAX: usize = 256;
const STRANGERS_AT_ONCE: usize = 1;
const KNOWN_AT_ONCE: usize = 4;

/// What somebody tries.
#[derive(Clone, Copy, Debug)]
#[allow(dead_code, reason = "passkeys and second steps come through the same door")]
pub(crate) enum Trying<'a> {
    /// The password of this handle.
    Password(&'a str),
    /// The recovery kit of this handle.
    Kit(&'a str),
    /// A passkey, which says itself whose it is.
    Passkey,
    /// A second step of this account, after a right first one.
    SecondStep(HouseholdId, MemberId),
    /// A claim code or an invitation.
    Code,
}

impl Trying<'_> {
    const fn limiter(self) -> Limiter {
        match self {
            Self::Password(_) | Self::Kit(_) | Self::Passkey => Limiter::SignIn,
            Self::SecondStep(..) => Limiter::SecondStep,
            Self::Code => Limiter::Network,
        }
    }

    /// What spraying is told by.
    fn name(self) -> Option<Name> {
        let (Self::Password(handle) | Self::Kit(handle)) = self else { return None };
        let digest = Digest::of(handle.as_bytes()).0;
        digest.first_chunk().map(|bytes| Name::from_be_bytes(*bytes))
    }
}

/// What was charged for an attempt.
#[derive(Debug)]
pub(crate) struct Charge {
    /// The known device that tries, if it is one for the account and has failures left. It is the second step beside a
    /// password.
    pub(crate) device: Option<String>,
    counters: Vec<Counter>,
    name: Option<Name>,
}

/// What all doors share.
pub(crate) struct Gate {
    spray: Mutex<Spray>,
    work: Mutex<Work>,
    /// Attempts of strangers that are being answered.
    strangers: Arc<Semaphore>,
    /// Computations for strangers and for known devices: apart, so that a crowd of the former leaves room for the latter.
    for_strangers: Semaphore,
    for_known: Semaphore,
}

impl Gate {
    pub(crate) fn new(guarded_until: Timestamp, key: [u8; 32]) -> Self {
        Self {
            spray: Mutex::new(Spray::guarded_until(guarded_until)),
            work: Mutex::new(Work::new(key)),
            strangers: Arc::new(Semaphore::new(STRANGERS_MAX)),
            for_strangers: Semaphore::new(STRANGERS_AT_ONCE),
            for_known: Semaphore::new(KNOWN_AT_ONCE),
        }
    }

    /// Computes what an attempt needs, beside the requests and in the lane of who asks.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        charge: &Charge,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Answer<T> {
        let lane = if charge.device.is_some() { &self.for_known } else { &self.for_strangers };
        let _place = lane.acquire().await.map_err(|_| Code::Busy)?;
        tokio::task::spawn_blocking(work).await.map_err(|_| Code::Internal.into())
    }

    fn spray<T>(&self, with: impl FnOnce(&mut Spray) -> T) -> T {
        with(&mut self.spray.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn work<T>(&self, with: impl FnOnce(&mut Work) -> T) -> T {
        with(&mut self.work.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether strangers must bring work.
    pub(crate) fn is_guarded(&self, now: Timestamp) -> bool {
        self.spray(|spray| spray.is_guarded(now))
    }

    pub(crate) fn sweep(&self, now: Timestamp) {
        self.work(|work| work.sweep(now));
    }
}

/// One request at a door.
pub(crate) struct Door {
    peer: Option<IpAddr>,
    headers: HeaderMap,
    limiter: Limiter,
    charged: Charged,
    /// A stranger's place, until the request is answered.
    place: Option<OwnedSemaphorePermit>,
}

/// Whether the handler charged; the guard looks at it afterwards.
#[derive(Clone, Debug, Default)]
pub(crate) struct Charged(Arc<AtomicBool>);

impl Charged {
    pub(crate) fn is_due(&self, route: &Route) -> bool {
        route.limiter != Limiter::None && !self.0.load(Ordering::Relaxed)
    }
}

impl FromRequestParts<Arc<Shared>> for Door {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Shared>) -> Result<Self, Failure> {
        let limiter = parts.extensions.get::<Limiter>().copied().ok_or(Code::Internal)?;
        let charged = parts.extensions.get::<Charged>().cloned().ok_or(Code::Internal)?;
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0);
        Ok(Self { peer, headers: parts.headers.clone(), limiter, charged, place: None })
    }
}

impl Door {
    /// The known device that asks, if it is known for the account of `handle`.
    pub(crate) async fn device_of(&self, shared: &Shared, handle: &str) -> Answer<Option<KnownDevice>> {
        let Some(known) = devices::shown(shared, &self.headers).await? else { return Ok(None) };
        let owner = shared.store.handle_of(known.household, known.member).await?;
        Ok((owner.as_deref() == Some(handle)).then_some(known))
    }

    /// Takes an attempt and charges it, or refuses it. `known` is the device that asks, if it is known for the account that
    /// the attempt is about.
    pub(crate) async fn charge(
        &mut self,
        shared: &Shared,
        trying: Trying<'_>,
        known: Option<&KnownDevice>,
    ) -> Answer<Charge> {
        if trying.limiter() != self.limiter {
            tracing::error!("a handler charges another counter than its route says");
            return Err(Code::Internal.into());
        }
        self.charged.0.store(true, Ordering::Relaxed);
        let now = shared.now();
        if let Some(known) = known {
            let counters = vec![Counter::Device(known.device.clone())];
            // A device with too many failures is a stranger's.
            if shared.store.charge(&counters, now).await?.is_ok() {
                return Ok(Charge { device: Some(known.device.clone()), counters, name: None });
            }
        }
        let name = trying.name();
        self.look_out(shared, name, now).await?;
        self.place = Some(shared.gate.strangers.clone().try_acquire_owned().map_err(|_| Code::Busy)?);
        let network = Counter::Network(self.peer);
        let counters = match trying {
            Trying::Password(handle) => vec![Counter::Password(handle.to_owned()), network],
            Trying::Kit(handle) => vec![Counter::Kit(handle.to_owned()), network],
            Trying::SecondStep(household, member) => vec![Counter::SecondStep(household, member), network],
            Trying::Passkey | Trying::Code => vec![network],
        };
        shared.store.charge(&counters, now).await??;
        Ok(Charge { device: None, counters, name })
    }

    /// Tells the detector, and asks for work while the vault is guarded.
    async fn look_out(&self, shared: &Shared, name: Option<Name>, now: Timestamp) -> Answer<()> {
        if self.limiter != Limiter::SignIn {
            return Ok(());
        }
        if let Some(until) = name.and_then(|name| shared.gate.spray(|spray| spray.tried(name, now))) {
            tracing::warn!("many names fail at once: strangers must bring work for the next minutes");
            shared.store.note_guarded(until).await?;
        }
        if !shared.gate.is_guarded(now) {
            return Ok(());
        }
        let brought = self.headers.get(WORK_HEADER).and_then(|value| value.to_str().ok());
        if brought.is_some_and(|brought| shared.gate.work(|work| work.take(brought, now))) {
            return Ok(());
        }
        let random = random()?;
        let challenge = shared.gate.work(|work| work.challenge(random, now));
        Err(Failure::work(ProofOfWork { challenge, bits: BITS }))
    }
}

/// A charge to nobody, for what needs no limit.
#[cfg(test)]
impl Default for Charge {
    fn default() -> Self {
        Self { device: None, counters: Vec::new(), name: None }
    }
}

/// Gives back what was charged for an attempt that succeeded.
pub(crate) async fn refund(shared: &Shared, charge: &Charge) -> Answer<()> {
    if let Some(name) = charge.name {
        shared.gate.spray(|spray| spray.succeeded(name));
    }
    Ok(shared.store.refund(&charge.counters).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreConfig;
    use crate::web::guard::guard;
    use crate::web::routes::{Bound, Strong, Who};
    use crate::{Clock, Config, Vault};
    use axum::Router;
    use axum::extract::State;
    use axum::http::{Method, Request};
    use axum::routing::post;
    use tower::ServiceExt as _;

    async fn forgetful() {}

    async fn careful(State(shared): State<Arc<Shared>>, mut door: Door) -> Answer<()> {
        door.charge(&shared, Trying::Code, None).await.map(drop)
    }

    async fn wrong(State(shared): State<Arc<Shared>>, mut door: Door) -> Answer<()> {
        door.charge(&shared, Trying::Password("handle"), None).await.map(drop)
    }

    #[tokio::test]
    async fn a_door_that_did_not_charge_stays_shut() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            store: StoreConfig::in_folder(folder.path()),
            pairing_secret: None,
            is_secure: false,
            app_dir: None,
            origin: None,
            clock: Clock::new(|| Timestamp(1)),
        };
        let shared = Vault::open(config).await.unwrap().shared;
        let route = |limiter| Route {
            method: Method::POST,
            path: "/",
            who: Who::Anybody,
            strong: Strong::No,
            limiter,
            body: Bound::Empty,
            is_socket: false,
        };
        for (handler, limiter, status) in [
            (post(forgetful), Limiter::None, 200),
            (post(forgetful), Limiter::Network, 500),
            (post(careful), Limiter::Network, 200),
            (post(wrong), Limiter::Network, 500),
        ] {
            let guarding = axum::middleware::from_fn_with_state((shared.clone(), route(limiter)), guard);
            let router: Router = Router::new().route("/", handler.layer(guarding)).with_state(shared.clone());
            let answer = router.oneshot(Request::post("/").body(axum::body::Body::empty()).unwrap()).await.unwrap();
            assert_eq!(answer.status(), status);
        }
    }
}
