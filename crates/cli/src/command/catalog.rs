//! `driftlab catalog`.

use crate::command::list::scenarios;
use crate::output::say;
use crate::status::Status;
use driftlab_check::ANOMALIES;
use driftlab_fault::FAULTS;
use driftlab_model::{Kind, Setting};
use driftlab_scenario::sections;
use driftlab_sim::store::STORES;
use driftlab_strategies::STRATEGIES;
use driftlab_workload::{COMMON, SHAPES};
use std::fmt::Write;

/// Print everything there is to choose, and the scenarios below ./scenarios, as one page of Markdown.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {}

pub(crate) fn execute(_: &Arguments) -> Status {
    say(&page())
}

fn page() -> String {
    let mut out = String::from(
        "# Catalog\n\nEverything that a scenario can choose, and the scenarios that there are. Made by `driftlab catalog` out of the registries; not written by hand.\n",
    );
    // Writing to a string does not fail.
    let _ = writeln!(
        out,
        "\n## Scenarios\n\n| scenario | what it tells | strategies | sweeps |\n|---|---|---|---|"
    );
    for entry in scenarios::below("scenarios".as_ref()) {
        let more = |label: &str| {
            entry.more.iter().find(|(known, _)| *known == label).map_or("", |(_, text)| text.as_str())
        };
        let _ = writeln!(
            out,
            "| [{0}](../{0}) | {1} | {2} | {3} |",
            entry.name,
            cell(&entry.summary),
            cell(more("strategies")),
            cell(more("sweeps"))
        );
    }
    let _ = writeln!(out, "\n## Strategies");
    STRATEGIES.iter().for_each(|entry| thing(&mut out, entry.name, entry.summary, entry.settings));
    let _ = writeln!(out, "\n## Sinks\n\nEvery sink takes:\n");
    settings(&mut out, sections::SINK);
    STORES.iter().for_each(|entry| thing(&mut out, entry.name, entry.summary, entry.settings));
    let _ = writeln!(out, "\n## Faults");
    FAULTS.iter().for_each(|entry| thing(&mut out, entry.name, entry.summary, entry.settings));
    let _ = writeln!(out, "\n## Workloads\n\nEvery shape takes:\n");
    settings(&mut out, COMMON);
    SHAPES.iter().for_each(|entry| thing(&mut out, entry.name, entry.summary, entry.settings));
    let _ = writeln!(out, "\n## Sections");
    for section in sections::SECTIONS {
        thing(&mut out, &format!("[{}]", section.name), section.summary, section.settings);
    }
    let _ = writeln!(out, "\n## Anomalies\n\n| anomaly | definition | in the literature |\n|---|---|---|");
    for entry in ANOMALIES {
        let _ =
            writeln!(out, "| `{}` | {} | {} |", entry.name, cell(entry.definition), cell(entry.literature));
    }
    out
}

fn thing(out: &mut String, name: &str, summary: &str, declared: &[Setting]) {
    let stop = if summary.ends_with('.') { "" } else { "." };
    let _ = writeln!(out, "\n### `{name}`\n\n{}{stop}", capitalised(summary));
    if !declared.is_empty() {
        out.push('\n');
        settings(out, declared);
    }
}

fn settings(out: &mut String, declared: &[Setting]) {
    let _ = writeln!(out, "| setting | default | what it is |\n|---|---|---|");
    for setting in declared {
        let default = setting.default.map_or_else(String::new, |default| format!("`{default}`"));
        let stop = if setting.summary.ends_with('.') { "" } else { "." };
        let mut text = format!("{}{stop}", capitalised(setting.summary));
        match setting.kind {
            Kind::Choice(words) => {
                for (word, meaning) in words {
                    let _ = write!(text, "<br>`{word}`: {meaning}");
                }
            }
            kind => {
                let _ = write!(text, " Takes {kind}.");
            }
        }
        let _ = writeln!(out, "| `{}` | {default} | {} |", setting.name, cell(&text));
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A text as a cell of a table.
fn cell(text: &str) -> String {
    text.trim().replace('|', "\\|").replace('\n', " ")
}
