//! A witness never signs a fork or a step back, whatever it is asked and in whatever order.

use eaves_domain::Timestamp;
use eaves_domain::envelope::PublicKey;
use eaves_testkit::log::{SimulatedLog, after_noon};
use eaves_tlog::cosignature;
use eaves_tlog::note::{KeyKind, Note, VerifierKey};
use eaves_tlog::witness::{Answer, Refusal, Remembered, Update, Witness};
use ed25519_dalek::SigningKey;
use proptest::prelude::*;

fn witness(logs: &[&SimulatedLog]) -> Witness {
    Witness {
        name: "eaves.invalid/hub/test".to_owned(),
        key: SigningKey::from_bytes(&[9; 32]),
        logs: logs.iter().map(|log| log.key()).collect(),
    }
}

fn update(log: &SimulatedLog, old: u64) -> Update {
    let proof = if old <= log.size() { log.consistency(old) } else { Vec::new() };
    Update { old, proof, checkpoint: log.note() }
}

fn refusal(answer: Answer) -> Option<Refusal> {
    match answer {
        Answer::Refuse(refusal) => Some(refusal),
        _ => None,
    }
}

#[test]
fn a_witness_follows_a_log_that_grows_and_signs_with_the_time() {
    let mut log = SimulatedLog::new(1);
    let witness = witness(&[&log]);
    let mut remembered: Option<Remembered> = None;
    for n in 0..20 {
        log.strangers(n % 4);
        let old = remembered.as_ref().map_or(0, |seen| seen.size);
        let request = update(&log, old);
        assert_eq!(Witness::origin(&request), log.origin);
        let Answer::Cosign(cosigned) = witness.handle(&request, remembered.as_ref(), after_noon(n as i64)) else {
            panic!("an honest step")
        };
        assert_eq!(cosigned.remember, Remembered { size: log.size(), root: log.edge.root() });
        assert_eq!(cosigned.origin, log.origin);
        remembered = Some(cosigned.remember.clone());
        let mut note = log.note();
        note.add(cosigned.after_it_is_stored());
        let key = VerifierKey::new(&witness.name, KeyKind::Cosignature, PublicKey::of(&witness.key)).unwrap();
        assert_eq!(cosignature::verify(&note, &[key]).unwrap()[0].at, after_noon(n as i64));
    }
}

#[test]
fn every_answer_of_the_protocol_is_given_when_it_is_due() {
    let mut log = SimulatedLog::new(1);
    let other = SimulatedLog::new(2);
    log.strangers(5);
    let seen = Remembered { size: 5, root: log.edge.root() };
    log.strangers(4);
    let witness = witness(&[&log]);
    let ask = |update: &Update, seen: Option<&Remembered>| witness.handle(update, seen, after_noon(0));
    assert!(matches!(ask(&update(&log, 5), Some(&seen)), Answer::Cosign(_)));
    assert_eq!(refusal(ask(&update(&other, 0), None)), Some(Refusal::UnknownLog));
    let mut forged = update(&log, 5);
    forged.checkpoint = Note::new(log.checkpoint().to_text()).unwrap();
    forged.checkpoint.sign(&log.origin, &SigningKey::from_bytes(&[8; 32])).unwrap();
    assert_eq!(refusal(ask(&forged, Some(&seen))), Some(Refusal::NotSigned));
    assert_eq!(refusal(ask(&update(&log, 10), Some(&seen))), Some(Refusal::Malformed), "old above new");
    for old in [0, 4, 6, 9] {
        assert!(matches!(ask(&update(&log, old), Some(&seen)), Answer::Conflict { size: 5 }), "{old}");
    }
    assert!(matches!(ask(&update(&log, 5), None), Answer::Conflict { size: 0 }));
    let mut wrong = update(&log, 5);
    wrong.proof[0].0[0] ^= 1;
    assert_eq!(refusal(ask(&wrong, Some(&seen))), Some(Refusal::Fork));
    let mut surplus = update(&log, 0);
    surplus.proof.push(eaves_domain::Digest([1; 32]));
    assert_eq!(refusal(ask(&surplus, None)), Some(Refusal::Fork));
    let elsewhere = Remembered { size: 9, root: eaves_domain::Digest([1; 32]) };
    assert_eq!(refusal(ask(&update(&log, 9), Some(&elsewhere))), Some(Refusal::Fork), "same size, another root");
    // A log that says it is empty and shows a root.
    let odd = format!("{}\n0\n{}\n", log.origin, log.note().text().lines().nth(2).unwrap());
    let mut note = Note::new(odd).unwrap();
    note.sign(&log.origin, log.signing_key()).unwrap();
    let odd = Update { old: 0, proof: Vec::new(), checkpoint: note };
    assert_eq!(refusal(ask(&odd, None)), Some(Refusal::Fork));
    let statuses = [Refusal::UnknownLog, Refusal::NotSigned, Refusal::Malformed, Refusal::Fork].map(Refusal::status);
    assert_eq!(statuses, [404, 403, 400, 422]);
}

#[test]
fn a_request_is_read_as_the_specification_writes_it() {
    // The example of c2sp.org/tlog-witness; its keys are not given.
    let text = "old 20852014\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\njrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\nexample.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
    let request = Update::parse(text.as_bytes()).unwrap();
    assert_eq!((request.old, request.proof.len()), (20_852_014, 4));
    assert_eq!(request.to_string(), text);
    let hash = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n";
    for bad in [
        text.replace("old ", "new "),
        text.replace("old 2", "old 02"),
        text.replace("old ", "old  "),
        text.replace(hash, &hash.repeat(61)),
        text.replace("\n\nexample", "\nexample"),
        text.replace(hash, "PlRN\n"),
    ] {
        assert!(Update::parse(bad.as_bytes()).is_err(), "{bad:.60}");
    }
    assert!(Update::parse(text.replace(hash, &hash.repeat(60)).as_bytes()).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Two histories of one log race for a witness. What it signs in the end is one line without a fork.
    #[test]
    fn whatever_two_histories_ask_in_whatever_order_only_one_is_ever_signed(
        steps in proptest::collection::vec((any::<bool>(), 0u64..3, any::<bool>(), 0u64..12), 1..25),
    ) {
        let mut histories = [SimulatedLog::new(1), SimulatedLog::new(1)];
        histories[0].append(&[b"left".to_vec()]);
        histories[1].append(&[b"right".to_vec()]);
        let witness = witness(&[&histories[0]]);
        let mut remembered: Option<Remembered> = None;
        let mut signed: Vec<(usize, u64)> = Vec::new();
        for (n, (right, growth, knows, guess)) in steps.into_iter().enumerate() {
            let which = usize::from(right);
            histories[which].strangers(growth);
            let old = if knows { remembered.as_ref().map_or(0, |seen| seen.size) } else { guess };
            let request = update(&histories[which], old);
            if let Answer::Cosign(cosigned) = witness.handle(&request, remembered.as_ref(), Timestamp(n as i64)) {
                remembered = Some(cosigned.remember.clone());
                signed.push((which, cosigned.remember.size));
            }
        }
        prop_assert!(signed.iter().all(|(which, _)| *which == signed[0].0), "one history: {signed:?}");
        prop_assert!(signed.windows(2).all(|pair| pair[0].1 <= pair[1].1), "never back: {signed:?}");
    }
}
