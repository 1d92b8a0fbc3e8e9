//! The conductor: claim, roster, workers, and what comes down the channel.

use crate::camera::{Change, Orders, Plan, Worker};
use crate::channel::{self, Incoming};
use crate::claim::{Claim, Showing};
use crate::event::Event;
use crate::household::Household;
use crate::hub::Shared;
use crate::live::{Live, LivePlan};
use crate::looking;
use crate::random;
use crate::recorder::Recorder;
use crate::space::Space;
use crate::spool::Signer;
use crate::uploads::Uploader;
use crate::vault::{VaultError, blocking};
use eaves_api::app::CommandOutcome;
use eaves_api::channel::{DeviceState, ToHub};
use eaves_api::problem::Code;
use eaves_domain::command::{Action, Command};
use eaves_domain::envelope::Envelope;
use eaves_domain::link::GapCause;
use eaves_domain::roster::Roster;
use eaves_domain::{CommandId, DeviceId};
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

/// The conductor.
pub(crate) struct Conductor {
    shared: Arc<Shared>,
    household: Household,
    claim: Option<(Claim, Option<Showing>)>,
    introduced: bool,
    workers: BTreeMap<DeviceId, Running>,
    space: Space,
    /// Why nothing was recorded before a worker starts.
    cause: GapCause,
    uploads: Option<JoinHandle<()>>,
    stop_uploads: CancellationToken,
    hurry: Arc<Notify>,
    looks: Arc<Semaphore>,
}

