//! `report.md`.

use crate::answers;
use crate::exporter::{Exporter, Report};
use crate::newcomers;
use crate::summary::{
    AnomalyCount, AnswerSummary, FindingSummary, Latest, SpecimenSummary, StrategySummary, Summary,
    UnderSummary, Verdict,
};
use crate::wording::{self, Mark, Wrongness};
use std::fmt::Write;

/// How many anomalies a cell names.
const NAMED: usize = 4;

/// The report as Markdown, for pull requests and wikis.
pub(crate) struct Markdown;

impl Exporter for Markdown {
    fn file(&self) -> &'static str {
        "report.md"
    }

    fn summary(&self) -> &'static str {
        "the report as text, for pull requests and wikis"
    }

    fn render(&self, report: &Report<'_>) -> Vec<u8> {
        let summary = report.summary;
        let mut out = String::new();
        head(&mut out, summary);
        let _ = writeln!(out, "## Wrong, late, costly\n\n{}", headline(summary));
        out.push_str("Over all copies that a strategy serves; late is that of its latest copy. ✗ wrong, and still so at the end; ~ wrong for a while; ✓ equal to the source at the end; \
            ? too little to judge by. Anomalies are for each million row changes; ×: against the same clients without copies.\n\n");
        answered(&mut out, summary);
        expectations(&mut out, summary);
        apart(&mut out, summary);
        joined(&mut out, summary);
        predicted(&mut out, summary);
        findings(&mut out, summary);
        copies(&mut out, summary);
        definitions(&mut out, summary);
        let command = wording::command(&report.experiment.scenario, &summary.seeds);
        let _ = writeln!(out, "## Run it again\n\n```sh\n{command}\n```\n");
        let _ =
            writeln!(out, "driftlab {}, scenario digest `{}`.", summary.driftlab, summary.scenario.digest);
        out.into_bytes()
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
    out.push_str(&links(&scenario.links));
    if !scenario.links.is_empty() {
        out.push('\n');
    }
}

/// Where the real story can be read, an address a line.
pub(crate) fn links(all: &[String]) -> String {
    let line = |link: &String| {
        // An address of another scheme (`javascript:`) stays a text.
        if link.starts_with("https://") || link.starts_with("http://") {
            format!("- <{}>\n", link.replace(['<', '>', ' '], ""))
        } else {
            format!("- {}\n", escaped(link))
        }
    };
    all.iter().map(line).collect()
}

/// The one table, a row a strategy: what a README shows of a result.
#[must_use]
pub fn headline(summary: &Summary) -> String {
    let mut out = String::from(
        "| strategy | wrong, per million writes | guarantee | late: p50 | p99 | never shown | write p99 | extra rows | log bytes |\n\
         |---|---|---|--:|--:|--:|--:|--:|--:|\n",
    );
    for strategy in &summary.strategies {
        let (overall, costly) = (&strategy.overall, &strategy.costly);
        let standing = wording::standing(strategy);
        let mut wrong: Vec<String> =
            standing.iter().map(|(mark, text)| format!("{} {text}", mark.sign())).collect();
        let all = AnomalyCount::worst_first(&overall.anomalies);
        for count in all.iter().take(NAMED) {
            wrong.push(format!("{} {} {}", Mark::of(count).sign(), count.anomaly, wording::rate(count)));
        }
        if all.len() > NAMED {
            wrong.push(format!("and {} more", all.len() - NAMED));
        }
        let late = |latest: &Option<Latest>| wording::of_all(latest.as_ref().map(|latest| latest.nanos));
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            escaped(&strategy.name),
            wrong.join("<br>"),
            overall.guarantee.as_deref().unwrap_or("none"),
            late(&overall.p50),
            late(&overall.p99),
            wording::grouped(overall.never_shown),
            wording::times(costly.write_p99_ratio),
            wording::added(costly.extra_rows_per_row_change),
            wording::times(costly.log_bytes_ratio),
        );
    }
    out
}

