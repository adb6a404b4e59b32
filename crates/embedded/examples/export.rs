//! How fast tables of a SQLite database are copied to Parquet, and in how much memory.
//!
//! `cargo run --release --example export DATABASE FOLDER [TABLE…]`, or `cargo run --release --example export -- --make ROWS DATABASE` to make a database
//! with one table of six columns and some 120 bytes a row.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a measurement reads a real clock")]

use driftlab_embedded::store::Durability;
use driftlab_embedded::store::export::{ExportOptions, export};
use mimalloc::MiMalloc;
use rusqlite::Connection;
use std::path::Path;
use std::time::Instant;

/// The command's own.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["--make", rows, database] => make(rows.parse()?, Path::new(database)),
        [database, folder, tables @ ..] => {
            // Nothing is synced: what it is compared with (scripts/export-side-by-side) does not either.
            let options = ExportOptions { durability: Durability::Process, ..ExportOptions::default() };
            let begun = Instant::now();
            let exported = export(Path::new(database), tables, Path::new(folder), &options)?;
            let seconds = begun.elapsed().as_secs_f64();
            for table in &exported.tables {
                println!("{}: {} rows, {} bytes", table.name, table.rows, table.bytes);
            }
            println!(
                "{} rows in {seconds:.3} s: {:.2} million rows a second; peak memory {}",
                exported.rows(),
                exported.rows() as f64 / seconds / 1e6,
                peak_memory()
            );
            Ok(())
        }
        _ => Err("usage: export DATABASE FOLDER [TABLE…] | export --make ROWS DATABASE".into()),
    }
}

fn make(rows: u64, database: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let mut connection = Connection::open(database)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.execute_batch(
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER, amount REAL, status TEXT, note TEXT, updated_at INTEGER)",
    )?;
    let transaction = connection.transaction()?;
    {
        let mut insert = transaction.prepare("INSERT INTO orders VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
        for n in 0..rows {
            let mixed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let status = ["open", "paid", "shipped", "returned"][(mixed >> 60) as usize % 4];
            let note =
                format!("order {mixed:016x} was taken by telephone, and nobody called back {:016x}", !mixed);
            let amount = (mixed >> 40) as f64 / 100.0;
            let updated_at = 1_700_000_000_000 + n as i64;
            insert.execute((n as i64, (mixed >> 44) as i64, amount, status, note, updated_at))?;
        }
    }
    transaction.commit()?;
    Ok(())
}

/// The largest resident set so far, as Linux tells it.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.map_or_else(|| "unknown here".to_owned(), |peak| peak.trim().to_owned())
}
