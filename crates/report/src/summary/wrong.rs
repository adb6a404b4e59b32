//! What went wrong in a sink.

use crate::pool::Pool;
use crate::summary::Rounded;
use driftlab_check::{ANOMALIES, Level, Standing};
use serde::{Deserialize, Serialize};

/// What went wrong in a sink, over all seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wrong {
    /// Whether the sink equalled the source at quiescence in every run; `None` where a run gives no answer.
    pub converges: Option<bool>,
    /// The anomalies that were seen, in the order of the registry.
    pub anomalies: Vec<AnomalyCount>,
    /// The strongest level of the ladder up to which every level held in every run; `None` where not even convergence did.
    pub guarantee: Option<String>,
    /// The first level that was broken, or could not be judged.
    pub broken: Option<Broken>,
    /// The longest staleness outside of declared faults: the `D` of `fresh(D)`.
    pub fresh_within_nanos: Option<u64>,
}

/// How often an anomaly was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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

/// A level that a sink does not reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broken {
    /// The level.
    pub level: String,
    /// Whether it is unknown rather than broken.
    pub unknown: bool,
    /// The witness in a sentence, or why it is unknown.
    pub witness: String,
}

impl Wrong {
    pub(crate) fn of(pool: &Pool, row_changes: u64) -> Self {
        let ladder = pool.ladder.as_ref();
        let anomalies = ANOMALIES.iter().zip(&pool.tallies).filter(|(_, tally)| tally.total > 0);
        Self {
            converges: ladder.and_then(|ladder| match ladder.standings.get(Level::Convergent as usize) {
                Some(Standing::Held) => Some(true),
                Some(Standing::Broken(_)) => Some(false),
                Some(Standing::Unknown(_)) | None => None,
            }),
            anomalies: anomalies
                .map(|(entry, tally)| AnomalyCount {
                    anomaly: entry.name.to_owned(),
                    total: tally.total,
                    permanent: tally.permanent,
                    per_million_row_changes: Rounded::ratio(tally.total as f64 * 1e6, row_changes as f64),
                    longest_healed_nanos: tally.longest.nanos(),
                })
                .collect(),
            guarantee: ladder
                .and_then(driftlab_check::Ladder::strongest)
                .map(|level| level.name().to_owned()),
            broken: ladder.and_then(driftlab_check::Ladder::first_missing).map(|(level, standing)| Broken {
                level: level.name().to_owned(),
                unknown: matches!(standing, Standing::Unknown(_)),
                witness: match standing {
                    Standing::Held => String::new(),
                    Standing::Broken(witness) => witness.clone(),
                    Standing::Unknown(why) => (*why).to_owned(),
                },
            }),
            fresh_within_nanos: pool.fresh_within.map(driftlab_model::Span::nanos),
        }
    }

    /// The anomalies, those that never healed first; in either part in the order of the registry, which names causes before what follows from them.
    #[must_use]
    pub fn worst_first(&self) -> Vec<&AnomalyCount> {
        let mut all: Vec<&AnomalyCount> = self.anomalies.iter().collect();
        all.sort_by_key(|count| count.permanent == 0);
        all
    }
}
