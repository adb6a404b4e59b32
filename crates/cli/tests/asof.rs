//! `driftlab asof` as a shell sees it.
#![allow(clippy::disallowed_methods, reason = "these tests start the command and look at files")]

use std::path::Path;
use std::process::{Command, Stdio};

const SEATS: &str = r#"
title = "who had the seat"
[world]
duration = "3s"
[workload]
shape = "seats"
clients = 3
think = "exp(80ms)"
keys = { count = 6, distribution = "uniform" }
mix = { insert = 5, update = 2, delete = 4, read = 1 }
[[sink]]
kind = "search"
[[strategy]]
name = "events"
kind = "event_sourcing"
[[strategy]]
name = "three forms"
kind = "event_sourcing"
release_every = "700ms"
[[strategy]]
name = "dual"
kind = "dual_writes"
"#;

fn driftlab(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_driftlab"));
    command.args(arguments).current_dir(folder).env_remove("COLUMNS").stdin(Stdio::null());
    let output = command.output().expect("the command starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the command writes UTF-8");
    (output.status.code().expect("no signal ended it"), text(output.stdout), text(output.stderr))
}

#[test]
fn a_recorded_run_is_asked_about_a_row_at_a_moment() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("seats.toml"), SEATS).unwrap();
    let asof = |more: &[&str]| driftlab(folder, &[&["asof", "results/seats/latest"], more].concat());
    let (status, text, err) = asof(&["--key", "seat:1", "--time", "1s"]);
    assert_eq!((status, text.as_str()), (3, ""));
    assert!(err.contains("could not read results/seats/latest"), "{err}");

    assert_eq!(driftlab(folder, &["run", "seats.toml", "--quiet", "--history"]).0, 0);
    let (status, text, err) = asof(&["--key", "seat:1", "--time", "2s"]);
    assert_eq!((status, err.as_str()), (0, ""), "{text}");
    assert!(
        text.contains("events itself can still say") && text.contains("from its event streams"),
        "{text}"
    );
    let (status, json, _) =
        asof(&["--key", "seat:1", "--time", "2s", "--strategy", "events", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("one JSON document");
    assert_eq!(status, 0);
    assert_eq!(json["strategies"][0]["stores"][0]["store"], "event streams");
    let position = json["strategies"][0]["position"].to_string();
    let by_position = ["--key", "seat:1", "--position", &position, "--strategy", "events"];
    assert_eq!(asof(&by_position).0, 0);

    // What was written by releases that are over is told as what today's would have written.
    let told = |strategy: &str| {
        let arguments = ["--key", "seat:1", "--time", "2900ms", "--strategy", strategy, "--format", "json"];
        let (status, json, _) = asof(&arguments);
        assert_eq!(status, 0);
        let json: serde_json::Value = serde_json::from_str(&json).expect("one JSON document");
        json["strategies"][0]["stores"][0].clone()
    };
    assert_eq!(told("three forms"), told("events"));

    for (arguments, said) in [
        (&["--key", "seat:99", "--time", "1s"][..], "the nearest are seat:6"),
        (&["--key", "1", "--time", "1s"], "choose one of seat:1"),
        (&["--key", "seat:1", "--time", "9h"], "ended at"),
        (&["--key", "seat:1", "--position", "1"], "add --strategy NAME"),
        (&["--key", "seat:1", "--position", "99999999", "--strategy", "dual"], "ends at position"),
        (&["--key", "seat:1", "--time", "1s", "--strategy", "nobody"], "there is no strategy nobody"),
        (&["--key", "seat:1"], "--time"),
        (&["--key", "seat:1", "--time", "soon"], "a duration such as"),
    ] {
        let (status, out, err) = asof(arguments);
        assert_eq!((status, out.as_str()), (64, ""), "{arguments:?}");
        assert!(err.contains(said), "{arguments:?}: {err}");
    }
}

/// Long runs leave no history unless it is asked for, and somebody who comes afterwards must be told how to get one.
#[test]
fn where_no_history_was_kept_the_command_that_keeps_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("seats.toml"), SEATS.replace("3s", "90s")).unwrap();
    assert_eq!(driftlab(folder, &["run", "seats.toml", "--quiet", "--seed", "7"]).0, 0);
    let (status, _, err) =
        driftlab(folder, &["asof", "results/seats/latest", "--key", "seat:1", "--time", "1s"]);
    assert_eq!(status, 3);
    assert!(err.contains("driftlab run seats.toml --seed 7 --history"), "{err}");
    let latest = std::fs::canonicalize(folder.join("results/seats/latest")).unwrap();
    std::fs::create_dir(latest.join("history")).unwrap();
    std::fs::write(latest.join("history/events.parquet"), "no parquet").unwrap();
    std::fs::write(latest.join("history/events.kept.json"), "{}").unwrap();
    let (status, _, err) =
        driftlab(folder, &["asof", "results/seats/latest", "--key", "seat:1", "--time", "1s"]);
    assert_eq!(status, 64);
    assert!(err.contains("events.parquet"), "{err}");
}
