//! Every vector of `vectors/`: accepted ones give exactly what they say, refused ones one of the reasons they say.

use eaves_domain::claim::{ClaimCode, HubIntroduction};
use eaves_domain::command::Command;
use eaves_domain::envelope::{Envelope, PublicKey};
use eaves_domain::invite::InviteSecret;
use eaves_domain::live::LiveKey;
use eaves_domain::roster::{KeyWrap, Roster};
use eaves_domain::{Base64Url, DeviceId, Digest, HouseholdId, MemberId, ScopeId, Timestamp};
use eaves_open::{
    ChainEntry, Ending, Error, Identity, KitSecret, LiveContext, LiveReader, MemberSecret, RosterHistory,
    WrappedSecret, check_against_mark, header_bytes, open_answer, open_body, open_key_wrap, open_name, open_welcome,
    read_chain,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors")
}

fn page(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(folder().join(name)).unwrap()).unwrap()
}

fn get<T: DeserializeOwned>(value: &Value, field: &str) -> T {
    serde_json::from_value(value[field].clone()).unwrap_or_else(|e| panic!("{field} of {}: {e}", value["name"]))
}

fn bytes<const N: usize>(value: &Value, field: &str) -> [u8; N] {
    get::<Base64Url>(value, field).0.try_into().unwrap()
}

/// Runs `read` over `cases` and compares with what they expect.
fn check(cases: &Value, mut read: impl FnMut(&Value) -> Result<(), Error>) {
    let cases = cases.as_array().unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        let name = case["name"].as_str().unwrap();
        match (case["expect"].as_str().unwrap(), read(case)) {
            ("ok", Ok(())) => {}
            ("refused", Err(error)) => {
                let reasons: Vec<String> = get(case, "reasons");
                assert!(reasons.iter().any(|r| r == error.code()), "{name}: refused as {}: {error}", error.code());
            }
            (expected, got) => panic!("{name}: expected {expected}, got {got:?}"),
        }
    }
}

#[test]
fn sealed_parts() {
    let page = page("sealed-part.json");
    let identity = Identity::parse(page["identity"].as_str().unwrap()).unwrap();
    let other = Identity::parse(page["otherIdentity"].as_str().unwrap()).unwrap();
    check(&page["cases"], |case| {
        let split = |path: &str| {
            let mut header = std::fs::read(folder().join(path)).unwrap();
            let body = header.split_off(header_bytes(&header).unwrap());
            (header, body)
        };
        let (mut header, mut body) = split(case["file"].as_str().unwrap());
        for edit in case["edits"].as_array().unwrap() {
            let number = |field: &str| usize::try_from(edit[field].as_u64().unwrap()).unwrap();
            let chunk = |index: usize| 16 + index * 65_552..16 + (index + 1) * 65_552;
            match edit["op"].as_str().unwrap() {
                "header-of" => header = split(edit["file"].as_str().unwrap()).0,
                "replace-header" => header = edit["text"].as_str().unwrap().as_bytes().to_vec(),
                "set-header" => header[number("at")] = edit["text"].as_str().unwrap().as_bytes()[0],
                "keep-body" => body.truncate(number("bytes")),
                "append-body" => body.resize(body.len() + number("bytes"), 0),
                "flip-body" => body[number("at")] ^= 1,
                "swap-chunks" => {
                    let first = body[chunk(number("first"))].to_vec();
                    let second = body[chunk(number("second"))].to_vec();
                    body[chunk(number("first"))].copy_from_slice(&second);
                    body[chunk(number("second"))].copy_from_slice(&first);
                }
                "repeat-chunk" => {
                    let range = chunk(number("chunk"));
                    let copy = body[range.clone()].to_vec();
                    body.splice(range.end..range.end, copy);
                }
                "drop-chunk" => drop(body.drain(chunk(number("chunk")))),
                other => panic!("unknown edit {other}"),
            }
        }
        let identity = if case["useOtherIdentity"] == true { &other } else { &identity };
        let ending = if case["cut"] == true { Ending::MayBeCut } else { Ending::Whole };
        let plaintext = open_body(&header, &body, identity, ending)?;
        assert_eq!(plaintext.len() as u64, case["plaintextBytes"], "{}", case["name"]);
        assert_eq!(Digest::of(&plaintext), get(case, "plaintext"), "{}", case["name"]);
        Ok(())
    });
}

