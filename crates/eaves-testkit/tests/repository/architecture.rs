//! The invariants of absence, A1 to A7 of ARCHITECTURE.md. Each says what a part of Eaves cannot reach.

use crate::graph::{GRAPH, run};
use crate::sources::{Source, files, has_word};
use std::collections::BTreeSet;

const NETWORK_AND_DATABASE: &[&str] = &[
    "tokio",
    "async-std",
    "smol",
    "mio",
    "socket2",
    "hyper",
    "hyper-util",
    "h2",
    "axum",
    "reqwest",
    "ureq",
    "sqlx",
    "sqlx-core",
    "rusqlite",
    "libsqlite3-sys",
    "tungstenite",
    "tokio-tungstenite",
];
const HTTP: &[&str] = &["hyper", "hyper-util", "h2", "axum", "reqwest", "ureq", "curl", "isahc", "tungstenite"];
/// What seals, opens or decodes, ours and the libraries underneath.
const NOT_IN_A_VAULT: &[&str] = &[
    "eaves-seal",
    "eaves-open",
    "eaves-inbox",
    "eaves-media",
    "eaves-voice",
    "age",
    "age-core",
    "hpke",
    "retina",
    "openh264",
];
const PURE: &[&str] = &["eaves-domain", "eaves-seal", "eaves-open", "eaves-inbox", "eaves-tlog"];
const FILE_API: &[&str] =
    &["std::fs", "fs::", "File::", "OpenOptions", "DirBuilder", "File::options", "rustix::fs", "std::os::unix::fs"];

fn assert_apart(name: &str, forbidden: &[&str]) {
    let found: Vec<&str> = GRAPH.reach(name).into_iter().filter(|reached| forbidden.contains(reached)).collect();
    assert!(found.is_empty(), "{name} reaches {found:?}");
}

fn assert_none(rule: &str, found: &[String]) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

/// `use std::{fs, …}` says the same as `use std::fs`.
fn grouped_std(source: &Source) -> Vec<String> {
    source
        .code()
        .filter(|(_, line)| {
            line.contains("std::{") && ["fs", "net", "env", "process"].iter().any(|word| has_word(line, word))
        })
        .map(|(at, line)| format!("{}:{at}: {}", source.path, line.trim()))
        .collect()
}

#[test]
fn a1_the_program_cannot_open_recordings() {
    assert_apart("eaves", &["eaves-open"]);
}

#[test]
fn a2_the_vault_has_no_code_that_seals_opens_or_decodes() {
    assert_apart("eaves-vault", NOT_IN_A_VAULT);
}

#[test]
fn a3_hub_and_vault_meet_only_in_the_wire_types() {
    assert_apart("eaves-hub", &["eaves-vault"]);
    assert_apart("eaves-vault", &["eaves-hub"]);
    assert_apart("eaves-api", &["eaves-hub", "eaves-vault"]);
}

#[test]
fn a4_the_pure_crates_reach_no_runtime_network_or_database() {
    for name in PURE {
        assert_apart(name, NETWORK_AND_DATABASE);
    }
}

#[test]
fn a4_the_pure_crates_ask_for_no_file_socket_environment_or_clock() {
    let words = [
        "std::fs",
        "std::net",
        "std::env",
        "std::process",
        "std::os",
        "SystemTime::now",
        "Instant::now",
        "tokio",
        "File::open",
        "std::io::stdin",
        "std::io::stdout",
    ];
    let mut found = Vec::new();
    for name in PURE {
        for source in files(&format!("crates/{name}/src"), &[".rs"]) {
            // `eaves-open` is a library and a command; the command opens the files.
            let is_command = source.path.contains("/src/main.rs") || source.path.contains("/src/command");
            if !is_command && !source.is_test() {
                found.extend(source.mentions(&words));
                found.extend(grouped_std(&source));
            }
        }
    }
    assert_none("outside the pure middle", &found);
}

#[test]
fn a5_cameras_and_satellites_have_no_http_client() {
    for name in ["eaves-media", "eaves-voice"] {
        assert_apart(name, HTTP);
    }
}

#[test]
fn a5_the_voice_assistant_cannot_seal_or_open() {
    assert_apart("eaves-voice", &["eaves-seal", "eaves-open", "eaves-inbox", "age", "hpke"]);
}

#[test]
fn a5_pictures_and_voices_leave_as_values_and_never_as_files() {
    let mut found = Vec::new();
    let mut sources = files("crates/eaves-media/src", &[".rs"]);
    sources.extend(files("crates/eaves-voice/src", &[".rs"]));
    for source in sources {
        // The decoder child lists its own descriptors, and tries to open what it must not be able to.
        if !source.path.contains("/src/decoder/") && !source.is_test() {
            found.extend(source.mentions(FILE_API));
            found.extend(grouped_std(&source));
        }
    }
    assert_none("a file API in eaves-media or eaves-voice", &found);
}

