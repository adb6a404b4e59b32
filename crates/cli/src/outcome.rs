//! What came of a scenario file: the summary of a run, or of a matrix.

use crate::status::Status;
use driftlab_report::sweep::{SWEEP_FORMAT, Sweep};
use driftlab_report::{FORMAT, Summary};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::path::Path;

/// `summary.json`.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Outcome {
    /// Of a single scenario.
    One(Box<Summary>),
    /// Of one for every combination of its options.
    Matrix(Box<Sweep>),
}

/// Reads it from a folder of results, or from the file itself.
pub(crate) fn read(path: &Path) -> Result<Outcome, (Status, String)> {
    let file = if path.is_dir() { path.join("summary.json") } else { path.to_owned() };
    let text = std::fs::read_to_string(&file).map_err(|error| {
        let advice = "name a folder of results, such as results/quickstart/latest, or its summary.json";
        (Status::Impossible, format!("could not read {}: {error}; {advice}", file.display()))
    })?;
    parse(&text).map_err(|why| (Status::Refused, format!("{}: {why}", file.display())))
}

fn parse(text: &str) -> Result<Outcome, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| format!("no JSON: {error}"))?;
    let is_matrix = value.get("cells").is_some();
    let known = if is_matrix { SWEEP_FORMAT } else { FORMAT };
    match value.get("format").and_then(Value::as_u64) {
        Some(format) if format == u64::from(known) => {}
        Some(format) => {
            return Err(format!("a summary in format {format}; this version reads format {known}"));
        }
        None => return Err(format!("no summary of driftlab's; this version reads format {known}")),
    }
    if is_matrix { form(value).map(Outcome::Matrix) } else { form(value).map(Outcome::One) }
}

fn form<T: DeserializeOwned>(value: Value) -> Result<Box<T>, String> {
    serde_json::from_value(value).map(Box::new).map_err(|error| {
        format!("written by another version of driftlab ({error}); run the scenario again with this one")
    })
}
