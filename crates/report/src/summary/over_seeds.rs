//! How much a measure varies from seed to seed: what a comparison needs to tell a difference from noise.

use crate::summary::Rounded;
use driftlab_check::{Distribution, SinkJudgement};
use driftlab_lab::{Run, StrategyResult};
use driftlab_model::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A measure over the runs of a strategy, one a seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OverSeeds {
    /// Its name.
    pub measure: String,
    /// The sink; `None` for what is measured once for the strategy.
    pub sink: Option<String>,
    /// How many runs gave a value.
    pub runs: u64,
    /// The mean of their values.
    pub mean: Rounded,
    /// The standard deviation of their values (n - 1 in the denominator); 0 where there is only one.
    pub deviation: Rounded,
}

type OfSink = fn(&Run, &SinkJudgement) -> Option<f64>;
type OfRun = fn(&Run) -> Option<f64>;

/// What is measured in a sink.
const OF_SINK: &[(&str, OfSink)] = &[
    ("permanent_anomalies_per_million", |run, sink| {
        per_million(run, sink.tallies.iter().map(|tally| tally.permanent).sum())
    }),
    ("passing_anomalies_per_million", |run, sink| {
        per_million(run, sink.tallies.iter().map(|tally| tally.total - tally.permanent).sum())
    }),
    ("never_shown_per_million", |run, sink| per_million(run, sink.never_shown)),
    ("freshness_p50_seconds", |_, sink| quantile(&sink.freshness, 0.5)),
    ("freshness_p99_seconds", |_, sink| quantile(&sink.freshness, 0.99)),
    ("staleness_mean_seconds", |_, sink| Some(sink.staleness.mean)),
    ("divergent_keys_mean", |_, sink| Some(sink.divergent.mean)),
    ("read_staleness_p99_seconds", |_, sink| quantile(&sink.read_staleness, 0.99)),
];

/// What is measured once for a strategy.
const OF_STRATEGY: &[(&str, OfRun)] = &[
    ("write_p99_seconds", |run| quantile(&run.judgement.writer.latency, 0.99)),
    ("writes_per_second", |run| Some(run.judgement.writer.throughput)),
    ("extra_rows_per_row_change", |run| per_row_change(run, run.judgement.ledger.source_extra_rows)),
    ("log_bytes_per_row_change", |run| per_row_change(run, run.judgement.ledger.log_bytes_written)),
    ("sink_operations_per_row_change", |run| {
        per_row_change(run, run.judgement.ledger.sink_operations.iter().sum())
    }),
];

impl OverSeeds {
    pub(crate) fn of(strategy: &StrategyResult, sinks: &[String]) -> Vec<Self> {
        let mut all = Vec::new();
        for (measure, of) in OF_STRATEGY {
            all.extend(Self::one(measure, None, strategy.runs.iter().filter_map(of)));
        }
        for (place, sink) in sinks.iter().enumerate() {
            for (measure, of) in OF_SINK {
                let values = strategy.runs.iter().filter_map(|run| {
                    let judged = run.judgement.sinks.get(place).filter(|judged| judged.served)?;
                    of(run, judged)
                });
                all.extend(Self::one(measure, Some(sink), values));
            }
        }
        all
    }

    fn one(measure: &str, sink: Option<&String>, values: impl Iterator<Item = f64>) -> Option<Self> {
        // Welford's way: exact enough where all values are nearly the same.
        let (mut runs, mut mean, mut squares) = (0_u64, 0.0, 0.0);
        for value in values {
            runs += 1;
            let off = value - mean;
            mean += off / runs as f64;
            squares += off * (value - mean);
        }
        let deviation = if runs > 1 { (squares / (runs - 1) as f64).sqrt() } else { 0.0 };
        (runs > 0).then(|| Self {
            measure: measure.to_owned(),
            sink: sink.cloned(),
            runs,
            mean: Rounded::of(mean),
            deviation: Rounded::of(deviation),
        })
    }
}

fn quantile(distribution: &Distribution, quantile: f64) -> Option<f64> {
    distribution.quantile(quantile).map(Span::seconds)
}

fn per_row_change(run: &Run, count: u64) -> Option<f64> {
    let changes = run.judgement.evidence.row_changes;
    (changes > 0).then(|| count as f64 / changes as f64)
}

fn per_million(run: &Run, count: u64) -> Option<f64> {
    per_row_change(run, count).map(|share| share * 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deviation_is_that_of_a_sample() {
        let all = |values: &[f64]| OverSeeds::one("x", None, values.iter().copied());
        let spread = all(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]).unwrap();
        assert_eq!((spread.runs, spread.mean.get(), spread.deviation.get()), (8, 5.0, 2.138));
        assert_eq!(all(&[3.0]).unwrap().deviation.get(), 0.0);
        assert_eq!(all(&[]), None);
    }
}
