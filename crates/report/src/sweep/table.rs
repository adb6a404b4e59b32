//! A table for each strategy: a line for each combination and sink, the options against the measures.

use super::{AnomalySeeds, CellSummary, OverSeeds, SinkCell, StrategyCell, Sweep};
use crate::summary::{ExpectationSummary as Expectation, Rounded, Verdict};
use crate::terminal::{Style, wrap};
use crate::wording::{self, Mark, NOTHING};
use driftlab_model::Span;
use driftlab_scenario::Colour;
use std::fmt::Write;
use std::path::Path;

/// A table as text, before it is laid out: for the terminal and for Markdown.
pub(super) struct Grid {
    pub(super) headings: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
    /// How many columns, from the left, hold words; the others hold numbers.
    pub(super) words: usize,
}

/// Columns of measures that a narrow terminal does without, the least telling first.
const DROPPED: [&str; 4] = ["writes/s", "p50", "stalest", "backlog"];
/// How a table without intervals is to be read.
const BRIEF: &str = "wrong: in how many seeds; else the median of the seeds, whose interval is in the report";
/// How many anomalies a line names, the most frequent first.
const NAMED: usize = 2;

/// A measure: what it is called, and what it says.
struct Column {
    name: &'static str,
    tell: Tell,
}

/// Of what a measure speaks. What concerns the strategy as a whole is told beside its first sink.
enum Tell {
    Sink(fn(&SinkCell) -> String),
    Strategy(fn(&StrategyCell) -> String),
}

const COLUMNS: [Column; 8] = [
    Column { name: "wrong", tell: Tell::Sink(wrong) },
    Column { name: "p50", tell: Tell::Sink(|sink| spans(sink.freshness_p50_nanos)) },
    Column { name: "p99", tell: Tell::Sink(|sink| spans(sink.freshness_p99_nanos)) },
    Column { name: "stalest", tell: Tell::Sink(|sink| spans(sink.staleness_max_nanos)) },
    Column { name: "recovery", tell: Tell::Sink(|sink| spans(sink.recovery_nanos)) },
    Column { name: "backlog", tell: Tell::Sink(|sink| told(sink.backlog_max, wording::grouped)) },
    Column { name: "write p99", tell: Tell::Strategy(|strategy| spans(strategy.write_p99_nanos)) },
    Column {
        name: "writes/s",
        tell: Tell::Strategy(|strategy| told(strategy.writes_per_second, |n: Rounded| n.to_string())),
    },
];

impl Grid {
    /// The table of a strategy, by its place in the scenario, without so many of [`DROPPED`].
    pub(super) fn of(sweep: &Sweep, strategy: usize, dropped: usize) -> Self {
        let strategies = || {
            let cells = sweep.cells.iter();
            cells.filter_map(move |cell| Some((cell, cell.strategies.get(strategy)?)))
        };
        let recovers =
            strategies().any(|(_, strategy)| strategy.sinks.iter().any(|sink| sink.recovery_nanos.is_some()));
        let columns: Vec<&Column> = COLUMNS
            .iter()
            .filter(|column| !DROPPED[..dropped].contains(&column.name))
            .filter(|column| recovers || !matches!(column.name, "recovery" | "backlog"))
            .collect();
        let axes = sweep.axes.iter().map(|axis| axis.option.clone());
        let names = columns.iter().map(|column| column.name.to_owned());
        let headings: Vec<String> = axes.chain(["sink".to_owned()]).chain(names).collect();
        let mut rows = Vec::new();
        for (cell, strategy) in strategies() {
            for number in 0..strategy.sinks.len() {
                rows.push(row(cell, strategy, number, &columns));
            }
        }
        Self { headings, rows, words: sweep.axes.len() + 2 }
    }

    /// The same with medians alone, and of what went wrong the worst, for a terminal that is too narrow for more.
    fn brief(mut self) -> Self {
        for row in &mut self.rows {
            for cell in &mut row[self.words..] {
                if let Some(bracket) = cell.find(" [") {
                    cell.truncate(bracket);
                }
            }
            let wrong = &mut row[self.words - 1];
            let more = wrong.split(", ").skip(1).map(|one| one.strip_prefix('+').map_or(Ok(1), str::parse));
            let more: usize = more.map(|count| count.unwrap_or(1)).sum();
            if let Some((worst, _)) = wrong.split_once(", ") {
                *wrong = format!("{worst}, +{more}");
            }
        }
        self
    }

    fn widths(&self) -> Vec<usize> {
        let lines = || std::iter::once(&self.headings).chain(&self.rows);
        let width = |column: usize| lines().map(|line| line[column].chars().count()).max().unwrap_or(0);
        (0..self.headings.len()).map(width).collect()
    }

    fn width(&self) -> usize {
        // Indented by two, and two between columns.
        self.widths().iter().map(|width| width + 2).sum()
    }

    fn lay_out(&self) -> Vec<String> {
        let widths = self.widths();
        let line = |cells: &Vec<String>| {
            let mut text = String::new();
            for ((number, cell), width) in cells.iter().enumerate().zip(&widths) {
                // Writing to a string does not fail.
                let _ = if number < self.words {
                    write!(text, "{cell:<width$}  ")
                } else {
                    write!(text, "{cell:>width$}  ")
                };
            }
            text.trim_end().to_owned()
        };
        std::iter::once(&self.headings).chain(&self.rows).map(line).collect()
    }
}

