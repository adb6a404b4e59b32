//! How to run it again, and what must then come out.

use super::Page;
use crate::wording;
use maud::{Markup, html};

/// More runs than these nobody looks through on a page; all of them stand in `summary.json`.
const MOST_RUNS: usize = 100;

impl Page<'_> {
    pub(super) fn rerun(&self) -> Markup {
        let command = wording::command(&self.report.experiment.scenario, &self.summary.seeds);
        let strategies = &self.summary.strategies;
        let runs = strategies.iter().map(|strategy| strategy.runs.len()).sum::<usize>();
        let all = strategies.iter().flat_map(|strategy| strategy.runs.iter().map(move |run| (strategy, run)));
        html! {
            section aria-labelledby="again" {
                h2 #again { "Run it again" }
                pre tabindex="0" { code { (command) } }
                p.note {
                    "driftlab " (self.summary.driftlab) ", scenario digest " code { (self.summary.scenario.digest) }
                    @if self.summary.world.reproducible {
                        ". The same scenario, seed and version give the same run, event by event: its trace hash is the same."
                    } @else {
                        ". Stores and time are real in this world: another run of the same seed has another trace hash, and agrees in what can be counted often enough."
                    }
                }
                details {
                    summary { "Trace hashes" }
                    div.scroll tabindex="0" role="region" aria-label="Trace hashes" {
                        table {
                            caption {
                                "One run a strategy and seed."
                                @if runs > MOST_RUNS { " The first " (MOST_RUNS) " of " (wording::grouped(runs as u64)) "; all of them are in summary.json." }
                            }
                            thead {
                                tr {
                                    th scope="col" { "Strategy" } th.n scope="col" { "Seed" } th scope="col" { "Trace hash" }
                                    th.n scope="col" { "Steps" } th.n scope="col" { "Commits" } th.n scope="col" { "Row changes" }
                                    th scope="col" { "Came to rest" }
                                }
                            }
                            tbody {
                                @for (strategy, run) in all.take(MOST_RUNS) {
                                    tr {
                                        th scope="row" { (strategy.name) }
                                        td.n { (run.seed) } td { code { (run.trace) } }
                                        td.n { (wording::grouped(run.steps)) } td.n { (wording::grouped(run.commits)) }
                                        td.n { (wording::grouped(run.row_changes)) }
                                        td { @if run.quiescent { "yes" } @else { "no" } }
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
