//! Names that somebody has and names that nobody has are answered alike: in bytes, and in time.
//!
//! Time is judged by ranks: the share of pairs in which the known name's answer took longer. One half means that nothing
//! can be told. Samples are taken in turn, in an order that is drawn anew for each pair, so that whatever else the machine
//! does falls on both; ranks do not care how far out an outlier is. `EAVES_SAMPLES` takes more of them.

use crate::home::{Home, random};
use crate::world::{Answer, World};
use eaves_api::app::LoginChallenge;
use eaves_domain::Base64Url;
use eaves_vault::auth::opaque::SignInKey;
use eaves_vault::auth::throttle::Counter;
use std::time::{Duration, Instant};

/// Pairs of samples; with so many, one half is met within 0.017 (one standard deviation).
const SAMPLES: usize = 600;
/// Seven standard deviations: chance does not get there, a lookup that is left out does.
const TOLD_APART: f64 = 0.12;

fn samples() -> usize {
    std::env::var("EAVES_SAMPLES").ok().and_then(|text| text.parse().ok()).unwrap_or(SAMPLES)
}

/// How far from one half the share of pairs is in which `a` took longer than `b` (Mann-Whitney).
fn difference(a: &[Duration], b: &[Duration]) -> f64 {
    let mut all: Vec<(Duration, bool)> = a.iter().map(|d| (*d, true)).chain(b.iter().map(|d| (*d, false))).collect();
    all.sort();
    let (mut below, mut wins) = (0.0, 0.0);
    for (_, is_a) in all {
        if is_a { wins += below } else { below += 1.0 }
    }
    wins / (a.len() as f64 * b.len() as f64) - 0.5
}

/// A world without a disk to wait for, where there is one.
async fn world() -> World {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    World::in_folder(folder).await
}

fn nobody() -> Base64Url {
    random::<32>().to_vec().into()
}

async fn start(world: &World, home: &Home, handle: &Base64Url) -> (Duration, Answer) {
    // Every sample is the first attempt.
    world.vault.store().refund(&[Counter::Password(handle.to_text()), Counter::Network(None)]).await.unwrap();
    let began = Instant::now();
    let answer = home.stranger().start(world, handle).await;
    (began.elapsed(), answer)
}

#[test]
fn the_measure_sees_a_shift_and_no_shift_where_there_is_none() {
    let draw = |shift: u64| (0..500_u64).map(|n| Duration::from_micros(n * 7919 % 500 + shift)).collect::<Vec<_>>();
    assert!(difference(&draw(0), &draw(0)).abs() < 0.01);
    assert!(difference(&draw(200), &draw(0)) > 0.2);
    assert!(difference(&draw(0), &draw(200)) < -0.2);
}

#[tokio::test]
async fn known_and_unknown_names_are_answered_in_the_same_time() {
    let world = world().await;
    let home = Home::settled(&world).await;
    // Few enough that nobody thinks of spraying.
    let nobodies: Vec<_> = (0..20).map(|_| nobody()).collect();
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    let mut form = None;
    for n in 0..samples() + 20 {
        let handles = if random::<1>()[0] & 1 == 0 {
            [(true, &home.handle), (false, &nobodies[n % 20])]
        } else {
            [(false, &nobodies[n % 20]), (true, &home.handle)]
        };
        for (is_known, handle) in handles {
            let (took, answer) = start(&world, &home, handle).await;
            let challenge: LoginChallenge = answer.json();
            let seen = (challenge.ke2.0.len(), challenge.login.0.len(), answer.body.len(), answer.headers);
            assert_eq!(*form.get_or_insert_with(|| seen.clone()), seen);
            // The first ones fill caches.
            if n >= 20 {
                if is_known { known.push(took) } else { unknown.push(took) }
            }
        }
        world.pass(1);
    }
    let difference = difference(&known, &unknown);
    println!("{} pairs, difference {difference:+.4}", known.len());
    assert!(difference.abs() < TOLD_APART, "{difference:+.4}: names can be told apart by time");
}

#[tokio::test]
async fn a_lookup_that_is_left_out_for_names_that_nobody_has_would_be_seen() {
    let world = world().await;
    let home = Home::settled(&world).await;
    let store = world.vault.store();
    let key = SignInKey::read(&store.sign_in_secrets().setup).unwrap();
    let (text, ke1) = (home.handle.to_text(), home.ke1());
    let record = store.account(&text).await.unwrap().unwrap().opaque_record;
    let (mut honest, mut leaky) = (Vec::new(), Vec::new());
    for _ in 0..samples() {
        let began = Instant::now();
        store.account(&text).await.unwrap();
        key.start(&text, Some(&record), &ke1).unwrap();
        honest.push(began.elapsed());
        let began = Instant::now();
        key.start(&text, None, &ke1).unwrap();
        leaky.push(began.elapsed());
    }
    let difference = difference(&honest, &leaky);
    println!("{} pairs, difference {difference:+.4}", honest.len());
    assert!(difference > TOLD_APART, "{difference:+.4}: the measure is blind");
}
