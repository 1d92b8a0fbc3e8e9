//! The commands: one file each.

#[cfg(feature = "vault")]
mod archive;
#[cfg(feature = "vault")]
mod backup;
#[cfg(feature = "vault")]
mod check;
#[cfg(feature = "vault")]
mod restore;
#[cfg(feature = "hub")]
mod roles_hub;
#[cfg(feature = "vault")]
mod roles_vault;
#[cfg(all(feature = "hub", feature = "vault"))]
mod serve;
pub(crate) mod show;

use crate::config::File;
use clap::Subcommand;
use std::process::ExitCode;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Runs hub and vault in one process
    #[cfg(all(feature = "hub", feature = "vault"))]
    Serve(serve::Args),
    /// Runs the role in the home: cameras, sealing
    #[cfg(feature = "hub")]
    Hub(roles_hub::Args),
    /// Runs the role that keeps ciphertext and serves the app
    #[cfg(feature = "vault")]
    Vault(roles_vault::Args),
    /// Verifies what a vault has stored
    #[cfg(feature = "vault")]
    Check(check::Args),
    /// Copies everything a vault has stored
    #[cfg(feature = "vault")]
    Backup(backup::Args),
    /// Writes everything of a household into a folder that opens without a server
    #[cfg(feature = "vault")]
    Archive(archive::Args),
    /// Puts a backup back into an empty place
    #[cfg(feature = "vault")]
    Restore(restore::Args),
}

pub(crate) fn run(command: Command, file: &File) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("eaves").build()?;
    let code = runtime.block_on(async {
        match command {
            #[cfg(all(feature = "hub", feature = "vault"))]
            Command::Serve(args) => serve::run(args, file).await,
            #[cfg(feature = "hub")]
            Command::Hub(args) => roles_hub::run(args, file).await,
            #[cfg(feature = "vault")]
            Command::Vault(args) => roles_vault::run(args, file).await,
            #[cfg(feature = "vault")]
            Command::Check(args) => check::run(args, file).await,
            #[cfg(feature = "vault")]
            Command::Backup(args) => backup::run(args, file).await,
            #[cfg(feature = "vault")]
            Command::Archive(args) => archive::run(args, file).await,
            #[cfg(feature = "vault")]
            Command::Restore(args) => restore::run(args, file),
        }
    });
    // What still runs are streams of viewers; everything durable is closed.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    code
}
