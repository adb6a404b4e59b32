//! The histories of a run, beside its other results.

use driftlab_archive::Writer;
use driftlab_lab::{Experiment, Reproducible, WorldEntry, dataset_of, retell};
use driftlab_model::{Cast, Event, Observer, Schema, Time};
use driftlab_report::OutputFolder;
use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

/// Runs of more steps than these leave no history unless it is asked for: some megabytes.
const SHORT: u64 = 20_000;

/// Writes the history of each strategy's run of the first seed, where the runs are short or where histories are asked for. They are run again for it, which gives the same runs;
/// in a real world there is no running again, and no history.
pub(crate) fn write(experiment: &Experiment, asked: bool, folder: &OutputFolder) -> Result<(), String> {
    let scenario = &experiment.scenario;
    let first = || experiment.strategies.iter().filter_map(|strategy| strategy.runs.first());
    let is_short = first().map(|run| run.steps).sum::<u64>() <= SHORT;
    let comes_again = WorldEntry::of(scenario).reproducible == Reproducible::BitForBit;
    if !comes_again || !(asked || is_short) {
        return Ok(());
    }
    let dataset = dataset_of(scenario).map_err(|error| error.to_string())?;
    for (choice, strategy) in scenario.strategies.iter().zip(&experiment.strategies) {
        let Some(run) = strategy.runs.first() else { continue };
        let path = folder.gather(&file_of(&choice.name)).map_err(|error| error.to_string())?;
        let recorder = Rc::new(RefCell::new(Recorder::default()));
        let told = retell(scenario, choice, dataset.as_ref(), run.seed, |cast| {
            recorder.borrow_mut().begin(&path, cast);
            recorder.clone()
        });
        let (again, testimony) = told.map_err(|error| error.to_string())?;
        assert_eq!(again.trace, run.trace, "{}: the same run is told twice", choice.name);
        let schema = recorder.borrow_mut().end().map_err(|error| error.to_string())?;
        let kept = driftlab_archive::write_kept(&schema, &testimony);
        folder.put(&kept_file_of(&choice.name), kept).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// The history of a strategy's run, below the folder of results.
pub(crate) fn file_of(strategy: &str) -> String {
    format!("history/{}.parquet", file_name(strategy))
}

/// What the stores of a strategy kept, below the folder of results.
pub(crate) fn kept_file_of(strategy: &str) -> String {
    format!("history/{}.kept.json", file_name(strategy))
}

/// A name that is a file's on every system.
fn file_name(name: &str) -> String {
    let plain = name.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '-' });
    plain.collect::<String>().to_lowercase()
}

/// Writes what it sees, once it has a file.
#[derive(Default)]
struct Recorder {
    writer: Option<Result<Writer, driftlab_archive::WriteError>>,
    schema: Schema,
}

impl Recorder {
    fn begin(&mut self, path: &Path, cast: &Cast) {
        self.writer = Some(Writer::create(path, cast));
        self.schema = cast.schema.clone();
    }

    /// Ends the file, and gives the tables that it is about.
    fn end(&mut self) -> Result<Schema, driftlab_archive::WriteError> {
        self.writer.take().map_or(Ok(()), |writer| writer.and_then(Writer::finish))?;
        Ok(self.schema.clone())
    }
}

impl Observer for Recorder {
    fn observe(&mut self, at: Time, event: &Event) {
        if let Some(Ok(writer)) = &mut self.writer {
            writer.observe(at, event);
        }
    }
}
