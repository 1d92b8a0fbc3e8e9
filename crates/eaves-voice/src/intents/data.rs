//! The layout of sentence files (hassil's), as JSON, which YAML contains.

use super::program::{Program, ProgramError, Source};
use super::recognize::Block;
use super::template::{Template, TemplateError};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The largest file, in bytes.
pub(super) const FILE_MAX: usize = 4 * 1024 * 1024;
/// The most sentences, rules, and values of one list.
pub(super) const COUNT_MAX: usize = 20_000;

/// Why sentences cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DataError {
    /// Larger than 4 MiB, or more than 20,000 of something.
    #[error("there are too many sentences")]
    TooLarge,
    /// Not of the layout.
    #[error("the file does not have the layout of sentences")]
    Layout,
    /// A template is wrong.
    #[error("{place}: {error}")]
    Template {
        /// The intent, list or rule it stands in.
        place: String,
        /// What is wrong.
        error: TemplateError,
    },
}

#[derive(Deserialize)]
struct File {
    language: String,
    #[serde(default)]
    intents: BTreeMap<String, IntentFile>,
    #[serde(default)]
    lists: BTreeMap<String, ListFile>,
    #[serde(default)]
    expansion_rules: BTreeMap<String, String>,
    #[serde(default)]
    skip_words: Vec<String>,
}

#[derive(Deserialize)]
struct IntentFile {
    #[serde(default)]
    data: Vec<BlockFile>,
}

#[derive(Deserialize)]
struct BlockFile {
    #[serde(default)]
    sentences: Vec<String>,
    #[serde(default)]
    slots: Map<String, Value>,
    #[serde(default)]
    requires_context: Map<String, Value>,
    #[serde(default)]
    excludes_context: Map<String, Value>,
    response: Option<String>,
    #[serde(default)]
    required_keywords: Vec<String>,
    #[serde(default)]
    expansion_rules: BTreeMap<String, String>,
    #[serde(default)]
    lists: BTreeMap<String, ListFile>,
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum ListFile {
    Values { values: Vec<ValueFile> },
    Range { range: RangeFile },
    Wildcard { wildcard: bool },
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum ValueFile {
    Text(String),
    Pair {
        #[serde(rename = "in")]
        said: String,
        out: Option<Value>,
        #[serde(default)]
        context: Map<String, Value>,
    },
}

#[derive(Clone, Deserialize)]
struct RangeFile {
    from: i64,
    to: i64,
    #[serde(default = "one")]
    step: i64,
    multiplier: Option<f64>,
    fractions: Option<String>,
    #[serde(default = "yes")]
    digits: bool,
    #[serde(default = "yes")]
    words: bool,
}

fn one() -> i64 {
    1
}

fn yes() -> bool {
    true
}

/// What can be said in the place of a list.
#[derive(Clone, Debug)]
pub enum ListData {
    /// One of these.
    Values(Vec<ValueData>),
    /// A number.
    Range(RangeData),
    /// Anything.
    Wildcard,
}

/// A value of a list.
#[derive(Clone, Debug)]
pub struct ValueData {
    /// What is said.
    pub said: Template,
    /// What it means; what was said, if nothing else.
    pub means: Option<Value>,
    /// What is known when it was said, such as a lamp's room.
    pub context: Map<String, Value>,
}

/// Numbers of a list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RangeData {
    /// The first.
    pub from: i64,
    /// The last.
    pub to: i64,
    /// From one to the next.
    pub step: i64,
    /// What is said times this is what is meant.
    pub multiplier: Option<f64>,
    /// Parts of one: 2 for halves, 10 for tenths, 1 for none.
    pub parts: u8,
    /// Whether it may be written in digits.
    pub digits: bool,
    /// Whether it may be said in words.
    pub words: bool,
}

/// Sentences of one language, compiled.
#[derive(Clone, Debug, Default)]
pub struct Intents {
    pub(super) language: String,
    pub(super) blocks: Vec<Block>,
    pub(super) lists: BTreeMap<String, ListData>,
    pub(super) rules: BTreeMap<String, Template>,
    pub(super) skip_words: Vec<Vec<char>>,
}

impl Intents {
    /// Reads a file of the layout. `lists` are the household's own: names of lamps, rooms, floors.
    pub fn from_json(bytes: &[u8], lists: BTreeMap<String, ListData>) -> Result<Self, DataError> {
        if bytes.len() > FILE_MAX {
            return Err(DataError::TooLarge);
        }
        let file: File = serde_json::from_slice(bytes).map_err(|_| DataError::Layout)?;
        let mut intents = Self { language: file.language, ..Self::default() };
        for words in &file.skip_words {
            let words = super::normal::template_text(words.trim());
            if !words.is_empty() {
                intents.skip_words.push(words.chars().collect());
            }
        }
        // Of two phrases that begin alike, the longer one.
        intents.skip_words.sort_by_key(|words| std::cmp::Reverse(words.len()));
        intents.lists = read_lists(file.lists)?;
        intents.lists.extend(lists);
        intents.rules = read_rules(file.expansion_rules)?;
        let counts = [intents.lists.len(), intents.rules.len(), intents.skip_words.len(), file.intents.len()];
        if counts.into_iter().any(|count| count > COUNT_MAX) {
            return Err(DataError::TooLarge);
        }
        for (name, intent) in file.intents {
            for block in intent.data {
                intents.add(&name, block)?;
            }
        }
        Ok(intents)
    }

