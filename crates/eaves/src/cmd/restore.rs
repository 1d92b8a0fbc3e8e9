//! `eaves restore`: puts a backup back into an empty place.

use super::{roles_vault, show};
use crate::config::File;
use crate::{clock, lock};
use std::path::PathBuf;
use std::process::ExitCode;

/// What `eaves restore` takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where everything shall be kept [default: data]
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// The folder that `eaves backup` made.
    #[arg(long)]
    from: PathBuf,
}

pub(crate) fn run(args: Args, file: &File) -> anyhow::Result<ExitCode> {
    let data_dir = file.data_dir(args.data_dir);
    let _lock = lock::take(&data_dir, "vault")?;
    let config = roles_vault::store_config(&data_dir, file);
    eaves_vault::store::restore(&args.from, &config, clock::now())?;
    show::line("Restored. Run `eaves check` to verify it, then start.");
    Ok(ExitCode::SUCCESS)
}
