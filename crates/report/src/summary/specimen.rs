//! The first case of each anomaly, in words.

use crate::album::{Album, Plate};
use crate::drawing::story;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The first case of an anomaly of a strategy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SpecimenSummary {
    /// The anomaly's name.
    pub anomaly: String,
    /// In how many runs it was seen.
    pub runs: u64,
    /// Of how many.
    pub of: u64,
    /// The first seed that showed it.
    pub first_seed: u64,
    /// What it came to when it was shrunk; `None` where the run was too long for that.
    pub shrunk: Option<ShrunkSummary>,
}

/// A shrunk case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShrunkSummary {
    /// Its file, below the folder of results.
    pub file: String,
    /// How many operations are left.
    pub operations: u64,
    /// Whether nothing more can be left out; otherwise the effort that a run can afford was spent.
    pub minimal: bool,
    /// What happened, in a sentence.
    pub sentence: String,
    /// What happened, step by step.
    pub story: Vec<String>,
    /// What would have prevented it.
    pub prevention: String,
}

impl SpecimenSummary {
    pub(crate) fn of(album: &Album, strategy: usize) -> Vec<Self> {
        album.of_strategy(strategy).map(Self::one).collect()
    }

    fn one(plate: &Plate) -> Self {
        Self {
            anomaly: plate.anomaly.name().to_owned(),
            runs: plate.sighting.schedules,
            of: plate.sighting.of,
            first_seed: plate.sighting.first_seed,
            shrunk: plate.shrunk.as_ref().map(|drawn| ShrunkSummary {
                file: drawn.path(),
                operations: drawn.operations as u64,
                minimal: drawn.file.minimal,
                sentence: drawn.file.sentence.clone(),
                story: story(&drawn.scene),
                prevention: drawn.scene.prevention().to_owned(),
            }),
        }
    }
}
