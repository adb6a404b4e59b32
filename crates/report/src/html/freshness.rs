//! How long changes took to be shown: one cumulative chart a sink, all strategies in it.

use super::Page;
use crate::pool::Pool;
use crate::svg::{Axis, Chart, Line, Scale, Tag};
use crate::wording;
use driftlab_model::Span;
use maud::{Markup, html};

/// Points of a curve; finer than the chart's pixels are wide.
const POINTS: usize = 240;
/// Below this nobody can tell two latencies apart, and a change that is shown at once has a place on the axis.
const SHORTEST: f64 = 1e3;

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
                    @for sink in 0..self.summary.sinks.len() { (self.freshness_in(sink)) }
                }
            }
        }
    }

    fn freshness_in(&self, sink: usize) -> Markup {
        let mut served: Vec<(usize, &Pool)> = self
            .pools
            .iter()
            .enumerate()
            .filter_map(|(place, pools)| {
                Some((place, pools.get(sink).filter(|pool| pool.freshness.count() > 0)?))
            })
            .collect();
        served.sort_by_key(|(_, pool)| pool.freshness.quantile(0.5));
        let name = &self.summary.sinks[sink].name;
        html! {
            figure.chart {
                figcaption { h3 { (name) } }
                @if served.is_empty() {
                    p.dim { "No strategy showed any change here." }
                } @else {
                    div.plot {
                        div.scroll tabindex="0" role="region" aria-label=(format!("Chart: freshness in {name}")) {
                            (freshness_chart(sink, name, &served, self))
                        }
                        ul.legend {
                            @for (place, pool) in &served { (self.entry(*place, pool)) }
                        }
                    }
                }
            }
        }
    }

    fn entry(&self, place: usize, pool: &Pool) -> Markup {
        let quantile = |q| wording::span(pool.freshness.quantile(q).map(Span::nanos));
        html! {
            li {
                svg.swatch viewBox="0 0 34 10" aria-hidden="true" { path class=(format!("line s{}", place % 8)) d="M1 5L33 5" {} }
                span { (self.tag(place)) }
                span.figures {
                    "p50 " (quantile(0.5)) ", p99 " (quantile(0.99))
                    @if pool.never_shown > 0 { ", " span.mark.stayed { (wording::grouped(pool.never_shown)) " never" } }
                }
            }
        }
    }
}

fn freshness_chart(sink: usize, name: &str, served: &[(usize, &Pool)], page: &Page<'_>) -> Markup {
    let nanos =
        |pool: &Pool, quantile| pool.freshness.quantile(quantile).map_or(0.0, |span| span.nanos() as f64);
    let low = served.iter().map(|(_, pool)| nanos(pool, 0.01)).fold(f64::MAX, f64::min).max(SHORTEST);
    let high = served.iter().map(|(_, pool)| nanos(pool, 1.0)).fold(low, f64::max);
    let scale = Scale::log(low, high);
    let Scale::Log { low, high } = scale else { return html! {} };
    let at: Vec<f64> =
        (0..=POINTS).map(|point| low * (high / low).powf(point as f64 / POINTS as f64)).collect();
    let spans: Vec<Span> = at.iter().map(|nanos| Span::from_nanos(nanos.round() as u64)).collect();
    let lines = served.iter().enumerate().map(|(rank, (place, pool))| {
        let shown = pool.freshness.count() as f64;
        let share = shown / (shown + pool.never_shown as f64);
        let points =
            at.iter().zip(pool.freshness.cumulative(&spans)).map(|(x, y)| (*x, y * share * 100.0)).collect();
        // Letters of neighbouring curves stand at different heights, the fresher the higher, so that they do not lie on each other.
        let height = share * (84.0 - 70.0 * (rank as f64 + 0.5) / served.len() as f64);
        Line { class: format!("s{}", place % 8), points, tag: Tag::Letter(Page::letter(*place), height) }
    });
    let described: Vec<String> = served
        .iter()
        .map(|(place, pool)| {
            let p99 = wording::span(pool.freshness.quantile(0.99).map(Span::nanos));
            format!("{}: p99 {p99}", page.summary.strategies[*place].name)
        })
        .collect();
    Chart {
        id: format!("freshness-{sink}"),
        title: format!("Cumulative distribution of the freshness lag in {name}"),
        description: format!("From the freshest: {}.", described.join("; ")),
        size: (640.0, 300.0),
        margin_right: 16.0,
        x: Axis { label: "from commit to shown".to_owned(), scale, words: span_words, ticks: 9 },
        y: Axis {
            label: "changes shown".to_owned(),
            scale: Scale::linear(100.0),
            words: |percent| format!("{percent:.0} %"),
            ticks: 5,
        },
        bands: Vec::new(),
        lines: lines.collect(),
    }
    .draw()
}

/// Nanoseconds as a tick says them.
pub(super) fn span_words(nanos: f64) -> String {
    if nanos <= 0.0 { "0".to_owned() } else { Span::from_nanos(nanos.round() as u64).to_string() }
}
