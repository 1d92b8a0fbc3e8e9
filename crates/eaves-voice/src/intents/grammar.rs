//! From sentences to the grammar of a recogniser that hears nothing else: JSGF.
//!
//! Templates are about signs, a grammar is about words: `light[s]` becomes `light | lights`. What can be anything cannot
//! be in a grammar: sentences with free text are left out, and are for typing and for recognisers without a grammar.

use super::data::{Intents, ListData};
use super::numbers::number_words;
use super::template::{ListName, ListRef, Node};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The most ways in which one word may be put together.
const WAYS_MAX: usize = 64;
/// The largest grammar, in bytes.
const LENGTH_MAX: usize = 2 * 1024 * 1024;
/// The most items in any order that are written out.
const ORDER_MAX: usize = 4;

/// A grammar, and what it needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grammar {
    /// The grammar, whose public rule is one utterance.
    pub jsgf: String,
    /// Each word in it.
    pub words: BTreeSet<String>,
    /// How many sentences are in it, and how many had to be left out.
    pub sentences: (usize, usize),
}

impl Intents {
    /// A grammar of the sentences of the intents for which `wanted` says so.
    pub fn grammar(&self, wanted: impl Fn(&str) -> bool) -> Grammar {
        let mut writer = Writer { intents: self, rules: BTreeMap::new(), words: BTreeSet::new() };
        let mut lines = BTreeSet::new();
        let mut sentences = (0, 0);
        for block in self.blocks.iter().filter(|block| wanted(&block.intent)) {
            for template in &block.templates {
                match writer.node(template.node(), 0) {
                    Some(line) if !line.trim().is_empty() => {
                        lines.insert(line);
                        sentences.0 += 1;
                    }
                    _ => sentences.1 += 1,
                }
            }
        }
        let mut jsgf = String::from("#JSGF V1.0;\ngrammar eaves;\n");
        for (name, rule) in &writer.rules {
            let _ = writeln!(jsgf, "<{name}> = {rule};");
        }
        let lines: Vec<String> = lines.into_iter().collect();
        let _ = writeln!(jsgf, "public <utterance> = {};", lines.join("\n | "));
        if jsgf.len() > LENGTH_MAX {
            return Grammar { sentences: (0, sentences.0 + sentences.1), ..Grammar::default() };
        }
        Grammar { jsgf, words: writer.words, sentences }
    }
}

struct Writer<'a> {
    intents: &'a Intents,
    rules: BTreeMap<String, String>,
    words: BTreeSet<String>,
}

