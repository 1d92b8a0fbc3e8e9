//! The conductor: claim, roster, workers, and what comes down the channel.

mod claiming;
mod following;
mod obeying;
mod watching;

use crate::camera::Orders;
use crate::channel::{self, Incoming};
use crate::claim::{Claim, Showing};
use crate::event::Event;
use crate::household::Household;
use crate::hub::Shared;
use crate::keeping::Keeping;
use crate::live::Live;
use crate::space::Space;
use crate::vault::{VaultError, blocking};
use eaves_api::channel::ToHub;
use eaves_domain::envelope::Envelope;
use eaves_domain::link::GapCause;
use eaves_domain::{DeviceId, Digest};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore, mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How often the claim code, the disk and the workers are looked after.
const ROUND: Duration = Duration::from_secs(2);
/// Rounds between two looks for a newer roster, should the vault not tell.
const ROSTER_ROUNDS: u64 = 300;
/// Rounds between two looks for what has expired in the spool.
const EXPIRE_ROUNDS: u64 = 30;
const INCOMING: usize = 64;
/// Looks for cameras at the same time.
const LOOKS_MAX: usize = 2;

struct Running {
    orders: watch::Sender<Orders>,
    live: Arc<Mutex<Live>>,
    farewell: Arc<Mutex<GapCause>>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

/// What the vault answered to a question that the conductor did not wait for.
enum Answer {
    Introduced(Digest, Result<(), VaultError>),
    Rosters(Result<Vec<Envelope>, VaultError>),
}

/// Which questions are on their way.
#[derive(Default)]
struct Asking {
    introduction: bool,
    rosters: bool,
    rosters_again: bool,
}

/// The conductor.
pub(crate) struct Conductor {
    shared: Arc<Shared>,
    household: Household,
    claim: Option<(Claim, Option<Showing>)>,
    introduced: bool,
    workers: BTreeMap<DeviceId, Running>,
    /// What the hub keeps to besides the roster, and who watches what, also while there is no worker for it: a camera is
    /// watched the moment it was added.
    keeping: Keeping,
    /// Wishes to watch that the roster in force does not allow (yet).
    early: Vec<Envelope>,
    space: Space,
    /// Why nothing was recorded before a worker starts.
    cause: GapCause,
    uploads: Option<JoinHandle<()>>,
    stop_uploads: CancellationToken,
    hurry: Arc<Notify>,
    looks: Arc<Semaphore>,
    waits_for_clock: bool,
    asking: Asking,
    answers: mpsc::Sender<Answer>,
    answered: Option<mpsc::Receiver<Answer>>,
}

impl Conductor {
    pub(crate) fn new(shared: Arc<Shared>, household: Household, keeping: Keeping, cause: GapCause) -> Self {
        let claim = household.in_force().is_none().then(|| (claiming::take_up(&shared), None));
        if claim.is_none() {
            // Killed between getting an owner and forgetting the code.
            claiming::forget_codes(&shared);
        }
        let (answers, answered) = mpsc::channel(INCOMING);
        Self {
            space: Space::new(shared.config.free_bytes_min),
            shared,
            household,
            claim,
            introduced: false,
            workers: BTreeMap::new(),
            keeping,
            early: Vec::new(),
            cause,
            uploads: None,
            stop_uploads: CancellationToken::new(),
            hurry: Arc::default(),
            looks: Arc::new(Semaphore::new(LOOKS_MAX)),
            waits_for_clock: false,
            asking: Asking::default(),
            answers,
            answered: Some(answered),
        }
    }

    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let (sender, mut incoming) = mpsc::channel(INCOMING);
        let Some(mut answered) = self.answered.take() else { return };
        let stop_channel = CancellationToken::new();
        let channel = tokio::spawn(channel::run(
            self.shared.client.clone(),
            self.shared.uplink.clone(),
            sender,
            self.hurry.clone(),
            stop_channel.clone(),
        ));
        self.look_after_disk().await;
        self.follow_roster_in_force().await;
        let mut round = tokio::time::interval(ROUND);
        round.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut rounds = 0_u64;
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                Some(message) = incoming.recv() => self.incoming(message).await,
                Some(answer) = answered.recv() => match answer {
                    Answer::Introduced(token_hash, answer) => self.introduced(token_hash, answer),
                    Answer::Rosters(answer) => self.rosters(answer).await,
                },
                _ = round.tick() => {
                    self.round(rounds).await;
                    rounds = rounds.wrapping_add(1);
                }
            }
        }
        self.end().await;
        stop_channel.cancel();
        drop(incoming);
        let _ = channel.await;
    }

    /// Ends every recording, waits a while for the vault, and stops.
    async fn end(&mut self) {
        let devices: Vec<_> = self.workers.keys().copied().collect();
        for running in self.workers.values() {
            running.stop.cancel();
        }
        for device in devices {
            self.stop_worker(device, GapCause::HubStopped).await;
        }
        let drained = async {
            while self.shared.spool.waiting().0 > 0 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        if self.uploads.is_some() && tokio::time::timeout(self.shared.config.drain, drained).await.is_err() {
            tracing::warn!("the vault did not take everything in time; the rest waits in the spool");
        }
        self.stop_uploads.cancel();
        if let Some(uploads) = self.uploads.take() {
            let _ = uploads.await;
        }
    }

    async fn round(&mut self, rounds: u64) {
        self.look_after_claim();
        self.look_after_disk().await;
        self.look_after_workers().await;
        let is_loosened = self.keeping.tick(self.shared.clock.now().wall);
        if self.waits_for_clock || is_loosened {
            self.follow_roster_in_force().await;
        }
        self.look_after_watchers();
        if self.claim.is_none() && rounds % ROSTER_ROUNDS == ROSTER_ROUNDS - 1 {
            self.ask_for_rosters();
        }
        if rounds % EXPIRE_ROUNDS == EXPIRE_ROUNDS - 1 {
            let now = self.shared.clock.now().wall;
            let expire = move |spool: &crate::spool::store::Spool| {
                spool.expire(now);
                Ok(())
            };
            let _ = blocking(&self.shared.spool, expire).await;
        }
    }

    async fn incoming(&mut self, incoming: Incoming) {
        match incoming {
            Incoming::Connected => {
                self.shared.spool.vault_is_back();
                if self.claim.is_none() {
                    self.ask_for_rosters();
                }
            }
            Incoming::Disconnected => {
                self.workers.values().for_each(Running::unwatch);
                self.keeping.unwatch_all();
                self.early.clear();
                // A vault that restarted knows nothing of a hub without an owner.
                self.introduced = false;
            }
            Incoming::Message(ToHub::Claimed { roster, mac }) => self.claimed(&roster, &mac.0).await,
            Incoming::Message(ToHub::RosterChanged) => {
                if self.claim.is_none() {
                    self.ask_for_rosters();
                }
            }
            Incoming::Message(ToHub::Command { command }) => self.command(command).await,
            Incoming::Message(ToHub::Watch { watch }) => self.watch(watch),
            Incoming::Message(ToHub::Unwatch { device, watches }) => self.unwatch(device, &watches),
        }
    }

    async fn look_after_disk(&mut self) {
        let Ok(free) = blocking(&self.shared.spool, |spool| spool.free_bytes()).await else { return };
        if self.space.observe(free) {
            let has_space = self.space.has_space();
            if has_space {
                tracing::info!("there is space for recordings again");
            } else {
                tracing::error!(free_bytes = free, "the disk is almost full: nothing is recorded, live pictures go on");
            }
            self.shared.events.tell(Event::DiskFull(!has_space));
            for running in self.workers.values() {
                running.orders.send_modify(|orders| orders.has_space = has_space);
            }
        }
    }
}

impl Running {
    fn watch(&self) {
        self.live.lock().unwrap_or_else(PoisonError::into_inner).watch();
        self.orders.send_modify(|orders| orders.watch = Some(orders.watch.map_or(0, |n| n.wrapping_add(1))));
    }

    fn unwatch(&self) {
        self.live.lock().unwrap_or_else(PoisonError::into_inner).unwatch();
    }
}
