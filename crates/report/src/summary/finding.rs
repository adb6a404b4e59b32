//! The findings that are worth telling: a few for each sink and anomaly.

use driftlab_check::{Finding, Until};
use driftlab_lab::{Run, StrategyResult};
use driftlab_model::{SinkId, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// How many findings of one anomaly in one sink are kept: enough to see a pattern, few enough to be read.
const KEPT: usize = 3;

/// One anomaly, seen once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FindingSummary {
    /// The anomaly's name.
    pub anomaly: String,
    /// What the literature calls it; empty where it has no name there.
    pub literature: String,
    /// The sink that shows it; `None` for the source.
    pub sink: Option<String>,
    /// The key, where one key shows it.
    pub key: Option<String>,
    /// The seed of the run that shows it.
    pub seed: u64,
    /// When it began, since the beginning of the run.
    pub begin_nanos: u64,
    /// Until when it lasted.
    pub until: FindingEnd,
    /// The transactions involved, the cause first.
    pub transactions: Vec<String>,
    /// The processes involved, the cause first.
    pub processes: Vec<String>,
    /// What happened, in a sentence.
    pub sentence: String,
}

/// Until when a finding lasted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingEnd {
    /// It healed at this moment, in nanoseconds since the beginning of the run.
    HealedAtNanos(u64),
    /// It was still there at quiescence.
    Permanent,
    /// The run ended first.
    Unknown,
}

impl FindingSummary {
    /// The findings of a strategy that are worth telling, the most telling first.
    pub(crate) fn of(strategy: &StrategyResult, sinks: &[String]) -> Vec<Self> {
        let mut groups: BTreeMap<_, Vec<(&Run, &Finding)>> = BTreeMap::new();
        for run in &strategy.runs {
            for finding in &run.judgement.findings {
                groups.entry((finding.anomaly, finding.sink)).or_default().push((run, finding));
            }
        }
        let mut kept: Vec<(usize, &Run, &Finding)> = Vec::new();
        for group in groups.values_mut() {
            group.sort_by_key(|(run, finding)| (gravity(finding), run.seed, finding.begin));
            kept.extend(
                group.iter().take(KEPT).enumerate().map(|(rank, (run, finding))| (rank, *run, *finding)),
            );
        }
        // One of each kind before a second of any: a reader who reads only the beginning has seen them all.
        kept.sort_by_key(|(rank, run, finding)| {
            (*rank, finding.until != Until::Permanent, finding.anomaly, finding.sink, run.seed, finding.begin)
        });
        kept.into_iter().map(|(_, run, finding)| Self::one(run, finding, sinks)).collect()
    }

    fn one(run: &Run, finding: &Finding, sinks: &[String]) -> Self {
        let sink_name =
            |SinkId(sink)| sinks.get(usize::from(sink)).cloned().unwrap_or_else(|| format!("sink {sink}"));
        let entry = finding.anomaly.entry();
        Self {
            anomaly: entry.name.to_owned(),
            literature: entry.literature.to_owned(),
            sink: finding.sink.map(sink_name),
            key: finding.key.as_ref().map(ToString::to_string),
            seed: run.seed,
            begin_nanos: finding.begin.nanos(),
            until: match finding.until {
                Until::Healed(end) => FindingEnd::HealedAtNanos(end.nanos()),
                Until::Permanent => FindingEnd::Permanent,
                Until::Unknown => FindingEnd::Unknown,
            },
            transactions: finding.transactions.iter().map(ToString::to_string).collect(),
            processes: finding
                .processes
                .iter()
                .map(|process| {
                    let named = run.processes.get(usize::from(process.0)).cloned();
                    named.unwrap_or_else(|| format!("process {}", process.0))
                })
                .collect(),
            sentence: finding.sentence.clone(),
        }
    }
}

/// What never healed comes first, then what took longest.
fn gravity(finding: &Finding) -> (bool, Reverse<Span>) {
    (finding.until != Until::Permanent, Reverse(finding.duration().unwrap_or(Span::ZERO)))
}
