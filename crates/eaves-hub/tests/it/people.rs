//! Putting somebody out: what is made from then on does not open with what they hold, recorded or live.

use crate::home::{Home, eventually, room_identity};
use eaves_domain::envelope::PublicKey;
use eaves_domain::live::FrameHeader;
use eaves_domain::roster::{Member, Role, Roster};
use eaves_domain::{Base64Url, MemberId};
use eaves_seal::Recipient;
use ed25519_dalek::SigningKey;
use std::collections::BTreeSet;

const GUEST: MemberId = MemberId([77; 16]);
const SECOND_US: i64 = 1_000_000;

fn with_guest(roster: &mut Roster) {
    roster.members.push(Member {
        member: GUEST,
        role: Role::Guest,
        recipient: Recipient::of_seed(&[78; 32]).to_text(),
        signing_key: PublicKey::of(&SigningKey::from_bytes(&[78; 32])),
        label: Base64Url(vec![0; 20]),
    });
    roster.rooms[0].audience.push(GUEST);
}

fn without_guest(roster: &mut Roster) {
    roster.members.retain(|member| member.member != GUEST);
    roster.rooms[0].audience.retain(|member| *member != GUEST);
    (roster.epoch, roster.recipient) = (2, Recipient::of_seed(&[92; 32]).to_text());
    (roster.rooms[0].epoch, roster.rooms[0].recipient) = (2, room_identity(2).recipient().to_text());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_made_one_second_after_somebody_was_put_out_opens_with_their_key() {
    let mut home = Home::new();
    home.cameras.frame_bytes = 100;
    home.start();
    home.claim_with(|_, roster| with_guest(roster)).await;
    home.is_up().await;
    home.watch(1);
    home.film_until("live pictures are shown", || home.vault.held().frames.len() > 20).await;

    let out_at = eaves_media::Clock::now(&home.clock).wall;
    home.change_roster(without_guest);
    home.has_recordings(1).await;
    home.film(2).await;
    eventually("live pictures go on", || home.vault.held().keys.last().is_some_and(|key| key.epoch == 2)).await;
    let shown_before = home.vault.held().frames.len();
    home.film(40).await;
    eventually("and on", || home.vault.held().frames.len() > shown_before + 40).await;
    home.stop().await;
    let links = home.has_recordings(2).await;

    // What they hold: the room's identity of the epoch in which they were put out.
    let (theirs, epoch) = (room_identity(1), 1);
    let (mut opened_before, mut refused_after) = (0, 0);
    for link in &links {
        let Some(recording) = link.recording() else { continue };
        for part in ["media", "card", "poster"] {
            match home.open_part(recording, part, epoch) {
                Some(_) => {
                    opened_before += 1;
                    assert!(link.end_us.since_us(out_at) <= SECOND_US, "{part} of {link:?} opens");
                }
                None if link.end_us.since_us(out_at) > SECOND_US => refused_after += 1,
                None => {}
            }
        }
    }
    assert!(opened_before > 0, "what was theirs opened");
    assert!(refused_after >= 2, "and there is something that does not");

    let held = home.vault.held();
    let opens = |key: &&eaves_domain::live::LiveKey| theirs.open_letter(&key.sealed_key.0).is_ok();
    let their_keys: BTreeSet<_> = held.keys.iter().filter(opens).map(|key| key.key.0).collect();
    assert!(!their_keys.is_empty());
    let frames = held.frames.iter().map(|frame| FrameHeader::parse(frame).unwrap().key.0);
    assert!(frames.clone().take(10).all(|key| their_keys.contains(&key)), "live was theirs to see");
    let later: Vec<_> = frames.skip(shown_before).collect();
    assert!(later.len() > 40 && later.iter().all(|key| !their_keys.contains(key)), "and is not any more");
}
