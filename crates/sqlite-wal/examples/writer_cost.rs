//! What capturing changes costs the writer, each way beside none: a log reader attached, triggers, an outbox.
//!
//! `cargo run --release -p driftlab-sqlite-wal --example writer_cost [SECONDS] [FOLDER]`: transactions of 1, 10 and 100 rows, `synchronous=NORMAL`, all ways in turns, so that a
//! machine that drifts drifts for all of them. Prints Markdown: medians of the turns. *Alone* is the throughput against none without the time in
//! which the writer was ready and other threads had its processor, which is what it has on a machine with a processor to spare for the reader.
//!
//! - *log reader*: a [`Reader`] in the same process, which decodes everything on threads of its own.
//! - *triggers*: three row triggers write table, operation, key and both images as JSON to a change table. Nobody reads or deletes it.
//! - *outbox*: the application inserts one event a changed row, with the row as JSON, in the same transaction.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

use driftlab_sqlite_wal::{Event, Options, Reader};
use rusqlite::{Connection, Transaction};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const TURNS: usize = 7;
/// Transactions over which bytes of the log are counted, with no checkpoint between.
const COUNTED: u64 = 500;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Nothing,
    LogReader,
    Triggers,
    Outbox,
}

const WAYS: [(Way, &str); 4] = [
    (Way::Nothing, "none"),
    (Way::LogReader, "log reader"),
    (Way::Triggers, "triggers"),
    (Way::Outbox, "outbox"),
];

