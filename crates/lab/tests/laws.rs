//! The laws: closed forms that the virtual world must meet. They are how we know that it measures what it says.
//!
//! Each law is tested at 1 % for means and 2 % for p99, with at least a million samples. The bounds are the specification's; a law that
//! fails says that the world, the strategy or the measure is wrong, not that the bound is too tight.

use driftlab_check::{Anomaly, SinkJudgement};
use driftlab_lab::{Case, Experiment, Quiet, Recording, RunOptions, Stage, run};
use driftlab_model::{Event, Observer, Point, ProcessId, Span, Stage as Turn, Time, WriteId};
use driftlab_scenario::{Overrides, Registries, Scenario};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

fn scenario(text: &str) -> Scenario {
    Scenario::parse(text, "law.toml", &Overrides::default(), &Registries::standard())
        .unwrap_or_else(|problems| panic!("{problems}"))
}

/// A quiet world: nothing takes time but what the law is about.
fn experiment(workload: &str, rest: &str) -> Experiment {
    let text = format!(
        r#"
title = "a law"
[source]
latency = "0"
servers = 1000000
timeout = "10h"
[log]
latency = "0"
[checkpoint]
latency = "0"
[workload]
shape = "kv"
clients = 1000
keys = {{ count = 5000, distribution = "uniform" }}
mix = {{ insert = 0, update = 1, delete = 0, read = 0 }}
{workload}
{rest}
"#
    );
    run(&scenario(&text), &RunOptions { jobs: 1 }, &Quiet).unwrap_or_else(|error| panic!("{error}"))
}

fn sink(experiment: &Experiment) -> &SinkJudgement {
    &experiment.strategies[0].runs[0].judgement.sinks[0]
}

#[track_caller]
fn within(percent: f64, what: &str, measured: f64, law: f64) {
    let off = (measured / law - 1.0).abs() * 100.0;
    println!("{what}: measured {measured:.6}, the law says {law:.6}, {off:.2} % off");
    assert!(
        off <= percent,
        "{what}: measured {measured}, the law says {law}: {off:.2} % off, {percent} % allowed"
    );
}

fn seconds(span: Option<Span>) -> f64 {
    span.expect("something was measured").seconds()
}

#[test]
fn law_1_a_full_batch_is_late_by_half_its_period_and_its_own_time() {
    let experiment = experiment(
        "rate = \"1000/s\"",
        r#"
[world]
duration = "1100s"
[[sink]]
kind = "warehouse"
latency = "50ms"
[[strategy]]
kind = "batch_full"
every = "1s"
page = 100000
"#,
    );
    let sink = sink(&experiment);
    // Staging and publishing take 50 ms each.
    let (period, own) = (1.0, 0.1);
    assert!(sink.freshness.count() >= 1_000_000 && sink.never_shown == 0);
    within(1.0, "mean lag", seconds(sink.freshness.mean()), period / 2.0 + own);
    within(2.0, "p99 lag", seconds(sink.freshness.quantile(0.99)), own + 0.99 * period);
    within(2.0, "max lag", seconds(sink.freshness.max()), period + own);
}

#[test]
fn law_2_a_polling_relay_is_late_by_half_its_period_and_its_publish_time() {
    let experiment = experiment(
        "rate = \"2000/s\"",
        r#"
[world]
duration = "520s"
[[sink]]
kind = "warehouse"
latency = "20ms"
[[strategy]]
kind = "outbox"
poll = "200ms"
batch = 100000
apply = "transaction"
gaps = "wait"
position = "with_data"
"#,
    );
    let sink = sink(&experiment);
    let (period, publish) = (0.2, 0.02);
    assert!(sink.freshness.count() >= 1_000_000 && sink.never_shown == 0);
    within(1.0, "mean lag", seconds(sink.freshness.mean()), period / 2.0 + publish);
    within(2.0, "p99 lag", seconds(sink.freshness.quantile(0.99)), publish + 0.99 * period);
    within(2.0, "max lag", seconds(sink.freshness.max()), period + publish);
}

