//! Inputs that the fuzz targets found worth keeping, run once more: one for each way through the code that they reached.
//!
//! `fuzz/` says how to look for more.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

#[path = "../fuzz/bodies/database.rs"]
mod database;
#[path = "../fuzz/bodies/log.rs"]
mod log;
#[path = "../fuzz/bodies/page.rs"]
mod page;

fn all(target: &str, run: fn(&[u8])) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let mut inputs = 0;
    for input in std::fs::read_dir(&folder).unwrap().flatten() {
        println!("{}", input.path().display());
        run(&std::fs::read(input.path()).unwrap());
        inputs += 1;
    }
    assert!(inputs > 0, "no input in {}", folder.display());
}

#[test]
fn inputs_that_were_kept_as_logs_verify_or_end() {
    all("log", log::run);
}

#[test]
fn inputs_that_were_kept_as_pages_decode_or_are_refused() {
    all("page", page::run);
}

#[test]
fn inputs_that_were_kept_as_databases_are_read_or_refused() {
    all("database", database::run);
}
