//! What capturing changes costs the writer, each way beside none: a log reader attached, triggers, an outbox, the session extension.
//!
//! `cargo run --release -p driftlab-sqlite-wal --example writer_cost [SECONDS] [FOLDER]`: transactions of 1, 10 and 100 rows, `synchronous=NORMAL`, all ways in turns, so that a
//! machine that drifts drifts for all of them. Prints Markdown: medians of the turns. *Alone* is the throughput against none without the time in
//! which the writer was ready and other threads had its processor, which is what it has on a machine with a processor to spare for the reader.
//!
//! SQLite has the session extension only where it is built with it, and building its bindings takes libclang: `scripts/writer-cost` sees to both.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod turn;
mod ways;

use std::path::PathBuf;
use turn::{Turn, log_bytes, measure};
use ways::WAYS;

const TURNS: usize = 7;

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
            for (number, way) in WAYS.iter().enumerate() {
                let path = folder.join(format!("{rows}-{turn}-{number}.db"));
                turns[number].push(measure(&path, *way, rows, seconds)?);
                std::fs::remove_file(&path)?;
            }
        }
        let rate = |number: usize| median(&turns[number], |turn| turn.rate);
        let cpu = |number: usize| median(&turns[number], |turn| turn.cpu_us);
        let blocked = |number: usize| median(&turns[number], |turn| turn.blocked_us);
        let busy = |number: usize| median(&turns[number], |turn| turn.cpu_us + turn.blocked_us);
        for (number, way) in WAYS.iter().enumerate() {
            let bytes = log_bytes(&folder.join(format!("{rows}-{number}-bytes.db")), *way, rows)?;
            println!(
                "| {rows} | {} | {:.0} | {:.3} | {:.1} | {:.1} | {:.3} | {bytes:.0} | {} |",
                way.name(),
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
