//! Fuzzes `eaves_tlog::fuzzing::tile_path`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| eaves_tlog::fuzzing::tile_path(bytes));
