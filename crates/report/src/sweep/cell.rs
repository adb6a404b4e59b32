//! What is kept of one combination.

use super::OverSeeds;
use crate::summary::{ExpectationSummary, Rounded, Verdict};
use driftlab_check::{ANOMALIES, SinkJudgement};
use driftlab_lab::explore::interval;
use driftlab_lab::{Experiment, Run, StrategyResult, freshness_quantile};
use driftlab_model::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One combination.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CellSummary {
    /// Its value of each axis.
    pub values: Vec<String>,
    /// The digest of the scenario with these values.
    pub digest: String,
    /// The worst verdict of its expectations.
    pub verdict: Verdict,
    /// What was expected of it, and what came of it.
    pub expectations: Vec<ExpectationSummary>,
    /// What each strategy showed, in the order of the scenario.
    pub strategies: Vec<StrategyCell>,
}

/// What a strategy showed in one combination.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StrategyCell {
    /// Its name in the scenario.
    pub name: String,
    /// Its kind in the registry.
    pub kind: String,
    /// How many runs were finished.
    pub runs: u64,
    /// The 99th percentile of the clients' writes.
    pub write_p99_nanos: Option<OverSeeds<Option<u64>>>,
    /// The same against the clients of the same seed without copies.
    pub write_p99_ratio: Option<OverSeeds<Rounded>>,
    /// Writes done a second of the load.
    pub writes_per_second: Option<OverSeeds<Rounded>>,
    /// What it did to each sink, in the order of the scenario.
    pub sinks: Vec<SinkCell>,
}

/// What a strategy did to one sink in one combination. Of times, `null` stands for ever.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SinkCell {
    /// The sink's name.
    pub sink: String,
    /// Whether the strategy serves it; otherwise there is nothing to tell.
    pub served: bool,
    /// In how many runs the sink equalled the source at the end.
    pub converged: u64,
    /// The anomalies that were seen, in the order of the registry.
    pub anomalies: Vec<AnomalySeeds>,
    /// The median freshness lag; changes that were never shown come after all others.
    pub freshness_p50_nanos: Option<OverSeeds<Option<u64>>>,
    /// The 99th percentile.
    pub freshness_p99_nanos: Option<OverSeeds<Option<u64>>>,
    /// The largest staleness.
    pub staleness_max_nanos: Option<OverSeeds<Option<u64>>>,
    /// How long it took after a fault until staleness was below its p99 from before, the longest of a run.
    pub recovery_nanos: Option<OverSeeds<Option<u64>>>,
    /// The most changes that waited to be shown, while a fault lasted or after it.
    pub backlog_max: Option<OverSeeds<u64>>,
}

/// In how many runs an anomaly was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AnomalySeeds {
    /// Its name.
    pub anomaly: String,
    /// In how many runs it was seen.
    pub runs: u64,
    /// In how many of those it was still there at the end.
    pub permanent: u64,
    /// The 95 % interval of the share of runs that show it (Wilson).
    pub share: (Rounded, Rounded),
}

impl CellSummary {
    pub(super) fn of(values: Vec<String>, experiment: &Experiment) -> Self {
        let verdict = Verdict::from(experiment.verdict());
        Self {
            values,
            digest: experiment.scenario.digest.clone(),
            verdict: if experiment.interrupted { verdict.max(Verdict::Unknown) } else { verdict },
            expectations: experiment.expectations.iter().map(ExpectationSummary::of).collect(),
            strategies: experiment.strategies.iter().map(|one| StrategyCell::of(experiment, one)).collect(),
        }
    }
}

impl StrategyCell {
    fn of(experiment: &Experiment, strategy: &StrategyResult) -> Self {
        let write_p99 = |run: &Run| run.judgement.writer.latency.quantile(0.99);
        let ratio = |run: &Run| {
            let control = experiment.baseline.runs.iter().find(|control| control.seed == run.seed)?;
            let (ours, theirs) = (write_p99(run)?, write_p99(control)?);
            (!theirs.is_zero()).then(|| ours.seconds() / theirs.seconds())
        };
        let throughput = strategy.runs.iter().map(|run| run.judgement.writer.throughput);
        let names = experiment.sinks.iter().map(|(name, _)| name).enumerate();
        Self {
            name: strategy.name.clone(),
            kind: strategy.kind.to_owned(),
            runs: strategy.runs.len() as u64,
            write_p99_nanos: OverSeeds::of_spans(strategy.runs.iter().filter_map(write_p99).collect()),
            write_p99_ratio: OverSeeds::of_numbers(strategy.runs.iter().filter_map(ratio).collect()),
            writes_per_second: OverSeeds::of_numbers(throughput.collect()),
            sinks: names.map(|(number, name)| SinkCell::of(name, strategy, number)).collect(),
        }
    }
}

impl SinkCell {
    fn of(name: &str, strategy: &StrategyResult, number: usize) -> Self {
        let judged = strategy.runs.iter().filter_map(|run| run.judgement.sinks.get(number));
        let judged: Vec<&SinkJudgement> = judged.filter(|sink| sink.served).collect();
        let spans = |of: &dyn Fn(&SinkJudgement) -> Option<Span>| {
            OverSeeds::of_spans(judged.iter().filter_map(|sink| of(sink)).collect())
        };
        let quantile = |q: f64| spans(&move |sink| freshness_quantile(&sink.freshness, sink.never_shown, q));
        let backlog = |sink: &&SinkJudgement| sink.recoveries.iter().map(|one| one.backlog_max).max();
        Self {
            sink: name.to_owned(),
            served: !judged.is_empty(),
            converged: judged.iter().filter(|sink| sink.divergent_at_end == 0).count() as u64,
            anomalies: AnomalySeeds::all(&judged),
            freshness_p50_nanos: quantile(0.5),
            freshness_p99_nanos: quantile(0.99),
            staleness_max_nanos: spans(&|sink| Some(Span::from_secs_f64(sink.staleness.max))),
            recovery_nanos: spans(&|sink| {
                sink.recoveries.iter().map(|one| one.took.unwrap_or(Span::MAX)).max()
            }),
            backlog_max: OverSeeds::of_counts(judged.iter().filter_map(backlog).collect()),
        }
    }
}

impl AnomalySeeds {
    /// The worst first: by the runs in which it stayed, then by those in which it was seen.
    pub(super) fn worst_first(all: &[Self]) -> Vec<&Self> {
        let mut sorted: Vec<&Self> = all.iter().collect();
        sorted.sort_by_key(|one| (std::cmp::Reverse(one.permanent), std::cmp::Reverse(one.runs)));
        sorted
    }

    fn all(judged: &[&SinkJudgement]) -> Vec<Self> {
        let of = judged.len() as u64;
        let count =
            |holds: &dyn Fn(&SinkJudgement) -> bool| judged.iter().filter(|sink| holds(sink)).count() as u64;
        let entry = |entry: &driftlab_check::AnomalyEntry| {
            let runs = count(&|sink| sink.tally(entry.anomaly).total > 0);
            let (low, high) = interval(runs, of);
            (runs > 0).then(|| Self {
                anomaly: entry.name.to_owned(),
                runs,
                permanent: count(&|sink| sink.tally(entry.anomaly).permanent > 0),
                share: (Rounded::of(low), Rounded::of(high)),
            })
        };
        ANOMALIES.iter().filter_map(entry).collect()
    }
}
