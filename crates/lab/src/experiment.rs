//! An experiment: a scenario, run by every strategy, with what each run showed. Reports read it and nothing else.

use driftlab_check::Judgement;
use driftlab_check::recall::Answers;
use driftlab_model::CompactedLog;
use driftlab_scenario::{Expectation, Scenario};

/// A scenario and what came of it.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// The scenario, as it was run.
    pub scenario: Scenario,
    /// The seeds, in order.
    pub seeds: Vec<u64>,
    /// What each strategy showed, in the order of the scenario.
    pub strategies: Vec<StrategyResult>,
    /// The control: the same clients and no copies, which is what costs are measured against.
    pub baseline: StrategyResult,
    /// What came of each expectation, in the order of the scenario.
    pub expectations: Vec<Judged>,
    /// The sinks' names and kinds, in the order of the scenario.
    pub sinks: Vec<(String, driftlab_model::SinkKind)>,
    /// Whether it was interrupted: then some runs are missing.
    pub interrupted: bool,
}

/// What one strategy showed.
#[derive(Clone, Debug)]
pub struct StrategyResult {
    /// Its name in the scenario.
    pub name: String,
    /// Its kind in the registry.
    pub kind: &'static str,
    /// One run a seed.
    pub runs: Vec<Run>,
}

/// One run.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its seed.
    pub seed: u64,
    /// The hash of everything that happened in it.
    pub trace: u128,
    /// How many steps the world took.
    pub steps: u64,
    /// Names of its processes, by id, for findings.
    pub processes: Vec<String>,
    /// What it showed.
    pub judgement: Judgement,
    /// What the stores could still answer when it had ended: asked after the run of the first seed, in a world that keeps them so long, where anything was written.
    pub answers: Option<Answers>,
    /// What compaction has left of the log between capture and sinks; `None` where it is not compacted, or the world does not say.
    pub compacted_log: Option<CompactedLog>,
}

/// An expectation and what came of it.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The expectation.
    pub expectation: Expectation,
    /// Whether it holds.
    pub verdict: Verdict,
    /// The evidence, in a sentence: `CDC showed lost_update 3 times in search`.
    pub reason: String,
}

/// Three verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It holds.
    Pass,
    /// There was too little evidence.
    Unknown,
    /// It does not hold.
    Fail,
}

impl Experiment {
    /// The verdict on the whole: the worst of all expectations.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.expectations.iter().map(|judged| judged.verdict).max().unwrap_or(Verdict::Pass)
    }
}
