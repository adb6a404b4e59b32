//! `report.html`: one file that needs no network and no script.

mod costs;
mod expectations;
mod findings;
mod freshness;
mod glance;
mod ladder;
mod names;
mod over_time;
mod recovery;
mod rerun;
mod silent;

use crate::exporter::{Exporter, Report};
use crate::pool::Pool;
use crate::summary::{Summary, Verdict};
use crate::wording;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The report as a page for people.
pub(crate) struct Html;

/// The report with what every section needs.
struct Page<'a> {
    report: &'a Report<'a>,
    summary: &'a Summary,
    /// By strategy, then by sink.
    pools: Vec<Vec<Pool>>,
}

pub(crate) const STYLE: &str = include_str!("style.css");

impl Exporter for Html {
    fn file(&self) -> &'static str {
        "report.html"
    }

    fn summary(&self) -> &'static str {
        "the report for people; one file without network or script"
    }

    fn render(&self, report: &Report<'_>) -> String {
        let experiment = report.experiment;
        let pools = experiment
            .strategies
            .iter()
            .map(|strategy| (0..experiment.sinks.len()).map(|sink| Pool::of(strategy, sink)).collect())
            .collect();
        Page { report, summary: report.summary, pools }.render().into_string()
    }
}

impl Page<'_> {
    fn render(&self) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.title()) " · driftlab" }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    (self.head())
                    main {
                        (self.glance())
                        (self.expectations())
                        (self.freshness())
                        (self.over_time())
                        (self.recovery())
                        (self.ladder())
                        (self.findings())
                        (self.names())
                        (self.silent())
                        (self.costs())
                        (self.rerun())
                    }
                }
            }
        }
    }

    fn title(&self) -> &str {
        let scenario = &self.summary.scenario;
        if scenario.title.is_empty() { &scenario.name } else { &scenario.title }
    }

    fn head(&self) -> Markup {
        let scenario = &self.summary.scenario;
        let (class, word) = match self.summary.verdict {
            Verdict::Pass => ("pass", "✓ Pass"),
            Verdict::Unknown => ("unknown", "? Unknown"),
            Verdict::Fail => ("fail", "✗ Fail"),
        };
        html! {
            header {
                p.name { "driftlab · " (scenario.name) " · " (self.summary.world.kind) " world" }
                h1 { (self.title()) }
                p class=(format!("verdict {class}")) { strong { (word) } " " (wording::verdict(self.summary)) }
                @if !scenario.story.is_empty() { p.story { (scenario.story) } }
                @for note in &self.summary.world.notes { p.note { (note) } }
                @if !scenario.links.is_empty() {
                    p.links {
                        "The real story: "
                        @for (index, link) in scenario.links.iter().enumerate() {
                            @if index > 0 { ", " }
                            (anchor(link))
                        }
                    }
                }
            }
        }
    }

    /// The letter of a strategy, by its place.
    fn letter(strategy: usize) -> char {
        char::from(b'A' + (strategy % 26) as u8)
    }

    /// A strategy's letter in its colour, with its name.
    fn tag(&self, strategy: usize) -> Markup {
        html! {
            span.tagged {
                span class=(format!("letter s{}", strategy % 8)) aria-hidden="true" { (Self::letter(strategy)) }
                span { (self.summary.strategies[strategy].name) }
            }
        }
    }

    /// The seed whose run the charts over time draw.
    fn first_seed(&self) -> Option<u64> {
        self.summary.strategies.iter().find_map(|strategy| strategy.runs.first()).map(|run| run.seed)
    }
}

/// A link that a person may follow; an address of another scheme (`javascript:`) stays a text.
fn anchor(address: &str) -> Markup {
    html! {
        @if address.starts_with("https://") || address.starts_with("http://") {
            a href=(address) rel="noopener noreferrer" { (address.split_once("://").map_or(address, |(_, rest)| rest)) }
        } @else {
            (address)
        }
    }
}
