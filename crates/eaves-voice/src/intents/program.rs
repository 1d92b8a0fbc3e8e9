//! A template with its rules, as a graph without loops.

use super::data::{ListData, RangeData};
use super::numbers::number_words;
use super::template::{ListName, Node, Template, TemplateError};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;

/// The most states of one template, with everything that it refers to.
const STATES_MAX: usize = 50_000;
/// The most numbers of a range that are also understood in words.
const WORDS_MAX: i64 = 10_000;

/// A template cannot be compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ProgramError(pub(super) TemplateError);

/// Where lists and rules are looked up, own ones first.
pub(super) struct Source<'a> {
    pub(super) language: &'a str,
    pub(super) lists: [&'a BTreeMap<String, ListData>; 2],
    pub(super) rules: [&'a BTreeMap<String, Template>; 2],
}

pub(super) type StateId = usize;

/// One step, and where it leads.
#[derive(Clone, Debug)]
pub(super) enum State {
    /// These signs.
    Text(Vec<char>, StateId),
    /// One of these.
    Fork(Vec<StateId>),
    /// A value of a list goes into a slot.
    List(List, StateId),
    /// Matched.
    Done,
}

#[derive(Clone, Debug)]
pub(super) struct List {
    pub(super) values: Arc<Values>,
    pub(super) slot: Option<String>,
    pub(super) ends_word: bool,
}

/// What can be said in the place of a list.
#[derive(Clone, Debug)]
pub(super) enum Values {
    Texts(Vec<TextValue>),
    Range(RangeData, Vec<(Vec<char>, i64)>),
    Wildcard,
}

#[derive(Clone, Debug)]
pub(super) struct TextValue {
    pub(super) program: Program,
    pub(super) means: Option<Value>,
    pub(super) context: Map<String, Value>,
}

/// A compiled template.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) states: Vec<State>,
    pub(super) start: StateId,
    /// Whether the first, and the last, thing said may be anything: then words that mean nothing stay there.
    pub(super) wild_start: bool,
    pub(super) wild_end: bool,
}

impl Program {
    pub(super) fn compile(template: &Template, source: &Source<'_>) -> Result<Self, ProgramError> {
        let mut compiler = Compiler { source, states: vec![State::Done], open: Vec::new(), lists: HashMap::new() };
        let start = compiler.node(template.node(), 0).map_err(ProgramError)?;
        let is_wild = |node: Option<&Node>| matches!(node, Some(Node::List(list)) if compiler.is_wildcard(&list.list));
        let (first, last) = match template.node() {
            Node::Sequence(nodes) => (nodes.first(), nodes.last()),
            node => (Some(node), Some(node)),
        };
        let (wild_start, wild_end) = (is_wild(first), is_wild(last));
        Ok(Self { states: compiler.states, start, wild_start, wild_end })
    }
}

struct Compiler<'a> {
    source: &'a Source<'a>,
    states: Vec<State>,
    /// Rules that are being compiled.
    open: Vec<String>,
    lists: HashMap<String, Arc<Values>>,
}

impl Compiler<'_> {
    fn add(&mut self, state: State) -> Result<StateId, TemplateError> {
        if self.states.len() >= STATES_MAX {
            return Err(TemplateError::TooLarge);
        }
        self.states.push(state);
        Ok(self.states.len() - 1)
    }

    /// The state from which this node leads to `next`.
    fn node(&mut self, node: &Node, next: StateId) -> Result<StateId, TemplateError> {
        match node {
            Node::Text(text) if text.is_empty() => Ok(next),
            Node::Text(text) => self.add(State::Text(text.chars().collect(), next)),
            Node::Sequence(nodes) => nodes.iter().rev().try_fold(next, |next, node| self.node(node, next)),
            Node::Choice(nodes) => {
                let ways = nodes.iter().map(|node| self.node(node, next)).collect::<Result<_, _>>()?;
                self.add(State::Fork(ways))
            }
            Node::AnyOrder(nodes) => {
                let mut done = HashMap::new();
                self.any_order(nodes, (1 << nodes.len()) - 1, next, &mut done)
            }
            Node::List(list) => {
                let values = self.values(&list.list)?;
                let list = List { values, slot: list.slot.clone(), ends_word: list.ends_word };
                self.add(State::List(list, next))
            }
            Node::Rule(name) => {
                if self.open.contains(name) {
                    return Err(TemplateError::Circle);
                }
                let source = self.source;
                let rule = source.rules.iter().find_map(|rules| rules.get(name)).ok_or(TemplateError::NoRule)?;
                self.open.push(name.clone());
                let state = self.node(rule.node(), next);
                self.open.pop();
                state
            }
        }
    }

    /// From where those of `left` are still to come, in any order.
    fn any_order(
        &mut self,
        nodes: &[Node],
        left: u32,
        next: StateId,
        done: &mut HashMap<u32, StateId>,
    ) -> Result<StateId, TemplateError> {
        if left == 0 {
            return Ok(next);
        }
        if let Some(state) = done.get(&left) {
            return Ok(*state);
        }
        let mut ways = Vec::new();
        for (n, node) in nodes.iter().enumerate().filter(|(n, _)| left & (1 << n) != 0) {
            let rest = self.any_order(nodes, left & !(1 << n), next, done)?;
            ways.push(self.node(node, rest)?);
        }
        let state = self.add(State::Fork(ways))?;
        done.insert(left, state);
        Ok(state)
    }

    fn find(&self, name: &str) -> Option<&ListData> {
        self.source.lists.iter().find_map(|lists| lists.get(name))
    }

    fn is_wildcard(&self, list: &ListName) -> bool {
        matches!(list, ListName::Named(name) if matches!(self.find(name), Some(ListData::Wildcard)))
    }

    fn values(&mut self, list: &ListName) -> Result<Arc<Values>, TemplateError> {
        let name = match list {
            ListName::Range { from, to, step } => {
                let (from, to, step) = (*from, *to, *step);
                let range = RangeData { from, to, step, multiplier: None, parts: 1, digits: true, words: true };
                return Ok(Arc::new(self.range(range)));
            }
            ListName::Named(name) => name,
        };
        if let Some(values) = self.lists.get(name) {
            return Ok(Arc::clone(values));
        }
        let values = match self.find(name).ok_or(TemplateError::NoList)?.clone() {
            ListData::Wildcard => Values::Wildcard,
            ListData::Range(range) => self.range(range),
            ListData::Values(values) => {
                // Lists in lists would make slots of slots.
                let none = BTreeMap::new();
                let source = Source { lists: [&none, &none], ..*self.source };
                let compiled = values.into_iter().map(|value| {
                    let program = Program::compile(&value.said, &source).map_err(|ProgramError(error)| error)?;
                    Ok(TextValue { program, means: value.means, context: value.context })
                });
                Values::Texts(compiled.collect::<Result<_, TemplateError>>()?)
            }
        };
        let values = Arc::new(values);
        self.lists.insert(name.clone(), Arc::clone(&values));
        Ok(values)
    }

    fn range(&self, range: RangeData) -> Values {
        let mut words = Vec::new();
        if range.words && (range.to - range.from) / range.step <= WORDS_MAX {
            let mut number = range.from;
            while number <= range.to {
                let ways = number_words(self.source.language, number).into_iter();
                words.extend(ways.map(|way| (way.chars().collect(), number)));
                number += range.step;
            }
        }
        // Of two numbers that begin alike, both are tried.
        Values::Range(range, words)
    }
}
