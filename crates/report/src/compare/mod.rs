//! Two results side by side: what is better, what is worse, and what is noise.
//!
//! Where both results have several seeds, a difference counts when Welch's 95 % interval of it does not contain nothing, and it is larger than the tolerance; where one of them has a
//! single seed, the tolerance alone decides. What is worse and yet within what the scenario expects is allowed.

mod interval;
mod render;

pub use render::{markdown, table};

use crate::summary::{OverSeeds, SinkSummary, StrategySummary, Summary, Verdict};
use interval::difference;
use serde::Serialize;

/// Two results side by side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// What stands on the left, and on the right.
    pub sides: [String; 2],
    /// What has to be said of the comparison as a whole, a sentence each.
    pub remarks: Vec<String>,
    /// By how much a measure must differ to count, as a share of the left one.
    pub tolerance: f64,
    /// All that was compared.
    pub rows: Vec<Row>,
}

/// One measure, or one anomaly, of a strategy.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The strategy: `outbox`, or where two were compared `outbox, log CDC`.
    pub strategy: String,
    /// The sink; `None` for what is measured once.
    pub sink: Option<String>,
    /// What was compared.
    pub measure: String,
    /// On the left.
    pub before: f64,
    /// On the right.
    pub after: f64,
    /// The 95 % interval of the difference; `None` where there were too few seeds for one.
    pub interval: Option<(f64, f64)>,
    /// What it comes to.
    pub outcome: Outcome,
    /// Why, where that is not plain.
    pub why: String,
}

/// What a difference comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// No difference beyond noise and tolerance.
    Same,
    /// Better.
    Better,
    /// Worse, and the scenario's expectations allow it.
    Allowed,
    /// Worse.
    Worse,
}

/// One strategy on the left, and one on the right.
struct Pair<'a> {
    left: &'a StrategySummary,
    right: &'a StrategySummary,
    right_result: &'a Summary,
    tolerance: f64,
}

impl Comparison {
    /// Compares each strategy of one result with the strategy of the same name in another.
    #[must_use]
    pub fn of_results(sides: [(&str, &Summary); 2], only: Option<&str>, tolerance: f64) -> Self {
        let [(left_name, left), (right_name, right)] = sides;
        let mut all = Self::begun([left_name, right_name], tolerance);
        if left.scenario.digest != right.scenario.digest {
            all.remarks.push(
                "The results are of different scenarios, or of one that was changed between them.".to_owned(),
            );
        }
        all.remark_on_noise([left, right]);
        let is_meant = |strategy: &&StrategySummary| only.is_none_or(|name| strategy.name == name);
        for one in left.strategies.iter().filter(is_meant) {
            match right.strategies.iter().find(|other| other.name == one.name) {
                Some(other) => all.pair(left, one, right, other),
                None => all.remarks.push(format!("{} is only in {left_name}.", one.name)),
            }
        }
        for other in right.strategies.iter().filter(is_meant) {
            if left.strategies.iter().all(|one| one.name != other.name) {
                all.remarks.push(format!("{} is only in {right_name}.", other.name));
            }
        }
        all
    }

    /// Compares two strategies.
    #[must_use]
    pub fn of_strategies(sides: [(&Summary, &StrategySummary); 2], tolerance: f64) -> Self {
        let [(left, one), (right, other)] = sides;
        let mut all = Self::begun([&one.name, &other.name], tolerance);
        all.remark_on_noise([left, right]);
        all.pair(left, one, right, other);
        all
    }

    fn begun(sides: [&str; 2], tolerance: f64) -> Self {
        Self { sides: sides.map(str::to_owned), remarks: Vec::new(), tolerance, rows: Vec::new() }
    }

    fn remark_on_noise(&mut self, results: [&Summary; 2]) {
        if results.iter().any(|result| result.seeds.len() == 1) {
            self.remarks.push("One seed says nothing about noise: what counts is the tolerance.".to_owned());
        }
    }

    /// Whether anything is worse than the scenario allows.
    #[must_use]
    pub fn has_regressions(&self) -> bool {
        self.count(Outcome::Worse) > 0
    }

    /// How many rows came to this.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> usize {
        self.rows.iter().filter(|row| row.outcome == outcome).count()
    }

    fn pair(
        &mut self,
        left_result: &Summary,
        left: &StrategySummary,
        right_result: &Summary,
        right: &StrategySummary,
    ) {
        let pair = Pair { left, right, right_result, tolerance: self.tolerance };
        if left.name == right.name {
            self.rows.extend(pair.expectations(left_result));
        }
        self.rows.extend(pair.anomalies());
        self.rows.extend(pair.measures());
    }
}

