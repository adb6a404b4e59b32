use std::sync::atomic::{AtomicU64, Ordering};

/// What the source's work costs, counted by all of its threads.
#[derive(Debug, Default)]
pub(crate) struct Costs {
    rows_read: AtomicU64,
    rows_written: AtomicU64,
    extra_rows_written: AtomicU64,
}

impl Costs {
    /// Rows that reads, scans and polls returned.
    pub(crate) fn rows_read(&self) -> u64 {
        self.rows_read.load(Ordering::Relaxed)
    }
    /// Rows that statements changed, those of transactions that rolled back later included.
    pub(crate) fn rows_written(&self) -> u64 {
        self.rows_written.load(Ordering::Relaxed)
    }
    /// Rows written beside them: entries of the event table and their removal, and what says in the log who a transaction was.
    pub(crate) fn extra_rows_written(&self) -> u64 {
        self.extra_rows_written.load(Ordering::Relaxed)
    }

    pub(super) fn read(&self, rows: usize) {
        self.rows_read.fetch_add(rows as u64, Ordering::Relaxed);
    }
    pub(super) fn wrote(&self, rows: usize) {
        self.rows_written.fetch_add(rows as u64, Ordering::Relaxed);
    }
    pub(super) fn wrote_extra(&self, rows: u64) {
        self.extra_rows_written.fetch_add(rows, Ordering::Relaxed);
    }
}
