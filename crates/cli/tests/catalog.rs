//! docs/catalog.md is of this version.
#![allow(clippy::disallowed_methods, reason = "a test of the command reads files")]

use std::path::Path;
use std::process::Command;

#[test]
fn the_committed_catalog_is_the_one_that_the_command_prints() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let catalog = Command::new(env!("CARGO_BIN_EXE_driftlab")).current_dir(&top).arg("catalog").output();
    let printed = String::from_utf8(catalog.expect("the command runs").stdout).expect("Markdown is text");
    let kept = std::fs::read_to_string(top.join("docs/catalog.md")).expect("docs/catalog.md can be read");
    let differing = kept.lines().zip(printed.lines()).find(|(kept, printed)| kept != printed);
    assert_eq!(differing, None, "driftlab catalog > docs/catalog.md");
    assert_eq!(kept.len(), printed.len(), "driftlab catalog > docs/catalog.md");
    assert!(kept.len() > 10_000);
}
