//! `[matrix]`: one file, and a scenario for every combination of the options that it sweeps.
//!
//! ```toml
//! [matrix]
//! workload.rate = ["100/s", "200/s"]           # an option of a section
//! strategy.CDC.batch = [1, 10]                 # of a strategy, a sink or a fault, by name
//! fault.trouble = [                            # several options together, with a name for reports
//!     { label = "a crash", kind = "crash", target = "app" },
//!     { label = "an outage", kind = "outage", target = "search" },
//! ]
//! ```
//!
//! A value takes its place in the file's tables before they are read, and keeps its own place in the text: what is wrong with it is told like
//! everything else, with line, column, and the nearest right word.

mod axes;
mod target;

use crate::nearest::quoted;
use crate::parse::{Variant, read, root};
use crate::problem::{Place, Problem};
use crate::table::Table;
use crate::{Overrides, Problems, Registries, Scenario};
use axes::{Given, given};
use std::fmt::Write;
use std::ops::Range;
use target::Target;

/// More combinations than this are refused: nobody reads a table of a million lines, or waits for it.
pub const COMBINATIONS_MAX: u64 = 1_000;

/// A file as scenarios: a single one, or one for every combination of its `[matrix]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    /// What the whole is called.
    pub title: String,
    /// A digest of the file's text and of what the command line changed; each combination has another one.
    pub digest: String,
    /// The options that are swept, in the order of the file; none where the file has no `[matrix]`.
    pub axes: Vec<Axis>,
    /// The combinations, the last axis varying fastest; exactly one where nothing is swept.
    pub cells: Vec<Cell>,
    /// Where the section stands.
    pub(crate) header: Range<usize>,
}

/// An option that is swept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// Its path, as the file writes it: `workload.rate`.
    pub option: String,
    /// Its values as reports show them, in the order of the file; at least one, and all different.
    pub values: Vec<String>,
}

/// One combination.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// For each axis, the place of its value.
    pub place: Vec<usize>,
    /// The scenario with these values. Its title tells them.
    pub scenario: Scenario,
}

impl Matrix {
    /// Reads scenarios out of a text. `file` is what messages call it, and relative paths in it start at its folder.
    ///
    /// # Errors
    /// Everything that is wrong with the text, in whichever combination, or with what the overrides make of it, at once.
    pub fn parse(
        text: &str,
        file: &str,
        overrides: &Overrides,
        registries: &Registries,
    ) -> Result<Self, Problems> {
        let mut root = root(text).map_err(|problems| Problems::new(file, text, problems))?;
        let mut problems = Vec::new();
        let header = root.get_ref().get_key_value("matrix").map_or(0..0, |(key, _)| key.span());
        let given = given(root.get_mut(), text, &mut problems);
        let mut matrix = Self {
            title: String::new(),
            digest: overrides.digest(text),
            axes: given.iter().map(Given::axis).collect(),
            cells: Vec::new(),
            header,
        };
        if !problems.is_empty() {
            return Err(Problems::new(file, text, problems));
        }
        let sinks: Vec<&str> = registries.stores.iter().map(|entry| entry.name).collect();
        let mut failed: Vec<(Vec<usize>, Vec<Problem>)> = Vec::new();
        for place in matrix.places() {
            let mut cell = root.clone();
            let mut wrong = Vec::new();
            for (given, &value) in given.iter().zip(&place) {
                match Target::find(cell.get_mut(), given) {
                    Ok(target) => target.set(&given.values[value]),
                    Err(problem) => wrong.push(problem),
                }
            }
            let variant = Variant { axes: &matrix.axes, place: &place };
            let scenario = if wrong.is_empty() {
                let table = Table::new(cell.get_ref(), Place::File);
                read(text, file, table, overrides, registries, &variant, &mut wrong)
            } else {
                None
            };
            // A scenario that reads well may name a profile that does not.
            let scenario = scenario.filter(|_| wrong.is_empty()).and_then(|mut scenario| {
                scenario.take_profile(&sinks).map_err(|problem| wrong.push(problem)).ok()?;
                wrong.extend(scenario.contradictions());
                Some(scenario)
            });
            match scenario {
                Some(scenario) if wrong.is_empty() => matrix.add(place, scenario),
                _ => failed.push((place, wrong)),
            }
        }
        if failed.is_empty() {
            return Ok(matrix);
        }
        let own: Vec<Range<usize>> = given.iter().flat_map(Given::spans).collect();
        let met = Met { axes: &matrix.axes, own, everywhere: matrix.cells.is_empty() };
        Err(Problems::new(file, text, met.told_once(failed)))
    }