impl Pair<'_> {
    fn name(&self) -> String {
        if self.left.name == self.right.name {
            self.left.name.clone()
        } else {
            format!("{}, {}", self.left.name, self.right.name)
        }
    }

    /// Expectations that held on the left and do not on the right, and the other way round.
    fn expectations(&self, left_result: &Summary) -> Vec<Row> {
        let of = |summary: &'_ Summary| -> Vec<(String, Verdict, String)> {
            let ours = summary.expectations.iter().filter(|one| one.strategy == self.left.name);
            ours.map(|one| (one.claim.clone(), one.verdict, one.reason.clone())).collect()
        };
        let right = of(self.right_result);
        let mut rows = Vec::new();
        for (claim, before, _) in of(left_result) {
            let Some((_, after, reason)) = right.iter().find(|other| other.0 == claim) else { continue };
            let grade = |verdict: Verdict| f64::from(u8::from(verdict == Verdict::Pass));
            let outcome = match before.cmp(after) {
                std::cmp::Ordering::Equal => Outcome::Same,
                std::cmp::Ordering::Less => Outcome::Worse,
                std::cmp::Ordering::Greater => Outcome::Better,
            };
            rows.push(Row {
                strategy: self.name(),
                sink: None,
                measure: format!("expectation: {claim}"),
                before: grade(before),
                after: grade(*after),
                interval: None,
                outcome,
                why: format!("{} before, {} now: {reason}", before.name(), after.name()),
            });
        }
        rows
    }

    /// Anomalies that one side shows and the other does not, sink by sink.
    fn anomalies(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for (one, other) in self.sinks() {
            let rate = |sink: &SinkSummary, anomaly: &str| {
                let count = sink.wrong.anomalies.iter().find(|count| count.anomaly == anomaly);
                count.and_then(|count| count.per_million_row_changes).map_or(0.0, |rate| rate.get())
            };
            for entry in driftlab_check::ANOMALIES {
                let (before, after) = (rate(one, entry.name), rate(other, entry.name));
                let (outcome, why) = match (before > 0.0, after > 0.0) {
                    (false, true) => self.allowed(entry.name, Some(&other.sink), "it was not seen before"),
                    (true, false) => (Outcome::Better, "it is not seen any more".to_owned()),
                    _ => continue,
                };
                rows.push(Row {
                    strategy: self.name(),
                    sink: Some(other.sink.clone()),
                    measure: format!("{} per million", entry.name),
                    before,
                    after,
                    interval: None,
                    outcome,
                    why,
                });
            }
        }
        rows
    }

    /// Sinks that both serve, by name.
    fn sinks(&self) -> impl Iterator<Item = (&SinkSummary, &SinkSummary)> {
        let served = self.left.sinks.iter().filter(|sink| sink.served);
        served.filter_map(|one| {
            Some((one, self.right.sinks.iter().find(|other| other.sink == one.sink && other.served)?))
        })
    }

    fn measures(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for before in &self.left.over_seeds {
            let same = |after: &&OverSeeds| after.measure == before.measure && after.sink == before.sink;
            if let Some(after) = self.right.over_seeds.iter().find(same) {
                rows.push(self.measure(before, after));
            }
        }
        rows
    }

    fn measure(&self, before: &OverSeeds, after: &OverSeeds) -> Row {
        let (from, to) = (before.mean.get(), after.mean.get());
        let interval = difference(before, after);
        let beyond_noise = interval.is_none_or(|(low, high)| low > 0.0 || high < 0.0);
        let beyond_tolerance = (to - from).abs() > self.tolerance * from.abs();
        let is_worse = if before.measure == "writes_per_second" { to < from } else { to > from };
        let (outcome, why) = match (beyond_noise && beyond_tolerance && to != from, is_worse) {
            (false, _) => (Outcome::Same, String::new()),
            (true, false) => (Outcome::Better, String::new()),
            (true, true) => self.allowed(&before.measure, after.sink.as_deref(), ""),
        };
        Row {
            strategy: self.name(),
            sink: before.sink.clone(),
            measure: before.measure.clone(),
            before: from,
            after: to,
            interval,
            outcome,
            why,
        }
    }

    /// Whether an expectation that holds speaks of just this, so that its author has said how bad it may be.
    fn allowed(&self, what: &str, sink: Option<&str>, why: &str) -> (Outcome, String) {
        let is_anomaly = driftlab_check::ANOMALIES.iter().any(|entry| entry.name == what);
        let holds = self.right_result.expectations.iter().find(|one| {
            one.verdict == Verdict::Pass
                && one.strategy == self.right.name
                && (one.sink.is_none() || one.sink.as_deref() == sink)
                && (one.about == what
                    || (is_anomaly && one.about == "*")
                    || (!one.about.is_empty()
                        && what.strip_prefix(&one.about).is_some_and(|rest| rest.starts_with('_'))))
        });
        match holds {
            Some(one) => (Outcome::Allowed, format!("allowed by line {}: {}", one.line, one.claim)),
            None => (Outcome::Worse, why.to_owned()),
        }
    }
}
