//! The log: notes, proofs, receipts, chains and visits, with everything that must be noticed.

use super::expecting;
use crate::log::{SimulatedLog, after_noon, nonces, signed_out};
use eaves_domain::envelope::PublicKey;
use eaves_domain::{DeviceId, Digest, HouseholdId, HubId, MemberId, RoomId};
use eaves_tlog::chain::{Known, Shown, read};
use eaves_tlog::cosignature;
use eaves_tlog::details::{Details, What, Who};
use eaves_tlog::entry::Head;
use eaves_tlog::merkle::{leaf_hash, prove_consistency, prove_inclusion, root};
use eaves_tlog::monitor::{Memory, Monitor, Promise, Visit};
use eaves_tlog::note::{Note, VerifierKey};
use eaves_tlog::proof::Policy;
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

const HOME: HouseholdId = HouseholdId([60; 16]);
const NEIGHBOUR: HouseholdId = HouseholdId([61; 16]);
const HUB: HubId = HubId([62; 16]);
const KEPT_US: i64 = 30 * 86_400_000_000;

fn hub_key() -> SigningKey {
    SigningKey::from_bytes(&[62; 32])
}

fn witness() -> VerifierKey {
    cosignature::hub_key(HUB, PublicKey::of(&hub_key()))
}

fn live() -> Details {
    let (device, room) = (DeviceId([64; 16]), RoomId([63; 16]));
    Details { who: Who::Member { member: MemberId([61; 16]) }, what: What::LiveOpened { device, room } }
}

fn policy_of(policy: &Policy) -> Value {
    let witnesses: Vec<_> = policy.witnesses.iter().map(VerifierKey::to_text).collect();
    json!({ "log": policy.log.to_text(), "witnesses": witnesses, "quorum": policy.quorum })
}

/// Checkpoints, and the specification's own note.
pub(super) fn notes() -> Value {
    let mut log = SimulatedLog::new(60);
    log.strangers(5);
    let policy = log.policy(vec![witness()], 1);
    let good = log.cosigned(HUB, &hub_key(), after_noon(0));
    let case = |note: &str| json!({ "policy": policy_of(&policy), "note": note });
    let text = good.to_string();
    let impostor = SigningKey::from_bytes(&[99; 32]);
    let signed_text = |text: String| {
        let mut note = Note::new(text).expect("a text");
        note.sign(&log.origin, log.signing_key()).expect("a name");
        note.add(cosignature::sign(&note, &cosignature::hub_name(HUB), &hub_key(), after_noon(0)).expect("a time"));
        note.to_string()
    };
    let forged = {
        let mut note = Note::new(good.text().to_owned()).expect("a text");
        note.sign(&log.origin, &impostor).expect("a name");
        note.add(good.signatures()[1].clone());
        note.to_string()
    };
    let other = {
        let mut other = SimulatedLog::new(61);
        other.strangers(5);
        other.cosigned(HUB, &hub_key(), after_noon(0)).to_string()
    };
    let moved = {
        let mut grown = log.clone();
        grown.strangers(1);
        let mut note = grown.note();
        note.add(good.signatures()[1].clone());
        note.to_string()
    };
    let twice = {
        let mut note = good.clone();
        note.add(cosignature::sign(&note, &cosignature::hub_name(HUB), &hub_key(), after_noon(9)).expect("a time"));
        note.add(cosignature::sign(&note, "stranger.example", &impostor, after_noon(99)).expect("a time"));
        note.to_string()
    };
    let flipped = |line: usize| {
        let mut note = Note::new(good.text().to_owned()).expect("a text");
        for (at, signature) in good.signatures().iter().enumerate() {
            let mut signature = signature.clone();
            if at == line {
                signature.signature[20] ^= 1;
            }
            note.add(signature);
        }
        note.to_string()
    };
    let body = good.text().to_owned();
    let ok = |note: &str, name: &str, seen: i64| {
        let mut case = expecting(case(note), name, &[]);
        case["size"] = json!(5);
        case["root"] = json!(log.edge.root());
        case["seenUs"] = json!(after_noon(seen));
        case
    };
    let bad = |note: &str, name: &str, reasons: &[&str]| expecting(case(note), name, reasons);
    json!({
        "note": {
            "name": "the example of c2sp.org/signed-note",
            "vkey": "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            "note": "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n",
        },
        "checkpoint": {
            "name": "the example of c2sp.org/tlog-checkpoint",
            "text": "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
            "size": 20_852_163,
        },
        "cases": [
            ok(&text, "signed by the log and cosigned by its witness", 0),
            ok(&twice, "two cosignatures of the witness, one of a stranger", 9),
            bad(&log.note().to_string(), "the cosignature is missing", &["cosignature-missing"]),
            bad(&log.cosigned(HubId([1; 16]), &hub_key(), after_noon(0)).to_string(), "cosigned under another name", &["cosignature-missing"]),
            bad(&log.cosigned(HUB, &impostor, after_noon(0)).to_string(), "cosigned by an impostor", &["cosignature-missing"]),
            bad(&moved, "a cosignature of an older checkpoint", &["bad-signature"]),
            bad(&flipped(0), "a bit of the signature", &["bad-signature"]),
            bad(&flipped(1), "a bit of the cosignature", &["bad-signature"]),
            bad(&text.replace("\n5\n", "\n6\n"), "another size", &["bad-signature"]),
            bad(&other, "of another log", &["not-signed-by-trusted"]),
            bad(&forged, "signed by another key under the log's name", &["not-signed-by-trusted", "bad-signature"]),
            bad(&signed_text(body.replace("eaves.invalid", "other.invalid")), "the log's key over another origin", &["wrong-origin"]),
            bad(&signed_text(body.replace("\n5\n", "\n0\n")), "an empty log with a root", &["not-consistent"]),
            bad(&signed_text(body.replace("\n5\n", "\n05\n")), "a leading zero", &["malformed"]),
            bad(&signed_text(body.replace("\n5\n", "\n9007199254740992\n")), "a size that not every reader holds", &["malformed"]),
            bad(&signed_text(body.replace("=\n", "\n")), "a root without padding", &["malformed"]),
            bad(text.trim_end(), "truncated by its last newline", &["malformed"]),
            bad(&text[..text.len() - 20], "truncated in its last line", &["malformed"]),
            bad(good.text(), "no signature", &["malformed"]),
            bad(&text.replace('\n', "\r\n"), "other line ends", &["malformed"]),
            bad(&text.replace("— ", "- "), "a hyphen for a dash", &["malformed"]),
        ],
    })
}

