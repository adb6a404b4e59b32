//! What the segment file log promises: order, offsets, retention, and what is left of it after crashes and damage.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a real log is tested in real files, by a real clock"
)]

mod compaction;
mod crash;
mod damage;
mod properties;
mod reading;
mod retention;

use driftlab_embedded::log::{LogError, LogOptions, SegmentLog, SyncPolicy};
use driftlab_model::port::Record;
use driftlab_model::{
    Change, ChangeEvent, Key, Lsn, Offset, Row, TableId, Time, TransactionId, Value, Version, WriteId,
};
use std::path::{Path, PathBuf};
use std::time::Duration;

fn event(n: u64) -> ChangeEvent {
    let write = WriteId { transaction: TransactionId(n), index: 0 };
    let values = [Value::from(n as i64), Value::from(n as f64 / 3.0), Value::from("some text"), Value::Null];
    let row = Row::new(write, Version(n), Time::from_nanos(n), values.into());
    let key = Key::integer(TableId(0), n as i64);
    let change = Change { key, before: None, after: Some(row), write, version: Version(n) };
    ChangeEvent { position: Lsn(n), transaction: write.transaction, index: 0, of: Some(1), change }
}

fn options() -> LogOptions {
    LogOptions { sync: SyncPolicy::Never, ..LogOptions::default() }
}

fn open(folder: &Path, options: &LogOptions) -> SegmentLog {
    SegmentLog::open(folder, options).expect("the log opens")
}

fn at(seconds: u64) -> Time {
    Time::from_nanos(seconds * 1_000_000_000)
}

fn read(log: &SegmentLog, partition: u32, from: u64, limit: usize) -> Result<Vec<(u64, u64)>, LogError> {
    let records = log.read(partition, Offset(from), limit, Duration::ZERO)?.records;
    Ok(numbers(&records))
}

/// Offset and number of the event of each record; the events are compared whole.
fn numbers(records: &[Record]) -> Vec<(u64, u64)> {
    records
        .iter()
        .map(|record| {
            let n = record.event.position.0;
            assert_eq!(record.event, event(n), "the event at offset {}", record.offset);
            (record.offset.0, n)
        })
        .collect()
}

fn out_of_range<T: std::fmt::Debug>(result: Result<T, LogError>) -> Offset {
    match result {
        Err(LogError::OutOfRange { earliest }) => earliest,
        other => panic!("expected to be out of range, got {other:?}"),
    }
}

/// The segment files of a partition, oldest first.
fn segments(folder: &Path, partition: u32) -> Vec<PathBuf> {
    let folder = folder.join(format!("{partition:04}"));
    let entries = std::fs::read_dir(folder).expect("the partition is there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "log"));
    paths.sort();
    paths
}
