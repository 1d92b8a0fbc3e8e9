//! `eaves serve`: hub and vault in one process, with everything embedded.

use super::{roles_hub, roles_vault, show};
use crate::config::File;
use crate::inside::Inside;
use crate::listener::Listener;
use crate::listening::{Flags, Listening};
use crate::serving::Server;
use crate::{clock, lock, stopping};
use anyhow::Context as _;
use eaves_hub::{Hub, HubConfig};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The vault is in the same process: what it does not take at once, it will not take.
const DRAIN: Duration = Duration::from_secs(3);

/// What `eaves serve` takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where everything is kept [default: data]
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// Serves the app from this folder instead of the built-in one
    #[arg(long)]
    app_dir: Option<PathBuf>,
    #[command(flatten)]
    listening: Flags,
}

pub(crate) async fn run(args: Args, file: &File) -> anyhow::Result<ExitCode> {
    let stop = stopping::on_signal()?;
    let data_dir = file.data_dir(args.data_dir);
    let listening = Listening::resolve(args.listening, file)?;
    let _locks = (lock::take(&data_dir, "vault")?, lock::take(&data_dir, "hub")?);
    let server = Server::bind(&listening, &data_dir).await?;
    // Hub and vault know each other by a secret that lives as long as the process.
    let secret = roles_vault::random_secret()?;
    let vault = roles_vault::open(&data_dir, args.app_dir, file, &listening, secret.clone(), &server.origin).await?;
    let listener = Listener::start().context("could not start the cameras' thread")?;
    let usual = roles_hub::hub_config(&data_dir, file, secret);
    let config = HubConfig { drain: DRAIN, listens_on: listener.handle(), ..usual };
    std::fs::create_dir_all(&config.dir).context("could not make the hub's folder")?;
    let inside = Arc::new(Inside(vault.router()));
    let events = roles_hub::console(Some(server.origin.clone()));
    let hub = Hub::open(config, inside, roles_hub::decoder()?, Arc::new(clock::moments()), events)?;
    show::line(&format!("Eaves is running at {}", server.origin));
    // Without an owner, the hub's console says where to go, with the code.
    if vault.store().is_claimed().await? {
        show::line(&format!("Open {}/", server.origin));
    }
    server.tell()?;
    // The hub stops first, while the vault can still take what is left.
    let hub = tokio::spawn(hub.run(stop.clone()));
    let served = CancellationToken::new();
    let serving = tokio::spawn({
        let (vault, served) = (vault.clone(), served.clone());
        async move { roles_vault::serve(&vault, server, served).await }
    });
    let ended = hub.await;
    served.cancel();
    let _ = serving.await;
    vault.close().await;
    ended.context("the hub broke down")??;
    Ok(ExitCode::SUCCESS)
}
