//! How fresh copies are, measured; run alone, on an idle machine: `cargo test --release -p driftlab-embedded --test freshness -- --ignored --nocapture`.

mod support;

use driftlab_model::{SinkKind, Span};
use support::{Scenario, strategy, workload};

/// The goal that the log's reader, the threads and their wake-ups were made for.
#[test]
#[ignore = "measures, and so wants the machine for itself"]
fn a_cache_is_five_milliseconds_behind_at_a_thousand_transactions_a_second() {
    let mut scenario = Scenario::of(strategy("log_cdc", &[]));
    scenario.sinks.retain(|sink| sink.entry.kind == SinkKind::Cache);
    scenario.duration = Span::from_secs(10);
    scenario.workload = workload(&[
        ("clients", "16"),
        ("rate", "1000/s"),
        ("keys.count", "1000"),
        ("mix.read", "0"),
        ("mix.insert", "1"),
        ("mix.update", "8"),
        ("mix.delete", "1"),
    ]);
    let outcome = scenario.run(1);
    let (cache, writer) = (&outcome.judgement.sinks[0], &outcome.judgement.writer);
    println!("commits {}, of them shown {}", outcome.judgement.evidence.commits, cache.freshness.count());
    for (name, measure) in [("freshness", &cache.freshness), ("write latency", &writer.latency)] {
        let at = |share| measure.quantile(share).unwrap_or_default();
        println!(
            "{name}: p50 {}, p90 {}, p99 {}, p99.9 {}, max {:?}",
            at(0.5),
            at(0.9),
            at(0.99),
            at(0.999),
            measure.max()
        );
    }
    for node in outcome.summary.measurements.latencies() {
        println!("{}: {} requests, median {}, p99 {}", node.node, node.requests, node.median, node.p99);
    }
    println!("{:?}", outcome.judgement.ledger);
    assert!(cache.freshness.quantile(0.99).is_some_and(|p99| p99 <= Span::from_millis(5)));
}
