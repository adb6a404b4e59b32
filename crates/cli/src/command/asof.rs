//! `driftlab asof`.

use crate::command::Format;
use crate::outcome::{self, Outcome};
use crate::output::{complain, say};
use crate::status::{self, Status};
use crate::{duration, history, terminal};
use driftlab_model::{History, Key, Span, Testimony, Time};
use driftlab_report::asof::{AsOf, Asked, Beyond, Keys, Recorded, StrategyAsOf, UnknownKey};
use driftlab_report::{ENVIRONMENT_FILE, Environment, Summary};
use std::path::{Path, PathBuf};

/// Say what was true of a row at a moment of a recorded run, what each copy showed, what led there, and which stores could still tell.
///
/// The laboratory has recorded everything. The strategies have not: beside what was true stands what the strategy's own tables, logs and streams could still say of that moment when the run had ended,
/// and where they cannot, why not.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help(), group(clap::ArgGroup::new("moment").required(true).args(["time", "position"])))]
pub(crate) struct Arguments {
    /// The folder of a run, such as results/quickstart/latest.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The row: TABLE:KEY, such as seat:3 or event:3,1; without the table where the key is of one table only.
    #[arg(long, value_name = "KEY")]
    key: String,
    /// The moment, since the beginning of the run, such as 12.4s.
    #[arg(long, value_name = "T", value_parser = duration::moment)]
    time: Option<Span>,
    /// The moment, as a position of the source's log: after the last commit that ends there or before.
    #[arg(long, value_name = "P")]
    position: Option<u64>,
    /// Ask about this strategy only, by its name in the scenario; may be given several times.
    #[arg(long = "strategy", value_name = "NAME")]
    strategies: Vec<String>,
    /// What to print: sentences for people, or one JSON document.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

fn after_help() -> String {
    format!(
        "\
Histories are kept of the first seed's runs where these are short, and of all others with driftlab run --history. Positions are those of one strategy's run: with several strategies, choose one.
Here 0 stands for an answer, \"not known\" included, 64 for a key, a moment or a strategy that the run does not have, and 3 for a run without a history.

Examples:
  driftlab run scenarios/event-sourcing/comparison.toml --history
  driftlab asof results/event-sourcing/comparison/latest --key reservation:3 --time 12.4s
  driftlab asof results/event-sourcing/comparison/latest --key seat:3 --position 48211 --strategy 'event sourcing'
  driftlab asof results/quickstart/latest --key 'order:7' --time 30s --format json | jq '.strategies[].truth'

{}",
        status::TABLE
    )
}

/// A strategy's run, out of its files.
struct Kept {
    strategy: String,
    history: History,
    testimony: Testimony,
}

pub(crate) fn execute(arguments: &Arguments) -> Status {
    match answer(arguments) {
        Ok(asof) => {
            let text = match arguments.format {
                Format::Table => asof.text(terminal::style()),
                Format::Json => {
                    let json = serde_json::to_string_pretty(&asof);
                    json.expect("text keys and whole numbers, which JSON can always say") + "\n"
                }
            };
            say(&text)
        }
        Err((status, message)) => {
            complain(&message);
            status
        }
    }
}

fn answer(arguments: &Arguments) -> Result<AsOf, (Status, String)> {
    let runs = recorded(arguments)?;
    let mut keys = Keys::default();
    runs.iter().for_each(|run| keys.take(&run.history));
    let key = keys.find(&arguments.key).map_err(|why| (Status::Refused, unknown(&arguments.key, &why)))?;
    let asked = match (arguments.time, arguments.position) {
        (Some(time), _) => Asked::Time(Time::ZERO + time),
        (None, position) => Asked::Position(position.expect("clap asks for one of the two")),
    };
    if let (Asked::Position(_), [_, _, ..]) = (asked, runs.as_slice()) {
        let message = format!(
            "a position is one of a single run, and there are {}: add --strategy NAME, one of {}",
            runs.len(),
            listed(runs.iter().map(|run| run.strategy.as_str()))
        );
        return Err((Status::Refused, message));
    }
    let strategies = runs.iter().map(|run| of_run(run, key, asked)).collect::<Result<_, _>>()?;
    let schema = &runs[0].history.cast.schema;
    let key = if usize::from(key.table().0) < schema.len() { key.describe(schema) } else { key.to_string() };
    Ok(AsOf { driftlab: env!("CARGO_PKG_VERSION").to_owned(), key, strategies })
}

fn of_run(run: &Kept, key: &Key, asked: Asked) -> Result<StrategyAsOf, (Status, String)> {
    let recorded = Recorded { strategy: &run.strategy, history: &run.history, kept: &run.testimony };
    StrategyAsOf::of(&recorded, key, asked).map_err(|beyond| {
        let message = match beyond {
            Beyond::Time(ended) => {
                format!("the run of {} ended at {ended}: ask for a moment before that", run.strategy)
            }
            Beyond::Position(last) => format!(
                "the source's log of {} ends at position {last}: ask for one up to that, or for a --time",
                run.strategy
            ),
        };
        (Status::Refused, message)
    })
}

/// Names that may have commas in them.
fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

fn unknown(asked: &str, why: &UnknownKey) -> String {
    match why {
        UnknownKey::None(nearest) if nearest.is_empty() => "no row was ever there in that run".to_owned(),
        UnknownKey::None(nearest) => {
            format!("no row with the key {asked} was ever there; the nearest are {}", nearest.join(", "))
        }
        UnknownKey::Several(names) => {
            format!("the key {asked} is that of several rows: choose one of {}", names.join(", "))
        }
    }
}

/// The runs that are asked about.
fn recorded(arguments: &Arguments) -> Result<Vec<Kept>, (Status, String)> {
    let folder = &arguments.folder;
    let summary = match outcome::read(folder)? {
        Outcome::One(summary) => summary,
        Outcome::Matrix(_) => {
            let message = format!(
                "{} is the result of a matrix, of which no histories are kept: run one combination as a scenario of its own",
                folder.display()
            );
            return Err((Status::Refused, message));
        }
    };
    let names: Vec<&str> = summary.strategies.iter().map(|strategy| strategy.name.as_str()).collect();
    if let Some(absent) = arguments.strategies.iter().find(|asked| !names.contains(&asked.as_str())) {
        let message =
            format!("there is no strategy {absent} in that run; there are {}", listed(names.into_iter()));
        return Err((Status::Refused, message));
    }
    let is_asked = |name: &&&str| {
        arguments.strategies.is_empty() || arguments.strategies.iter().any(|asked| asked == **name)
    };
    names.iter().filter(is_asked).map(|name| kept(folder, name, &summary)).collect()
}

fn kept(folder: &Path, strategy: &str, summary: &Summary) -> Result<Kept, (Status, String)> {
    let path = folder.join(history::file_of(strategy));
    let kept = folder.join(history::kept_file_of(strategy));
    if !path.exists() || !kept.exists() {
        return Err((Status::Impossible, without(folder, strategy, summary)));
    }
    let history = driftlab_archive::read(&path)
        .map_err(|error| (Status::of_code(error.exit_code()), error.to_string()))?;
    let text = std::fs::read_to_string(&kept)
        .map_err(|error| (Status::Impossible, format!("could not read {}: {error}", kept.display())))?;
    let testimony = driftlab_archive::read_kept(&text)
        .map_err(|why| (Status::Refused, format!("{}: {why}", kept.display())))?;
    Ok(Kept { strategy: strategy.to_owned(), history, testimony })
}

/// What to do where a run has left no history.
fn without(folder: &Path, strategy: &str, summary: &Summary) -> String {
    if !summary.world.reproducible {
        return format!(
            "{} holds no history of {strategy}: a run of real stores leaves none, because it cannot be made again",
            folder.display()
        );
    }
    let environment = std::fs::read_to_string(folder.join(ENVIRONMENT_FILE)).ok();
    let environment: Option<Environment> = environment.and_then(|text| serde_json::from_str(&text).ok());
    let again = environment.map(|environment| environment.again).filter(|again| !again.is_empty());
    let again = again.unwrap_or_else(|| format!("driftlab run scenarios/{}.toml", summary.scenario.name));
    format!(
        "{} holds no history of {strategy}: its runs were long, and histories of long ones are kept when asked for. Run it again, which gives the same run: {again} --history",
        folder.display()
    )
}