    /// Our own English sentences, with a household's names.
    pub fn english(lists: BTreeMap<String, ListData>) -> Self {
        Self::from_json(include_bytes!("../../sentences/en.json"), lists).unwrap_or_default()
    }

    /// Our own German sentences.
    pub fn german(lists: BTreeMap<String, ListData>) -> Self {
        Self::from_json(include_bytes!("../../sentences/de.json"), lists).unwrap_or_default()
    }

    /// The language's code.
    pub fn language(&self) -> &str {
        &self.language
    }

    fn add(&mut self, intent: &str, file: BlockFile) -> Result<(), DataError> {
        if self.blocks.len() >= COUNT_MAX || file.sentences.len() > COUNT_MAX {
            return Err(DataError::TooLarge);
        }
        let rules = read_rules(file.expansion_rules)?;
        let lists = read_lists(file.lists)?;
        let source = Source { language: &self.language, lists: [&lists, &self.lists], rules: [&rules, &self.rules] };
        let mut programs = Vec::new();
        let mut templates = Vec::new();
        for sentence in &file.sentences {
            let template = template(intent, sentence)?;
            let program = Program::compile(&template, &source)
                .map_err(|ProgramError(error)| DataError::Template { place: intent.to_owned(), error })?;
            programs.push(program);
            templates.push(template);
        }
        let words = |words: String| super::normal::template_text(words.trim());
        self.blocks.push(Block {
            intent: intent.to_owned(),
            programs,
            templates,
            slots: file.slots,
            requires: file.requires_context,
            excludes: file.excludes_context,
            response: file.response,
            keywords: file.required_keywords.into_iter().map(words).collect(),
        });
        Ok(())
    }
}

fn template(place: &str, text: &str) -> Result<Template, DataError> {
    Template::parse(text).map_err(|error| DataError::Template { place: place.to_owned(), error })
}

fn read_rules(rules: BTreeMap<String, String>) -> Result<BTreeMap<String, Template>, DataError> {
    rules.into_iter().map(|(name, text)| template(&name, &text).map(|template| (name, template))).collect()
}

fn read_lists(lists: BTreeMap<String, ListFile>) -> Result<BTreeMap<String, ListData>, DataError> {
    lists.into_iter().map(|(name, list)| list.read(&name).map(|list| (name, list))).collect()
}

impl ListFile {
    fn read(self, place: &str) -> Result<ListData, DataError> {
        match self {
            Self::Values { values } if values.len() > COUNT_MAX => Err(DataError::TooLarge),
            Self::Values { values } => {
                let values = values.into_iter().map(|value| match value {
                    ValueFile::Text(text) => {
                        Ok(ValueData { said: template(place, &text)?, means: None, context: Map::new() })
                    }
                    ValueFile::Pair { said, out, context } => {
                        Ok(ValueData { said: template(place, &said)?, means: out, context })
                    }
                });
                Ok(ListData::Values(values.collect::<Result<_, _>>()?))
            }
            Self::Range { range } => {
                if range.step <= 0 || range.from > range.to {
                    return Err(DataError::Layout);
                }
                let parts = match range.fractions.as_deref() {
                    None => 1,
                    Some("halves") => 2,
                    Some("tenths") => 10,
                    Some(_) => return Err(DataError::Layout),
                };
                let RangeFile { from, to, step, multiplier, digits, words, .. } = range;
                Ok(ListData::Range(RangeData { from, to, step, multiplier, parts, digits, words }))
            }
            Self::Wildcard { wildcard: true } => Ok(ListData::Wildcard),
            Self::Wildcard { wildcard: false } => Err(DataError::Layout),
        }
    }
}
