//! The worker of one camera: connects, for ever; feeds the writer; shows live pictures to whoever watches.

use super::feed::Feed;
use super::plan::{Change, Plan};
use super::source::{Cameras, Run};
use super::writer::{About, Health, Input, Writer};
use crate::live::{Live, Role, Sealed};
use crate::random;
use crate::recorder::Recorder;
use crate::uplink::Uplink;
use bytes::Bytes;
use eaves_api::channel::DeviceState;
use eaves_domain::link::GapCause;
use eaves_domain::{DeviceId, RunId};
use eaves_media::probe::Picture;
use eaves_media::{Backoff, Clock, LiveFrame, MediaEvent, Opening, Output, RunEnd, Segmenter, Source, Track, Tracks};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Pieces that wait for a slow disk.
const QUEUE: usize = 16;
/// How old a keyframe of the sub stream may be to stand for the first picture of a recording.
const SMALL_PICTURE_US: i64 = 10_000_000;
/// How often time passes for a camera that is down.
const TICK: Duration = Duration::from_secs(10);

/// What a worker is to do; changes while it works.
#[derive(Clone)]
pub(crate) struct Orders {
    pub(crate) plan: Arc<Plan>,
    /// Counts up whenever somebody starts to watch.
    pub(crate) watch: Option<u64>,
    /// Whether there is room on the disk for recordings.
    pub(crate) has_space: bool,
    /// Why the camera is not to send anything.
    pub(crate) stopped: Option<GapCause>,
    /// Counts up whenever a member wants the camera connected anew.
    pub(crate) restarts: u64,
}

impl Orders {
    /// Whether a connection that was made under these orders may go on under `next`.
    fn keeps_connection(&self, next: &Self) -> bool {
        next.stopped.is_none() && self.restarts == next.restarts && self.plan.change(&next.plan) != Change::Connect
    }
}

/// What a worker works with.
pub(crate) struct Worker {
    pub(crate) device: DeviceId,
    pub(crate) cameras: Arc<dyn Cameras>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) uplink: Arc<Uplink>,
    pub(crate) live: Arc<Mutex<Live>>,
    pub(crate) orders: watch::Receiver<Orders>,
    pub(crate) stop: CancellationToken,
    /// The last keyframe of the sub stream and when it came: cheaper to draw posters from.
    pub(crate) small_picture: Arc<Mutex<Option<(Picture, i64)>>>,
    /// Said when the worker ends.
    pub(crate) farewell: Arc<Mutex<GapCause>>,
}

/// Why a run is over, as the worker sees it.
enum Over {
    Ended(RunEnd),
    SettingsChanged,
    /// By a member's wish, for as long as it holds.
    StoppedByMember(GapCause),
    Stopped,
}

impl Worker {
    /// Works until stopped. On return everything that was recorded is in the spool.
    pub(crate) async fn run(self, recorder: Recorder) {
        let health = Arc::new(Health::default());
        let plan = self.orders.borrow().plan.clone();
        let (inputs, receiver) = mpsc::channel(QUEUE);
        let writer = Writer::new(recorder, plan, health.clone());
        let writing = tokio::task::spawn_blocking(move || writer.run(receiver));
        let sub = self.run_sub();
        let feed = Feed::new(inputs, health);
        self.run_main(feed).await;
        sub.abort();
        if writing.await.is_err() {
            tracing::error!("the writer of a camera panicked");
        }
    }

