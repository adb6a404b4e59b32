//! Staleness and divergent keys over time: one small chart a strategy, all on the same axes.

use super::Page;
use super::cumulative::span_words;
use crate::pool::Pool;
use crate::svg::{Axis, Band, Chart, Course, Line, Scale, Tag};
use crate::wording;
use driftlab_check::SeriesPoint;
use maud::{Markup, html};

/// How many factors of ten below the largest staleness are still told apart.
const DECADES: i32 = 5;

/// What a small chart shows over time.
pub(super) struct Quantity {
    id: &'static str,
    name: &'static str,
    unit: &'static str,
    scale: Scale,
    words: fn(f64) -> String,
    of: fn(&SeriesPoint) -> f64,
}

impl Page<'_> {
    pub(super) fn staleness_quantity(&self) -> Quantity {
        let staleness = |point: &SeriesPoint| point.staleness.nanos() as f64;
        let most_stale = self.largest(staleness);
        Quantity {
            id: "staleness",
            name: "Staleness over time",
            unit: "staleness",
            scale: Scale::log_from_zero((most_stale / 10f64.powi(DECADES)).max(1e3), most_stale),
            words: span_words,
            of: staleness,
        }
    }

    fn divergent_quantity(&self) -> Quantity {
        let divergent = |point: &SeriesPoint| point.divergent as f64;
        Quantity {
            id: "divergent",
            name: "Divergent keys over time",
            unit: "keys",
            scale: Scale::log_from_zero(1.0, self.largest(divergent)),
            words: |keys| wording::grouped(keys as u64),
            of: divergent,
        }
    }

    pub(super) fn over_time(&self) -> Markup {
        let quantities = [self.staleness_quantity(), self.divergent_quantity()];
        html! {
            @if let Some(seed) = self.first_seed() {
                @for quantity in &quantities {
                    section aria-labelledby=(quantity.id) {
                        h2 id=(quantity.id) { (quantity.name) }
                        p {
                            @if quantity.id == "staleness" {
                                "The age of the oldest committed change that the sink does not show yet; 0 is in step. "
                            } @else {
                                "Keys whose shown value is not the source's; a line that ends above 0 is a copy that stays wrong. "
                            }
                            "The run of seed " (seed) ", all strategies on the same axes"
                            @if self.has_faults() { "; shaded: a fault strikes" }
                            "."
                        }
                        div.multiples {
                            @for place in 0..self.summary.strategies.len() { (self.small(place, quantity)) }
                        }
                    }
                }
            }
        }
    }

    fn largest(&self, of: fn(&SeriesPoint) -> f64) -> f64 {
        self.series().flat_map(|pool| pool.series.iter()).map(of).fold(0.0, f64::max)
    }

    fn series(&self) -> impl Iterator<Item = &Pool> {
        self.pools.iter().flatten()
    }

    pub(super) fn has_faults(&self) -> bool {
        self.pools.iter().flatten().any(|pool| !pool.recoveries.is_empty())
    }

    fn small(&self, place: usize, quantity: &Quantity) -> Markup {
        let strategy = &self.summary.strategies[place];
        html! {
            figure {
                figcaption { h3 { (self.tag(place)) } }
                @if let Some(chart) = self.small_chart(place, quantity) {
                    (chart.draw())
                } @else {
                    p.dim { @if strategy.runs.is_empty() { "Not run." } @else { "It serves no sink." } }
                }
            }
        }
    }

    /// The chart of a strategy; `None` where there is nothing to draw.
    pub(super) fn small_chart(&self, place: usize, quantity: &Quantity) -> Option<Chart> {
        let end = self.series().filter_map(|pool| pool.series.last()).map(|point| point.at.seconds());
        let drawn: Vec<(usize, &Pool)> = self.pools[place]
            .iter()
            .enumerate()
            .filter(|(_, pool)| pool.served && !pool.series.is_empty())
            .collect();
        if drawn.is_empty() {
            return None;
        }
        let line = |(sink, pool): &(usize, &Pool)| Line {
            class: format!("k{}", sink % 4),
            points: pool.series.iter().map(|point| (point.at.seconds(), (quantity.of)(point))).collect(),
            spread: Vec::new(),
            course: Course::Steps,
            tag: Tag::Name(self.summary.sinks[*sink].name.clone()),
        };
        let described = |(sink, pool): &(usize, &Pool)| {
            let most = pool.series.iter().map(quantity.of).fold(0.0, f64::max);
            let last = pool.series.last().map_or(0.0, quantity.of);
            let (most, last) = ((quantity.words)(most), (quantity.words)(last));
            format!("{}: at most {most}, at the end {last}", self.summary.sinks[*sink].name)
        };
        let longest = self.summary.sinks.iter().map(|sink| sink.name.chars().count()).max().unwrap_or(0);
        Some(Chart {
            id: format!("{}-{place}", quantity.id),
            title: format!("{}: {}", quantity.name, self.summary.strategies[place].name),
            description: format!("{}.", drawn.iter().map(described).collect::<Vec<_>>().join("; ")),
            size: (340.0, 190.0),
            margin_right: (longest as f64).mul_add(7.2, 10.0).min(110.0),
            x: Axis {
                label: "seconds".to_owned(),
                scale: Scale::linear(end.fold(0.0, f64::max)),
                words: Box::new(|seconds| format!("{}", (seconds * 1e6).round() / 1e6)),
                ticks: 5,
            },
            y: Axis {
                label: quantity.unit.to_owned(),
                scale: quantity.scale,
                words: Box::new(quantity.words),
                ticks: 7,
            },
            bands: self.bands(place),
            lines: drawn.iter().map(line).collect(),
        })
    }

    /// The windows of declared faults in the first run of a strategy.
    fn bands(&self, place: usize) -> Vec<Band> {
        let Some(run) = self.report.experiment.strategies[place].runs.first() else { return Vec::new() };
        let mut windows: Vec<(u16, driftlab_model::Time, driftlab_model::Time)> = run
            .judgement
            .sinks
            .iter()
            .flat_map(|sink| &sink.recoveries)
            .map(|recovery| (recovery.fault, recovery.began, recovery.ended))
            .collect();
        windows.sort_unstable();
        windows.dedup();
        let faults = &self.report.experiment.scenario.faults;
        windows
            .into_iter()
            .map(|(fault, began, ended)| Band {
                from: began.seconds(),
                to: ended.seconds(),
                name: faults.get(usize::from(fault)).map_or("fault".to_owned(), |fault| fault.name.clone()),
            })
            .collect()
    }
}
