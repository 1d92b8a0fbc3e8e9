//! The vault as a whole: what it is made from, and what its routes share.

use crate::auth::approval::Approvals;
use crate::auth::attempts::Attempts;
use crate::auth::challenges::Challenges;
use crate::auth::opaque::SignInKey;
use crate::auth::passkey::RelyingParty;
use crate::auth::second_step::{Pending, SECOND_STEP_US};
use crate::live::Relay;
use crate::log::{Log, LogError};
use crate::store::{Store, StoreConfig};
use crate::web;
use crate::web::door::Gate;
use crate::web::homes::Homes;
use crate::web::hubs::Hubs;
use crate::web::opened::RecordingsOpened;
use crate::web::passkeys::{PASSKEY_US, Registering, SigningIn};
use crate::web::step_up::SteppingUp;
use eaves_domain::Timestamp;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

const SWEEP: Duration = Duration::from_secs(10);
/// A body that no link has named for so long never will be.
const ORPHAN_US: i64 = 24 * 3_600_000_000;

/// Where the time comes from.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// A clock that asks `now`.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

/// What a vault is made from.
#[derive(Clone)]
pub struct Config {
    /// Where everything is kept.
    pub store: StoreConfig,
    /// What an unclaimed hub must show to introduce itself. Without one, no hub can.
    pub pairing_secret: Option<Zeroizing<String>>,
    /// Whether browsers reach the vault by https. Only a vault on loopback may say no.
    pub is_secure: bool,
    /// Serve the app from this folder instead of the one that was built in.
    pub app_dir: Option<PathBuf>,
    /// What people type into a browser. Passkeys are for it, if it has a name.
    pub origin: Option<String>,
    /// Where the time comes from.
    pub clock: Clock,
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config").field("store", &self.store).field("is_secure", &self.is_secure).finish_non_exhaustive()
    }
}

/// What the routes share.
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) log: Log,
    pub(crate) config: Config,
    pub(crate) sign_in_key: Arc<SignInKey>,
    pub(crate) gate: Gate,
    pub(crate) attempts: Mutex<Attempts>,
    /// Sign-ins that wait for their second proof.
    pub(crate) second_steps: Mutex<Challenges<Pending>>,
    pub(crate) approvals: Mutex<Approvals>,
    /// An approval was answered.
    pub(crate) answered: tokio::sync::Notify,
    /// The vault's name to authenticators, if it has one.
    pub(crate) relying_party: Option<RelyingParty>,
    pub(crate) passkey_logins: Mutex<Challenges<SigningIn>>,
    pub(crate) registrations: Mutex<Challenges<Registering>>,
    pub(crate) step_ups: Mutex<Challenges<SteppingUp>>,
    pub(crate) homes: Homes,
    pub(crate) hubs: Hubs,
    pub(crate) relay: Relay,
    /// Which openings of recordings are written down already.
    pub(crate) opened: Mutex<RecordingsOpened>,
    /// Erasures whose keys are still being destroyed.
    pub(crate) erasing: Mutex<std::collections::HashSet<eaves_domain::CommandId>>,
    /// There may be erasures that were accepted and did not come to their end.
    pub(crate) unfinished: AtomicBool,
    /// There are bytes to remove.
    pub(crate) doomed: tokio::sync::Notify,
    /// A claim waits to be carried to its hub.
    pub(crate) claimed: tokio::sync::Notify,
}

impl Shared {
    pub(crate) fn now(&self) -> Timestamp {
        self.config.clock.now()
    }

    /// Publishes what is written down by now. An act is done when this returns, and not before.
    pub(crate) async fn publish(&self) -> Result<(), LogError> {
        if self.store.written() > self.log.published_size() {
            self.log.publish().await?;
        }
        Ok(())
    }

    /// Writes down something that changes nothing in the database, and publishes it.
    pub(crate) async fn note(&self, telling: Store) -> Result<(), LogError> {
        telling.tell().await?;
        self.publish().await
    }

    /// Forgets what was asked and not answered in time.
    fn forget_questions(&self, now: Timestamp) {
        self.second_steps.lock().unwrap_or_else(PoisonError::into_inner).sweep(now);
        self.approvals.lock().unwrap_or_else(PoisonError::into_inner).sweep(now);
        self.passkey_logins.lock().unwrap_or_else(PoisonError::into_inner).sweep(now);
        self.registrations.lock().unwrap_or_else(PoisonError::into_inner).sweep(now);
        self.step_ups.lock().unwrap_or_else(PoisonError::into_inner).sweep(now);
    }
}

/// What the name of a new log begins with: the host name that others can reach, or `eaves.invalid`.
fn log_prefix(origin: Option<&str>) -> String {
    let host = origin.and_then(|origin| origin.strip_prefix("https://")).unwrap_or_default();
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    let top = host.rsplit_once('.').map(|(_, top)| top).unwrap_or_default();
    let is_public = host.chars().all(letters)
        && top.len() >= 2
        && top.chars().all(|c| c.is_ascii_lowercase())
        && !matches!(top, "local" | "internal" | "lan" | "home" | "localhost" | "invalid" | "test" | "example");
    if is_public { host.to_owned() } else { "eaves.invalid".to_owned() }
}

