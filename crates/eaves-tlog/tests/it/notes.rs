//! Signed notes, checkpoints and cosignatures, against the specification's examples and another implementation.

use eaves_domain::envelope::PublicKey;
use eaves_domain::{HubId, Timestamp};
use eaves_testkit::home::NOON;
use eaves_testkit::log::SimulatedLog;
use eaves_tlog::checkpoint::Checkpoint;
use eaves_tlog::note::{KeyKind, Note, SIGNATURES_MAX, SignatureLine, VerifierKey};
use eaves_tlog::{Error, cosignature};
use ed25519_dalek::SigningKey;

/// The example of c2sp.org/signed-note.
const EXAMPLE_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const EXAMPLE: &str = "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

fn hub() -> (HubId, SigningKey) {
    (HubId([9; 16]), SigningKey::from_bytes(&[9; 32]))
}

#[test]
fn the_specifications_example_verifies_and_no_bit_of_it_may_change() {
    let key = VerifierKey::parse(EXAMPLE_KEY).unwrap();
    assert_eq!(key.to_text(), EXAMPLE_KEY);
    let note = Note::parse(EXAMPLE.as_bytes()).unwrap();
    note.verify(&key).unwrap();
    assert_eq!(note.text(), "This is an example message.\n");
    assert_eq!(note.to_string(), EXAMPLE);
    for bit in 0..EXAMPLE.len() * 8 {
        let mut bytes = EXAMPLE.as_bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(Note::parse(&bytes).and_then(|note| note.verify(&key)).is_err(), "bit {bit}");
    }
    for bit in 0..EXAMPLE_KEY.len() * 8 {
        let mut bytes = EXAMPLE_KEY.as_bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let key = String::from_utf8(bytes).map_err(|_| Error::Malformed).and_then(|text| VerifierKey::parse(&text));
        assert!(key.and_then(|key| note.verify(&key)).is_err(), "bit {bit}");
    }
}

#[test]
fn another_implementation_reads_our_notes_and_we_read_its() {
    use signed_note::{Note as Judge, StandardSigner, StandardVerifier, VerifierList};
    let log = SimulatedLog::new(7);
    let ours = log.note();
    let judge = Judge::from_bytes(ours.to_string().as_bytes()).unwrap();
    let known = VerifierList::new(vec![Box::new(StandardVerifier::new(&log.key().to_text()).unwrap())]);
    assert_eq!(judge.verify(&known).unwrap().0.len(), 1);
    // The other way: its key and its signature. The secret form of its keys is the seed behind a kind.
    let secret = format!(
        "PRIVATE+KEY+{}",
        log.key()
            .to_text()
            .split_once('+')
            .map(|(name, rest)| {
                let id = rest.split('+').next().unwrap();
                use base64::Engine as _;
                let seed =
                    base64::prelude::BASE64_STANDARD.encode([&[1], log.signing_key().as_bytes().as_slice()].concat());
                format!("{name}+{id}+{seed}")
            })
            .unwrap()
    );
    let mut theirs = Judge::new(ours.text().as_bytes(), &[]).unwrap();
    theirs.add_sigs(&[&StandardSigner::new(&secret).unwrap()]).unwrap();
    assert_eq!(theirs.to_bytes(), ours.to_string().into_bytes());
}

#[test]
fn a_note_is_written_in_one_way_only() {
    let line = EXAMPLE.split_once("\n\n").unwrap().1;
    for bad in [
        String::new(),
        "no signature\n".to_owned(),
        "no signature\n\n".to_owned(),
        format!("{EXAMPLE}\n"),
        EXAMPLE.trim_end().to_owned(),
        EXAMPLE.replace('\n', "\r\n"),
        EXAMPLE.replace("an example", "an\texample"),
        EXAMPLE.replace("— ", "- "),
        EXAMPLE.replace("— example", "—  example"),
        EXAMPLE.replace("com/foo ", "com/f+o "),
        EXAMPLE.replace("com/foo ", "com/f\u{a0}o "),
        EXAMPLE.replace("aQM=", "aQM"),
        EXAMPLE.replace("aQM=", "aQN="),
        "text\n\n— name AAAAAA==\n".to_owned(),
        format!("text\n\n{}", line.repeat(SIGNATURES_MAX + 1)),
        format!("{}\n\n{line}", "x".repeat(256 << 10)),
    ] {
        assert!(Note::parse(bad.as_bytes()).is_err(), "{bad:.100}");
    }
    assert!(Note::parse(format!("text\n\n{}", line.repeat(SIGNATURES_MAX)).as_bytes()).is_ok());
    assert!(Note::parse(b"\xff\n\n").is_err());
    let two = Note::parse(format!("one\n\ntwo\n\n{line}").as_bytes()).unwrap();
    assert_eq!(two.text(), "one\n\ntwo\n", "a text may have empty lines");
}

#[test]
fn lines_of_strangers_are_carried_along_and_a_wrong_line_of_a_friend_spoils_the_note() {
    let log = SimulatedLog::new(1);
    let stranger = SimulatedLog::new(2);
    let mut note = log.note();
    note.add(SignatureLine { name: "elsewhere.example".to_owned(), id: 1, signature: vec![6; 2_420] });
    note.add(stranger.note().signatures()[0].clone());
    note.verify(&log.key()).unwrap();
    let again = Note::parse(note.to_string().as_bytes()).unwrap();
    assert_eq!(again, note);
    assert_eq!(stranger.note().verify(&log.key()), Err(Error::NotSignedByTrusted));
    let mut wrong = log.note().signatures()[0].clone();
    wrong.signature[0] ^= 1;
    note.add(wrong);
    assert_eq!(note.verify(&log.key()), Err(Error::BadSignature));
}

