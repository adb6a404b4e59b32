//! The command as a shell sees it: exit statuses, and what goes to which stream.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "these tests start the command, look at files, and kill it by the clock"
)]

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

/// Whoever types the command for the first time asks it what there is.
#[test]
fn what_can_be_listed_is_listed() {
    let (status, out, err) = ended(&["list"]);
    assert_eq!((status, err.as_str()), (0, ""));
    for what in ["strategies", "sinks", "faults", "anomalies", "shapes", "worlds", "scenarios"] {
        assert!(out.lines().any(|line| line.starts_with(what)), "{out}");
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
    for what in ["strategies", "sinks", "faults", "anomalies", "shapes", "worlds"] {
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

const TINY: &str = r#"
title = "Two clients"

[world]
duration = "1s"

[workload]
shape = "kv"
clients = 2

[[sink]]
name = "search"
kind = "search"

[[strategy]]
kind = "dual_writes"
"#;

/// Programs read standard output: it holds one document and nothing else, and the files of equal runs are equal.
#[test]
fn a_run_prints_one_json_document_and_writes_the_same_files_twice() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tiny.toml"), TINY).unwrap();
    let run = || {
        let output =
            driftlab(&["run", "tiny.toml", "--format", "json"]).current_dir(&folder).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(output.stderr.is_empty(), "a pipe shows no progress");
        let read = |file: &str| std::fs::read_to_string(folder.path().join("results/tiny/latest").join(file));
        let files: Vec<String> = ["summary.json", "report.html", "report.md", "junit.xml", "staleness.svg"]
            .map(|file| read(file).unwrap())
            .to_vec();
        (String::from_utf8(output.stdout).unwrap(), files)
    };
    let (first, second) = (run(), run());
    assert_eq!(first, second);
    assert_eq!(first.0, first.1[0], "what is printed is the summary");
    let summary: serde_json::Value = serde_json::from_str(&first.0).expect("one JSON document");
    assert_eq!(summary["format"], 1);
    assert_eq!(std::fs::read_dir(folder.path().join("results/tiny")).unwrap().count(), 2);
}

#[test]
fn several_scenarios_print_one_array_and_quiet_prints_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tiny.toml"), TINY).unwrap();
    std::fs::write(folder.path().join("other.toml"), TINY).unwrap();
    let run = |arguments: &[&str]| driftlab(arguments).current_dir(&folder).output().unwrap();
    let both = run(&["run", "tiny.toml", "other.toml", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&both.stdout).expect("one JSON document");
    assert_eq!(json.as_array().map(Vec::len), Some(2));
    let quiet = run(&["run", "tiny.toml", "--quiet"]);
    assert_eq!((quiet.status.code(), quiet.stdout.len(), quiet.stderr.len()), (Some(0), 0, 0));
}

/// An hour of runs must not end with "not a directory".
#[test]
fn results_that_cannot_be_written_end_with_3_before_anything_is_run() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tiny.toml"), TINY).unwrap();
    std::fs::write(folder.path().join("taken"), "").unwrap();
    let output = driftlab(&["run", "tiny.toml", "--out", "taken"]).current_dir(&folder).output().unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(3), 0));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--out DIR"));
}

/// Pages are read by people who never heard of driftlab, in a pull request or on the page of a build: the command must fill GitHub's summary, and only there.
#[test]
fn the_summary_of_a_workflow_step_is_appended_to() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tiny.toml"), TINY).unwrap();
    let step = folder.path().join("step.md");
    std::fs::write(&step, "before\n").unwrap();
    let status = driftlab(&["run", "tiny.toml", "--quiet"])
        .current_dir(&folder)
        .env("GITHUB_STEP_SUMMARY", &step)
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(0));
    let text = std::fs::read_to_string(&step).unwrap();
    assert!(text.starts_with("before\n# Two clients"), "{text}");
    // GitHub shows nothing of a summary that is too long, so what others wrote must not be drowned.
    std::fs::write(&step, "x".repeat(1024 * 1024)).unwrap();
    let status = driftlab(&["run", "tiny.toml", "--quiet"])
        .current_dir(&folder)
        .env("GITHUB_STEP_SUMMARY", &step)
        .status()
        .unwrap();
    assert_eq!((status.code(), std::fs::metadata(&step).unwrap().len()), (Some(0), 1024 * 1024));
}