impl Writer<'_> {
    /// A part as a rule's right side; `None` if it cannot be one.
    fn node(&mut self, node: &Node, depth: usize) -> Option<String> {
        if depth > 64 {
            return None;
        }
        match node {
            Node::Text(text) => {
                let words: Vec<String> = text.split_whitespace().map(word).collect();
                self.words.extend(words.iter().filter(|word| !word.is_empty()).cloned());
                Some(words.join(" "))
            }
            Node::Sequence(nodes) => self.sequence(nodes, depth),
            Node::Choice(nodes) => {
                let is_optional = nodes.iter().any(is_nothing);
                let ways: BTreeSet<String> = nodes
                    .iter()
                    .filter(|node| !is_nothing(node))
                    .filter_map(|node| self.node(node, depth + 1))
                    .filter(|way| !way.trim().is_empty())
                    .collect();
                let ways = ways.into_iter().collect::<Vec<_>>().join(" | ");
                match (ways.is_empty(), is_optional) {
                    (true, true) => Some(String::new()),
                    (true, false) => None,
                    (false, true) => Some(format!("[ {ways} ]")),
                    (false, false) => Some(format!("( {ways} )")),
                }
            }
            Node::AnyOrder(nodes) if nodes.len() <= ORDER_MAX => {
                let items = nodes.iter().map(|node| self.node(node, depth + 1)).collect::<Option<Vec<_>>>()?;
                let mut orders = Vec::new();
                permutations(&mut items.clone(), 0, &mut orders);
                Some(format!("( {} )", orders.join(" | ")))
            }
            Node::AnyOrder(_) => None,
            Node::List(list) => self.list(list, depth),
            Node::Rule(name) => {
                let rule = self.intents.rules.get(name)?;
                let label = label("rule", name);
                if !self.rules.contains_key(&label) {
                    let right = self.node(rule.node(), depth + 1)?;
                    self.rules.insert(label.clone(), right);
                }
                Some(format!("<{label}>"))
            }
        }
    }

    /// Parts that touch without a space are put together to words first.
    fn sequence(&mut self, nodes: &[Node], depth: usize) -> Option<String> {
        let mut pieces: Vec<Node> = Vec::new();
        for node in nodes {
            match node {
                // "turn on the light" before "[s]": only its last word touches.
                Node::Text(text) => pieces.extend(split(text).into_iter().map(Node::Text)),
                node => pieces.push(node.clone()),
            }
        }
        let mut out = Vec::new();
        let mut at = 0;
        while at < pieces.len() {
            let mut end = at + 1;
            while end < pieces.len() && self.touch(&pieces[end - 1], &pieces[end]) {
                end += 1;
            }
            let group = &pieces[at..end];
            out.push(match group {
                [only] => self.node(only, depth + 1)?,
                group => {
                    let mut ways = BTreeSet::from([String::new()]);
                    for node in group {
                        let more = self.written(node, depth + 1)?;
                        ways =
                            ways.iter().flat_map(|way| more.iter().map(move |more| format!("{way}{more}"))).collect();
                        if ways.len() > WAYS_MAX {
                            return None;
                        }
                    }
                    let choice = Node::Choice(ways.into_iter().map(Node::Text).collect());
                    self.node(&choice, depth + 1)?
                }
            });
            at = end;
        }
        out.retain(|part| !part.trim().is_empty());
        Some(out.join(" "))
    }

    /// Whether a word may go on from one part into the next.
    fn touch(&self, left: &Node, right: &Node) -> bool {
        let is_open = |node: &Node, at_end: bool| match node {
            Node::Text(text) => {
                let edge = if at_end { text.chars().next_back() } else { text.chars().next() };
                edge.is_some_and(|sign| sign != ' ')
            }
            // What somebody writes directly behind a number or a name is a word of its own (`{minutes}minutes`).
            Node::List(_) | Node::Rule(_) | Node::AnyOrder(_) => false,
            node => self.written(node, 0).is_some_and(|ways| {
                ways.iter().any(|way| {
                    let edge = if at_end { way.chars().next_back() } else { way.chars().next() };
                    edge.is_some_and(|sign| sign != ' ')
                })
            }),
        };
        is_open(left, true) && is_open(right, false)
    }

    /// Each way in which a small part without lists can be written.
    fn written(&self, node: &Node, depth: usize) -> Option<BTreeSet<String>> {
        match node {
            Node::Text(text) => Some(BTreeSet::from([text.clone()])),
            Node::Choice(nodes) if depth < 16 => {
                let ways = nodes.iter().map(|node| self.written(node, depth + 1)).collect::<Option<Vec<_>>>()?;
                let ways: BTreeSet<String> = ways.into_iter().flatten().collect();
                (ways.len() <= WAYS_MAX).then_some(ways)
            }
            Node::Sequence(nodes) if depth < 16 => {
                let mut ways = BTreeSet::from([String::new()]);
                for node in nodes {
                    let more = self.written(node, depth + 1)?;
                    ways = ways.iter().flat_map(|way| more.iter().map(move |more| format!("{way}{more}"))).collect();
                    if ways.len() > WAYS_MAX {
                        return None;
                    }
                }
                Some(ways)
            }
            _ => None,
        }
    }

    fn list(&mut self, list: &ListRef, depth: usize) -> Option<String> {
        let (label, numbers) = match &list.list {
            ListName::Range { from, to, step } => {
                (format!("range_{from}_{to}_{step}").replace('-', "m"), (*from, *to, *step))
            }
            ListName::Named(name) => {
                let label = label("list", name);
                match self.intents.lists.get(name)? {
                    ListData::Wildcard => return None,
                    ListData::Range(range) => (label, (range.from, range.to, range.step)),
                    ListData::Values(values) => {
                        if !self.rules.contains_key(&label) {
                            let said = values.iter().map(|value| value.said.node().clone()).collect();
                            let right = self.node(&Node::Choice(said), depth + 1)?;
                            self.rules.insert(label.clone(), right);
                        }
                        return Some(format!("<{label}>"));
                    }
                }
            }
        };
        if !self.rules.contains_key(&label) {
            let (from, to, step) = numbers;
            let count = usize::try_from((to - from) / step).ok().filter(|count| *count <= 1000)?;
            let said = (0..=count).flat_map(|n| number_words(&self.intents.language, from + step * n as i64));
            let right = self.node(&Node::Choice(said.map(Node::Text).collect()), depth + 1)?;
            self.rules.insert(label.clone(), right);
        }
        Some(format!("<{label}>"))
    }
}

