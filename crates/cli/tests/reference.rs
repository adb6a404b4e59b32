//! The project's own scenarios give what is recorded under `results/reference`, byte for byte, whatever the process, the number of threads, and the
//! optimisation level: these tests run the command as it is built for them, and `scripts/regenerate` records with an optimised one.
//!
//! A difference that is meant is recorded by `scripts/regenerate`, and named in the changelog under *Seeds*.
#![allow(clippy::disallowed_methods, reason = "a test of the command reads and writes files")]

use std::path::{Path, PathBuf};
use std::process::Command;

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the crate lies in its workspace")
}

fn summary(scenario: &str, jobs: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder for results");
    let output = Command::new(env!("CARGO_BIN_EXE_driftlab"))
        .current_dir(top())
        .args(["run", &format!("scenarios/{scenario}.toml"), "--format", "json", "--jobs", jobs, "--out"])
        .arg(folder.path())
        .output()
        .expect("the command runs");
    assert!(
        output.status.success(),
        "scenarios/{scenario}.toml: an expectation does not hold\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("JSON is text")
}

#[track_caller]
fn is_as_recorded(scenario: &str, jobs: &str) {
    let recorded = std::fs::read_to_string(top().join(format!("results/reference/{scenario}.json")))
        .expect("a recorded result; scripts/regenerate makes it");
    let made = summary(scenario, jobs);
    // A diff of thousands of lines helps nobody: the first differing line does.
    for (number, (was, is)) in recorded.lines().zip(made.lines()).enumerate() {
        assert_eq!(was, is, "line {} of {scenario}.json, with --jobs {jobs}", number + 1);
    }
    assert_eq!(recorded.len(), made.len());
}

#[test]
fn quickstart_on_one_thread_and_on_two() {
    is_as_recorded("quickstart", "1");
    is_as_recorded("quickstart", "2");
}

#[test]
fn two_writers() {
    is_as_recorded("dual-write/two-writers/broken", "2");
    is_as_recorded("dual-write/two-writers/fixed", "1");
}

#[test]
fn crash_between() {
    is_as_recorded("dual-write/crash-between/broken", "1");
    is_as_recorded("dual-write/crash-between/fixed", "2");
}