/// What can still be answered, and what compaction has left.
fn answered(out: &mut String, summary: &Summary) {
    let rows = answers::rows(summary);
    if !rows.is_empty() {
        let _ = writeln!(out, "## What can still be answered\n");
        let titles: Vec<&str> = answers::titles().collect();
        let _ = writeln!(out, "| strategy | {} |\n|---|{}", titles.join(" | "), "---|".repeat(titles.len()));
        for (_, name, answers) in rows {
            let cell = |answer: &AnswerSummary| match answers::from(answer) {
                from if from.is_empty() => answer.words(),
                from => format!("{}<br>{}", answer.words(), escaped(&from)),
            };
            let cells: Vec<String> = answers.questions.iter().map(cell).collect();
            let _ = writeln!(out, "| {} | {} |", escaped(name), cells.join(" | "));
        }
        out.push('\n');
        if let Some(how) = answers::how(summary) {
            let _ = writeln!(out, "{how} Below each answer stand the stores that gave it.\n");
        }
    }
    let compacted = |strategy: &StrategySummary| {
        let compaction = wording::compaction(strategy.costly.compaction.as_ref()?);
        Some(format!("- {}: {compaction}\n", escaped(&strategy.name)))
    };
    let compacted: String = summary.strategies.iter().filter_map(compacted).collect();
    if !compacted.is_empty() {
        let _ = writeln!(out, "What compaction has left of the log, over all seeds:\n\n{compacted}");
    }
}

/// What each fault does alone.
fn apart(out: &mut String, summary: &Summary) {
    let Some(apart) = &summary.apart else { return };
    let _ = writeln!(
        out,
        "## Which fault breaks what\n\nThe run of seed {} with each fault alone.\n",
        apart.seed
    );
    let faults: Vec<String> = apart.faults.iter().map(|fault| escaped(fault)).collect();
    let _ = writeln!(
        out,
        "| strategy | no fault | {} |\n|---|---|{}",
        faults.join(" | "),
        "---|".repeat(faults.len())
    );
    for (strategy, all) in summary.strategies.iter().zip(&apart.strategies) {
        let cell = |under: &UnderSummary| {
            if !under.struck {
                return "did not strike".to_owned();
            }
            let told = |count: &&AnomalyCount| {
                let often = if count.permanent > 0 { count.permanent } else { count.total };
                format!("{} {} {}", Mark::of(count).sign(), count.anomaly, wording::grouped(often))
            };
            let all = AnomalyCount::worst_first(&under.anomalies);
            let mut lines: Vec<String> = all.iter().take(NAMED).map(told).collect();
            if all.is_empty() {
                lines.push("✓ nothing".to_owned());
            }
            if all.len() > NAMED {
                lines.push(format!("and {} more", all.len() - NAMED));
            }
            lines.join("<br>")
        };
        let cells: Vec<String> = all.iter().map(cell).collect();
        let _ = writeln!(out, "| {} | {} |", escaped(&strategy.name), cells.join(" | "));
    }
    out.push('\n');
}

/// Copies that were set up in the middle of the run.
fn joined(out: &mut String, summary: &Summary) {
    let lines = newcomers::lines(summary);
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "## Set up in the middle of the run\n\n{}\n", newcomers::CAPTION);
    let _ = writeln!(out, "| strategy | sink | {} |", newcomers::COLUMNS.join(" | ").to_lowercase());
    let _ = writeln!(out, "|---|---|{}", "--:|".repeat(newcomers::COLUMNS.len()));
    for line in lines {
        let (strategy, cells) = (escaped(&line.strategy.name), line.cells().map(|cell| escaped(&cell)));
        let _ = writeln!(out, "| {strategy} | {} | {} |", escaped(line.sink), cells.join(" | "));
    }
    out.push('\n');
}