    async fn run_main(&self, mut feed: Feed) {
        let mut orders = self.orders.clone();
        let (mut backoff, mut opening) = (Backoff::default(), Opening::default());
        let device = self.device;
        loop {
            let mut given = orders.borrow_and_update().clone();
            feed.send(Input::Plan(given.plan.clone())).await;
            let (over, progressed) = match given.stopped {
                // No connection at all: what is not asked for cannot be seen by anybody.
                Some(_) if self.stop.is_cancelled() => (Over::Stopped, false),
                Some(cause) => (Over::StoppedByMember(cause), false),
                None => {
                    self.uplink.set_state(device, DeviceState::Connecting, self.clock.now().wall);
                    let mut run = self.cameras.open(given.plan.main.clone(), opening);
                    self.one_run(&mut *run, &mut feed, &mut orders, &mut given).await
                }
            };
            let now = self.clock.now().wall;
            let (cause, wait) = match over {
                Over::Stopped => {
                    let cause = *self.farewell.lock().unwrap_or_else(PoisonError::into_inner);
                    feed.send(Input::Down { cause, at: now }).await;
                    return;
                }
                Over::SettingsChanged => (GapCause::CameraChanged, Duration::ZERO),
                Over::StoppedByMember(cause) => (cause, Duration::MAX),
                Over::Ended(end) => {
                    opening = opening.after(end);
                    if progressed {
                        backoff.progressed();
                    }
                    tracing::info!(%device, %end, "a camera's run ended");
                    let wait =
                        if end.is_benign() && progressed { Duration::ZERO } else { backoff.wait(random::jitter()) };
                    (end.gap_cause(), wait)
                }
            };
            feed.send(Input::Down { cause, at: now }).await;
            self.uplink.set_state(device, DeviceState::Down { cause }, now);
            if !self.wait(wait, &mut feed, &mut orders, &given).await {
                opening = Opening::default();
                backoff.progressed();
            }
        }
    }

    /// Waits until it is time to connect again. False when there are new orders to follow at once.
    async fn wait(
        &self,
        wait: Duration,
        feed: &mut Feed,
        orders: &mut watch::Receiver<Orders>,
        given: &Orders,
    ) -> bool {
        let until = tokio::time::sleep(wait);
        tokio::pin!(until);
        let mut tick = tokio::time::interval_at(tokio::time::Instant::now() + TICK, TICK);
        loop {
            tokio::select! {
                () = &mut until => return true,
                () = self.stop.cancelled() => return true,
                changed = orders.changed() => {
                    let next = orders.borrow_and_update().clone();
                    if changed.is_err() {
                        return true;
                    } else if given.stopped != next.stopped || !given.keeps_connection(&next) {
                        return false;
                    }
                }
                _ = tick.tick() => feed.send(Input::Tick { now: self.clock.now().wall }).await,
            }
        }
    }