/// Inclusion and consistency, of the well-known tree and of a larger one.
pub(super) fn proofs() -> Value {
    let well_known =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    let small: Vec<_> = well_known.iter().map(|text| leaf_hash(&hex::decode(text).expect("digits"))).collect();
    let large: Vec<_> = (0..300u64).map(|i| leaf_hash(format!("entry {i}").as_bytes())).collect();
    let mut inclusion = Vec::new();
    let mut consistency = Vec::new();
    for (leaves, sizes) in [(&small, vec![1, 2, 3, 5, 8]), (&large, vec![255, 256, 257, 300])] {
        for size in sizes {
            let tree = &leaves[..usize::try_from(size).expect("small")];
            let now = root(tree, size).expect("a tree");
            for index in [0, size / 2, size - 1] {
                let proof = prove_inclusion(tree, index, size).expect("in the tree");
                let leaf = tree[usize::try_from(index).expect("small")];
                let case = json!({ "leaf": leaf, "index": index, "size": size, "root": now, "proof": proof });
                let wrong = |change: &dyn Fn(&mut Value), name: &str| {
                    let mut case = case.clone();
                    change(&mut case);
                    expecting(case, &format!("{index} of {size}, {name}"), &["not-included"])
                };
                inclusion.push(expecting(case.clone(), &format!("{index} of {size}"), &[]));
                inclusion.push(wrong(&|c| c["leaf"] = json!(Digest([9; 32])), "another leaf"));
                inclusion.push(wrong(&|c| c["root"] = json!(Digest([9; 32])), "another root"));
                inclusion.push(wrong(&|c| c["index"] = json!(size), "behind the end"));
                inclusion.push(wrong(&|c| c["size"] = json!(4 * size), "of a larger tree"));
                if size > 2 {
                    inclusion.push(wrong(&|c| c["index"] = json!((index + 1) % size), "another place"));
                    inclusion.push(wrong(&|c| drop(c["proof"].as_array_mut().map(Vec::pop)), "truncated"));
                    inclusion.push(wrong(&|c| c["proof"][0] = json!(Digest([9; 32])), "another hash"));
                }
            }
            for old in [1, size / 2, size - 1, size].into_iter().filter(|old| *old > 0) {
                let proof = prove_consistency(tree, old, size).expect("smaller");
                let before = root(&tree[..usize::try_from(old).expect("small")], old).expect("a tree");
                let case = json!({ "old": old, "oldRoot": before, "new": size, "newRoot": now, "proof": proof });
                let wrong = |change: &dyn Fn(&mut Value), name: &str| {
                    let mut case = case.clone();
                    change(&mut case);
                    expecting(case, &format!("{old} to {size}, {name}"), &["not-consistent"])
                };
                consistency.push(expecting(case.clone(), &format!("{old} to {size}"), &[]));
                consistency.push(wrong(&|c| c["oldRoot"] = json!(Digest([9; 32])), "another old root"));
                consistency.push(wrong(&|c| c["new"] = json!(4 * size), "to a larger tree"));
                consistency.push(wrong(&|c| c["newRoot"] = json!(Digest([9; 32])), "another new root"));
                consistency.push(wrong(
                    &|c| c["proof"].as_array_mut().expect("a list").push(json!(Digest([9; 32]))),
                    "too long",
                ));
                if !proof.is_empty() {
                    consistency.push(wrong(&|c| drop(c["proof"].as_array_mut().map(Vec::pop)), "truncated"));
                    consistency.push(wrong(&|c| c["proof"][0] = json!(Digest([9; 32])), "another hash"));
                }
                if old < size {
                    consistency.push(wrong(&|c| (c["old"], c["new"]) = (json!(size), json!(old)), "backwards"));
                }
            }
        }
    }
    json!({ "inclusion": inclusion, "consistency": consistency })
}

