//! The checker by itself, over a recorded history: row changes (committed, or shown by one of three sinks) a second.
#![allow(missing_docs, reason = "criterion's macros make public items")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use driftlab_bench::{THREE_SINKS, record, scenario};
use driftlab_check::Checker;
use driftlab_model::{Event, History};

fn row_changes(history: &History) -> u64 {
    history
        .events
        .iter()
        .map(|(_, event)| match event {
            Event::Committed { commit, .. } => commit.changes.len() as u64,
            Event::Shown { keys, .. } => keys.len() as u64,
            _ => 0,
        })
        .sum()
}

fn checker(c: &mut Criterion) {
    let mut group = c.benchmark_group("checker");
    group.sample_size(20);
    for (kind, rows) in [("log_cdc", "1"), ("log_cdc", "1..=5"), ("dual_writes", "1")] {
        let history = record(&scenario(&format!(
            r#"
title = "checker"
[world]
duration = "100s"
[workload]
shape = "kv"
clients = 64
rate = "1000/s"
keys = {{ count = 10000 }}
mix = {{ insert = 1, update = 8, delete = 1, read = 0 }}
transaction = {{ rows = "{rows}" }}
{THREE_SINKS}
[[strategy]]
kind = "{kind}"
"#
        )));
        group.throughput(Throughput::Elements(row_changes(&history)));
        group.bench_function(format!("{kind}, transactions of {rows} rows"), |b| {
            b.iter(|| {
                let mut checker = Checker::new(&history.cast);
                history.replay(&mut checker);
                checker.finish()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, checker);
criterion_main!(benches);
