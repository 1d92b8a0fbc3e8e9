//! Habits that keep the repository readable, so that nobody has to argue about them.

use crate::sources::{Source, files};

const LINES_MAX: usize = 500;
/// Files that were too long when the limit came, and how long. They may only get shorter.
const TOO_LONG: &[(&str, usize)] = &[];

fn sources() -> Vec<Source> {
    let mut sources = files("crates", &[".rs"]);
    for folder in ["app", "e2e"] {
        sources.extend(files(folder, &[".ts", ".tsx", ".mjs"]));
    }
    // Generated from the wire types.
    sources.retain(|source| source.path != "app/src/api/generated.ts");
    sources
}

/// What people write: no lock files.
fn written() -> Vec<Source> {
    let mut all = files("", &[]);
    all.retain(|source| !source.path.ends_with("Cargo.lock") && !source.path.ends_with("package-lock.json"));
    all
}

/// The opening words of a source, behind a line that only a tool reads.
fn opening(source: &Source) -> &str {
    let text = source.text.trim_start();
    let text = text
        .strip_prefix("// @vitest-environment")
        .map_or(text, |rest| rest.split_once('\n').map_or("", |(_, rest)| rest));
    text.trim_start()
}

#[test]
fn every_source_opens_with_what_it_is() {
    let missing: Vec<String> = sources()
        .into_iter()
        .filter(|source| {
            let opening = opening(source);
            let says = if source.path.ends_with(".rs") {
                opening.starts_with("//! ")
            } else {
                opening.starts_with("/** @file ") || opening.starts_with("/**\n * @file ")
            };
            !says
        })
        .map(|source| source.path)
        .collect();
    assert!(missing.is_empty(), "these do not say what they are in their first line:\n{}", missing.join("\n"));
}

#[test]
fn sources_are_short_and_the_long_ones_get_shorter() {
    let mut wrong = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        let limit = TOO_LONG.iter().find(|(path, _)| *path == source.path).map_or(LINES_MAX, |(_, lines)| *lines);
        if lines > limit {
            wrong.push(format!("{}: {lines} lines, at most {limit}", source.path));
        } else if limit > LINES_MAX && lines < limit {
            wrong.push(format!("{}: {lines} lines, so the list in tidy.rs can say so", source.path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn lines_with(is_bad: impl Fn(&str) -> bool) -> Vec<String> {
    written()
        .iter()
        .flat_map(|source| {
            let lines = source.text.lines().enumerate();
            lines
                .filter(|(_, line)| is_bad(line))
                .map(|(at, line)| format!("{}:{}: {}", source.path, at + 1, line.trim()))
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    // Put together here, so that this file does not hold them itself.
    let paths = [["/ro", "ot/"], ["/wo", "rk/"], ["/tmp/", "eaves"], ["/ho", "me/"]].map(|halves| halves.concat());
    let found = lines_with(|line| {
        paths.iter().any(|path| {
            line.match_indices(path.as_str()).any(|(at, _)| {
                // The path of a disk, not of an address or a folder of ours.
                !line[..at].ends_with(|before: char| before.is_alphanumeric() || ".-_/})*".contains(before))
            })
        })
    });
    assert!(found.is_empty(), "paths of one machine:\n{}", found.join("\n"));
}

#[test]
fn what_is_left_to_do_has_a_number() {
    let marks = [["TO", "DO"], ["FIX", "ME"]].map(|halves| halves.concat());
    let found =
        lines_with(|line| marks.iter().any(|mark| crate::sources::has_word(line, mark)) && !line.contains("(#"));
    assert!(found.is_empty(), "write the issue's number behind it, like (#12):\n{}", found.join("\n"));
}
