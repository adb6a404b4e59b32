use super::{Comparison, Outcome, Row};
use crate::summary::Rounded;
use crate::terminal::Style;
use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use driftlab_model::Span;
use driftlab_scenario::Colour;
use std::fmt::Write;

const HEADINGS: [&str; 7] = ["", "strategy", "sink", "measure", "before", "after", "change"];

/// The comparison for a person at a prompt: what differs, the worst first.
#[must_use]
pub fn table(comparison: &Comparison, style: Style) -> String {
    let mut out = format!("{}  against  {}\n\n", comparison.sides[1], comparison.sides[0]);
    let told = told(comparison);
    if !told.is_empty() {
        let mut table = Table::new();
        table.load_style(NOTHING);
        table.set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(HEADINGS);
        for row in &told {
            table.add_row(cells(row));
        }
        for column in [4, 5, 6] {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        for (number, line) in table.to_string().lines().enumerate() {
            let colour =
                number.checked_sub(1).and_then(|row| told.get(row)).and_then(|row| colour(row.outcome));
            let line = line.trim_end();
            let _ = match (colour, style.colour) {
                (Some(code), Colour::On) => writeln!(out, "\u{1b}[{code}m{line}\u{1b}[0m"),
                _ => writeln!(out, "{line}"),
            };
        }
        out.push('\n');
    }
    for row in told.iter().filter(|row| !row.why.is_empty()) {
        let _ = writeln!(out, "{} {}, {}: {}", sign(row.outcome), row.strategy, row.measure, row.why);
    }
    for remark in &comparison.remarks {
        let _ = writeln!(out, "{remark}");
    }
    let _ = writeln!(out, "{}", verdict(comparison));
    out
}

/// The same for a pull request.
#[must_use]
pub fn markdown(comparison: &Comparison) -> String {
    let escaped = |text: &str| text.replace('|', "\\|").replace('<', "&lt;").replace('\n', " ");
    let mut out =
        format!("### {} against {}\n\n", escaped(&comparison.sides[1]), escaped(&comparison.sides[0]));
    let _ = writeln!(out, "**{}**\n", verdict(comparison));
    let told = told(comparison);
    if !told.is_empty() {
        let _ = writeln!(out, "| {} | why |\n|---|---|---|---|--:|--:|--:|---|", HEADINGS.join(" | "));
        for row in told {
            let cells: Vec<String> = cells(row).iter().map(|cell| escaped(cell)).collect();
            let _ = writeln!(out, "| {} | {} |", cells.join(" | "), escaped(&row.why));
        }
        out.push('\n');
    }
    for remark in &comparison.remarks {
        let _ = writeln!(out, "{}\n", escaped(remark));
    }
    out
}

/// What differs, the worst first.
fn told(comparison: &Comparison) -> Vec<&Row> {
    let mut all: Vec<&Row> = comparison.rows.iter().filter(|row| row.outcome != Outcome::Same).collect();
    all.sort_by_key(|row| match row.outcome {
        Outcome::Worse => 0,
        Outcome::Allowed => 1,
        Outcome::Better => 2,
        Outcome::Same => 3,
    });
    all
}

fn verdict(comparison: &Comparison) -> String {
    let [same, better, allowed, worse] =
        [Outcome::Same, Outcome::Better, Outcome::Allowed, Outcome::Worse].map(|one| comparison.count(one));
    let tolerance = Rounded::of(comparison.tolerance * 100.0);
    let allowed =
        if allowed > 0 { format!(", {allowed} worse within what is expected") } else { String::new() };
    format!("{worse} worse{allowed}, {better} better, {same} the same, with a tolerance of {tolerance} %.")
}

fn sign(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Same => "=",
        Outcome::Better => "✓",
        Outcome::Allowed => "~",
        Outcome::Worse => "✗",
    }
}

fn colour(outcome: Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Same => None,
        Outcome::Better => Some("32"),
        Outcome::Allowed => Some("33"),
        Outcome::Worse => Some("31"),
    }
}

fn cells(row: &Row) -> [String; 7] {
    let quantity = |value: f64| {
        if row.measure.ends_with("_seconds") {
            Span::from_secs_f64(value).to_string()
        } else if row.measure.starts_with("expectation") {
            if value > 0.0 { "holds" } else { "does not" }.to_owned()
        } else {
            Rounded::of(value).to_string()
        }
    };
    let change = if row.before == 0.0 || row.measure.starts_with("expectation") {
        String::new()
    } else {
        format!("{:+.1} %", (row.after / row.before - 1.0) * 100.0)
    };
    [
        sign(row.outcome).to_owned(),
        row.strategy.clone(),
        row.sink.clone().unwrap_or_default(),
        row.measure.trim_end_matches("_seconds").to_owned(),
        quantity(row.before),
        quantity(row.after),
        change,
    ]
}
