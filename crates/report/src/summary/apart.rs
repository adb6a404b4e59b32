//! What each fault does alone.

use crate::summary::AnomalyCount;
use driftlab_lab::{Apart, Under};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What each strategy showed without any fault and under each fault alone, in the run of one seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ApartSummary {
    /// The seed.
    pub seed: u64,
    /// The faults' names, in the order of the scenario.
    pub faults: Vec<String>,
    /// By strategy: first without any fault, then under each.
    pub strategies: Vec<Vec<UnderSummary>>,
}

/// What a strategy showed under one fault.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UnderSummary {
    /// Whether the fault struck within the run.
    pub struck: bool,
    /// Whether the run came to quiescence; otherwise nothing in it can be called permanent.
    pub quiescent: bool,
    /// The anomalies that were seen in any sink, in the order of the registry.
    pub anomalies: Vec<AnomalyCount>,
}

impl ApartSummary {
    pub(crate) fn of(apart: &Apart) -> Self {
        let each = |all: &Vec<Under>| all.iter().map(UnderSummary::of).collect();
        Self {
            seed: apart.seed,
            faults: apart.faults.clone(),
            strategies: apart.strategies.iter().map(each).collect(),
        }
    }
}

impl UnderSummary {
    fn of(under: &Under) -> Self {
        let anomalies = under.anomalies.iter();
        Self {
            struck: under.struck,
            quiescent: under.quiescent,
            anomalies: anomalies
                .map(|(anomaly, tally)| AnomalyCount::of(anomaly.name(), *tally, None))
                .collect(),
        }
    }
}
