//! How fast a process of the virtual world replays a log: `cargo run --release -p driftlab-bench --example replay_speed [EVENTS] [KEYS]`.
//!
//! It asks for records as any consumer does, over the simulated network, and folds them into the row of each key.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a measurement reads a real clock")]

use driftlab_bench::worked;
use driftlab_model::port::{Demands, Main, Ports};
use driftlab_model::{
    Change, ChangeEvent, Key, Latency, Lookup, Lsn, Offset, Retention, Role, Row, Schema, Span, TableId,
    Time, TraceHash, TransactionId, Value, Version, WriteId,
};
use driftlab_sim::database::Isolation;
use driftlab_sim::world::{NodeConfig, Stamps, World, WorldConfig};
use std::cell::RefCell;
use std::error::Error;
use std::rc::Rc;
use std::time::Instant;

const BATCH: u64 = 500;

/// An update of a row of three columns, its image before included; one in eight deletes.
fn event(n: u64, keys: u64) -> ChangeEvent {
    let write = WriteId { transaction: TransactionId(n), index: 0 };
    let key = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) % keys;
    let row = |version: u64| {
        let values = [Value::from(key as i64), Value::from(version as i64), Value::from("a name")];
        Row::new(write, Version(version), Time::ZERO, values.into())
    };
    let after = (!n.is_multiple_of(8)).then(|| row(n + 1));
    let key = Key::integer(TableId(0), key as i64);
    let change = Change { key, before: Some(row(n)), after, write, version: Version(n + 1) };
    ChangeEvent { position: Lsn(n), transaction: write.transaction, index: 0, of: Some(1), change }
}

fn config() -> WorldConfig {
    let node = NodeConfig {
        latency: Latency::Constant(Span::from_micros(500)),
        per_row: Span::ZERO,
        network: Latency::ZERO,
        servers: 16,
        timeout: Span::from_secs(1),
    };
    WorldConfig {
        strategy: "replay".to_owned(),
        demands: Demands { partitions: 1, ..Demands::default() },
        restores: None,
        schema: Schema::default(),
        load: Vec::new(),
        source: node,
        isolation: Isolation::ReadCommitted,
        stamps: Stamps::Database,
        retain_bytes: None,
        telling: driftlab_model::Telling::default(),
        neighbours_bytes_per_s: 0,
        log: node,
        log_retention: Retention::default(),
        log_compaction: None,
        checkpoint: node,
        sinks: Vec::new(),
        faults: Vec::new(),
        times: None,
        duration: Span::from_secs(1_000_000),
        settle: Span::from_secs(1),
    }
}

/// Appends all events, and replays them.
async fn replay(ports: Rc<Ports>, events: u64, keys: u64) {
    for first in (0..events).step_by(BATCH as usize) {
        let batch = (first..events.min(first + BATCH)).map(|n| event(n, keys)).collect();
        ports.log.append(0, batch).await.expect("the log is up");
    }
    let start = Instant::now();
    let begun = worked(start);
    let (mut rows, mut next) = (Lookup::default(), Offset(0));
    while next.0 < events {
        let fetched = ports.log.read(0, next, BATCH as usize, Span::ZERO).await.expect("the log is up");
        for record in fetched.records {
            next = record.offset.next();
            let change = record.event.change;
            match change.after {
                Some(row) => drop(rows.insert(change.key, row)),
                None => drop(rows.remove(&change.key)),
            }
        }
    }
    let seconds = (worked(start) - begun).as_secs_f64();
    println!(
        "{events} events to {} rows: {:.2} million a second of work replayed",
        rows.len(),
        events as f64 / seconds / 1e6
    );
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let events = numbers.next().unwrap_or(Ok(1_000_000))?;
    let keys = numbers.next().unwrap_or(Ok(10_000))?;
    let world = World::new(config()).map_err(|why| format!("{why:?}"))?;
    let main: Main = Rc::new(move |ports| Box::pin(replay(ports, events, keys)));
    world.add_process("client-1", Role::Client, main);
    world.run(1, Rc::new(RefCell::new(TraceHash::default())), Span::from_secs(60), &mut |_| true);
    Ok(())
}
