//! What one strategy showed, over all seeds.

use crate::pool::Pool;
use crate::summary::{
    AnswersSummary, Costly, FindingSummary, JoiningSummary, Late, OverSeeds, Overall, SpecimenSummary, Wrong,
};
use driftlab_lab::{Experiment, Run, StrategyResult};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What one strategy showed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StrategySummary {
    /// Its name in the scenario.
    pub name: String,
    /// Its kind in the registry.
    pub kind: String,
    /// Its runs, one a seed; missing are those that an interruption left undone.
    pub runs: Vec<RunSummary>,
    /// What it showed over all sinks.
    pub overall: Overall,
    /// What it did to each sink, in the order of the scenario.
    pub sinks: Vec<SinkSummary>,
    /// What it cost.
    pub costly: Costly,
    /// What its stores could still answer when the run had ended; `None` in a world that does not keep them so long, and where nothing was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<AnswersSummary>,
    /// How much its measures vary from seed to seed.
    pub over_seeds: Vec<OverSeeds>,
    /// The first case of each anomaly, shrunk.
    #[serde(default)]
    pub specimens: Vec<SpecimenSummary>,
    /// Its findings, the most telling first: a few for each sink and anomaly.
    pub findings: Vec<FindingSummary>,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunSummary {
    /// Its seed.
    pub seed: u64,
    /// The hash of everything that happened in it, in hexadecimal.
    pub trace: String,
    /// How many steps the world took.
    pub steps: u64,
    /// Whether it came to quiescence; otherwise nothing in it can be called permanent.
    pub quiescent: bool,
    /// Transactions committed.
    pub commits: u64,
    /// Row changes committed.
    pub row_changes: u64,
    /// Reads through sinks.
    pub reads: u64,
}

/// What a strategy did to one sink.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SinkSummary {
    /// The sink's name.
    pub sink: String,
    /// Whether the strategy serves it; otherwise there is nothing to tell.
    pub served: bool,
    /// What went wrong.
    pub wrong: Wrong,
    /// How late it ran.
    pub late: Late,
    /// How it fared as a newcomer, where it joined the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joining: Option<JoiningSummary>,
}

impl StrategySummary {
    pub(crate) fn of(experiment: &Experiment, strategy: &StrategyResult) -> Self {
        let row_changes = strategy.runs.iter().map(|run| run.judgement.evidence.row_changes).sum();
        let names: Vec<String> = experiment.sinks.iter().map(|(name, _)| name.clone()).collect();
        let pools: Vec<Pool> = (0..names.len()).map(|index| Pool::of(strategy, index)).collect();
        let sink = |(name, pool): (&String, &Pool)| SinkSummary {
            sink: name.clone(),
            served: pool.served,
            wrong: Wrong::of(pool, row_changes),
            late: Late::of(pool, &experiment.scenario.faults),
            joining: JoiningSummary::of(pool),
        };
        let sinks: Vec<SinkSummary> = names.iter().zip(&pools).map(sink).collect();
        Self {
            name: strategy.name.clone(),
            kind: strategy.kind.to_owned(),
            runs: strategy.runs.iter().map(RunSummary::of).collect(),
            overall: Overall::of(strategy, &sinks, &pools),
            sinks,
            over_seeds: OverSeeds::of(strategy, &names),
            specimens: Vec::new(),
            costly: Costly::of(strategy, &experiment.baseline, names.len()),
            answers: AnswersSummary::of(strategy),
            findings: FindingSummary::of(strategy, &names),
        }
    }
}

impl RunSummary {
    fn of(run: &Run) -> Self {
        let evidence = run.judgement.evidence;
        Self {
            seed: run.seed,
            trace: format!("{:032x}", run.trace),
            steps: run.steps,
            quiescent: run.judgement.quiescent,
            commits: evidence.commits,
            row_changes: evidence.row_changes,
            reads: evidence.reads,
        }
    }
}
