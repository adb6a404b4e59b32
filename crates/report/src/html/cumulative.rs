//! Cumulative charts, one a sink with all strategies in it: how long changes took to be shown, and how stale readers found what they read.

use super::Page;
use crate::pool::Pool;
use crate::summary::OfAll;
use crate::svg::{Axis, Chart, Course, Line, Scale, Tag};
use crate::wording;
use driftlab_check::Distribution;
use driftlab_model::Span;
use maud::{Markup, html};

/// Points of a curve; finer than the chart's pixels are wide.
const POINTS: usize = 240;
/// Below this nobody can tell two latencies apart, and what took no time has a place on the axis.
const SHORTEST: f64 = 1e3;

/// What a cumulative chart is of.
struct Quantity {
    id: &'static str,
    title: &'static str,
    across: &'static str,
    up: &'static str,
    of: fn(&Pool) -> &Distribution,
    /// How many took for ever.
    never: fn(&Pool) -> u64,
    never_word: &'static str,
}

const FRESHNESS: Quantity = Quantity {
    id: "freshness",
    title: "Cumulative distribution of the freshness lag",
    across: "from commit to shown",
    up: "changes shown",
    of: |pool| &pool.freshness,
    never: |pool| pool.never_shown,
    never_word: "never",
};

const READ_STALENESS: Quantity = Quantity {
    id: "read-staleness",
    title: "Cumulative distribution of the staleness that readers met",
    across: "staleness of what was read",
    up: "reads",
    of: |pool| &pool.read_staleness,
    never: |_| 0,
    never_word: "",
};

