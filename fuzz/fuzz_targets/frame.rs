//! Fuzzes `eaves_open::fuzzing::frame`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| eaves_open::fuzzing::frame(bytes));
