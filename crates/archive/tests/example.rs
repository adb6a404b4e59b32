//! The example of the documentation, run as its reader would.
#![allow(clippy::disallowed_methods, reason = "tests write files")]

use driftlab_archive::Reader;
use driftlab_check::{Anomaly, Checker, Until};
use std::path::Path;
use std::process::Command;

/// The python to run examples with: that of `DRIFTLAB_PYTHON`, else `python3`.
fn python() -> String {
    std::env::var("DRIFTLAB_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

fn can_import(module: &str) -> bool {
    let output = Command::new(python()).args(["-c", &format!("import {module}")]).output();
    output.is_ok_and(|output| output.status.success())
}

/// An example that no longer runs is the first thing that somebody with a pipeline of their own meets.
#[test]
fn the_python_example_writes_a_history_in_which_the_overtaken_writer_is_found() {
    if !can_import("pyarrow") {
        eprintln!("skipped: {} has no pyarrow (pip install pyarrow, or set DRIFTLAB_PYTHON)", python());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.parquet");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/history.py");
    let output = Command::new(python()).arg(script).arg(&path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let mut reader = Reader::open(&path).unwrap();
    let mut checker = Checker::new(reader.cast());
    reader.tell(&mut checker).unwrap();
    let judgement = checker.finish();
    assert!(judgement.quiescent);
    let found: Vec<Anomaly> = judgement.findings.iter().map(|finding| finding.anomaly).collect();
    assert!(found.contains(&Anomaly::StaleOverwrite), "{found:?}");
    let stale = judgement.findings.iter().find(|finding| finding.anomaly == Anomaly::StaleOverwrite).unwrap();
    assert_eq!(stale.until, Until::Permanent);
    assert!(stale.sentence.contains("alice") && stale.sentence.contains("product 7"), "{}", stale.sentence);
}
