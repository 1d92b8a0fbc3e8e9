//! Fuzzes `eaves_voice::fuzzing::wyoming`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| eaves_voice::fuzzing::wyoming(bytes));