impl Conductor {
    pub(crate) fn new(shared: Arc<Shared>, household: Household, cause: GapCause) -> Self {
        let claim = household.in_force().is_none().then(|| (Claim::new(shared.own.clone()), None));
        Self {
            space: Space::new(shared.config.free_bytes_min),
            shared,
            household,
            claim,
            introduced: false,
            workers: BTreeMap::new(),
            cause,
            uploads: None,
            stop_uploads: CancellationToken::new(),
            hurry: Arc::default(),
            looks: Arc::new(Semaphore::new(LOOKS_MAX)),
        }
    }

    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let (sender, mut incoming) = mpsc::channel(INCOMING);
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
        self.look_after_claim().await;
        self.look_after_disk().await;
        self.look_after_workers().await;
        if self.claim.is_none() && rounds % ROSTER_ROUNDS == ROSTER_ROUNDS - 1 {
            self.fetch_rosters().await;
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
                    self.fetch_rosters().await;
                }
            }
            Incoming::Disconnected => {
                self.workers.values().for_each(Running::unwatch);
                // A vault that restarted knows nothing of a hub without an owner.
                self.introduced = false;
            }
            Incoming::Message(ToHub::Claimed { roster, mac }) => self.claimed(&roster, &mac.0).await,
            Incoming::Message(ToHub::RosterChanged) => {
                if self.claim.is_none() {
                    self.fetch_rosters().await;
                }
            }
            Incoming::Message(ToHub::Command { command }) => self.command(command).await,
            Incoming::Message(ToHub::Watch { device }) => {
                if let Some(running) = self.workers.get(&device) {
                    running.watch();
                }
            }
            Incoming::Message(ToHub::Unwatch { device }) => {
                if let Some(running) = self.workers.get(&device) {
                    running.unwatch();
                }
            }
        }
    }

    // --- claim -------------------------------------------------------------------------------------------------

    async fn look_after_claim(&mut self) {
        let Some((claim, showing)) = &mut self.claim else { return };
        let now = self.shared.clock.now().wall;
        if claim.due().is_none_or(|due| now >= due || due.since_us(now) > eaves_domain::claim::CLAIM_US_MAX) {
            let Ok(random) = random::bytes() else { return };
            if let Some(new) = claim.renew(random, now) {
                let expires = new.pairing.expires_us;
                self.shared.events.tell(Event::ClaimCode { code: new.code.clone(), expires });
                *showing = Some(new);
                self.introduced = false;
            }
        }
        if let Some(showing) = showing.as_ref().filter(|_| !self.introduced) {
            match self.shared.client.introduce(&showing.pairing).await {
                Ok(()) => {
                    self.introduced = true;
                    self.hurry.notify_one();
                }
                Err(VaultError::Refused(Code::AlreadyClaimed)) => {
                    tracing::error!("the vault has an owner already, but this hub does not know them");
                }
                Err(error) => tracing::debug!(%error, "the hub could not introduce itself yet"),
            }
        }
    }

    async fn claimed(&mut self, envelope: &Envelope, mac: &[u8]) {
        let Some((claim, _)) = &self.claim else {
            // The vault repeats it until it is sure that we have it; anything else than what we have changes nothing.
            let first = self.household.in_force().map(|r| r.roster.household);
            if envelope.peek::<Roster>().ok().map(|r| r.household) != first {
                tracing::error!("the vault claims that somebody else owns this hub; that is refused");
            }
            return;
        };
        let roster = match claim.accept(envelope, mac, self.shared.clock.now().wall) {
            Ok(roster) => roster,
            Err(error) => {
                tracing::error!(%error, "a claim was refused");
                return;
            }
        };
        match self.household.pin(envelope, roster) {
            Ok(_) => {
                self.claim = None;
                tracing::info!("the hub has an owner");
                self.shared.events.tell(Event::Claimed);
                self.follow_roster_in_force().await;
                self.fetch_rosters().await;
            }
            Err(error) => tracing::error!(%error, "the first roster could not be kept; the vault will send it again"),
        }
    }

    // --- roster ------------------------------------------------------------------------------------------------

    async fn fetch_rosters(&mut self) {
        loop {
            let Some(version) = self.household.in_force().map(|r| r.roster.version) else { return };
            let offered = match self.shared.client.rosters(version.saturating_add(1)).await {
                Ok(offered) => offered,
                Err(error) => {
                    tracing::debug!(%error, "no newer roster could be fetched");
                    return;
                }
            };
            if offered.is_empty() {
                return;
            }
            for envelope in offered {
                let judged = self.household.judge(&envelope);
                let kept = match judged {
                    Ok(roster) => self.household.keep(&envelope, roster),
                    Err(error) => {
                        tracing::error!(%error, "the vault offered a roster that is refused; the last good one stays");
                        self.shared.events.tell(Event::RosterRefused(error));
                        return;
                    }
                };
                if let Err(error) = kept {
                    tracing::error!(%error, "a roster could not be kept; the last good one stays in force");
                    return;
                }
                self.follow_roster_in_force().await;
            }
        }
    }

    /// Starts, changes and stops workers as the roster in force says.
    async fn follow_roster_in_force(&mut self) {
        let Some(in_force) = self.household.in_force().cloned() else { return };
        let roster = in_force.roster;
        let mine = self.shared.own.is_in(&roster);
        if !mine {
            tracing::warn!("this hub is not in the roster any more; nothing is recorded");
        }
        self.start_uploads(&roster);
        let wanted: Vec<_> =
            roster.devices.iter().filter(|d| mine && d.hub == self.shared.own.hub).map(|d| d.device).collect();
        let gone: Vec<_> = self.workers.keys().copied().filter(|device| !wanted.contains(device)).collect();
        for device in gone {
            self.stop_worker(device, GapCause::CameraChanged).await;
            self.shared.uplink.forget(device);
        }
        for device in wanted {
            match Plan::of(device, &roster, &self.shared.inbox) {
                Ok(plan) => self.follow_plan(Arc::new(plan), &roster).await,
                Err(error) => {
                    tracing::error!(%device, %error, "a camera of the roster cannot be run");
                    self.stop_worker(device, GapCause::CameraChanged).await;
                    let state = DeviceState::Down { cause: GapCause::CameraRefused };
                    self.shared.uplink.set_state(device, state, self.shared.clock.now().wall);
                }
            }
        }
        // From now on a camera that starts was added or changed.
        self.cause = GapCause::CameraChanged;
    }

    fn start_uploads(&mut self, roster: &Roster) {
        if self.uploads.is_none() {
            let uploader = Uploader {
                client: self.shared.client.clone(),
                spool: self.shared.spool.clone(),
                clock: self.shared.clock.clone(),
                household: roster.household,
                hub: self.shared.own.hub,
                key: self.shared.key.clone(),
                events: self.shared.events.clone(),
            };
            self.uploads = Some(tokio::spawn(uploader.run(self.stop_uploads.clone())));
        }
    }

    async fn follow_plan(&mut self, plan: Arc<Plan>, roster: &Roster) {
        let live_plan = LivePlan {
            place: plan.place,
            recipient: plan.recipient.clone(),
            household: roster.household,
            hub: self.shared.own.hub,
            key: self.shared.key.clone(),
        };
        if let Some(running) = self.workers.get(&plan.device).filter(|running| !running.task.is_finished()) {
            let change = running.orders.borrow().plan.change(&plan);
            if change != Change::None {
                // Whoever was removed from the room sees nothing more, from this moment on.
                running.live.lock().unwrap_or_else(PoisonError::into_inner).set_plan(live_plan);
            }
            running.orders.send_modify(|orders| orders.plan = plan);
        } else {
            self.start_worker(plan, live_plan).await;
        }
    }

    // --- workers -----------------------------------------------------------------------------------------------

    async fn start_worker(&mut self, plan: Arc<Plan>, live_plan: LivePlan) {
        let device = plan.device;
        let (place, now, cause) = (plan.place, self.shared.clock.now().wall, self.cause);
        let spool = self.shared.spool.clone();
        let opened = blocking(&self.shared.spool, move |_| Recorder::open(spool, device, place, now, cause)).await;
        let recorder = match opened {
            Ok(recorder) => recorder,
            Err(error) => {
                tracing::error!(%device, %error, "a camera cannot be recorded");
                return;
            }
        };
        let live = Arc::new(Mutex::new(Live::new(device, live_plan)));
        let farewell = Arc::new(Mutex::new(GapCause::HubStopped));
        let stop = CancellationToken::new();
        let (orders, receiver) = watch::channel(Orders { plan, watch: None, has_space: self.space.has_space() });
        let worker = Worker {
            device,
            cameras: self.shared.cameras.clone(),
            clock: self.shared.clock.clone(),
            uplink: self.shared.uplink.clone(),
            live: live.clone(),
            orders: receiver,
            stop: stop.clone(),
            farewell: farewell.clone(),
        };
        let task = tokio::spawn(worker.run(recorder));
        self.workers.insert(device, Running { orders, live, farewell, stop, task });
    }

    async fn stop_worker(&mut self, device: DeviceId, cause: GapCause) {
        let Some(running) = self.workers.remove(&device) else { return };
        *running.farewell.lock().unwrap_or_else(PoisonError::into_inner) = cause;
        running.stop.cancel();
        if running.task.await.is_err() {
            tracing::error!(%device, "the worker of a camera panicked");
        }
    }

    /// Starts workers again that ended by themselves, which is a bug, but not one that should cost footage.
    async fn look_after_workers(&mut self) {
        if self.workers.values().any(|running| running.task.is_finished()) {
            tracing::error!("the worker of a camera ended by itself; it is started again");
            self.cause = GapCause::RecordingFailed;
            self.follow_roster_in_force().await;
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

    // --- commands ----------------------------------------------------------------------------------------------

    async fn command(&mut self, envelope: Envelope) {
        let Some(in_force) = self.household.in_force().cloned() else { return };
        let Ok(claimed) = envelope.peek::<Command>() else {
            tracing::warn!("the vault relayed a command that is none");
            return;
        };
        if matches!(claimed.action, Action::Probe { hub, .. } if hub != self.shared.own.hub) {
            return;
        }
        let (shared, now) = (self.shared.clone(), self.shared.clock.now().wall);
        let admitted = tokio::task::spawn_blocking(move || {
            let mut commands = shared.commands.lock().unwrap_or_else(PoisonError::into_inner);
            commands.admit(&envelope, &in_force.roster, now)
        });
        let device = match &claimed.action {
            Action::Erase { device, .. } => Some(*device),
            Action::Probe { .. } => None,
        };
        match admitted.await {
            Ok(Ok(command)) => self.obey(command, self.signer(device)),
            Ok(Err(refusal)) => {
                tracing::warn!(%refusal, "a command was refused");
                let outcome = CommandOutcome::Refused { reason: refusal.reason().to_owned() };
                self.tell_outcome(claimed.command, outcome);
            }
            Err(_) => tracing::error!("the gate for commands panicked"),
        }
    }

    fn signer(&self, device: Option<DeviceId>) -> Option<Signer> {
        let household = self.household.in_force()?.roster.household;
        Some(Signer { household, hub: self.shared.own.hub, device: device? })
    }

    fn obey(&self, command: Command, signer: Option<Signer>) {
        let shared = self.shared.clone();
        match command.action {
            Action::Erase { targets, .. } => {
                tokio::spawn(async move {
                    let key = shared.key.clone();
                    let Some(signer) = signer else { return };
                    let erased = blocking(&shared.spool, move |spool| spool.erase(signer, &key, &targets)).await;
                    let outcome = match erased {
                        Ok(dropped) => {
                            tracing::info!(dropped, "a member's erasure was obeyed");
                            CommandOutcome::Done { reply: None }
                        }
                        Err(error) => {
                            tracing::error!(%error, "an erasure could not be carried out");
                            CommandOutcome::Refused { reason: "failed".into() }
                        }
                    };
                    report(&shared, command.command, &outcome).await;
                });
            }
            Action::Probe { request, reply_to, .. } => {
                let looks = self.looks.clone();
                tokio::spawn(async move {
                    let Ok(_permit) = looks.acquire_owned().await else { return };
                    let id = command.command;
                    let outcome = looking::look(&*shared.cameras, &shared.inbox, id, &request.0, &reply_to).await;
                    report(&shared, id, &outcome).await;
                });
            }
        }
    }

    fn tell_outcome(&self, command: CommandId, outcome: CommandOutcome) {
        let shared = self.shared.clone();
        tokio::spawn(async move { report(&shared, command, &outcome).await });
    }
}

/// Tells the vault how a command ended; a vault that is away asks the member to try again.
async fn report(shared: &Shared, command: CommandId, outcome: &CommandOutcome) {
    for attempt in 0..5_u32 {
        match shared.client.post_outcome(command, outcome).await {
            Err(VaultError::Away) => tokio::time::sleep(Duration::from_secs(1 << attempt)).await,
            Err(error) => return tracing::warn!(%error, "the vault does not want to know how a command ended"),
            Ok(()) => return,
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
