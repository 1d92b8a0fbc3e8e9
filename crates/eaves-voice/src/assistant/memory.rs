//! What outlives an answer: timers, alarms, reminders, lists and facts.

use super::calendar::{Local, TimeOfDay};
use crate::private::Words;
use serde::{Deserialize, Serialize};

/// The utterance that something came from, as the hub names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SourceId(pub u64);

/// When something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Due {
    /// At this second since 1970, UTC.
    At(i64),
    /// Paused, with so many seconds left.
    Paused(i64),
}

/// How often an alarm rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Repeat {
    /// Once.
    Once,
    /// Every day.
    Daily,
    /// Monday to Friday.
    Weekdays,
}

macro_rules! things {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            /// By which it is told from others of its kind.
            pub id: u64,
            /// The utterance that it came from.
            pub source: SourceId,
            $($(#[$field_doc])* pub $field: $kind,)*
        }
    )*};
}

things! {
    /// A timer.
    Timer {
        /// What it is for.
        name: Option<Words>,
        /// How long it runs in all, in seconds.
        total: i64,
        /// When it rings.
        due: Due,
        /// In which room it was set.
        room: String,
    }
    /// An alarm.
    Alarm {
        /// When it rings, on the household's clock.
        time: TimeOfDay,
        /// How often.
        repeat: Repeat,
        /// When it rings next, in seconds since 1970, UTC.
        next: i64,
        /// In which room.
        room: String,
    }
    /// A reminder.
    Reminder {
        /// Of what.
        what: Words,
        /// When, in seconds since 1970, UTC.
        at: i64,
        /// In which room it was set.
        room: String,
    }
    /// Something on the shopping list.
    Item {
        /// What.
        what: Words,
    }
    /// Something to remember.
    Fact {
        /// What.
        what: Words,
    }
}

/// What is due now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ring {
    /// A timer.
    Timer(Timer),
    /// An alarm.
    Alarm(Alarm),
    /// A reminder.
    Reminder(Reminder),
}

/// Something in the memory that came from an utterance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Derivative {
    /// A timer, by its id.
    Timer(u64),
    /// An alarm.
    Alarm(u64),
    /// A reminder.
    Reminder(u64),
    /// Something on the shopping list.
    Item(u64),
    /// Something to remember.
    Fact(u64),
}

/// All of it. It is written as JSON, to be sealed or kept by whoever holds it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    pub(super) next_id: u64,
    /// Running and paused timers.
    pub timers: Vec<Timer>,
    /// Alarms.
    pub alarms: Vec<Alarm>,
    /// Reminders.
    pub reminders: Vec<Reminder>,
    /// The shopping list.
    pub items: Vec<Item>,
    /// Facts.
    pub facts: Vec<Fact>,
}

impl Memory {
    pub(super) fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// Takes out what is due, each once: whoever keeps the memory writes it down before anything rings.
    pub fn take_due(&mut self, now: Local) -> Vec<Ring> {
        let is_due = |timer: &Timer| matches!(timer.due, Due::At(at) if at <= now.utc);
        let (due, left) = std::mem::take(&mut self.timers).into_iter().partition(is_due);
        self.timers = left;
        let mut rings: Vec<Ring> = Vec::<Timer>::into_iter(due).map(Ring::Timer).collect();
        let mut alarms = Vec::new();
        for mut alarm in std::mem::take(&mut self.alarms) {
            if alarm.next > now.utc {
                alarms.push(alarm);
                continue;
            }
            rings.push(Ring::Alarm(alarm.clone()));
            if alarm.repeat != Repeat::Once {
                alarm.next = now.next(alarm.time, |day| alarm.repeat == Repeat::Daily || day < 5);
                alarms.push(alarm);
            }
        }
        self.alarms = alarms;
        let (due, left) = std::mem::take(&mut self.reminders).into_iter().partition(|reminder| reminder.at <= now.utc);
        self.reminders = left;
        rings.extend(Vec::<Reminder>::into_iter(due).map(Ring::Reminder));
        rings
    }

    /// When something is due next, in seconds since 1970, UTC.
    pub fn next_due(&self) -> Option<i64> {
        let timers = self.timers.iter().filter_map(|timer| if let Due::At(at) = timer.due { Some(at) } else { None });
        let alarms = self.alarms.iter().map(|alarm| alarm.next);
        timers.chain(alarms).chain(self.reminders.iter().map(|reminder| reminder.at)).min()
    }

    /// What came from an utterance.
    pub fn derived_from(&self, source: SourceId) -> Vec<Derivative> {
        let timers = self.timers.iter().filter(|it| it.source == source).map(|it| Derivative::Timer(it.id));
        let alarms = self.alarms.iter().filter(|it| it.source == source).map(|it| Derivative::Alarm(it.id));
        let reminders = self.reminders.iter().filter(|it| it.source == source).map(|it| Derivative::Reminder(it.id));
        let items = self.items.iter().filter(|it| it.source == source).map(|it| Derivative::Item(it.id));
        let facts = self.facts.iter().filter(|it| it.source == source).map(|it| Derivative::Fact(it.id));
        timers.chain(alarms).chain(reminders).chain(items).chain(facts).collect()
    }

    /// Erases what came from an utterance.
    pub fn erase_from(&mut self, source: SourceId) {
        self.timers.retain(|it| it.source != source);
        self.alarms.retain(|it| it.source != source);
        self.reminders.retain(|it| it.source != source);
        self.items.retain(|it| it.source != source);
        self.facts.retain(|it| it.source != source);
    }
}
