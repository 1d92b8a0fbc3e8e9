//! Following the roster: which cameras run, and under which keys.

use super::{Answer, Conductor, Running};
use crate::camera::{Change, Orders, Plan, Worker};
use crate::event::Event;
use crate::live::{Live, LivePlan};
use crate::recorder::Recorder;
use crate::uploads::Uploader;
use crate::vault::{VaultError, blocking};
use eaves_api::channel::DeviceState;
use eaves_domain::DeviceId;
use eaves_domain::envelope::Envelope;
use eaves_domain::link::GapCause;
use eaves_domain::roster::Roster;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How far the clock may be behind the time at which the roster was signed.
const CLOCK_BEHIND_US_MAX: i64 = 86_400_000_000;

impl Conductor {
    /// Asks the vault for rosters after the one in force; the answer comes to [`Conductor::rosters`]. The conductor does
    /// not wait: a vault that does not answer must not keep it from the cameras and the disk.
    pub(super) fn ask_for_rosters(&mut self) {
        let Some(version) = self.household.in_force().map(|r| r.roster.version) else { return };
        if self.asking.rosters {
            self.asking.rosters_again = true;
            return;
        }
        self.asking.rosters = true;
        let (client, answers) = (self.shared.client.clone(), self.answers.clone());
        tokio::spawn(async move {
            let rosters = client.rosters(version.saturating_add(1)).await;
            // Nobody listens when the hub stops.
            let _ = answers.send(Answer::Rosters(rosters)).await;
        });
    }

    /// Judges what the vault offers, step by step, and follows as far as it is good.
    pub(super) async fn rosters(&mut self, answer: Result<Vec<Envelope>, VaultError>) {
        self.asking.rosters = false;
        let offered = match answer {
            Ok(offered) => offered,
            Err(error) => {
                tracing::debug!(%error, "no newer roster could be fetched");
                return;
            }
        };
        let mut is_newer = false;
        for envelope in &offered {
            let before = self.household.in_force().cloned();
            let kept = match self.household.judge(envelope) {
                Ok(roster) => self.household.keep(envelope, roster),
                Err(error) => {
                    tracing::error!(%error, "the vault offered a roster that is refused; the last good one stays");
                    self.shared.events.tell(Event::RosterRefused(error));
                    break;
                }
            };
            let in_force = match kept {
                Ok(in_force) => in_force,
                Err(error) => {
                    tracing::error!(%error, "a roster could not be kept; the last good one stays in force");
                    break;
                }
            };
            if let Some(before) = before {
                let now = self.shared.clock.now().wall;
                if let Err(error) = self.keeping.follow(&before.roster, &in_force.roster, in_force.digest, now) {
                    tracing::error!(%error, "looser rules of a roster");
                }
            }
            is_newer = true;
        }
        if is_newer {
            self.follow_roster_in_force().await;
        }
        // There may be more than one answer holds, or it came while this one was on its way.
        if std::mem::take(&mut self.asking.rosters_again) || is_newer {
            self.ask_for_rosters();
        }
    }

    /// Starts, changes and stops workers as the roster in force says.
    pub(super) async fn follow_roster_in_force(&mut self) {
        let Some(in_force) = self.household.in_force().cloned() else { return };
        let roster = in_force.roster;
        let mine = self.shared.own.is_in(&roster);
        if !mine {
            tracing::warn!("this hub is not in the roster any more; nothing is recorded");
        }
        self.start_uploads(&roster);
        // A machine without a battery starts in the past. What is recorded then would be erased at once, being too old.
        let now = self.shared.clock.now().wall;
        let is_behind = roster.issued_us.since_us(now) > CLOCK_BEHIND_US_MAX && self.workers.is_empty();
        if is_behind && !self.waits_for_clock {
            tracing::warn!("the clock is behind the roster; nothing is recorded until it is set");
        }
        self.waits_for_clock = is_behind;
        if is_behind {
            return;
        }
        let wanted: Vec<_> =
            roster.devices.iter().filter(|d| mine && d.hub == self.shared.own.hub).map(|d| d.device).collect();
        let gone: Vec<_> = self.workers.keys().copied().filter(|device| !wanted.contains(device)).collect();
        for device in gone {
            self.stop_worker(device, GapCause::CameraChanged).await;
            self.shared.uplink.forget(device);
        }
        for device in wanted {
            match Plan::of(device, &roster, self.keeping.home(), &self.shared.inbox) {
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
        self.judge_early();
        self.look_after_watchers();
    }

    pub(super) fn start_uploads(&mut self, roster: &Roster) {
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

    pub(super) async fn follow_plan(&mut self, plan: Arc<Plan>, roster: &Roster) {
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
            let stopped = self.keeping.home().stops(roster, plan.device);
            running.orders.send_modify(|orders| {
                orders.plan = plan;
                orders.stopped = stopped;
            });
        } else {
            let stopped = self.keeping.home().stops(roster, plan.device);
            self.start_worker(plan, live_plan, stopped).await;
        }
    }

    pub(super) async fn start_worker(&mut self, plan: Arc<Plan>, live_plan: LivePlan, stopped: Option<GapCause>) {
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
        let has_space = self.space.has_space();
        let (orders, receiver) = watch::channel(Orders { plan, watch: None, has_space, stopped, restarts: 0 });
        let worker = Worker {
            device,
            cameras: self.shared.cameras.clone(),
            clock: self.shared.clock.clone(),
            uplink: self.shared.uplink.clone(),
            live: live.clone(),
            orders: receiver,
            stop: stop.clone(),
            small_picture: Arc::default(),
            farewell: farewell.clone(),
        };
        let task = match &self.shared.config.listens_on {
            Some(runtime) => runtime.spawn(worker.run(recorder)),
            None => tokio::spawn(worker.run(recorder)),
        };
        let running = Running { orders, live, farewell, stop, task };
        if self.keeping.is_watched(device, now) {
            running.watch();
        }
        self.workers.insert(device, running);
    }

    pub(super) async fn stop_worker(&mut self, device: DeviceId, cause: GapCause) {
        let Some(running) = self.workers.remove(&device) else { return };
        *running.farewell.lock().unwrap_or_else(PoisonError::into_inner) = cause;
        running.stop.cancel();
        if running.task.await.is_err() {
            tracing::error!(%device, "the worker of a camera panicked");
        }
    }

    /// Starts workers again that ended by themselves, which is a bug, but not one that should cost footage.
    pub(super) async fn look_after_workers(&mut self) {
        if self.workers.values().any(|running| running.task.is_finished()) {
            tracing::error!("the worker of a camera ended by itself; it is started again");
            self.cause = GapCause::RecordingFailed;
            self.follow_roster_in_force().await;
        }
    }
}