    /// One run of the main stream. Also says whether anything was recorded.
    async fn one_run(
        &self,
        run: &mut dyn Run,
        feed: &mut Feed,
        orders: &mut watch::Receiver<Orders>,
        given: &mut Orders,
    ) -> (Over, bool) {
        let mut tick = tokio::time::interval_at(tokio::time::Instant::now() + TICK, TICK);
        let mut running: Option<Running> = None;
        let mut out = Vec::new();
        let mut progressed = false;
        let over = loop {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => break Over::Stopped,
                changed = orders.changed() => {
                    let next = orders.borrow_and_update().clone();
                    if changed.is_err() {
                        break Over::Stopped;
                    }
                    if let Some(cause) = next.stopped {
                        *given = next;
                        break Over::StoppedByMember(cause);
                    }
                    if !given.keeps_connection(&next) {
                        break Over::SettingsChanged;
                    }
                    match given.plan.change(&next.plan) {
                        Change::Connect | Change::Seal => {
                            // What comes in from here on, the group of pictures under way included, is sealed anew.
                            *given = next;
                            if let Some(running) = &mut running {
                                running.segmenter.split(&mut out);
                                self.feed(running, feed, &mut out).await;
                            }
                            feed.send(Input::Plan(given.plan.clone())).await;
                        }
                        Change::None => {
                            // At least the version of the roster is new.
                            *given = next;
                            feed.send(Input::Plan(given.plan.clone())).await;
                        }
                    }
                    if let Some(running) = &mut running {
                        self.show_backlog(Role::Main, &mut running.segmenter);
                    }
                }
                _ = tick.tick(), if running.is_none() => {
                    feed.send(Input::Tick { now: self.clock.now().wall }).await;
                }
                event = run.next() => match event {
                    MediaEvent::Started(tracks) => {
                        let segmenter = Segmenter::new(heard(tracks, given.plan.microphone));
                        let codecs = segmenter.tracks().codecs();
                        self.live().began(Role::Main, segmenter.init(), codecs);
                        feed.tell_again();
                        match random::bytes() {
                            Ok(id) => running = Some(Running { segmenter, id: RunId(id) }),
                            Err(error) => {
                                tracing::error!(%error, "nothing can be recorded");
                                break Over::Ended(RunEnd::ProtocolError);
                            }
                        }
                    }
                    MediaEvent::Sample(sample) => {
                        let Some(running) = &mut running else { continue };
                        if sample.track == Track::Audio && !given.plan.microphone {
                            continue;
                        }
                        let wants = self.live().wants(Role::Main);
                        let failed = running.segmenter.handle(sample, wants, &mut out).err();
                        let recorded = out.iter().any(|o| matches!(o, Output::Fragment(_)));
                        if recorded && feed.is_on() {
                            self.uplink.set_state(self.device, DeviceState::Recording, self.clock.now().wall);
                        }
                        progressed |= recorded;
                        // Not within the call below: a borrow blocks whoever gives orders.
                        let has_space = orders.borrow().has_space;
                        feed.recover(self, &mut running.segmenter, has_space, &mut out);
                        self.feed(running, feed, &mut out).await;
                        if let Some(end) = failed {
                            break Over::Ended(end);
                        }
                    }
                    MediaEvent::Ended(end) => break Over::Ended(end),
                },
            }
        };
        if let Some(Running { segmenter, id }) = running.take() {
            let about = about(segmenter.tracks());
            let picture = picture_of(segmenter.tracks());
            segmenter.finish(&mut out);
            for output in out.drain(..) {
                feed.output(self, id, &about, &picture, output).await;
            }
            self.live().ended(Role::Main);
        }
        (over, progressed)
    }

    async fn feed(&self, running: &Running, feed: &mut Feed, out: &mut Vec<Output>) {
        if out.is_empty() {
            return;
        }
        let needs_about = out.iter().any(|o| !matches!(o, Output::Live(_)));
        let parts = needs_about.then(|| (about(running.segmenter.tracks()), picture_of(running.segmenter.tracks())));
        for output in out.drain(..) {
            match (output, &parts) {
                (Output::Live(frame), _) => self.show(Role::Main, &frame),
                (output, Some((about, picture))) => feed.output(self, running.id, about, picture, output).await,
                (_, None) => {}
            }
        }
    }

    /// Keeps the sub stream running, for live pictures only.
    fn run_sub(&self) -> JoinHandle<()> {
        let sub = Self {
            device: self.device,
            cameras: self.cameras.clone(),
            clock: self.clock.clone(),
            uplink: self.uplink.clone(),
            live: self.live.clone(),
            orders: self.orders.clone(),
            stop: self.stop.clone(),
            small_picture: self.small_picture.clone(),
            farewell: self.farewell.clone(),
        };
        tokio::spawn(async move {
            let mut orders = sub.orders.clone();
            let (mut backoff, mut opening) = (Backoff::default(), Opening::default());
            while !sub.stop.is_cancelled() {
                let given = orders.borrow_and_update().clone();
                let source = if given.stopped.is_some() { None } else { given.plan.sub.clone() };
                let wait = match source {
                    None => Duration::MAX,
                    Some(source) => {
                        let (end, progressed) = sub.one_sub_run(source, opening, &mut orders, &given).await;
                        sub.live().ended(Role::Sub);
                        if progressed {
                            backoff.progressed();
                        }
                        match end {
                            Some(end) => {
                                opening = opening.after(end);
                                backoff.wait(random::jitter())
                            }
                            None => Duration::ZERO,
                        }
                    }
                };
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = sub.stop.cancelled() => {}
                    changed = orders.changed() => if changed.is_err() { return },
                }
            }
        })
    }

    /// One run of the sub stream; `None` when it is over because of new settings.
    async fn one_sub_run(
        &self,
        source: Source,
        opening: Opening,
        orders: &mut watch::Receiver<Orders>,
        given: &Orders,
    ) -> (Option<RunEnd>, bool) {
        let mut run = self.cameras.open(source, opening);
        let mut segmenter: Option<Segmenter> = None;
        let mut out = Vec::new();
        loop {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return (None, false),
                changed = orders.changed() => {
                    let next = orders.borrow_and_update().clone();
                    if changed.is_err() || !given.keeps_connection(&next) {
                        return (None, segmenter.is_some());
                    }
                    if let Some(segmenter) = &mut segmenter {
                        self.show_backlog(Role::Sub, segmenter);
                    }
                }
                event = run.next() => match event {
                    MediaEvent::Started(tracks) => {
                        let started = Segmenter::new(heard(tracks, given.plan.microphone));
                        self.live().began(Role::Sub, started.init(), started.tracks().codecs());
                        segmenter = Some(started);
                    }
                    MediaEvent::Sample(sample) => {
                        let Some(segmenter) = &mut segmenter else { continue };
                        if sample.track == Track::Audio && !given.plan.microphone {
                            continue;
                        }
                        if sample.keyframe && sample.track == Track::Video {
                            let picture = Picture { data: sample.data.clone(), ..picture_of(segmenter.tracks()) };
                            *self.small_picture.lock().unwrap_or_else(PoisonError::into_inner) =
                                Some((picture, sample.arrival.monotonic_us));
                        }
                        let wants = self.live().wants(Role::Sub);
                        let failed = segmenter.handle(sample, wants, &mut out).err();
                        for output in out.drain(..) {
                            // Its recordings are nobody's: the main stream is recorded.
                            if let Output::Live(frame) = output {
                                self.show(Role::Sub, &frame);
                            }
                        }
                        if let Some(end) = failed {
                            return (Some(end), true);
                        }
                    }
                    MediaEvent::Ended(end) => return (Some(end), segmenter.is_some()),
                },
            }
        }
    }

    /// A keyframe of the sub stream from just now, if it runs.
    pub(super) fn recent_small_picture(&self) -> Option<Picture> {
        let small = self.small_picture.lock().unwrap_or_else(PoisonError::into_inner);
        let age_us = |came_us: i64| self.clock.now().monotonic_us.saturating_sub(came_us);
        small.as_ref().filter(|(_, came_us)| age_us(*came_us) <= SMALL_PICTURE_US).map(|(picture, _)| picture.clone())
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show_backlog(&self, role: Role, segmenter: &mut Segmenter) {
        if self.live().wants_backlog(role) {
            for frame in segmenter.live_backlog() {
                self.show(role, &frame);
            }
        }
    }

    fn show(&self, role: Role, frame: &LiveFrame) {
        let has_room = self.uplink.has_room(frame.pieces.len());
        let mut live = self.live();
        for sealed in live.frame(role, frame, self.clock.now(), has_room) {
            match sealed {
                Sealed::Key(key) => self.uplink.push_key(self.device, key),
                Sealed::Frame(frame) => self.uplink.push_frame(frame),
            }
        }
    }
}

struct Running {
    segmenter: Segmenter,
    id: RunId,
}

/// The tracks that may be heard: a microphone that is off is off before anything is sealed.
fn heard(mut tracks: Tracks, microphone: bool) -> Tracks {
    if !microphone {
        tracks.audio = None;
    }
    tracks
}

fn about(tracks: &Tracks) -> About {
    About { codecs: tracks.codecs(), width: tracks.video.width, height: tracks.video.height }
}

fn picture_of(tracks: &Tracks) -> Picture {
    Picture { coding: tracks.video.coding, configuration: tracks.video.configuration.clone(), data: Bytes::new() }
}
