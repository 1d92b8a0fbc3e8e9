//! The released program as a process of its own, which can be killed.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

pub(crate) struct Program {
    child: Child,
    folder: PathBuf,
    pub(crate) address: SocketAddr,
}

impl Program {
    /// Starts it over what was seeded, behind a proxy on this machine that says for whom it asks.
    pub(crate) async fn start(folder: &Path) -> Self {
        Self::start_at(folder, "127.0.0.1:0").await
    }

    async fn start_at(folder: &Path, listen: &str) -> Self {
        let program = std::env::var_os("EAVES_PROGRAM").expect("EAVES_PROGRAM names the released program");
        let mut child = Command::new(program)
            .args(["vault", "--tls", "behind-proxy", "--listen", listen, "--data-dir"])
            .arg(folder)
            .env_remove("RUST_LOG")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = loop {
            let line = lines.next_line().await.unwrap().expect("the vault started");
            if let Some((_, address)) = line.split_once("http://") {
                break address.trim_end_matches('/').parse().unwrap();
            }
        };
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { child, folder: folder.to_owned(), address }
    }

    /// As a power cut would, and on again.
    pub(crate) async fn kill_and_start(mut self) -> Self {
        self.child.kill().await.unwrap();
        Self::start_at(&self.folder, &self.address.to_string()).await
    }
}
