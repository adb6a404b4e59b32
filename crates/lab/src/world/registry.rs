//! The registry of worlds: adding one is one file and one line here.

use super::Arena;
use crate::error::RunError;
use driftlab_model::Span;
use driftlab_scenario::{Choice, Refusal, Scenario};
use driftlab_workload::Dataset;
use std::sync::Arc;

/// What the registry says of a world.
#[derive(Clone, Copy)]
pub struct WorldEntry {
    /// Its name in scenarios.
    pub name: &'static str,
    /// What it is made of, in a few words.
    pub summary: &'static str,
    /// What two runs of one seed have in common.
    pub reproducible: Reproducible,
    /// What a scenario asks for and it cannot give.
    pub(crate) refuses: fn(&Scenario) -> Vec<Refusal>,
    /// What a scenario says and it does not heed, in sentences for reports.
    pub(crate) notes: fn(&Scenario) -> Vec<String>,
    /// Makes what the runs of one strategy share.
    pub(crate) stage: MakeArena,
}

/// Makes what the runs of one strategy share, for a scenario that the world does not refuse.
pub(crate) type MakeArena = fn(&Scenario, &Choice, Option<&Arc<Dataset>>) -> Result<Box<dyn Arena>, RunError>;

/// What two runs of one seed have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reproducible {
    /// Everything: they are the same run, event by event.
    BitForBit,
    /// What the clients want and when faults strike; who is faster is another matter every time. Runs take as long as they say, and have the machine for
    /// themselves.
    Statistically,
}

/// All worlds, in the order of help.
pub const WORLDS: &[WorldEntry] = &[super::virtual_world::ENTRY, super::embedded::ENTRY];

impl WorldEntry {
    /// The entry of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        WORLDS.iter().find(|entry| entry.name == name)
    }

    /// The world of a scenario.
    ///
    /// # Panics
    /// When the scenario names a world that is not registered: one that was parsed names none.
    #[must_use]
    pub fn of(scenario: &Scenario) -> &'static Self {
        Self::named(scenario.world.word("kind")).expect("a parsed scenario names a known world")
    }

    /// Makes sure that the world of a scenario can give what the scenario asks for.
    ///
    /// # Errors
    /// Everything that it cannot give, with the lines: [`RunError::Refused`].
    pub fn admit(scenario: &Scenario) -> Result<(), RunError> {
        match (Self::of(scenario).refuses)(scenario) {
            refusals if refusals.is_empty() => Ok(()),
            refusals => Err(RunError::Refused(scenario.refused(refusals))),
        }
    }

    /// What a scenario says and its world does not heed, in sentences for reports.
    #[must_use]
    pub fn notes(&self, scenario: &Scenario) -> Vec<String> {
        (self.notes)(scenario)
    }

    /// How many runs may be made at once, where so many were asked for.
    pub(crate) fn jobs(&self, asked: usize) -> usize {
        match self.reproducible {
            Reproducible::BitForBit => asked.max(1),
            // Two at once would be each other's noise.
            Reproducible::Statistically => 1,
        }
    }

    /// How long a run takes at least, by the clock on the wall; `None` where that depends on the machine alone.
    #[must_use]
    pub fn takes(&self, scenario: &Scenario) -> Option<Span> {
        (self.reproducible == Reproducible::Statistically).then(|| scenario.world.span("duration"))
    }
}
