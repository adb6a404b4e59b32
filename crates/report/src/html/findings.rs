//! What it looked like: the findings of each strategy, each in a sentence.

use super::Page;
use crate::summary::{FindingEnd, FindingSummary};
use crate::wording;
use maud::{Markup, html};

/// How many findings of a strategy are shown before a reader asks for more.
const OPEN: usize = 4;

impl Page<'_> {
    pub(super) fn findings(&self) -> Markup {
        html! {
            section aria-labelledby="findings" {
                h2 #findings { "What it looked like" }
                p { "Times count from the beginning of the run. For each sink and anomaly the most telling few are kept." }
                @for (place, strategy) in self.summary.strategies.iter().enumerate() {
                    article {
                        h3 { (self.tag(place)) }
                        @let (open, more) = strategy.findings.split_at(strategy.findings.len().min(OPEN));
                        @if strategy.runs.is_empty() {
                            p.dim { "Not run." }
                        } @else if strategy.sinks.iter().any(|sink| !sink.wrong.anomalies.is_empty()) && open.is_empty() {
                            p.dim { "Nothing was kept beside the counts above." }
                        } @else if open.is_empty() {
                            p.clean { span.mark.good { "✓" } " No anomaly was seen." }
                        }
                        (list(open))
                        @if !more.is_empty() {
                            details {
                                summary { (more.len()) " more" }
                                (list(more))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn list(findings: &[FindingSummary]) -> Markup {
    html! {
        @if !findings.is_empty() {
            ul.findings {
                @for finding in findings {
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
        }
    }
}
