//! `eaves check`: verifies a store from outside.

use super::{roles_vault, show};
use crate::config::File;
use crate::lock;
use eaves_vault::store::Store;
use std::path::PathBuf;
use std::process::ExitCode;

/// What `eaves check` takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where everything is kept [default: data]
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// Also reads every sealed body and compares it with what its link says.
    #[arg(long)]
    digests: bool,
}

pub(crate) async fn run(args: Args, file: &File) -> anyhow::Result<ExitCode> {
    let data_dir = file.data_dir(args.data_dir);
    let _lock = lock::take(&data_dir, "vault")?;
    let store = Store::open(roles_vault::store_config(&data_dir, file)).await?;
    let findings = store.check(args.digests).await?;
    for finding in &findings {
        show::line(&format!("{}: {}", finding.what, finding.which));
    }
    store.close().await;
    if findings.is_empty() {
        show::line("The store is in order.");
        Ok(ExitCode::SUCCESS)
    } else {
        Ok(ExitCode::FAILURE)
    }
}
