//! `summary.json`.

use crate::exporter::{Exporter, Report};

/// The summary as JSON, indented, so that a difference between two runs is a difference between lines.
pub(crate) struct Json;

impl Exporter for Json {
    fn file(&self) -> &'static str {
        "summary.json"
    }

    fn summary(&self) -> &'static str {
        "the summary for programs; equal runs make equal files"
    }

    fn render(&self, report: &Report<'_>) -> Vec<u8> {
        let mut json = serde_json::to_string_pretty(report.summary)
            .expect("a summary has text keys and finite numbers, which JSON can always say");
        json.push('\n');
        json.into_bytes()
    }
}