/// Two results are compared by a gate: equal ones pass, and what cannot be compared is told apart from what is worse.
#[test]
fn results_are_compared_and_short_runs_leave_histories_that_can_be_checked() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tiny.toml"), TINY).unwrap();
    let run = |arguments: &[&str]| {
        let output = driftlab(arguments).current_dir(&folder).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(run(&["run", "tiny.toml", "--quiet", "--seeds", "3"]).0, Some(0));
    let latest = "results/tiny/latest";
    let (status, text) = run(&["compare", latest, latest]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("0 worse, 0 better"), "{text}");
    let (_, json) = run(&["compare", latest, latest, "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("one JSON document");
    assert!(json["rows"].as_array().is_some_and(|rows| !rows.is_empty()));
    let summary = std::fs::read_to_string(folder.path().join(latest).join("summary.json")).unwrap();
    let mut worse: serde_json::Value = serde_json::from_str(&summary).unwrap();
    for one in worse["strategies"][0]["over_seeds"].as_array_mut().unwrap() {
        if one["measure"] == "write_p99_seconds" {
            one["mean"] = serde_json::json!(one["mean"].as_f64().unwrap() * 10.0);
        }
    }
    std::fs::write(folder.path().join("worse.json"), worse.to_string()).unwrap();
    let (status, text) = run(&["compare", latest, "worse.json"]);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("1 worse, 0 better") && text.contains("write_p99"), "{text}");
    assert_eq!(run(&["compare", latest, "absent"]).0, Some(3));
    assert_eq!(run(&["compare", latest, "tiny.toml"]).0, Some(64));
    assert_eq!(run(&["compare", latest, latest, "--strategy", "nobody"]).0, Some(64));
    assert_eq!(run(&["compare", latest]).0, Some(64));
    let (status, text) = run(&["check", "results/tiny/latest/history/dual_writes.parquet"]);
    assert!(matches!(status, Some(0 | 1)), "{text}");
}

/// Whoever finds a race at night sends the file; whoever opens it in the morning must see the same run, and a shard of a search must be refused where it is none.
#[test]
fn what_is_explored_is_drawn_kept_and_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().display().to_string();
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/dual-write/two-writers/broken.toml");
    let (status, text, err) = ended(&["explore", scenario, "--seeds", "300", "--out", &out]);
    assert_eq!((status, err.as_str()), (0, ""), "{text}");
    assert!(text.contains("an older version is back"), "{text}");
    let results = folder.path().join("dual-write/two-writers/broken/latest");
    for file in ["explore.html", "explore.md", "explore.json"] {
        assert!(results.join(file).is_file(), "{file}");
    }
    let finding = results.join("findings/dual-writes-stale_overwrite.json").display().to_string();
    let (status, text, err) = ended(&["replay", &finding, "--step"]);
    assert_eq!((status, err.as_str()), (0, ""), "{text}");
    assert!(text.contains("The same run, event by event."), "{text}");
    let (status, text, err) = ended(&["shrink", &finding]);
    assert_eq!((status, err.as_str()), (0, ""), "{text}");
    assert!(text.contains("2 operations are left"), "{text}");

    let (status, text, err) = ended(&["explore", scenario, "--exhaustive", "--out", &out]);
    assert_eq!((status, err.as_str()), (0, ""), "{text}");
    assert!(text.contains("all 924 schedules ("), "{text}");

    let changed = std::fs::read_to_string(&finding).unwrap().replace("\"format\": 1", "\"format\": 99");
    std::fs::write(&finding, changed).unwrap();
    let (status, out, err) = ended(&["replay", &finding]);
    assert_eq!((status, out.as_str()), (64, ""), "{err}");
    assert!(err.contains("format 99"), "{err}");
    for shard in ["2/2", "1", "x/y"] {
        assert_eq!(ended(&["explore", scenario, "--shard", shard]).0, 64, "{shard}");
    }
}

