//! The stuffing attack at full size, against the released program: `make bench ONLY=accounts`. Development only.
//!
//! It seeds 55,000 accounts straight through the store, starts `eaves vault` as a process of its own, and replays a
//! million attempts from a list in which 1.5 % of the pairs are right, from 10,000 networks, while owners sign in on known
//! and on new devices. In the middle the vault is killed and started again. `docs/ref/bench.md` says what the figures mean.
//!
//! What the attacker computes is counted, not burnt: in OPAQUE only a client stretches passwords, and whoever attacks pays
//! one Argon2id per guess. The seeded accounts use no stretching, which the vault cannot tell, so an attempt here costs the
//! attacker nothing but elliptic curves and the machine's time goes to the vault. The proof of work is really computed,
//! by the share of attempts that pays it.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a bench that cannot go on stops")]

mod attack;
mod figures;
mod line;
mod opaque;
mod people;
mod program;
mod seed;

use figures::{Samples, report};
use people::Owners;
use program::Program;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// A number from the environment.
fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[tokio::main]
async fn main() {
    let accounts = number("EAVES_ACCOUNTS", 55_000);
    let attempts = number("EAVES_ATTEMPTS", 1_000_000);
    let folder = tempfile::tempdir().unwrap();
    eprintln!("seeding {accounts} accounts");
    let seeded = Arc::new(seed::seed(folder.path(), accounts).await);
    let mut program = Program::start(folder.path()).await;
    let owners = Arc::new(Owners::prepare(&seeded, program.address).await);

    let idle = Arc::new(Samples::default());
    let stop = Arc::new(AtomicBool::new(false));
    let people = owners.sign_in_until(program.address, stop.clone(), idle.clone());
    tokio::time::sleep(Duration::from_secs(number("EAVES_IDLE_S", 30) as u64)).await;
    stop.store(true, Ordering::Relaxed);
    people.await.unwrap();
    eprintln!("idle: {} sign-ins, p50 {:.1} ms, p99 {:.1} ms", idle.count(), idle.ms(0.5), idle.ms(0.99));

    let busy = Arc::new(Samples::default());
    let stop = Arc::new(AtomicBool::new(false));
    let people = owners.sign_in_until(program.address, stop.clone(), busy.clone());
    let attack = attack::Attack::start(seeded.clone(), program.address, attempts);
    attack.half().await;
    eprintln!("half of the list is through: killing the vault");
    program = program.kill_and_start().await;
    let outcome = attack.end().await;
    stop.store(true, Ordering::Relaxed);
    people.await.unwrap();
    let locked_out = owners.locked_out(&seeded, program.address).await;
    eprintln!("attack: {} sign-ins, p50 {:.1} ms, p99 {:.1} ms", busy.count(), busy.ms(0.5), busy.ms(0.99));
    outcome.tell();
    let told = |count: &AtomicUsize| count.load(Ordering::Relaxed);
    eprintln!("owners: {} told to wait, {} refused", told(&owners.waited), told(&owners.refused));
    drop(program);

    report("stuffing-taken", outcome.taken as f64, "accounts", None);
    report("stuffing-recordings", outcome.reached as f64, "recordings", None);
    report("stuffing-locked-out", locked_out as f64, "owners", None);
    report("stuffing-p99-vs-idle", busy.ms(0.99), "ms", Some(busy.ms(0.99) / idle.ms(0.99)));
    report("stuffing-rate", outcome.per_second, "attempts/s", None);
    report("stuffing-alarm", outcome.alarm_s, "s", None);
    report("stuffing-tried", outcome.tried as f64, "attempts", None);
    report("stuffing-right-passwords", outcome.right_and_stopped as f64, "attempts", None);
    report("stuffing-paid", outcome.paid as f64, "attempts", None);
}
