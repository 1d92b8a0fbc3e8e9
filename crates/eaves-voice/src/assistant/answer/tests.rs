//! Conversations, from text to what is said, done and remembered.

use super::*;
use crate::assistant::Derivative;
use crate::intents::Intents;
use std::collections::BTreeMap;

/// An assistant with its clock: Tuesday, 1 December 2026, 13:00 where it lives.
struct Room {
    assistant: Assistant,
    around: Around,
    intents: Intents,
}

impl Room {
    fn new() -> Self {
        let now = Local { utc: 1_796_126_400, offset: 3600 };
        let around = Around {
            now,
            room: "kitchen".into(),
            is_childs: false,
            keeps: false,
            language: Language::English,
            source: SourceId(1),
        };
        Self { assistant: Assistant::default(), around, intents: Intents::english(BTreeMap::new()) }
    }

    fn reply(&mut self, text: &str) -> Reply {
        self.around.source.0 += 1;
        let wanted = self.intents.recognize(text, &serde_json::Map::new());
        self.assistant.answer(wanted.as_ref(), &self.around)
    }

    fn ask(&mut self, text: &str) -> String {
        self.reply(text).say.words(self.around.language).as_str().to_owned()
    }

    fn pass(&mut self, seconds: i64) -> Vec<String> {
        self.around.now.utc += seconds;
        let rung = self.assistant.ring(self.around.now);
        rung.into_iter().map(|(_, say)| say.words(self.around.language).as_str().to_owned()).collect()
    }
}

#[test]
fn the_time_and_the_date() {
    let mut room = Room::new();
    assert_eq!(room.ask("what time is it"), "It is 1 p.m.");
    assert_eq!(room.ask("what's the date today"), "It is Tuesday, December 1.");
    assert_eq!(room.ask("how is the weather on Mars"), "I did not get that.");
}

#[test]
fn timers_are_set_named_paused_changed_asked_for_and_ring_once() {
    let mut room = Room::new();
    assert_eq!(room.ask("set a timer for ten minutes"), "10 minutes, timer.");
    assert_eq!(room.ask("start a pasta timer for 8 minutes and 30 seconds"), "8 minutes and 30 seconds, pasta timer.");
    assert_eq!(room.ask("set a timer called grandma's cake for 1 hour"), "1 hour, grandma's cake timer.");
    room.pass(60);
    assert_eq!(
        room.ask("how much time is left"),
        "9 minutes left. pasta timer: 7 minutes and 30 seconds left. grandma's cake timer: 59 minutes left."
    );
    assert_eq!(room.ask("pause the timer"), "Which timer? Say its name.");
    assert_eq!(room.ask("pause the pasta timer"), "Paused with 7 minutes and 30 seconds left.");
    assert_eq!(room.pass(9 * 60), ["Your timer is done."]);
    assert!(room.pass(1).is_empty());
    assert_eq!(room.ask("add one minute to the pasta timer"), "Paused with 8 minutes and 30 seconds left.");
    assert_eq!(room.ask("resume the pasta timer"), "8 minutes and 30 seconds left.");
    assert_eq!(room.ask("cancel the grandma's cake timer"), "Timer cancelled.");
    assert_eq!(room.pass(510), ["Your pasta timer is done."]);
    assert_eq!(room.ask("cancel all timers"), "No timer is running.");
}

#[test]
fn what_is_remembered_survives_a_restart_and_rings_once() {
    let mut room = Room::new();
    room.ask("set a timer for five minutes");
    room.ask("wake me at seven thirty in the morning on weekdays");
    room.ask("remind me in ten minutes to call Ada");
    room.ask("add oat milk to the shopping list");
    let written = serde_json::to_string(&room.assistant.memory).expect("it can be written");
    let memory: Memory = serde_json::from_str(&written).expect("and read");
    assert_eq!(memory, room.assistant.memory);
    room.assistant = Assistant::new(memory);
    assert_eq!(room.assistant.memory.next_due(), Some(room.around.now.utc + 300));
    assert_eq!(room.pass(3600), ["Your timer is done.", "Reminder: call Ada."]);
    assert_eq!(room.ask("what's on my shopping list"), "On the list: oat milk.");
    // Wednesday, Thursday, Friday, then Monday.
    let rung: Vec<usize> = (0..7).map(|_| room.pass(86_400).len()).collect();
    assert_eq!(rung, [1, 1, 1, 0, 0, 1, 1]);
}

#[test]
fn alarms_are_at_the_next_time_that_the_clock_shows_so() {
    let mut room = Room::new();
    assert_eq!(room.ask("set an alarm for seven"), "Alarm at 7 p.m.");
    assert_eq!(room.ask("set an alarm for twelve thirty"), "Alarm at 12:30 a.m.");
    assert_eq!(room.ask("wake me up at six fifteen in the morning every day"), "Alarm every day at 6:15 a.m.");
    assert_eq!(room.ask("what alarms are set"), "Alarm at 7 p.m., 12:30 a.m. and 6:15 a.m.");
    assert_eq!(room.ask("cancel all alarms"), "3 alarms cancelled.");
}

