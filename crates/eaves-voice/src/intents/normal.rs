//! Text as it is compared: small, with single spaces, without punctuation at the edges of words.

/// Signs that end or begin words and mean nothing by themselves.
const PUNCTUATION: &str = "。,，?¿？؟!¡！;；:：’…‐‑‒–—―.";

/// One sign for one sign, so that places stay the same.
fn small(sign: char) -> char {
    match sign {
        '’' => '\'',
        sign => sign.to_lowercase().next().unwrap_or(sign),
    }
}

fn single_spaces(signs: impl Iterator<Item = char>) -> Vec<char> {
    let mut out: Vec<char> = Vec::new();
    for sign in signs {
        let sign = if sign.is_whitespace() { ' ' } else { sign };
        if sign != ' ' || out.last() != Some(&' ') {
            out.push(sign);
        }
    }
    out
}

/// Text of a template.
pub(super) fn template_text(text: &str) -> String {
    single_spaces(text.chars().map(small)).into_iter().collect()
}

/// What somebody said: as it was written, and as it is compared, sign by sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) written: Vec<char>,
    pub(super) signs: Vec<char>,
}

impl Said {
    pub(super) fn new(text: &str) -> Self {
        let text: Vec<char> = single_spaces(text.chars().map(|sign| if sign == '’' { '\'' } else { sign }));
        let is_word = |at: Option<&char>| at.is_some_and(|sign| sign.is_alphanumeric() || *sign == '_');
        let kept: Vec<char> = (0..text.len())
            .filter(|at| {
                let at = *at;
                if !PUNCTUATION.contains(text[at]) {
                    return true;
                }
                let before = at.checked_sub(1).and_then(|at| text.get(at));
                let is_inside = is_word(before) && is_word(text.get(at + 1));
                // The last dot of "a.m." is part of it.
                let is_initial =
                    text[at] == '.' && at >= 3 && is_word(before) && text[at - 2] == '.' && is_word(text.get(at - 3));
                is_inside || is_initial
            })
            .map(|at| text[at])
            .collect();
        Self::of(single_spaces(kept.into_iter()))
    }

    fn of(mut written: Vec<char>) -> Self {
        let start = written.iter().position(|sign| *sign != ' ').unwrap_or(written.len());
        written.drain(..start);
        while written.last() == Some(&' ') {
            written.pop();
        }
        let signs = written.iter().copied().map(small).collect();
        Self { written, signs }
    }

    /// Without the words and phrases that mean nothing: anywhere, or at one end only.
    pub(super) fn without(&self, skip: &[Vec<char>], start: bool, end: bool) -> Self {
        let mut keep = vec![true; self.signs.len()];
        let is_edge = |at: usize| self.signs.get(at).is_none_or(|sign| !sign.is_alphanumeric() && *sign != '_');
        let phrase_at = |at: usize| {
            let begins = at == 0 || is_edge(at - 1);
            skip.iter().find(|phrase| begins && self.signs[at..].starts_with(phrase) && is_edge(at + phrase.len()))
        };
        let mut at = 0;
        while at < self.signs.len() {
            let Some(phrase) = phrase_at(at) else {
                at += 1;
                continue;
            };
            let rest = &self.signs[at + phrase.len()..];
            let is_first = keep[..at].iter().zip(&self.signs).all(|(keep, sign)| !keep || *sign == ' ');
            let is_last = rest.iter().all(|sign| *sign == ' ');
            let is_left_out = match (start, end) {
                (true, true) => true,
                (true, false) => is_first,
                (false, true) => is_last,
                (false, false) => false,
            };
            if is_left_out {
                keep[at..at + phrase.len()].fill(false);
            }
            at += phrase.len();
        }
        let written = self.written.iter().zip(keep).filter(|(_, keep)| *keep).map(|(sign, _)| *sign);
        Self::of(single_spaces(written))
    }
}

impl Drop for Said {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.written);
        zeroize::Zeroize::zeroize(&mut self.signs);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        Said::new(text).signs.iter().collect()
    }

    #[test]
    fn punctuation_at_the_edges_of_words_goes() {
        assert_eq!(said("  Turn  on, the LIGHT!? "), "turn on the light");
        assert_eq!(said("what’s 3.5 times 2."), "what's 3.5 times 2");
        assert_eq!(said("wake me at 7 a.m."), "wake me at 7 a.m.");
        assert_eq!(said("¿Qué hora es?"), "qué hora es");
    }

    #[test]
    fn what_means_nothing_can_be_left_out() {
        let skip: Vec<Vec<char>> = ["please", "could you"].iter().map(|words| words.chars().collect()).collect();
        let text =
            |text: &str, start, end| -> String { Said::new(text).without(&skip, start, end).written.iter().collect() };
        assert_eq!(text("Could you please stop please", true, true), "stop");
        assert_eq!(text("could you add please to the list please", true, false), "add please to the list please");
        assert_eq!(text("could you add please please", false, true), "could you add please");
        assert_eq!(text("pleased", true, true), "pleased");
    }
}
