//! Fuzzes `eaves_open::fuzzing::texts`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| eaves_open::fuzzing::texts(bytes));
