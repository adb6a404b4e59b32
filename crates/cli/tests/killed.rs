//! The command killed at whatever moment: the results from before or the new ones, never a mixture.
//!
//! `DRIFTLAB_KILLS=500 cargo test -p driftlab --test killed` kills it five hundred times instead of some dozens.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "these tests start the command, look at files, and kill it by the clock"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

/// How often each scenario is killed, unless `DRIFTLAB_KILLS` says otherwise.
const KILLS: u64 = 24;

const TINY: &str = r#"title = "Two clients, one key"
[world]
seeds = 2
duration = "200ms"
[workload]
shape = "kv"
clients = 2
operations = 40
keys = { count = 4 }
[[sink]]
kind = "search"
[[strategy]]
kind = "dual_writes"
[[strategy]]
kind = "log_cdc"
"#;

/// A build server kills what takes too long, and a laptop's battery asks nobody: whoever looks at the results afterwards must find those from before or the new ones, never a mixture, and
/// `latest` must never lead nowhere.
#[test]
fn a_run_that_is_killed_leaves_the_results_from_before_or_the_new_ones() {
    kill_again_and_again("tiny", TINY);
}

/// The same of a matrix, whose results are folders in folders.
#[test]
fn a_matrix_that_is_killed_leaves_the_results_from_before_or_the_new_ones() {
    kill_again_and_again("swept", &format!("{TINY}[matrix]\nworkload.clients = [1, 2, 3]\n"));
}

fn kill_again_and_again(name: &str, scenario: &str) {
    let kills =
        std::env::var("DRIFTLAB_KILLS").map_or(KILLS, |kills| kills.parse().expect("a number of kills"));
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join(format!("{name}.toml")), scenario).expect("a scenario is written");
    let results = folder.path().join("results").join(name);
    let start = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_driftlab"));
        command.args(["run", &format!("{name}.toml"), "--quiet"]).current_dir(&folder).stdin(Stdio::null());
        command.spawn().expect("the command starts")
    };
    let began = Instant::now();
    assert!(start().wait().expect("it ends").success());
    let whole_run = began.elapsed();
    let expected = below(&results.join("latest"));
    assert!(expected.iter().any(|file| file.ends_with("report.html")), "{expected:?}");

    // A generator of its own: the moments differ from test to test, and a failure says which they were.
    let mut state = u64::from(std::process::id());
    let (mut old, mut new, mut while_writing) = (0, 0, 0);
    for round in 0..kills {
        // The clock of a file system moves in steps of some milliseconds.
        std::thread::sleep(Duration::from_millis(20));
        let began = SystemTime::now();
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let share = (state >> 40) as f64 / (1_u64 << 24) as f64;
        let mut child = start();
        // In turn: anywhere in the run; while files are written; around the moment in which they take their place.
        let moment = match round % 3 {
            0 => {
                std::thread::sleep(whole_run.mul_f64(1.1 * share));
                format!("after {share:.3} of 1.1 of a run that takes {whole_run:?}")
            }
            1 => {
                let wanted = (share * expected.len() as f64) as usize;
                wait_until_written(&results, &mut child, wanted);
                format!("when {wanted} of {} files were written", expected.len())
            }
            _ => {
                let later = Duration::from_millis(30).mul_f64(share);
                wait_until_written(&results, &mut child, expected.len() - 1);
                std::thread::sleep(later);
                format!("{later:?} after the last file was begun")
            }
        };
        let _ = child.kill();
        child.wait().expect("it ends");
        while_writing += u64::from(gathered(&results) > 0);
        let context = format!("round {round}, killed {moment}");
        if all_are_new(&results.join("latest"), &expected, began, &context) { new += 1 } else { old += 1 }
    }
    println!(
        "{kills} kills, {while_writing} of them while files were written: {old} left the results from before, {new} the new ones"
    );
    assert!(
        while_writing >= kills / 4,
        "only {while_writing} of {kills} kills struck while files were written"
    );
    assert!(old > 0, "no kill struck before the results were published");
    // What killed runs had gathered is taken away by the next one.
    assert!(start().wait().expect("it ends").success());
    let left: Vec<PathBuf> =
        fs::read_dir(&results).expect("results").flatten().map(|entry| entry.path()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

/// Whether all files are of the run that began then: either all are, or none is, and each is whole.
fn all_are_new(latest: &Path, expected: &[PathBuf], began: SystemTime, context: &str) -> bool {
    assert_eq!(below(latest), expected, "{context}");
    let is_new: Vec<bool> = expected
        .iter()
        .map(|file| {
            let path = latest.join(file);
            let bytes = fs::read(&path).expect("a file of the results");
            let (begins, ends): (&[u8], &[u8]) = match path.extension().and_then(|ending| ending.to_str()) {
                Some("json") => (b"{", b"}\n"),
                Some("html") => (b"<!DOCTYPE html>", b"</html>"),
                Some("svg") => (b"<svg", b"</svg>"),
                Some("xml") => (b"<?xml", b"</testsuites>\n"),
                Some("parquet") => (b"PAR1", b"PAR1"),
                Some("md") => (b"# ", b"\n"),
                other => panic!("{other:?}"),
            };
            assert!(
                bytes.starts_with(begins) && bytes.ends_with(ends),
                "{} is not whole; {context}",
                path.display()
            );
            fs::metadata(&path).and_then(|file| file.modified()).expect("a time") >= began
        })
        .collect();
    assert!(is_new.iter().all(|new| *new == is_new[0]), "old and new files are mixed; {context}: {is_new:?}");
    is_new[0]
}

/// Waits until so many files lie in the hidden folder in which they are gathered, or the run is over.
fn wait_until_written(results: &Path, child: &mut Child, wanted: usize) {
    while gathered(results) <= wanted {
        if child.try_wait().expect("it can be asked").is_some() {
            return;
        }
        std::thread::sleep(Duration::from_micros(200));
    }
}

/// How many files lie in hidden folders.
fn gathered(results: &Path) -> usize {
    let entries = fs::read_dir(results).into_iter().flatten().flatten();
    let hidden = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with('.'));
    hidden.map(|entry| below(&entry.path()).len()).sum()
}

/// All files below a folder, by their paths from there; none where it is not there any more.
fn below(folder: &Path) -> Vec<PathBuf> {
    fn collect(top: &Path, folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                collect(top, &path, files);
            } else {
                files.push(path.strip_prefix(top).expect("it was found below").to_owned());
            }
        }
    }
    let mut files = Vec::new();
    collect(folder, folder, &mut files);
    files.sort();
    files
}
