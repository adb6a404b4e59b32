use super::{Exploration, table};
use crate::drawing::{Scene, mermaid, story, svg_in_page};
use crate::html::document;
use maud::{Markup, PreEscaped, html};
use std::fmt::Write;

/// A finding as a page tells it.
pub struct ToldFinding {
    /// Which: `dual writes: stale_overwrite`.
    pub headline: String,
    /// What happened, in a sentence.
    pub sentence: String,
    /// The finding's file, beside the page.
    pub file: String,
    /// Its drawing.
    pub scene: Scene,
}

/// The page of an exploration: one file that needs no network and no script.
#[must_use]
pub fn html(exploration: &Exploration, findings: &[ToldFinding], said: &[String]) -> String {
    let body = html! {
        header {
            h1 { (exploration.title) }
            p { (table::extent(exploration)) " of " code { (exploration.scenario) } }
        }
        main {
            section aria-labelledby="often" {
                h2 #often { "How often" }
                (rates(exploration))
                @for strategy in exploration.strategies.iter().filter(|strategy| strategy.is_exhaustive()) {
                    p { (table::proof(exploration, strategy)) }
                }
                @for sentence in said { p { (sentence) } }
            }
            @for (number, finding) in findings.iter().enumerate() { (told(number, finding)) }
        }
    };
    document(&exploration.title, &[], &body).into_string()
}

fn rates(exploration: &Exploration) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-labelledby="often" {
            table {
                caption { "Of all schedules that were run, how many show an anomaly; where latencies are as the scenario has them, with the 95 % interval of the share." }
                thead { tr {
                    th scope="col" { "strategy" }
                    th scope="col" { "anomaly" }
                    th scope="col" class="n" { "schedules that show it" }
                    th scope="col" class="n" { "latencies as declared, 95 %" }
                    th scope="col" class="n" { "first seed" }
                } }
                tbody {
                    @for strategy in &exploration.strategies {
                        @if strategy.anomalies.is_empty() {
                            tr {
                                th scope="row" { (strategy.name) }
                                td { "none" }
                                td class="n" { "0 of " (table::grouped(strategy.total())) }
                                td {} td {}
                            }
                        }
                        @for (anomaly, seen) in &strategy.anomalies {
                            tr {
                                th scope="row" { (strategy.name) }
                                td { (anomaly) }
                                td class="n" { (table::grouped(seen.total())) " of " (table::grouped(strategy.total())) }
                                td class="n" { (table::natural(strategy, seen)) }
                                td class="n" { (table::first(strategy, seen)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn told(number: usize, finding: &ToldFinding) -> Markup {
    html! {
        section {
            h2 { (finding.headline) }
            p { (finding.sentence) }
            div.scroll tabindex="0" role="region" aria-label=(format!("Drawing: {}", finding.headline)) { (PreEscaped(svg_in_page(&finding.scene, &format!("finding-{number}")))) }
            ol { @for sentence in story(&finding.scene) { li { (sentence) } } }
            p { strong { "What would have prevented it: " } (finding.scene.prevention()) }
            p { "Again: " code { "driftlab replay " (finding.file) } }
        }
    }
}

/// The same for a pull request.
#[must_use]
pub fn markdown(exploration: &Exploration, findings: &[ToldFinding], said: &[String]) -> String {
    let mut out = format!("# {}\n\n", cell(&exploration.title));
    out.push_str("| strategy | anomaly | schedules | latencies as declared (95 %) | first seed |\n|---|---|--:|--:|--:|\n");
    for strategy in &exploration.strategies {
        if strategy.anomalies.is_empty() {
            let _ = writeln!(
                out,
                "| {} | none | 0 of {} | | |",
                cell(&strategy.name),
                table::grouped(strategy.total())
            );
        }
        for (anomaly, seen) in &strategy.anomalies {
            let _ = writeln!(
                out,
                "| {} | `{anomaly}` | {} of {} | {} | {} |",
                cell(&strategy.name),
                table::grouped(seen.total()),
                table::grouped(strategy.total()),
                table::natural(strategy, seen),
                table::first(strategy, seen)
            );
        }
    }
    for strategy in exploration.strategies.iter().filter(|strategy| strategy.is_exhaustive()) {
        let _ = writeln!(out, "\n{}", cell(&table::proof(exploration, strategy)));
    }
    for sentence in said {
        let _ = writeln!(out, "\n{}", cell(sentence));
    }
    for finding in findings {
        let _ = writeln!(out, "\n## {}\n\n{}\n", cell(&finding.headline), cell(&finding.sentence));
        let _ = writeln!(out, "```mermaid\n{}```\n", mermaid(&finding.scene));
        for (number, sentence) in (1..).zip(story(&finding.scene)) {
            let _ = writeln!(out, "{number}. {}", cell(&sentence));
        }
        let _ = writeln!(out, "\nWhat would have prevented it: {}", finding.scene.prevention());
    }
    out
}

/// A text that breaks neither a table nor a line.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;").replace('\n', " ")
}
