//! What the database's work costs.

/// Counts of work done since the database was made or reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Costs {
    /// Rows that reads, scans and polls returned.
    pub rows_read: u64,
    /// Rows that statements changed, those of transactions that rolled back later included.
    pub rows_written: u64,
    /// Rows written beside them: entries of the event table, and their removal.
    pub extra_rows_written: u64,
    /// Bytes written to the write-ahead log.
    pub log_bytes_written: u64,
    /// The most bytes of the log that a slot ever held back.
    pub log_bytes_retained_max: u64,
}
