//! The table that a person sees at the prompt.

use crate::answers;
use crate::newcomers;
use crate::summary::{SinkSummary, StrategySummary, Summary, Verdict};
use crate::wording::{self, Mark, Wrongness};
use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table};
use driftlab_scenario::Colour;
use std::fmt::Write;
use std::path::Path;

/// How wide a terminal is, and whether it shows colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// How many characters fit into a line.
    pub width: usize,
    /// Whether colours are wanted: not where the output is no terminal, and not where `NO_COLOR` is set.
    pub colour: Colour,
}

/// What a table leaves out to fit: so many of [`DROPPED`], and in the last resort names and counts are cut too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Detail {
    dropped: usize,
    cut: Cut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    Nothing,
    NamesAndCounts,
}

/// The columns that are left out where there is no room, the least telling first.
const DROPPED: [&str; 5] = ["throughput", "log", "max", "rows", "p50"];

/// Where a strategy's name is broken into lines: the lines of its sinks leave room for them.
const NAME_WIDTH: usize = 22;
/// The same in the tightest table.
const NAME_WIDTH_TIGHT: usize = 13;

const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const BOLD: &str = "1";
const DIM: &str = "2";

/// The table, what its marks mean, the verdict with the expectations that do not hold, what each strategy's worst looked like, and where the report is.
#[must_use]
pub fn render(summary: &Summary, style: Style, folder: Option<&Path>) -> String {
    let paint = |code: &str, text: &str| match style.colour {
        Colour::On => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        Colour::Off => text.to_owned(),
    };
    let mut out = String::new();
    let seeds = wording::counted(summary.seeds.len(), "seed");
    let title =
        if summary.scenario.title.is_empty() { &summary.scenario.name } else { &summary.scenario.title };
    let _ = writeln!(
        out,
        "{}  {}\n",
        paint(BOLD, title),
        paint(DIM, &format!("{seeds}, {} world", summary.world.kind))
    );
    for line in table(summary, style.width).lines() {
        let _ = writeln!(out, "{}", coloured(line.trim_end(), &paint));
    }
    let shown = |mark: &Mark| {
        summary
            .strategies
            .iter()
            .flat_map(|strategy| strategy.sinks.iter().flat_map(|sink| Wrongness::of(strategy, sink)))
            .any(|entry| entry.mark == *mark)
    };
    let legend: Vec<String> =
        Mark::ALL.iter().filter(|m| shown(m)).map(|m| format!("{} {}", m.sign(), m.meaning())).collect();
    let columns = ["×1: as without copies", "rows: extra rows written for each row changed"];
    for line in legend_lines(legend.into_iter().chain(columns.map(str::to_owned)), style.width) {
        let _ = writeln!(out, "{}", paint(DIM, &line));
    }
    for (place, line) in answered(summary, style.width).iter().enumerate() {
        let _ = writeln!(out, "{}{line}", if place == 0 { "\n" } else { "" });
    }
    if let Some(how) = answers::how(summary) {
        let _ = writeln!(out, "{}", paint(DIM, &wrap(&how, style.width, "")));
    }
    for strategy in &summary.strategies {
        if let Some(compaction) = &strategy.costly.compaction {
            let text = format!("compacted log, {}: {}", strategy.name, wording::compaction(compaction));
            let _ = writeln!(out, "{}", wrap(&text, style.width, "  "));
        }
    }
    for note in &summary.world.notes {
        let _ = writeln!(out, "{}", paint(DIM, &wrap(note, style.width, "  ")));
    }
    out.push('\n');

    let colour = match summary.verdict {
        Verdict::Pass => GREEN,
        Verdict::Unknown => YELLOW,
        Verdict::Fail => RED,
    };
    let name = summary.verdict.name().to_uppercase();
    let said = wrap(&format!("{name}  {}", wording::verdict(summary)), style.width, "      ");
    let _ = writeln!(out, "{}", said.replacen(&name, &paint(colour, &name), 1));
    for expectation in summary.expectations.iter().filter(|one| one.verdict != Verdict::Pass) {
        let verdict = if expectation.verdict == Verdict::Fail { "does not hold" } else { "unknown" };
        let text =
            format!("  line {}, {verdict}: {}. {}", expectation.line, expectation.claim, expectation.reason);
        let _ = writeln!(out, "{}", wrap(&text, style.width, "    "));
    }
    if let Some(prediction) = &summary.prediction {
        let _ = writeln!(out, "\n{}", paint(BOLD, "Predicted and measured"));
        for copy in &prediction.copies {
            let text = format!(
                "  {}, {}: p50 {} predicted, {} measured; p99 {} predicted, {} measured",
                copy.strategy,
                copy.sink,
                wording::span(copy.predicted.p50_nanos),
                wording::span(copy.measured.p50_nanos),
                wording::span(copy.predicted.p99_nanos),
                wording::span(copy.measured.p99_nanos)
            );
            let _ = writeln!(out, "{}", wrap(&text, style.width, "    "));
        }
    }
    let joined = newcomers::lines(summary);
    if !joined.is_empty() {
        let _ = writeln!(out, "\n{}", paint(BOLD, "Set up in the middle of the run"));
    }
    for newcomer in joined {
        let _ = writeln!(out, "{}", wrap(&format!("  {}", newcomer.sentence()), style.width, "    "));
    }
    let telling: Vec<_> = summary
        .strategies
        .iter()
        .filter_map(|strategy| Some((strategy, strategy.findings.first()?)))
        .collect();
    if !telling.is_empty() {
        let _ = writeln!(out, "\n{}", paint(BOLD, "What it looked like"));
    }
    for (strategy, finding) in telling {
        let text = format!("  {}, {}: {}", strategy.name, finding.anomaly, finding.sentence);
        let _ = writeln!(out, "{}", wrap(&text, style.width, "    "));
    }
    if let Some(folder) = folder {
        let _ = writeln!(out, "\nReport: {}", folder.join("report.html").display());
    }
    out
}

