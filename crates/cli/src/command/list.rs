//! `driftlab list`.

mod entry;
pub(super) mod scenarios;

use crate::command::Format;
use crate::output::{complain, say};
use crate::status::Status;
use clap::ValueEnum;
use entry::Entry;
use serde_json::json;

const EXAMPLES: &str = "\
Examples:
  driftlab list strategies
  driftlab list strategies dual_writes
  driftlab list faults --format json";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// What to list. Default: what can be listed.
    #[arg(value_enum)]
    what: Option<What>,
    /// Show one of them in full, with all that a scenario can choose.
    name: Option<String>,
    /// What to print: a table, or one JSON document.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// What there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// Ways of keeping copies in step.
    Strategies,
    /// Kinds of copies.
    Sinks,
    /// What can go wrong around them.
    Faults,
    /// Ways in which a copy goes wrong.
    Anomalies,
    /// What clients do: domains with their rules.
    Shapes,
    /// Where a scenario can run.
    Worlds,
    /// Scenario files below ./scenarios.
    Scenarios,
}

impl What {
    fn entries(self) -> Vec<Entry> {
        match self {
            Self::Strategies => entry::strategies(),
            Self::Sinks => entry::sinks(),
            Self::Faults => entry::faults(),
            Self::Anomalies => entry::anomalies(),
            Self::Shapes => entry::shapes(),
            Self::Worlds => entry::worlds(),
            Self::Scenarios => scenarios::below("scenarios".as_ref()),
        }
    }

    fn plural(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

pub(crate) fn execute(arguments: &Arguments) -> Status {
    let Some(what) = arguments.what else { return overview(arguments.format) };
    let entries = what.entries();
    let Some(name) = &arguments.name else {
        return match arguments.format {
            Format::Json => say_json(&entries.iter().map(Entry::json).collect()),
            Format::Table if entries.is_empty() => {
                complain(&format!("there are no {} here", what.plural()));
                Status::Holds
            }
            Format::Table => say(&table(&entries)),
        };
    };
    let Some(entry) = entries.iter().find(|entry| entry.name == *name) else {
        let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
        let plural = what.plural();
        complain(&format!("there is no `{name}` among the {plural}; there are: {}", names.join(", ")));
        return Status::Refused;
    };
    match arguments.format {
        Format::Json => say_json(&entry.json()),
        Format::Table => say(&entry.in_full()),
    }
}

/// What can be listed, and how much of it there is.
fn overview(format: Format) -> Status {
    let lists = What::value_variants().iter().map(|what| {
        let help = what.to_possible_value().and_then(|value| value.get_help().map(ToString::to_string));
        (what.plural(), what.entries().len(), help.unwrap_or_default())
    });
    match format {
        Format::Json => say_json(
            &lists
                .map(|(name, count, summary)| json!({ "name": name, "count": count, "summary": summary }))
                .collect(),
        ),
        Format::Table => say(&lists
            .map(|(name, count, help)| format!("{name:<10}  {count:>3}  {help}\n"))
            .collect::<String>()),
    }
}

fn say_json(json: &serde_json::Value) -> Status {
    say(&format!("{json:#}\n"))
}

fn table(entries: &[Entry]) -> String {
    let width = entries.iter().map(|entry| entry.name.chars().count()).max().unwrap_or(0);
    entries.iter().map(|entry| format!("{:width$}  {}\n", entry.name, entry.summary)).collect()
}
