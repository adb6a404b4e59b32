use super::{Quantiles, Rounded, SinkSummary, StrategySummary, Summary};
use crate::wording;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the virtual world said of the same scenario and seeds, with the times of a profile: to be compared with what real stores did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Prediction {
    /// The profile, as the scenario names it.
    pub profile: String,
    /// Each copy that a strategy serves, in the order of the scenario.
    pub copies: Vec<PredictedCopy>,
    /// Every other measure, strategy by strategy.
    #[serde(default)]
    pub measures: Vec<PredictedMeasure>,
}

/// A measure of a strategy as it was said to be, and as it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PredictedMeasure {
    /// The strategy's name in the scenario.
    pub strategy: String,
    /// The sink's name in the scenario; `None` where it is about the strategy as a whole.
    pub sink: Option<String>,
    /// Its name: that of the fields of this summary, such as `late.staleness.mean`.
    pub measure: String,
    /// Its unit: `ns`, `/s`, `bytes`, or nothing for a count or a ratio.
    pub unit: String,
    /// In the virtual world; `None` where there was nothing to measure.
    pub predicted: Option<Rounded>,
    /// On real stores.
    pub measured: Option<Rounded>,
}

/// A measure that both worlds have.
type Of<T> = (&'static str, &'static str, fn(&T) -> Option<Rounded>);

/// Those of a copy.
const OF_COPIES: [Of<SinkSummary>; 16] = [
    ("late.freshness.mean", "ns", |sink| nanos(sink.late.freshness.mean_nanos)),
    ("late.freshness.max", "ns", |sink| nanos(sink.late.freshness.max_nanos)),
    ("late.never_shown", "", |sink| count(sink.late.never_shown)),
    ("late.staleness.mean", "ns", |sink| count(sink.late.staleness.mean_nanos)),
    ("late.staleness.max", "ns", |sink| count(sink.late.staleness.max_nanos)),
    ("late.divergent.mean", "", |sink| Some(sink.late.divergent.mean)),
    ("late.divergent.max", "", |sink| Some(sink.late.divergent.max)),
    ("late.divergent.at_end", "", |sink| count(sink.late.divergent.at_end)),
    ("late.read_staleness.p50", "ns", |sink| nanos(sink.late.read_staleness.p50_nanos)),
    ("late.read_staleness.p99", "ns", |sink| nanos(sink.late.read_staleness.p99_nanos)),
    ("late.reads_behind", "", |sink| sink.late.reads_behind),
    ("late.versions_behind_p99", "", |sink| nanos(sink.late.versions_behind_p99)),
    ("late.freshness_score_p99", "ns", |sink| nanos(sink.late.freshness_score_p99_nanos)),
    ("late.silent_for.divergences", "", |sink| count(sink.late.silent_for.divergences)),
    ("late.recoveries.took_max", "ns", |sink| {
        nanos(sink.late.recoveries.iter().filter_map(|recovery| recovery.took_max_nanos).max())
    }),
    ("late.recoveries.backlog_max", "", |sink| {
        nanos(sink.late.recoveries.iter().map(|recovery| recovery.backlog_max).max())
    }),
];

/// Those of a strategy.
const OF_STRATEGIES: [Of<StrategySummary>; 13] = [
    ("costly.write.p50", "ns", |strategy| nanos(strategy.costly.write.p50_nanos)),
    ("costly.write.p99", "ns", |strategy| nanos(strategy.costly.write.p99_nanos)),
    ("costly.write_p50_ratio", "", |strategy| strategy.costly.write_p50_ratio),
    ("costly.write_p99_ratio", "", |strategy| strategy.costly.write_p99_ratio),
    ("costly.writes_per_second", "/s", |strategy| Some(strategy.costly.writes_per_second)),
    ("costly.throughput_ratio", "", |strategy| strategy.costly.throughput_ratio),
    ("costly.source_rows_read_per_row_change", "", |strategy| {
        strategy.costly.source_rows_read_per_row_change
    }),
    ("costly.extra_rows_per_row_change", "", |strategy| strategy.costly.extra_rows_per_row_change),
    ("costly.log_bytes_per_row_change", "bytes", |strategy| strategy.costly.log_bytes_per_row_change),
    ("costly.log_bytes_ratio", "", |strategy| strategy.costly.log_bytes_ratio),
    ("costly.log_bytes_retained_max", "bytes", |strategy| count(strategy.costly.log_bytes_retained_max)),
    ("costly.events_moved_per_row_change", "", |strategy| strategy.costly.events_moved_per_row_change),
    ("costly.bytes_moved_per_row_change", "bytes", |strategy| strategy.costly.bytes_moved_per_row_change),
];

