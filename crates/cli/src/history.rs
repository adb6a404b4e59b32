//! The histories of a run, beside its other results.

use driftlab_archive::Writer;
use driftlab_lab::{Experiment, Reproducible, WorldEntry, dataset_of, retell};
use driftlab_model::{Cast, Event, Observer, Time};
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
        let path = folder
            .gather(&format!("history/{}.parquet", file_name(&choice.name)))
            .map_err(|error| error.to_string())?;
        let recorder = Rc::new(RefCell::new(Recorder(None)));
        let told = retell(scenario, choice, dataset.as_ref(), run.seed, |cast| {
            recorder.borrow_mut().begin(&path, cast);
            recorder.clone()
        });
        let again = told.map_err(|error| error.to_string())?;
        assert_eq!(again.trace, run.trace, "{}: the same run is told twice", choice.name);
        recorder.borrow_mut().end().map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// A name that is a file's on every system.
fn file_name(name: &str) -> String {
    let plain = name.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '-' });
    plain.collect::<String>().to_lowercase()
}

/// Writes what it sees, once it has a file.
struct Recorder(Option<Result<Writer, driftlab_archive::WriteError>>);

impl Recorder {
    fn begin(&mut self, path: &Path, cast: &Cast) {
        self.0 = Some(Writer::create(path, cast));
    }

    fn end(&mut self) -> Result<(), driftlab_archive::WriteError> {
        self.0.take().map_or(Ok(()), |writer| writer.and_then(Writer::finish))
    }
}

impl Observer for Recorder {
    fn observe(&mut self, at: Time, event: &Event) {
        if let Some(Ok(writer)) = &mut self.0 {
            writer.observe(at, event);
        }
    }
}
