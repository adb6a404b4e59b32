//! One turn of a writer.

use crate::ways::{Told, Way};
use rusqlite::{Connection, Error};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Transactions over which bytes of the log are counted, with no checkpoint between.
const COUNTED: u64 = 500;

/// What one turn measured.
#[derive(Clone, Copy)]
pub(crate) struct Turn {
    /// Transactions a second.
    pub(crate) rate: f64,
    /// Microseconds of the writer's thread on a processor, a transaction.
    pub(crate) cpu_us: f64,
    /// Microseconds that it was blocked, by the disk or a lock, a transaction: neither on a processor nor waiting for one.
    pub(crate) blocked_us: f64,
    /// Parts of the log that the reader had to make good by comparing.
    pub(crate) gaps: u64,
}

pub(crate) fn measure(
    path: &Path,
    way: &dyn Way,
    rows: u64,
    seconds: f64,
) -> Result<Turn, Box<dyn std::error::Error>> {
    let mut writer = Writer::new(path, way, rows)?;
    let beside = way.beside(path)?;
    let mut transactions = 0_u64;
    let (begun, before) = (Instant::now(), processor_seconds());
    while begun.elapsed().as_secs_f64() < seconds {
        writer.transaction()?;
        transactions += 1;
    }
    let wall = begun.elapsed().as_secs_f64();
    let each = 1e6 / transactions as f64;
    let (ran, queued) = processor_seconds();
    let (ran, queued) = (ran - before.0, queued - before.1);
    Ok(Turn {
        rate: transactions as f64 / wall,
        cpu_us: ran * each,
        blocked_us: (wall - ran - queued).max(0.0) * each,
        gaps: beside.map_or(0, |beside| beside.stop()),
    })
}

/// Bytes that a transaction takes in the log, on average.
pub(crate) fn log_bytes(path: &Path, way: &dyn Way, rows: u64) -> Result<f64, Box<dyn std::error::Error>> {
    let mut writer = Writer::new(path, way, rows)?;
    writer.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA wal_autocheckpoint=0")?;
    for _ in 0..COUNTED {
        writer.transaction()?;
    }
    let log = PathBuf::from(format!("{}-wal", path.display()));
    Ok(std::fs::metadata(log)?.len() as f64 / COUNTED as f64)
}

struct Writer<'a> {
    connection: Connection,
    way: &'a dyn Way,
    rows: u64,
    note: String,
    /// Rows written so far.
    step: i64,
}

impl<'a> Writer<'a> {
    fn new(path: &Path, way: &'a dyn Way, rows: u64) -> Result<Self, Error> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.execute_batch(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;
             CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, note TEXT);",
        )?;
        way.prepare(&connection)?;
        Ok(Self { connection, way, rows, note: "x".repeat(80), step: 0 })
    }

    /// One transaction. Every second row is new; the others change one of those that are there.
    fn transaction(&mut self) -> Result<(), Error> {
        let transaction = self.connection.unchecked_transaction()?;
        let mut capture = self.way.begin(&transaction)?;
        for _ in 0..self.rows {
            self.step += 1;
            let there = self.step / 2;
            let (id, sql) = if self.step % 2 == 1 {
                (there + 1, "INSERT INTO t VALUES (?1, ?2, ?3)")
            } else {
                (self.step * 7_919 % there + 1, "UPDATE t SET name = ?2, note = ?3 WHERE id = ?1")
            };
            transaction.prepare_cached(sql)?.execute((id, "a customer's name", &self.note))?;
            capture.row(Told { id, name: "a customer's name", note: &self.note })?;
        }
        capture.end()?;
        transaction.commit()
    }
}

/// Seconds that this thread has run, and that it was ready to run while others did; 0 where the system does not tell.
fn processor_seconds() -> (f64, f64) {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let mut fields =
        text.split(' ').map(|field| field.parse().map_or(0.0, |nanoseconds: f64| nanoseconds / 1e9));
    (fields.next().unwrap_or(0.0), fields.next().unwrap_or(0.0))
}
