//! Sentence templates: `turn (on|off) [the] {name}`.
//!
//! ```text
//! (a|b) one of    [a|b] one of, or none    (a;b) both, in any order    {list} {list:slot} {list:@capture} {1..9:slot}
//! <rule> another template    \ the next sign as it is
//! ```
//!
//! Text is taken sign by sign, also within words (`light[s]`).

/// The longest template, in bytes.
pub const LENGTH_MAX: usize = 4_096;
/// The deepest nesting of brackets.
pub const DEPTH_MAX: usize = 24;
/// The most items in any order.
pub const PERMUTATION_MAX: usize = 6;

/// Why text is no template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// Longer than [`LENGTH_MAX`], deeper than [`DEPTH_MAX`], or more than [`PERMUTATION_MAX`] items in any order.
    #[error("the template is too large")]
    TooLarge,
    /// A bracket is not closed, or closes nothing.
    #[error("a bracket has no other half")]
    Bracket,
    /// A list or a rule without a proper name.
    #[error("a list or a rule has no proper name")]
    Name,
    /// `|` and `;` in the same brackets.
    #[error("alternatives and any order are mixed")]
    Mixed,
    /// A rule that is not there.
    #[error("there is no rule of this name")]
    NoRule,
    /// A list that is not there.
    #[error("there is no list of this name")]
    NoList,
    /// A rule that contains itself.
    #[error("a rule contains itself")]
    Circle,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// Signs, small and with single spaces.
    Text(String),
    /// One after the other.
    Sequence(Vec<Node>),
    /// One of these.
    Choice(Vec<Node>),
    /// All of these, in any order.
    AnyOrder(Vec<Node>),
    /// A value of a list.
    List(ListRef),
    /// Another template, by name.
    Rule(String),
}

/// `{list:slot}`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRef {
    /// The list's name.
    pub list: ListName,
    /// The slot that the value goes into. `None` if it is for the response only.
    pub slot: Option<String>,
    /// Whether the word ends here: a space follows.
    pub ends_word: bool,
}

/// Which list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListName {
    /// By its name.
    Named(String),
    /// `{from..to,step:slot}`
    Range {
        /// The first number.
        from: i64,
        /// The last one.
        to: i64,
        /// From one to the next.
        step: i64,
    },
}

/// A parsed template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Node);

impl Template {
    /// Reads a template.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        if text.len() > LENGTH_MAX {
            return Err(TemplateError::TooLarge);
        }
        let signs: Vec<char> = text.trim().chars().collect();
        let mut parser = Parser { signs: &signs, at: 0 };
        let node = parser.group(None, 0)?;
        Ok(Self(node))
    }

    /// The whole as one part.
    pub fn node(&self) -> &Node {
        &self.0
    }
}

struct Parser<'a> {
    signs: &'a [char],
    at: usize,
}

impl Parser<'_> {
    fn next(&mut self) -> Option<char> {
        let sign = self.signs.get(self.at).copied();
        self.at += usize::from(sign.is_some());
        sign
    }

    /// What stands between brackets, up to and with the closing one; or everything.
    fn group(&mut self, end: Option<char>, depth: usize) -> Result<Node, TemplateError> {
        if depth > DEPTH_MAX {
            return Err(TemplateError::TooLarge);
        }
        let mut items = vec![Vec::new()];
        let mut separator = None;
        let mut text = String::new();
        loop {
            let sign = self.next();
            if let Some('\\') = sign {
                text.extend(self.next());
                continue;
            }
            let is_special = sign.is_none_or(|sign| "()[]{}<>|;".contains(sign));
            if !is_special {
                text.extend(sign);
                continue;
            }
            let here = items.last_mut().ok_or(TemplateError::Bracket)?;
            if !text.is_empty() {
                here.push(Node::Text(super::normal::template_text(&std::mem::take(&mut text))));
            }
            match sign {
                Some('(') => here.push(self.group(Some(')'), depth + 1)?),
                Some('[') => here.push(match self.group(Some(']'), depth + 1)? {
                    Node::Choice(mut choices) => {
                        choices.push(Node::Text(String::new()));
                        Node::Choice(choices)
                    }
                    node => Node::Choice(vec![node, Node::Text(String::new())]),
                }),
                Some('{') => here.push(Node::List(self.list()?)),
                Some('<') => here.push(Node::Rule(self.name('>')?)),
                Some(sign @ ('|' | ';')) => {
                    if separator.is_some_and(|separator| separator != sign) {
                        return Err(TemplateError::Mixed);
                    }
                    separator = Some(sign);
                    items.push(Vec::new());
                }
                sign if sign == end => break,
                _ => return Err(TemplateError::Bracket),
            }
        }
        let mut items: Vec<Node> = items.into_iter().map(sequence).collect();
        match separator {
            Some(';') if items.len() > PERMUTATION_MAX => Err(TemplateError::TooLarge),
            Some(';') => {
                let spaced = items.into_iter().map(|item| {
                    let space = || Node::Text(" ".into());
                    Node::Sequence(vec![space(), item, space()])
                });
                Ok(Node::AnyOrder(spaced.collect()))
            }
            Some(_) => Ok(Node::Choice(items)),
            None => Ok(items.pop().unwrap_or(Node::Sequence(Vec::new()))),
        }
    }

    fn name(&mut self, end: char) -> Result<String, TemplateError> {
        let mut name = String::new();
        loop {
            match self.next() {
                Some('\\') => name.extend(self.next()),
                Some(sign) if sign == end => break,
                Some(sign) if "()[]{}<>|;".contains(sign) => return Err(TemplateError::Name),
                Some(sign) => name.push(sign),
                None => return Err(TemplateError::Bracket),
            }
        }
        let name = name.trim();
        if name.is_empty() { Err(TemplateError::Name) } else { Ok(name.to_owned()) }
    }

    fn list(&mut self) -> Result<ListRef, TemplateError> {
        let whole = self.name('}')?;
        let ends_word = self.signs.get(self.at).is_some_and(|sign| sign.is_whitespace());
        let (list, slot) = match whole.split_once(':') {
            Some((list, slot)) => (list.trim(), slot.trim()),
            None => (whole.as_str(), whole.strip_prefix('@').map_or(whole.as_str(), |_| "@")),
        };
        let list = list.strip_prefix('@').unwrap_or(list);
        if list.is_empty() || slot.is_empty() {
            return Err(TemplateError::Name);
        }
        let slot = (!slot.starts_with('@')).then(|| slot.to_owned());
        let list = range(list).unwrap_or_else(|| ListName::Named(list.to_owned()));
        Ok(ListRef { list, slot, ends_word })
    }
}

