//! A line for each combination: its verdict, what each strategy showed, and the way to its own report.

use super::anomalies_seen;
use crate::html::{class, verdict_mark};
use crate::summary::Verdict;
use crate::sweep::table::strategies;
use crate::sweep::{AnomalySeeds, CellSummary, SinkCell, StrategyCell, Sweep};
use crate::wording::{self, Mark};
use maud::{Markup, html};

/// How many anomalies a cell names, the most frequent first.
const NAMED: usize = 2;
/// More cells than this are not written: a page is to stay small, and all of them stand in `summary.json`.
const MOST_CELLS: usize = 2_400;

pub(super) fn section(sweep: &Sweep) -> Markup {
    let names: Vec<&str> = strategies(sweep).collect();
    let most = MOST_CELLS / names.len().max(1);
    html! {
        section aria-labelledby="combinations" {
            h2 #combinations { "Every combination" }
            div.scroll tabindex="0" role="region" aria-labelledby="combinations" {
                table.sticks {
                    caption {
                        "Its number leads to its own report. What went wrong, and in how many of "
                        (wording::counted(sweep.seeds.len(), "seed")) ". "
                        @for mark in [Mark::Stayed, Mark::Passing, Mark::Good] {
                            span class=(class(mark)) { (mark.sign()) } " " (mark.meaning()) ". "
                        }
                        @if sweep.cells.len() > most { "The first " (most) " of " (sweep.cells.len()) "; all of them are in summary.json." }
                    }
                    thead {
                        tr {
                            th scope="col" { "Report" }
                            @for axis in &sweep.axes { th scope="col" { (axis.option) } }
                            th scope="col" { "Expected" }
                            @for name in &names { th.group scope="col" { (name) } }
                        }
                    }
                    tbody {
                        @for (number, cell) in (1..).zip(&sweep.cells).take(most) {
                            tr {
                                th scope="row" { a href=(format!("combinations/{number:03}/report.html")) title=(sweep.told(cell)) { (number) } }
                                @for value in &cell.values { td { (value) } }
                                td { (expected(cell)) }
                                @for place in 0..names.len() {
                                    td.group { @if let Some(strategy) = cell.strategies.get(place) { (wrong(sweep, strategy)) } }
                                }
                            }
                        }
                    }
                }
            }
            @if anomalies_seen(sweep).is_empty() { p { "No strategy showed any anomaly in any combination." } }
        }
    }
}

fn expected(cell: &CellSummary) -> Markup {
    let all = cell.expectations.len();
    let hold = cell.expectations.iter().filter(|one| one.verdict == Verdict::Pass).count();
    html! {
        @if all == 0 { span.dim { "nothing" } }
        @else if hold == all { (verdict_mark(Verdict::Pass)) }
        @else { (verdict_mark(cell.verdict)) " " span.dim.small { (hold) " of " (all) " hold" } }
    }
}

fn wrong(sweep: &Sweep, strategy: &StrategyCell) -> Markup {
    let served = || strategy.sinks.iter().filter(|sink| sink.served);
    html! {
        @if strategy.runs == 0 { span.wrong { span class=(class(Mark::Unknown)) { (Mark::Unknown.sign()) } " not run" } }
        @else if served().all(is_clean) {
            span.wrong { span class=(class(Mark::Good)) { (Mark::Good.sign()) } " nothing" }
        } @else {
            @for sink in served().filter(|sink| !is_clean(sink)) {
                @if sweep.sinks.len() > 1 { span.wrong.dim.small { (sink.sink) } }
                (of_sink(sweep, sink))
            }
        }
    }
}

fn is_clean(sink: &SinkCell) -> bool {
    sink.anomalies.is_empty()
}

fn of_sink(sweep: &Sweep, sink: &SinkCell) -> Markup {
    let worst = AnomalySeeds::worst_first(&sink.anomalies);
    html! {
        @for one in worst.iter().take(NAMED) {
            @let mark = if one.permanent > 0 { Mark::Stayed } else { Mark::Passing };
            span.wrong {
                span class=(class(mark)) { (mark.sign()) } " " a href=(format!("#{}", one.anomaly)) { (one.anomaly) }
                @if sweep.seeds.len() > 1 { " " span.count { (one.runs) } }
            }
        }
        @if worst.len() > NAMED { span.wrong.dim.small { "and " (worst.len() - NAMED) " more" } }
    }
}
