//! `docs/asvs.md` says how far Eaves is with three chapters of a standard. Here it is held to it: no requirement is left
//! out, and what is said to be met has a test or a page.

use crate::claims::known_tests;
use crate::sources::root;
use std::collections::BTreeMap;

/// Each section with the levels of its requirements, in order; 0 for one of level 3 that is not asked for here.
const SECTIONS: &[(&str, &[u8])] = &[
    ("6.1", &[1, 2, 2]),
    ("6.2", &[1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2]),
    ("6.3", &[1, 1, 2, 2, 3, 0, 3, 3]),
    ("6.4", &[1, 1, 2, 2, 0, 0]),
    ("6.5", &[2, 2, 2, 2, 2, 0, 0, 0]),
    ("6.6", &[2, 2, 2, 0]),
    ("6.8", &[2, 2, 2, 2]),
    ("7.1", &[2, 2, 2]),
    ("7.2", &[1, 1, 1, 1]),
    ("7.3", &[2, 2]),
    ("7.4", &[1, 1, 2, 2, 2]),
    ("7.5", &[2, 2, 3]),
    ("7.6", &[2, 2]),
    ("8.1", &[1, 2, 0, 0]),
    ("8.2", &[1, 1, 2, 0]),
    ("8.3", &[1, 3, 0]),
    ("8.4", &[2, 0]),
];

struct Row {
    id: String,
    level: String,
    status: String,
    how: String,
    tests: Vec<String>,
}

fn rows() -> Vec<Row> {
    let text = std::fs::read_to_string(root().join("docs/asvs.md")).expect("docs/asvs.md is there");
    let lines = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| id "));
    lines
        .map(|line| {
            let cells: Vec<_> = line.split('|').map(str::trim).collect();
            assert_eq!(cells.len(), 8, "six cells: {line}");
            Row {
                id: cells[1].to_owned(),
                level: cells[2].to_owned(),
                status: cells[4].to_owned(),
                how: cells[5].to_owned(),
                tests: cells[6].split('`').skip(1).step_by(2).map(str::to_owned).collect(),
            }
        })
        .collect()
}

#[test]
fn every_requirement_of_the_three_chapters_has_one_row() {
    let wanted: BTreeMap<String, String> = SECTIONS
        .iter()
        .flat_map(|(section, levels)| {
            let asked = levels.iter().enumerate().filter(|(_, level)| **level > 0);
            asked.map(move |(n, level)| (format!("{section}.{}", n + 1), level.to_string()))
        })
        .collect();
    let rows = rows();
    let there: BTreeMap<_, _> = rows.iter().map(|row| (row.id.clone(), row.level.clone())).collect();
    assert_eq!(there, wanted);
    assert_eq!(rows.len(), wanted.len(), "none twice");
}

#[test]
fn what_is_met_has_a_test_or_a_page_and_what_is_not_says_so() {
    let known = known_tests();
    let mut wrong = Vec::new();
    for Row { id, status, how, tests, .. } in rows() {
        let is_page_there = how
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
            .all(|page| page.starts_with("https://") || root().join("docs").join(page).exists());
        let is_shown = match status.as_str() {
            "met" => !tests.is_empty() || how.contains("](design/") || how.contains("](spec/"),
            "partly" => !tests.is_empty() && !how.is_empty(),
            "not yet" => true,
            "does not apply" => !how.is_empty(),
            _ => false,
        };
        if !is_page_there || !is_shown {
            wrong.push(format!("{id}: {status}"));
        }
        wrong.extend(tests.iter().filter(|test| !known.contains(*test)).map(|test| format!("{id}: no test {test}")));
    }
    assert!(wrong.is_empty(), "docs/asvs.md:\n{}", wrong.join("\n"));
}
