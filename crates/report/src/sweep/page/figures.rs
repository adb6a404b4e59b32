//! The tables of figures, one a strategy: what `report.md` and the prompt show too.

use crate::sweep::Sweep;
use crate::sweep::table::{Grid, legend, strategies};
use maud::{Markup, html};

/// More lines than this, over all strategies, are not written: all of them stand in `summary.json`.
const MOST_LINES: usize = 1_600;

pub(super) fn section(sweep: &Sweep) -> Markup {
    let names: Vec<&str> = strategies(sweep).collect();
    let most = MOST_LINES / names.len().max(1);
    let [_, intervals] = legend(sweep);
    html! {
        section aria-labelledby="figures" {
            h2 #figures { "In numbers" }
            p { "From the commit of a change until a copy shows it: p50, p99; stalest: the oldest that anything shown ever was. " (intervals) "." }
            @for (place, name) in names.iter().enumerate() {
                @let grid = Grid::of(sweep, place, 0);
                details open[place == 0] {
                    summary { (name) }
                    div.scroll tabindex="0" role="region" aria-label=(format!("Figures of {name}")) {
                        table.sticks {
                            caption {
                                (name) ". ∞: never."
                                @if grid.rows.len() > most { " The first " (most) " of " (grid.rows.len()) " lines; all of them are in summary.json." }
                            }
                            thead {
                                tr {
                                    @for (column, heading) in grid.headings.iter().enumerate() {
                                        th.n[column >= grid.words] scope="col" { (heading) }
                                    }
                                }
                            }
                            tbody {
                                @for row in grid.rows.iter().take(most) {
                                    tr {
                                        @for (column, cell) in row.iter().enumerate() {
                                            @if column == 0 { th scope="row" { (cell) } }
                                            @else { td.n[column >= grid.words] { (cell) } }
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
}
