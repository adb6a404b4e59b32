//! What it takes to compact a long log: `cargo run --release -p driftlab-bench --example compaction_speed [EVENTS] [KEYS]`.
//!
//! Memory should go by the keys and not by the events: run it with ten times the events and the same keys.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a measurement reads a real clock")]

use driftlab_bench::worked;
use driftlab_embedded::log::{LogOptions, SegmentLog, SyncPolicy};
use driftlab_model::{
    Change, ChangeEvent, Compaction, Key, Lsn, Row, Span, TableId, Time, TransactionId, Value, Version,
    WriteId,
};
use std::time::Instant;

const BATCH: usize = 500;

/// A write of one of some keys, spread over them without a pattern; one in eight deletes.
fn event(n: u64, keys: u64) -> ChangeEvent {
    let write = WriteId { transaction: TransactionId(n), index: 0 };
    let key = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) % keys;
    let values = [Value::from(key as i64), Value::from(n as i64), Value::from("a name of some length")];
    let row = Row::new(write, Version(n), Time::from_nanos(n), values.into());
    let after = (!n.is_multiple_of(8)).then_some(row);
    let key = Key::integer(TableId(0), key as i64);
    let change = Change { key, before: None, after, write, version: Version(n) };
    ChangeEvent { position: Lsn(n), transaction: write.transaction, index: 0, of: Some(1), change }
}

/// The most memory that this process has held, in megabytes, where the system tells.
fn most_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").trim().parse::<f64>().ok()? / 1024.0)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let events = numbers.next().unwrap_or(Ok(10_000_000))?;
    let keys = numbers.next().unwrap_or(Ok(100_000))?;
    let folder = tempfile::tempdir()?;
    let log =
        SegmentLog::open(folder.path(), &LogOptions { sync: SyncPolicy::Never, ..LogOptions::default() })?;
    for first in (0..events).step_by(BATCH) {
        let batch: Vec<ChangeEvent> =
            (first..events.min(first + BATCH as u64)).map(|n| event(n + 1, keys)).collect();
        log.append(Time::ZERO, 0, &batch)?;
    }
    log.close_segments()?;
    let before = most_memory();
    let start = Instant::now();
    let begun = worked(start);
    let told = log.compact(
        Time::ZERO + Span::from_secs(1),
        Compaction { every: Span::from_secs(1), tombstones: Span::from_secs(3600) },
    )?;
    let seconds = (worked(start) - begun).as_secs_f64();
    println!(
        "{} events of {} keys to {}: {:.0} MB to {:.1} MB in {seconds:.1} s of work, {:.2} million events a second",
        told.records_before,
        told.keys,
        told.records_after,
        told.bytes_before as f64 / 1e6,
        told.bytes_after as f64 / 1e6,
        events as f64 / seconds / 1e6,
    );
    if let (Some(before), Some(after)) = (before, most_memory()) {
        println!("the most memory held: {before:.0} MB before it, {after:.0} MB after");
    }
    Ok(())
}
