//! `eaves vault`: keeps ciphertext and accounts, serves the app.

use super::show;
use crate::config::File;
use crate::listening::{Flags, Listening};
use crate::serving::Server;
use crate::{clock, lock, stopping};
use anyhow::Context as _;
use eaves_vault::store::StoreConfig;
use eaves_vault::{Clock, Config, Vault};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

/// What `eaves vault` takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where everything is kept [default: data]
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// Holds what a new hub must show; made when it is not there [default: pairing-secret in the data folder]
    #[arg(long)]
    pairing_secret_file: Option<PathBuf>,
    /// Serves the app from this folder instead of the built-in one
    #[arg(long)]
    app_dir: Option<PathBuf>,
    #[command(flatten)]
    listening: Flags,
}

/// The vault's folder below the data folder.
pub(crate) fn store_config(data_dir: &Path, file: &File) -> StoreConfig {
    let usual = StoreConfig::in_folder(&data_dir.join("vault"));
    StoreConfig { second_roots_dir: file.vault.second_roots_dir.clone().unwrap_or(usual.second_roots_dir), ..usual }
}

/// 32 random bytes, as text.
pub(crate) fn random_secret() -> anyhow::Result<Zeroizing<String>> {
    let mut random = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *random).map_err(|_| anyhow::anyhow!("no randomness"))?;
    Ok(Zeroizing::new(hex::encode(random.as_slice())))
}

/// Reads a secret, or makes one.
fn secret(file: &Path) -> anyhow::Result<Zeroizing<String>> {
    match std::fs::read_to_string(file) {
        Ok(text) => return Ok(Zeroizing::new(text.trim().to_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).context("could not read the pairing secret"),
    }
    let text = random_secret()?;
    let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    made.and_then(|mut f| f.write_all(text.as_bytes())).context("could not write the pairing secret")?;
    Ok(text)
}

/// Opens the vault; how both `vault` and `serve` begin.
pub(crate) async fn open(
    data_dir: &Path,
    app_dir: Option<PathBuf>,
    file: &File,
    listening: &Listening,
    pairing_secret: Zeroizing<String>,
    origin: &str,
) -> anyhow::Result<Vault> {
    let config = Config {
        store: store_config(data_dir, file),
        pairing_secret: Some(pairing_secret),
        is_secure: listening.is_https(),
        app_dir: app_dir.or_else(|| file.vault.app_dir.clone()),
        origin: Some(origin.to_owned()),
        clock: Clock::new(clock::now),
    };
    Vault::open(config).await.context("could not open the store")
}

/// Serves `vault` until `stop`, and leaves everything in order.
pub(crate) async fn serve(vault: &Vault, server: Server, stop: CancellationToken) {
    let background = tokio::spawn({
        let (vault, stop) = (vault.clone(), stop.clone());
        async move { vault.run_background(stop).await }
    });
    server.run(vault.router(), stop).await;
    let _ = background.await;
}

pub(crate) async fn run(args: Args, file: &File) -> anyhow::Result<ExitCode> {
    let stop = stopping::on_signal()?;
    let data_dir = file.data_dir(args.data_dir);
    let listening = Listening::resolve(args.listening, file)?;
    let _lock = lock::take(&data_dir, "vault")?;
    let secret_file = args.pairing_secret_file.or_else(|| file.vault.pairing_secret_file.clone());
    let pairing_secret = secret(&secret_file.unwrap_or_else(|| data_dir.join("pairing-secret")))?;
    let server = Server::bind(&listening, &data_dir).await?;
    let vault = open(&data_dir, args.app_dir, file, &listening, pairing_secret, &server.origin).await?;
    show::line(&format!("Vault at {}", server.origin));
    server.tell()?;
    serve(&vault, server, stop).await;
    vault.close().await;
    Ok(ExitCode::SUCCESS)
}
