//! The one table: wrong, late, costly.

use super::Page;
use crate::summary::{Costly, SinkSummary, StrategySummary};
use crate::wording::{self, Mark, Wrongness};
use maud::{Markup, html};

impl Page<'_> {
    pub(super) fn glance(&self) -> Markup {
        let strategies = &self.summary.strategies;
        html! {
            section aria-labelledby="glance" {
                h2 #glance { "Wrong, late, costly" }
                div.scroll tabindex="0" role="region" aria-labelledby="glance" {
                    table.glance {
                        caption {
                            "Every strategy met the same clients, the same faults and the same "
                            (wording::counted(self.summary.seeds.len(), "seed")) ". "
                            @for mark in Mark::ALL {
                                span class=(class(mark)) { (mark.sign()) } " " (mark.meaning()) ". "
                            }
                        }
                        thead {
                            tr {
                                th rowspan="2" scope="col" { "Strategy" }
                                th rowspan="2" scope="col" { "Sink" }
                                th.group rowspan="2" scope="col" { "Wrong" }
                                th.group colspan="4" scope="colgroup" { "Late" }
                                th.group colspan="4" scope="colgroup" { "Costly" }
                            }
                            tr {
                                th.group.n scope="col" { "p50" } th.n scope="col" { "p99" } th.n scope="col" { "max" }
                                th.n scope="col" { "never shown" }
                                th.group.n scope="col" { "write p99" } th.n scope="col" { "through\u{ad}put" }
                                th.n scope="col" { "extra rows" } th.n scope="col" { "log" }
                            }
                        }
                        @for (place, strategy) in strategies.iter().enumerate() {
                            tbody { (self.glance_of(place, strategy)) }
                        }
                    }
                }
                p.note {
                    "Late: from the commit of a change until the sink shows it. Costly: against the same clients where nobody keeps copies (×1.00); "
                    "extra rows are those written for each row that clients changed; log is the bytes that the source's log takes."
                }
            }
        }
    }

    fn glance_of(&self, place: usize, strategy: &StrategySummary) -> Markup {
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
                    @if index == 0 { (costly(&strategy.costly, &sinks)) }
                }
            }
        }
    }
}

fn class(mark: Mark) -> &'static str {
    match mark {
        Mark::Good => "mark good",
        Mark::Stayed => "mark stayed",
        Mark::Passing => "mark passing",
        Mark::Unknown => "mark open",
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
        } @else {
            td.group.n {} td {} td {} td {}
        }
    }
}

fn costly(costly: &Costly, sinks: &str) -> Markup {
    html! {
        td.group.n rowspan=(sinks) { (wording::times(costly.write_p99_ratio)) }
        td.n rowspan=(sinks) { (wording::times(costly.throughput_ratio)) }
        td.n rowspan=(sinks) { (wording::number(costly.extra_rows_per_row_change)) }
        td.n rowspan=(sinks) { (wording::times(costly.log_bytes_ratio)) }
    }
}
