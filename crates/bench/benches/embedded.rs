//! The strategies on real stores: SQLite, a segment file log, a cache in this process, tantivy and Parquet. Measured last, so that `cargo bench` ends with
//! the table, which is also written to `results/bench/`.
#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(clippy::disallowed_methods, reason = "what is measured here is this machine")]

use criterion::{Criterion, SamplingMode, Throughput, criterion_group};
use driftlab_bench::embedded::{Load, Report, Section, Trial};
use driftlab_bench::general_strategies;
use std::path::Path;
use std::time::Duration;

/// Row changes of one sample.
const WRITES: u64 = 500;
const CLOSED: Load = Load::Closed { writes: WRITES };
/// A rate that every strategy bears on two cores.
const OPEN: Load = Load::Open { rate: 200, during: Duration::from_secs(4) };

/// The clock that criterion sees is that of the work: from the first write until the slowest copy had shown the last change.
fn end_to_end(c: &mut Criterion) {
    let mut group = c.benchmark_group("embedded");
    group.sample_size(10).sampling_mode(SamplingMode::Flat).throughput(Throughput::Elements(WRITES));
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(4));
    for entry in general_strategies().filter(|entry| entry.name != "none") {
        let trial = Trial::of(entry.name);
        let mut seed = 0;
        group.bench_function(entry.name, |b| {
            b.iter_custom(|times| {
                let mut took = 0.0;
                for _ in 0..times {
                    seed += 1;
                    took += trial.run(CLOSED, seed).caught_up_s.expect("a copy shows something");
                }
                Duration::from_secs_f64(took)
            });
        });
    }
    group.finish();
}

fn report() -> Report {
    let trials: Vec<Trial> = general_strategies().map(|entry| Trial::of(entry.name)).collect();
    let sweeps = [
        ("batch_full", "every", ["\"50ms\"", "\"200ms\"", "\"1s\""]),
        ("batch_incremental", "every", ["\"50ms\"", "\"200ms\"", "\"1s\""]),
        ("outbox", "poll", ["\"5ms\"", "\"50ms\"", "\"200ms\""]),
        ("outbox", "batch", ["1", "10", "100"]),
        ("log_cdc", "batch", ["1", "10", "100"]),
    ];
    let swept = sweeps.iter().flat_map(|(kind, setting, values)| {
        values.iter().map(move |value| Trial::with(kind, setting, value).run(OPEN, 1))
    });
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Report {
        version: 1,
        machine: format!("{cores} cores, {} {}", std::env::consts::OS, std::env::consts::ARCH),
        sections: vec![
            Section {
                title: "As fast as it goes".to_owned(),
                load: format!(
                    "Four clients, each writing as soon as its last write is done; {} writes in all.",
                    4 * WRITES
                ),
                rows: trials.iter().map(|trial| trial.run(Load::Closed { writes: 4 * WRITES }, 1)).collect(),
            },
            Section {
                title: "At a fixed rate".to_owned(),
                load: "200 writes a second, evenly, for four seconds.".to_owned(),
                rows: trials.iter().map(|trial| trial.run(OPEN, 1)).collect(),
            },
            Section {
                title: "One setting swept".to_owned(),
                load: "The same rate.".to_owned(),
                rows: swept.collect(),
            },
        ],
    }
}

criterion_group!(benches, end_to_end);

fn main() {
    benches();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test` and a filter ask for something else than the table.
    if arguments.iter().any(|argument| argument == "--bench") && arguments.len() == 1 {
        let report = report();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results/bench");
        print!("\n{}", report.markdown());
        match report.write(&folder) {
            Ok(()) => println!("\nwritten to results/bench/summary.md and summary.json"),
            Err(error) => eprintln!("could not write {}: {error}", folder.display()),
        }
    }
    Criterion::default().configure_from_args().final_summary();
}
