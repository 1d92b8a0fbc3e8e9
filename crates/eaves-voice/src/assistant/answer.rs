//! What is done about what somebody wants.

use super::calendar::{Local, TimeOfDay};
use super::memory::{Alarm, Due, Fact, Item, Memory, Reminder, Repeat, Ring, SourceId, Timer};
use super::say::{Language, Say};
use crate::intents::Recognition;
use crate::private::Words;
use serde_json::Value;

const TIMERS_MAX: usize = 50;
const ALARMS_MAX: usize = 50;
const REMINDERS_MAX: usize = 200;
const ITEMS_MAX: usize = 500;
const FACTS_MAX: usize = 500;
/// The longest name, item or fact, in signs.
const WORDS_MAX: usize = 200;
/// The longest timer, in seconds.
const SPAN_MAX: i64 = 7 * 86_400;
/// A question is open for so many seconds, and the last answer is remembered for so many.
const OPEN_FOR: i64 = 30;
const REPEAT_FOR: i64 = 60;

/// What is known of whoever speaks.
#[derive(Clone, Debug)]
pub struct Around {
    /// The time.
    pub now: Local,
    /// The room of the satellite, as the hub names it.
    pub room: String,
    /// The room is a child's: nothing is kept.
    pub is_childs: bool,
    /// Whoever speaks here has consented to their utterances being kept.
    pub keeps: bool,
    /// The language.
    pub language: Language,
    /// The utterance.
    pub source: SourceId,
}

/// What the hub is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Timers have changed: tell the satellites.
    TimersChanged,
    /// Stop speaking, and ringing.
    Stop,
    /// How loud the satellite is, in percent.
    Volume(u8),
    /// Louder, or softer.
    VolumeBy(i8),
    /// Mute this satellite.
    Mute,
    /// Erase the utterance before this one, and what came from it.
    ForgetLast,
    /// Erase what was said today in this room by whoever speaks, and what came from it.
    ForgetToday,
    /// Keep nothing from now on.
    StopKeeping,
    /// Stop the cameras.
    PrivacyOn,
    /// Arm.
    Arm,
    /// Say who was at the door.
    WhoWasAtTheDoor,
    /// Show a camera on a screen.
    ShowCamera(Words),
    /// Ask in the app: this is not done by voice.
    AskInTheApp(Risk),
}

/// What is never done by voice alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Risk {
    /// Open a door.
    Unlock,
    /// Switch the alarm off.
    Disarm,
    /// Let cameras see again.
    PrivacyOff,
}

/// What is said, and done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// What is said, without its words.
    pub say: Say,
    /// Whether it asks something.
    pub asks: bool,
    /// What is done.
    pub actions: Vec<Action>,
}

impl From<Say> for Reply {
    fn from(say: Say) -> Self {
        Self { say, asks: false, actions: Vec::new() }
    }
}

fn doing(say: Say, action: Action) -> Reply {
    Reply { say, asks: false, actions: vec![action] }
}

/// One household's assistant.
#[derive(Debug, Default)]
pub struct Assistant {
    /// What outlives answers.
    pub memory: Memory,
    /// What was asked, where, and until when the answer counts.
    asked: Option<(Action, String, i64)>,
    /// The last answer, where, and until when it can be had again. Wiped by the next one.
    last: Option<(Words, String, i64)>,
}

impl Assistant {
    /// With what it remembered.
    pub fn new(memory: Memory) -> Self {
        Self { memory, ..Self::default() }
    }

    /// Answers. `None` is what was not understood.
    pub fn answer(&mut self, wanted: Option<&Recognition>, around: &Around) -> Reply {
        let now = around.now.utc;
        let asked = self.asked.take().filter(|(_, room, until)| *room == around.room && now <= *until);
        self.last.take_if(|(_, _, until)| now > *until);
        let reply = match wanted {
            None => Say::NotUnderstood.into(),
            Some(wanted) => self.carry_out(wanted, asked.map(|(action, _, _)| action), around),
        };
        let is_worth_repeating = !matches!(reply.say, Say::Nothing | Say::NotUnderstood | Say::Again(_));
        if is_worth_repeating {
            let words = reply.say.words(around.language);
            self.last = Some((words, around.room.clone(), now + REPEAT_FOR));
        }
        reply
    }

    /// What is due, and what is said about it.
    pub fn ring(&mut self, now: Local) -> Vec<(Ring, Say)> {
        let said = |ring: Ring| {
            let say = match &ring {
                Ring::Timer(timer) => Say::TimerRings(timer.name.clone()),
                Ring::Alarm(alarm) => Say::AlarmRings(alarm.time),
                Ring::Reminder(reminder) => Say::ReminderRings(reminder.what.clone()),
            };
            (ring, say)
        };
        self.memory.take_due(now).into_iter().map(said).collect()
    }