/// The meanings of the marks, as many to a line as fit.
fn legend_lines(legend: impl Iterator<Item = String>, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for entry in legend {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 3 + entry.chars().count() <= width => {
                line.push_str("   ");
                line.push_str(&entry);
            }
            _ => lines.push(entry),
        }
    }
    lines
}

/// The table alone, in as much detail as fits into a width.
#[must_use]
pub fn table(summary: &Summary, width: usize) -> String {
    let whole = (0..=DROPPED.len()).map(|dropped| Detail { dropped, cut: Cut::Nothing });
    let tightest = Detail { dropped: DROPPED.len(), cut: Cut::NamesAndCounts };
    whole
        .chain([tightest])
        .map(|detail| build(summary, detail).to_string())
        .find(|text| text.lines().all(|line| line.trim_end().chars().count() <= width))
        .unwrap_or_else(|| {
            let mut table = build(summary, tightest);
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(u16::try_from(width.max(40)).unwrap_or(u16::MAX));
            table.to_string()
        })
}

/// The lines of the second table: what each strategy can still answer. None where nobody was asked.
fn answered(summary: &Summary, width: usize) -> Vec<String> {
    let rows = answers::rows(summary);
    if rows.is_empty() {
        return Vec::new();
    }
    let build = |arrangement: ContentArrangement| {
        let mut table = ruled();
        table.style_mut().row_separator = LineStyle::default();
        table.set_content_arrangement(arrangement);
        table.set_width(u16::try_from(width.max(40)).unwrap_or(u16::MAX));
        table.set_header(["can still answer"].into_iter().chain(answers::titles()));
        for (_, name, answers) in &rows {
            let cells = answers.questions.iter().map(crate::summary::AnswerSummary::words);
            table.add_row([wrap(name, NAME_WIDTH, "")].into_iter().chain(cells));
        }
        table.column_iter_mut().for_each(|column| {
            column.set_padding((0, 1));
        });
        table.to_string()
    };
    let whole = build(ContentArrangement::Disabled);
    let fits = whole.lines().all(|line| line.trim_end().chars().count() <= width);
    let text = if fits { whole } else { build(ContentArrangement::Dynamic) };
    text.lines().map(|line| line.trim_end().to_owned()).collect()
}

fn ruled() -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    let style = table.style_mut();
    style.header_separator = LineStyle::new('─', '─', '─', '─');
    style.bottom_border = LineStyle::new('─', '─', '─', '─');
    table
}

fn build(summary: &Summary, detail: Detail) -> Table {
    let mut table = ruled();
    table.style_mut().row_separator = LineStyle::new('┈', '┈', '┈', '┈');
    table.set_content_arrangement(ContentArrangement::Disabled);
    let columns = columns(detail);
    table.set_header(headings(&columns));
    for strategy in &summary.strategies {
        let cells: Vec<Vec<String>> =
            strategy.sinks.iter().map(|sink| lines(strategy, sink, detail)).collect();
        table.add_row(columns.iter().enumerate().map(|(place, column)| {
            if place == 0 {
                let width = if detail.cut == Cut::Nothing { NAME_WIDTH } else { NAME_WIDTH_TIGHT };
                return wrap(&strategy.name, width, "");
            }
            let mut text = Vec::new();
            for (index, (sink, wrong)) in strategy.sinks.iter().zip(&cells).enumerate() {
                let mut of_sink = (column.lines)(strategy, sink, index, wrong);
                of_sink.resize(wrong.len().max(1), String::new());
                text.append(&mut of_sink);
            }
            text.join("\n")
        }));
    }
    for (index, column) in columns.iter().enumerate() {
        if let Some(cells) = table.column_mut(index) {
            cells.set_padding((0, 1));
            cells.set_cell_alignment(column.alignment);
        }
    }
    table
}

struct Column {
    name: &'static str,
    group: &'static str,
    alignment: CellAlignment,
    lines: fn(&StrategySummary, &SinkSummary, usize, &[String]) -> Vec<String>,
}

