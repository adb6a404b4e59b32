//! `driftlab compare`.

use crate::outcome::{self, Outcome};
use crate::output::{complain, say};
use crate::status::{self, Status};
use crate::terminal;
use clap::ValueEnum;
use driftlab_report::compare::{Comparison, markdown, table};
use driftlab_report::{StrategySummary, Summary};
use std::path::{Path, PathBuf};

/// Compare two results: what is better, what is worse, what is noise.
///
/// Takes two folders of results, or two strategies of one. Where both have several seeds, a difference counts when the 95 % interval of it does not contain nothing and it is larger than the
/// tolerance; with a single seed the tolerance alone decides. What is worse and yet within an expectation of the scenario is shown, and allowed.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help())]
pub(crate) struct Arguments {
    /// The result to compare with: a folder such as results/quickstart/latest, or a summary.json.
    #[arg(value_name = "A")]
    before: PathBuf,
    /// The result to judge. Default: the same, for two strategies of it.
    #[arg(value_name = "B", required_unless_present = "strategies")]
    after: Option<PathBuf>,
    /// Only this strategy; given twice, the first of A against the second of B.
    #[arg(long = "strategy", value_name = "NAME")]
    strategies: Vec<String>,
    /// By how much a measure must differ to count, in percent of A's.
    #[arg(long, value_name = "PERCENT", default_value_t = 5.0, value_parser = percent)]
    tolerance: f64,
    /// What to print: the table, a table in Markdown, or one JSON document.
    #[arg(long, value_enum, default_value_t = Form::Table)]
    format: Form,
}

/// What standard output is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A table for people.
    Table,
    /// The same for a pull request.
    Markdown,
    /// One JSON document for programs, and nothing else.
    Json,
}

fn after_help() -> String {
    format!(
        "\
Here 0 stands for nothing worse than the scenario allows, and 1 for something that is.

Examples:
  driftlab compare before/quickstart/latest results/quickstart/latest
  driftlab compare results/quickstart/latest --strategy outbox --strategy \"log CDC\"
  driftlab compare before/summary.json after/summary.json --tolerance 10 --format markdown

{}",
        status::TABLE
    )
}

fn percent(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(percent) if percent >= 0.0 && percent.is_finite() => Ok(percent),
        _ => Err("expected a percentage such as 5".to_owned()),
    }
}

pub(crate) fn execute(arguments: &Arguments) -> Status {
    let comparison = match compare(arguments) {
        Ok(comparison) => comparison,
        Err((status, message)) => {
            complain(&message);
            return status;
        }
    };
    let status = if comparison.has_regressions() { Status::Fails } else { Status::Holds };
    let text = match arguments.format {
        Form::Table => table(&comparison, terminal::style()),
        Form::Markdown => markdown(&comparison),
        Form::Json => serde_json::to_string_pretty(&comparison).expect("text keys and finite numbers") + "\n",
    };
    status.max(say(&text))
}

fn compare(arguments: &Arguments) -> Result<Comparison, (Status, String)> {
    let before = read(&arguments.before)?;
    let after_path = arguments.after.as_ref().unwrap_or(&arguments.before);
    let after = read(after_path)?;
    let tolerance = arguments.tolerance / 100.0;
    match arguments.strategies.as_slice() {
        [] | [_] if arguments.after.is_some() => {
            let only = arguments.strategies.first().map(String::as_str);
            if let Some(name) = only {
                strategy(&before, &arguments.before, name)?;
                strategy(&after, after_path, name)?;
            }
            let (left, right) = (arguments.before.display().to_string(), after_path.display().to_string());
            Ok(Comparison::of_results([(&left, &before), (&right, &after)], only, tolerance))
        }
        [one, other] => {
            let left = strategy(&before, &arguments.before, one)?;
            let right = strategy(&after, after_path, other)?;
            Ok(Comparison::of_strategies([(&before, left), (&after, right)], tolerance))
        }
        _ => Err((
            Status::Refused,
            "name two strategies to compare within one result, with --strategy A --strategy B".to_owned(),
        )),
    }
}

fn strategy<'a>(
    summary: &'a Summary,
    path: &Path,
    name: &str,
) -> Result<&'a StrategySummary, (Status, String)> {
    summary.strategies.iter().find(|strategy| strategy.name == name).ok_or_else(|| {
        let known: Vec<&str> = summary.strategies.iter().map(|strategy| strategy.name.as_str()).collect();
        (Status::Refused, format!("{} has no strategy \"{name}\", only {}", path.display(), known.join(", ")))
    })
}

fn read(path: &Path) -> Result<Summary, (Status, String)> {
    match outcome::read(path)? {
        Outcome::One(summary) => Ok(*summary),
        Outcome::Matrix(_) => {
            let advice =
                "a matrix of results: compare its combinations one by one, such as combinations/001 below it";
            Err((Status::Refused, format!("{}: {advice}", path.display())))
        }
    }
}