/// The example of c2sp.org/tlog-checkpoint and tlog-cosignature: only its text can be checked, its keys are not given.
#[test]
fn the_specifications_checkpoint_is_read() {
    let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let checkpoint = Checkpoint::parse(text).unwrap();
    assert_eq!((checkpoint.origin.as_str(), checkpoint.size), ("example.com/behind-the-sofa", 20_852_163));
    assert_eq!(checkpoint.to_text(), text);
    let extended = format!("{text}Timestamp: 1689748607742585419\n");
    assert_eq!(Checkpoint::parse(&extended).unwrap().extensions, ["Timestamp: 1689748607742585419"]);
}

#[test]
fn a_checkpoint_is_written_in_one_way_only() {
    let good = SimulatedLog::new(1).checkpoint().to_text();
    Checkpoint::parse(&good).unwrap();
    for bad in [
        String::new(),
        good.trim_end().to_owned(),
        good.replace("\n0\n", "\n00\n"),
        good.replace("\n0\n", "\n+0\n"),
        good.replace("\n0\n", "\n-1\n"),
        good.replace("\n0\n", "\n9007199254740992\n"),
        good.replace("\n0\n", "\n18446744073709551616\n"),
        good.replace('=', ""),
        format!("{good}\n"),
        format!("\n{good}"),
        format!("{good}{}", "x\n".repeat(17)),
        "a\n1\n".to_owned(),
    ] {
        assert!(Checkpoint::parse(&bad).is_err(), "{bad:?}");
    }
}

#[test]
fn a_checkpoint_counts_for_its_own_log_only() {
    let (log, other) = (SimulatedLog::new(1), SimulatedLog::new(2));
    Checkpoint::verified(&log.note(), &log.key()).unwrap();
    assert_eq!(Checkpoint::verified(&other.note(), &log.key()), Err(Error::NotSignedByTrusted));
    // The right key under a text that names another log.
    let mut note = Note::new(other.checkpoint().to_text()).unwrap();
    note.sign(&log.origin, log.signing_key()).unwrap();
    assert_eq!(Checkpoint::verified(&note, &log.key()), Err(Error::WrongOrigin));
    // A hub's cosignature is no log's signature, though the key is the same.
    let (hub, key) = hub();
    let note = log.cosigned(hub, &key, NOON);
    let as_log = VerifierKey::new(&cosignature::hub_name(hub), KeyKind::Cosignature, PublicKey::of(&key)).unwrap();
    assert_eq!(note.verify(&as_log), Err(Error::NotSignedByTrusted));
}

#[test]
fn a_cosignature_says_when_and_every_bit_of_it_counts() {
    let mut log = SimulatedLog::new(1);
    log.strangers(3);
    let (hub, key) = hub();
    let note = log.cosigned(hub, &key, NOON.plus_us(999_999));
    let witness = cosignature::hub_key(hub, PublicKey::of(&key));
    let found = cosignature::verify(&note, std::slice::from_ref(&witness)).unwrap();
    assert_eq!(found[0].at, NOON, "whole seconds");
    assert_eq!(found[0].witness, cosignature::hub_name(hub));
    let line = note.signatures()[1].clone();
    for bit in 0..line.signature.len() * 8 {
        let mut changed = log.note();
        let mut wrong = line.clone();
        wrong.signature[bit / 8] ^= 1 << (bit % 8);
        changed.add(wrong);
        assert_eq!(cosignature::verify(&changed, std::slice::from_ref(&witness)), Err(Error::BadSignature), "{bit}");
    }
    // Moved to another checkpoint of the same log.
    log.strangers(1);
    let mut moved = log.note();
    moved.add(line.clone());
    assert_eq!(cosignature::verify(&moved, std::slice::from_ref(&witness)), Err(Error::BadSignature));
    // The message is the one of the specification.
    let expected = format!("cosignature/v1\ntime {}\n{}", NOON.as_us() / 1_000_000, note.text());
    assert!(PublicKey::of(&key).verify(expected.as_bytes(), &line.signature[8..]));
    assert_eq!(&line.signature[..8], (NOON.as_us() as u64 / 1_000_000).to_be_bytes());
}

#[test]
fn of_two_cosignatures_of_one_witness_the_later_counts_and_others_are_not_counted() {
    let log = SimulatedLog::new(1);
    let (hub, key) = hub();
    let mut note = log.cosigned(hub, &key, NOON.plus_us(60_000_000));
    note.add(cosignature::sign(&note, &cosignature::hub_name(hub), &key, NOON).unwrap());
    let stranger = SigningKey::from_bytes(&[77; 32]);
    note.add(cosignature::sign(&note, "stranger.example", &stranger, NOON).unwrap());
    let witness = cosignature::hub_key(hub, PublicKey::of(&key));
    let found = cosignature::verify(&note, &[witness]).unwrap();
    assert_eq!(found.iter().map(|one| one.at).collect::<Vec<_>>(), [NOON.plus_us(60_000_000)]);
    assert_eq!(cosignature::sign(&note, "x", &key, Timestamp(-1)), Err(Error::OutOfRange));
}
