//! A matrix of scenarios: the options that were swept against what each strategy showed.
//!
//! A [`Sweep`] is `summary.json` of a file with a `[matrix]`. It keeps of each combination what people compare, once for each seed and then as the
//! median over the seeds with its interval; each combination's own summary and reports stand in a folder of their own.

mod cell;
mod markdown;
mod over_seeds;
mod page;
mod table;

pub use cell::{AnomalySeeds, CellSummary, SinkCell, StrategyCell};
pub use over_seeds::OverSeeds;

use crate::junit::{self, Suite};
use crate::summary::{ExpectationSummary, ScenarioSummary, SinkName, Verdict};
use crate::terminal::Style;
use driftlab_lab::Experiment;
use driftlab_scenario::Matrix;
use driftlab_scenario::matrix::Cell;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The version of the sweep's form; it goes up when a reader of the old form would misunderstand the new one.
pub const SWEEP_FORMAT: u32 = 1;

/// What is kept of a matrix of experiments. Times are whole nanoseconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sweep {
    /// The version of this form: [`SWEEP_FORMAT`].
    pub format: u32,
    /// driftlab's version.
    pub driftlab: String,
    /// What was run.
    pub scenario: ScenarioSummary,
    /// The seeds, in order; every combination is run for all of them.
    pub seeds: Vec<u64>,
    /// Whether it was interrupted: then combinations or runs are missing.
    pub interrupted: bool,
    /// The worst verdict of all combinations, and at best unknown where some are missing.
    pub verdict: Verdict,
    /// The options that were swept, in the order of the file.
    pub axes: Vec<AxisSummary>,
    /// The sinks, in the order of the scenario.
    pub sinks: Vec<SinkName>,
    /// The combinations, the last axis varying fastest.
    pub cells: Vec<CellSummary>,
}

/// An option that was swept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AxisSummary {
    /// Its path in the scenario: `workload.rate`.
    pub option: String,
    /// Its values, in the order of the file.
    pub values: Vec<String>,
}

impl Sweep {
    /// The beginning: nothing is run yet.
    ///
    /// # Panics
    /// When the matrix has no combination: one that was parsed has.
    #[must_use]
    pub fn begun(matrix: &Matrix) -> Self {
        let first = &matrix.cells.first().expect("a parsed matrix has a combination").scenario;
        let axes = matrix.axes.iter();
        let axis = |axis: &driftlab_scenario::matrix::Axis| AxisSummary {
            option: axis.option.clone(),
            values: axis.values.clone(),
        };
        Self {
            format: SWEEP_FORMAT,
            driftlab: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: ScenarioSummary {
                name: first.name.clone(),
                title: matrix.title.clone(),
                story: first.story.clone(),
                links: first.links.clone(),
                digest: matrix.digest.clone(),
            },
            seeds: Vec::new(),
            interrupted: false,
            verdict: Verdict::Pass,
            axes: axes.map(axis).collect(),
            sinks: Vec::new(),
            cells: Vec::new(),
        }
    }

    /// Takes in what came of the next combination.
    pub fn add(&mut self, cell: &Cell, experiment: &Experiment) {
        let values = self.axes.iter().zip(&cell.place).map(|(axis, &value)| axis.values[value].clone());
        let summary = CellSummary::of(values.collect(), experiment);
        self.seeds.clone_from(&experiment.seeds);
        self.sinks = SinkName::of(experiment);
        self.interrupted |= experiment.interrupted;
        self.verdict = self.verdict.max(summary.verdict);
        self.cells.push(summary);
    }

    /// Notes that no more combinations will be run.
    pub fn interrupt(&mut self) {
        self.interrupted = true;
        self.verdict = self.verdict.max(Verdict::Unknown);
    }

    /// `summary.json`.
    ///
    /// # Panics
    /// Never: a sweep has text keys and finite numbers, which JSON can always say.
    #[must_use]
    pub fn json(&self) -> String {
        let json = serde_json::to_string_pretty(self);
        format!("{}\n", json.expect("a sweep has text keys and finite numbers"))
    }

    /// `report.md`.
    #[must_use]
    pub fn markdown(&self) -> String {
        markdown::render(self)
    }

    /// `report.html`. `again` is the command that runs the matrix once more ([`crate::Environment::again`]).
    #[must_use]
    pub fn html(&self, again: &str) -> String {
        page::render(self, again)
    }

    /// `junit.xml`: a suite for each combination.
    #[must_use]
    pub fn junit(&self) -> String {
        junit::document(&self.cells.iter().map(|cell| self.suite(cell)).collect::<Vec<_>>())
    }

    fn suite<'a>(&self, cell: &'a CellSummary) -> Suite<'a> {
        let told = self.told(cell);
        // A slash parts the names of a scenario, and "50/s" is one value.
        let name = format!("{}/{}", self.scenario.name, told.replace('/', " per "));
        Suite { name, expectations: &cell.expectations, told: format!("{told}: {}", cell.verdict.name()) }
    }

    /// The tables that a person sees at the prompt, and where the results are.
    #[must_use]
    pub fn render(&self, style: Style, folder: Option<&Path>) -> String {
        table::render(self, style, folder)
    }

    /// The expectations of all combinations, each with the values it was judged for.
    pub fn expectations(&self) -> impl Iterator<Item = (String, &ExpectationSummary)> {
        self.cells.iter().flat_map(|cell| {
            let told = self.told(cell);
            cell.expectations.iter().map(move |expectation| (told.clone(), expectation))
        })
    }

    /// A combination as a person reads it.
    #[must_use]
    pub fn told(&self, cell: &CellSummary) -> String {
        let pairs = self.axes.iter().zip(&cell.values);
        pairs.map(|(axis, value)| format!("{} = {value}", axis.option)).collect::<Vec<_>>().join(", ")
    }

    /// The verdict in one sentence.
    pub(crate) fn sentence(&self) -> String {
        let mut count = [0usize; 3];
        self.expectations().for_each(|(_, expectation)| count[expectation.verdict as usize] += 1);
        let all: usize = count.iter().sum();
        let over = format!(
            "over {} of {}",
            crate::wording::counted(self.cells.len(), "combination"),
            crate::wording::counted(self.seeds.len(), "seed")
        );
        let [_, unknown, failed] = count;
        let mut sentence = match (all, unknown, failed) {
            (0, ..) => format!("The scenario expects nothing, so nothing is judged; measured {over}."),
            (_, 0, 0) => format!("All {all} expectations hold {over}."),
            (_, _, 0) => {
                format!("{unknown} of {all} expectations could not be judged {over}: too little evidence.")
            }
            _ => format!("{failed} of {all} expectations do not hold {over}."),
        };
        if self.interrupted {
            sentence.push_str(" It was interrupted: only what was finished is counted.");
        }
        sentence
    }
}
