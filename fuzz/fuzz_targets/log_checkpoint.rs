//! Fuzzes `eaves_tlog::fuzzing::checkpoint`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| eaves_tlog::fuzzing::checkpoint(bytes));
