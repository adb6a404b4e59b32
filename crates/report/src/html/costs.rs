//! What it cost, in full.

use super::Page;
use crate::summary::StrategySummary;
use crate::wording;
use maud::{Markup, html};

impl Page<'_> {
    pub(super) fn costs(&self) -> Markup {
        let baseline = &self.summary.baseline;
        html! {
            section aria-labelledby="costs" {
                h2 #costs { "What it cost" }
                div.scroll tabindex="0" role="region" aria-labelledby="costs" {
                    table {
                        caption {
                            "Without copies a write took " (wording::span(baseline.write.p50_nanos)) " (p50) to "
                            (wording::span(baseline.write.p99_nanos)) " (p99), at " (baseline.writes_per_second) " writes a second. "
                            "Writes count from the moment the client meant to begin."
                        }
                        thead {
                            tr {
                                th rowspan="2" scope="col" { "Strategy" }
                                th.group colspan="4" scope="colgroup" { "Clients" }
                                th.group colspan="4" scope="colgroup" { "Source, for each row change" }
                                th.group colspan="2" scope="colgroup" { "Moved, for each row change" }
                                th.group colspan=(self.summary.sinks.len()) scope="colgroup" { "Requests a commit" }
                            }
                            tr {
                                th.group.n scope="col" { "write p50" } th.n scope="col" { "write p99" }
                                th.n scope="col" { "writes/s" } th.n scope="col" { "failed" }
                                th.group.n scope="col" { "rows read" } th.n scope="col" { "extra rows" }
                                th.n scope="col" { "log" } th.n scope="col" { "most log held" }
                                th.group.n scope="col" { "events" } th.n scope="col" { "bytes" }
                                @for (index, sink) in self.summary.sinks.iter().enumerate() {
                                    th.n.group[index == 0] scope="col" { (sink.name) }
                                }
                            }
                        }
                        tbody {
                            @for (place, strategy) in self.summary.strategies.iter().enumerate() {
                                tr { th scope="row" { (self.tag(place)) } (row(strategy)) }
                            }
                        }
                    }
                }
                @for (place, strategy) in self.summary.strategies.iter().enumerate() {
                    @if let Some(compaction) = &strategy.costly.compaction {
                        p.note { (self.tag(place)) " Compaction, over all seeds: the log takes " (wording::compaction(compaction)) "." }
                    }
                }
                p.note { "Failed: writes that were refused, or whose outcome nobody knows." }
            }
        }
    }
}

fn row(strategy: &StrategySummary) -> Markup {
    let costly = &strategy.costly;
    let in_bytes = |number: Option<crate::summary::Rounded>| {
        number.map_or_else(|| wording::NOTHING.to_owned(), |number| wording::bytes(number.get()))
    };
    html! {
        td.group.n { (wording::span(costly.write.p50_nanos)) br; span.dim { (wording::times(costly.write_p50_ratio)) } }
        td.n { (wording::span(costly.write.p99_nanos)) br; span.dim { (wording::times(costly.write_p99_ratio)) } }
        td.n { (costly.writes_per_second) br; span.dim { (wording::times(costly.throughput_ratio)) } }
        td.n { (wording::grouped(costly.writes_refused + costly.writes_unknown)) }
        td.group.n { (wording::number(costly.source_rows_read_per_row_change)) }
        td.n { (wording::number(costly.extra_rows_per_row_change)) }
        td.n { (in_bytes(costly.log_bytes_per_row_change)) br; span.dim { (wording::times(costly.log_bytes_ratio)) } }
        td.n { (wording::bytes(costly.log_bytes_retained_max as f64)) }
        td.group.n { (wording::number(costly.events_moved_per_row_change)) }
        td.n { (in_bytes(costly.bytes_moved_per_row_change)) }
        @for (index, requests) in costly.sink_requests_per_commit.iter().enumerate() {
            td.n.group[index == 0] { (wording::number(*requests)) }
        }
    }
}
