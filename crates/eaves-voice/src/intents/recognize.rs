//! Of all sentences that somebody may have said, the one that fits best.

use super::data::Intents;
use super::matching::{Filled, Way, ways};
use super::normal::Said;
use super::program::{Program, Values};
use super::template::Template;
use crate::private::Words;
use serde_json::{Map, Value};

/// The longest text that is looked at, in signs.
pub(super) const TEXT_MAX: usize = 400;

/// What is known before anything is said, such as the satellite's room (`area`).
pub type Surroundings = Map<String, Value>;

/// Sentences of one intent with what they have in common.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub(super) intent: String,
    pub(super) programs: Vec<Program>,
    pub(super) templates: Vec<Template>,
    pub(super) slots: Map<String, Value>,
    pub(super) requires: Map<String, Value>,
    pub(super) excludes: Map<String, Value>,
    pub(super) response: Option<String>,
    pub(super) keywords: Vec<String>,
}

/// A slot and what is in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    /// Its name.
    pub name: String,
    /// What was meant.
    pub value: Value,
    /// What was said, if anything was.
    pub said: Words,
    /// Whether anything could have been said.
    pub is_free: bool,
}

/// What somebody wants.
#[derive(Clone, Debug, PartialEq)]
pub struct Recognition {
    /// Which intent.
    pub intent: String,
    /// Its slots, in the order in which they were said, then those that are fixed.
    pub slots: Vec<Slot>,
    /// Which of the intent's answers.
    pub response: String,
}

impl Recognition {
    /// The value of a slot.
    pub fn slot(&self, name: &str) -> Option<&Value> {
        self.slots.iter().find(|slot| slot.name == name).map(|slot| &slot.value)
    }
}

impl Intents {
    /// The sentence that fits best: without free text rather than with, then the one that names more of what was said,
    /// then with less free text. A slot `name` that a list knows comes before everything, the longest one first.
    /// Nothing fits text longer than 400 signs.
    pub fn recognize(&self, text: &str, around: &Surroundings) -> Option<Recognition> {
        if text.chars().count() > TEXT_MAX {
            return None;
        }
        let heard = Heard::new(text, &self.skip_words);
        let mut best: Option<(Score, Recognition)> = None;
        for block in &self.blocks {
            if !block.may_match(&heard) || !fits(&block.requires, around, true) || excluded(&block.excludes, around) {
                continue;
            }
            for program in &block.programs {
                for said in heard.for_program(program) {
                    for way in ways(program, said) {
                        let Some(found) = block.result(&way, said, around) else { continue };
                        let score = Score::new(&found, way.literal, &block.intent);
                        if best.as_ref().is_none_or(|(best, _)| score < *best) {
                            best = Some((score, found));
                        }
                    }
                }
            }
        }
        best.map(|(_, found)| found)
    }
}

/// What was said, with and without the words that mean nothing.
struct Heard {
    whole: Said,
    bare: Option<Said>,
    at_end: Said,
    at_start: Said,
}

impl Heard {
    fn new(text: &str, skip: &[Vec<char>]) -> Self {
        let whole = Said::new(text);
        let bare = whole.without(skip, true, true);
        let at_end = whole.without(skip, false, true);
        let at_start = whole.without(skip, true, false);
        let bare = (bare != whole).then_some(bare);
        Self { whole, bare, at_end, at_start }
    }

    /// What a template is tried against. Words that mean nothing may be part of what can be anything.
    fn for_program(&self, program: &Program) -> Vec<&Said> {
        match (program.wild_start, program.wild_end) {
            (true, true) => vec![&self.whole],
            (true, false) => vec![&self.at_end],
            (false, true) => vec![&self.at_start],
            (false, false) => std::iter::once(&self.whole).chain(&self.bare).collect(),
        }
    }
}

/// Lower is better.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
struct Score {
    /// Minus the length of a known name.
    name: i64,
    free: usize,
    /// Minus what the template names.
    literal: i64,
    free_signs: usize,
    intent: String,
}

impl Score {
    fn new(found: &Recognition, literal: usize, intent: &str) -> Self {
        let length = |slot: &Slot| slot.said.as_str().chars().count();
        let name = found.slots.iter().find(|slot| slot.name == "name" && !slot.is_free);
        let free = found.slots.iter().filter(|slot| slot.is_free);
        Self {
            name: -name.map_or(0, |slot| i64::try_from(length(slot) + 1).unwrap_or(0)),
            free: free.clone().count(),
            literal: -i64::try_from(literal).unwrap_or(0),
            free_signs: free.map(length).sum(),
            intent: intent.to_owned(),
        }
    }
}

