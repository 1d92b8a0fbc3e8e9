//! Owners who sign in as on any day, on known devices and on new ones, while the attack goes on.

use crate::figures::Samples;
use crate::line::{From, Line, Reply};
use crate::opaque::Login;
use crate::seed::{All, Person};
use axum::http::Method;
use eaves_api::app::{LoginChallenge, LoginFinish, LoginStart, SecondAnswer, SecondProof, SignIn};
use eaves_api::problem::{Code, Problem, ProofOfWork};
use eaves_vault::auth::work::zero_bits;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// So many people sign in at a time, each one after the other.
const WORKERS: usize = 2;
/// How often each of them begins.
const PACE: Duration = Duration::from_millis(100);

/// What a vault asked to be solved.
pub(crate) fn work_of(reply: &Reply) -> Option<ProofOfWork> {
    reply.json::<Problem>()?.proof_of_work
}

pub(crate) async fn solve(work: ProofOfWork) -> String {
    let solving = tokio::task::spawn_blocking(move || {
        let nonce = (0..u64::MAX).find(|nonce| zero_bits(&work.challenge.0, *nonce) >= u32::from(work.bits)).unwrap();
        format!("{}.{nonce}", work.challenge.to_text())
    });
    solving.await.unwrap()
}

/// How a sign-in ended.
#[derive(Debug)]
enum End {
    /// With a session, after so much waiting for the vault.
    In(Duration, String),
    /// The name is being tried by others, so this browser has to wait; the person takes another way.
    Wait,
    /// The vault went away in the middle.
    Cut,
    /// Anything else.
    Refused(String),
}

/// Adds up what the vault took for its answers.
struct Timed<'a> {
    line: &'a mut Line,
    took: Duration,
}

impl Timed<'_> {
    async fn post(&mut self, path: &str, from: &From, body: &impl serde::Serialize) -> Option<Reply> {
        let began = Instant::now();
        let reply = self.line.post(path, from, body).await;
        self.took += began.elapsed();
        reply
    }
}

async fn sign_in(line: &mut Line, person: &Person, from: &From, code: Option<String>) -> End {
    let password = person.password.as_ref().unwrap();
    let mut timed = Timed { line, took: Duration::ZERO };
    let login = Login::start(password);
    let start = LoginStart { handle: person.handle.clone(), ke1: login.ke1.clone().into() };
    let Some(mut reply) = timed.post("/api/v1/login/start", from, &start).await else { return End::Cut };
    // A vault that was started again knows no challenge from before.
    for _ in 0..3 {
        let Some(work) = work_of(&reply) else { break };
        // The browser computes; that is not the vault's time.
        let from = From { work: Some(solve(work).await), ..from.clone() };
        let Some(again) = timed.post("/api/v1/login/start", &from, &start).await else { return End::Cut };
        reply = again;
    }
    let Some(challenge) = reply.json::<LoginChallenge>() else {
        let is_wait = reply.json::<Problem>().is_some_and(|problem| problem.code == Code::TooManyAttempts);
        return if is_wait { End::Wait } else { End::Refused(format!("start {}", reply.status)) };
    };
    let Some(ke3) = login.finish(&challenge.ke2.0) else { return End::Refused("the password".to_owned()) };
    let finish = LoginFinish { login: challenge.login, ke3: ke3.into() };
    let Some(mut reply) = timed.post("/api/v1/login/finish", from, &finish).await else { return End::Cut };
    if let Some(SignIn::SecondStep(step)) = reply.json() {
        let Some(code) = code else { return End::Refused("a second step".to_owned()) };
        let answer = SecondAnswer { login: step.login, proof: SecondProof::RecoveryCode { code } };
        let Some(second) = timed.post("/api/v1/login/second", from, &answer).await else { return End::Cut };
        reply = second;
    }
    match reply.json() {
        Some(SignIn::SignedIn(_)) => End::In(timed.took, reply.cookies.join("; ")),
        _ => End::Refused(format!("finish {}", reply.status)),
    }
}

/// One owner.
struct Owner {
    person: usize,
    cookie: String,
    codes: Mutex<Vec<String>>,
}

impl Owner {
    fn code(&self) -> Option<String> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
}

