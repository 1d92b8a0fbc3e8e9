//! `eaves hub`: the role in the home, with its vault elsewhere.

use super::show;
use crate::config::File;
use crate::listener::Listener;
use crate::outside::Outside;
use crate::{clock, lock, stopping};
use anyhow::Context as _;
use eaves_hub::{Event, Events, Hub, HubConfig};
use eaves_media::decoder::DecoderCommand;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use zeroize::Zeroizing;

const GIB: u64 = 1 << 30;

/// What `eaves hub` takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where the hub keeps its identity and what waits for the vault [default: data]
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// The vault, as `https://vault.example`; `http://` on this machine only
    #[arg(long)]
    vault_url: Option<String>,
    /// Holds the only authorities (PEM) that may vouch for the vault; without it those of the machine may
    #[arg(long)]
    ca_file: Option<PathBuf>,
    /// Holds what the vault asks of a new hub
    #[arg(long)]
    pairing_secret_file: Option<PathBuf>,
    /// The app's address, for the line with the claim code [default: the vault's]
    #[arg(long)]
    app_origin: Option<String>,
}

/// What the hub below the data folder is set up with.
pub(crate) fn hub_config(data_dir: &Path, file: &File, secret: Zeroizing<String>) -> HubConfig {
    let usual = HubConfig::new(data_dir.join("hub"));
    let bytes = |gib: Option<u64>, usual| gib.map_or(usual, |gib| gib.saturating_mul(GIB));
    HubConfig {
        pairing_secret: Some(secret),
        spool_bytes_max: bytes(file.hub.spool_gib_max, usual.spool_bytes_max),
        free_bytes_min: bytes(file.hub.free_gib_min, usual.free_bytes_min),
        ..usual
    }
}

/// This program, as the child that decodes pictures.
pub(crate) fn decoder() -> anyhow::Result<DecoderCommand> {
    let program = std::env::current_exe().context("could not find this program")?;
    Ok(DecoderCommand { program: program.into(), args: vec!["decoder".into()] })
}

/// Prints what a person must know.
pub(crate) fn console(origin: Option<String>) -> Arc<dyn Events> {
    Arc::new(move |event: Event| match event {
        Event::ClaimCode { code, .. } => {
            let code = code.to_text();
            if let Some(origin) = &origin {
                show::line(&format!("Open {origin}/#claim={code}"));
            }
            show::line(&format!("Claim code {code} (good for ten minutes)"));
        }
        Event::Claimed => show::line("The hub has an owner now."),
        Event::RosterRefused(error) => {
            tracing::warn!(%error, "the vault offered a roster that is refused");
            show::line(
                "The vault offered a list of people and keys that your owner did not sign. It is refused, and recording \
                 goes on as before. Ask whoever runs the vault.",
            );
        }
        Event::ChainRefused { device, rolled_back } => {
            tracing::warn!(%device, rolled_back, "the vault shows another history than it confirmed; nothing is handed over");
            show::line(
                "The vault shows another history of a camera than it had confirmed. This hub keeps what it records and \
                 hands nothing over until that is put right. Ask whoever runs the vault.",
            );
        }
        Event::DiskFull(true) => tracing::warn!("too little space on the disk: recording stops, live pictures go on"),
        Event::DiskFull(false) => tracing::info!("enough space on the disk again"),
        _ => {}
    })
}

pub(crate) async fn run(args: Args, file: &File) -> anyhow::Result<ExitCode> {
    let stop = stopping::on_signal()?;
    let url = args
        .vault_url
        .or_else(|| file.hub.vault_url.clone())
        .context("where is the vault? name it with --vault-url")?;
    let ca_file = args.ca_file.or_else(|| file.hub.ca_file.clone());
    let vault = Arc::new(Outside::new(&url, ca_file.as_deref())?);
    let secret_file = args.pairing_secret_file.or_else(|| file.hub.pairing_secret_file.clone());
    let secret_file = secret_file.context("the vault asks a new hub for its secret: --pairing-secret-file")?;
    let secret =
        std::fs::read_to_string(&secret_file).map(Zeroizing::new).context("could not read the pairing secret")?;
    let data_dir = file.data_dir(args.data_dir);
    let _lock = lock::take(&data_dir, "hub")?;
    let listener = Listener::start().context("could not start the cameras' thread")?;
    let usual = hub_config(&data_dir, file, Zeroizing::new(secret.trim().to_owned()));
    let config = HubConfig { listens_on: listener.handle(), ..usual };
    std::fs::create_dir_all(&config.dir).context("could not make the hub's folder")?;
    let origin = args.app_origin.unwrap_or(url);
    let console = console(Some(origin.trim_end_matches('/').to_owned()));
    let hub = Hub::open(config, vault, decoder()?, Arc::new(clock::moments()), console)?;
    show::line("The hub is running");
    hub.run(stop).await?;
    Ok(ExitCode::SUCCESS)
}