/// A word without signs that a grammar or a dictionary would take for something else.
fn word(text: &str) -> String {
    text.chars().filter(|sign| sign.is_alphanumeric() || "'-".contains(*sign)).collect()
}

fn label(kind: &str, name: &str) -> String {
    let name: String = name.chars().map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '_' }).collect();
    format!("{kind}_{name}")
}

fn is_nothing(node: &Node) -> bool {
    matches!(node, Node::Text(text) if text.trim().is_empty())
}

/// Text before its last word, and after its first one, apart from them.
fn split(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for piece in text.split_inclusive(' ') {
        parts.push(piece.to_owned());
    }
    parts
}

fn permutations(items: &mut Vec<String>, from: usize, orders: &mut Vec<String>) {
    if from + 1 >= items.len() {
        orders.push(items.join(" "));
        return;
    }
    for n in from..items.len() {
        items.swap(from, n);
        permutations(items, from + 1, orders);
        items.swap(from, n);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn utterance(template: &str) -> String {
        let data = json!({
            "language": "en",
            "intents": {"A": {"data": [{"sentences": [template]}]}},
            "lists": {"n": {"range": {"from": 20, "to": 22}}, "w": {"wildcard": true}, "v": {"values": ["tea", "egg[s]"]}},
            "expansion_rules": {"the": "(the|my)"},
        });
        let grammar =
            Intents::from_json(data.to_string().as_bytes(), BTreeMap::new()).expect("proper").grammar(|_| true);
        assert!(grammar.sentences.0 + grammar.sentences.1 == 1);
        let (_, line) = grammar.jsgf.split_once("public <utterance> = ").expect("a public rule");
        line.trim().trim_end_matches(';').to_owned()
    }

    #[test]
    fn signs_become_words() {
        for (template, line) in [
            ("turn (on|off) [the] light[s]", "turn ( off | on ) [ the ] ( light | lights )"),
            ("turn(s|ed|ing) it", "( turned | turning | turns ) it"),
            ("stop <the> {v} timer", "stop <rule_the> <list_v> timer"),
            ("{n} minute[s]", "<list_n> ( minute | minutes )"),
            (
                "(set;[a]; timer)",
                "( set [ a ] timer | set timer [ a ] | [ a ] set timer | [ a ] timer set | timer [ a ] set | timer set [ a ] )",
            ),
            ("what's the time?", "what's the time"),
            ("say (hello|{w})", "say ( hello )"),
            ("say {w}", ""),
        ] {
            assert_eq!(utterance(template), line, "{template}");
        }
    }

    #[test]
    fn our_english_sentences_become_a_grammar_with_its_words() {
        let intents = Intents::english(BTreeMap::new());
        let grammar = intents.grammar(|_| true);
        assert!(grammar.sentences.0 > 90, "{:?}", grammar.sentences);
        for word in ["timer", "twenty", "o'clock", "what's", "batteries"] {
            assert!(grammar.words.contains(word), "{word}");
        }
        assert!(!grammar.words.iter().any(|word| word.is_empty() || word.contains(' ')));
        let fewer = intents.grammar(|intent| intent == "HassGetCurrentTime");
        assert!(fewer.jsgf.len() < 400 && !fewer.words.contains("timer"), "{}", fewer.jsgf);
    }
}