/// The chance that two clients' writes reach the database in one order and the copy in the other.
#[test]
fn law_3_two_writers_disagree_with_their_copy_as_often_as_the_latencies_say() {
    for (a, b) in [(1.0, 1.0), (1.0, 3.0), (4.0, 1.0)] {
        let text = format!(
            r#"
title = "a law"
[world]
duration = "1h"
[source]
latency = "exp({a}us)"
timeout = "10h"
[workload]
shape = "kv"
clients = 2
operations = 2
keys = {{ count = 1, distribution = "uniform" }}
mix = {{ insert = 0, update = 1, delete = 0, read = 0 }}
[[sink]]
kind = "warehouse"
latency = "exp({b}us)"
timeout = "10h"
[[strategy]]
kind = "dual_writes"
"#
        );
        let scenario = scenario(&text);
        let stage = Stage::new(&scenario, &scenario.strategies[0], None).unwrap();
        let checker = Rc::new(RefCell::new(stage.checker().anomalies_only()));
        let samples = 1_000_000;
        let mut differ = 0;
        for seed in 0..samples {
            stage.prepare(seed);
            checker.borrow_mut().restart();
            let observer: Rc<RefCell<dyn Observer>> = checker.clone();
            stage.world().run(seed, observer, Span::from_secs(7_200), &mut |_: Time| true);
            let judgement = checker.borrow_mut().finish();
            differ += u64::from(judgement.sinks[0].tally(Anomaly::StaleOverwrite).total > 0);
        }
        within(
            1.0,
            &format!("share of reordered pairs at a = {a} µs, b = {b} µs"),
            differ as f64 / samples as f64,
            b / (2.0 * (a + b)),
        );
    }
}

#[test]
fn law_4_a_log_consumer_is_a_queue_with_one_server() {
    let experiment = experiment(
        "rate = \"500/s\"",
        r#"
[world]
duration = "4000s"
seed = 3
[[sink]]
kind = "warehouse"
latency = "exp(1ms)"
[[strategy]]
kind = "log_cdc"
apply = "rows"
position = "checkpoint"
"#,
    );
    let sink = sink(&experiment);
    let (arrivals, service) = (500.0, 1_000.0);
    assert!(sink.freshness.count() >= 1_000_000 && sink.never_shown == 0);
    within(1.0, "mean lag", seconds(sink.freshness.mean()), 1.0 / (service - arrivals));
    within(2.0, "p99 lag", seconds(sink.freshness.quantile(0.99)), 100f64.ln() / (service - arrivals));
}

#[test]
fn law_5_after_an_outage_the_backlog_drains_at_the_spare_rate() {
    let experiment = experiment(
        "rate = \"500/s\"\narrivals = \"constant\"",
        r#"
[world]
duration = "2200s"
[[sink]]
kind = "warehouse"
latency = "1ms"
[[strategy]]
kind = "log_cdc"
apply = "rows"
position = "checkpoint"
[[fault]]
kind = "outage"
target = "warehouse"
at = "200s"
for = "900s"
"#,
    );
    let sink = sink(&experiment);
    let (arrivals, service, down) = (500.0, 1_000.0, 900.0);
    let recovery = sink.recoveries[0];
    assert!(sink.freshness.count() >= 1_000_000 && sink.never_shown == 0);
    within(1.0, "peak of staleness", recovery.staleness_max.seconds(), down);
    within(1.0, "peak of the backlog", recovery.backlog_max as f64, arrivals * down);
    within(1.0, "time to drain", seconds(recovery.took), arrivals * down / (service - arrivals));
}

#[test]
fn law_7_above_capacity_staleness_grows_in_proportion() {
    let experiment = experiment(
        "rate = \"1000/s\"",
        r#"
[world]
duration = "1000s"
settle = "30min"
[[sink]]
kind = "warehouse"
latency = "exp(2ms)"
[[strategy]]
kind = "log_cdc"
apply = "rows"
position = "checkpoint"
"#,
    );
    let sink = sink(&experiment);
    let (arrivals, service, end) = (1_000.0, 500.0, 1_000.0);
    within(1.0, "staleness at the end of the load", sink.staleness.max, (1.0 - service / arrivals) * end);
    within(1.0, "mean staleness", sink.staleness.mean, (1.0 - service / arrivals) * end / 2.0);
    assert!(sink.tally(Anomaly::UnboundedLag).total > 0, "a queue without end must be named");
}

