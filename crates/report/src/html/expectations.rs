//! What the scenario's author expected, and what came of it.

use super::Page;
use crate::summary::Verdict;
use maud::{Markup, html};

impl Page<'_> {
    pub(super) fn expectations(&self) -> Markup {
        let expectations = &self.summary.expectations;
        html! {
            @if !expectations.is_empty() {
                section aria-labelledby="expected" {
                    h2 #expected { "What was expected" }
                    div.scroll tabindex="0" role="region" aria-labelledby="expected" {
                        table {
                            caption { "The lines are those of the scenario file." }
                            thead {
                                tr {
                                    th.n scope="col" { "Line" } th scope="col" { "Expected" }
                                    th scope="col" { "Verdict" } th scope="col" { "Evidence" }
                                }
                            }
                            tbody {
                                @for expectation in expectations {
                                    tr {
                                        td.n { (expectation.line) }
                                        th scope="row" { (expectation.claim) }
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

/// Whether an expectation holds.
pub(crate) fn verdict_mark(verdict: Verdict) -> Markup {
    let (class, text) = match verdict {
        Verdict::Pass => ("mark good", "✓ holds"),
        Verdict::Unknown => ("mark open", "? unknown"),
        Verdict::Fail => ("mark stayed", "✗ does not hold"),
    };
    html! { span class=(class) { (text) } }
}
