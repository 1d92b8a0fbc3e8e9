//! Fuzzes `eaves_open::fuzzing::pack_list`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| eaves_open::fuzzing::pack_list(bytes));
