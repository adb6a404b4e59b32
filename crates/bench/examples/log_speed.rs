//! How fast the segment log takes and gives events: `cargo run --release -p driftlab-bench --example log_speed [EVENTS]`.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a measurement reads a real clock")]

use driftlab_bench::worked;
use driftlab_embedded::log::{LogOptions, SegmentLog, SyncPolicy};
use driftlab_model::{
    Change, ChangeEvent, Key, Lsn, Offset, Row, TableId, Time, TransactionId, Value, Version, WriteId,
};
use std::time::{Duration, Instant};

const BATCH: usize = 500;

/// An update of a row of six columns, its image before included.
fn event(n: u64) -> ChangeEvent {
    let write = WriteId { transaction: TransactionId(n), index: 0 };
    let row = |version: u64| {
        let values = [
            Value::from(n as i64),
            Value::from((n * 7 % 100_000) as i64),
            Value::from(n as f64 * 0.25),
            Value::from("a name of some length"),
            Value::from("and a longer text, as descriptions are, of sixty bytes or so"),
            Value::from(1_700_000_000_000 + n as i64),
        ];
        Row::new(write, Version(version), Time::from_nanos(n), values.into())
    };
    let key = Key::integer(TableId(0), n as i64);
    let change =
        Change { key, before: Some(row(n)), after: Some(row(n + 1)), write, version: Version(n + 1) };
    ChangeEvent { position: Lsn(n), transaction: write.transaction, index: 0, of: Some(1), change }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let count: u64 = std::env::args().nth(1).map_or(Ok(2_000_000), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let log =
        SegmentLog::open(folder.path(), &LogOptions { sync: SyncPolicy::Never, ..LogOptions::default() })?;
    let start = Instant::now();
    let mut appending = Duration::ZERO;
    for first in (0..count).step_by(BATCH) {
        let events: Vec<ChangeEvent> = (first..count.min(first + BATCH as u64)).map(event).collect();
        let begun = worked(start);
        log.append(Time::ZERO, 0, &events)?;
        appending += worked(start) - begun;
    }
    let begun = worked(start);
    let mut next = Offset(0);
    while next.0 < count {
        let records = log.read(0, next, BATCH, Duration::ZERO)?.records;
        next = records.last().map_or(next, |record| record.offset.next());
    }
    let reading = worked(start) - begun;
    let rate = |time: Duration| count as f64 / time.as_secs_f64() / 1e6;
    println!(
        "{count} events of {:.0} bytes: {:.2} million a second of work appended, {:.2} million a second of work read",
        log.bytes() as f64 / count as f64,
        rate(appending),
        rate(reading)
    );
    Ok(())
}
