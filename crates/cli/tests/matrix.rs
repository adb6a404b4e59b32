//! A scenario with a `[matrix]` at the prompt.
#![allow(clippy::disallowed_methods, reason = "a test of the command reads and writes files")]

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const SWEPT: &str = r#"title = "Swept"
[world]
seeds = 2
duration = "1s"
[workload]
shape = "kv"
clients = 2
operations = 20
[[sink]]
kind = "warehouse"
[[strategy]]
name = "CDC"
kind = "log_cdc"
[matrix]
workload.keys.count = [1, 50]
strategy.CDC.batch = [1, 10, 100]
[[expect]]
never = ["*"]
"#;

fn driftlab(folder: &Path, arguments: &[&str]) -> Output {
    let command = Command::new(env!("CARGO_BIN_EXE_driftlab")).current_dir(folder).args(arguments).output();
    command.expect("the command runs")
}

fn folder_with(scenario: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("swept.toml"), scenario).expect("a scenario is written");
    folder
}

#[test]
fn every_combination_is_run_and_reported() {
    let folder = folder_with(SWEPT);
    let output = driftlab(folder.path(), &["run", "swept.toml", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let printed: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
    assert_eq!(printed["axes"][1]["values"], serde_json::json!(["1", "10", "100"]));
    let values: Vec<&Value> =
        printed["cells"].as_array().into_iter().flatten().map(|c| &c["values"]).collect();
    assert_eq!(values.len(), 6);
    assert_eq!(values[4], &serde_json::json!(["50", "10"]));

    let latest = folder.path().join("results/swept/latest");
    let kept: Value =
        serde_json::from_str(&fs::read_to_string(latest.join("summary.json")).expect("it is kept"))
            .expect("JSON");
    assert_eq!(kept, printed);
    assert!(
        fs::read_to_string(latest.join("report.md")).expect("it is kept").contains("workload.keys.count")
    );
    for number in 1..=6 {
        let of_one = latest.join(format!("combinations/{number:03}/summary.json"));
        let one: Value =
            serde_json::from_str(&fs::read_to_string(&of_one).expect("it is kept")).expect("JSON");
        assert_eq!(one["scenario"]["digest"], printed["cells"][number - 1]["digest"]);
    }
}

/// Whoever opens the page gets from the whole to each combination, and whoever has only the data gets the page back.
#[test]
fn the_page_leads_to_every_combination_and_is_drawn_again_from_the_data() {
    let folder = folder_with(SWEPT);
    let step = folder.path().join("step.md");
    let mut command = Command::new(env!("CARGO_BIN_EXE_driftlab"));
    command.current_dir(folder.path()).args(["run", "swept.toml", "--quiet", "--jobs", "2"]);
    assert_eq!(command.env("GITHUB_STEP_SUMMARY", &step).status().expect("the command runs").code(), Some(0));
    let latest = folder.path().join("results/swept/latest");
    let page = fs::read_to_string(latest.join("report.html")).expect("it is kept");
    assert!(page.contains("driftlab run swept.toml --seed 1 --seeds 2"));
    let links: Vec<&str> =
        page.split("href=\"combinations/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(links.len(), 6);
    for link in links {
        assert!(latest.join("combinations").join(link).is_file(), "{link}");
    }
    let markdown = fs::read_to_string(latest.join("report.md")).expect("it is kept");
    assert_eq!(fs::read_to_string(step).expect("it is appended to"), format!("{markdown}\n"));
    for file in ["report.html", "report.md"] {
        fs::remove_file(latest.join(file)).expect("it is there");
    }
    let output = driftlab(folder.path(), &["report", "results/swept/latest"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("All 6 expectations hold over 6 combinations of 2 seeds."), "{said}");
    assert_eq!(fs::read_to_string(latest.join("report.html")).expect("it is back"), page);
    assert_eq!(fs::read_to_string(latest.join("report.md")).expect("it is back"), markdown);
}

/// A gate that compares must not pass because it looked at the wrong folder.
#[test]
fn a_combination_is_shown_and_compared_and_a_matrix_is_not() {
    let folder = folder_with(SWEPT);
    assert_eq!(driftlab(folder.path(), &["run", "swept.toml", "--quiet"]).status.code(), Some(0));
    let (whole, one) = ("results/swept/latest", "results/swept/latest/combinations/001");
    let output = driftlab(folder.path(), &["report", one]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("PASS"));
    assert_eq!(driftlab(folder.path(), &["compare", one, one]).status.code(), Some(0));
    let output = driftlab(folder.path(), &["compare", whole, whole]);
    assert_eq!(output.status.code(), Some(64));
    assert!(String::from_utf8_lossy(&output.stderr).contains("combinations/001"));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let folder = folder_with(SWEPT);
    let on = |jobs| {
        let output = driftlab(folder.path(), &["run", "swept.toml", "--format", "json", "--jobs", jobs]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    assert_eq!(on("1"), on("3"));
}

#[test]
fn an_expectation_that_fails_in_one_combination_fails_the_whole() {
    let when = "[[expect]]\nwhen = { workload.keys.count = 50 }\nshows = [\"phantom\"]\n";
    let folder = folder_with(&format!("{SWEPT}{when}"));
    let output = driftlab(folder.path(), &["run", "swept.toml"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("3 of 9 expectations do not hold over 6 combinations of 2 seeds"), "{said}");
}

/// Exploring takes one scenario: which of the combinations is meant, nobody said.
#[test]
fn where_one_scenario_is_wanted_a_matrix_is_refused() {
    let folder = folder_with(SWEPT);
    let output = driftlab(folder.path(), &["explore", "swept.toml"]);
    assert_eq!(output.status.code(), Some(64));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("swept.toml:14") && said.contains("6 combinations"), "{said}");
}

#[test]
fn the_list_says_what_is_swept() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("scenarios")).expect("a folder");
    fs::write(folder.path().join("scenarios/swept.toml"), SWEPT).expect("a scenario is written");
    let output = driftlab(folder.path(), &["list", "scenarios", "scenarios/swept.toml"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("sweeps: workload.keys.count = 1, 50; strategy.CDC.batch = 1, 10, 100"), "{said}");
}
