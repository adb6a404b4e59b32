//! The command as a shell sees it: exit statuses, and what goes to which stream.
#![allow(clippy::disallowed_methods, reason = "these tests start the command and look at files")]

use std::process::{Command, Output, Stdio};

fn driftlab(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_driftlab"));
    command.args(arguments).env_remove("COLUMNS").env_remove("RUST_BACKTRACE").stdin(Stdio::null());
    command
}

fn ended(arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = driftlab(arguments).output().expect("the command starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the command writes UTF-8");
    (status.code().expect("no signal ended it"), text(stdout), text(stderr))
}

#[test]
fn help_and_version_end_well_on_standard_output() {
    for arguments in
        [&["--help"][..], &["--version"], &["run", "--help"], &["list", "--help"], &["help", "doctor"]]
    {
        let (status, out, err) = ended(arguments);
        assert_eq!((status, err.as_str()), (0, ""), "{arguments:?}");
        assert!(out.contains("driftlab"), "{out}");
    }
}

/// Shells and CI tell a wrong call from a verdict by the status; clap's own would be 2, which means unknown here.
#[test]
fn bad_arguments_end_with_64() {
    for arguments in [
        &["nonsense"][..],
        &[],
        &["run"],
        &["run", "x.toml", "--seeds", "0"],
        &["run", "x.toml", "--duration", "-5s"],
        &["run", "x.toml", "--duration", "0"],
        &["run", "x.toml", "--format", "xml"],
        &["list", "nonsense"],
        &["list", "anomalies", "nonsense"],
        &["completions", "nonsense"],
    ] {
        let (status, out, err) = ended(arguments);
        assert_eq!((status, out.as_str()), (64, ""), "{arguments:?}");
        assert!(!err.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_scenario_that_is_not_there_ends_with_3_and_leaves_no_results() {
    let folder = tempfile::tempdir().unwrap();
    let output = driftlab(&["run", "absent.toml"]).current_dir(&folder).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("absent.toml"));
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn a_scenario_that_is_wrong_ends_with_64_and_the_worst_of_several_counts() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("wrong.toml"), "title = 3\nnonsense = true\n").unwrap();
    let status =
        |arguments: &[&str]| driftlab(arguments).current_dir(&folder).output().unwrap().status.code();
    assert_eq!(status(&["run", "wrong.toml"]), Some(64));
    assert_eq!(status(&["run", "wrong.toml", "absent.toml"]), Some(3));
}

#[test]
fn every_registry_can_be_listed_as_a_table_and_as_one_json_document() {
    for what in ["strategies", "sinks", "faults", "anomalies", "shapes"] {
        let (status, table, err) = ended(&["list", what]);
        assert_eq!((status, err.as_str()), (0, ""), "{what}");
        let (_, json, _) = ended(&["list", what, "--format", "json"]);
        let json: serde_json::Value = serde_json::from_str(&json).expect("one JSON document");
        assert_eq!(json.as_array().expect("an array").len(), table.lines().count(), "{what}");
        for entry in json.as_array().unwrap() {
            let name = entry["name"].as_str().unwrap();
            let (status, full, _) = ended(&["list", what, name]);
            assert_eq!(status, 0, "{what} {name}");
            assert!(full.contains(entry["summary"].as_str().unwrap()), "{what} {name}");
        }
    }
}

#[test]
fn completions_are_made_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (status, script, err) = ended(&["completions", shell]);
        assert_eq!((status, err.as_str()), (0, ""), "{shell}");
        assert!(script.contains("driftlab"), "{shell}");
    }
}

/// `driftlab list … | head -1` must not end in a panic, nor with another status than without `head`.
#[test]
fn a_closed_pipe_ends_quietly() {
    let mut child =
        driftlab(&["completions", "bash"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
