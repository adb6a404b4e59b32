//! Every strategy on real stores, with a cache, a search index and a warehouse, for most of a second each.

mod support;

use driftlab_model::{Event, Refusal, Settings, SinkKind, Span};
use driftlab_strategies::{STRATEGIES, StrategyEntry};
use support::{Outcome, Scenario, fault, strategy, workload};

type Given = &'static [(&'static str, &'static str)];

/// Settings under which a strategy works in rounds short enough for a run of a second.
fn brisk(name: &str) -> Given {
    match name {
        "batch_full" => &[("every", "150ms")],
        "batch_incremental" => &[("every", "150ms"), ("lookback", "500ms"), ("deletes", "key_diff")],
        "outbox" | "trigger_cdc" => &[("poll", "20ms"), ("gaps", "wait")],
        _ => &[],
    }
}

/// The anomalies that a run showed and the truth table does not allow for these settings.
fn unexpected(name: &str, given: Given, outcome: &Outcome) -> Vec<String> {
    let entry = StrategyEntry::named(name).expect("a registered strategy");
    let settings = given
        .iter()
        .fold(Settings::defaults(entry.settings), |all, (name, text)| all.with(entry.settings, name, text));
    let may_show = (entry.may_show)(&settings);
    let findings = outcome.judgement.findings.iter();
    findings
        .filter(|finding| !may_show.contains(&finding.anomaly.name()))
        .map(|finding| format!("{}: {}", finding.anomaly.name(), finding.sentence))
        .collect()
}

fn assert_convergent(name: &str, outcome: &Outcome) {
    assert!(outcome.summary.quiescent, "{name} found no rest");
    let served: Vec<_> = outcome.judgement.sinks.iter().filter(|sink| sink.served).collect();
    assert!(!served.is_empty());
    for sink in served {
        let findings = &outcome.judgement.findings;
        assert_eq!((sink.divergent_at_end, sink.never_shown), (0, 0), "{name}, {}: {findings:?}", sink.name);
    }
    assert!(outcome.judgement.evidence.commits > 50, "{name}: {:?}", outcome.judgement.evidence);
}

#[test]
fn no_strategy_shows_what_its_row_of_the_truth_table_rules_out() {
    // Event sourcing knows seats and nothing else.
    for entry in STRATEGIES.iter().filter(|entry| entry.name != "event_sourcing") {
        let given = brisk(entry.name);
        let outcome = Scenario::of(strategy(entry.name, given)).run(1);
        assert!(outcome.summary.quiescent, "{} found no rest", entry.name);
        assert_eq!(unexpected(entry.name, given, &outcome), [""; 0], "{}", entry.name);
    }
}

/// A checker that finds nothing in a world where nobody keeps the copies in step would find nothing anywhere.
#[test]
fn without_a_strategy_every_copy_drifts_for_good() {
    let outcome = Scenario::of(strategy("none", &[])).run(1);
    assert!(outcome.summary.quiescent);
    for sink in &outcome.judgement.sinks {
        assert!(sink.divergent_at_end > 10, "{} differs in {} keys", sink.name, sink.divergent_at_end);
    }
}

#[test]
fn whoever_reads_changes_or_everything_ends_with_equal_copies() {
    for name in ["batch_full", "batch_incremental", "outbox", "trigger_cdc", "log_cdc"] {
        let outcome = Scenario::of(strategy(name, brisk(name))).run(2);
        assert_convergent(name, &outcome);
    }
}

#[test]
fn the_log_is_right_in_all_its_ways() {
    let ways: [Given; 4] = [
        &[("partitions", "4"), ("apply", "rows"), ("position", "checkpoint")],
        &[("snapshot", "watermarked"), ("chunk", "10")],
        &[("position", "checkpoint"), ("deduplicate", "true")],
        &[("batch", "1")],
    ];
    for given in ways {
        let outcome = Scenario::of(strategy("log_cdc", given)).run(3);
        assert_convergent("log_cdc", &outcome);
        assert_eq!(unexpected("log_cdc", given, &outcome), [""; 0], "{given:?}");
    }
}

#[test]
fn the_log_survives_what_happens_to_processes_and_stores() {
    type Fault = (&'static str, Given);
    let faults: [Fault; 6] = [
        ("crash", &[("target", "background"), ("at", "100ms"), ("every", "200ms"), ("for", "50ms")]),
        ("pause", &[("target", "consumer"), ("at", "200ms"), ("for", "300ms")]),
        ("outage", &[("target", "search"), ("at", "200ms"), ("for", "300ms")]),
        ("lose_reply", &[("target", "cache"), ("chance", "0.05")]),
        ("repeat", &[("target", "*"), ("from", "background"), ("chance", "0.2"), ("after", "exp(20ms)")]),
        ("refuse", &[("target", "*"), ("from", "background"), ("chance", "0.1")]),
    ];
    for (kind, settings) in faults {
        let mut scenario = Scenario::of(strategy("log_cdc", &[]));
        scenario.faults = vec![fault(kind, settings)];
        scenario.sinks.iter_mut().for_each(|sink| sink.timeout = Span::from_millis(300));
        let outcome = scenario.run(4);
        assert_convergent(kind, &outcome);
        assert_eq!(unexpected("log_cdc", &[], &outcome), [""; 0], "{kind}");
    }
}

/// A write to the copy that is lost after the commit is lost for good: what all this is about.
#[test]
fn dual_writes_lose_what_the_network_loses() {
    let mut scenario = Scenario::of(strategy("dual_writes", &[]));
    scenario.faults = vec![fault("lose_request", &[("target", "cache"), ("chance", "0.3")])];
    scenario.sinks.retain(|sink| sink.entry.kind == SinkKind::Cache);
    scenario.sinks[0].timeout = Span::from_millis(5);
    let outcome = scenario.run(5);
    assert!(outcome.judgement.sinks[0].divergent_at_end > 5, "{:?}", outcome.judgement.evidence);
}

#[test]
fn transactions_that_hold_roll_back_and_conflict_leave_the_copies_right() {
    let mut scenario = Scenario::of(strategy("log_cdc", &[]));
    scenario.workload = workload(&[
        ("clients", "4"),
        ("keys.count", "20"),
        ("think", "1ms"),
        ("transaction.rows", "1..=4"),
        ("transaction.hold", "exp(1ms)"),
        ("transaction.rollback", "0.2"),
    ]);
    let outcome = scenario.run(6);
    assert_convergent("log_cdc", &outcome);
    let rolled_back = |event: &Event| matches!(event, Event::Aborted { why: Refusal::RolledBack, .. });
    assert!(outcome.history.events.iter().filter(|(_, event)| rolled_back(event)).count() > 5);
    assert!(outcome.judgement.evidence.overlaps > 0);
}

/// A ledger that stays empty makes every strategy look free.
#[test]
fn costs_are_counted_where_they_arise() {
    let cost = |name: &str| Scenario::of(strategy(name, brisk(name))).run(7).judgement.ledger;
    let (plain, outbox, log) = (cost("none"), cost("outbox"), cost("log_cdc"));
    assert!(plain.source_rows_written > 50 && plain.source_extra_rows == 0);
    assert!(plain.log_bytes_written > plain.source_rows_written * 4_096);
    assert_eq!(plain.sink_operations.iter().sum::<u64>(), 0);
    assert!(outbox.source_extra_rows > 50 && outbox.log_bytes_written > plain.log_bytes_written);
    assert!(log.source_extra_rows > 50 && log.events_moved > 50 && log.log_bytes_retained_max > 0);
    assert!(log.sink_operations.iter().all(|count| *count > 50), "{log:?}");
}