/// Receipts.
pub(super) fn receipts() -> Value {
    let mut log = SimulatedLog::new(60);
    log.strangers(5);
    let (index, opening) = log.write(HOME, &live(), after_noon(0));
    log.strangers(3);
    let policy = log.policy(vec![witness()], 1);
    let checkpoint = log.cosigned(HUB, &hub_key(), after_noon(5));
    let good = log.receipt(index, &opening, checkpoint.clone());
    let text = good.to_string();
    let case = |text: &str| json!({ "policy": policy_of(&policy), "receipt": text });
    let changed = |change: &dyn Fn(&mut eaves_tlog::proof::Proof)| {
        let mut proof = good.clone();
        change(&mut proof);
        case(&proof.to_string())
    };
    let ok = |mut case: Value, name: &str, details: Option<&Details>| {
        case["household"] = json!(HOME);
        case["sequence"] = json!(0);
        case["atUs"] = json!(after_noon(0));
        case["seenUs"] = json!(after_noon(5));
        case["details"] = json!(details);
        expecting(case, name, &[])
    };
    let forgotten = {
        let mut opening = opening.clone();
        opening.forget_details();
        log.receipt(index, &opening, checkpoint.clone()).to_string()
    };
    let mut other = opening.clone();
    other.details.as_mut().expect("details").text.0[10] ^= 1;
    let mut nonce = opening.clone();
    nonce.nonce.0[0] ^= 1;
    json!({ "cases": [
        ok(case(&text), "a live view was opened", Some(&live())),
        ok(case(&forgotten), "the details are forgotten", None),
        expecting(changed(&|p| p.extra = None), "without its opening", &["malformed"]),
        expecting(changed(&|p| p.extra = Some(other.to_bytes())), "other details", &["altered"]),
        expecting(changed(&|p| p.extra = Some(nonce.to_bytes())), "another nonce", &["not-included"]),
        expecting(changed(&|p| p.index += 1), "another place", &["not-included"]),
        expecting(changed(&|p| p.hashes.truncate(1)), "a hash left out", &["not-included"]),
        expecting(changed(&|p| p.checkpoint = log.note()), "the cosignature is missing", &["cosignature-missing"]),
        expecting(changed(&|p| p.checkpoint = SimulatedLog::new(61).cosigned(HUB, &hub_key(), after_noon(5))), "of another log", &["not-signed-by-trusted"]),
        expecting(case(&text.replace("@v1", "@v2")), "another version", &["malformed"]),
        expecting(case(&text.replace("index 5", "index 05")), "a leading zero", &["malformed"]),
        expecting(case(&text[..text.len() - 1]), "truncated", &["malformed"]),
    ]})
}

