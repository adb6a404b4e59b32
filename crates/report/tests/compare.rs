//! Results side by side, from experiments built by hand.

mod fixture;

use driftlab_lab::Experiment;
use driftlab_model::Span;
use driftlab_report::Summary;
use driftlab_report::compare::{Comparison, Outcome, markdown, table};
use driftlab_report::terminal::Style;
use driftlab_scenario::Colour;

const PLAIN: Style = Style { width: 100, colour: Colour::Off };

fn compared(change: impl FnOnce(&mut Experiment)) -> Comparison {
    let before = Summary::of(&fixture::experiment());
    let mut experiment = fixture::experiment();
    change(&mut experiment);
    Comparison::of_results([("before", &before), ("after", &Summary::of(&experiment))], None, 0.05)
}

fn outcome(comparison: &Comparison, strategy: &str, measure: &str) -> Outcome {
    let row = comparison.rows.iter().find(|row| row.strategy == strategy && row.measure == measure);
    row.unwrap_or_else(|| panic!("{measure} of {strategy} was not compared")).outcome
}

#[test]
fn equal_results_differ_in_nothing() {
    let same = compared(|_| {});
    assert!(!same.has_regressions() && same.count(Outcome::Better) == 0 && !same.rows.is_empty());
}

#[test]
fn a_slower_write_is_worse_and_a_faster_one_better() {
    let slower = |experiment: &mut Experiment| {
        for run in &mut experiment.strategies[1].runs {
            run.judgement.writer.latency.record_many(Span::from_millis(500), 50);
        }
    };
    let worse = compared(slower);
    assert_eq!(outcome(&worse, "CDC", "write_p99_seconds"), Outcome::Worse);
    assert_eq!(outcome(&worse, "dual writes", "write_p99_seconds"), Outcome::Same);
    assert!(worse.has_regressions());
    let slow = {
        let mut experiment = fixture::experiment();
        slower(&mut experiment);
        Summary::of(&experiment)
    };
    let fast = Summary::of(&fixture::experiment());
    let better = Comparison::of_results([("slow", &slow), ("fast", &fast)], None, 0.05);
    assert_eq!(outcome(&better, "CDC", "write_p99_seconds"), Outcome::Better);
    assert!(!better.has_regressions());
}

/// A gate that fails on noise is switched off within a week: seeds that scatter as widely as they differ prove nothing.
#[test]
fn a_difference_within_the_scatter_of_the_seeds_is_noise() {
    let scattered = |up: f64| {
        move |experiment: &mut Experiment| {
            for (number, run) in experiment.strategies[1].runs.iter_mut().enumerate() {
                run.judgement.writer.throughput = 100.0 + 40.0 * number as f64 + up;
            }
        }
    };
    let summary = |up: f64| {
        let mut experiment = fixture::experiment();
        scattered(up)(&mut experiment);
        Summary::of(&experiment)
    };
    let (before, after) = (summary(0.0), summary(-15.0));
    let noise = Comparison::of_results([("before", &before), ("after", &after)], None, 0.05);
    assert_eq!(outcome(&noise, "CDC", "writes_per_second"), Outcome::Same);
}

/// Whoever writes a bound into a scenario has said how bad it may become.
#[test]
fn what_the_scenario_expects_is_allowed() {
    let later = |experiment: &mut Experiment| {
        experiment.expectations[1].verdict = driftlab_lab::Verdict::Pass;
        for run in &mut experiment.strategies[1].runs {
            for sink in &mut run.judgement.sinks {
                sink.freshness.record_many(Span::from_millis(200), 1);
                sink.freshness.record_many(Span::from_millis(2_000), 3);
            }
        }
    };
    let allowed = compared(later);
    assert_eq!(outcome(&allowed, "CDC", "freshness_p99_seconds"), Outcome::Allowed);
    // Nobody has said how stale the median may be.
    assert_eq!(outcome(&allowed, "CDC", "freshness_p50_seconds"), Outcome::Worse);
}

#[test]
fn an_anomaly_that_was_not_there_and_an_expectation_that_no_longer_holds_are_worse() {
    let broken = compared(|experiment| {
        experiment.expectations[0].verdict = driftlab_lab::Verdict::Fail;
        for run in &mut experiment.strategies[1].runs {
            run.judgement.sinks[0].tallies[driftlab_check::Anomaly::LostUpdate as usize].total = 3;
        }
    });
    assert_eq!(outcome(&broken, "CDC", "lost_update per million"), Outcome::Worse);
    let claim = "expectation: dual writes shows stale_overwrite in search";
    assert_eq!(outcome(&broken, "dual writes", claim), Outcome::Worse);
    insta::assert_snapshot!("what_is_worse", table(&broken, PLAIN));
    insta::assert_snapshot!("what_is_worse_as_markdown", markdown(&broken));
}

#[test]
fn two_strategies_of_one_result_are_compared() {
    let summary = Summary::of(&fixture::experiment());
    let sides = [(&summary, &summary.strategies[0]), (&summary, &summary.strategies[1])];
    let comparison = Comparison::of_strategies(sides, 0.05);
    assert_eq!(outcome(&comparison, "dual writes, CDC", "write_p99_seconds"), Outcome::Better);
    assert_eq!(outcome(&comparison, "dual writes, CDC", "stale_overwrite per million"), Outcome::Better);
}
