//! What is said, in each language that has sentences.

use super::calendar::TimeOfDay;
use super::memory::Repeat;
use crate::private::Words;

/// A language that can be answered in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// German.
    German,
}

/// An answer, without its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Say {
    /// Nothing.
    Nothing,
    /// It was not understood.
    NotUnderstood,
    /// It was understood, and cannot be done yet.
    NotPossible,
    /// Not in this room.
    NotHere,
    /// There are too many already.
    TooMany,
    /// Done.
    Done,
    /// The time.
    Time(TimeOfDay),
    /// Day of the week from Monday 0, day, month.
    Date(usize, u32, usize),
    /// A timer runs: its name, and seconds.
    TimerSet(Option<Words>, i64),
    /// There is none.
    NoTimer,
    /// There are several.
    WhichTimer,
    /// So many are gone.
    TimersCancelled(usize),
    /// Paused, with so many seconds left.
    TimerPaused(i64),
    /// It runs again or was changed, with so many seconds left.
    TimerRuns(i64),
    /// Each timer's name, seconds left, and whether it is paused.
    TimersLeft(Vec<(Option<Words>, i64, bool)>),
    /// An alarm is set.
    AlarmSet(TimeOfDay, Repeat),
    /// When the alarms are.
    Alarms(Vec<TimeOfDay>),
    /// So many are gone.
    AlarmsCancelled(usize),
    /// It will be.
    ReminderSet(Words),
    /// Of what.
    Reminders(Vec<Words>),
    /// It is on the list.
    Added(Words),
    /// It is off the list.
    Removed(Words),
    /// It was not on the list.
    NotOnList(Words),
    /// What is on the list.
    List(Vec<Words>),
    /// It is remembered.
    Remembered,
    /// What is remembered.
    Facts(Vec<Words>),
    /// What can be said.
    Help,
    /// What is kept: whether utterances are, and how many timers, alarms, reminders, items and facts there are.
    Kept(bool, [usize; 5]),
    /// Really?
    ConfirmForgetLast,
    /// Really?
    ConfirmForgetToday,
    /// There was no question.
    NothingAsked,
    /// It was not done.
    LeftAlone,
    /// That is for the app.
    InTheApp,
    /// As before.
    Again(Words),
    /// A timer rings.
    TimerRings(Option<Words>),
    /// An alarm rings.
    AlarmRings(TimeOfDay),
    /// A reminder.
    ReminderRings(Words),
}

impl Say {
    /// The words.
    pub fn words(&self, language: Language) -> Words {
        match language {
            // A time of day ends with a dot of its own.
            Language::English => english(self).replace(".m..", ".m."),
            Language::German => german(self),
        }
        .into()
    }
}

fn clock(time: TimeOfDay) -> String {
    let half = if time.hour < 12 { "a.m." } else { "p.m." };
    let hour = if time.hour.is_multiple_of(12) { 12 } else { time.hour % 12 };
    match time.minute {
        0 => format!("{hour} {half}"),
        minute => format!("{hour}:{minute:02} {half}"),
    }
}

fn uhr(time: TimeOfDay) -> String {
    match time.minute {
        0 => format!("{} Uhr", time.hour),
        minute => format!("{} Uhr {minute}", time.hour),
    }
}

fn span(seconds: i64, units: [(&str, &str); 3], and: &str) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let parts: Vec<String> = [hours, minutes, rest]
        .into_iter()
        .zip(units)
        .filter(|(count, _)| *count > 0)
        .map(|(count, (one, many))| format!("{count} {}", if count == 1 { one } else { many }))
        .collect();
    if parts.is_empty() { format!("0 {}", units[2].1) } else { listed(&parts, and) }
}

fn english_span(seconds: i64) -> String {
    span(seconds, [("hour", "hours"), ("minute", "minutes"), ("second", "seconds")], "and")
}

fn german_span(seconds: i64) -> String {
    span(seconds, [("Stunde", "Stunden"), ("Minute", "Minuten"), ("Sekunde", "Sekunden")], "und")
}

fn listed(parts: &[String], and: &str) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} {and} {last}", first.join(", ")),
    }
}

fn all(words: &[Words], and: &str) -> String {
    listed(&words.iter().map(|words| words.as_str().to_owned()).collect::<Vec<_>>(), and)
}

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const TAGE: [&str; 7] = ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"];
const MONATE: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];

