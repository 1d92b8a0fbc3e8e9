//! Fuzzes `eaves_voice::fuzzing::sentences`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| eaves_voice::fuzzing::sentences(bytes));
