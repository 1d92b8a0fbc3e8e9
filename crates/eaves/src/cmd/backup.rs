//! `eaves backup`: copies what a vault has stored; the vault must be stopped.

use super::{roles_vault, show};
use crate::config::File;
use crate::{clock, lock};
use eaves_vault::store::{ROOTS_IN_BACKUP_DAYS, Store};
use std::path::PathBuf;
use std::process::ExitCode;

/// What `eaves backup` takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where everything is kept [default: data]
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// A new folder for the copy.
    #[arg(long)]
    out: PathBuf,
}

pub(crate) async fn run(args: Args, file: &File) -> anyhow::Result<ExitCode> {
    let data_dir = file.data_dir(args.data_dir);
    let _lock = lock::take(&data_dir, "vault")?;
    let store = Store::open(roles_vault::store_config(&data_dir, file)).await?;
    let report = store.backup(&args.out, clock::now()).await?;
    store.close().await;
    show::line(&format!(
        "{} sealed files, {} bytes. It can be restored for {ROOTS_IN_BACKUP_DAYS} days; whoever holds it could undo an erasure \
         made in that time, but still opens nothing without a member's keys.",
        report.bodies, report.bytes
    ));
    Ok(ExitCode::SUCCESS)
}
