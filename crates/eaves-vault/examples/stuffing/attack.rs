//! The attacker: a list of names and passwords, ten thousand networks, and some who pay for getting through.

use crate::line::{From, Line};
use crate::opaque::Login;
use crate::people::{solve, work_of};
use crate::seed::{All, random};
use axum::http::{Method, StatusCode};
use eaves_api::app::{LoginChallenge, LoginFinish, LoginStart, SignIn, State};
use eaves_domain::Base64Url;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;

/// Connections at a time.
const LINES: usize = 64;
/// Networks, each its own /24.
const NETWORKS: usize = 10_000;
/// Of a thousand pairs, so many are right.
const RIGHT: u64 = 15;
/// Of a thousand attempts with a wrong pair, so many pay the proof of work; of those with a right one, so many.
const PAYS_WRONG: u64 = 2;
const PAYS_RIGHT: u64 = 40;
/// Of a hundred wrong pairs, so many name nobody.
const NOBODY: u64 = 30;

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) tried: usize,
    pub(crate) taken: usize,
    pub(crate) reached: usize,
    pub(crate) right_and_stopped: usize,
    pub(crate) paid: usize,
    pub(crate) per_second: f64,
    pub(crate) alarm_s: f64,
    pub(crate) answered: usize,
    pub(crate) asked_for_work: usize,
    pub(crate) told_to_wait: usize,
    pub(crate) busy: usize,
    pub(crate) cut: usize,
}

#[derive(Default)]
struct Counts {
    next: AtomicUsize,
    done: AtomicUsize,
    taken: AtomicUsize,
    reached: AtomicUsize,
    right_and_stopped: AtomicUsize,
    paid: AtomicUsize,
    answered: AtomicUsize,
    asked_for_work: AtomicUsize,
    told_to_wait: AtomicUsize,
    busy: AtomicUsize,
    cut: AtomicUsize,
    alarm_us: AtomicU64,
}

fn up(count: &AtomicUsize) {
    count.fetch_add(1, Ordering::Relaxed);
}

