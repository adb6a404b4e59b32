//! The one table, a row a strategy: wrong, late, costly.

use super::Page;
use super::marks::class;
use crate::summary::{AnomalyCount, Latest, StrategySummary};
use crate::wording::{self, Mark};
use maud::{Markup, html};

impl Page<'_> {
    pub(super) fn glance(&self) -> Markup {
        html! {
            section aria-labelledby="glance" {
                h2 #glance { "Wrong, late, costly" }
                div.scroll tabindex="0" role="region" aria-labelledby="glance" {
                    table.glance.sticks {
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
                                th.group colspan="2" scope="colgroup" { "Wrong" }
                                th.group colspan="4" scope="colgroup" { "Late" }
                                th.group colspan="5" scope="colgroup" { "Costly" }
                            }
                            tr {
                                th.group scope="col" { "anomalies per million writes" } th scope="col" { "guarantee that held" }
                                th.group.n scope="col" { "p50" } th.n scope="col" { "p99" } th.n scope="col" { "max" }
                                th.n scope="col" { "never shown" }
                                th.group.n scope="col" { "write p99" } th.n scope="col" { "through\u{ad}put" }
                                th.n scope="col" { "extra rows" } th.n scope="col" { "log bytes" } th.n scope="col" { "sink ops" }
                            }
                        }
                        tbody {
                            @for (place, strategy) in self.summary.strategies.iter().enumerate() {
                                tr { (self.row(place, strategy)) }
                            }
                        }
                    }
                }
                p.note {
                    "Over all copies that a strategy serves; late is that of its latest copy, from the commit of a change until the copy shows it, and a change that is never "
                    "shown counts above all others. Costly is against the same clients where nobody keeps copies (×1.00); extra rows, and row operations at the sinks, are for "
                    "each row that clients changed."
                }
            }
        }
    }

    fn row(&self, place: usize, strategy: &StrategySummary) -> Markup {
        let (overall, costly) = (&strategy.overall, &strategy.costly);
        html! {
            th.strategy scope="row" {
                (self.tag(place))
                @if strategy.kind != strategy.name { span.kind { (strategy.kind) } }
                @if self.serves_some(strategy) { span.kind { "serves only " (served(strategy).join(", ")) } }
            }
            td.group { (self.wrong(place, strategy)) }
            td { (overall.guarantee.as_deref().unwrap_or(if strategy.runs.is_empty() { "" } else { "none" })) }
            td.group.n { (self.late(overall.p50.as_ref())) }
            td.n { (self.late(overall.p99.as_ref())) }
            td.n { (self.late(overall.max.as_ref())) }
            td.n.stayed[overall.never_shown > 0] { (wording::grouped(overall.never_shown)) }
            td.group.n { (wording::times(costly.write_p99_ratio)) }
            td.n { (wording::times(costly.throughput_ratio)) }
            td.n { (wording::added(costly.extra_rows_per_row_change)) }
            td.n { (wording::times(costly.log_bytes_ratio)) }
            td.n { (wording::number(overall.sink_operations_per_row_change)) }
        }
    }

    fn serves_some(&self, strategy: &StrategySummary) -> bool {
        !strategy.runs.is_empty() && served(strategy).len() < strategy.sinks.len()
    }

    fn wrong(&self, place: usize, strategy: &StrategySummary) -> Markup {
        html! {
            @if let Some((mark, text)) = wording::standing(strategy) {
                span.wrong { span class=(class(mark)) { (mark.sign()) } " " (text) }
            }
            @for count in AnomalyCount::worst_first(&strategy.overall.anomalies) {
                @let mark = Mark::of(count);
                span.wrong {
                    span class=(class(mark)) { (mark.sign()) } " "
                    a href=(self.link(place, &count.anomaly)) { (count.anomaly) } " "
                    span.count { (wording::rate(count)) }
                }
            }
        }
    }

    fn late(&self, latest: Option<&Latest>) -> Markup {
        html! {
            @if let Some(latest) = latest {
                @match latest.nanos {
                    Some(nanos) => (wording::span(Some(nanos))),
                    None => span.mark.stayed { "never" },
                }
                @if self.summary.sinks.len() > 1 { br; span.dim.small { (latest.sink) } }
            } @else {
                (wording::NOTHING)
            }
        }
    }
}

fn served(strategy: &StrategySummary) -> Vec<&str> {
    strategy.sinks.iter().filter(|sink| sink.served).map(|sink| sink.sink.as_str()).collect()
}
