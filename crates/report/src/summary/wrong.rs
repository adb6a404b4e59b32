//! What went wrong in a sink.

use crate::pool::Pool;
use crate::summary::AnomalyCount;
use driftlab_check::{ANOMALIES, Level, Standing};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What went wrong in a sink, over all seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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

/// A level that a sink does not reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
                .map(|(entry, tally)| AnomalyCount::of(entry.name, *tally, Some(row_changes)))
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

    /// The anomalies, the worst first.
    #[must_use]
    pub fn worst_first(&self) -> Vec<&AnomalyCount> {
        AnomalyCount::worst_first(&self.anomalies)
    }
}