impl Page<'_> {
    pub(super) fn freshness(&self) -> Markup {
        html! {
            section aria-labelledby="freshness" {
                h2 #freshness { "How late: from commit to shown" }
                p {
                    "Each curve says what share of all committed changes the sink showed within a time. Further left is fresher. "
                    "A curve that ends below 100 % has changes that were never shown."
                }
                div.charts {
                    @for sink in 0..self.summary.sinks.len() { (self.cumulative(sink, &FRESHNESS)) }
                }
            }
        }
    }

    /// The staleness that readers met, weighted by what they read.
    pub(super) fn read_staleness(&self) -> Markup {
        let has_reads = |pool: &Pool| pool.read_staleness.count() > 0;
        html! {
            @if self.pools.iter().flatten().any(has_reads) {
                section aria-labelledby="reads" {
                    h2 #reads { "How stale: what readers met" }
                    p {
                        "Each curve says what share of all reads saw a row that had been outdated for no longer than a time; reads of current rows count from the left edge. "
                        "Popular rows count as often as they are read."
                    }
                    div.charts {
                        @for (sink, _) in self.summary.sinks.iter().enumerate() {
                            @if self.pools.iter().filter_map(|pools| pools.get(sink)).any(has_reads) {
                                (self.cumulative(sink, &READ_STALENESS))
                            }
                        }
                    }
                    (self.reads_in_numbers())
                }
            }
        }
    }

    fn reads_in_numbers(&self) -> Markup {
        html! {
            details {
                summary { "In numbers" }
                div.scroll tabindex="0" role="region" aria-label="Reads in numbers" {
                    table {
                        caption { "Stale reads saw an older version than the source had when they began." }
                        thead {
                            tr {
                                th scope="col" { "Strategy" } th scope="col" { "Sink" } th.n scope="col" { "Reads" }
                                th.n scope="col" { "Stale" } th.n scope="col" { "p50" } th.n scope="col" { "p99" } th.n scope="col" { "max" }
                                th.n scope="col" { "Versions behind, p99" } th.n scope="col" { "Freshness score, p99" }
                            }
                        }
                        tbody {
                            @for (place, strategy) in self.summary.strategies.iter().enumerate() {
                                @for sink in strategy.sinks.iter().filter(|sink| sink.late.read_staleness.count > 0) {
                                    @let (late, reads) = (&sink.late, sink.late.read_staleness);
                                    tr {
                                        th scope="row" { (self.tag(place)) }
                                        td { (sink.sink) } td.n { (wording::grouped(reads.count)) }
                                        td.n { @if let Some(share) = late.reads_behind { (wording::percent(share.get())) } @else { (wording::NOTHING) } }
                                        td.n { (wording::span(reads.p50_nanos)) } td.n { (wording::span(reads.p99_nanos)) }
                                        td.n { (wording::span(reads.max_nanos)) }
                                        td.n { @if let Some(behind) = late.versions_behind_p99 { (behind) } @else { (wording::NOTHING) } }
                                        td.n { (wording::span(late.freshness_score_p99_nanos)) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn cumulative(&self, sink: usize, quantity: &Quantity) -> Markup {
        let mut served: Vec<(usize, &Pool)> = self
            .pools
            .iter()
            .enumerate()
            .filter_map(|(place, pools)| {
                Some((place, pools.get(sink).filter(|pool| (quantity.of)(pool).count() > 0)?))
            })
            .collect();
        served.sort_by_key(|(_, pool)| {
            let all = (quantity.of)(pool);
            (all.quantile(0.5), all.quantile(0.99))
        });
        let name = &self.summary.sinks[sink].name;
        html! {
            figure.chart {
                figcaption { h3 { (name) } }
                @if served.is_empty() {
                    p.dim { "No strategy showed any change here." }
                } @else {
                    div.plot {
                        div.scroll tabindex="0" role="region" aria-label=(format!("Chart: {} in {name}", quantity.id)) {
                            (self.curves(sink, name, &served, quantity))
                        }
                        ul.legend {
                            @for (place, pool) in &served { (self.entry(*place, pool, quantity)) }
                        }
                    }
                }
            }
        }
    }

    fn entry(&self, place: usize, pool: &Pool, quantity: &Quantity) -> Markup {
        let never = (quantity.never)(pool);
        let of_all = OfAll::of((quantity.of)(pool), never);
        html! {
            li {
                svg.swatch viewBox="0 0 34 10" aria-hidden="true" { path class=(format!("line s{}", place % 8)) d="M1 5L33 5" {} }
                span { (self.tag(place)) }
                span.figures {
                    "p50 " (wording::of_all(of_all.map(|all| all.p50_nanos))) ", p99 " (wording::of_all(of_all.map(|all| all.p99_nanos)))
                    @if never > 0 { ", " span.mark.stayed { (wording::grouped(never)) " " (quantity.never_word) } }
                }
            }
        }
    }

    fn curves(&self, sink: usize, name: &str, served: &[(usize, &Pool)], quantity: &Quantity) -> Markup {
        let nanos = |pool: &Pool, q| (quantity.of)(pool).quantile(q).map_or(0.0, |span| span.nanos() as f64);
        let low = served.iter().map(|(_, pool)| nanos(pool, 0.01)).fold(f64::MAX, f64::min).max(SHORTEST);
        let high = served.iter().map(|(_, pool)| nanos(pool, 1.0)).fold(low, f64::max);
        let scale = Scale::log(low, high);
        let Scale::Log { low, high } = scale else { return html! {} };
        let at: Vec<f64> =
            (0..=POINTS).map(|point| low * (high / low).powf(point as f64 / POINTS as f64)).collect();
        let spans: Vec<Span> = at.iter().map(|nanos| Span::from_nanos(nanos.round() as u64)).collect();
        let lines = served.iter().enumerate().map(|(rank, (place, pool))| {
            let all = (quantity.of)(pool);
            let share = all.count() as f64 / (all.count() + (quantity.never)(pool)) as f64;
            let points: Vec<(f64, f64)> =
                at.iter().zip(all.cumulative(&spans)).map(|(x, y)| (*x, y * share * 100.0)).collect();
            // Letters of neighbouring curves stand at different heights, the fresher the higher, so that they do not lie on each other.
            let (first, last) = (points.first().map_or(0.0, |point| point.1), share * 100.0);
            let height = last - (last - first) * (0.16 + 0.7 * (rank as f64 + 0.5) / served.len() as f64);
            let tag = Tag::Letter(Page::letter(*place), height);
            Line {
                class: format!("s{}", place % 8),
                points,
                spread: Vec::new(),
                course: Course::Straight,
                tag,
            }
        });
        let described: Vec<String> = served
            .iter()
            .map(|(place, pool)| {
                let p99 = wording::span((quantity.of)(pool).quantile(0.99).map(Span::nanos));
                format!("{}: p99 {p99}", self.summary.strategies[*place].name)
            })
            .collect();
        Chart {
            id: format!("{}-{sink}", quantity.id),
            title: format!("{} in {name}", quantity.title),
            description: format!("From the freshest: {}.", described.join("; ")),
            size: (640.0, 300.0),
            margin_right: 32.0,
            x: Axis { label: quantity.across.to_owned(), scale, words: Box::new(span_words), ticks: 9 },
            y: Axis {
                label: quantity.up.to_owned(),
                scale: Scale::linear(100.0),
                words: Box::new(|percent| format!("{percent:.0} %")),
                ticks: 5,
            },
            bands: Vec::new(),
            lines: lines.collect(),
        }
        .draw()
    }
}

/// Nanoseconds as a tick says them.
pub(crate) fn span_words(nanos: f64) -> String {
    if nanos <= 0.0 { "0".to_owned() } else { Span::from_nanos(nanos.round() as u64).to_string() }
}