#[allow(clippy::unnecessary_wraps, reason = "measures that are always there stand beside others")]
fn count(count: u64) -> Option<Rounded> {
    Some(Rounded::of(count as f64))
}

fn nanos(nanos: Option<u64>) -> Option<Rounded> {
    nanos.and_then(count)
}

/// How fresh a copy was said to be, and how fresh it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PredictedCopy {
    /// The strategy's name in the scenario.
    pub strategy: String,
    /// The sink's name in the scenario.
    pub sink: String,
    /// From the commit of a change until the sink shows it, in the virtual world.
    pub predicted: Quantiles,
    /// The same on real stores.
    pub measured: Quantiles,
    /// Anomalies that only the virtual world showed.
    pub only_predicted: Vec<String>,
    /// Anomalies that only real stores showed.
    pub only_measured: Vec<String>,
}

impl Summary {
    /// The summary with what the virtual world says of the same scenario, with the times of a profile.
    #[must_use]
    pub fn predicted_by(mut self, predicted: &Self, profile: &str) -> Self {
        let (mut copies, mut measures) = (Vec::new(), Vec::new());
        for (was, said) in self.strategies.iter().zip(&predicted.strategies) {
            measures.extend(beside(was, None, &OF_STRATEGIES, (said, was)));
            for (measured, predicted) in was.sinks.iter().zip(&said.sinks).filter(|(sink, _)| sink.served) {
                let names = |sink: &super::SinkSummary| -> Vec<String> {
                    sink.wrong.anomalies.iter().map(|count| count.anomaly.clone()).collect()
                };
                let (shown, foretold) = (names(measured), names(predicted));
                let without = |all: &[String], others: &[String]| {
                    all.iter().filter(|name| !others.contains(name)).cloned().collect()
                };
                measures.extend(beside(was, Some(&measured.sink), &OF_COPIES, (predicted, measured)));
                copies.push(PredictedCopy {
                    strategy: was.name.clone(),
                    sink: measured.sink.clone(),
                    predicted: predicted.late.freshness,
                    measured: measured.late.freshness,
                    only_predicted: without(&foretold, &shown),
                    only_measured: without(&shown, &foretold),
                });
            }
        }
        self.prediction = Some(Prediction { profile: profile.to_owned(), copies, measures });
        self
    }
}

/// The measures of something, those that either world has.
fn beside<T>(
    strategy: &StrategySummary,
    sink: Option<&String>,
    all: &[Of<T>],
    (predicted, measured): (&T, &T),
) -> Vec<PredictedMeasure> {
    let each = all.iter().map(|(measure, unit, of)| PredictedMeasure {
        strategy: strategy.name.clone(),
        sink: sink.cloned(),
        measure: (*measure).to_owned(),
        unit: (*unit).to_owned(),
        predicted: of(predicted),
        measured: of(measured),
    });
    each.filter(|measure| measure.predicted.is_some() || measure.measured.is_some()).collect()
}

impl PredictedMeasure {
    /// A number of it, as a person would say it.
    #[must_use]
    pub(crate) fn said(&self, number: Option<Rounded>) -> String {
        match (self.unit.as_str(), number) {
            ("ns", number) => wording::span(number.map(|number| number.get() as u64)),
            ("bytes", Some(number)) => wording::bytes(number.get()),
            (_, number) => wording::number(number),
        }
    }
}

impl PredictedCopy {
    /// What the two worlds do not agree on, in words; nothing where they showed the same anomalies.
    #[must_use]
    pub fn disagreement(&self) -> String {
        let sides = [("predicted only", &self.only_predicted), ("measured only", &self.only_measured)];
        let told = sides.iter().filter(|(_, names)| !names.is_empty());
        told.map(|(side, names)| format!("{side}: {}", names.join(", "))).collect::<Vec<_>>().join("; ")
    }
}
