//! `report.md`.

use crate::exporter::{Exporter, Report};
use crate::summary::{StrategySummary, Summary, Verdict};
use crate::wording::{self, Wrongness};
use std::fmt::Write;

/// The report as Markdown, for pull requests and wikis.
pub(crate) struct Markdown;

impl Exporter for Markdown {
    fn file(&self) -> &'static str {
        "report.md"
    }

    fn summary(&self) -> &'static str {
        "the report as text, for pull requests and wikis"
    }

    fn render(&self, report: &Report<'_>) -> String {
        let summary = report.summary;
        let mut out = String::new();
        head(&mut out, summary);
        table(&mut out, summary);
        expectations(&mut out, summary);
        findings(&mut out, summary);
        definitions(&mut out, summary);
        let command = wording::command(&report.experiment.scenario, &summary.seeds);
        let _ = writeln!(out, "## Run it again\n\n```sh\n{command}\n```\n");
        let _ =
            writeln!(out, "driftlab {}, scenario digest `{}`.", summary.driftlab, summary.scenario.digest);
        out
    }
}

fn head(out: &mut String, summary: &Summary) {
    let scenario = &summary.scenario;
    let _ = writeln!(out, "# {}\n", escaped(&scenario.title));
    let _ = writeln!(out, "**{}**: {}\n", summary.verdict.name(), escaped(&wording::verdict(summary)));
    let _ = write!(out, "In the {} world.", summary.world.kind);
    for note in &summary.world.notes {
        let _ = write!(out, " {}", escaped(note));
    }
    out.push_str("\n\n");
    if !scenario.story.is_empty() {
        let _ = writeln!(out, "{}\n", escaped(&scenario.story));
    }
    for link in &scenario.links {
        let _ = writeln!(out, "- <{}>", link.replace(['<', '>', ' '], ""));
    }
    if !scenario.links.is_empty() {
        out.push('\n');
    }
}

fn table(out: &mut String, summary: &Summary) {
    out.push_str("## Wrong, late, costly\n\n");
    out.push_str("| strategy | sink | wrong | late: p50 | p99 | max | never shown | write p99 | throughput | extra rows | log |\n");
    out.push_str("|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n");
    for strategy in &summary.strategies {
        for (index, sink) in strategy.sinks.iter().enumerate() {
            let wrong: Vec<String> = Wrongness::of(strategy, sink).iter().map(Wrongness::text).collect();
            let wrong = if wrong.is_empty() { "not served".to_owned() } else { wrong.join("<br>") };
            let freshness = sink.late.freshness;
            let name = if index == 0 { escaped(&strategy.name) } else { String::new() };
            let _ = write!(out, "| {name} | {} | {wrong} ", escaped(&sink.sink));
            if sink.served {
                let never = wording::grouped(sink.late.never_shown);
                for nanos in [freshness.p50_nanos, freshness.p99_nanos, freshness.max_nanos] {
                    let _ = write!(out, "| {} ", wording::span(nanos));
                }
                let _ = write!(out, "| {never} ");
            } else {
                out.push_str("| | | | ");
            }
            out.push_str(&if index == 0 { costs(strategy) } else { "| | | | |\n".to_owned() });
        }
    }
    out.push_str("\n✗ wrong, and still so at the end; ~ wrong for a while; ✓ equal to the source at the end; ? too little to judge by. ");
    out.push_str(
        "×: against the same clients without copies. Extra rows: for each row that clients changed.\n\n",
    );
}

fn costs(strategy: &StrategySummary) -> String {
    let costly = &strategy.costly;
    format!(
        "| {} | {} | {} | {} |\n",
        wording::times(costly.write_p99_ratio),
        wording::times(costly.throughput_ratio),
        wording::number(costly.extra_rows_per_row_change),
        wording::times(costly.log_bytes_ratio)
    )
}

fn expectations(out: &mut String, summary: &Summary) {
    if summary.expectations.is_empty() {
        return;
    }
    out.push_str("## What was expected\n\n| line | expected | verdict | evidence |\n|--:|---|---|---|\n");
    for expectation in &summary.expectations {
        let verdict = match expectation.verdict {
            Verdict::Pass => "holds",
            Verdict::Unknown => "unknown",
            Verdict::Fail => "**does not hold**",
        };
        let (claim, reason) = (escaped(&expectation.claim), escaped(&expectation.reason));
        let _ = writeln!(out, "| {} | {claim} | {verdict} | {reason} |", expectation.line);
    }
    out.push('\n');
}

fn findings(out: &mut String, summary: &Summary) {
    out.push_str("## What it looked like\n\n");
    for strategy in &summary.strategies {
        let _ = writeln!(out, "### {}\n", escaped(&strategy.name));
        if strategy.findings.is_empty() {
            let counted = strategy.sinks.iter().any(|sink| !sink.wrong.anomalies.is_empty());
            out.push_str(match (strategy.runs.is_empty(), counted) {
                (true, _) => "Not run.\n\n",
                (false, true) => "Nothing was kept beside the counts above.\n\n",
                (false, false) => "No anomaly was seen.\n\n",
            });
            continue;
        }
        for finding in strategy.findings.iter().take(6) {
            let place = finding.sink.as_ref().map_or("the source".to_owned(), |sink| escaped(sink));
            let (sentence, when) = (escaped(&finding.sentence), wording::when(finding));
            let _ = writeln!(
                out,
                "- **{}** in {place} (seed {}, {when}): {sentence}",
                finding.anomaly, finding.seed
            );
        }
        out.push('\n');
    }
}

fn definitions(out: &mut String, summary: &Summary) {
    let seen = summary.anomalies_seen();
    if seen.is_empty() {
        return;
    }
    out.push_str("## What the names mean\n\n");
    for entry in seen {
        let literature = if entry.literature.is_empty() {
            String::new()
        } else {
            format!(" Literature: {}.", entry.literature)
        };
        let _ = writeln!(out, "- **{}**: {}.{literature}", entry.name, entry.definition);
    }
    out.push('\n');
}

/// A text that Markdown shows as it is written, in one line and inside a table too.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '|' | '*' | '`' | '[' | ']' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}