fn english(say: &Say) -> String {
    let timer = |name: &Option<Words>| match name {
        Some(name) => format!("{} timer", name.as_str()),
        None => "timer".to_owned(),
    };
    match say {
        Say::Nothing => String::new(),
        Say::NotUnderstood => "I did not get that.".into(),
        Say::NotPossible => "I cannot do that yet.".into(),
        Say::NotHere => "I do not keep anything in this room.".into(),
        Say::TooMany => "There are too many already.".into(),
        Say::Done => "Okay.".into(),
        Say::Time(time) => format!("It is {}.", clock(*time)),
        Say::Date(weekday, day, month) => {
            format!("It is {}, {} {day}.", DAYS[weekday % 7], MONTHS[(month + 11) % 12])
        }
        Say::TimerSet(name, seconds) => format!("{}, {}.", english_span(*seconds), timer(name)),
        Say::NoTimer => "No timer is running.".into(),
        Say::WhichTimer => "Which timer? Say its name.".into(),
        Say::TimersCancelled(1) => "Timer cancelled.".into(),
        Say::TimersCancelled(count) => format!("{count} timers cancelled."),
        Say::TimerPaused(left) => format!("Paused with {} left.", english_span(*left)),
        Say::TimerRuns(left) => format!("{} left.", english_span(*left)),
        Say::TimersLeft(timers) => {
            let each = timers.iter().map(|(name, left, is_paused)| {
                let paused = if *is_paused { ", paused" } else { "" };
                match name {
                    Some(_) => format!("{}: {} left{paused}.", timer(name), english_span(*left)),
                    None => format!("{} left{paused}.", english_span(*left)),
                }
            });
            each.collect::<Vec<_>>().join(" ")
        }
        Say::AlarmSet(time, Repeat::Once) => format!("Alarm at {}.", clock(*time)),
        Say::AlarmSet(time, Repeat::Daily) => format!("Alarm every day at {}.", clock(*time)),
        Say::AlarmSet(time, Repeat::Weekdays) => format!("Alarm on weekdays at {}.", clock(*time)),
        Say::Alarms(alarms) if alarms.is_empty() => "No alarm is set.".into(),
        Say::Alarms(alarms) => {
            format!("Alarm at {}.", listed(&alarms.iter().map(|time| clock(*time)).collect::<Vec<_>>(), "and"))
        }
        Say::AlarmsCancelled(0) => "No alarm is set.".into(),
        Say::AlarmsCancelled(1) => "Alarm cancelled.".into(),
        Say::AlarmsCancelled(count) => format!("{count} alarms cancelled."),
        Say::ReminderSet(what) => format!("I will remind you to {}.", what.as_str()),
        Say::Reminders(what) if what.is_empty() => "There are no reminders.".into(),
        Say::Reminders(what) => format!("Reminders: {}.", all(what, "and")),
        Say::Added(what) => format!("{} is on the list.", what.as_str()),
        Say::Removed(what) => format!("{} is off the list.", what.as_str()),
        Say::NotOnList(what) => format!("{} is not on the list.", what.as_str()),
        Say::List(what) if what.is_empty() => "The list is empty.".into(),
        Say::List(what) => format!("On the list: {}.", all(what, "and")),
        Say::Remembered => "I will remember that. You can erase it in the app.".into(),
        Say::Facts(what) if what.is_empty() => "Nothing.".into(),
        Say::Facts(what) => format!("{}.", all(what, "and")),
        Say::Help => "Ask for the time, set timers and alarms, add things to the shopping list, ask what is kept \
                      about you, or say: delete everything I said today."
            .into(),
        Say::Kept(keeps, counts) => {
            let speech = if *keeps {
                "I keep what you say, because you asked me to."
            } else {
                "I keep nothing of what you say."
            };
            let [timers, alarms, reminders, items, facts] = counts;
            format!(
                "{speech} There are {timers} timers, {alarms} alarms, {reminders} reminders, {items} things on the \
                 shopping list and {facts} things to remember. The app shows all of it."
            )
        }
        Say::ConfirmForgetLast => "Delete the last thing that you said? Say yes or no.".into(),
        Say::ConfirmForgetToday => "Delete everything that you said today? Say yes or no.".into(),
        Say::NothingAsked => "There is nothing to confirm.".into(),
        Say::LeftAlone => "Okay, I left it as it is.".into(),
        Say::InTheApp => "I do not do that by voice. Please do it in the app.".into(),
        Say::Again(words) => words.as_str().to_owned(),
        Say::TimerRings(name) => format!("Your {} is done.", timer(name)),
        Say::AlarmRings(time) => format!("It is {}.", clock(*time)),
        Say::ReminderRings(what) => format!("Reminder: {}.", what.as_str()),
    }
}