/// A consumer that dies with `m` events applied and not acknowledged applies exactly those again when it comes back: none less (they would be lost), none more.
#[test]
fn law_8_what_was_applied_and_not_acknowledged_is_delivered_twice() {
    let text = r#"title = "a consumer dies"
[world]
duration = "400ms"
[source]
latency = "exp(100us)"
[workload]
shape = "kv"
clients = 4
rate = "1000/s"
mix = { insert = 0, update = 1, delete = 0, read = 0 }
[[sink]]
kind = "warehouse"
mode = "append"
latency = "exp(500us)"
[[strategy]]
kind = "log_cdc"
apply = "rows"
position = "checkpoint"
batch = 40
[[fault]]
kind = "crash"
target = "consumer.warehouse"
at = "200ms"
for = "50ms"
"#;
    let scenario = scenario(text);
    let stage = Stage::new(&scenario, &scenario.strategies[0], None).unwrap();
    let mut most = 0;
    for seed in 1..=40 {
        let Recording { history, passings, .. } = Case::of_seed(seed).record(&stage);
        let name = |process: ProcessId| history.cast.processes[usize::from(process.0)].as_str();
        let first = |wanted: Turn| {
            let reached = |event: &Event| match event {
                Event::Lifecycle { process, stage } => {
                    *stage == wanted && name(*process).starts_with("consumer")
                }
                _ => false,
            };
            history.events.iter().find(|(_, event)| reached(event)).map(|(at, _)| *at).unwrap()
        };
        let (died, back) = (first(Turn::Crashed), first(Turn::Started));
        let acknowledged = passings
            .iter()
            .filter(|passing| passing.at < back && matches!(passing.point, Point::Served(_)))
            .filter(|passing| name(passing.from).starts_with("consumer"))
            .filter_map(|passing| passing.what.strip_prefix("remember ")?.parse::<usize>().ok())
            .max()
            .unwrap_or(0);
        let applied = |until: Time| {
            let events = history
                .events
                .iter()
                .filter(|(at, event)| *at < until && matches!(event, Event::Applied { .. }));
            events.count()
        };
        let mut times: BTreeMap<WriteId, usize> = BTreeMap::new();
        for (_, event) in &history.events {
            if let Event::Applied { write, .. } = event {
                *times.entry(*write).or_default() += 1;
            }
        }
        let twice = times.values().filter(|count| **count == 2).count();
        let unacknowledged = applied(back) - acknowledged;
        assert_eq!(twice, unacknowledged, "seed {seed}: it died at {died} and was back at {back}");
        assert!(times.values().all(|count| *count <= 2), "seed {seed}");
        most = most.max(unacknowledged);
    }
    assert!(most > 5, "no consumer died in the middle of a batch");
}

/// A batch that selects by `updated_at` loses the rows that were stamped before its watermark and committed after its read: of transactions that last `d` between
/// stamp and commit, at most `λ·E[(d - b)+]` a poll where it looks back by `b`, and none from the longest `d` on.
#[test]
fn law_6_rows_stamped_early_and_committed_late_are_lost_unless_the_batch_looks_back() {
    let lost = |hold: &str, lookback: &str| {
        // Every write is a row of its own, so that none is made good by a later one.
        let text = format!(
            r#"
title = "late commits"
[world]
duration = "100s"
[source]
latency = "0"
servers = 1000000
[workload]
shape = "kv"
clients = 1000
rate = "200/s"
keys = {{ count = 1 }}
mix = {{ insert = 1, update = 0, delete = 0, read = 0 }}
transaction = {{ hold = "{hold}" }}
[[sink]]
kind = "warehouse"
latency = "0"
[[strategy]]
kind = "batch_incremental"
every = "1s"
lookback = "{lookback}"
apply = "batch"
"#
        );
        let experiment = run(&scenario(&text), &RunOptions { jobs: 1 }, &Quiet).unwrap();
        sink(&experiment).never_shown as f64 / 100.0
    };
    let (rate, mean) = (200.0, 0.1_f64);
    for (lookback, back) in [("0", 0.0), ("50ms", 0.05), ("100ms", 0.1)] {
        let law = rate * mean * (-back / mean).exp();
        let measured = lost("exp(100ms)", lookback);
        println!("lookback {lookback}: {measured:.3} rows a poll are lost, the law allows {law:.3}");
        assert!(measured <= 1.01 * law, "lookback {lookback}: {measured} rows a poll, the law allows {law}");
        assert!(
            measured > 0.5 * law,
            "lookback {lookback}: {measured} rows a poll, far fewer than the law's {law}"
        );
    }
    // The watermark is the newest stamp that is committed, and lies some way back by itself.
    assert!(lost("uniform(0, 100ms)", "40ms") > 0.0);
    assert_eq!(lost("uniform(0, 100ms)", "100ms"), 0.0);
}
