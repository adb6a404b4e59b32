//! Copies that were set up in the middle of a run: how far back they reach.

use super::Page;
use crate::newcomers::{CAPTION, COLUMNS, lines};
use maud::{Markup, html};

impl Page<'_> {
    pub(super) fn joined(&self) -> Markup {
        let lines = lines(self.summary);
        html! {
            @if !lines.is_empty() {
                section aria-labelledby="joined" {
                    h2 #joined { "Set up in the middle of the run" }
                    div.scroll tabindex="0" role="region" aria-labelledby="joined" {
                        table {
                            caption { (CAPTION) }
                            thead { tr {
                                th scope="col" { "Strategy" } th scope="col" { "Sink" }
                                @for column in COLUMNS { th.n scope="col" { (column) } }
                            } }
                            tbody {
                                @for line in &lines {
                                    tr {
                                        th scope="row" { (self.tag(line.place)) }
                                        td { (line.sink) }
                                        @for cell in line.cells() { td.n { (cell) } }
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