/// The line of a sink: what holds for all sinks of the combination stands beside the first of them only.
fn row(cell: &CellSummary, strategy: &StrategyCell, number: usize, columns: &[&Column]) -> Vec<String> {
    let sink = &strategy.sinks[number];
    let once = |text: String| if number == 0 { text } else { String::new() };
    let measures = columns.iter().map(|column| match column.tell {
        Tell::Sink(tell) if sink.served => tell(sink),
        Tell::Sink(_) if column.name == "wrong" => "not served".to_owned(),
        Tell::Sink(_) => String::new(),
        Tell::Strategy(tell) => once(tell(strategy)),
    });
    let values = cell.values.iter().map(|value| once(value.clone()));
    values.chain([sink.sink.clone()]).chain(measures).collect()
}

pub(super) fn render(sweep: &Sweep, style: Style, folder: Option<&Path>) -> String {
    let paint = |code: &str, text: &str| match style.colour {
        Colour::On => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        Colour::Off => text.to_owned(),
    };
    let (bold, dim) = ("1", "2");
    let mut out = String::new();
    let counts = format!(
        "{} of {}",
        wording::counted(sweep.cells.len(), "combination"),
        wording::counted(sweep.seeds.len(), "seed")
    );
    let _ = writeln!(out, "{}  {}", paint(bold, &sweep.scenario.title), paint(dim, &counts));
    let mut is_brief = false;
    for (number, name) in strategies(sweep).enumerate() {
        let fitting = (0..=DROPPED.len())
            .map(|dropped| Grid::of(sweep, number, dropped))
            .find(|grid| grid.width() <= style.width);
        is_brief |= fitting.is_none();
        let grid = fitting.unwrap_or_else(|| Grid::of(sweep, number, DROPPED.len()).brief());
        let _ = writeln!(out, "\n{}", paint(bold, name));
        for (line, text) in grid.lay_out().iter().enumerate() {
            let _ = writeln!(out, "  {}", if line == 0 { paint(dim, text) } else { text.clone() });
        }
    }
    let _ = writeln!(out);
    let [marks, intervals] = legend(sweep);
    let intervals = if is_brief { BRIEF.to_owned() } else { intervals };
    for line in [marks, intervals] {
        let _ = writeln!(out, "{}", paint(dim, &wrap(&line, style.width, "")));
    }
    let (code, name) = match sweep.verdict {
        Verdict::Pass => ("32", "PASS"),
        Verdict::Unknown => ("33", "UNKNOWN"),
        Verdict::Fail => ("31", "FAIL"),
    };
    let _ = writeln!(out, "\n{}  {}", paint(code, name), sweep.sentence());
    for (told, expectation) in sweep.expectations().filter(|(_, one)| one.verdict != Verdict::Pass) {
        let verdict = if expectation.verdict == Verdict::Fail { "does not hold" } else { "unknown" };
        let Expectation { line, claim, reason, .. } = expectation;
        let text = format!("  line {line}, {verdict} with {told}: {claim}. {reason}");
        let _ = writeln!(out, "{}", wrap(&text, style.width, "    "));
    }
    if let Some(folder) = folder {
        let _ = writeln!(out, "\nReport: {}", folder.join("report.html").display());
    }
    out
}

/// The names of the strategies, in the order of the scenario.
pub(super) fn strategies(sweep: &Sweep) -> impl Iterator<Item = &str> {
    sweep.cells.first().into_iter().flat_map(|cell| cell.strategies.iter().map(|one| one.name.as_str()))
}

/// How the numbers are to be read.
pub(super) fn legend(sweep: &Sweep) -> [String; 2] {
    let marks: Vec<String> = [Mark::Stayed, Mark::Passing, Mark::Good]
        .iter()
        .map(|m| format!("{} {}", m.sign(), m.meaning()))
        .collect();
    let intervals = match sweep.seeds.len() {
        0 | 1 => "one seed, so no interval",
        2..=5 => {
            "wrong: in how many seeds; else the median of the seeds, in brackets the smallest and the largest"
        }
        _ => "wrong: in how many seeds; else the median of the seeds, in brackets its 95 % interval",
    };
    [format!("{}   ∞ never", marks.join("   ")), intervals.to_owned()]
}

/// What went wrong, in how many of the runs.
fn wrong(sink: &SinkCell) -> String {
    let seen = AnomalySeeds::worst_first(&sink.anomalies);
    let text = |one: &&AnomalySeeds| {
        let mark = if one.permanent > 0 { Mark::Stayed } else { Mark::Passing };
        format!("{} {} {}", mark.sign(), one.anomaly, one.runs)
    };
    let mut texts: Vec<String> = seen.iter().take(NAMED).map(text).collect();
    if seen.len() > NAMED {
        texts.push(format!("+{}", seen.len() - NAMED));
    }
    if texts.is_empty() { Mark::Good.sign().to_owned() } else { texts.join(", ") }
}

fn spans(spans: Option<OverSeeds<Option<u64>>>) -> String {
    told(spans, |nanos: Option<u64>| match nanos {
        Some(nanos) => Span::from_nanos(nanos).to_string(),
        None => "∞".to_owned(),
    })
}

/// The median, and in brackets the interval, where there is one.
fn told<T: Copy>(measured: Option<OverSeeds<T>>, tell: impl Fn(T) -> String) -> String {
    let Some(measured) = measured else { return NOTHING.to_owned() };
    let OverSeeds { median, low, high } = measured.map(tell);
    if low == high { median } else { format!("{median} [{low}, {high}]") }
}
