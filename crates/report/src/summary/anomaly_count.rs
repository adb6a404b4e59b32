//! How often an anomaly was seen.

use crate::summary::Rounded;
use driftlab_check::Tally;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How often an anomaly was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AnomalyCount {
    /// Its name.
    pub anomaly: String,
    /// How often it began.
    pub total: u64,
    /// How many of those were still there at quiescence.
    pub permanent: u64,
    /// How often it began for a million row changes.
    pub per_million_row_changes: Option<Rounded>,
    /// The longest that healed; 0 where none did.
    pub longest_healed_nanos: u64,
}

impl AnomalyCount {
    /// The count of an anomaly; a rate where it is known among how many row changes.
    pub(crate) fn of(anomaly: &str, tally: Tally, row_changes: Option<u64>) -> Self {
        Self {
            anomaly: anomaly.to_owned(),
            total: tally.total,
            permanent: tally.permanent,
            per_million_row_changes: row_changes
                .and_then(|changes| Rounded::ratio(tally.total as f64 * 1e6, changes as f64)),
            longest_healed_nanos: tally.longest.nanos(),
        }
    }

    /// Those that never healed first; in either part in the order of the registry, which names causes before what follows from them.
    pub(crate) fn worst_first(all: &[Self]) -> Vec<&Self> {
        let mut all: Vec<&Self> = all.iter().collect();
        all.sort_by_key(|count| count.permanent == 0);
        all
    }
}