#[test]
fn what_came_from_an_utterance_is_found_and_erased_with_it() {
    let mut room = Room::new();
    room.ask("remember that the spare key is under the third pot");
    let source = room.around.source;
    room.ask("remind me at nine to water the pots");
    assert_eq!(room.assistant.memory.derived_from(source), [Derivative::Fact(1)]);
    room.assistant.memory.erase_from(source);
    assert_eq!(room.ask("what do you remember"), "Nothing.");
    assert_eq!(room.ask("what are my reminders"), "Reminders: water the pots.");
}

#[test]
fn a_childs_room_leaves_nothing_but_a_timer_without_a_name() {
    let mut room = Room::new();
    room.around.is_childs = true;
    for text in [
        "remember that canary is my secret",
        "remind me in ten minutes to feed the canary",
        "add canary to my shopping list",
        "set a timer called canary for ten minutes",
    ] {
        room.ask(text);
    }
    let written = serde_json::to_string(&room.assistant.memory).expect("it can be written");
    assert!(!written.contains("canary"), "{written}");
    assert_eq!(room.assistant.memory.timers.len(), 1);
    assert_eq!(room.ask("remember that canary"), "I do not keep anything in this room.");
}

#[test]
fn what_opens_disarms_or_loosens_is_never_done_by_voice() {
    let mut room = Room::new();
    for (text, risk) in [
        ("unlock the front door", Risk::Unlock),
        ("disarm the house", Risk::Disarm),
        ("turn off privacy mode", Risk::PrivacyOff),
    ] {
        let reply = room.reply(text);
        assert_eq!((reply.say, reply.actions), (Say::InTheApp, vec![Action::AskInTheApp(risk)]), "{text}");
        assert_eq!(room.reply("yes").actions, [], "and no word makes it so");
    }
    assert_eq!(room.reply("turn on privacy mode").actions, [Action::PrivacyOn]);
}

#[test]
fn what_erases_is_asked_once_more_in_the_same_room_and_soon() {
    let mut room = Room::new();
    let reply = room.reply("delete everything I said today");
    assert!(reply.asks && reply.actions.is_empty());
    assert_eq!(room.reply("yes").actions, [Action::ForgetToday]);
    assert_eq!(room.reply("yes").say, Say::NothingAsked);
    room.reply("delete what I just said");
    assert_eq!(room.reply("no").say, Say::LeftAlone);
    room.reply("delete what I just said");
    room.pass(31);
    assert_eq!(room.reply("yes").say, Say::NothingAsked);
    room.reply("delete what I just said");
    room.around.room = "bedroom".into();
    assert_eq!(room.reply("yes").say, Say::NothingAsked);
    room.around.room = "kitchen".into();
    room.reply("delete what I just said");
    room.reply("what time is it");
    assert_eq!(room.reply("yes").say, Say::NothingAsked);
}

#[test]
fn an_answer_can_be_had_again_for_a_minute_where_it_was_given() {
    let mut room = Room::new();
    room.ask("what time is it");
    room.pass(50);
    assert_eq!(room.ask("say that again"), "It is 1 p.m.");
    room.around.room = "bedroom".into();
    assert_eq!(room.ask("say that again"), "I did not get that.");
    room.around.room = "kitchen".into();
    room.pass(11);
    assert_eq!(room.ask("say that again"), "I did not get that.");
}

#[test]
fn what_is_kept_is_said_as_it_is() {
    let mut room = Room::new();
    room.ask("add milk to the shopping list");
    let said = room.ask("what do you keep about me");
    assert!(said.starts_with("I keep nothing of what you say.") && said.contains("1 things on"), "{said}");
    room.around.keeps = true;
    assert!(room.ask("what do you keep about me").starts_with("I keep what you say, because you asked me to."));
    room.around.is_childs = true;
    assert!(room.ask("what do you keep about me").starts_with("I keep nothing of what you say."));
}

#[test]
fn german_is_understood_and_answered() {
    let mut room = Room::new();
    room.around.language = Language::German;
    room.intents = Intents::german(BTreeMap::new());
    assert_eq!(room.ask("Wie spät ist es?"), "Es ist 13 Uhr.");
    assert_eq!(room.ask("Stell bitte einen Timer auf zehn Minuten"), "Timer, 10 Minuten.");
    assert_eq!(room.ask("Wie lange noch"), "Timer: noch 10 Minuten.");
    assert_eq!(room.ask("Setz Hafermilch auf die Einkaufsliste"), "Hafermilch steht auf der Liste.");
    assert!(room.reply("Lösche alles, was ich heute gesagt habe").asks);
    assert_eq!(room.reply("ja bitte").actions, [Action::ForgetToday]);
}

#[test]
fn there_is_an_end_to_what_is_remembered() {
    let mut room = Room::new();
    for _ in 0..TIMERS_MAX {
        room.ask("set a timer for ten minutes");
    }
    assert_eq!(room.ask("set a timer for ten minutes"), "There are too many already.");
    let long = format!("remember that {}", "a ".repeat(150));
    assert_eq!(room.ask(&long), "I did not get that.");
}
