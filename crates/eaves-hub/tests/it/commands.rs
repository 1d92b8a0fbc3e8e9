//! Commands that reach the hub through the vault.

use crate::home::{CAMERA, Home, eventually};
use eaves_api::app::CommandOutcome;
use eaves_api::channel::ToHub;
use eaves_domain::command::{Action, Command, EraseTarget, ProbeRequest};
use eaves_domain::envelope::{Envelope, pre_authentication_encoding};
use eaves_domain::{Base64Url, CommandId};
use eaves_inbox::HubIdentity;
use eaves_seal::{Recipient, seal_small};
use ed25519_dalek::SigningKey;
use serde_json::Value;

fn probe(home: &Home) -> Action {
    let own = home.own.clone().unwrap();
    let request = ProbeRequest { address: "camera.invalid".into(), username: None, password: None };
    let recipient = Recipient::parse(&own.recipient).unwrap();
    Action::Probe {
        hub: own.hub,
        request: Base64Url(seal_small(&recipient, &serde_json::to_vec(&request).unwrap()).unwrap()),
        reply_to: home.roster.as_ref().unwrap().0.members[0].recipient.clone(),
    }
}

async fn outcome(home: &Home, command: CommandId) -> CommandOutcome {
    eventually("the command has an outcome", || home.vault.held().outcomes.contains_key(&command)).await;
    home.vault.held().outcomes.remove(&command).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn owner_is_told_what_is_at_an_address_and_nobody_else_can_read_it() {
    let mut home = Home::recording().await;
    let command = home.command(1, probe(&home));
    let CommandOutcome::Done { reply: Some(reply) } = outcome(&home, command).await else { panic!("an answer") };
    assert_eq!(home.cameras.looked_at(), ["camera.invalid"]);
    let opened = HubIdentity::from_seed(&[91; 32]).open_letter(&reply.0).unwrap();
    let signed: Envelope = serde_json::from_slice(&opened).unwrap();
    let own = home.own.clone().unwrap();
    let message = pre_authentication_encoding("application/vnd.eaves.probe-answer.v1+json", &signed.payload.0);
    assert!(
        own.signing_key.verify(&message, &signed.signatures[0].sig.0),
        "the vault knows the recipient: the hub signs"
    );
    let answer: Value = serde_json::from_slice(&signed.payload.0).unwrap();
    assert_eq!(answer["household"], crate::home::HOUSEHOLD.to_hex());
    assert_eq!(answer["hub"], own.hub.to_hex());
    assert_eq!(answer["outcome"], "found");
    assert_eq!(answer["command"], command.to_hex());
    assert_eq!(answer["mainUrl"], "rtsp://camera.invalid");
    assert_eq!(answer["subUrl"], Value::Null);
    assert_eq!(answer["streams"][0]["role"], "main");
    assert_eq!(answer["streams"][0]["framesPerSecond"], 15.0);
    assert_eq!(answer["streams"][0]["audio"], Value::Null);
    assert!(answer["poster"].is_string());
    home.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replayed_and_forged_commands_make_the_hub_do_nothing() {
    let mut home = Home::recording().await;
    let command = home.command(1, probe(&home));
    outcome(&home, command).await;
    home.command(1, probe(&home));

    let forged = Command {
        household: crate::home::HOUSEHOLD,
        command: CommandId([2; 16]),
        issued_us: eaves_media::Clock::now(&home.clock).wall,
        member: crate::home::OWNER,
        action: probe(&home),
    };
    let envelope = Envelope::sign(&forged, &SigningKey::from_bytes(&[66; 32]));
    home.vault.tell(ToHub::Command { command: envelope });
    let CommandOutcome::Refused { reason } = outcome(&home, CommandId([2; 16])).await else { panic!("refused") };
    assert_eq!(reason, "not-allowed");
    // Commands are judged in order, so the replay has been judged too.
    assert_eq!(home.cameras.looked_at().len(), 1);
    assert!(!home.vault.held().outcomes.contains_key(&command), "a replay does not answer for the first");
    home.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn erasure_drops_what_is_spooled_although_the_vault_has_it() {
    let mut home = Home::recording().await;
    // The vault takes links, but every answer is lost: the first in the queue waits although it is there.
    home.vault.held().lose_answers = u32::MAX;
    home.film(10).await;
    home.cameras.end(eaves_media::RunEnd::StreamEnded).await;
    // It also shows another history, so that the hub does not find out by itself.
    let fork = eaves_domain::link::ChainHead { next_index: 99, digest: Some(eaves_domain::Digest([9; 32])) };
    let is_taken = || home.vault.links(CAMERA).iter().any(|l| l.recording().is_some());
    eventually("the vault has a recording", || {
        home.clock.pass_us(100_000);
        is_taken()
    })
    .await;
    home.vault.held().shown_head = Some(fork);
    let (recording, link) = home.vault.held().chains[&CAMERA]
        .iter()
        .find_map(|(envelope, link)| Some((link.recording()?, envelope.payload_digest())))
        .unwrap();
    home.command(3, Action::Erase { device: CAMERA, targets: vec![EraseTarget { recording, link }] });
    let spool = home.config.dir.join("spool").join(CAMERA.to_hex());
    let has_log =
        || std::fs::read_dir(&spool).unwrap().any(|e| e.unwrap().path().extension().is_some_and(|x| x == "log"));
    eventually("its bytes are gone from the hub", || !has_log()).await;
    home.stop().await;
}
