//! A ledger as JSON: an object of its counts.

use driftlab_model::{Ledger, PerSink};
use serde::{Deserialize, Serialize};

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Counts {
    source_rows_read: u64,
    source_rows_written: u64,
    source_extra_rows: u64,
    source_requests: u64,
    log_bytes_written: u64,
    log_bytes_retained_max: u64,
    events_moved: u64,
    bytes_moved: u64,
    sink_requests: Vec<u64>,
    sink_operations: Vec<u64>,
    sink_bytes: Vec<u64>,
}

/// A ledger as JSON.
pub(crate) fn write_ledger(ledger: &Ledger) -> String {
    let list = |counts: &PerSink| counts.to_vec();
    let counts = Counts {
        source_rows_read: ledger.source_rows_read,
        source_rows_written: ledger.source_rows_written,
        source_extra_rows: ledger.source_extra_rows,
        source_requests: ledger.source_requests,
        log_bytes_written: ledger.log_bytes_written,
        log_bytes_retained_max: ledger.log_bytes_retained_max,
        events_moved: ledger.events_moved,
        bytes_moved: ledger.bytes_moved,
        sink_requests: list(&ledger.sink_requests),
        sink_operations: list(&ledger.sink_operations),
        sink_bytes: list(&ledger.sink_bytes),
    };
    serde_json::to_string(&counts).expect("counts are JSON")
}

/// The ledger of a text; a count that is not there is 0.
///
/// # Errors
/// What is wrong with the text.
pub(crate) fn read_ledger(text: &str) -> Result<Ledger, String> {
    let counts: Counts = serde_json::from_str(text).map_err(|why| why.to_string())?;
    Ok(Ledger {
        source_rows_read: counts.source_rows_read,
        source_rows_written: counts.source_rows_written,
        source_extra_rows: counts.source_extra_rows,
        source_requests: counts.source_requests,
        log_bytes_written: counts.log_bytes_written,
        log_bytes_retained_max: counts.log_bytes_retained_max,
        events_moved: counts.events_moved,
        bytes_moved: counts.bytes_moved,
        sink_requests: counts.sink_requests.into(),
        sink_operations: counts.sink_operations.into(),
        sink_bytes: counts.sink_bytes.into(),
    })
}
