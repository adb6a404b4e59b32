//! `driftlab tail`.

mod debezium;
mod image;
mod json;
mod rendering;

use crate::interrupt;
use crate::output::{complain, print};
use crate::status::Status;
use clap::ValueEnum;
use debezium::Debezium;
use driftlab_model::{Span, notation};
use driftlab_sqlite_wal::{Error, Event, Options, Reader};
use json::Json;
use rendering::Rendering;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

/// Print the changes of a SQLite database as they commit, one JSON object a line.
///
/// The changes are read out of the database's write-ahead log while other processes write it: no trigger, no change of the schema, nothing to install in the writer. Every row that a
/// transaction inserted, updated or deleted is a line with its images before and after; what was rolled back is none.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Arguments {
    /// The database; it must be in WAL mode.
    #[arg(value_name = "FILE.sqlite")]
    file: PathBuf,
    /// What a line looks like.
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    /// Remember in this folder what was printed, and begin there the next time. Without it, printing begins with the next commit.
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// End when nothing was committed for so long. Without it, printing goes on until Control-C.
    #[arg(long, value_name = "TIME", value_parser = quiet_time)]
    until_quiet: Option<Duration>,
}

/// What a line looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// position, op, table, key, before, after; tables that came, went or changed, and gaps, are lines too
    Json,
    /// the envelope of Debezium's change events (without schemas), and its schema changes
    Debezium,
}

const HELP: &str = "\
A position is the number of a committed transaction since the state folder was made. A line counts as printed once standard output has taken it: after a crash of
either process what was not printed is printed, and the last transaction perhaps once more, under the same position.
Where part of the log was missed (driftlab was away while it was restarted), that is said on standard error and, with --format json, as a line with \"gap\"; its net
effect follows, with \"origin\":\"reconciled\".

JSON has no bytes and no infinite numbers: a blob is {\"base64\":\"...\"} (a base64 string with --format debezium), an infinite real is the string \"Infinity\" or \"-Infinity\".
SQLite's log holds no time of day: ts_ms is when the change was read.

Examples:
  driftlab tail shop.sqlite
  driftlab tail shop.sqlite --state shop.cdc | my-consumer
  driftlab tail shop.sqlite --until-quiet 2s | jq 'select(.table == \"orders\")'

Exit status:
  0   ended by Control-C, by --until-quiet, or because nobody reads any more
  3   the database, its log or the state folder cannot be read or written
  64  bad arguments, or a file that is no SQLite database in WAL mode";

/// How soon Control-C is noticed while nothing happens.
const GLANCE: Duration = Duration::from_millis(100);

fn quiet_time(text: &str) -> Result<Duration, String> {
    match notation::span(text) {
        Ok(Span::ZERO) => Err("expected a time above zero, such as \"2s\"".to_owned()),
        Ok(span) => Ok(Duration::from_nanos(span.nanos())),
        Err(expected) => Err(format!("expected {}", expected.0)),
    }
}

pub(crate) fn execute(arguments: &Arguments) -> Status {
    interrupt::install();
    let rendering: Box<dyn Rendering> = match arguments.format {
        Format::Json => Box::new(Json),
        Format::Debezium => Box::new(Debezium::of(&arguments.file)),
    };
    tail(arguments, rendering.as_ref()).unwrap_or_else(|error| {
        complain(&error.to_string());
        match error {
            Error::NotADatabase { .. } | Error::NotWal { .. } => Status::Refused,
            _ => Status::Impossible,
        }
    })
}

fn tail(arguments: &Arguments, rendering: &dyn Rendering) -> Result<Status, Error> {
    let options = Options { state: arguments.state.clone(), ..Options::default() };
    let mut reader = Reader::open(&arguments.file, options)?;
    let mut lines = String::new();
    let mut last = Instant::now();
    while !interrupt::asked() {
        let Some(event) = reader.next(GLANCE)? else {
            if arguments.until_quiet.is_some_and(|quiet| last.elapsed() >= quiet) {
                break;
            }
            continue;
        };
        last = Instant::now();
        if let Event::Gap(gap) = &event {
            complain(&format!(
                "gap before position {}: {}; {} pages differ, and what changed in them follows as one transaction",
                gap.position, gap.reason, gap.pages
            ));
        }
        lines.clear();
        rendering.render(&event, SystemTime::now(), &mut lines);
        match print(&lines) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::BrokenPipe => break,
            Err(error) => {
                complain(&format!("could not write to standard output: {error}"));
                return Ok(Status::Impossible);
            }
        }
        if let Event::Transaction(transaction) = event {
            reader.acknowledge(transaction.position)?;
        }
    }
    Ok(Status::Holds)
}