#[test]
fn envelopes() {
    check(&page("envelope.json")["cases"], |case| {
        let trusted: Vec<PublicKey> = get(case, "trusted");
        let envelope: Envelope = get(case, "envelope");
        match case["kind"].as_str().unwrap() {
            "command" => envelope.verify::<Command>(&trusted).map(drop)?,
            other => panic!("unknown kind {other}"),
        }
        Ok(())
    });
}

#[test]
fn rosters() {
    check(&page("roster.json")["cases"], |case| {
        let envelopes: Vec<Envelope> = get(case, "envelopes");
        let history = RosterHistory::accept(&envelopes, Some(get(case, "pinned")))?;
        if let Some(mark) = case.get("mark") {
            history.check_not_rolled_back(get(mark, "version"), get(mark, "digest"))?;
        }
        Ok(())
    });
}

#[test]
fn commands() {
    let page = page("command.json");
    let roster = Roster::accept_first(&get(&page, "roster"), Some(get(&page, "pinned"))).unwrap();
    check(&page["cases"], |case| {
        Command::accept(&get(case, "envelope"), &roster, get(case, "nowUs"))?;
        Ok(())
    });
}

#[test]
fn claims() {
    let page = page("claim.json");
    check(&page["codes"], |case| {
        let code = ClaimCode::from_text(case["text"].as_str().unwrap()).ok_or(Error::Malformed)?;
        assert_eq!(code.to_text(), ClaimCode::from_random(bytes(case, "bytes")).to_text());
        if case.get("token").is_some() {
            assert_eq!(code.vault_token(), bytes(case, "token"));
        }
        Ok(())
    });
    // Neither has a code of its own in this crate, so any refusal counts.
    let refused = |is_good: bool, case: &Value| assert_eq!(is_good, case["expect"] == "ok", "{}", case["name"]);
    for case in page["introductions"].as_array().unwrap() {
        let code = ClaimCode::from_text(case["code"].as_str().unwrap()).unwrap();
        refused(code.verifies_introduction(&get::<HubIntroduction>(case, "introduction")), case);
    }
    for case in page["rosters"].as_array().unwrap() {
        let code = ClaimCode::from_text(case["code"].as_str().unwrap()).unwrap();
        refused(code.verifies_roster(get(case, "roster"), &get::<Base64Url>(case, "mac").0), case);
    }
}

#[test]
fn links() {
    let page = page("link.json");
    let rosters: Vec<Envelope> = get(&page, "rosters");
    let history = RosterHistory::accept(&rosters, Some(get(&page, "pinned"))).unwrap();
    let device: DeviceId = get(&page, "device");
    check(&page["cases"], |case| {
        let entries: Vec<ChainEntry> = get(case, "entries");
        let reading = read_chain(&entries, device, &history, get(case, "nowUs"));
        if let Some(finding) = reading.findings.first() {
            return Err(finding.error);
        }
        assert_eq!(reading.links.len(), entries.len());
        if let Some(mark) = case.get("mark") {
            check_against_mark(&reading, get(mark, "index"), get(mark, "digest"))?;
        }
        Ok(())
    });
}

#[test]
fn live() {
    let page = page("live.json");
    let roster = Roster::accept_first(&get(&page, "roster"), Some(get(&page, "pinned"))).unwrap();
    let identity = Identity::parse(page["roomIdentity"].as_str().unwrap()).unwrap();
    let device = roster.device(get(&page, "device")).unwrap();
    let context = LiveContext {
        household: roster.household,
        hub: device.hub,
        hub_key: roster.hub(device.hub).unwrap().signing_key,
        device: device.device,
        room: device.room,
        epoch: roster.room(device.room).unwrap().epoch,
    };
    check(&page["keys"], |case| {
        LiveReader::new(context).accept_key(&get(case, "key"), &identity, get(case, "nowUs")).map(drop)
    });
    let key: Envelope = get(&page, "key");
    let issued = key.peek::<LiveKey>().unwrap().issued_us;
    check(&page["cases"], |case| {
        let mut reader = LiveReader::new(context);
        reader.accept_key(&key, &identity, issued)?;
        let frames: Vec<Base64Url> = get(case, "frames");
        let (last, earlier) = frames.split_last().unwrap();
        let now: Timestamp = get(case, "nowUs");
        for frame in earlier {
            reader.open(&frame.0, now).unwrap_or_else(|e| panic!("{}: an earlier frame: {e}", case["name"]));
        }
        let frame = reader.open(&last.0, now)?;
        assert_eq!(frame.captured, get(case, "capturedUs"));
        assert_eq!(*frame.media, get::<Base64Url>(case, "media").0);
        // A key that is handed over again does not make the frames new.
        reader.accept_key(&key, &identity, issued)?;
        assert_eq!(reader.open(&last.0, now).unwrap_err(), Error::Replayed);
        Ok(())
    });
}

