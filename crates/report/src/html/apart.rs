//! Each fault apart: what a strategy shows without any fault, and under each fault alone.

use super::Page;
use super::marks::class;
use crate::summary::{AnomalyCount, UnderSummary};
use crate::wording::{self, Mark};
use maud::{Markup, html};

/// How many anomalies that healed a cell names.
const HEALED: usize = 2;

impl Page<'_> {
    pub(super) fn apart(&self) -> Markup {
        let Some(apart) = &self.summary.apart else { return html! {} };
        html! {
            section aria-labelledby="apart" {
                h2 #apart { "Which fault breaks what" }
                p {
                    "The run of seed " (apart.seed) " once more for each fault, with that fault alone, and once without any. What a strategy shows without any fault is its own doing. "
                    "Each name leads to its drawing."
                }
                div.scroll tabindex="0" role="region" aria-labelledby="apart" {
                    table.matrix.sticks {
                        caption { "How often each anomaly began, over all copies." }
                        thead {
                            tr {
                                th scope="col" { "Strategy" }
                                th.group scope="col" { "no fault" }
                                @for fault in &apart.faults { th.group scope="col" { (fault) } }
                                th.group scope="col" { "all together, " (wording::counted(self.summary.seeds.len(), "seed")) }
                            }
                        }
                        tbody {
                            @for (place, strategy) in self.summary.strategies.iter().enumerate() {
                                tr {
                                    th.strategy scope="row" { (self.tag(place)) }
                                    @for under in apart.strategies.get(place).into_iter().flatten() {
                                        td.group { (self.under(place, under)) }
                                    }
                                    td.group { (self.counts(place, &strategy.overall.anomalies)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn under(&self, place: usize, under: &UnderSummary) -> Markup {
        html! {
            @if !under.struck { span.dim { "did not strike" } } @else { (self.counts(place, &under.anomalies)) }
            @if !under.quiescent { span.wrong { span class=(class(Mark::Unknown)) { (Mark::Unknown.sign()) } " never came to rest" } }
        }
    }

    fn counts(&self, place: usize, anomalies: &[AnomalyCount]) -> Markup {
        let (stayed, healed): (Vec<_>, Vec<_>) =
            AnomalyCount::worst_first(anomalies).into_iter().partition(|count| count.permanent > 0);
        html! {
            @if anomalies.is_empty() { span.wrong { span class=(class(Mark::Good)) { (Mark::Good.sign()) } " nothing" } }
            @for count in stayed.iter().chain(healed.iter().take(HEALED)) {
                @let mark = Mark::of(count);
                span.wrong {
                    span class=(class(mark)) { (mark.sign()) } " "
                    a href=(self.link(place, &count.anomaly)) { (count.anomaly) } " "
                    span.count { (wording::grouped(if count.permanent > 0 { count.permanent } else { count.total })) }
                }
            }
            @if healed.len() > HEALED { span.dim.small { "and " (healed.len() - HEALED) " more that healed" } }
        }
    }
}
