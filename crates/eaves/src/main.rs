//! The program `eaves`. Everything it does is in the library beside it.

#[cfg(feature = "leaky-for-tests")]
compile_error!(
    "the program eaves never leaks on purpose: build --bin eaves-leaky, or without the feature leaky-for-tests"
);

fn main() -> std::process::ExitCode {
    eaves::main()
}