/// Two machines with a shard each must come to what one comes to, and whoever forgets a shard must be told so.
#[test]
fn shards_are_put_together_and_missing_ones_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/dual-write/two-writers/broken.toml");
    let out = |name: &str| folder.path().join(name).display().to_string();
    let results = |name: &str| folder.path().join(name).join("dual-write/two-writers/broken/latest");
    let latest = |name: &str| results(name).display().to_string();
    for (name, shard) in [("whole", "0/1"), ("a", "0/2"), ("b", "1/2")] {
        let (status, text, _) =
            ended(&["explore", scenario, "--seeds", "400", "--shard", shard, "--out", &out(name)]);
        assert_eq!(status, 0, "{text}");
    }
    let (status, text, err) = ended(&["report", &latest("b"), &latest("a"), "--out", &out("both")]);
    assert_eq!((status, err.as_str()), (0, ""), "{text}");
    let read = |name: &str| -> serde_json::Value {
        serde_json::from_str(&std::fs::read_to_string(results(name).join("explore.json")).unwrap()).unwrap()
    };
    let (mut both, whole) = (read("both"), read("whole"));
    for split in ["shards", "of_shards"] {
        both[split] = whole[split].clone();
    }
    assert_eq!(both, whole);
    // What is kept, and what is told of it, is what one machine keeps and tells.
    let file = |name: &str, file: &str| std::fs::read_to_string(results(name).join(file)).unwrap();
    for finding in ["stale_overwrite", "sink_disagreement"] {
        let finding = format!("findings/dual-writes-{finding}.json");
        assert_eq!(file("both", &finding), file("whole", &finding));
        let path = results("both").join(&finding).display().to_string();
        assert!(text.contains("Again: driftlab replay ") && text.contains(&finding), "{text}");
        assert_eq!(ended(&["replay", &path]).0, 0);
    }
    for page in ["explore.html", "explore.md"] {
        assert_eq!(file("both", page), file("whole", page), "{page}");
    }
    let page = std::fs::read_to_string(results("both").join("explore.html")).unwrap();
    assert!(page.contains("<svg"), "what was found is drawn");

    let (status, text, _) = ended(&["report", &latest("b"), "--out", &out("half")]);
    assert_eq!(status, 2, "{text}");
    assert!(text.contains("of 2 shards, these are missing: 0"), "{text}");
    // What one shard breaks, all break; what it does not show, another may.
    let claims = [("never = [\"stale_overwrite\"]", 1), ("shows = [\"missed_delete\"]", 2)];
    for (claim, expected) in claims {
        let shard = out("claimed");
        std::fs::create_dir_all(&shard).unwrap();
        let text = file("b", "explore.json").replace(
            "shows = [\\\"stale_overwrite\\\", \\\"sink_disagreement\\\"]",
            &claim.replace('"', "\\\""),
        );
        std::fs::write(folder.path().join("claimed/explore.json"), text).unwrap();
        let findings = std::fs::read_dir(results("b").join("findings")).unwrap();
        std::fs::create_dir_all(folder.path().join("claimed/findings")).unwrap();
        for finding in findings {
            let finding = finding.unwrap();
            std::fs::copy(finding.path(), folder.path().join("claimed/findings").join(finding.file_name()))
                .unwrap();
        }
        let (status, text, err) = ended(&["report", &shard, "--out", &out("judged")]);
        assert_eq!((status, err.as_str()), (expected, ""), "{text}");
    }
    let (status, _, err) = ended(&["report", &latest("a"), &latest("a"), "--out", &out("twice")]);
    assert_eq!(status, 64);
    assert!(err.contains("shard 0 of 2 is in both"), "{err}");
    assert_eq!(ended(&["report", &out("nowhere")]).0, 3);
}

