//! Races by the million: two and three writers, one key, dual writes; recorded, hashed and checked.
#![allow(missing_docs, reason = "criterion's macros make public items")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use driftlab_bench::{Races, race};
use std::hint::black_box;
use std::time::Duration;

/// Runs of one sample.
const SEEDS: u64 = 1_024;

fn races(c: &mut Criterion) {
    let mut group = c.benchmark_group("race");
    group.throughput(Throughput::Elements(SEEDS));
    group.warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
    for writers in [2, 3] {
        let mut races = Races::new(&race(writers));
        group.bench_function(format!("{writers} writers, recorded, hashed, checked"), |b| {
            b.iter(|| {
                races.run(SEEDS, |summary, judgement| {
                    black_box((summary.trace, judgement.findings.len()));
                });
            });
        });
    }
    group.finish();
}

criterion_group!(benches, races);
criterion_main!(benches);
