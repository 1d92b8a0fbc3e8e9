//! Who depends on whom, as cargo sees it. Only what is built into a program counts: normal and build dependencies.

use crate::sources::root;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::LazyLock;

pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) licence: Option<String>,
    needs: Vec<String>,
}

pub(crate) struct Graph {
    pub(crate) packages: BTreeMap<String, Package>,
}

/// With every feature of every crate switched on: what no build can reach, no reader has to wonder about.
pub(crate) static GRAPH: LazyLock<Graph> = LazyLock::new(|| {
    let rustc = cargo_or("RUSTC", "rustc").arg("-vV").output().expect("rustc runs");
    let version = String::from_utf8(rustc.stdout).expect("rustc speaks UTF-8");
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host");
    let metadata = run(&["metadata", "--format-version", "1", "--all-features", "--filter-platform", host]);
    let metadata: Value = serde_json::from_str(&metadata).expect("cargo writes JSON");
    Graph::of(&metadata)
});

fn cargo_or(variable: &str, otherwise: &str) -> Command {
    Command::new(std::env::var(variable).unwrap_or_else(|_| otherwise.to_owned()))
}

/// Runs cargo over the workspace, with the lock file as it is.
pub(crate) fn run(arguments: &[&str]) -> String {
    let output =
        cargo_or("CARGO", "cargo").args(arguments).arg("--locked").current_dir(root()).output().expect("cargo runs");
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("cargo speaks UTF-8")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

impl Graph {
    fn of(metadata: &Value) -> Self {
        let mut packages: BTreeMap<String, Package> = list(&metadata["packages"])
            .iter()
            .map(|package| {
                let licence = package["license"].as_str().map(str::to_owned);
                let (name, version) = (text(&package["name"]), text(&package["version"]));
                (text(&package["id"]), Package { name, version, licence, needs: Vec::new() })
            })
            .collect();
        for node in list(&metadata["resolve"]["nodes"]) {
            let needs = list(&node["deps"])
                .iter()
                .filter(|dependency| list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"] != "dev"))
                .map(|dependency| text(&dependency["pkg"]))
                .collect();
            packages.get_mut(&text(&node["id"])).expect("every node is a package").needs = needs;
        }
        Self { packages }
    }

    /// The names of everything that `name` is built from, itself included.
    pub(crate) fn reach(&self, name: &str) -> BTreeSet<&str> {
        let (start, _) =
            self.packages.iter().find(|(_, p)| p.name == name).unwrap_or_else(|| panic!("no crate {name}"));
        let mut seen = BTreeSet::new();
        let mut open = vec![start];
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                open.extend(&self.packages[id].needs);
            }
        }
        seen.into_iter().map(|id| self.packages[id].name.as_str()).collect()
    }
}
