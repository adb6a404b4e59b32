//! For how long nobody would have noticed: permanent divergences against the audits that people run.

use super::Page;
use crate::summary::AuditSummary;
use crate::wording;
use maud::{Markup, html};

impl Page<'_> {
    pub(super) fn silent(&self) -> Markup {
        let all: Vec<_> = self
            .summary
            .strategies
            .iter()
            .enumerate()
            .flat_map(|(place, strategy)| strategy.sinks.iter().map(move |sink| (place, sink)))
            .filter(|(_, sink)| sink.late.silent_for.divergences > 0)
            .collect();
        html! {
            @if !all.is_empty() {
                section aria-labelledby="silent" {
                    h2 #silent { "Who would have noticed" }
                    p { "How long a permanent divergence stays unnoticed, even by an audit that runs all the time." }
                    div.scroll tabindex="0" role="region" aria-labelledby="silent" {
                        table {
                            caption { "The median time until it is noticed, and how many never are." }
                            thead {
                                tr {
                                    th scope="col" { "Strategy" } th scope="col" { "Sink" } th.n scope="col" { "Divergences" }
                                    th scope="col" { "Row count" } th scope="col" { "Checksum" } th scope="col" { "updated_at" }
                                }
                            }
                            tbody {
                                @for (place, sink) in all {
                                    @let silent = sink.late.silent_for;
                                    tr {
                                        th scope="row" { (self.tag(place)) }
                                        td { (sink.sink) } td.n { (wording::grouped(silent.divergences)) }
                                        td { (audit(silent.row_count)) } td { (audit(silent.checksum)) } td { (audit(silent.updated_at)) }
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

fn audit(audit: AuditSummary) -> Markup {
    html! {
        @if audit.noticed.count > 0 { (wording::span(audit.noticed.p50_nanos)) }
        @if audit.never > 0 {
            @if audit.noticed.count > 0 { ", " }
            span.mark.stayed { "never" } " for " (wording::grouped(audit.never))
        }
    }
}
