//! `eaves.toml`: what was written in it. Flags win over it; without both, everything has a default.
//!
//! Unknown keys are refused, so that a spelling mistake is not a setting that silently does nothing. Secrets are never
//! written here, only the paths of files that hold them. `docs/ref/config.md` lists every key; a test compares.

#![cfg_attr(
    not(all(feature = "hub", feature = "vault")),
    expect(dead_code, reason = "one file serves both roles; a build with one of them reads its part")
)]

use anyhow::Context as _;
use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

/// The whole file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    /// Where everything is kept. `data` when not set.
    pub(crate) data_dir: Option<PathBuf>,
    /// The role that keeps ciphertext and serves the app.
    #[serde(default)]
    pub(crate) vault: VaultFile,
    /// The role in the home.
    #[serde(default)]
    pub(crate) hub: HubFile,
    /// How browsers reach the vault.
    #[serde(default)]
    pub(crate) tls: TlsFile,
}

/// `[vault]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VaultFile {
    /// Address and port to listen on. `127.0.0.1:8080` when not set.
    pub(crate) listen: Option<SocketAddr>,
    /// What people type into a browser, such as `https://eaves.example`. For the line with the claim code only.
    pub(crate) origin: Option<String>,
    /// Holds what a new hub must show. For `eaves vault`; `eaves serve` needs none.
    pub(crate) pairing_secret_file: Option<PathBuf>,
    /// The second copy of the key tree's roots; a folder on another disk is best.
    pub(crate) second_roots_dir: Option<PathBuf>,
    /// Serves the app from this folder instead of the built-in one.
    pub(crate) app_dir: Option<PathBuf>,
}

/// `[hub]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HubFile {
    /// The vault, as `https://vault.example`. For `eaves hub`; `eaves serve` needs none.
    pub(crate) vault_url: Option<String>,
    /// The only authorities (PEM) that may vouch for the vault. Those of the machine when not set.
    pub(crate) ca_file: Option<PathBuf>,
    /// Holds what the vault asks of a new hub.
    pub(crate) pairing_secret_file: Option<PathBuf>,
    /// The most that recordings may occupy while the vault is away, in GiB. 20 when not set.
    pub(crate) spool_gib_max: Option<u64>,
    /// Recording stops when less than this is free on the disk, in GiB. 1 when not set.
    pub(crate) free_gib_min: Option<u64>,
}

/// `[tls]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TlsFile {
    /// `off`, `files`, `internal` or `behind-proxy`.
    pub(crate) mode: Option<Mode>,
    /// Certificate chain (PEM), with `files`.
    pub(crate) cert_file: Option<PathBuf>,
    /// Private key (PEM), with `files`.
    pub(crate) key_file: Option<PathBuf>,
    /// Names and addresses under which browsers reach the vault, with `internal`.
    #[serde(default)]
    pub(crate) names: Vec<String>,
    /// Where the page about installing the certificate is served over plain http, with `internal`.
    pub(crate) install_listen: Option<SocketAddr>,
    /// Addresses of the servers in front, with `behind-proxy`. This machine when not set.
    #[serde(default)]
    pub(crate) proxies: Vec<IpAddr>,
}

/// How browsers reach the vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Mode {
    /// Plain http, on this machine only.
    Off,
    /// With a certificate and key from files.
    Files,
    /// With a certificate of our own making, which phones and computers must be told to trust.
    Internal,
    /// Something in front of the vault speaks https.
    BehindProxy,
}

impl File {
    /// Reads the file; without a path, nothing is set.
    pub(crate) fn read(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Self::default()) };
        let text = std::fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("{} is not understood", path.display()))
    }

    /// Where everything is kept: the flag, the file, or `data`.
    pub(crate) fn data_dir(&self, flag: Option<PathBuf>) -> PathBuf {
        flag.or_else(|| self.data_dir.clone()).unwrap_or_else(|| "data".into())
    }
}

#[cfg(test)]
mod tests {
    use super::File;

    #[test]
    fn an_unknown_key_is_refused() {
        assert!(toml::from_str::<File>("[vault]\nlisten = \"127.0.0.1:1\"").is_ok());
        assert!(toml::from_str::<File>("[vault]\nlisten_on = \"127.0.0.1:1\"").is_err());
        assert!(toml::from_str::<File>("[valt]").is_err());
    }

    #[test]
    fn the_example_in_the_reference_sets_every_key_and_is_understood() {
        let page = include_str!("../../../docs/ref/config.md");
        let (_, example) = page.split_once("```toml\n").expect("the page has an example");
        let (example, _) = example.split_once("```").expect("the example ends");
        toml::from_str::<File>(example).expect("the example is understood");
        let source = include_str!("config.rs");
        let (structs, _) = source.split_once("pub(crate) enum Mode").expect("the structs come first");
        for line in structs.lines() {
            let Some(field) = line.trim().strip_prefix("pub(crate) ").and_then(|rest| rest.split_once(": ")) else {
                continue;
            };
            let (name, kind) = field;
            let wanted = if kind.ends_with("File,") { format!("[{name}]") } else { format!("{name} = ") };
            assert!(example.lines().any(|line| line.starts_with(&wanted)), "docs/ref/config.md does not show {name}");
            if !kind.ends_with("File,") {
                assert!(page.contains(&format!("| `{name}` |")), "docs/ref/config.md does not explain {name}");
            }
        }
    }
}
