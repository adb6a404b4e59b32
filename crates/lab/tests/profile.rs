//! What was measured of a machine, in the virtual world: every part of every request's time is where it belongs.

#![allow(clippy::disallowed_methods, reason = "profiles are files")]

use driftlab_lab::{Experiment, Quiet, RunOptions, run};
use driftlab_model::{Latency, NodeTimes, Quantiles, RequestKind, RequestTimes, Span, Times};
use driftlab_scenario::{Colour, Overrides, Profile, Registries, Scenario};
use std::sync::Arc;

fn always(micros: u64) -> Quantiles {
    Quantiles::of(vec![Span::from_micros(micros)]).expect("one length")
}

/// A request that always takes so many microseconds: to its server, at it, and back.
fn takes(out: u64, service: u64, back: u64) -> Vec<RequestTimes> {
    let (out, service, back) = (always(out), always(service), always(back));
    vec![RequestTimes { rows: 1, idle: Span::ZERO, requests: 1, out, service, back }]
}

/// A machine on which every kind of request takes a time of its own, so that a sum tells its parts.
fn machine() -> Times {
    let source = NodeTimes::from([
        (RequestKind::Transaction, takes(300, 200, 5)),
        (RequestKind::TransactionInLog, takes(300, 200, 6)),
        (RequestKind::TransactionWithTriggers, takes(300, 200, 7)),
        (RequestKind::Poll, takes(20, 30, 50)),
    ]);
    let log =
        NodeTimes::from([(RequestKind::Append, takes(3, 4, 400)), (RequestKind::ReadLog, takes(60, 80, 90))]);
    let sink = |refresh| {
        let put = (RequestKind::Put, takes(700, 1_100, 900));
        let apply = (RequestKind::Apply, takes(1_000, 2_000, 900));
        NodeTimes::from([put, apply, (RequestKind::Refresh, takes(refresh, 2 * refresh, 0))])
    };
    let nodes = [("source", source), ("log", log), ("cache", sink(0)), ("search", sink(4_000))];
    Times {
        sleep: Some(always(10_000)),
        notice: Some(always(20_000)),
        capture: Some(always(40_000)),
        nodes: nodes.map(|(node, times)| (node.to_owned(), times)).into(),
        servers: [("cache".to_owned(), 1)].into(),
    }
}

fn experiment(sink: &str, strategy: &str) -> Experiment {
    let folder = tempfile::tempdir().expect("a folder");
    // A consumer asks its copy how far it is, which this machine was not measured for.
    let rest = ["cache", "search"].map(|sink| (sink.to_owned(), Latency::Constant(Span::from_millis(1))));
    let profile = Profile { latencies: rest.into(), times: Some(Arc::new(machine())) };
    std::fs::write(folder.path().join("machine.toml"), profile.render(&[])).expect("it can be written to");
    let text = format!(
        r#"
title = "t"

[world]
profile = "machine.toml"
duration = "60s"

[workload]
shape = "kv"
clients = 1
think = "500ms"
mix = {{ insert = 0, update = 1, delete = 0, read = 0 }}

[[sink]]
{sink}
network = "9s"
latency = "9s"

[[strategy]]
{strategy}
"#
    );
    let file = folder.path().join("t.toml");
    let scenario = Scenario::parse(
        &text,
        file.to_str().expect("a path in text"),
        &Overrides::default(),
        &Registries::standard(),
    );
    let scenario = scenario.unwrap_or_else(|problems| panic!("{}", problems.render(Colour::Off)));
    run(&scenario, &RunOptions { jobs: 1 }, &Quiet).unwrap_or_else(|error| panic!("{error}"))
}

/// The median of how late changes are shown, in microseconds.
fn median(experiment: &Experiment) -> u64 {
    let judgement = &experiment.strategies[0].runs[0].judgement;
    assert!(judgement.quiescent && judgement.evidence.commits > 50, "{:?}", judgement.evidence);
    let median = judgement.sinks[0].freshness.quantile(0.5).expect("changes are shown");
    (median.nanos() + 500) / 1_000
}

/// Three significant digits are kept of a median.
fn assert_is(micros: u64, expected: u64) {
    assert!(micros.abs_diff(expected) * 500 <= expected, "{micros} and not {expected}");
}

#[test]
fn a_dual_write_is_late_by_the_way_back_from_the_commit_and_the_way_to_the_copy() {
    assert_is(median(&experiment("kind = \"cache\"", "kind = \"dual_writes\"")), 5 + 700 + 1_100);
}

/// Nobody asks for the refresh: the index does it when it is due, late, and for as long as it takes.
#[test]
fn a_refresh_takes_what_it_takes() {
    // Each write waits for the next multiple of a millisecond, which is nothing beside the refresh.
    let micros = median(&experiment("kind = \"search\"\nrefresh = \"1ms\"", "kind = \"dual_writes\""));
    let expected = 5 + 700 + 1_100 + 4_000 + 8_000;
    assert!((expected..=expected + 1_000).contains(&micros), "{micros}");
}

/// A commit has to be read out of the source's log, and whoever waits for it has to wake: without the two a stream was said to be there at once.
#[test]
fn a_change_out_of_the_log_is_late_by_every_part_of_its_way() {
    let captured = 40_000 + 20_000;
    let appended = 3 + 4;
    let consumed = 20_000 + 60 + 80 + 90 + 1_000 + 2_000;
    let micros = median(&experiment("kind = \"cache\"", "kind = \"log_cdc\""));
    assert_is(micros, captured + appended + consumed);
}

/// Times are drawn like everything else: another run is the same run.
#[test]
fn a_run_with_a_profile_is_the_same_again() {
    let trace = || {
        let experiment = experiment("kind = \"search\"", "kind = \"trigger_cdc\"");
        experiment.strategies[0].runs[0].trace
    };
    assert_eq!(trace(), trace());
}
