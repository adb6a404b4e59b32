//! How sinks came back after faults.

use super::Page;
use crate::wording;
use maud::{Markup, html};

impl Page<'_> {
    pub(super) fn recovery(&self) -> Markup {
        let all = self.summary.strategies.iter().enumerate().flat_map(|(place, strategy)| {
            strategy
                .sinks
                .iter()
                .flat_map(move |sink| sink.late.recoveries.iter().map(move |one| (place, sink, one)))
        });
        let all: Vec<_> = all.collect();
        html! {
            @if !all.is_empty() {
                section aria-labelledby="recovery" {
                    h2 #recovery { "After a fault" }
                    div.scroll tabindex="0" role="region" aria-labelledby="recovery" {
                        table {
                            caption { "Recovered: staleness came back below its p99 from before the fault. Over all seeds." }
                            thead {
                                tr {
                                    th scope="col" { "Strategy" } th scope="col" { "Sink" } th scope="col" { "Fault" }
                                    th.n scope="col" { "Struck" } th.n scope="col" { "Recovered" }
                                    th.n scope="col" { "Longest recovery" } th.n scope="col" { "Most stale" } th.n scope="col" { "Most waiting" }
                                }
                            }
                            tbody {
                                @for (place, sink, one) in all {
                                    tr {
                                        th scope="row" { (self.tag(place)) }
                                        td { (sink.sink) } td { (one.fault) }
                                        td.n { (wording::grouped(one.windows)) }
                                        td.n.stayed[one.recovered < one.windows] { (wording::grouped(one.recovered)) }
                                        td.n { (wording::span(one.took_max_nanos)) }
                                        td.n { (wording::span(Some(one.staleness_max_nanos))) }
                                        td.n { (wording::grouped(one.backlog_max)) }
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
