//! `staleness.svg`: the charts of staleness over time in one picture that stands by itself, for a README or a slide.

use super::Page;
use crate::exporter::{Exporter, Report};
use maud::{Markup, PreEscaped, html};

/// The picture.
pub(crate) struct Picture;

const STYLE: &str = include_str!("picture.css");
const COLUMNS: usize = 2;
/// The size of a chart, with its name above it.
const WIDTH: f64 = 430.0;
const HEIGHT: f64 = 250.0;
const HEAD: f64 = 24.0;
const FOOT: f64 = 22.0;
const GAP: f64 = 14.0;

impl Exporter for Picture {
    fn file(&self) -> &'static str {
        "staleness.svg"
    }

    fn summary(&self) -> &'static str {
        "how stale each copy runs over time, as a picture"
    }

    fn render(&self, report: &Report<'_>) -> Vec<u8> {
        Page::of(report).picture().into_string().into_bytes()
    }
}

impl Page<'_> {
    fn picture(&self) -> Markup {
        let quantity = self.staleness_quantity();
        let charts: Vec<_> = (0..self.summary.strategies.len())
            .filter_map(|place| Some((place, self.small_chart(place, &quantity)?)))
            .collect();
        let columns = charts.len().clamp(1, COLUMNS);
        let rows = charts.len().div_ceil(columns);
        let width = columns as f64 * (WIDTH + GAP) + GAP;
        let height = rows as f64 * (HEIGHT + GAP) + GAP + FOOT;
        let described: Vec<String> =
            charts.iter().map(|(_, chart)| format!("{}; {}", chart.title, chart.description)).collect();
        html! {
            svg xmlns="http://www.w3.org/2000/svg" role="img" width=(width) height=(height) viewBox=(format!("0 0 {width} {height}"))
                aria-labelledby="picture-title picture-desc" {
                title #picture-title { "How stale each copy runs: " (self.title()) }
                desc #picture-desc { (described.join(" ")) }
                style { (PreEscaped(STYLE)) }
                rect.paper width=(width) height=(height) {}
                @for (number, (place, chart)) in charts.iter().enumerate() {
                    @let (x, y) = ((number % columns) as f64 * (WIDTH + GAP) + GAP, (number / columns) as f64 * (HEIGHT + GAP) + GAP);
                    rect.card x=(x) y=(y) width=(WIDTH) height=(HEIGHT) rx="8" {}
                    text.head x=(x + 14.0) y=(y + HEAD) { (self.summary.strategies[*place].name) }
                    svg x=(x + 8.0) y=(y + HEAD + 6.0) width=(WIDTH - 16.0) height=(HEIGHT - HEAD - 10.0)
                        viewBox=(format!("0 0 {} {}", chart.size.0, chart.size.1)) { (chart.content()) }
                }
                text.note x=(GAP + 2.0) y=(height - 12.0) {
                    "Age of the oldest change that a copy does not show yet, logarithmic; lower is fresher, 0 is in step."
                    @if self.has_faults() { " Shaded: a fault strikes." }
                }
            }
        }
    }
}
