//! How many events a second are written and read: `cargo run --release -p driftlab-archive --example archive_speed [EVENTS]`.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "it measures wall time")]

use driftlab_archive::{Reader, Writer};
use driftlab_model::{
    Cast, Change, ColumnType, Commit, CommitIndex, Event, Key, Lsn, Observer, ProcessId, Row, Schema, Shown,
    SinkCast, SinkForm, SinkId, SinkKind, Table, TableId, Time, TraceHash, TransactionId, Value, Version,
    View, WriteId,
};
use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

struct Count(u64);

impl Observer for Count {
    fn observe(&mut self, _: Time, _: &Event) {
        self.0 += 1;
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let events: u64 = std::env::args().nth(1).map_or(Ok(3_000_000), |text| text.parse())?;
    let path = std::env::temp_dir().join(format!("driftlab-speed-{}.parquet", std::process::id()));
    measure("made", events, || tell(events, &mut Count(0)));
    let mut trace = TraceHash::default();
    let mut writer = Writer::create(&path, &cast())?;
    measure("made and written", events, || tell(events, &mut writer));
    writer.finish()?;
    tell(events, &mut trace);
    let bytes = std::fs::metadata(&path)?.len();
    println!("{:.1} bytes an event, peak memory {}", bytes as f64 / events as f64, peak_memory());
    let mut reader = Reader::open(&path)?;
    let mut count = Count(0);
    measure("read", events, || reader.tell(&mut count)).map(drop)?;
    let mut again = TraceHash::default();
    reader.tell(&mut again)?;
    std::fs::remove_file(&path)?;
    assert_eq!((count.0, trace.value()), (events, again.value()), "what was read is not what was written");
    Ok(())
}

fn measure<T>(what: &str, events: u64, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    let seconds = start.elapsed().as_secs_f64();
    println!("{what}: {:.2} million events a second", events as f64 / seconds / 1e6);
    done
}

/// The most memory the process ever had, where the system tells.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.map_or("unknown".to_owned(), |peak| peak.trim().to_owned())
}

fn cast() -> Cast {
    let columns = [
        ("id", ColumnType::Integer),
        ("customer", ColumnType::Integer),
        ("status", ColumnType::Text),
        ("total", ColumnType::Integer),
    ];
    let sink = |name: &str, kind| SinkCast {
        joins: None,
        name: name.to_owned(),
        kind,
        form: SinkForm::Rows,
        served: true,
        preloaded: true,
    };
    Cast {
        strategy: "speed".to_owned(),
        schema: Schema::new(vec![Table::new("order", "order", 1, &columns)]),
        processes: (1..=8).map(|n| format!("client-{n}")).chain(["relay".to_owned()]).collect(),
        sinks: vec![sink("cache", SinkKind::Cache), sink("search", SinkKind::Search)],
        partitions: 1,
        load: Vec::new(),
    }
}

/// Transactions of one change, each shown by two sinks: four events a transaction.
fn tell(events: u64, observer: &mut dyn Observer) {
    let mut now = 0;
    let mut step = |observer: &mut dyn Observer, event: &Event| {
        now += 1_000;
        observer.observe(Time::from_nanos(now), event);
    };
    for n in 0..events.div_ceil(4) {
        let (by, transaction) = (ProcessId((n % 8) as u16), TransactionId(n));
        let write = WriteId { transaction, index: 0 };
        let key = Key::integer(TableId(0), (n % 10_007) as i64);
        let status = Value::text(if n.is_multiple_of(3) { "shipped" } else { "paid" });
        let values =
            [Value::from((n % 10_007) as i64), Value::from(n as i64 % 977), status, Value::from(n as i64)];
        let row = Row::new(write, Version(n), Time::from_nanos(n * 4_000), values.into());
        let change =
            Change { key: key.clone(), before: None, after: Some(row.clone()), write, version: Version(n) };
        let at = Time::from_nanos(n * 4_000 + 2_000);
        let index = CommitIndex(n + 1);
        let commit =
            Commit { transaction, index, lsn: Lsn(n * 64), at, changes: [change].into(), watermark: None };
        let shown = |sink| Event::Shown {
            by: ProcessId(8),
            sink: SinkId(sink),
            keys: [Shown { key: key.clone(), view: View::Row(row.clone()) }].into_iter().collect(),
        };
        let all = [
            Event::Began { by, transaction },
            Event::Committed { by, commit: Arc::new(commit) },
            shown(0),
            shown(1),
        ];
        for event in all.iter().take((events - n * 4).min(4) as usize) {
            step(observer, event);
        }
    }
}
