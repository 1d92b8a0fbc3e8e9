//! `docs/claims.md` names the tests that stand behind each thing we say. Here it is held to it: no failing of the two
//! court orders is left out, and every test it names is there.

use crate::sources::{files, root};
use std::collections::BTreeSet;

struct Row {
    id: String,
    mechanism: String,
    tests: Vec<String>,
}

fn rows() -> Vec<Row> {
    let text = std::fs::read_to_string(root().join("docs/claims.md")).expect("docs/claims.md is there");
    let cells = text
        .lines()
        .filter(|line| line.starts_with("| "))
        .map(|line| line.trim_matches('|').split(" | ").collect::<Vec<_>>());
    cells
        .filter(|cells| cells.len() == 4 && cells[0].trim() != "id")
        .map(|cells| Row {
            id: cells[0].trim().to_owned(),
            mechanism: cells[2].trim().to_owned(),
            tests: cells[3].split('`').skip(1).step_by(2).map(str::to_owned).collect(),
        })
        .collect()
}

/// The names of the Rust tests: functions below a `#[test]`.
fn rust_tests(text: &str) -> Vec<String> {
    let mut is_test = false;
    let mut names = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if let Some((_, rest)) = line.split_once("fn ").filter(|_| is_test) {
            names.extend(rest.split(['(', '<']).next().map(str::to_owned));
            is_test = false;
        } else if !line.is_empty() && !line.starts_with("#[") && !line.starts_with("//") {
            is_test = false;
        }
    }
    names
}

/// The titles of the app's tests and of the journeys.
fn script_tests(text: &str) -> Vec<String> {
    let opened = text.match_indices("test(").chain(text.match_indices("it(")).chain(text.match_indices("step("));
    opened
        .filter_map(|(at, word)| {
            let rest = text[at + word.len()..].trim_start();
            let quote = rest.chars().next().filter(|quote| "\"'`".contains(*quote))?;
            rest[1..].split(quote).next().map(str::to_owned)
        })
        .collect()
}

#[test]
fn every_failing_has_a_row() {
    let wanted = (1..=24)
        .map(|n| format!("R{n}"))
        .chain((1..=16).map(|n| format!("V{n}")))
        .chain((1..=4).map(|n| format!("C{n}")));
    let rows = rows();
    for id in wanted {
        let count = rows.iter().filter(|row| row.id == id).count();
        assert_eq!(count, 1, "{id} has {count} rows in docs/claims.md");
    }
}

#[test]
fn a_claim_without_a_test_says_that_it_is_not_built() {
    let bare: Vec<String> = rows()
        .into_iter()
        .filter(|row| row.tests.is_empty() && !row.mechanism.to_lowercase().contains("not yet"))
        .map(|row| row.id)
        .collect();
    assert!(bare.is_empty(), "claimed without a test: {bare:?}");
}

/// The names of all tests, of Rust and of scripts.
pub(crate) fn known_tests() -> BTreeSet<String> {
    let mut known: BTreeSet<String> =
        files("crates", &[".rs"]).iter().flat_map(|source| rust_tests(&source.text)).collect();
    for folder in ["app", "e2e"] {
        known.extend(files(folder, &[".ts", ".tsx"]).iter().flat_map(|source| script_tests(&source.text)));
    }
    known
}

#[test]
fn every_test_that_is_named_is_there() {
    let known = known_tests();
    let gone: Vec<String> = rows()
        .iter()
        .flat_map(|row| {
            row.tests.iter().filter(|test| !known.contains(*test)).map(|test| format!("{}: {test}", row.id))
        })
        .collect();
    assert!(gone.is_empty(), "docs/claims.md names tests that are not there:\n{}", gone.join("\n"));
}

/// The table of the lying vault names tests for what no relay can perform.
#[test]
fn every_test_that_stands_behind_a_row_of_the_lying_vault_is_there() {
    let page = std::fs::read_to_string(root().join("docs/design/hostile-vault.md")).expect("the page is there");
    let known = known_tests();
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| row |"))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    for row in 1..=13 {
        let prefix = format!("{row}.");
        assert!(rows.iter().any(|cells| cells[0].starts_with(&prefix)), "nothing is tried for mistake {row}");
    }
    for cells in rows {
        let named: Vec<&str> = cells[3].split('`').skip(1).step_by(2).collect();
        let gone: Vec<_> = named.iter().filter(|test| !known.contains(**test)).collect();
        assert!(gone.is_empty(), "row {} names tests that are not there: {gone:?}", cells[0]);
        assert!(!named.is_empty() || known.contains(cells[2]), "row {}: no journey is called {:?}", cells[0], cells[2]);
    }
}
