//! Text against a compiled template: each state at each place of the text once, then the ways that lead through.

use super::data::RangeData;
use super::normal::Said;
use super::program::{List, Program, State, StateId, Values};
use std::collections::HashMap;

/// The most pairs of state and place that are looked at for one template.
const VISITS_MAX: usize = 100_000;
/// The most ways through one template that are compared.
const WAYS_MAX: usize = 256;

/// What went into a slot.
#[derive(Clone, Debug)]
pub(super) enum Filled<'p> {
    /// A value of a list, and what was said.
    Value { list: &'p List, value: usize, from: usize, to: usize },
    /// A number.
    Number { list: &'p List, number: f64, from: usize, to: usize },
    /// Anything.
    Anything { list: &'p List, from: usize, to: usize },
}

/// One way through a template.
#[derive(Clone, Debug, Default)]
pub(super) struct Way<'p> {
    pub(super) slots: Vec<Filled<'p>>,
    /// Signs that the template names, without spaces at their ends.
    pub(super) literal: usize,
}

/// Where matching is: a state, a place, and whether a word begins there.
type Config = (StateId, usize, bool);

struct Edge<'p> {
    to: usize,
    literal: usize,
    slot: Option<Filled<'p>>,
}

struct Visits<'p> {
    ids: HashMap<Config, usize>,
    configs: Vec<Config>,
    edges: Vec<Vec<Edge<'p>>>,
}

impl Visits<'_> {
    fn id(&mut self, config: Config) -> usize {
        *self.ids.entry(config).or_insert_with(|| {
            self.configs.push(config);
            self.configs.len() - 1
        })
    }
}

/// Each way in which the whole text is a sentence of the template, up to a bound.
pub(super) fn ways<'p>(program: &'p Program, said: &Said) -> Vec<Way<'p>> {
    let mut signs = said.signs.clone();
    signs.push(' ');
    let Some(visits) = visit(program, &signs, (program.start, 0, true)) else { return Vec::new() };
    // Which lead to the end; edges lead to later ones only within a state's order, so go on until nothing changes.
    let is_end = |(state, at, _): Config| {
        matches!(program.states[state], State::Done) && signs[at..].iter().all(|sign| *sign == ' ')
    };
    let leads = leading(&visits, is_end);
    let mut found = Vec::new();
    let mut open = vec![(0_usize, Way::default())];
    while let Some((at, way)) = open.pop() {
        if !leads[at] {
            continue;
        }
        if is_end(visits.configs[at]) {
            found.push(way);
            if found.len() >= WAYS_MAX {
                break;
            }
            continue;
        }
        for edge in visits.edges[at].iter().rev() {
            let mut way = way.clone();
            way.literal += edge.literal;
            way.slots.extend(edge.slot.clone());
            open.push((edge.to, way));
        }
    }
    zeroize::Zeroize::zeroize(&mut signs);
    found
}

fn leading(visits: &Visits<'_>, is_end: impl Fn(Config) -> bool) -> Vec<bool> {
    let mut before = vec![Vec::new(); visits.configs.len()];
    for (from, edges) in visits.edges.iter().enumerate() {
        for edge in edges {
            before[edge.to].push(from);
        }
    }
    let mut leads = vec![false; visits.configs.len()];
    let mut open: Vec<usize> = (0..visits.configs.len()).filter(|at| is_end(visits.configs[*at])).collect();
    while let Some(at) = open.pop() {
        if !std::mem::replace(&mut leads[at], true) {
            open.extend(&before[at]);
        }
    }
    leads
}

/// Everything that can be reached; `None` when that is too much.
fn visit<'p>(program: &'p Program, signs: &[char], start: Config) -> Option<Visits<'p>> {
    let mut visits = Visits { ids: HashMap::new(), configs: Vec::new(), edges: Vec::new() };
    visits.id(start);
    let mut next = 0;
    while next < visits.configs.len() {
        if next > VISITS_MAX {
            return None;
        }
        let (state, at, begins) = visits.configs[next];
        let edges = match &program.states[state] {
            State::Done => Vec::new(),
            State::Fork(ways) => {
                let plain = |to| Edge { to, literal: 0, slot: None };
                ways.iter().map(|way| plain(visits.id((*way, at, begins)))).collect()
            }
            State::Text(text, to) => match text_at(text, signs, at, begins) {
                Some((end, begins, literal)) => {
                    vec![Edge { to: visits.id((*to, end, begins)), literal, slot: None }]
                }
                None => Vec::new(),
            },
            State::List(list, to) => list_at(list, signs, at, begins)
                .into_iter()
                .map(|(end, begins, literal, slot)| {
                    let slot = list.slot.is_some().then_some(slot);
                    Edge { to: visits.id((*to, end, begins)), literal, slot }
                })
                .collect(),
        };
        visits.edges.push(edges);
        next += 1;
    }
    Some(visits)
}

