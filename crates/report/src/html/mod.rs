//! `report.html`: one file that needs no network and no script.

mod answered;
mod apart;
mod copies;
mod costs;
mod cumulative;
mod decision;
mod document;
mod expectations;
mod findings;
mod glance;
mod joined;
mod ladder;
mod marks;
mod over_time;
mod picture;
mod predicted;
mod recovery;
mod rerun;
mod silent;

pub(crate) use cumulative::span_words;
pub(crate) use document::{banner, document, meanings, real_story};
pub(crate) use expectations::verdict_mark;
pub(crate) use marks::class;
pub(crate) use picture::Picture;

use crate::drawing;
use crate::exporter::{Exporter, Report};
use crate::pool::Pool;
use crate::summary::Summary;
use crate::wording;
use maud::{Markup, html};

/// The report as a page for people.
pub(crate) struct Html;

/// The report with what every section needs.
struct Page<'a> {
    report: &'a Report<'a>,
    summary: &'a Summary,
    /// By strategy, then by sink.
    pools: Vec<Vec<Pool>>,
}

const STYLE: &str = include_str!("style.css");

impl Exporter for Html {
    fn file(&self) -> &'static str {
        "report.html"
    }

    fn summary(&self) -> &'static str {
        "the report for people; one file without network or script"
    }

    fn render(&self, report: &Report<'_>) -> Vec<u8> {
        Page::of(report).render().into_string().into_bytes()
    }
}

impl<'a> Page<'a> {
    fn of(report: &'a Report<'a>) -> Self {
        let experiment = report.experiment;
        let pools = experiment
            .strategies
            .iter()
            .map(|strategy| (0..experiment.sinks.len()).map(|sink| Pool::of(strategy, sink)).collect())
            .collect();
        Self { report, summary: report.summary, pools }
    }
}

impl Page<'_> {
    fn render(&self) -> Markup {
        let style = self.decision_style();
        let body = html! {
            (self.head())
            main {
                (self.glance())
                (self.decision())
                (self.answered())
                (self.predicted())
                (self.apart())
                (self.findings())
                (self.freshness())
                (self.over_time())
                (self.read_staleness())
                (self.recovery())
                (self.joined())
                (self.silent())
                (self.ladder())
                (self.copies())
                (self.costs())
                (self.expectations())
                (meanings(&self.summary.anomalies_seen()))
                (self.rerun())
            }
        };
        document(self.title(), &[drawing::STYLE, &style], &body)
    }

    fn title(&self) -> &str {
        let scenario = &self.summary.scenario;
        if scenario.title.is_empty() { &scenario.name } else { &scenario.title }
    }

    fn head(&self) -> Markup {
        let scenario = &self.summary.scenario;
        html! {
            header {
                p.name { "driftlab · " (scenario.name) " · " (self.summary.world.kind) " world" }
                h1 { (self.title()) }
                (banner(self.summary.verdict, &wording::verdict(self.summary)))
                @if !scenario.story.is_empty() { p.story { (scenario.story) } }
                @for note in &self.summary.world.notes { p.note { (note) } }
                (real_story(&scenario.links))
                (self.contents())
            }
        }
    }

    /// The way to each part, for those who do not scroll.
    fn contents(&self) -> Markup {
        let summary = self.summary;
        let has = |of: fn(&crate::summary::SinkSummary) -> bool| {
            summary.strategies.iter().flat_map(|strategy| &strategy.sinks).any(of)
        };
        let parts = [
            ("glance", "At a glance", true),
            ("decide", "Decide", true),
            ("answers", "Answers", !crate::answers::rows(summary).is_empty()),
            ("apart", "Faults", summary.apart.is_some()),
            ("findings", "Findings", true),
            ("freshness", "Freshness", true),
            ("staleness", "Over time", self.first_seed().is_some()),
            ("reads", "Readers", has(|sink| sink.late.read_staleness.count > 0)),
            ("recovery", "Recovery", has(|sink| !sink.late.recoveries.is_empty())),
            ("joined", "Set up later", has(|sink| sink.joining.is_some())),
            ("ladder", "Guarantees", true),
            ("copies", "Copy by copy", true),
            ("costs", "Costs", true),
            ("expected", "Expectations", !summary.expectations.is_empty()),
            ("again", "Run it again", true),
        ];
        html! {
            nav aria-label="Contents" {
                ul { @for (id, name, _) in parts.iter().filter(|part| part.2) { li { a href=(format!("#{id}")) { (name) } } } }
            }
        }
    }

    /// The id of the drawing of a strategy's anomaly.
    fn anchor_of(strategy: usize, anomaly: &str) -> String {
        format!("finding-{strategy}-{anomaly}")
    }

    /// Where an anomaly of a strategy leads: to its drawing, and where there is none, to what it means.
    fn link(&self, strategy: usize, anomaly: &str) -> String {
        let specimens = &self.summary.strategies[strategy].specimens;
        if specimens.iter().any(|specimen| specimen.anomaly == anomaly) {
            return format!("#{}", Self::anchor_of(strategy, anomaly));
        }
        format!("#{anomaly}")
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
