//! How fast a filled log becomes row changes: transactions of 100 rows of about 120 bytes.
//!
//! Each sample opens a reader that resumes before the first transaction, and takes all of them. Measured from the call of `open` to the last
//! event, the relay log's writes included. `taskset -c 0 cargo bench -p driftlab-sqlite-wal` keeps reader and follower on one core.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, missing_docs)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use driftlab_sqlite_wal::{Event, Options, Reader};
use rusqlite::Connection;
use std::path::Path;
use std::time::{Duration, Instant};

const TRANSACTIONS: u64 = 2_000;
const ROWS: u64 = 100;

struct Filled {
    folder: tempfile::TempDir,
    // The log is copied into the database and removed when the last connection closes.
    _writer: Connection,
    wrote: f64,
}

fn fill(kind: &str) -> Filled {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let mut writer = Connection::open(&path).unwrap();
    writer
        .execute_batch(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-65536;
             CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, amount REAL, note TEXT);",
        )
        .unwrap();
    let note = "n".repeat(70);
    let insert = |writer: &mut Connection, from: u64, rows: u64| {
        let transaction = writer.transaction().unwrap();
        {
            let mut statement = transaction.prepare_cached("INSERT INTO t VALUES (?1, ?2, ?3, ?4)").unwrap();
            for id in from..from + rows {
                statement
                    .execute((id as i64, format!("customer number {id:012}"), id as f64 * 0.5, &note))
                    .unwrap();
            }
        }
        transaction.commit().unwrap();
    };
    if kind != "insert" {
        insert(&mut writer, 0, TRANSACTIONS * ROWS);
    }
    drop(Reader::open(&path, options(&folder.path().join("state"))).unwrap());
    let begun = cpu_seconds();
    for number in 0..TRANSACTIONS {
        let from = number * ROWS;
        let range = (from as i64, (from + ROWS) as i64);
        match kind {
            "insert" => insert(&mut writer, from, ROWS),
            "update" => {
                let sql = "UPDATE t SET amount = amount + 1 WHERE id >= ?1 AND id < ?2";
                writer.prepare_cached(sql).unwrap().execute(range).unwrap();
            }
            _ => {
                let sql = "DELETE FROM t WHERE id >= ?1 AND id < ?2";
                writer.prepare_cached(sql).unwrap().execute(range).unwrap();
            }
        }
    }
    Filled { wrote: cpu_seconds() - begun, folder, _writer: writer }
}

fn options(state: &Path) -> Options {
    Options { state: Some(state.to_owned()), ..Options::default() }
}

/// Seconds that all threads of this process have run, which other load on the machine does not blur; 0 where the system does not tell.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = text.rsplit(')').next().unwrap_or_default().split(' ');
    fields.skip(12).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Time to read everything, from a fresh copy of the state folder.
fn read(filled: &Filled, copy: &Path) -> Duration {
    let _ = std::fs::remove_dir_all(copy);
    std::fs::create_dir(copy).unwrap();
    for entry in std::fs::read_dir(filled.folder.path().join("state")).unwrap().flatten() {
        std::fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
    }
    let begun = Instant::now();
    let mut reader = Reader::open(filled.folder.path().join("app.db"), options(copy)).unwrap();
    let (mut transactions, mut changes) = (0, 0);
    while transactions < TRANSACTIONS {
        if let Some(Event::Transaction(transaction)) = reader.next(Duration::from_secs(10)).unwrap() {
            transactions += 1;
            changes += transaction.changes.len() as u64;
        }
    }
    assert_eq!(changes, TRANSACTIONS * ROWS);
    begun.elapsed()
}

fn decode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::Elements(TRANSACTIONS * ROWS)).sample_size(10);
    for kind in ["insert", "update", "delete"] {
        let filled = fill(kind);
        let rate = (TRANSACTIONS * ROWS) as f64 / filled.wrote;
        let copy = filled.folder.path().join("copy");
        let begun = cpu_seconds();
        for _ in 0..10 {
            read(&filled, &copy);
        }
        let cpu = (10 * TRANSACTIONS * ROWS) as f64 / (cpu_seconds() - begun);
        println!(
            "{kind}: the writer wrote {rate:.0} row changes a second of its processor's time, the reader reads {cpu:.0}"
        );
        group.bench_function(kind, |bencher| {
            bencher.iter_custom(|times| (0..times).map(|_| read(&filled, &copy)).sum());
        });
    }
    group.finish();
}

criterion_group!(benches, decode);
criterion_main!(benches);