fn spaces(signs: &[char], at: usize) -> usize {
    signs[at..].iter().take_while(|sign| **sign == ' ').count()
}

/// Where text ends that stands here, whether a word begins there, and how many signs it names.
fn text_at(text: &[char], signs: &[char], at: usize, begins: bool) -> Option<(usize, bool, usize)> {
    let ends_word = text.last().is_some_and(|sign| *sign == ' ' || *sign == '\'');
    let (mut text, mut place) = (text, at);
    if begins {
        text = &text[spaces(text, 0)..];
        place += spaces(signs, at);
    }
    let is_space = text.iter().all(|sign| *sign == ' ');
    let behind = text.iter().rev().take_while(|sign| **sign == ' ').count();
    let named = if is_space { 0 } else { text.len() - spaces(text, 0) - behind };
    let rest = &signs[place..];
    if rest.starts_with(text) {
        return Some((place + text.len(), ends_word, named));
    }
    if is_space && rest.iter().all(|sign| *sign == ' ') {
        return Some((at, begins, 0));
    }
    let broken = rest.len() >= text.len()
        && text.iter().zip(rest).all(|(text, sign)| text == sign || (*text == ' ' && "-_".contains(*sign)));
    broken.then_some((place + text.len(), ends_word, named))
}

type ListMatch<'p> = (usize, bool, usize, Filled<'p>);

fn list_at<'p>(list: &'p List, signs: &[char], at: usize, begins: bool) -> Vec<ListMatch<'p>> {
    if at + spaces(signs, at) >= signs.len() {
        return Vec::new();
    }
    match &*list.values {
        Values::Texts(values) => {
            let mut found = Vec::new();
            for (n, value) in values.iter().enumerate() {
                let Some(visits) = visit(&value.program, signs, (value.program.start, at, begins)) else { continue };
                let from = at + if begins { spaces(signs, at) } else { 0 };
                for (state, end, begins) in &visits.configs {
                    let is_done = matches!(value.program.states[*state], State::Done);
                    if is_done && signs[from.min(*end)..*end].iter().any(|sign| *sign != ' ') {
                        let literal = end - from;
                        found.push((*end, *begins, literal, Filled::Value { list, value: n, from, to: *end }));
                    }
                }
            }
            found
        }
        Values::Range(range, words) => {
            let mut found: Vec<_> = digits_at(range, signs, at)
                .map(|(from, to, number)| (to, begins, 0, Filled::Number { list, number, from, to }))
                .into_iter()
                .collect();
            if found.is_empty() {
                for (word, number) in words {
                    if let Some((end, _, literal)) = text_at(word, signs, at, begins) {
                        let from = at + if begins { spaces(signs, at) } else { 0 };
                        let number = *number as f64;
                        found.push((end, false, literal, Filled::Number { list, number, from, to: end }));
                    }
                }
            }
            found
        }
        Values::Wildcard => {
            let from = at + spaces(signs, at);
            let is_word = |at: usize| signs.get(at).is_some_and(|sign| sign.is_alphanumeric() || *sign == '_');
            (from + 1..=signs.len())
                .filter(|to| !list.ends_word || is_word(to - 1) != is_word(*to) || *to == signs.len())
                .map(|to| (to, true, 0, Filled::Anything { list, from, to }))
                .collect()
        }
    }
}

/// A number in digits, and where it stands.
fn digits_at(range: &RangeData, signs: &[char], at: usize) -> Option<(usize, usize, f64)> {
    if !range.digits {
        return None;
    }
    let from = at + spaces(signs, at);
    let is_digit = |at: usize| signs.get(at).is_some_and(char::is_ascii_digit);
    let count = |at: usize| (at..).take_while(|at| is_digit(*at)).count();
    let digits = from + usize::from(signs.get(from) == Some(&'-'));
    let whole = count(digits);
    if whole == 0 || whole > 12 {
        return None;
    }
    let mut to = digits + whole;
    if range.parts > 1 && signs.get(to).is_some_and(|sign| ".,".contains(*sign)) && is_digit(to + 1) {
        to += 1 + count(to + 1).min(12);
    }
    let text: String = signs[from..to].iter().map(|sign| if *sign == ',' { '.' } else { *sign }).collect();
    let number: f64 = text.parse().ok()?;
    let in_parts = number * f64::from(range.parts);
    let is_in = number >= range.from as f64 && number <= range.to as f64 && in_parts.fract() == 0.0;
    is_in.then_some((from, to, number))
}