/// Copy by copy, folded away.
fn copies(out: &mut String, summary: &Summary) {
    out.push_str("<details><summary>Copy by copy</summary>\n\n");
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
    out.push_str("\n</details>\n\n");
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

fn predicted(out: &mut String, summary: &Summary) {
    let Some(prediction) = &summary.prediction else { return };
    let _ = writeln!(
        out,
        "## Predicted and measured\n\nPredicted: the same clients, faults and seeds in the virtual world, with the times of the profile {}. Measured: here. From the \
         commit of a change until the sink shows it.\n",
        escaped(&prediction.profile)
    );
    out.push_str("| strategy | sink | p50 predicted | measured | p99 predicted | measured | anomalies in one world only |\n");
    out.push_str("|---|---|--:|--:|--:|--:|---|\n");
    for copy in &prediction.copies {
        let (predicted, measured) = (copy.predicted, copy.measured);
        let _ = write!(out, "| {} | {} ", escaped(&copy.strategy), escaped(&copy.sink));
        for nanos in [predicted.p50_nanos, measured.p50_nanos, predicted.p99_nanos, measured.p99_nanos] {
            let _ = write!(out, "| {} ", wording::span(nanos));
        }
        let _ = writeln!(out, "| {} |", escaped(&copy.disagreement()));
    }
    out.push_str("\n<details><summary>Every other measure, predicted and measured</summary>\n\n");
    out.push_str("| strategy | sink | measure | predicted | measured |\n|---|---|---|--:|--:|\n");
    for measure in &prediction.measures {
        let sink = escaped(measure.sink.as_deref().unwrap_or_default());
        let _ = write!(out, "| {} | {sink} | {} ", escaped(&measure.strategy), measure.measure);
        let (predicted, measured) = (measure.said(measure.predicted), measure.said(measure.measured));
        let _ = writeln!(out, "| {predicted} | {measured} |");
    }
    out.push_str("\n</details>\n\n");
}

fn findings(out: &mut String, summary: &Summary) {
    out.push_str("## What it looked like\n\n");
    for strategy in &summary.strategies {
        let _ = writeln!(out, "### {}\n", escaped(&strategy.name));
        let counted = strategy.sinks.iter().any(|sink| !sink.wrong.anomalies.is_empty());
        if strategy.runs.is_empty() {
            out.push_str("Not run.\n\n");
        } else if strategy.specimens.is_empty() && strategy.findings.is_empty() {
            out.push_str(if counted {
                "Nothing was kept beside the counts above.\n\n"
            } else {
                "No anomaly was seen.\n\n"
            });
        }
        for shrunk in strategy.specimens.iter().filter_map(|one| Some((one, one.shrunk.as_ref()?))) {
            let (specimen, shrunk) = shrunk;
            let _ = writeln!(
                out,
                "<details><summary><b>{}</b>: {}</summary>\n",
                specimen.anomaly,
                escaped(&shrunk.sentence)
            );
            for (number, sentence) in (1..).zip(&shrunk.story) {
                let _ = writeln!(out, "{number}. {}", escaped(sentence));
            }
            let _ = writeln!(
                out,
                "\nWhat would have prevented it: {}\n\n`driftlab replay {}`\n\n</details>\n",
                escaped(&shrunk.prevention),
                shrunk.file
            );
        }
        let told = |finding: &&FindingSummary| {
            let is_told = |one: &SpecimenSummary| one.shrunk.is_some() && one.anomaly == finding.anomaly;
            !strategy.specimens.iter().any(is_told)
        };
        for finding in strategy.findings.iter().filter(told).take(6) {
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
    out.push_str("<details><summary>What the names mean</summary>\n\n");
    for entry in seen {
        let literature = if entry.literature.is_empty() {
            String::new()
        } else {
            format!(" Literature: {}.", entry.literature)
        };
        let _ = writeln!(out, "- **{}**: {}.{literature}", entry.name, entry.definition);
    }
    out.push_str("\n</details>\n\n");
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