/// What one turn measured.
#[derive(Clone, Copy)]
struct Turn {
    /// Transactions a second.
    rate: f64,
    /// Microseconds of the writer's thread on a processor, a transaction.
    cpu_us: f64,
    /// Microseconds that it was blocked, by the disk or a lock, a transaction: neither on a processor nor waiting for one.
    blocked_us: f64,
    /// Parts of the log that the reader had to make good by comparing.
    gaps: u64,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let seconds: f64 = arguments.next().map_or(Ok(1.0), |text| text.parse())?;
    let parent = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = parent.join(format!("writer-cost-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    println!(
        "| rows | way | transactions/s | against none | CPU us each | blocked us each | alone | log bytes each | gaps |"
    );
    println!("|---:|---|---:|---:|---:|---:|---:|---:|---:|");
    for rows in [1, 10, 100] {
        let mut turns = vec![Vec::new(); WAYS.len()];
        for turn in 0..TURNS {
            for (number, (way, _)) in WAYS.iter().enumerate() {
                let path = folder.join(format!("{rows}-{turn}-{number}.db"));
                turns[number].push(measure(&path, *way, rows, seconds)?);
                std::fs::remove_file(&path)?;
            }
        }
        let rate = |number: usize| median(&turns[number], |turn| turn.rate);
        let cpu = |number: usize| median(&turns[number], |turn| turn.cpu_us);
        let blocked = |number: usize| median(&turns[number], |turn| turn.blocked_us);
        let busy = |number: usize| median(&turns[number], |turn| turn.cpu_us + turn.blocked_us);
        for (number, (way, name)) in WAYS.iter().enumerate() {
            let bytes = log_bytes(&folder.join(format!("{rows}-{number}-bytes.db")), *way, rows)?;
            println!(
                "| {rows} | {name} | {:.0} | {:.3} | {:.1} | {:.1} | {:.3} | {bytes:.0} | {} |",
                rate(number),
                rate(number) / rate(0),
                cpu(number),
                blocked(number),
                busy(0) / busy(number),
                turns[number].iter().map(|turn| turn.gaps).sum::<u64>()
            );
        }
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

fn median(turns: &[Turn], of: fn(&Turn) -> f64) -> f64 {
    let mut values: Vec<f64> = turns.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn create(path: &Path, way: Way) -> Result<Connection, rusqlite::Error> {
    let writer = Connection::open(path)?;
    writer.busy_timeout(Duration::from_secs(10))?;
    writer.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;
         CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, note TEXT);",
    )?;
    match way {
        Way::Nothing | Way::LogReader => {}
        Way::Triggers => writer.execute_batch(
            "CREATE TABLE changes(seq INTEGER PRIMARY KEY, tab TEXT, op TEXT, key INTEGER, old TEXT, new TEXT);
             CREATE TRIGGER t_i AFTER INSERT ON t BEGIN INSERT INTO changes(tab, op, key, new)
                 VALUES ('t', 'i', new.id, json_object('id', new.id, 'name', new.name, 'note', new.note)); END;
             CREATE TRIGGER t_u AFTER UPDATE ON t BEGIN INSERT INTO changes(tab, op, key, old, new)
                 VALUES ('t', 'u', new.id, json_object('id', old.id, 'name', old.name, 'note', old.note),
                         json_object('id', new.id, 'name', new.name, 'note', new.note)); END;
             CREATE TRIGGER t_d AFTER DELETE ON t BEGIN INSERT INTO changes(tab, op, key, old)
                 VALUES ('t', 'd', old.id, json_object('id', old.id, 'name', old.name, 'note', old.note)); END;",
        )?,
        Way::Outbox => {
            writer.execute_batch("CREATE TABLE outbox(seq INTEGER PRIMARY KEY, topic TEXT, key INTEGER, event TEXT)")?;
        }
    }
    Ok(writer)
}

/// One transaction. Every second row is new; the others change one of those that are there. `step` counts rows written so far.
fn write(
    writer: &mut Connection,
    way: Way,
    rows: u64,
    step: &mut i64,
    note: &str,
) -> Result<(), rusqlite::Error> {
    let transaction = writer.transaction()?;
    for _ in 0..rows {
        *step += 1;
        let there = *step / 2;
        let (id, sql) = if *step % 2 == 1 {
            (there + 1, "INSERT INTO t VALUES (?1, ?2, ?3)")
        } else {
            (*step * 7_919 % there + 1, "UPDATE t SET name = ?2, note = ?3 WHERE id = ?1")
        };
        transaction.prepare_cached(sql)?.execute((id, "a customer's name", note))?;
        if way == Way::Outbox {
            tell(&transaction, id, note)?;
        }
    }
    transaction.commit()
}

fn tell(transaction: &Transaction<'_>, id: i64, note: &str) -> Result<(), rusqlite::Error> {
    let event = format!(r#"{{"id":{id},"name":"a customer's name","note":"{note}"}}"#);
    let mut insert =
        transaction.prepare_cached("INSERT INTO outbox(topic, key, event) VALUES ('t', ?1, ?2)")?;
    insert.execute((id, event)).map(|_| ())
}

fn measure(path: &Path, way: Way, rows: u64, seconds: f64) -> Result<Turn, Box<dyn std::error::Error>> {
    let mut writer = create(path, way)?;
    let done = AtomicBool::new(false);
    let reader = if way == Way::LogReader { Some(Reader::open(path, Options::default())?) } else { None };
    std::thread::scope(|scope| {
        let following = reader.map(|mut reader| {
            let done = &done;
            scope.spawn(move || {
                let mut gaps = 0;
                while !done.load(Ordering::Relaxed) {
                    if let Ok(Some(Event::Gap(_))) = reader.next(Duration::from_millis(20)) {
                        gaps += 1;
                    }
                }
                gaps
            })
        });
        let note = "x".repeat(80);
        let (mut step, mut transactions) = (0, 0_u64);
        let (begun, before) = (Instant::now(), processor_seconds());
        while begun.elapsed().as_secs_f64() < seconds {
            write(&mut writer, way, rows, &mut step, &note)?;
            transactions += 1;
        }
        let wall = begun.elapsed().as_secs_f64();
        let each = 1e6 / transactions as f64;
        let (ran, queued) = processor_seconds();
        let (ran, queued) = (ran - before.0, queued - before.1);
        done.store(true, Ordering::Relaxed);
        let gaps = following.and_then(|following| following.join().ok()).unwrap_or(0);
        Ok(Turn {
            rate: transactions as f64 / wall,
            cpu_us: ran * each,
            blocked_us: (wall - ran - queued).max(0.0) * each,
            gaps,
        })
    })
}

/// Bytes that a transaction takes in the log, on average.
fn log_bytes(path: &Path, way: Way, rows: u64) -> Result<f64, Box<dyn std::error::Error>> {
    let mut writer = create(path, way)?;
    writer.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA wal_autocheckpoint=0")?;
    let note = "x".repeat(80);
    let mut step = 0;
    for _ in 0..COUNTED {
        write(&mut writer, way, rows, &mut step, &note)?;
    }
    let log = PathBuf::from(format!("{}-wal", path.display()));
    Ok(std::fs::metadata(log)?.len() as f64 / COUNTED as f64)
}

/// Seconds that this thread has run, and that it was ready to run while others did; 0 where the system does not tell.
fn processor_seconds() -> (f64, f64) {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let mut fields =
        text.split(' ').map(|field| field.parse().map_or(0.0, |nanoseconds: f64| nanoseconds / 1e9));
    (fields.next().unwrap_or(0.0), fields.next().unwrap_or(0.0))
}