    /// Wipes what is held between answers.
    pub fn forget(&mut self) {
        self.asked = None;
        self.last = None;
    }

    fn carry_out(&mut self, wanted: &Recognition, asked: Option<Action>, around: &Around) -> Reply {
        match wanted.intent.as_str() {
            "HassGetCurrentTime" => Say::Time(around.now.time()).into(),
            "HassGetCurrentDate" => {
                let (_, month, day) = around.now.date();
                Say::Date(around.now.weekday(), day, month).into()
            }
            "HassStartTimer" => self.start_timer(wanted, around),
            "HassCancelTimer" => self.with_timer(wanted, around, |memory, id, _| {
                memory.timers.retain(|timer| timer.id != id);
                Say::TimersCancelled(1)
            }),
            "HassCancelAllTimers" => {
                let count = std::mem::take(&mut self.memory.timers).len();
                let say = if count == 0 { Say::NoTimer } else { Say::TimersCancelled(count) };
                doing(say, Action::TimersChanged)
            }
            "HassPauseTimer" => self.change_timer(wanted, around, |left, _| (left, true)),
            "HassUnpauseTimer" => self.change_timer(wanted, around, |left, _| (left, false)),
            "HassIncreaseTimer" | "HassDecreaseTimer" => {
                let Some(by) = seconds(wanted) else { return Say::NotUnderstood.into() };
                let by = if wanted.intent == "HassIncreaseTimer" { by } else { -by };
                self.change_timer(wanted, around, move |left, paused| ((left + by).clamp(1, SPAN_MAX), paused))
            }
            "HassTimerStatus" => self.timers_left(wanted, around),
            "EavesSetAlarm" => self.set_alarm(wanted, around),
            "EavesCancelAlarm" => Say::AlarmsCancelled(std::mem::take(&mut self.memory.alarms).len()).into(),
            "EavesListAlarms" => {
                let mut alarms = self.memory.alarms.clone();
                alarms.sort_by_key(|alarm| alarm.next);
                Say::Alarms(alarms.iter().map(|alarm| alarm.time).collect()).into()
            }
            "EavesRemind" => self.remind(wanted, around),
            "EavesListReminders" if around.is_childs => Say::NotHere.into(),
            "EavesListReminders" => {
                Say::Reminders(self.memory.reminders.iter().map(|reminder| reminder.what.clone()).collect()).into()
            }
            "HassShoppingListAddItem" => self.keep(wanted, "item", around, |memory, id, source, what| {
                if memory.items.len() >= ITEMS_MAX {
                    return Say::TooMany;
                }
                memory.items.push(Item { id, source, what: what.clone() });
                Say::Added(what)
            }),
            "HassShoppingListCompleteItem" => {
                let Some(what) = words(wanted, "item") else { return Say::NotUnderstood.into() };
                let is_it = |item: &Item| item.what.as_str().to_lowercase() == what.as_str().to_lowercase();
                let before = self.memory.items.len();
                self.memory.items.retain(|item| !is_it(item));
                if self.memory.items.len() < before { Say::Removed(what).into() } else { Say::NotOnList(what).into() }
            }
            "EavesReadList" => Say::List(self.memory.items.iter().map(|item| item.what.clone()).collect()).into(),
            "EavesRemember" => self.keep(wanted, "what", around, |memory, id, source, what| {
                if memory.facts.len() >= FACTS_MAX {
                    return Say::TooMany;
                }
                memory.facts.push(Fact { id, source, what });
                Say::Remembered
            }),
            "EavesWhatRemembered" if around.is_childs => Say::NotHere.into(),
            "EavesWhatRemembered" => {
                Say::Facts(self.memory.facts.iter().map(|fact| fact.what.clone()).collect()).into()
            }
            "HassNevermind" => Say::Nothing.into(),
            "EavesStop" => doing(Say::Nothing, Action::Stop),
            "EavesRepeat" => {
                let last = self.last.as_ref().filter(|(_, room, _)| *room == around.room);
                last.map_or(Say::NotUnderstood, |(words, _, _)| Say::Again(words.clone())).into()
            }
            "HassSetVolume" => match number(wanted, "volume_level").and_then(|level| u8::try_from(level).ok()) {
                Some(level) if level <= 100 => doing(Say::Done, Action::Volume(level)),
                _ => Say::NotUnderstood.into(),
            },
            "HassSetVolumeRelative" => {
                let by = if wanted.slot("volume_step") == Some(&Value::from("down")) { -10 } else { 10 };
                doing(Say::Done, Action::VolumeBy(by))
            }
            "EavesHelp" => Say::Help.into(),
            "EavesWhatIsKept" => {
                let memory = &self.memory;
                let counts = [
                    memory.timers.len(),
                    memory.alarms.len(),
                    memory.reminders.len(),
                    memory.items.len(),
                    memory.facts.len(),
                ];
                Say::Kept(around.keeps && !around.is_childs, counts).into()
            }
            "EavesForgetLast" => self.ask(Say::ConfirmForgetLast, Action::ForgetLast, around),
            "EavesForgetToday" => self.ask(Say::ConfirmForgetToday, Action::ForgetToday, around),
            "EavesStopKeeping" => doing(Say::Done, Action::StopKeeping),
            "EavesMute" => doing(Say::Done, Action::Mute),
            "EavesWhoWasAtTheDoor" => doing(Say::Nothing, Action::WhoWasAtTheDoor),
            "EavesShowCamera" => match words(wanted, "camera") {
                Some(camera) => doing(Say::Done, Action::ShowCamera(camera)),
                None => Say::NotUnderstood.into(),
            },
            "EavesPrivacyOn" => doing(Say::Done, Action::PrivacyOn),
            "EavesArm" => doing(Say::Done, Action::Arm),
            "EavesPrivacyOff" => doing(Say::InTheApp, Action::AskInTheApp(Risk::PrivacyOff)),
            "EavesDisarm" => doing(Say::InTheApp, Action::AskInTheApp(Risk::Disarm)),
            "EavesUnlock" => doing(Say::InTheApp, Action::AskInTheApp(Risk::Unlock)),
            "EavesConfirm" => match asked {
                Some(action) => doing(Say::Done, action),
                None => Say::NothingAsked.into(),
            },
            "EavesDeny" if asked.is_some() => Say::LeftAlone.into(),
            "EavesDeny" => Say::NothingAsked.into(),
            _ => Say::NotPossible.into(),
        }
    }

