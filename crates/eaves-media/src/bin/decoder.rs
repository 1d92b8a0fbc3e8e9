//! The decoder child by itself, for the tests of this crate.

fn main() -> std::process::ExitCode {
    let args: Vec<_> = std::env::args_os().skip(1).collect();
    eaves_media::decoder::run_decoder_child(&args)
}
