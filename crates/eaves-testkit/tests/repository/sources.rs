//! The files of the repository, and a plain way to look for words in their code.

use std::path::{Path, PathBuf};

/// Folders whose content nobody wrote.
const GENERATED: &[&str] = &[".git", "target", "node_modules", "dist", "results"];

pub(crate) struct Source {
    /// From the root, with slashes.
    pub(crate) path: String,
    pub(crate) text: String,
}

pub(crate) fn root() -> PathBuf {
    let here = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
    Path::new(&here).ancestors().nth(2).expect("the crate is two folders below the root").to_owned()
}

/// Every text file below `folder` whose name ends in one of `endings`; all of them when there are none.
pub(crate) fn files(folder: &str, endings: &[&str]) -> Vec<Source> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let entry = entry.expect("a folder that can be listed");
            let name = entry.file_name().into_string().expect("names are UTF-8");
            let kind = entry.file_type().expect("a file has a kind");
            if kind.is_dir() && !GENERATED.contains(&name.as_str()) {
                folders.push(entry.path());
            } else if kind.is_file() && (endings.is_empty() || endings.iter().any(|ending| name.ends_with(ending))) {
                // Pictures and films are not text; a file may go while we look.
                let Ok(text) = std::fs::read_to_string(entry.path()) else { continue };
                let path = entry.path().strip_prefix(&root).expect("below the root").to_string_lossy().into_owned();
                found.push(Source { path, text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

impl Source {
    /// The lines that are code and ship: without comments, and without a test module at the end.
    pub(crate) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines: Vec<&str> = self.text.lines().collect();
        let end = lines
            .windows(2)
            .position(|pair| pair[0].trim() == "#[cfg(test)]" && pair[1].trim_end().ends_with("mod tests {"))
            .unwrap_or(lines.len());
        lines.into_iter().take(end).enumerate().filter_map(|(at, line)| {
            let code = without_comment(line);
            (!code.trim().is_empty()).then_some((at + 1, code))
        })
    }

    /// Where the code says one of `words`, as `path:line: the line`.
    pub(crate) fn mentions(&self, words: &[&str]) -> Vec<String> {
        self.code()
            .filter(|(_, line)| words.iter().any(|word| has_word(line, word)))
            .map(|(at, line)| format!("{}:{at}: {}", self.path, line.trim()))
            .collect()
    }

    pub(crate) fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("/tests.rs") || self.path.contains(".test.ts")
    }
}

fn without_comment(line: &str) -> &str {
    let trimmed = line.trim_start();
    if trimmed.starts_with("//") || trimmed.starts_with("/*") || trimmed.starts_with("* ") || trimmed == "*/" {
        return "";
    }
    line.find(" //").map_or(line, |at| &line[..at])
}

/// Whether `word` stands in `line` and is not a part of a longer name.
pub(crate) fn has_word(line: &str, word: &str) -> bool {
    let in_name = |c: char| c.is_alphanumeric() || c == '_' || c == '#' || c == '$';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let starts = !word.starts_with(in_name) || !before.is_some_and(in_name);
        let ends = !word.ends_with(in_name) || !after.is_some_and(in_name);
        starts && ends
    })
}

#[test]
fn a_word_is_found_only_when_it_is_the_whole_name() {
    assert!(has_word("std::fs::read(path)", "std::fs"));
    assert!(has_word("let a = File::open(path)", "File::"));
    assert!(!has_word("DiskFile::open(path)", "File::"));
    assert!(!has_word("await this.#fetch(path)", "fetch("));
    assert!(has_word("return fetch(request)", "fetch("));
}

#[test]
fn comments_are_not_code() {
    let source = Source {
        path: "x.rs".into(),
        text: "//! std::fs\nlet a = 1; // std::fs\n/** std::fs */\nstd::fs::read()\n".into(),
    };
    assert_eq!(source.mentions(&["std::fs"]), ["x.rs:4: std::fs::read()"]);
}
