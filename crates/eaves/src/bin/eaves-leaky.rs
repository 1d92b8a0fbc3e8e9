//! The same program, leaking on purpose: the journey that looks for leaks must be seen finding them. Never for use.

fn main() -> std::process::ExitCode {
    eaves::main()
}
