//! What an attached reader costs the writer, and how fresh what it gives is.
//!
//! `cargo run --release -p driftlab-sqlite-wal --example attached [SECONDS] [FOLDER]`: throughput of transactions of 1, 10 and 100 rows,
//! `synchronous=NORMAL`, with and without a reader, in turns; then the time from commit to delivery at 1,000 transactions a second.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

use driftlab_sqlite_wal::{Event, Options, Reader, Value};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let seconds: f64 = arguments.next().map_or(Ok(1.0), |text| text.parse())?;
    let parent = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = parent.join(format!("attached-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    println!(
        "medians of 7 turns; CPU is the writer's own thread, which other load on the machine does not blur"
    );
    println!("rows  alone tx/s  attached tx/s  ratio  alone CPU us/tx  attached CPU us/tx  ratio  gaps");
    for rows in [1, 10, 100] {
        let (mut alone, mut attached, mut gaps) = (Vec::new(), Vec::new(), 0);
        for turn in 0..7 {
            alone.push(throughput(&folder.join(format!("{rows}-{turn}-a.db")), rows, seconds, false)?);
            attached.push(throughput(&folder.join(format!("{rows}-{turn}-b.db")), rows, seconds, true)?);
            gaps += attached[turn].gaps;
        }
        let median = |turns: &[Turn], of: fn(&Turn) -> f64| {
            let mut values: Vec<f64> = turns.iter().map(of).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        let (rate, rate_with) = (median(&alone, |turn| turn.rate), median(&attached, |turn| turn.rate));
        let (cpu, cpu_with) = (median(&alone, |turn| turn.cpu_us), median(&attached, |turn| turn.cpu_us));
        println!(
            "{rows:4}  {rate:10.0}  {rate_with:13.0}  {:5.3}  {cpu:15.1}  {cpu_with:18.1}  {:5.3}  {gaps:4}",
            rate_with / rate,
            cpu / cpu_with
        );
    }
    freshness(&folder.join("fresh.db"))?;
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

fn create(path: &Path) -> Result<Connection, rusqlite::Error> {
    let writer = Connection::open(path)?;
    writer.busy_timeout(Duration::from_secs(10))?;
    writer.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;
         CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, note TEXT);",
    )?;
    Ok(writer)
}

fn write(writer: &mut Connection, rows: u64, next: &mut i64, note: &str) -> Result<(), rusqlite::Error> {
    let transaction = writer.transaction()?;
    {
        let mut statement = transaction.prepare_cached("INSERT INTO t VALUES (?1, ?2, ?3)")?;
        for _ in 0..rows {
            *next += 1;
            statement.execute((*next, "a customer's name", note))?;
        }
    }
    transaction.commit()
}

/// What one turn measured.
struct Turn {
    /// Transactions a second.
    rate: f64,
    /// Microseconds of the writer's thread on a processor, a transaction.
    cpu_us: f64,
    gaps: u64,
}

/// Nanoseconds that this thread has run; 0 where the system does not tell.
fn cpu_ns() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|field| field.parse().ok()).unwrap_or(0.0)
}

fn throughput(path: &Path, rows: u64, seconds: f64, with: bool) -> Result<Turn, Box<dyn std::error::Error>> {
    let mut writer = create(path)?;
    let done = AtomicBool::new(false);
    let reader = if with { Some(Reader::open(path, Options::default())?) } else { None };
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
        let (mut next, mut transactions) = (0, 0_u64);
        let (begun, cpu) = (Instant::now(), cpu_ns());
        while begun.elapsed().as_secs_f64() < seconds {
            write(&mut writer, rows, &mut next, &note)?;
            transactions += 1;
        }
        let rate = transactions as f64 / begun.elapsed().as_secs_f64();
        let cpu_us = (cpu_ns() - cpu) / 1e3 / transactions as f64;
        done.store(true, Ordering::Relaxed);
        let gaps = following.and_then(|following| following.join().ok()).unwrap_or(0);
        Ok(Turn { rate, cpu_us, gaps })
    })
}

fn freshness(path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    const TRANSACTIONS: u64 = 5_000;
    let mut writer = create(path)?;
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
        let mut next = 0;
        for number in 0..TRANSACTIONS {
            let due = Duration::from_millis(number);
            std::thread::sleep(due.saturating_sub(begun.elapsed()));
            write(&mut writer, 1, &mut next, "fresh")?;
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
