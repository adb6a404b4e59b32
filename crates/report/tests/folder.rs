//! Results on the disk: whole or not at all, and refused before a run begins.
#![allow(clippy::disallowed_methods, reason = "these tests look at files")]

mod fixture;

use driftlab_report::{Album, EXPORTERS, Environment, OutputFolder, Report, Summary, write_whole};
use std::fs;
use std::path::Path;
use std::time::Duration;

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_is_replaced_whole_and_leaves_no_temporary_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("summary.json");
    write_whole(&path, "old").unwrap();
    write_whole(&path, "new").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    assert_eq!(files(folder.path()), ["summary.json"]);
}

/// The last step fails: a folder stands where the file should go. Neither a half file nor the temporary one may stay.
#[test]
fn a_write_that_fails_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("summary.json");
    fs::create_dir(&path).unwrap();
    fs::write(path.join("kept"), "kept").unwrap();
    let error = write_whole(&path, "new").unwrap_err().to_string();
    assert!(error.contains("summary.json") && error.contains("--out DIR"), "{error}");
    assert_eq!(files(folder.path()), ["summary.json"]);
    assert_eq!(files(&path), ["kept"]);
}

#[test]
fn results_go_to_one_place_a_run_and_latest_points_at_it() {
    let base = tempfile::tempdir().unwrap();
    let experiment = fixture::experiment();
    let summary = Summary::of(&experiment);
    let album = Album::default();
    let report = Report { experiment: &experiment, summary: &summary, album: &album };
    let environment = Environment::here("broken.toml", Duration::from_millis(1_500));
    for _ in 0..2 {
        let folder = OutputFolder::prepare(base.path(), &experiment.scenario, 7, 2).unwrap();
        assert_eq!(folder.path(), base.path().join("dual-write/two-writers/broken/seed-7-x2-3f2a9c01"));
        folder.write(&report, &environment).unwrap();
    }
    let of_scenario = base.path().join("dual-write/two-writers/broken");
    assert_eq!(files(&of_scenario), ["latest", "seed-7-x2-3f2a9c01"]);
    let mut expected: Vec<String> = EXPORTERS.iter().map(|exporter| exporter.file().to_owned()).collect();
    expected.push("environment.json".to_owned());
    expected.sort();
    assert_eq!(files(&of_scenario.join("seed-7-x2-3f2a9c01")), expected);
    #[cfg(unix)]
    assert_eq!(files(&of_scenario.join("latest")), expected);
}

/// An hour of runs must not end with "permission denied".
#[test]
fn a_folder_that_cannot_be_made_is_refused_before_the_run() {
    let base = tempfile::tempdir().unwrap();
    let file = base.path().join("results");
    fs::write(&file, "").unwrap();
    let error = OutputFolder::prepare(&file, &fixture::experiment().scenario, 7, 2).unwrap_err();
    assert!(error.to_string().contains("--out DIR"), "{error}");
    assert_eq!(files(base.path()), ["results"]);
}

#[test]
fn results_that_are_there_stay_until_the_new_ones_are_complete() {
    let base = tempfile::tempdir().unwrap();
    let scenario = fixture::experiment().scenario;
    let results = |text: &str| {
        let folder = OutputFolder::prepare(base.path(), &scenario, 7, 2).unwrap();
        folder.put("summary.json", text).unwrap();
        folder.put(&format!("findings/{text}.json"), text).unwrap();
        folder
    };
    let first = results("old");
    assert!(!first.path().exists(), "nothing is there before it is complete");
    first.publish().unwrap();
    let second = results("new");
    assert_eq!(fs::read_to_string(second.path().join("summary.json")).unwrap(), "old");
    second.publish().unwrap();
    assert_eq!(fs::read_to_string(second.path().join("summary.json")).unwrap(), "new");
    assert_eq!(
        files(&second.path().join("findings")),
        ["new.json"],
        "nothing of the old result is among the new"
    );
    assert_eq!(files(second.path().parent().unwrap()), ["latest", "seed-7-x2-3f2a9c01"]);
}

/// A process that was killed leaves a hidden folder; the next run of the same scenario takes it away, and leaves those alone in which somebody is still at work.
#[test]
fn what_a_killed_process_had_gathered_is_removed() {
    let base = tempfile::tempdir().unwrap();
    let scenario = fixture::experiment().scenario;
    let of_scenario = base.path().join("dual-write/two-writers/broken");
    let abandoned = of_scenario.join(".seed-7-x2-3f2a9c01.4000000000.partial");
    fs::create_dir_all(&abandoned).unwrap();
    fs::write(abandoned.join("summary.json"), "half").unwrap();
    let at_work = of_scenario.join(".seed-7-x2-3f2a9c01.4000000001.partial");
    fs::create_dir_all(&at_work).unwrap();
    let lock = fs::File::open(&at_work).unwrap();
    lock.try_lock().unwrap();
    let folder = OutputFolder::prepare(base.path(), &scenario, 7, 2).unwrap();
    assert!(!abandoned.exists() && at_work.exists());
    folder.abandon();
}

#[test]
fn a_run_that_came_to_nothing_leaves_no_empty_folder() {
    let base = tempfile::tempdir().unwrap();
    let results = base.path().join("results");
    let folder = OutputFolder::prepare(&results, &fixture::experiment().scenario, 7, 2).unwrap();
    folder.abandon();
    assert!(files(base.path()).is_empty());
}