fn sequence(mut nodes: Vec<Node>) -> Node {
    match nodes.pop() {
        Some(only) if nodes.is_empty() => only,
        Some(last) => {
            nodes.push(last);
            Node::Sequence(nodes)
        }
        None => Node::Text(String::new()),
    }
}

fn range(list: &str) -> Option<ListName> {
    let (from, rest) = list.split_once("..")?;
    let (to, step) = rest.split_once(',').unwrap_or((rest, "1"));
    let number = |text: &str| text.trim().parse::<i64>().ok();
    let (from, to, step) = (number(from)?, number(to)?, number(step)?);
    (step > 0 && from <= to).then_some(ListName::Range { from, to, step })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(text: &str) -> Node {
        Node::Text(text.into())
    }

    #[test]
    fn each_kind_of_bracket_is_read() {
        let parsed = Template::parse("Turn (on|off) [the] {name:who} <now>").expect("a template");
        let name = ListRef { list: ListName::Named("name".into()), slot: Some("who".into()), ends_word: true };
        let optional = Node::Choice(vec![text("the"), text("")]);
        let choice = Node::Choice(vec![text("on"), text("off")]);
        let parts = vec![
            text("turn "),
            choice,
            text(" "),
            optional,
            text(" "),
            Node::List(name),
            text(" "),
            Node::Rule("now".into()),
        ];
        assert_eq!(parsed.node(), &Node::Sequence(parts));
    }

    #[test]
    fn lists_have_slots_captures_and_numbers() {
        let list = |text: &str| match Template::parse(text).expect("a template").0 {
            Node::List(list) => (list.list, list.slot),
            node => panic!("{node:?}"),
        };
        let named = |name: &str| ListName::Named(name.into());
        assert_eq!(list("{a}"), (named("a"), Some("a".into())));
        assert_eq!(list("{a:b}"), (named("a"), Some("b".into())));
        assert_eq!(list("{a:@b}"), (named("a"), None));
        assert_eq!(list("{@a}"), (named("a"), None));
        assert_eq!(list("{1..9:n}"), (ListName::Range { from: 1, to: 9, step: 1 }, Some("n".into())));
        assert_eq!(list("{-10..10,5:n}"), (ListName::Range { from: -10, to: 10, step: 5 }, Some("n".into())));
    }

    #[test]
    fn what_is_no_template_is_refused() {
        for (text, error) in [
            ("(a", TemplateError::Bracket),
            ("a)", TemplateError::Bracket),
            ("(a]", TemplateError::Bracket),
            ("{a", TemplateError::Bracket),
            ("{}", TemplateError::Name),
            ("{:a}", TemplateError::Name),
            ("{a:}", TemplateError::Name),
            ("<>", TemplateError::Name),
            ("<a{b>", TemplateError::Name),
            ("(a|b;c)", TemplateError::Mixed),
            ("(a;b;c;d;e;f;g)", TemplateError::TooLarge),
        ] {
            assert_eq!(Template::parse(text), Err(error), "{text}");
        }
        assert_eq!(Template::parse(&"(".repeat(100)), Err(TemplateError::TooLarge));
        assert_eq!(Template::parse(&"a".repeat(LENGTH_MAX + 1)), Err(TemplateError::TooLarge));
    }

    #[test]
    fn escaped_signs_are_text() {
        assert_eq!(Template::parse(r"\(a\|b\)").expect("text").node(), &text("(a|b)"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[a ()\\[\\]{}<>|;:@.,0-9\\\\]{0,60}") {
            let _ = Template::parse(&text);
        }
    }
}