/// Whether what is known is what is required. `open`: what is not known yet may still come.
fn fits(required: &Map<String, Value>, known: &Map<String, Value>, open: bool) -> bool {
    required.iter().all(|(key, required)| match known.get(key) {
        None => open,
        Some(known) => {
            let required = required.as_object().map_or(Some(required), |required| required.get("value"));
            let known = known.as_object().map_or(Some(known), |known| known.get("value"));
            match required {
                None | Some(Value::Null) => true,
                Some(Value::Array(any)) => known.is_some_and(|known| any.contains(known)),
                required => required == known,
            }
        }
    })
}

fn excluded(excluded: &Map<String, Value>, known: &Map<String, Value>) -> bool {
    excluded.iter().any(|(key, excluded)| {
        let known = known.get(key).map(|known| known.as_object().map_or(Some(known), |known| known.get("value")));
        let excluded = excluded.as_object().map_or(Some(excluded), |excluded| excluded.get("value"));
        match (known.flatten(), excluded) {
            (Some(known), Some(Value::Array(any))) => any.contains(known),
            (Some(known), Some(excluded)) => known == excluded,
            _ => false,
        }
    })
}

fn number(number: f64) -> Value {
    let is_whole = number.fract() == 0.0 && number.abs() < 1e15;
    if is_whole { Value::from(number as i64) } else { Value::from(number) }
}

impl Block {
    fn may_match(&self, heard: &Heard) -> bool {
        let is_said = |keyword: &String| {
            let text: String = heard.whole.signs.iter().collect();
            text.split(' ').any(|word| word == keyword)
        };
        self.keywords.is_empty() || self.keywords.iter().any(is_said)
    }

    fn result(&self, way: &Way<'_>, said: &Said, around: &Surroundings) -> Option<Recognition> {
        let mut context = around.clone();
        let mut slots = Vec::new();
        let words = |from: usize, to: usize| -> String {
            said.written.iter().skip(from).take(to - from).collect::<String>().trim().to_owned()
        };
        for filled in &way.slots {
            let (list, value, from, to, is_free) = match filled {
                Filled::Value { list, value, from, to } => {
                    let Values::Texts(values) = &*list.values else { return None };
                    let value = values.get(*value)?;
                    context.extend(value.context.clone());
                    let means = value.means.clone().unwrap_or_else(|| Value::from(words(*from, *to)));
                    (list, means, *from, *to, false)
                }
                Filled::Number { list, number: said, from, to } => {
                    let Values::Range(range, _) = &*list.values else { return None };
                    (list, number(said * range.multiplier.unwrap_or(1.0)), *from, *to, false)
                }
                Filled::Anything { list, from, to } => {
                    let text = words(*from, *to);
                    if text.is_empty() {
                        return None;
                    }
                    (list, Value::from(text), *from, *to, true)
                }
            };
            let name = list.slot.clone()?;
            slots.push(Slot { name, value, said: words(from, to).into(), is_free });
        }
        if !fits(&self.requires, &context, false) || excluded(&self.excludes, &context) {
            return None;
        }
        let is_there = |slots: &[Slot], name: &str| slots.iter().any(|slot| slot.name == name);
        let add = |slots: &mut Vec<Slot>, name: &str, value: &Value| {
            if !is_there(slots, name) {
                let (name, value) = (name.to_owned(), value.clone());
                slots.push(Slot { name, value, said: Words::default(), is_free: false });
            }
        };
        for (name, value) in &self.slots {
            add(&mut slots, name, value);
        }
        for (key, required) in &self.requires {
            let name = match required.get("slot") {
                Some(Value::Bool(true)) => key,
                Some(Value::String(name)) => name,
                _ => continue,
            };
            if let Some(value) = context.get(key) {
                add(&mut slots, name, value.get("value").unwrap_or(value));
            }
        }
        let response = self.response.clone().unwrap_or_else(|| "default".into());
        Some(Recognition { intent: self.intent.clone(), slots, response })
    }
}

#[cfg(test)]
mod tests;
