//! The typed scenario: what a file says, with every default filled in.

use crate::overrides::Overrides;
use driftlab_check::Anomaly;
use driftlab_model::{Settings, Span, Times};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// A scenario, complete and free of contradictions.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// The file it was read from, as it was named; `<text>` where there was none.
    pub file: String,
    /// Its name: the file's path below `scenarios/` without the ending (`dual-write/two-writers/broken`), or else the file's stem.
    pub name: String,
    /// A digest of the file's text and of what the command line changed, for reports.
    pub digest: String,
    /// The file's text.
    pub text: String,
    /// What the command line changed.
    pub overrides: Overrides,
    /// What it is called.
    pub title: String,
    /// What it tells, in a sentence or two; may be empty.
    pub story: String,
    /// Where the real story can be read.
    pub links: Vec<String>,
    /// `[world]`, as [`WORLD`](crate::sections::WORLD) declares it and the command line changed it.
    pub world: Settings,
    /// What was measured of some machine, where the scenario or the command line names a profile: a virtual world takes it for what everything takes.
    pub times: Option<Arc<Times>>,
    /// `[workload]`.
    pub workload: WorkloadChoice,
    /// `[source]`, as [`SOURCE`](crate::sections::SOURCE) declares it.
    pub source: Settings,
    /// `[log]`, as [`LOG`](crate::sections::LOG) declares it.
    pub log: Settings,
    /// `[checkpoint]`, as [`CHECKPOINT`](crate::sections::CHECKPOINT) declares it.
    pub checkpoint: Settings,
    /// `[[sink]]`, in order; at least one and at most eight, with distinct names. Their settings include those of [`SINK`](crate::sections::SINK).
    pub sinks: Vec<Choice>,
    /// `[[strategy]]`, in order, those that the command line keeps; at least one, with distinct names.
    pub strategies: Vec<Choice>,
    /// `[[fault]]`, in order, with distinct names.
    pub faults: Vec<Choice>,
    /// `[[expect]]`, in order, without those of strategies that the command line leaves out.
    pub expectations: Vec<Expectation>,
}

/// The workload: a shape, its settings, and for the shape `database` the file.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkloadChoice {
    /// The shape's name in its registry.
    pub shape: &'static str,
    /// Nested tables are flattened: `keys.count`, `mix.insert`, `transaction.rows`.
    pub settings: Settings,
    /// The SQLite file, resolved against the scenario's folder.
    pub database: Option<PathBuf>,
}

/// Something of a kind out of a registry, with a name of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// Its name in reports; the kind where the file gives none (and a number, for a fault whose kind is a name already).
    pub name: String,
    /// Its kind in its registry.
    pub kind: &'static str,
    /// Its settings.
    pub settings: Settings,
}

/// What the author of a scenario expects of a strategy.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// The line in the file, from 1, for messages.
    pub line: usize,
    /// The strategy, by name; `None` stands for each of them.
    pub strategy: Option<String>,
    /// The sink, by name; `None` stands for all of them together.
    pub sink: Option<String>,
    /// What is expected.
    pub claim: Claim,
}

/// A claim that a run can confirm, refute, or leave open. An `[[expect]]` table with several keys becomes several expectations.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// This anomaly is seen at least once over all seeds.
    Shows(Anomaly),
    /// This anomaly is never seen.
    Never(Anomaly),
    /// Nothing permanent, and no anomaly that the strategy's row of the truth table does not allow: `never = ["*"]`.
    NeverAny,
    /// A measure stays within a bound: `freshness_p99 = "<= 250ms"`.
    Bound {
        /// Which.
        measure: Measure,
        /// The comparison.
        comparison: Comparison,
        /// The bound.
        bound: Span,
    },
    /// At quiescence every sink equals the source: `converges = true` (or `false`: it must not).
    Converges(bool),
}

/// Measures that an expectation can bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// `freshness_p50`
    FreshnessP50,
    /// `freshness_p99`
    FreshnessP99,
    /// `freshness_max`
    FreshnessMax,
    /// `staleness_max`
    StalenessMax,
    /// `write_p99`
    WriteP99,
    /// `reach`: how far back a sink reaches that joined the run.
    Reach,
}

/// How a measure is compared with its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<=`
    AtMost,
    /// `>=`
    AtLeast,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::FreshnessP50,
        Self::FreshnessP99,
        Self::FreshnessMax,
        Self::StalenessMax,
        Self::WriteP99,
        Self::Reach,
    ];

    /// Its key in `[[expect]]`, and its name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FreshnessP50 => "freshness_p50",
            Self::FreshnessP99 => "freshness_p99",
            Self::FreshnessMax => "freshness_max",
            Self::StalenessMax => "staleness_max",
            Self::WriteP99 => "write_p99",
            Self::Reach => "reach",
        }
    }

    /// The measure of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.name() == name)
    }
}

impl Comparison {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::AtMost, Self::AtLeast];

    /// As a scenario writes it.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::AtMost => "<=",
            Self::AtLeast => ">=",
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.symbol())
    }
}