    /// Whether options are swept.
    #[must_use]
    pub const fn is_swept(&self) -> bool {
        !self.axes.is_empty()
    }

    /// The only scenario of a file that sweeps nothing.
    ///
    /// # Errors
    /// The matrix itself, where it has several.
    pub fn single(mut self) -> Result<Scenario, Self> {
        if self.is_swept() {
            return Err(self);
        }
        Ok(self.cells.pop().expect("a file that sweeps nothing has one cell").scenario)
    }

    fn add(&mut self, place: Vec<usize>, mut scenario: Scenario) {
        self.title.clone_from(&scenario.title);
        if self.is_swept() {
            scenario.title = format!("{} ({})", scenario.title, told(&self.axes, &place));
        }
        self.cells.push(Cell { place, scenario });
    }

    /// All combinations, the last axis varying fastest.
    fn places(&self) -> Vec<Vec<usize>> {
        self.axes.iter().fold(vec![Vec::new()], |places, axis| {
            let longer = |place: &Vec<usize>| {
                let place = place.clone();
                (0..axis.values.len()).map(move |value| [place.as_slice(), &[value]].concat())
            };
            places.iter().flat_map(longer).collect()
        })
    }
}

impl Cell {
    /// Its values as a person reads them: `workload.rate = 100/s, strategy.CDC.batch = 10`.
    #[must_use]
    pub fn told(&self, axes: &[Axis]) -> String {
        told(axes, &self.place)
    }
}

/// A combination as a person reads it.
pub(crate) fn told(axes: &[Axis], place: &[usize]) -> String {
    let mut text = String::new();
    for (axis, &value) in axes.iter().zip(place) {
        let comma = if text.is_empty() { "" } else { ", " };
        // Writing to a string does not fail.
        let _ = write!(text, "{comma}{} = {}", axis.option, axis.values[value]);
    }
    text
}

/// Where problems were met.
struct Met<'a> {
    axes: &'a [Axis],
    /// Where the values of the matrix stand.
    own: Vec<Range<usize>>,
    /// Whether no combination is right.
    everywhere: bool,
}

impl Met<'_> {
    /// Problems of many combinations, each told once; one that not all of them have says in which it was met first, unless its place says so.
    fn told_once(&self, failed: Vec<(Vec<usize>, Vec<Problem>)>) -> Vec<Problem> {
        let mut counted: Vec<(Problem, usize, Vec<usize>)> = Vec::new();
        let all = failed.len();
        for (place, problems) in failed {
            for problem in problems {
                match counted.iter_mut().find(|(known, ..)| *known == problem) {
                    Some((_, count, _)) => *count += 1,
                    None => counted.push((problem, 1, place.clone())),
                }
            }
        }
        let told = |(problem, count, place): (Problem, usize, Vec<usize>)| {
            let is_told = problem.help.is_some() || self.is_own(&problem.place);
            let is_everywhere = self.everywhere && count == all;
            let hint = (!is_told && !is_everywhere)
                .then(|| format!("in the combination {}", quoted_whole(&told(self.axes, &place))));
            problem.help(hint)
        };
        counted.into_iter().map(told).collect()
    }

    fn is_own(&self, place: &Place) -> bool {
        matches!(place, Place::At(span) if self.own.iter().any(|own| own.contains(&span.start)))
    }
}

/// Combinations are longer than the words that are cut in messages.
fn quoted_whole(text: &str) -> String {
    text.split(", ").map(quoted).collect::<Vec<_>>().join(", ")
}
