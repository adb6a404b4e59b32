//! The schema of `summary.json` that is committed is that of this version, and every recorded result fits it.
//!
//! The validator is not ours, so the schema means to others what it means to us.
#![allow(clippy::disallowed_methods, reason = "these tests read the recorded results")]

use driftlab_report::summary_schema;
use jsonschema::Validator;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

const COMMITTED: &str = "summary.schema.json";

fn results() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results")
}

fn validator() -> Validator {
    jsonschema::draft202012::new(&summary_schema()).expect("a schema is a schema")
}

fn recorded(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder of results can be read").flatten().map(|e| e.path());
    entries.flat_map(|path| if path.is_dir() { recorded(&path) } else { vec![path] }).collect()
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("a result can be read")).expect("a result is JSON")
}

#[test]
fn the_committed_schema_is_of_this_version() {
    let committed = fs::read_to_string(results().join(COMMITTED)).expect("the committed schema");
    assert!(
        committed == format!("{:#}\n", summary_schema()),
        "driftlab schema summary > results/{COMMITTED}"
    );
}

#[test]
fn every_recorded_result_fits_the_schema() {
    let validator = validator();
    let files = recorded(&results().join("reference"));
    assert!(files.len() > 30);
    for file in files {
        let errors: Vec<String> =
            validator.iter_errors(&read(&file)).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", file.display());
    }
}

#[test]
fn what_is_wrong_does_not_fit() {
    let validator = validator();
    let right = read(&results().join("reference/dual-write/two-writers/fixed.json"));
    assert!(validator.is_valid(&right));
    for (place, wrong) in
        [("/verdict", json!("fine")), ("/strategies/0/runs", json!(3)), ("/seeds", Value::Null)]
    {
        let mut summary = right.clone();
        *summary.pointer_mut(place).expect("it is there") = wrong;
        assert!(!validator.is_valid(&summary), "{place}");
    }
}
