//! What everything costs, counted where it happens.

use smallvec::SmallVec;

/// A count for each sink.
pub type PerSink = SmallVec<[u64; 4]>;

/// Counts of work done since the run began.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Rows that reads of the source returned.
    pub source_rows_read: u64,
    /// Rows that clients' statements wrote.
    pub source_rows_written: u64,
    /// Rows written beside them, by an outbox or by triggers, deletions from the event table included.
    pub source_extra_rows: u64,
    /// Requests that the source served.
    pub source_requests: u64,
    /// Bytes written to the source's log.
    pub log_bytes_written: u64,
    /// The most bytes of the log that a slot ever held back.
    pub log_bytes_retained_max: u64,
    /// Events appended to the log between capture and sinks, or moved without one.
    pub events_moved: u64,
    /// Their bytes.
    pub bytes_moved: u64,
    /// For each sink: requests served.
    pub sink_requests: PerSink,
    /// For each sink: row operations applied.
    pub sink_operations: PerSink,
    /// For each sink: bytes received.
    pub sink_bytes: PerSink,
}
