//! The summary of an experiment: what people compare, and nothing that differs between two equal runs.

mod anomaly_count;
mod answers;
mod apart;
mod compaction;
mod costly;
mod finding;
mod joining;
mod late;
mod over_seeds;
mod overall;
mod prediction;
mod rounded;
mod specimen;
mod strategy;
mod world;
mod wrong;

pub use anomaly_count::AnomalyCount;
pub use answers::{AnswerSummary, AnswersSummary};
pub use apart::{ApartSummary, UnderSummary};
pub use compaction::CompactionSummary;
pub use costly::{Baseline, Costly};
pub use finding::{FindingEnd, FindingSummary};
pub use joining::{JoiningSummary, PartSummary, PastSummary};
pub use late::{AuditSummary, DivergentKeys, Late, OfAll, Quantiles, RecoverySummary, SilentFor, Staleness};
pub use over_seeds::OverSeeds;
pub use overall::{Latest, Overall};
pub use prediction::{PredictedCopy, PredictedMeasure, Prediction};
pub use rounded::Rounded;
pub use specimen::{ShrunkSummary, SpecimenSummary};
pub use strategy::{RunSummary, SinkSummary, StrategySummary};
pub use world::WorldSummary;
pub use wrong::{Broken, Wrong};

use crate::album::Album;
use crate::claim::Claimed;
use driftlab_check::{ANOMALIES, AnomalyEntry};
use driftlab_lab::{Experiment, Judged};
use driftlab_model::SinkKind;
use driftlab_scenario::Claim;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of the summary's form; it goes up when a reader of the old form would misunderstand the new one.
pub const FORMAT: u32 = 1;

/// What is kept of an experiment for people and programs that compare. Times are whole nanoseconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// The version of this form: [`FORMAT`].
    pub format: u32,
    /// driftlab's version.
    pub driftlab: String,
    /// What was run.
    pub scenario: ScenarioSummary,
    /// Where it was run.
    #[serde(default)]
    pub world: WorldSummary,
    /// The seeds, in order.
    pub seeds: Vec<u64>,
    /// Whether the experiment was interrupted: then some runs are missing.
    pub interrupted: bool,
    /// The verdict on the whole: the worst of all expectations, and at best unknown where runs are missing.
    pub verdict: Verdict,
    /// What was expected, and what came of it.
    pub expectations: Vec<ExpectationSummary>,
    /// The sinks, in the order of the scenario.
    pub sinks: Vec<SinkName>,
    /// The control without copies, which costs are measured against.
    pub baseline: Baseline,
    /// What each strategy showed, in the order of the scenario.
    pub strategies: Vec<StrategySummary>,
    /// What each fault does alone; `None` where there are no faults, or where it would have taken too long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apart: Option<ApartSummary>,
    /// What the virtual world said of it, where the scenario has a profile and ran in another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prediction: Option<Prediction>,
}

/// What was run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioSummary {
    /// Its name: its path below `scenarios/`, without the ending.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// What it tells.
    pub story: String,
    /// Where the real story can be read.
    pub links: Vec<String>,
    /// The digest of its text and of what the command line changed.
    pub digest: String,
}

/// A sink by its name and kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SinkName {
    /// Its name in the scenario.
    pub name: String,
    /// Its kind: `cache`, `search` or `warehouse`.
    pub kind: String,
}

/// An expectation and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExpectationSummary {
    /// The line in the scenario file, from 1.
    pub line: usize,
    /// The strategy that it is about.
    #[serde(default)]
    pub strategy: String,
    /// The sink that it is about; `None` for all.
    #[serde(default)]
    pub sink: Option<String>,
    /// What it is about: the name of an anomaly that is to be shown or never shown, `*` for any, the name of a measure, or `converges`.
    #[serde(default)]
    pub about: String,
    /// What is expected, in words.
    pub claim: String,
    /// What came of it.
    pub verdict: Verdict,
    /// The evidence, in a sentence.
    pub reason: String,
}

/// Three verdicts, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It holds.
    Pass,
    /// There was too little evidence.
    Unknown,
    /// It does not hold.
    Fail,
}

