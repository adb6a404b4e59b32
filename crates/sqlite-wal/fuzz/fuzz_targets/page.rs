//! Any bytes as a page, its cells and its records.
#![no_main]

#[path = "../bodies/page.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| body::run(bytes));