fn columns(detail: Detail) -> Vec<Column> {
    use CellAlignment::{Left, Right};
    let column = |name, group, alignment, lines| Column { name, group, alignment, lines };
    // What a strategy costs is told once, beside its first sink.
    let mut all = vec![
        column("strategy", "", Left, |_, _, _, _| Vec::new()),
        column("sink", "", Left, |_, sink, _, _| vec![sink.sink.clone()]),
        column("wrong", "", Left, |_, _, _, wrong| wrong.to_vec()),
        column("p50", "late", Right, |_, sink, _, _| {
            if_served(sink, || wording::of_all(sink.late.of_all.map(|all| all.p50_nanos)))
        }),
        column("p99", "late", Right, |_, sink, _, _| {
            if_served(sink, || wording::of_all(sink.late.of_all.map(|all| all.p99_nanos)))
        }),
        column("max", "late", Right, |_, sink, _, _| {
            if_served(sink, || wording::span(sink.late.freshness.max_nanos))
        }),
        column("never", "late", Right, |_, sink, _, _| {
            if_served(sink, || wording::grouped(sink.late.never_shown))
        }),
        column("write p99", "costly", Right, |strategy, _, index, _| {
            first(index, || wording::times(strategy.costly.write_p99_ratio))
        }),
        column("rows", "costly", Right, |strategy, _, index, _| {
            first(index, || wording::added(strategy.costly.extra_rows_per_row_change))
        }),
        column("log", "costly", Right, |strategy, _, index, _| {
            first(index, || wording::times(strategy.costly.log_bytes_ratio))
        }),
        column("throughput", "costly", Right, |strategy, _, index, _| {
            first(index, || wording::times(strategy.costly.throughput_ratio))
        }),
    ];
    all.retain(|column| !DROPPED[..detail.dropped].contains(&column.name));
    all
}

/// The headings in two lines; a group's name stands above the first of its columns.
fn headings(columns: &[Column]) -> Vec<String> {
    let mut group = "";
    columns
        .iter()
        .map(|column| {
            let above = if column.group == group { "" } else { column.group };
            group = column.group;
            format!("{above}\n{}", column.name)
        })
        .collect()
}

fn first(index: usize, text: impl FnOnce() -> String) -> Vec<String> {
    if index == 0 { vec![text()] } else { Vec::new() }
}

fn if_served(sink: &SinkSummary, text: impl FnOnce() -> String) -> Vec<String> {
    if sink.served { vec![text()] } else { Vec::new() }
}

/// The lines of what went wrong in a sink: the worst few, and how many more there are.
fn lines(strategy: &StrategySummary, sink: &SinkSummary, detail: Detail) -> Vec<String> {
    let shown = if detail.dropped < DROPPED.len() { 3 } else { 2 };
    let all = Wrongness::of(strategy, sink);
    if all.is_empty() {
        return vec!["not served".to_owned()];
    }
    let text = |entry: &Wrongness| match detail.cut {
        Cut::Nothing => entry.text(),
        Cut::NamesAndCounts => format!("{} {}", entry.mark.sign(), entry.what),
    };
    let mut lines: Vec<String> = all.iter().take(shown).map(text).collect();
    if all.len() > shown
        && let Some(last) = lines.last_mut()
    {
        let _ = write!(last, " +{}", all.len() - shown);
    }
    lines
}

/// A line of the table with its marks in colour; the table itself is laid out without, so that no width is miscounted.
fn coloured(line: &str, paint: &dyn Fn(&str, &str) -> String) -> String {
    for (mark, colour) in
        [(Mark::Stayed, RED), (Mark::Passing, YELLOW), (Mark::Good, GREEN), (Mark::Unknown, YELLOW)]
    {
        let sign = format!(" {} ", mark.sign());
        if let Some(start) = line.find(&sign) {
            let start = start + 1;
            let end = line[start..].find("  ").map_or(line.len(), |length| start + length);
            return format!("{}{}{}", &line[..start], paint(colour, &line[start..end]), &line[end..]);
        }
    }
    line.to_owned()
}

/// Breaks a text between words; lines after the first are indented.
pub(crate) fn wrap(text: &str, width: usize, indent: &str) -> String {
    let mut out = String::new();
    let mut line: String = text.chars().take_while(|c| *c == ' ').collect();
    for word in text.trim_start().split(' ') {
        let grown = line.chars().count() + 1 + word.chars().count();
        if grown > width && line.trim() != "" {
            out.push_str(line.trim_end());
            out.push('\n');
            line = indent.to_owned();
        }
        if line.chars().any(|c| c != ' ') {
            line.push(' ');
        }
        line.push_str(word);
    }
    out.push_str(line.trim_end());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_sentences_are_broken_between_words() {
        assert_eq!(wrap("  one two three four", 12, "    "), "  one two\n    three\n    four");
        assert_eq!(wrap("unbreakableword", 5, ""), "unbreakableword");
    }
}
