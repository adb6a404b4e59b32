//! What a strategy showed over all the sinks that it serves: the row that is read first.

use crate::pool::Pool;
use crate::summary::{AnomalyCount, Rounded, SinkSummary};
use driftlab_check::{Anomaly, LEVELS, Ladder, Tally};
use driftlab_lab::StrategyResult;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a strategy showed over all the sinks that it serves, and over all seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Overall {
    /// Whether every sink equalled the source at quiescence in every run; `None` where a run gives no answer, and none was different.
    pub converges: Option<bool>,
    /// The anomalies that were seen, in the order of the registry; those of the source itself too.
    pub anomalies: Vec<AnomalyCount>,
    /// The strongest level of the ladder up to which every level held in every sink; `None` where not even convergence did.
    pub guarantee: Option<String>,
    /// The median freshness of the latest sink.
    pub p50: Option<Latest>,
    /// The 99th percentile of freshness of the latest sink.
    pub p99: Option<Latest>,
    /// The longest that a change took to be shown, among those that were.
    pub max: Option<Latest>,
    /// Changes never shown by quiescence, over all sinks.
    pub never_shown: u64,
    /// Row operations that all sinks together applied for each row change.
    pub sink_operations_per_row_change: Option<Rounded>,
}

/// The latest of several sinks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Latest {
    /// The sink.
    pub sink: String,
    /// How late; `None` for never.
    pub nanos: Option<u64>,
}

impl Overall {
    pub(crate) fn of(strategy: &StrategyResult, sinks: &[SinkSummary], pools: &[Pool]) -> Self {
        let row_changes: u64 = strategy.runs.iter().map(|run| run.judgement.evidence.row_changes).sum();
        let operations: u64 =
            strategy.runs.iter().flat_map(|run| &run.judgement.ledger.sink_operations).sum();
        let served = || sinks.iter().filter(|sink| sink.served);
        let answers: Vec<Option<bool>> = served().map(|sink| sink.wrong.converges).collect();
        let converges = if answers.contains(&Some(false)) {
            Some(false)
        } else {
            (!answers.is_empty() && answers.iter().all(|answer| *answer == Some(true))).then_some(true)
        };
        let ladder = pools.iter().filter_map(|pool| pool.ladder.as_ref());
        let guarantee = ladder
            .map(Ladder::strongest)
            .reduce(Ord::min)
            .flatten()
            .map(|level| LEVELS[level as usize].name().to_owned());
        let latest = |of: fn(&SinkSummary) -> Option<Option<u64>>| {
            let all = served().filter_map(|sink| Some((of(sink)?, &sink.sink)));
            // Never is later than any time.
            let worst = all.reduce(|a, b| if rank(b.0) > rank(a.0) { b } else { a });
            worst.map(|(nanos, sink)| Latest { sink: sink.clone(), nanos })
        };
        Self {
            converges,
            anomalies: anomalies(strategy, row_changes),
            guarantee,
            p50: latest(|sink| sink.late.of_all.map(|of_all| of_all.p50_nanos)),
            p99: latest(|sink| sink.late.of_all.map(|of_all| of_all.p99_nanos)),
            max: latest(|sink| sink.late.freshness.max_nanos.map(Some)),
            never_shown: served().map(|sink| sink.late.never_shown).sum(),
            sink_operations_per_row_change: Rounded::ratio(operations as f64, row_changes as f64),
        }
    }
}

fn rank(nanos: Option<u64>) -> u64 {
    nanos.unwrap_or(u64::MAX)
}

fn anomalies(strategy: &StrategyResult, row_changes: u64) -> Vec<AnomalyCount> {
    let mut all: BTreeMap<Anomaly, Tally> = BTreeMap::new();
    for (anomaly, tally) in strategy.runs.iter().flat_map(|run| run.judgement.seen()) {
        *all.entry(anomaly).or_default() += tally;
    }
    let count =
        |(anomaly, tally): (Anomaly, Tally)| AnomalyCount::of(anomaly.name(), tally, Some(row_changes));
    all.into_iter().map(count).collect()
}
