//! Fuzzes `eaves_tlog::fuzzing::tile_bytes`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| eaves_tlog::fuzzing::tile_bytes(bytes));