fn german(say: &Say) -> String {
    let timer = |name: &Option<Words>| match name {
        Some(name) => format!("{}-Timer", name.as_str()),
        None => "Timer".to_owned(),
    };
    match say {
        Say::Nothing => String::new(),
        Say::NotUnderstood => "Das habe ich nicht verstanden.".into(),
        Say::NotPossible => "Das kann ich noch nicht.".into(),
        Say::NotHere => "In diesem Zimmer behalte ich nichts.".into(),
        Say::TooMany => "Es sind schon zu viele.".into(),
        Say::Done => "Gut.".into(),
        Say::Time(time) => format!("Es ist {}.", uhr(*time)),
        Say::Date(weekday, day, month) => {
            format!("Heute ist {}, der {day}. {}.", TAGE[weekday % 7], MONATE[(month + 11) % 12])
        }
        Say::TimerSet(name, seconds) => format!("{}, {}.", timer(name), german_span(*seconds)),
        Say::NoTimer => "Es läuft kein Timer.".into(),
        Say::WhichTimer => "Welcher Timer? Sag seinen Namen.".into(),
        Say::TimersCancelled(1) => "Timer gelöscht.".into(),
        Say::TimersCancelled(count) => format!("{count} Timer gelöscht."),
        Say::TimerPaused(left) => format!("Angehalten, noch {}.", german_span(*left)),
        Say::TimerRuns(left) => format!("Noch {}.", german_span(*left)),
        Say::TimersLeft(timers) => {
            let each = timers.iter().map(|(name, left, is_paused)| {
                let paused = if *is_paused { ", angehalten" } else { "" };
                format!("{}: noch {}{paused}.", timer(name), german_span(*left))
            });
            each.collect::<Vec<_>>().join(" ")
        }
        Say::AlarmSet(time, Repeat::Once) => format!("Wecker um {}.", uhr(*time)),
        Say::AlarmSet(time, Repeat::Daily) => format!("Wecker jeden Tag um {}.", uhr(*time)),
        Say::AlarmSet(time, Repeat::Weekdays) => format!("Wecker werktags um {}.", uhr(*time)),
        Say::Alarms(alarms) if alarms.is_empty() => "Es ist kein Wecker gestellt.".into(),
        Say::Alarms(alarms) => {
            format!("Wecker um {}.", listed(&alarms.iter().map(|time| uhr(*time)).collect::<Vec<_>>(), "und"))
        }
        Say::AlarmsCancelled(0) => "Es ist kein Wecker gestellt.".into(),
        Say::AlarmsCancelled(1) => "Wecker gelöscht.".into(),
        Say::AlarmsCancelled(count) => format!("{count} Wecker gelöscht."),
        Say::ReminderSet(what) => format!("Ich erinnere dich: {}.", what.as_str()),
        Say::Reminders(what) if what.is_empty() => "Es gibt keine Erinnerungen.".into(),
        Say::Reminders(what) => format!("Erinnerungen: {}.", all(what, "und")),
        Say::Added(what) => format!("{} steht auf der Liste.", what.as_str()),
        Say::Removed(what) => format!("{} ist von der Liste.", what.as_str()),
        Say::NotOnList(what) => format!("{} steht nicht auf der Liste.", what.as_str()),
        Say::List(what) if what.is_empty() => "Die Liste ist leer.".into(),
        Say::List(what) => format!("Auf der Liste: {}.", all(what, "und")),
        Say::Remembered => "Das merke ich mir. In der App kannst du es löschen.".into(),
        Say::Facts(what) if what.is_empty() => "Nichts.".into(),
        Say::Facts(what) => format!("{}.", all(what, "und")),
        Say::Help => {
            "Frag nach der Uhrzeit, stell Timer, setz etwas auf die Einkaufsliste, frag, was ich über dich weiß, \
                      oder sag: lösche alles, was ich heute gesagt habe."
                .into()
        }
        Say::Kept(keeps, counts) => {
            let speech = if *keeps {
                "Was du sagst, hebe ich auf, weil du es so wolltest."
            } else {
                "Von dem, was du sagst, hebe ich nichts auf."
            };
            let [timers, alarms, reminders, items, facts] = counts;
            format!(
                "{speech} Es gibt {timers} Timer, {alarms} Wecker, {reminders} Erinnerungen, {items} Sachen auf der \
                 Einkaufsliste und {facts} gemerkte Sachen. Die App zeigt alles."
            )
        }
        Say::ConfirmForgetLast => "Soll ich das Letzte löschen, was du gesagt hast? Sag ja oder nein.".into(),
        Say::ConfirmForgetToday => "Soll ich alles löschen, was du heute gesagt hast? Sag ja oder nein.".into(),
        Say::NothingAsked => "Es gibt nichts zu bestätigen.".into(),
        Say::LeftAlone => "Gut, ich lasse es, wie es ist.".into(),
        Say::InTheApp => "Das mache ich nicht auf Zuruf. Bitte tu es in der App.".into(),
        Say::Again(words) => words.as_str().to_owned(),
        Say::TimerRings(name) => format!("Dein {} ist fertig.", timer(name)),
        Say::AlarmRings(time) => format!("Es ist {}.", uhr(*time)),
        Say::ReminderRings(what) => format!("Erinnerung: {}.", what.as_str()),
    }
}