/// All of them.
pub(crate) struct Owners {
    owners: Vec<Owner>,
    seeded: All,
    turn: AtomicUsize,
    /// Sign-ins that had to wait because others tried the name, and sign-ins that were refused.
    pub(crate) waited: AtomicUsize,
    pub(crate) refused: AtomicUsize,
}

/// A network of this owner's own, which no attacker is in.
fn home(n: usize) -> String {
    format!("100.64.{}.{}", n / 250, n % 250).replace("100.64.", &format!("100.{}.", 64 + n % 32))
}

impl Owners {
    /// Every owner signs in once on their known device and prints recovery codes.
    pub(crate) async fn prepare(seeded: &All, address: SocketAddr) -> Self {
        let mut line = Line::to(address);
        let mut owners = Vec::new();
        for (n, (person, cookie)) in seeded.owners.iter().enumerate() {
            let from = From { address: home(n), cookies: cookie.clone(), work: None };
            let End::In(_, session) = sign_in(&mut line, &seeded.people[*person], &from, None).await else {
                panic!("an owner on a known device could not sign in before the attack")
            };
            let from = From { cookies: session, ..from };
            let reply =
                line.ask(Method::POST, "/api/v1/recovery-codes", &from, axum::body::Bytes::new()).await.unwrap();
            let codes = reply.json::<serde_json::Value>().and_then(|value| value["codes"].as_array().cloned());
            let codes = codes.unwrap_or_default().iter().filter_map(|code| code.as_str().map(str::to_owned)).collect();
            owners.push(Owner { person: *person, cookie: cookie.clone(), codes: Mutex::new(codes) });
        }
        let (turn, waited, refused) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        Self { owners, seeded: seeded.clone(), turn, waited, refused }
    }

    /// People sign in, on known and on new devices in turn, at an even pace.
    pub(crate) fn sign_in_until(
        self: &Arc<Self>,
        address: SocketAddr,
        stop: Arc<AtomicBool>,
        samples: Arc<Samples>,
    ) -> JoinHandle<()> {
        let all = self.clone();
        tokio::spawn(async move {
            let workers = (0..WORKERS).map(|_| {
                let (all, stop, samples) = (all.clone(), stop.clone(), samples.clone());
                tokio::spawn(async move {
                    let (mut line, mut tick) = (Line::to(address), tokio::time::interval(PACE));
                    while !stop.load(Ordering::Relaxed) {
                        tick.tick().await;
                        all.one(&mut line, &samples).await;
                    }
                })
            });
            for worker in workers.collect::<Vec<_>>() {
                worker.await.unwrap();
            }
        })
    }

    async fn one(&self, line: &mut Line, samples: &Samples) {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let n = turn / 2 % self.owners.len();
        let owner = &self.owners[n];
        let code = if turn.is_multiple_of(2) { owner.code() } else { None };
        let is_new = code.is_some();
        let cookies = if is_new { String::new() } else { owner.cookie.clone() };
        let from = From { address: home(n), cookies, work: None };
        match sign_in(line, &self.seeded.people[owner.person], &from, code).await {
            End::In(took, _) => samples.add(took),
            // Cut off by the kill: tried again at the next turn, and not a matter of load.
            End::Cut => {}
            End::Wait => {
                self.waited.fetch_add(1, Ordering::Relaxed);
            }
            End::Refused(why) => {
                self.refused.fetch_add(1, Ordering::Relaxed);
                eprintln!("an owner was refused on a {} device: {why}", if is_new { "new" } else { "known" });
            }
        }
    }

    /// Owners who get in neither on their known device nor on a new one.
    pub(crate) async fn locked_out(&self, seeded: &All, address: SocketAddr) -> usize {
        let (mut line, mut out) = (Line::to(address), 0);
        for (n, owner) in self.owners.iter().enumerate() {
            let mut is_in = false;
            for cookies in [owner.cookie.clone(), String::new()] {
                let code = if cookies.is_empty() { owner.code() } else { None };
                let from = From { address: home(n), cookies, work: None };
                let end = sign_in(&mut line, &seeded.people[owner.person], &from, code).await;
                is_in |= matches!(end, End::In(..));
            }
            out += usize::from(!is_in);
        }
        out
    }
}
