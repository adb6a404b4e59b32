//! What it looked like: the first case of each anomaly of each strategy, drawn, and beside it the findings of the whole run in a sentence each.

use super::Page;
use crate::album::Drawn;
use crate::drawing::svg_in_report;
use crate::summary::{FindingEnd, FindingSummary, ShrunkSummary, SpecimenSummary, StrategySummary};
use crate::wording;
use maud::{Markup, PreEscaped, html};

/// More operations than these make a drawing that nobody reads.
const MOST_OPERATIONS: usize = 40;

impl Page<'_> {
    pub(super) fn findings(&self) -> Markup {
        html! {
            section aria-labelledby="findings" {
                h2 #findings { "What it looked like" }
                p {
                    "The first case of each anomaly, shrunk to the fewest operations, copies, faults and waits that still show it. The seed, the operations and the order are those of the run; "
                    "what has nothing to do with it is gone."
                }
                @for (place, strategy) in self.summary.strategies.iter().enumerate() {
                    article {
                        h3 { (self.tag(place)) }
                        (self.specimens(place, strategy))
                        (whole_run(strategy))
                    }
                }
            }
        }
    }

    fn specimens(&self, place: usize, strategy: &StrategySummary) -> Markup {
        let is_clean = strategy.sinks.iter().all(|sink| sink.wrong.anomalies.is_empty())
            && strategy.findings.is_empty()
            && strategy.specimens.is_empty();
        html! {
            @if strategy.runs.is_empty() {
                p.dim { "Not run." }
            } @else if is_clean {
                p.clean { span.mark.good { "✓" } " No anomaly was seen." }
            }
            div.specimens { @for (specimen, plate) in strategy.specimens.iter().zip(self.report.album.of_strategy(place)) {
                div.specimen id=(Self::anchor_of(place, &specimen.anomaly)) {
                    h4 {
                        a href=(format!("#{}", specimen.anomaly)) { (specimen.anomaly) }
                        @if let Some(sink) = plate.shrunk.as_ref().and_then(|drawn| drawn.file.sink.as_ref()) { " in " (sink) }
                        span.dim { ", in " (seen(specimen)) }
                    }
                    @match (&specimen.shrunk, &plate.shrunk) {
                        (Some(told), Some(drawn)) => (drawn_case(&Self::anchor_of(place, &specimen.anomaly), told, drawn)),
                        _ => p.note {
                            "Not shrunk: the run is longer than what a run of driftlab takes the time to run again and again. "
                            code { "driftlab explore" } " finds short cases."
                        },
                    }
                }
            } }
        }
    }
}

fn seen(specimen: &SpecimenSummary) -> String {
    if specimen.runs == 0 {
        return "a run with one fault alone".to_owned();
    }
    format!("{} of {}", wording::grouped(specimen.runs), wording::counted(specimen.of as usize, "run"))
}

fn drawn_case(id: &str, told: &ShrunkSummary, drawn: &Drawn) -> Markup {
    html! {
        p.sentence { (told.sentence) }
        @if drawn.operations <= MOST_OPERATIONS {
            div.drawing.scroll tabindex="0" role="region" aria-label=(format!("Drawing: {}", drawn.scene.title())) {
                (PreEscaped(svg_in_report(&drawn.scene, &format!("{id}-drawing"))))
            }
            details {
                summary { "The same, step by step" }
                ol { @for sentence in &told.story { li { (sentence) } } }
            }
        } @else {
            p.note { (wording::grouped(told.operations)) " operations are left, too many to be drawn." }
        }
        p { strong { "What would have prevented it: " } (told.prevention) }
        p.detail {
            "Again: " code { "driftlab replay " (told.file) } "."
            @if !told.minimal { " Not shrunk to the end, so that the run stays quick: " code { "driftlab shrink " (told.file) } " goes on." }
        }
    }
}

fn whole_run(strategy: &StrategySummary) -> Markup {
    html! {
        @if !strategy.findings.is_empty() {
            details open[strategy.specimens.is_empty()] {
                summary { "In the whole run: the most telling " (wording::counted(strategy.findings.len(), "finding")) }
                ul.findings { @for finding in &strategy.findings { (in_a_sentence(finding)) } }
            }
        }
    }
}

fn in_a_sentence(finding: &FindingSummary) -> Markup {
    html! {
        li class=(if finding.until == FindingEnd::Permanent { "stayed" } else { "passing" }) {
            p.what {
                a href=(format!("#{}", finding.anomaly)) { strong { (finding.anomaly) } }
                " in " (finding.sink.as_deref().unwrap_or("the source")) ", " (wording::when(finding))
            }
            p.sentence { (finding.sentence) }
            p.detail {
                @if !finding.literature.is_empty() { "Literature: " (finding.literature) ". " }
                @if !finding.processes.is_empty() { "Involved: " (finding.processes.join(", ")) ". " }
                "Seed " (finding.seed) "."
            }
        }
    }
}
