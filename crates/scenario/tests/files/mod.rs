//! The project's own scenario files.
#![allow(dead_code, reason = "each test file uses what it needs")]

use std::path::{Path, PathBuf};

/// The folder of the project's scenarios.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios").canonicalize().expect("the scenarios")
}

/// All scenario files, by path.
pub(crate) fn scenarios() -> Vec<PathBuf> {
    fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("a folder of scenarios can be read").flatten() {
            let path = entry.path();
            if path.is_dir() {
                collect(&path, files);
            } else if path.extension().is_some_and(|ending| ending == "toml") {
                files.push(path);
            }
        }
    }
    let mut files = Vec::new();
    collect(&folder(), &mut files);
    files.sort();
    files
}
