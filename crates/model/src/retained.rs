//! What the stores of a strategy hold when a run has ended, beside the copies.

use crate::compaction::Compacted;
use crate::key::Key;
use crate::port::{QueueEntry, Record};
use crate::position::Offset;
use crate::row::Row;
use crate::time::Time;

/// The contents of the source and of the log between capture and sinks.
#[derive(Clone, Debug, Default)]
pub struct Retained {
    /// The rows of all tables, in the order of their keys.
    pub rows: Vec<(Key, Row)>,
    /// Rows that are marked as deleted, with the stamps of their deletions.
    pub marked: Vec<(Key, Time)>,
    /// The committed entries of the event table, by sequence.
    pub events: Vec<QueueEntry>,
    /// Whether entries of the event table were removed.
    pub events_removed: bool,
    /// The partitions of the log.
    pub log: Vec<RetainedPartition>,
    /// What the clock that stamps rows showed when the run began.
    pub began: Time,
}

/// What a partition of the log holds.
#[derive(Clone, Debug, Default)]
pub struct RetainedPartition {
    /// Its records, in order.
    pub records: Vec<Record>,
    /// The earliest offset that can be read: what was before it is gone.
    pub earliest: Offset,
    /// How far it is compacted.
    pub compacted: Compacted,
}

/// How much a compacted log was given, and how much of that it still holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CompactedLog {
    /// Events appended, repeated appends included.
    pub events: u64,
    /// Their bytes: what the log would hold if it kept everything.
    pub bytes: u64,
    /// Events held.
    pub events_held: u64,
    /// Their bytes.
    pub bytes_held: u64,
}
