//! The options against the measures: small charts, a dot for the median of the seeds, a bar for its interval.

use super::measures::{MEASURES, Measure, Of, Unit};
use super::panels::{Panel, across, every, is_quantity, panels};
use super::upright::Upright;
use crate::svg::{Axis, Chart, Course, Line, Scale, Tag};
use crate::sweep::table::strategies;
use crate::sweep::{CellSummary, OverSeeds, Sweep};
use maud::{Markup, html};

/// More charts than these of one measure nobody compares.
const MOST_CHARTS: usize = 12;
/// The width of a letter, about.
const LETTER: f64 = 6.3;
/// The room for the names of values, from left to right.
const ROOM: f64 = 300.0;

pub(super) fn section(sweep: &Sweep) -> Markup {
    let Some(axis) = sweep.axes.get(across(sweep)) else { return html! {} };
    let panels = panels(sweep);
    let every = every(&axis.values);
    html! {
        section aria-labelledby="measures" {
            h2 #measures { "The options against the measures" }
            p {
                "From left to right: " code { (axis.option) } ". " (spread(sweep.seeds.len()))
                " All charts of a measure have the same scale; logarithmic where it is time."
                @if every > 1 { " Of " (axis.values.len()) " values, one of " (every) " is drawn." }
            }
            (key(sweep))
            @let is_one_each = panels.len() == 1 && sweep.sinks.len() == 1;
            div class=(if is_one_each { "measures side" } else { "measures" }) {
                @for measure in &MEASURES { (charts(sweep, &panels, measure)) }
            }
        }
    }
}

/// What dots and bars are.
fn spread(seeds: usize) -> &'static str {
    match seeds {
        0 | 1 => "A dot is what the one seed gave, so there are no intervals.",
        2..=5 => {
            "A dot is the median of the seeds, the bar through it goes from the smallest to the largest."
        }
        _ => "A dot is the median of the seeds, the bar through it its 95 % interval.",
    }
}

/// Which colour is whose.
fn key(sweep: &Sweep) -> Markup {
    html! {
        ul.legend.key {
            @for (place, name) in strategies(sweep).enumerate() {
                li { span class=(format!("letter s{}", place % 8)) aria-hidden="true" { (letter(place)) } span { (name) } }
            }
        }
    }
}

fn letter(place: usize) -> char {
    char::from(b'A' + (place % 26) as u8)
}

