//! A database whose bytes changed while the reader was away.
#![no_main]

#[path = "../bodies/database.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| body::run(bytes));