    fn ask(&mut self, say: Say, action: Action, around: &Around) -> Reply {
        self.asked = Some((action, around.room.clone(), around.now.utc + OPEN_FOR));
        Reply { say, asks: true, actions: Vec::new() }
    }

    /// What would be kept, unless the room is a child's.
    fn keep(
        &mut self,
        wanted: &Recognition,
        slot: &str,
        around: &Around,
        keep: impl FnOnce(&mut Memory, u64, SourceId, Words) -> Say,
    ) -> Reply {
        if around.is_childs {
            return Say::NotHere.into();
        }
        let Some(what) = words(wanted, slot) else { return Say::NotUnderstood.into() };
        let id = self.memory.id();
        keep(&mut self.memory, id, around.source, what).into()
    }

    fn start_timer(&mut self, wanted: &Recognition, around: &Around) -> Reply {
        let Some(total) = seconds(wanted).filter(|total| (1..=SPAN_MAX).contains(total)) else {
            return Say::NotUnderstood.into();
        };
        if self.memory.timers.len() >= TIMERS_MAX {
            return Say::TooMany.into();
        }
        // A child's timer has no name: it would be something that they said.
        let name = words(wanted, "name").filter(|_| !around.is_childs);
        let id = self.memory.id();
        let (due, room) = (Due::At(around.now.utc + total), around.room.clone());
        self.memory.timers.push(Timer { id, source: around.source, name: name.clone(), total, due, room });
        doing(Say::TimerSet(name, total), Action::TimersChanged)
    }

    /// The timer that is meant: by its name, the one of this room, or the only one.
    fn find_timer(&self, wanted: &Recognition, around: &Around) -> Result<u64, Say> {
        let timers = &self.memory.timers;
        let only = |found: Vec<&Timer>| match found[..] {
            [timer] => Ok(timer.id),
            [] => Err(Say::NoTimer),
            _ => Err(Say::WhichTimer),
        };
        if let Some(name) = words(wanted, "name") {
            let is_it = |timer: &&Timer| {
                timer.name.as_ref().is_some_and(|own| own.as_str().to_lowercase() == name.as_str().to_lowercase())
            };
            return only(timers.iter().filter(is_it).collect());
        }
        let here: Vec<&Timer> = timers.iter().filter(|timer| timer.room == around.room).collect();
        if here.is_empty() { only(timers.iter().collect()) } else { only(here) }
    }

    fn with_timer(
        &mut self,
        wanted: &Recognition,
        around: &Around,
        act: impl FnOnce(&mut Memory, u64, i64) -> Say,
    ) -> Reply {
        match self.find_timer(wanted, around) {
            Ok(id) => doing(act(&mut self.memory, id, around.now.utc), Action::TimersChanged),
            Err(say) => say.into(),
        }
    }