#[test]
fn a5_one_module_of_the_hub_writes_files_and_it_is_given_ciphertext() {
    let mut found = Vec::new();
    for source in files("crates/eaves-hub/src", &[".rs"]) {
        if !source.path.contains("/src/durable/") && !source.is_test() {
            found.extend(source.mentions(FILE_API));
            found.extend(grouped_std(&source));
        }
    }
    assert_none("a file API outside eaves-hub's durable module", &found);
}

/// The app's own code, without tests and without what stands in for the home while a screen is drawn.
fn shipped_app() -> Vec<Source> {
    let mut sources = files("app/src", &[".ts", ".tsx"]);
    sources.retain(|source| !source.is_test() && !source.path.contains("/testing/") && !source.path.contains("/stub-"));
    sources
}

#[test]
fn a6_only_the_crypto_folder_of_the_app_touches_keys() {
    let words = [
        "\"@noble/",
        "\"@serenity-kit/",
        "\"age-encryption",
        "\"@hpke/",
        "\"@scure/",
        "crypto.subtle",
        ".subtle",
        "crypto.getRandomValues",
        "crypto.randomUUID",
        "SubtleCrypto",
        "CryptoKey",
    ];
    let found: Vec<String> = shipped_app()
        .iter()
        .filter(|source| !source.path.starts_with("app/src/crypto/"))
        .flat_map(|source| source.mentions(&words))
        .collect();
    assert_none("keys outside app/src/crypto", &found);
}

#[test]
fn a6_only_the_api_folder_of_the_app_calls_the_network() {
    let words = [
        "fetch(",
        "new WebSocket",
        "new EventSource",
        "XMLHttpRequest",
        "WebTransport",
        "sendBeacon",
        "RTCPeerConnection",
    ];
    let found: Vec<String> = shipped_app()
        .iter()
        // The service worker asks for the files of the shell, from its own origin.
        .filter(|source| !source.path.starts_with("app/src/api/") && source.path != "app/src/sw.ts")
        .flat_map(|source| source.mentions(&words))
        .collect();
    assert_none("the network outside app/src/api", &found);
}

#[test]
fn a6_what_ships_takes_nothing_from_the_tests() {
    let found: Vec<String> = shipped_app()
        .iter()
        .flat_map(|source| {
            source
                .code()
                .filter(|(_, l)| l.contains("/testing/") || l.contains(".test\""))
                .map(|(at, l)| format!("{}:{at}: {l}", source.path))
                .collect::<Vec<_>>()
        })
        .collect();
    assert_none("the app imports its tests", &found);
}

#[test]
fn a7_an_operators_build_of_the_vault_has_no_media_or_seal_code() {
    let tree = run(&[
        "tree",
        "-p",
        "eaves",
        "--no-default-features",
        "--features",
        "vault",
        "-e",
        "normal,build",
        "--prefix",
        "none",
        "-f",
        "{p}",
    ]);
    let names: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(names.contains("eaves-vault"), "the build has a vault in it");
    let found: Vec<&&str> = NOT_IN_A_VAULT.iter().chain(&["eaves-hub"]).filter(|name| names.contains(**name)).collect();
    assert!(found.is_empty(), "the vault's build has {found:?}");
}

/// `eaves-leaky` leaks on purpose, so that the search for leaks is seen finding some. It must be nobody's build by accident.
#[test]
fn only_a_build_that_asks_for_it_leaks_on_purpose() {
    let leaking = |which: &[&str]| -> BTreeSet<String> {
        let tree = run(&[&["tree", "-e", "normal,build", "--prefix", "none", "-f", "{p} {f}"], which].concat());
        let lines = tree.lines().filter(|line| line.contains("leaky-for-tests"));
        lines.filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
    };
    let vault_alone = ["-p", "eaves", "--no-default-features", "--features", "vault"];
    let hub_alone = ["-p", "eaves", "--no-default-features", "--features", "hub"];
    for which in [&["--workspace"][..], &["-p", "eaves"], &vault_alone, &hub_alone] {
        assert!(leaking(which).is_empty(), "{which:?} leaks: {:?}", leaking(which));
    }
    let asked = leaking(&["-p", "eaves", "--features", "leaky-for-tests"]);
    for name in ["eaves-hub", "eaves-seal", "eaves-vault"] {
        assert!(asked.contains(name), "{name} leaks when asked: {asked:?}");
    }
    // Whoever asks still gets no program of the name `eaves`, and no release.
    for (path, condition) in [
        ("crates/eaves/src/main.rs", "#[cfg(feature = \"leaky-for-tests\")]\ncompile_error!"),
        (
            "crates/eaves/src/lib.rs",
            "#[cfg(all(feature = \"leaky-for-tests\", not(debug_assertions)))]\ncompile_error!",
        ),
    ] {
        let source = files("crates/eaves/src", &[".rs"]).into_iter().find(|source| source.path == path);
        assert!(source.is_some_and(|source| source.text.contains(condition)), "{path} refuses");
    }
}
