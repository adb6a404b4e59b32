//! The dossier of an experiment: what each fault does alone, and the first case of each anomaly, shrunk as far as is affordable within a run.
//!
//! How much is done is counted in steps of the world, never in seconds: equal experiments have equal dossiers.

mod apart;
mod specimen;
mod spread;

pub use apart::{Apart, Under};
pub use specimen::Specimen;

use crate::error::RunError;
use crate::experiment::Experiment;
use crate::run::{Progress, RunOptions, dataset_of};
use crate::world::{Reproducible, WorldEntry};

/// What a report shows beside what was measured.
#[derive(Default)]
pub struct Dossier {
    /// What each strategy showed under each fault alone; `None` where the scenario has no faults, or where it would take too long.
    pub apart: Option<Apart>,
    /// The first case of each anomaly of each strategy, in the order of strategies and anomalies.
    pub specimens: Vec<Specimen>,
}

/// The dossier of an experiment. Of one that was interrupted, or run in a real world, where no run can be made again, it is empty.
///
/// # Errors
/// What keeps the scenario from being run.
pub fn dossier(
    experiment: &Experiment,
    options: &RunOptions,
    progress: &dyn Progress,
) -> Result<Dossier, RunError> {
    let scenario = &experiment.scenario;
    if experiment.interrupted || WorldEntry::of(scenario).reproducible == Reproducible::Statistically {
        return Ok(Dossier::default());
    }
    let dataset = dataset_of(scenario)?;
    let apart = apart::apart(experiment, dataset.as_ref(), options.jobs, progress)?;
    let specimens =
        specimen::specimens(experiment, apart.as_ref(), dataset.as_ref(), options.jobs, progress)?;
    Ok(Dossier { apart, specimens })
}