/// What a vault shows of a household.
pub(super) fn chain() -> Value {
    let mut log = SimulatedLog::new(60);
    for n in 0..6u8 {
        log.strangers(u64::from(n) % 3);
        let details = if n % 2 == 0 { live() } else { signed_out() };
        log.write(HOME, &details, after_noon(60 * i64::from(n)));
        log.write(NEIGHBOUR, &details, after_noon(60 * i64::from(n)));
    }
    let checkpoint = log.checkpoint();
    let all = log.shown(HOME, 0);
    let case = |name: &str, from: Option<Head>, shown: Vec<Shown>, now: i64| {
        let known = Known { household: HOME, from, now: after_noon(now), details_kept_us: KEPT_US };
        let findings = read(&known, &checkpoint, &shown).findings;
        let said: Vec<_> = findings.iter().map(|f| json!([f.sequence, f.count, f.fault.code()])).collect();
        let reasons: Vec<_> = findings.iter().map(|finding| finding.fault.code()).collect();
        let case = json!({ "from": from, "shown": shown, "nowUs": after_noon(now), "findings": said });
        expecting(case, name, &reasons)
    };
    let start = Some(Head::EMPTY);
    let with = |change: &dyn Fn(&mut Vec<Shown>)| {
        let mut shown = all.clone();
        change(&mut shown);
        shown
    };
    let after_two = read(
        &Known { household: HOME, from: start, now: after_noon(3_600), details_kept_us: KEPT_US },
        &checkpoint,
        &all[..2],
    )
    .head;
    let foreign = after_two.map(|head| Head { last: Some(Digest([7; 32])), ..head });
    let day = 86_400;
    json!({
        "household": HOME,
        "detailsKeptUs": KEPT_US,
        "size": checkpoint.size,
        "root": checkpoint.root,
        "cases": [
            case("all six", start, all.clone(), 3_600),
            case("from what was read before", after_two, all[2..].to_vec(), 3_600),
            case("after another entry than it names", foreign, all[2..].to_vec(), 3_600),
                        case("a stretch from the middle", None, all[2..5].to_vec(), 3_600),
            case("nothing new", start, Vec::new(), 3_600),
            case("one is left out", start, with(&|s| drop(s.remove(2))), 3_600),
            case("the first three are left out", start, all[3..].to_vec(), 3_600),
            case("two change places", start, with(&|s| s.swap(1, 4)), 3_600),
            case("one is shown twice", start, with(&|s| s.push(s[3].clone())), 3_600),
            case("one that was read before", after_two, all[1..].to_vec(), 3_600),
            case("a bit of an entry", start, with(&|s| s[3].entry.0[7] ^= 1), 3_600),
            case("a bit of a nonce", start, with(&|s| s[3].opening.nonce.0[7] ^= 1), 3_600),
            case("a bit of the details", start, with(&|s| s[3].opening.details.as_mut().expect("there").text.0[20] ^= 1), 3_600),
            case("a bit of a proof", start, with(&|s| s[3].proof[0].0[7] ^= 1), 3_600),
            case("another place", start, with(&|s| s[3].index += 1), 3_600),
            case("an entry of another length", start, with(&|s| s[3].entry.0.truncate(32)), 3_600),
            case("the neighbour's", start, with(&|s| s[3] = log.shown(NEIGHBOUR, 3)[0].clone()), 3_600),
            case("never written", start, with(&|s| {
                let (entry, opening) = after_two.unwrap_or(Head::EMPTY).write(HOME, &live(), after_noon(120), &nonces(999));
                (s[2].entry, s[2].opening) = (entry.to_bytes().to_vec().into(), opening);
            }), 3_600),
            case("from the future", start, all.clone(), -400),
            case("details gone too early", start, with(&|s| s[1].opening.forget_details()), 3_600),
            case("details gone in time", start, with(&|s| s[1].opening.forget_details()), 61 + 30 * day),
        ],
    })
}

