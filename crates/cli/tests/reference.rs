//! Every scenario of the project holds what it expects, and gives what is recorded under `results/reference`, byte for byte, whatever the process, the
//! number of threads, and the optimisation level: these tests run the command as it is built for them, and `scripts/regenerate` records with an optimised one.
//!
//! A new scenario is tested by being there. A difference that is meant is recorded by `scripts/regenerate`, and named in the changelog under *Seeds*.
#![allow(clippy::disallowed_methods, reason = "a test of the command reads and writes files")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the crate lies in its workspace")
}

/// The files with this ending below a folder, by their paths from it without the ending.
fn below(folder: &Path, ending: &str) -> Vec<String> {
    fn collect(top: &Path, folder: &Path, ending: &str, names: &mut Vec<String>) {
        for entry in fs::read_dir(folder).expect("a folder of the project can be read").flatten() {
            let path = entry.path();
            if path.is_dir() {
                collect(top, &path, ending, names);
            } else if path.extension().is_some_and(|found| found == ending) {
                let name = path.strip_prefix(top).expect("it was found below").with_extension("");
                names.push(name.to_str().expect("names are ASCII").replace('\\', "/"));
            }
        }
    }
    let mut names = Vec::new();
    collect(folder, folder, ending, &mut names);
    names.sort();
    names
}

/// The project's scenarios, those aside that want a database from the command line.
fn scenarios() -> Vec<String> {
    let folder = top().join("scenarios");
    let mut names = below(&folder, "toml");
    names.retain(|name| {
        let text = fs::read_to_string(folder.join(format!("{name}.toml"))).expect("a scenario can be read");
        !text.contains("shape = \"database\"")
    });
    names
}

/// What a scenario gives: its summary, and where it is no matrix, the picture of staleness over time. Or what is wrong with it.
fn results(scenario: &str, jobs: &str) -> Result<(String, Option<String>), String> {
    let folder = tempfile::tempdir().expect("a folder for results");
    let output = Command::new(env!("CARGO_BIN_EXE_driftlab"))
        .current_dir(top())
        .args(["run", &format!("scenarios/{scenario}.toml"), "--format", "json", "--jobs", jobs, "--out"])
        .arg(folder.path())
        .output()
        .expect("the command runs");
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("scenarios/{scenario}.toml: {}; {said}", output.status));
    }
    let picture = fs::read_to_string(folder.path().join(scenario).join("latest/staleness.svg")).ok();
    Ok((String::from_utf8(output.stdout).expect("JSON is text"), picture))
}

/// What differs from the recorded result: the first line, because a diff of thousands of them helps nobody.
fn compare(scenario: &str, jobs: &str) -> Result<(), String> {
    let recorded =
        fs::read_to_string(top().join(format!("results/reference/{scenario}.json"))).map_err(|_| {
            format!("results/reference/{scenario}.json is not there: scripts/regenerate makes it")
        })?;
    let (made, picture) = results(scenario, jobs)?;
    let shown = fs::read_to_string(top().join("docs/pictures/quickstart.svg")).ok();
    if scenario == "quickstart" && picture != shown {
        return Err(
            "docs/pictures/quickstart.svg is not that of the run: scripts/regenerate makes it".to_owned()
        );
    }
    if recorded == made {
        return Ok(());
    }
    let differing = recorded.lines().zip(made.lines()).zip(1..).find(|((was, is), _)| was != is);
    Err(match differing {
        Some(((was, is), line)) => {
            format!("{scenario}.json, line {line}, with --jobs {jobs}:\n  was {was}\n  is  {is}")
        }
        None => format!("{scenario}.json: one is the beginning of the other, with --jobs {jobs}"),
    })
}

fn all_are_as_recorded(scenarios: &[String], jobs: &str) {
    assert!(!scenarios.is_empty());
    let wrong: Vec<String> = scenarios.iter().filter_map(|name| compare(name, jobs).err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The two halves run side by side; which thread count a scenario meets does not matter, and so half of them meet each.
fn half(of: impl Fn(usize) -> bool) -> Vec<String> {
    scenarios().into_iter().enumerate().filter(|(number, _)| of(*number)).map(|(_, name)| name).collect()
}

/// A README is believed: its table must be the one that the recorded result gives.
#[test]
fn the_readme_shows_the_recorded_result() {
    let read = |file: &str| fs::read_to_string(top().join(file)).expect("the file is committed");
    let summary = serde_json::from_str(&read("results/reference/quickstart.json")).expect("a summary");
    let readme = read("README.md");
    let table = driftlab_report::headline(&summary);
    assert!(
        readme.contains(&table),
        "README.md does not show this table; scripts/regenerate puts it there:\n{table}"
    );
    assert!(readme.contains("docs/pictures/quickstart.svg"));
}

#[test]
fn every_other_scenario_on_one_thread() {
    all_are_as_recorded(&half(|number| number % 2 == 0), "1");
}

#[test]
fn the_other_scenarios_on_two_threads() {
    all_are_as_recorded(&half(|number| number % 2 == 1), "2");
}

#[test]
fn a_scenario_gives_the_same_on_one_thread_and_on_three() {
    for scenario in ["quickstart", "dual-write/two-writers/broken"] {
        all_are_as_recorded(&[scenario.to_owned()], "1");
        all_are_as_recorded(&[scenario.to_owned()], "3");
    }
}

/// A result of a scenario that was renamed or removed would never be compared with anything again.
#[test]
fn every_recorded_result_has_its_scenario() {
    assert_eq!(below(&top().join("results/reference"), "json"), scenarios());
}