/// The vault.
#[derive(Clone)]
pub struct Vault {
    pub(crate) shared: Arc<Shared>,
}

impl Vault {
    /// Opens the store and gets ready.
    pub async fn open(config: Config) -> Result<Self, crate::Error> {
        let store = Store::open(config.store.clone()).await?;
        let log = Log::open(&store, &log_prefix(config.origin.as_deref())).await?;
        // The vault that was here before may have been stopped between an act and its publication.
        log.publish().await?;
        let sign_in_key = SignInKey::read(&store.sign_in_secrets().setup).map_err(|_| crate::Error::SignInKey)?;
        let gate = Gate::new(store.guarded_until().await?, crate::auth::random()?);
        let relying_party = config.origin.as_deref().and_then(RelyingParty::at);
        let shared = Shared {
            store,
            log,
            config,
            sign_in_key: Arc::new(sign_in_key),
            gate,
            attempts: Mutex::default(),
            second_steps: Mutex::new(Challenges::new(SECOND_STEP_US)),
            approvals: Mutex::default(),
            answered: tokio::sync::Notify::new(),
            relying_party,
            passkey_logins: Mutex::new(Challenges::new(PASSKEY_US)),
            registrations: Mutex::new(Challenges::new(PASSKEY_US)),
            step_ups: Mutex::new(Challenges::new(PASSKEY_US)),
            homes: Homes::default(),
            hubs: Hubs::default(),
            relay: Relay::default(),
            opened: Mutex::default(),
            erasing: Mutex::default(),
            // The vault that was here before may have been killed at it.
            unfinished: AtomicBool::new(true),
            doomed: tokio::sync::Notify::new(),
            claimed: tokio::sync::Notify::new(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Everything that the vault serves. Whoever accepts connections puts a [`web::Peer`] into each request.
    pub fn router(&self) -> axum::Router {
        web::routes::router(&self.shared)
    }

    /// The store, for `check`, `backup` and tests.
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// Expires, removes and forgets what is over, until cancelled.
    pub async fn run_background(&self, cancel: CancellationToken) {
        let mut sweep = tokio::time::interval(SWEEP);
        sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = sweep.tick() => self.sweep().await,
                () = self.shared.doomed.notified() => self.remove_doomed().await,
                () = cancel.cancelled() => return,
            }
        }
    }

    /// Closes the store. Call when nothing is served any more.
    pub async fn close(&self) {
        self.shared.store.close().await;
    }

    /// Does that once, now.
    pub async fn sweep(&self) {
        let shared = &self.shared;
        let now = shared.now();
        web::commands::resume(shared).await;
        shared.attempts.lock().unwrap_or_else(PoisonError::into_inner).sweep(now);
        shared.forget_questions(now);
        shared.gate.sweep(now);
        shared.opened.lock().unwrap_or_else(PoisonError::into_inner).sweep(now);
        loop {
            match shared.store.expire(now).await {
                Ok(some) if some.is_empty() => break,
                Ok(some) => some.into_iter().for_each(|erased| shared.homes.tell_erased(erased)),
                Err(error) => {
                    tracing::error!(%error, "recordings could not be expired");
                    break;
                }
            }
        }
        if let Err(error) = shared.store.forget_notices(now.plus_us(-crate::store::NOTICE_US_MAX)).await {
            tracing::error!(%error, "old notices could not be removed");
        }
        self.remove_doomed().await;
        let (started, used) =
            (now.plus_us(-crate::auth::session::SESSION_US_MAX), now.plus_us(-crate::auth::session::IDLE_US_MAX));
        if let Err(error) = shared.store.end_stale_sessions(started, used, now).await {
            tracing::error!(%error, "old sessions could not be removed");
        }
        if let Err(error) = shared.store.drop_old_counters(now).await {
            tracing::error!(%error, "old counters could not be dropped");
        }
        let used = now.plus_us(-crate::auth::known_device::KNOWN_US_MAX);
        if let Err(error) = shared.store.forget_stale_devices(used).await {
            tracing::error!(%error, "devices that nobody uses any more could not be forgotten");
        }
        if let Err(error) = shared.store.end_old_invites(now).await {
            tracing::error!(%error, "old invitations could not be removed");
        }
        if let Err(error) = shared.store.forget_views(now.plus_us(-crate::store::view::VIEW_US)).await {
            tracing::error!(%error, "old views could not be removed");
        }
        if let Err(error) = shared.store.remove_orphans(now.plus_us(-ORPHAN_US)).await {
            tracing::error!(%error, "bodies without a link could not be removed");
        }
        if let Err(error) = shared.publish().await {
            tracing::error!(%error, "the log could not be published; trying again");
        }
    }

    async fn remove_doomed(&self) {
        loop {
            match self.shared.store.remove_doomed().await {
                Ok(went_on) if went_on.is_empty() => return,
                Ok(went_on) => {
                    for (household, command) in went_on {
                        web::commands::went_on(&self.shared, household, command).await;
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "erased bytes could not be removed; trying again");
                    return;
                }
            }
        }
    }
}
