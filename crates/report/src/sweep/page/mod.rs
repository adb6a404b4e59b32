//! `report.html` of a matrix: one file that needs no network and no script.

mod charts;
mod combinations;
mod figures;
mod measures;
mod panels;
mod upright;

use super::Sweep;
use crate::html::{banner, document, meanings, real_story, verdict_mark};
use crate::summary::Verdict;
use crate::wording;
use driftlab_check::{ANOMALIES, AnomalyEntry};
use maud::{Markup, html};

/// More expectations that do not hold than these nobody reads.
const MOST_OPEN: usize = 500;

/// The page. `again` is the command that runs the matrix once more.
pub(super) fn render(sweep: &Sweep, again: &str) -> String {
    let body = html! {
        (head(sweep))
        main {
            (combinations::section(sweep))
            (charts::section(sweep))
            (figures::section(sweep))
            (expectations(sweep))
            (meanings(&anomalies_seen(sweep)))
            (rerun(sweep, again))
        }
    };
    document(title(sweep), &[], &body).into_string()
}

fn title(sweep: &Sweep) -> &str {
    let scenario = &sweep.scenario;
    if scenario.title.is_empty() { &scenario.name } else { &scenario.title }
}

fn head(sweep: &Sweep) -> Markup {
    let scenario = &sweep.scenario;
    let parts = [
        ("combinations", "Every combination"),
        ("measures", "The options against the measures"),
        ("figures", "In numbers"),
        ("expected", "Expectations"),
        ("again", "Run it again"),
    ];
    let is_there = |id: &str| id != "expected" || sweep.expectations().next().is_some();
    html! {
        header {
            p.name {
                "driftlab · " (scenario.name) " · " (wording::counted(sweep.cells.len(), "combination"))
                " of " (wording::counted(sweep.seeds.len(), "seed"))
            }
            h1 { (title(sweep)) }
            (banner(sweep.verdict, &sweep.sentence()))
            @if !scenario.story.is_empty() { p.story { (scenario.story) } }
            (real_story(&scenario.links))
            p.note {
                "Swept: "
                @for (place, axis) in sweep.axes.iter().enumerate() {
                    @if place > 0 { "; " }
                    code { (axis.option) } " = " (axis.values.join(", "))
                }
                "."
            }
            nav aria-label="Contents" {
                ul { @for (id, name) in parts.iter().filter(|part| is_there(part.0)) { li { a href=(format!("#{id}")) { (name) } } } }
            }
        }
    }
}

/// The expectations that do not hold, each with the values it was judged for; of the others, how many there are.
fn expectations(sweep: &Sweep) -> Markup {
    let all = sweep.expectations().count();
    let open: Vec<_> = sweep.expectations().filter(|(_, one)| one.verdict != Verdict::Pass).collect();
    html! {
        @if all > 0 {
            section aria-labelledby="expected" {
                h2 #expected { "What was expected" }
                p { (wording::grouped((all - open.len()) as u64)) " of " (wording::counted(all, "expectation")) " hold; each is judged for every combination that it is about." }
                @if !open.is_empty() {
                    div.scroll tabindex="0" role="region" aria-labelledby="expected" {
                        table {
                            caption {
                                "Those that do not hold. The lines are those of the scenario file."
                                @if open.len() > MOST_OPEN { " The first " (MOST_OPEN) " of " (open.len()) "; all of them are in summary.json." }
                            }
                            thead {
                                tr {
                                    th.n scope="col" { "Line" } th scope="col" { "Expected" } th scope="col" { "With" }
                                    th scope="col" { "Verdict" } th scope="col" { "Evidence" }
                                }
                            }
                            tbody {
                                @for (told, expectation) in open.iter().take(MOST_OPEN) {
                                    tr {
                                        td.n { (expectation.line) }
                                        th scope="row" { (expectation.claim) }
                                        td { (told) }
                                        td { (verdict_mark(expectation.verdict)) }
                                        td.prose { (expectation.reason) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn anomalies_seen(sweep: &Sweep) -> Vec<&'static AnomalyEntry> {
    let sinks = || sweep.cells.iter().flat_map(|cell| &cell.strategies).flat_map(|strategy| &strategy.sinks);
    let seen = |name: &str| sinks().flat_map(|sink| &sink.anomalies).any(|one| one.anomaly == name);
    ANOMALIES.iter().filter(|entry| seen(entry.name)).collect()
}

fn rerun(sweep: &Sweep, again: &str) -> Markup {
    html! {
        section aria-labelledby="again" {
            h2 #again { "Run it again" }
            pre tabindex="0" { code { (again) } }
            p.note {
                "driftlab " (sweep.driftlab) ", scenario digest " code { (sweep.scenario.digest) } ". Seeds: "
                @match sweep.seeds.as_slice() {
                    [] => { "none" },
                    [one] => { (one) },
                    [first, .., last] => { (first) " to " (last) },
                }
                "."
            }
        }
    }
}
