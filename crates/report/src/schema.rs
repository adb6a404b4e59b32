//! The JSON Schema of `summary.json`, for programs that read it.

use crate::summary::Summary;
use crate::sweep::Sweep;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};

/// The schema of `summary.json` (JSON Schema, draft 2020-12): of a scenario, or of a matrix of them.
#[must_use]
pub fn summary_schema() -> Value {
    let mut generator = SchemaGenerator::default();
    let one = Summary::json_schema(&mut generator);
    let matrix = Sweep::json_schema(&mut generator);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://github.com/driftlab/driftlab/blob/main/results/summary.schema.json",
        "title": "driftlab summary",
        "description": "What is kept of a run of a scenario, or of a matrix of scenarios. Times are whole nanoseconds.",
        "oneOf": [one, matrix],
        "$defs": generator.definitions(),
    })
}
