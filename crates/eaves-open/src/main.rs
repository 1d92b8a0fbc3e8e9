//! The command `eaves-open`: opens an archive folder with a recovery kit, without a server and without a network.

mod command;

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Opens what Eaves sealed. Needs no server and no network.
#[derive(Parser)]
#[command(name = "eaves-open", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Opens one sealed file with an age identity and writes the plaintext to a file.
    Open {
        /// The age file.
        file: PathBuf,
        /// File with an identity, AGE-SECRET-KEY-PQ-1…
        #[arg(long)]
        identity_file: PathBuf,
        /// Where to write.
        #[arg(long)]
        out: PathBuf,
    },
    /// Lists devices and recordings of an archive.
    List {
        #[command(flatten)]
        source: Source,
        #[command(flatten)]
        choice: Choice,
    },
    /// Writes recordings as MP4 and posters as JPEG.
    Export {
        #[command(flatten)]
        source: Source,
        #[command(flatten)]
        choice: Choice,
        /// Folder to write to. Files that are there are not replaced.
        #[arg(long)]
        out: PathBuf,
    },
    /// Checks an audit pack, or an archive with every part, and says what that proves.
    Verify {
        /// The folder of an audit pack. It needs no kit.
        #[arg(conflicts_with = "Source", required_unless_present = "archive")]
        pack: Option<PathBuf>,
        /// The log's key, as the household's app shows it.
        #[arg(long, requires = "pack")]
        log_key: Option<String>,
        #[command(flatten)]
        source: Option<Source>,
    },
    /// Prints the age identities, so that any age 1.3 tool opens the parts.
    Identities {
        #[command(flatten)]
        source: Source,
    },
}

/// An archive and the kit that opens it.
#[derive(Args)]
struct Source {
    /// The archive folder.
    #[arg(long)]
    archive: PathBuf,
    /// File with the recovery kit, or - to read it from standard input. It is never an argument: those can be seen.
    #[arg(long)]
    kit_file: PathBuf,
}

/// Which recordings.
#[derive(Args)]
struct Choice {
    /// Only this device, by id or by name.
    #[arg(long)]
    device: Option<String>,
    /// Only what ends after this time, for example 2026-11-24T08:00:00Z.
    #[arg(long)]
    from: Option<String>,
    /// Only what starts before this time.
    #[arg(long)]
    to: Option<String>,
}

fn main() -> ExitCode {
    match command::run(Cli::parse().command) {
        Ok(command::Outcome::Clean) => ExitCode::SUCCESS,
        Ok(command::Outcome::Alarms) => ExitCode::from(1),
        Err(error) => {
            command::complain(&format!("{error:#}"));
            ExitCode::from(2)
        }
    }
}