/// SplitMix64: the list is the same in every run.
fn mix(n: u64) -> u64 {
    let mut z = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// An attack under way.
pub(crate) struct Attack {
    all: Arc<Attacker>,
    workers: Vec<JoinHandle<()>>,
    began: Instant,
    half: Arc<Notify>,
    attempts: usize,
}

struct Attacker {
    seeded: All,
    address: SocketAddr,
    attempts: usize,
    counts: Counts,
    /// Any KE1 serves for a pair that is wrong: the vault's work is the same, and the attacker's is counted, not burnt.
    ke1: Base64Url,
    half: Arc<Notify>,
    /// Solving takes one processor and no more.
    solving: Semaphore,
}

impl Outcome {
    /// What the vault answered, for whoever reads along.
    pub(crate) fn tell(&self) {
        eprintln!(
            "of {} attempts: {} answered, {} asked for work, {} told to wait, {} found the vault busy, {} cut off",
            self.tried, self.answered, self.asked_for_work, self.told_to_wait, self.busy, self.cut
        );
    }
}

impl Attack {
    pub(crate) fn start(seeded: All, address: SocketAddr, attempts: usize) -> Self {
        let half = Arc::new(Notify::new());
        let all = Arc::new(Attacker {
            seeded,
            address,
            attempts,
            counts: Counts::default(),
            ke1: Login::start("a guess").ke1.into(),
            half: half.clone(),
            solving: Semaphore::new(1),
        });
        let began = Instant::now();
        let mut workers: Vec<_> = (0..LINES).map(|_| tokio::spawn(all.clone().work())).collect();
        workers.push(tokio::spawn(all.clone().watch(began)));
        Self { all, workers, began, half, attempts }
    }

    pub(crate) async fn half(&self) {
        self.half.notified().await;
    }

    pub(crate) async fn end(self) -> Outcome {
        for worker in self.workers {
            worker.await.unwrap();
        }
        let took = self.began.elapsed().as_secs_f64();
        let counts = &self.all.counts;
        let read = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        Outcome {
            tried: read(&counts.done),
            taken: read(&counts.taken),
            reached: read(&counts.reached),
            right_and_stopped: read(&counts.right_and_stopped),
            paid: read(&counts.paid),
            per_second: self.attempts as f64 / took,
            alarm_s: counts.alarm_us.load(Ordering::Relaxed) as f64 / 1e6,
            answered: read(&counts.answered),
            asked_for_work: read(&counts.asked_for_work),
            told_to_wait: read(&counts.told_to_wait),
            busy: read(&counts.busy),
            cut: read(&counts.cut),
        }
    }
}

impl Attacker {
    /// How long until the vault says that it is guarded.
    async fn watch(self: Arc<Self>, began: Instant) {
        let mut line = Line::to(self.address);
        let from = From { address: "192.0.2.1".to_owned(), ..From::default() };
        loop {
            let reply = line.ask(Method::GET, "/api/v1/state", &from, axum::body::Bytes::new()).await;
            if reply.and_then(|reply| reply.json::<State>()).is_some_and(|state| state.guarded) {
                self.counts.alarm_us.store(began.elapsed().as_micros() as u64, Ordering::Relaxed);
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn work(self: Arc<Self>) {
        let mut line = Line::to(self.address);
        loop {
            let n = self.counts.next.fetch_add(1, Ordering::Relaxed);
            if n >= self.attempts {
                return;
            }
            self.pair(&mut line, n).await;
            if self.counts.done.fetch_add(1, Ordering::Relaxed) == self.attempts / 2 {
                self.half.notify_one();
            }
        }
    }

    async fn pair(&self, line: &mut Line, n: usize) {
        let (dice, network) = (mix(n as u64), n % NETWORKS);
        let address = format!("11.{}.{}.{}", network / 256, network % 256, dice % 250);
        let mut from = From { address, ..From::default() };
        let who = &self.seeded.people[mix(dice) as usize % self.seeded.people.len()];
        let right = who.password.as_ref().filter(|_| dice % 1_000 < RIGHT * 4 / 3);
        let login = right.map(|password| Login::start(password));
        let handle = match &login {
            None if dice / 1_000 % 100 < NOBODY => random::<32>().to_vec().into(),
            _ => who.handle.clone(),
        };
        let ke1 = login.as_ref().map_or_else(|| self.ke1.clone(), |login| login.ke1.clone().into());
        let start = LoginStart { handle, ke1 };
        let Some(mut reply) = line.post("/api/v1/login/start", &from, &start).await else {
            return up(&self.counts.cut);
        };
        if let Some(work) = work_of(&reply) {
            up(&self.counts.asked_for_work);
            let pays = if right.is_some() { PAYS_RIGHT } else { PAYS_WRONG };
            if dice / 100_000 % 1_000 >= pays {
                return;
            }
            let place = self.solving.acquire().await.unwrap();
            from.work = Some(solve(work).await);
            drop(place);
            up(&self.counts.paid);
            let Some(again) = line.post("/api/v1/login/start", &from, &start).await else {
                return up(&self.counts.cut);
            };
            reply = again;
        }
        match reply.status {
            StatusCode::OK => up(&self.counts.answered),
            StatusCode::TOO_MANY_REQUESTS => return up(&self.counts.told_to_wait),
            StatusCode::SERVICE_UNAVAILABLE => return up(&self.counts.busy),
            _ => return,
        }
        let (Some(login), Some(challenge)) = (login, reply.json::<LoginChallenge>()) else { return };
        let Some(ke3) = login.finish(&challenge.ke2.0) else { return };
        let finish = LoginFinish { login: challenge.login, ke3: ke3.into() };
        let Some(reply) = line.post("/api/v1/login/finish", &from, &finish).await else { return up(&self.counts.cut) };
        match reply.json() {
            Some(SignIn::SignedIn(_)) => up(&self.counts.taken),
            Some(_) => up(&self.counts.right_and_stopped),
            None => {}
        }
        if !reply.cookies.is_empty() {
            let device = self.seeded.device;
            let from = From { cookies: reply.cookies.join("; "), ..from };
            for path in ["/api/v1/roster".to_owned(), format!("/api/v1/devices/{device}/links")] {
                let reply = line.ask(Method::GET, &path, &from, axum::body::Bytes::new()).await;
                if reply.is_some_and(|reply| reply.status.is_success()) {
                    up(&self.counts.reached);
                }
            }
        }
    }
}
