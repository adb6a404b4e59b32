//! `report.md` of a matrix.

use super::Sweep;
use super::table::{Grid, legend, strategies};
use crate::markdown::{escaped, links};
use crate::summary::Verdict;
use std::fmt::Write;

pub(super) fn render(sweep: &Sweep) -> String {
    let mut out = String::new();
    let scenario = &sweep.scenario;
    // Writing to a string does not fail.
    let _ = writeln!(out, "# {}\n", escaped(&scenario.title));
    let _ = writeln!(out, "**{}**: {}\n", sweep.verdict.name(), sweep.sentence());
    if !scenario.story.is_empty() {
        let _ = writeln!(out, "{}\n", escaped(scenario.story.trim()));
    }
    out.push_str(&links(&scenario.links));
    for (number, name) in strategies(sweep).enumerate() {
        let grid = Grid::of(sweep, number, 0);
        let _ = writeln!(out, "\n## {}\n", escaped(name));
        let line = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
            format!("| {} |", cells.join(" | "))
        };
        let _ = writeln!(out, "{}", line(&grid.headings));
        let rules = (0..grid.headings.len()).map(|column| if column < grid.words { "---" } else { "--:" });
        let _ = writeln!(out, "|{}|", rules.collect::<Vec<_>>().join("|"));
        for row in &grid.rows {
            let _ = writeln!(out, "{}", line(row));
        }
    }
    let [marks, intervals] = legend(sweep);
    let _ = writeln!(out, "\n{marks}. {intervals}.\n");
    let open: Vec<_> = sweep.expectations().filter(|(_, one)| one.verdict != Verdict::Pass).collect();
    if !open.is_empty() {
        let _ = writeln!(out, "## Expectations that do not hold\n");
    }
    for (told, expectation) in open {
        let _ = writeln!(
            out,
            "- {} (line {}, with {}): {}. {}",
            expectation.verdict.name(),
            expectation.line,
            escaped(&told),
            escaped(&expectation.claim),
            escaped(&expectation.reason)
        );
    }
    let _ = writeln!(out, "\ndriftlab {}, scenario digest `{}`.", sweep.driftlab, scenario.digest);
    out
}
