//! How fresh what an attached reader gives is: from the return of the commit to the delivery of its changes.
//!
//! `cargo run --release -p driftlab-sqlite-wal --example freshness [FOLDER]`: 5,000 transactions, 1,000 a second, `synchronous=NORMAL`.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

use driftlab_sqlite_wal::{Event, Options, Reader, Value};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let parent = std::env::args().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = parent.join(format!("freshness-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    freshness(&folder.join("fresh.db"))?;
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

fn freshness(path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    const TRANSACTIONS: u64 = 5_000;
    let writer = Connection::open(path)?;
    writer.busy_timeout(Duration::from_secs(10))?;
    writer.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, note TEXT);",
    )?;
    let mut reader = Reader::open(path, Options::default())?;
    let begun = Instant::now();
    let mut ages = std::thread::scope(|scope| {
        let reading = scope.spawn(move || {
            let mut delivered = Vec::new();
            while delivered.len() < TRANSACTIONS as usize {
                match reader.next(Duration::from_secs(10)) {
                    Ok(Some(Event::Transaction(transaction))) => {
                        for change in &transaction.changes {
                            if let Some(Value::Integer(id)) = change.key().first() {
                                delivered.push((*id as usize, begun.elapsed()));
                            }
                        }
                    }
                    Ok(Some(_)) => {}
                    Ok(None) | Err(_) => break,
                }
            }
            delivered
        });
        let mut committed = vec![Duration::ZERO];
        for number in 0..TRANSACTIONS {
            let due = Duration::from_millis(number);
            std::thread::sleep(due.saturating_sub(begun.elapsed()));
            let mut insert = writer.prepare_cached("INSERT INTO t VALUES (?1, 'a customer', 'fresh')")?;
            insert.execute([number as i64 + 1])?;
            committed.push(begun.elapsed());
        }
        let delivered = reading.join().unwrap_or_default();
        let age = |(id, at): (usize, Duration)| at.saturating_sub(committed[id]).as_secs_f64() * 1e3;
        Ok::<Vec<f64>, rusqlite::Error>(delivered.into_iter().map(age).collect())
    })?;
    ages.sort_by(f64::total_cmp);
    let at = |part: f64| ages.get((ages.len() as f64 * part) as usize).copied().unwrap_or(f64::NAN);
    println!(
        "1,000 transactions a second, commit to delivery: p50 {:.2} ms, p90 {:.2} ms, p99 {:.2} ms, max {:.2} ms ({} delivered)",
        at(0.5),
        at(0.9),
        at(0.99),
        ages.last().copied().unwrap_or(f64::NAN),
        ages.len()
    );
    Ok(())
}
