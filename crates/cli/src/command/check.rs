//! `driftlab check`.

use crate::command::Format;
use crate::output::{complain, say};
use crate::status::{self, Status};
use driftlab_archive::{ReadError, Reader};
use driftlab_check::Checker;
use driftlab_report::Checked;
use std::path::PathBuf;

/// Judge a history, whoever recorded it.
///
/// A history says who committed what at the source, and what each copy showed, when. docs/history.md describes the format, and how to export one from any pipeline in any
/// language. Every anomaly that is seen counts; expectations of a strategy are not known here.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help())]
pub(crate) struct Arguments {
    /// The history, a Parquet file.
    #[arg(value_name = "HISTORY.parquet")]
    file: PathBuf,
    /// What to print: sentences for people, or one JSON document.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Print nothing: the exit status tells.
    #[arg(long, short)]
    quiet: bool,
}

fn after_help() -> String {
    format!(
        "\
Here 0 stands for no anomaly, 1 for anomalies, 2 for a history that has too little to judge by.

Examples:
  driftlab check history.parquet
  driftlab check history.parquet --format json | jq '.findings[].sentence'

{}",
        status::TABLE
    )
}

pub(crate) fn execute(arguments: &Arguments) -> Status {
    let checked = match judge(arguments) {
        Ok(checked) => checked,
        Err(error) => {
            complain(&error.to_string());
            return Status::of_code(error.exit_code());
        }
    };
    let status = Status::from(checked.verdict);
    if arguments.quiet {
        return status;
    }
    let text = match arguments.format {
        Format::Table => checked.text(),
        Format::Json => {
            let json = serde_json::to_string_pretty(&checked);
            json.expect("text keys and whole numbers, which JSON can always say") + "\n"
        }
    };
    status.max(say(&text))
}

fn judge(arguments: &Arguments) -> Result<Checked, ReadError> {
    let mut reader = Reader::open(&arguments.file)?;
    let mut checker = Checker::new(reader.cast());
    let events = reader.tell(&mut checker)?;
    let judgement = checker.finish();
    let name = |id: driftlab_model::TransactionId| {
        reader.transaction_name(id).map_or_else(|| id.to_string(), str::to_owned)
    };
    Ok(Checked::of(&judgement, reader.cast(), events, name))
}