#[test]
fn keys() {
    let page = page("keys.json");
    for member in page["members"].as_array().unwrap() {
        let secret = MemberSecret::from_bytes(Zeroizing::new(bytes(member, "secret")));
        assert_eq!(secret.identity().reveal_text().as_str(), member["identity"]);
        assert_eq!(secret.identity().recipient(), member["recipient"]);
        assert_eq!(PublicKey::of(&secret.signing_key()), get(member, "signingPublicKey"));
    }
    check(&page["kits"], |case| {
        let kit = KitSecret::parse(case["text"].as_str().unwrap())?;
        assert_eq!(kit.reveal_text().as_str(), case["printed"]);
        assert_eq!(kit.reveal_text(), KitSecret::from_bytes(bytes(case, "secret")).reveal_text());
        assert_eq!(PublicKey::of(&kit.signing_key()), get(case, "signingPublicKey"));
        assert_eq!(*kit.wrapping_key(), bytes(case, "wrappingKey"));
        Ok(())
    });
    check(&page["wrappedSecrets"], |case| {
        let wrapped: WrappedSecret = get(case, "wrapped");
        if case.get("exportKey").is_some() {
            assert_eq!(*wrapped.way.wrapping_key(&bytes::<64>(case, "exportKey")), bytes(case, "wrappingKey"));
        }
        let (household, member) = (get::<HouseholdId>(case, "household"), get::<MemberId>(case, "member"));
        let secret = wrapped.open(household, member, &bytes(case, "wrappingKey"))?;
        let expected = MemberSecret::from_bytes(Zeroizing::new(bytes(case, "secret")));
        assert_eq!(secret.identity().recipient(), expected.identity().recipient());
        Ok(())
    });
    check(&page["keyWraps"], |case| {
        let identity = Identity::parse(case["identity"].as_str().unwrap()).unwrap();
        let member: MemberId = get(case, "member");
        let scope: ScopeId = get(case, "scope");
        let wrap = KeyWrap { scope, epoch: get(case, "epoch"), member, wrapped: get(case, "wrapped") };
        let shared =
            open_key_wrap(&wrap, get(case, "household"), member, &identity, case["expectedRecipient"].as_str())?;
        assert_eq!(shared.reveal_text().as_str(), case["sharedIdentity"]);
        Ok(())
    });
    check(&page["names"], |case| {
        let identity = Identity::parse(case["identity"].as_str().unwrap()).unwrap();
        let name = open_name(&get::<Base64Url>(case, "sealed").0, &identity)?;
        assert_eq!(name, case["text"]);
        Ok(())
    });
}

#[test]
fn invites() {
    let page = page("invite.json");
    let rosters: Vec<Envelope> = get(&page, "rosters");
    let history = RosterHistory::accept(&rosters, None).unwrap();
    let secret = |case: &Value| InviteSecret::from_text(case["secret"].as_str().unwrap()).unwrap();
    check(&page["secrets"], |case| {
        let secret = InviteSecret::from_text(case["text"].as_str().unwrap()).ok_or(Error::Mistyped)?;
        assert_eq!(secret.reveal_text(), case["printed"]);
        assert_eq!(secret.vault_token(), bytes(case, "token"));
        assert_eq!(secret.seal_key(), bytes(case, "sealKey"));
        Ok(())
    });
    check(&page["welcomes"], |case| {
        let (household, invite) = (get(case, "household"), get(case, "invite"));
        let welcome = open_welcome(&secret(case), household, invite, &get(case, "letter"), get(case, "nowUs"))?;
        history.check_not_rolled_back(welcome.roster.version, welcome.roster.digest)?;
        assert_eq!(welcome, get(case, "welcome"));
        Ok(())
    });
    check(&page["answers"], |case| {
        let (household, invite, expires) = (get(case, "household"), get(case, "invite"), get(case, "expiresUs"));
        let (answer, now) = (get(case, "answer"), get(case, "nowUs"));
        let newcomer = open_answer(&secret(case), household, invite, expires, &answer, &history, now)?;
        assert_eq!(newcomer, get(case, "newcomer"));
        Ok(())
    });
    check(&page["own"], |case| {
        let secret = MemberSecret::from_bytes(Zeroizing::new(bytes(case, "memberSecret")));
        let pin = secret.open_anchor(get(case, "household"), get(case, "member"), &get(case, "letter"))?;
        assert_eq!(pin, get(case, "anchor"));
        Ok(())
    });
}
