//! Tells one run of an experiment once more, to another observer.

use crate::case::NEVER_GLANCE;
use crate::error::RunError;
use crate::stage::Stage;
use driftlab_model::{Cast, Observer, Testimony};
use driftlab_scenario::{Choice, Scenario};
use driftlab_sim::world::RunSummary;
use driftlab_workload::Dataset;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// Runs a strategy of a scenario with a seed, and tells it to the observer that `listener` gives for its cast, such as a recorder.
///
/// It is the same run as that of an experiment, event by event: the trace hash says so. What its stores can tell of the past when it has ended comes with it.
///
/// # Errors
/// What keeps the scenario from being run.
pub fn retell(
    scenario: &Scenario,
    choice: &Choice,
    dataset: Option<&Arc<Dataset>>,
    seed: u64,
    listener: impl FnOnce(&Cast) -> Rc<RefCell<dyn Observer>>,
) -> Result<(RunSummary, Testimony), RunError> {
    let stage = Stage::new(scenario, choice, dataset)?;
    stage.prepare(seed);
    let world = stage.world();
    let summary = world.run(seed, listener(&world.cast()), NEVER_GLANCE, &mut |_| true);
    Ok((summary, stage.testimony()))
}
