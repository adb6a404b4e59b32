use driftlab_lab::{Reproducible, WorldEntry};
use driftlab_scenario::Scenario;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The world that an experiment was run in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorldSummary {
    /// Its kind: `virtual` or `embedded`.
    pub kind: String,
    /// Whether the same scenario, seed and version give the same run, event by event.
    pub reproducible: bool,
    /// What is to be known of it, and what the scenario says and it does not heed, in sentences.
    pub notes: Vec<String>,
}

impl WorldSummary {
    pub(super) fn of(scenario: &Scenario) -> Self {
        let world = WorldEntry::of(scenario);
        Self {
            kind: world.name.to_owned(),
            reproducible: world.reproducible == Reproducible::BitForBit,
            notes: world.notes(scenario),
        }
    }
}

/// Summaries that do not say where they come from are older than all worlds but the virtual one.
impl Default for WorldSummary {
    fn default() -> Self {
        Self { kind: "virtual".to_owned(), reproducible: true, notes: Vec::new() }
    }
}