/// Visits.
pub(super) fn visits() -> Value {
    let mut log = SimulatedLog::new(60);
    for n in 0..3 {
        log.strangers(2);
        log.write(HOME, &live(), after_noon(n));
    }
    let monitor = Monitor { policy: log.policy(vec![witness()], 1), household: HOME, details_kept_us: KEPT_US };
    let visit = |log: &SimulatedLog, memory: Option<&Memory>, shown: Option<Vec<Shown>>, now: i64, cosigned: i64| {
        let old = memory.map_or(0, |memory| memory.size);
        let consistency = if old <= log.size() { log.consistency(old) } else { Vec::new() };
        let shown = shown.unwrap_or_else(|| log.shown(HOME, memory.map_or(0, |memory| memory.head.next_sequence)));
        (log.cosigned(HUB, &hub_key(), after_noon(cosigned)), consistency, shown, after_noon(now))
    };
    let case =
        |name: &str,
         memory: Option<&Memory>,
         (note, consistency, shown, now): (Note, Vec<Digest>, Vec<Shown>, eaves_domain::Timestamp)| {
            let visit = Visit { checkpoint: &note, consistency: &consistency, shown: &shown };
            let visited = monitor.visit(memory, &visit, now).expect("a checkpoint that counts");
            let codes: Vec<_> = visited.alarms.iter().map(|alarm| alarm.code()).collect();
            let case = json!({
                "memory": memory, "checkpoint": note.to_string(), "consistency": consistency, "shown": shown, "nowUs": now,
                "alarms": codes, "remembers": visited.memory,
            });
            (expecting(case, name, &codes), visited.memory)
        };
    let (first, memory) = case("the first visit", None, visit(&log, None, None, 60, 50));
    let earlier = log.clone();
    log.strangers(1);
    log.write(HOME, &signed_out(), after_noon(100));
    let honest = visit(&log, Some(&memory), None, 120, 110);
    let (second, later) = case("the second visit", Some(&memory), honest.clone());
    let mut other = SimulatedLog::new(60);
    other.strangers(9);
    other.write(HOME, &live(), after_noon(3));
    let promised = {
        let mut memory = memory.clone();
        memory.promise(Promise { sequence: 3, leaf: leaf_hash(&honest.2[0].entry.0) });
        memory
    };
    let held = {
        let mut memory = memory.clone();
        memory.size = log.size();
        memory.root = log.edge.root();
        memory
    };
    let since = |seconds: i64| Memory { seen_us: after_noon(seconds), ..memory.clone() };
    let cases = [
        case("as promised", Some(&promised), honest.clone()).0,
        case("promised and not shown", Some(&promised), visit(&log, Some(&memory), Some(Vec::new()), 120, 110)).0,
        case(
            "another than promised",
            Some(&{
                let mut memory = promised.clone();
                memory.promises[0].leaf = Digest([7; 32]);
                memory
            }),
            honest.clone(),
        )
        .0,
        case("rolled back", Some(&later), visit(&earlier, Some(&later), Some(Vec::new()), 180, 170)).0,
        case(
            "another history of another size",
            Some(&memory),
            visit(&other, Some(&memory), Some(Vec::new()), 120, 110),
        )
        .0,
        case(
            "the same size, another root",
            Some(&Memory { root: Digest([7; 32]), ..later.clone() }),
            visit(&log, Some(&later), None, 180, 170),
        )
        .0,
        case("no proof of consistency", Some(&memory), (honest.0.clone(), Vec::new(), honest.2.clone(), honest.3)).0,
        case("held back at the visit before", Some(&held), visit(&log, Some(&held), None, 120, 110)).0,
        case("backdated by more than a clock", Some(&since(701)), visit(&log, Some(&memory), None, 800, 790)).0,
        case("ten minutes are a clock", Some(&since(700)), visit(&log, Some(&memory), None, 800, 790)).0,
        case("no witness for a day", Some(&memory), visit(&log, Some(&memory), None, 111 + 86_400, 110)).0,
    ];
    let cases = [&[first, second][..], &cases].concat();
    json!({ "policy": policy_of(&monitor.policy), "household": HOME, "detailsKeptUs": KEPT_US, "cases": cases })
}