/// The charts of a measure: one a sink, and for each combination of the other options one more.
fn charts(sweep: &Sweep, panels: &[Panel<'_>], measure: &Measure) -> Markup {
    let sinks: Vec<Option<usize>> = match measure.of {
        Of::Sink(_) => (0..sweep.sinks.len()).map(Some).collect(),
        Of::Strategy(_) => vec![None],
    };
    let all = sweep.cells.iter().flat_map(|cell| &cell.strategies);
    let measured: Vec<OverSeeds<Option<f64>>> =
        all.flat_map(|strategy| sinks.iter().filter_map(|sink| measure.measured(strategy, *sink))).collect();
    if measured.is_empty() {
        return html! {};
    }
    let is_telling = match measure.unit {
        Unit::Share => measured.iter().any(|one| one.median != Some(0.0)),
        Unit::Time | Unit::Count | Unit::Rate => true,
    };
    let drawn: Vec<(&Panel<'_>, Option<usize>)> =
        panels.iter().flat_map(|panel| sinks.iter().map(move |sink| (panel, *sink))).collect();
    html! {
        @if !is_telling {
            div.said { h3 id=(measure.id) { (measure.title) } p.note { "In every seed every copy equalled the source when everything had come to rest." } }
        } @else {
            div {
                h3 id=(measure.id) { (measure.title) }
                p.note {
                    (measure.meaning)
                    @if drawn.len() > MOST_CHARTS { " The first " (MOST_CHARTS) " of " (drawn.len()) " charts; the numbers of all are in summary.json." }
                }
                div.multiples {
                    @for (number, (panel, sink)) in drawn.into_iter().take(MOST_CHARTS).enumerate() {
                        figure {
                            @let name = caption(sweep, panel, sink);
                            @if !name.is_empty() { figcaption { (name) } }
                            (chart(sweep, panel, sink, measure, &measured, number).draw())
                        }
                    }
                }
            }
        }
    }
}

/// What tells a chart from the others of its measure.
fn caption(sweep: &Sweep, panel: &Panel<'_>, sink: Option<usize>) -> String {
    let sink = sink.filter(|_| sweep.sinks.len() > 1).map(|sink| sweep.sinks[sink].name.clone());
    let told = (!panel.told.is_empty()).then(|| panel.told.clone());
    sink.into_iter().chain(told).collect::<Vec<_>>().join(", ")
}

fn chart(
    sweep: &Sweep,
    panel: &Panel<'_>,
    sink: Option<usize>,
    measure: &Measure,
    all: &[OverSeeds<Option<f64>>],
    number: usize,
) -> Chart {
    let axis = &sweep.axes[across(sweep)];
    let values: Vec<String> = axis.values.iter().step_by(every(&axis.values)).cloned().collect();
    let upright = Upright::of(measure.unit, all);
    let course = if is_quantity(&values) { Course::Dots } else { Course::Apart };
    let count = strategies(sweep).count();
    let line = |(place, _): (usize, &str)| {
        // Strategies stand side by side, so that equal ones do not hide each other.
        let aside = (place as f64 - (count - 1) as f64 / 2.0) * (0.5 / count.max(2) as f64);
        let (mut points, mut spread) = (Vec::new(), Vec::new());
        for (across, cell) in &panel.cells {
            let strategy = cell.strategies.get(place);
            if let Some(measured) = strategy.and_then(|strategy| measure.measured(strategy, sink)) {
                let height = |number: Option<f64>| number.unwrap_or(upright.never);
                points.push((*across as f64 + aside, height(measured.median)));
                spread.push((height(measured.low), height(measured.high)));
            }
        }
        Line {
            class: format!("s{}", place % 8),
            points,
            spread,
            course,
            tag: Tag::Name(letter(place).to_string()),
        }
    };
    let lines: Vec<Line> = strategies(sweep).enumerate().map(line).collect();
    let caption = caption(sweep, panel, sink);
    let of = if caption.is_empty() { String::new() } else { format!(" ({caption})") };
    let (ticks, longest) = ticks(&values);
    let names = values.clone();
    Chart {
        id: format!("{}-{number}", measure.id),
        title: format!("{}{of} against {}", measure.title, axis.option),
        description: described(sweep, panel, sink, measure, &upright),
        size: (ROOM + 90.0, 220.0),
        margin_right: 26.0,
        x: Axis {
            label: axis.option.clone(),
            scale: Scale::Places { count: values.len() },
            words: Box::new(move |place| {
                names.get(place as usize).map(|name| shortened(name, longest)).unwrap_or_default()
            }),
            ticks,
        },
        y: Axis { label: upright.label.to_owned(), scale: upright.scale, words: upright.words, ticks: 9 },
        bands: Vec::new(),
        lines,
    }
}

/// How many values are named below a chart, and how long a name may be: quantities may be left out between others, words are shortened.
fn ticks(values: &[String]) -> (usize, usize) {
    let longest = values.iter().map(|value| value.chars().count()).max().unwrap_or(1).max(1);
    let room = (ROOM / LETTER) as usize;
    if is_quantity(values) {
        ((room / (longest + 1)).max(2), longest)
    } else {
        (values.len(), (room / values.len().max(1)).saturating_sub(1).max(3))
    }
}

fn shortened(name: &str, longest: usize) -> String {
    if name.chars().count() <= longest {
        return name.to_owned();
    }
    name.chars().take(longest.saturating_sub(1)).chain(['…']).collect()
}

/// What is to be seen, for those who hear it: of each strategy the first and the last value.
fn described(
    sweep: &Sweep,
    panel: &Panel<'_>,
    sink: Option<usize>,
    measure: &Measure,
    upright: &Upright,
) -> String {
    let across = across(sweep);
    let told = |(place, name): (usize, &str)| {
        let of = |(_, cell): &(usize, &CellSummary)| {
            let measured =
                cell.strategies.get(place).and_then(|strategy| measure.measured(strategy, sink))?;
            let value = cell.values.get(across)?;
            Some(format!(
                "{} with {value}",
                measured.median.map_or("never".to_owned(), |number| (upright.words)(number))
            ))
        };
        let told: Vec<String> = panel.cells.iter().filter_map(of).collect();
        match told.as_slice() {
            [] => format!("{name}: nothing"),
            [one] => format!("{name}: {one}"),
            [first, .., last] => format!("{name}: {first}, {last}"),
        }
    };
    format!("{}.", strategies(sweep).enumerate().map(told).collect::<Vec<_>>().join("; "))
}
