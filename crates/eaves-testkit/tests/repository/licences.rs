//! Everything that is linked into a program may be given away under our licence. The list is in deny.toml.

use crate::graph::GRAPH;
use crate::sources::root;

/// Licences that deny.toml allows.
fn allowed() -> Vec<String> {
    let text = std::fs::read_to_string(root().join("deny.toml")).expect("deny.toml is there");
    let (_, list) = text.split_once("allow = [").expect("deny.toml has a list of licences");
    let (list, _) = list.split_once(']').expect("the list ends");
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Whether one may choose so that every licence asked for is allowed. SPDX, and the old `MIT/Apache-2.0`.
fn is_allowed(expression: &str, allowed: &[String]) -> bool {
    let expression = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = expression.split_whitespace().peekable();
    let is_ok = any(&mut words, allowed);
    is_ok && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any(words: &mut Words<'_>, allowed: &[String]) -> bool {
    let mut is_ok = all(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        is_ok |= all(words, allowed);
    }
    is_ok
}

fn all(words: &mut Words<'_>, allowed: &[String]) -> bool {
    let mut is_ok = one(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        is_ok &= one(words, allowed);
    }
    is_ok
}

fn one(words: &mut Words<'_>, allowed: &[String]) -> bool {
    match words.next() {
        Some("(") => {
            let is_ok = any(words, allowed);
            words.next_if_eq(&")").is_some() && is_ok
        }
        Some(licence) => {
            let licence = match words.next_if_eq(&"WITH").and_then(|_| words.next()) {
                Some(exception) => format!("{licence} WITH {exception}"),
                None => licence.to_owned(),
            };
            allowed.contains(&licence)
        }
        None => false,
    }
}

#[test]
fn a_licence_expression_is_read_as_its_author_meant_it() {
    let allowed: Vec<String> = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned).into();
    for good in [
        "MIT",
        "MIT/Apache-2.0",
        "GPL-3.0-only OR MIT",
        "(MIT OR GPL-2.0-only) AND Apache-2.0",
        "Apache-2.0 WITH LLVM-exception",
    ] {
        assert!(is_allowed(good, &allowed), "{good}");
    }
    for bad in
        ["GPL-3.0-only", "MIT AND GPL-2.0-only", "MIT AND (LGPL-2.1-only OR AGPL-3.0-only)", "", "MIT GPL-2.0-only"]
    {
        assert!(!is_allowed(bad, &allowed), "{bad}");
    }
}

#[test]
fn every_dependency_has_a_licence_that_we_may_pass_on() {
    let allowed = allowed();
    assert!(allowed.len() > 4 && !allowed.iter().any(|licence| licence.contains("GPL")), "{allowed:?}");
    let refused: Vec<String> = GRAPH
        .packages
        .values()
        .filter(|package| !package.licence.as_deref().is_some_and(|licence| is_allowed(licence, &allowed)))
        .map(|package| {
            format!("{} {}: {}", package.name, package.version, package.licence.as_deref().unwrap_or("no licence"))
        })
        .collect();
    assert!(refused.is_empty(), "not in deny.toml:\n{}", refused.join("\n"));
}