/// A history of somebody else's pipeline may be anything: what is no history is refused, and what cannot be read is told apart from it.
#[test]
fn what_is_no_history_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.parquet").display().to_string();
    assert_eq!(ended(&["check", &file]).0, 3);
    std::fs::write(&file, "not a Parquet file").unwrap();
    let (status, out, err) = ended(&["check", &file]);
    assert_eq!((status, out.as_str()), (64, ""), "{err}");
    assert!(err.contains("history.parquet"), "{err}");
}

/// A scenario for the embedded world, with a line of its own choice among the settings of its sink.
fn on_real_stores(folder: &std::path::Path, setting: &str) {
    let text = format!(
        "title = \"t\"\n[world]\nkind = \"embedded\"\nduration = \"60s\"\n[workload]\nshape = \"kv\"\n[[sink]]\nkind = \"search\"\n{setting}\n[[strategy]]\nkind = \"log_cdc\"\n"
    );
    std::fs::write(folder.join("real.toml"), text).unwrap();
}

#[test]
fn schedules_of_real_stores_cannot_be_explored() {
    let folder = tempfile::tempdir().unwrap();
    on_real_stores(folder.path(), "");
    let output = driftlab(&["explore", "real.toml"]).current_dir(&folder).output().unwrap();
    assert_eq!(output.status.code(), Some(64));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nothing twice"));
    assert!(output.stdout.is_empty());
}

#[test]
fn what_real_stores_cannot_do_ends_with_64_and_the_line() {
    let folder = tempfile::tempdir().unwrap();
    on_real_stores(folder.path(), "bulk_failures = 0.5");
    let output = driftlab(&["run", "real.toml"]).current_dir(&folder).output().unwrap();
    assert_eq!(output.status.code(), Some(64));
    assert!(String::from_utf8_lossy(&output.stderr).contains("real.toml:9:17"));
    assert!(!folder.path().join("results").exists());
}

#[test]
fn real_stores_without_a_place_to_work_end_with_3() {
    let folder = tempfile::tempdir().unwrap();
    on_real_stores(folder.path(), "");
    let mut command = driftlab(&["run", "real.toml"]);
    let output = command.current_dir(&folder).env("TMPDIR", folder.path().join("absent")).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stderr).contains("could not make a folder"));
}

/// Whoever is impatient must not find gigabytes of dead databases a week later.
#[cfg(unix)]
#[test]
fn an_interrupted_run_on_real_stores_leaves_no_temporary_folder() {
    let folder = tempfile::tempdir().unwrap();
    let temporary = folder.path().join("tmp");
    std::fs::create_dir(&temporary).unwrap();
    on_real_stores(folder.path(), "");
    for signals in [1, 2] {
        let mut command = driftlab(&["run", "real.toml", "--quiet"]);
        command.current_dir(&folder).env("TMPDIR", &temporary).stderr(Stdio::null()).stdout(Stdio::null());
        let mut running = command.spawn().unwrap();
        let is_empty = || std::fs::read_dir(&temporary).unwrap().next().is_none();
        // Twice a folder is made: to ask the stores what they are, and for the run.
        while !std::fs::read_dir(&temporary)
            .unwrap()
            .flatten()
            .any(|run| run.path().join("source.sqlite").exists())
        {
            assert!(running.try_wait().unwrap().is_none(), "the run ended by itself");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        for _ in 0..signals {
            let id = running.id().to_string();
            assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        }
        let status = running.wait().unwrap();
        assert!(matches!(status.code(), Some(2 | 130)), "{status}");
        assert!(is_empty(), "something was left in {}", temporary.display());
    }
}

#[test]
fn calibrating_writes_a_profile_and_says_what_was_measured() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = driftlab(&["calibrate", "--duration", "3s", "--out", "here.toml"]);
    let output = command.current_dir(&folder).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let (told, profile) = (String::from_utf8(output.stdout).unwrap(), folder.path().join("here.toml"));
    let profile = std::fs::read_to_string(profile).unwrap();
    for store in ["source", "log", "cache", "search", "warehouse"] {
        assert!(told.contains(store) && profile.contains(&format!("\n{store} = \"")), "{told}\n{profile}");
    }
}
