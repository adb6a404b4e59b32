//! Copy by copy: what went wrong in each sink, and how late it ran.

use super::Page;
use super::marks::class;
use crate::summary::{SinkSummary, StrategySummary};
use crate::wording::{self, Wrongness};
use maud::{Markup, html};

impl Page<'_> {
    pub(super) fn copies(&self) -> Markup {
        let strategies = &self.summary.strategies;
        html! {
            section aria-labelledby="copies" {
                h2 #copies { "Copy by copy" }
                div.scroll tabindex="0" role="region" aria-labelledby="copies" {
                    table.glance {
                        caption {
                            "How often each anomaly began over all seeds, and of how many it stayed to the end. "
                            "Late counts the changes that came to be shown."
                        }
                        thead {
                            tr {
                                th scope="col" { "Strategy" }
                                th scope="col" { "Sink" }
                                th.group scope="col" { "Wrong" }
                                th.group.n scope="col" { "p50" } th.n scope="col" { "p99" } th.n scope="col" { "max" }
                                th.n scope="col" { "never shown" }
                                th.group.n scope="col" { "stale, mean" } th.n scope="col" { "divergent keys, most" }
                                th.n scope="col" { "at the end" }
                            }
                        }
                        @for (place, strategy) in strategies.iter().enumerate() {
                            tbody { (self.copies_of(place, strategy)) }
                        }
                    }
                }
            }
        }
    }

    fn copies_of(&self, place: usize, strategy: &StrategySummary) -> Markup {
        let sinks = strategy.sinks.len().max(1).to_string();
        html! {
            @for (index, sink) in strategy.sinks.iter().enumerate() {
                tr {
                    @if index == 0 {
                        th.strategy scope="rowgroup" rowspan=(sinks) {
                            (self.tag(place))
                            @if strategy.kind != strategy.name { span.kind { (strategy.kind) } }
                        }
                    }
                    th.sink scope="row" { (sink.sink) }
                    td.group { (wrong(strategy, sink)) }
                    (late(sink))
                }
            }
        }
    }
}

fn wrong(strategy: &StrategySummary, sink: &SinkSummary) -> Markup {
    let all = Wrongness::of(strategy, sink);
    html! {
        @if all.is_empty() { span.dim { "not served" } }
        @for entry in &all {
            span.wrong {
                span class=(class(entry.mark)) { (entry.mark.sign()) } " "
                @if let Some(count) = &entry.count {
                    a href=(format!("#{}", entry.what)) { (entry.what) } " " span.count { (count) }
                } @else {
                    (entry.what)
                }
            }
        }
    }
}

fn late(sink: &SinkSummary) -> Markup {
    let freshness = sink.late.freshness;
    html! {
        @if sink.served {
            td.group.n { (wording::span(freshness.p50_nanos)) }
            td.n { (wording::span(freshness.p99_nanos)) }
            td.n { (wording::span(freshness.max_nanos)) }
            td.n.stayed[sink.late.never_shown > 0] { (wording::grouped(sink.late.never_shown)) }
            td.group.n { (wording::span(Some(sink.late.staleness.mean_nanos))) }
            td.n { (sink.late.divergent.max) }
            td.n.stayed[sink.late.divergent.at_end > 0] { (wording::grouped(sink.late.divergent.at_end)) }
        } @else {
            td.group.n {} td {} td {} td {} td.group {} td {} td {}
        }
    }
}
