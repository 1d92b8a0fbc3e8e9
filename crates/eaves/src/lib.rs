//! The Eaves program: command line, logging, clocks and the wiring of the roles.
//!
//! The clock, the process environment and the command line are read here and in `cmd`, and nowhere below.

#[cfg(all(feature = "leaky-for-tests", not(debug_assertions)))]
compile_error!("a release never leaks on purpose: build it without the feature leaky-for-tests");

#[cfg(feature = "vault")]
mod authority;
mod clock;
mod cmd;
mod config;
mod confine;
#[cfg(all(feature = "hub", feature = "vault"))]
mod inside;
#[cfg(feature = "vault")]
mod install;
#[cfg(feature = "hub")]
mod listener;
#[cfg(feature = "vault")]
mod listening;
mod lock;
mod log;
#[cfg(feature = "hub")]
mod outside;
#[cfg(feature = "vault")]
mod serving;
mod stopping;

use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "eaves", version, about = "The home camera that a family can trust")]
struct Cli {
    /// A settings file; docs/ref/config.md lists what may stand in it
    #[arg(long, global = true, env = "EAVES_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: cmd::Command,
}

/// Does what the command line says.
pub fn main() -> ExitCode {
    // The decoder child must not open anything before it confines itself, so it comes before all else.
    #[cfg(feature = "hub")]
    {
        let mut args = std::env::args_os().skip(1);
        if args.next().is_some_and(|first| first == "decoder") {
            let rest: Vec<_> = args.collect();
            return eaves_media::decoder::run_decoder_child(&rest);
        }
    }
    let cli = Cli::parse();
    log::start();
    #[cfg(feature = "leaky-for-tests")]
    log::warn_of_leaks();
    if let Err(error) = confine::confine() {
        tracing::warn!(%error, "the process could not be kept from leaving a memory image");
    }
    match config::File::read(cli.config.as_deref()).and_then(|file| cmd::run(cli.command, &file)) {
        Ok(code) => code,
        Err(error) => {
            log::complain(&error);
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