impl Summary {
    /// The summary of an experiment.
    #[must_use]
    pub fn of(experiment: &Experiment) -> Self {
        let scenario = &experiment.scenario;
        let verdict = Verdict::from(experiment.verdict());
        Self {
            format: FORMAT,
            driftlab: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: ScenarioSummary {
                name: scenario.name.clone(),
                title: scenario.title.clone(),
                story: scenario.story.clone(),
                links: scenario.links.clone(),
                digest: scenario.digest.clone(),
            },
            world: WorldSummary::of(scenario),
            seeds: experiment.seeds.clone(),
            interrupted: experiment.interrupted,
            verdict: if experiment.interrupted { verdict.max(Verdict::Unknown) } else { verdict },
            expectations: experiment.expectations.iter().map(ExpectationSummary::of).collect(),
            sinks: SinkName::of(experiment),
            baseline: Baseline::of(&experiment.baseline),
            strategies: experiment
                .strategies
                .iter()
                .map(|strategy| StrategySummary::of(experiment, strategy))
                .collect(),
            apart: None,
            prediction: None,
        }
    }

    /// The summary with what its album shows.
    #[must_use]
    pub fn with(mut self, album: &Album) -> Self {
        self.apart = album.apart.as_ref().map(ApartSummary::of);
        for (place, strategy) in self.strategies.iter_mut().enumerate() {
            strategy.specimens = SpecimenSummary::of(album, place);
        }
        self
    }

    /// The anomalies that were seen anywhere, in the order of the registry.
    #[must_use]
    pub fn anomalies_seen(&self) -> Vec<&'static AnomalyEntry> {
        let seen = |name: &str| {
            self.strategies.iter().any(|strategy| {
                strategy.findings.iter().any(|finding| finding.anomaly == name)
                    || strategy.specimens.iter().any(|specimen| specimen.anomaly == name)
                    || strategy
                        .sinks
                        .iter()
                        .any(|sink| sink.wrong.anomalies.iter().any(|count| count.anomaly == name))
            })
        };
        ANOMALIES.iter().filter(|entry| seen(entry.name)).collect()
    }

    /// How many expectations came to this verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.expectations.iter().filter(|expectation| expectation.verdict == verdict).count()
    }
}

impl SinkName {
    pub(crate) fn of(experiment: &Experiment) -> Vec<Self> {
        let sinks = experiment.sinks.iter();
        sinks.map(|(name, kind)| Self { name: name.clone(), kind: kind_name(*kind).to_owned() }).collect()
    }
}

impl ExpectationSummary {
    pub(crate) fn of(judged: &Judged) -> Self {
        Self {
            line: judged.expectation.line,
            strategy: judged.expectation.strategy.clone().unwrap_or_default(),
            sink: judged.expectation.sink.clone(),
            about: match judged.expectation.claim {
                Claim::Shows(anomaly) | Claim::Never(anomaly) => anomaly.to_string(),
                Claim::NeverAny => "*".to_owned(),
                Claim::Bound { measure, .. } => measure.name().to_owned(),
                Claim::Converges(_) => "converges".to_owned(),
            },
            claim: Claimed(&judged.expectation).to_string(),
            verdict: judged.verdict.into(),
            reason: judged.reason.clone(),
        }
    }
}

impl Verdict {
    /// Its name, as in `summary.json`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Unknown => "unknown",
            Self::Fail => "fail",
        }
    }
}

impl From<driftlab_lab::Verdict> for Verdict {
    fn from(verdict: driftlab_lab::Verdict) -> Self {
        match verdict {
            driftlab_lab::Verdict::Pass => Self::Pass,
            driftlab_lab::Verdict::Unknown => Self::Unknown,
            driftlab_lab::Verdict::Fail => Self::Fail,
        }
    }
}

fn kind_name(kind: SinkKind) -> &'static str {
    match kind {
        SinkKind::Cache => "cache",
        SinkKind::Search => "search",
        SinkKind::Warehouse => "warehouse",
    }
}