    /// From seconds left and whether it is paused to the same anew.
    fn change_timer(
        &mut self,
        wanted: &Recognition,
        around: &Around,
        change: impl FnOnce(i64, bool) -> (i64, bool),
    ) -> Reply {
        self.with_timer(wanted, around, |memory, id, now| {
            let Some(timer) = memory.timers.iter_mut().find(|timer| timer.id == id) else { return Say::NoTimer };
            let (left, is_paused) = left(timer, now);
            let (left, is_paused) = change(left, is_paused);
            timer.due = if is_paused { Due::Paused(left) } else { Due::At(now + left) };
            if is_paused { Say::TimerPaused(left) } else { Say::TimerRuns(left) }
        })
    }

    fn timers_left(&self, wanted: &Recognition, around: &Around) -> Reply {
        let name = words(wanted, "name");
        let is_it = |timer: &&Timer| name.is_none() || (timer.name == name && !around.is_childs);
        let timers: Vec<_> = self.memory.timers.iter().filter(is_it).collect();
        if timers.is_empty() {
            return Say::NoTimer.into();
        }
        let each = timers.into_iter().map(|timer| {
            let (left, is_paused) = left(timer, around.now.utc);
            (timer.name.clone(), left, is_paused)
        });
        Say::TimersLeft(each.collect()).into()
    }

    fn set_alarm(&mut self, wanted: &Recognition, around: &Around) -> Reply {
        let Some(time) = clock(wanted, around.now) else { return Say::NotUnderstood.into() };
        if self.memory.alarms.len() >= ALARMS_MAX {
            return Say::TooMany.into();
        }
        let repeat = match wanted.slot("repeat").and_then(Value::as_str) {
            Some("daily") => Repeat::Daily,
            Some("weekdays") => Repeat::Weekdays,
            _ => Repeat::Once,
        };
        let next = around.now.next(time, |day| repeat != Repeat::Weekdays || day < 5);
        let id = self.memory.id();
        self.memory.alarms.push(Alarm { id, source: around.source, time, repeat, next, room: around.room.clone() });
        Say::AlarmSet(time, repeat).into()
    }

    fn remind(&mut self, wanted: &Recognition, around: &Around) -> Reply {
        let at = match seconds(wanted) {
            Some(seconds) => Some(around.now.utc + seconds.min(SPAN_MAX)),
            None => clock(wanted, around.now).map(|time| around.now.next(time, |_| true)),
        };
        let Some(at) = at else { return Say::NotUnderstood.into() };
        let room = around.room.clone();
        self.keep(wanted, "what", around, |memory, id, source, what| {
            if memory.reminders.len() >= REMINDERS_MAX {
                return Say::TooMany;
            }
            memory.reminders.push(Reminder { id, source, what: what.clone(), at, room });
            Say::ReminderSet(what)
        })
    }
}

fn left(timer: &Timer, now: i64) -> (i64, bool) {
    match timer.due {
        Due::At(at) => ((at - now).max(0), false),
        Due::Paused(left) => (left, true),
    }
}

fn number(wanted: &Recognition, slot: &str) -> Option<i64> {
    wanted.slot(slot).and_then(Value::as_i64)
}

/// The text of a slot, of a bounded length.
fn words(wanted: &Recognition, slot: &str) -> Option<Words> {
    let text = wanted.slot(slot)?.as_str()?.trim();
    let is_proper = !text.is_empty() && text.chars().count() <= WORDS_MAX;
    is_proper.then(|| Words::from(text))
}

/// The seconds of hours, minutes and seconds; none if none was said.
fn seconds(wanted: &Recognition) -> Option<i64> {
    let parts = [("hours", 3600), ("minutes", 60), ("seconds", 1)];
    let said = parts.map(|(slot, length)| number(wanted, slot).map(|count| count.clamp(0, 100_000) * length));
    said.iter().any(Option::is_some).then(|| said.into_iter().flatten().sum())
}

/// The time of day; without half of the day, the next one that shows so.
fn clock(wanted: &Recognition, now: Local) -> Option<TimeOfDay> {
    let hour =
        number(wanted, "hour").and_then(|hour| u8::try_from(hour).ok()).filter(|hour| (1..=12).contains(hour))?;
    let minute = number(wanted, "minute").map_or(Some(0), |minute| u8::try_from(minute).ok()).filter(|it| *it < 60)?;
    let early = TimeOfDay { hour: hour % 12, minute };
    let late = TimeOfDay { hour: hour % 12 + 12, minute };
    match wanted.slot("half").and_then(Value::as_str) {
        Some("am") => Some(early),
        Some("pm") => Some(late),
        _ => {
            let soon = |time: TimeOfDay| now.next(time, |_| true);
            Some(if soon(early) <= soon(late) { early } else { late })
        }
    }
}

#[cfg(test)]
mod tests;
