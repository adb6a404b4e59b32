//! Why a scenario could not be run.

use crate::dataset::DatasetError;
use driftlab_embedded::WorldError;
use driftlab_model::Contradiction;
use driftlab_scenario::{Colour, Problems};
use std::fmt;

/// Why a scenario could not be run.
#[derive(Debug)]
pub enum RunError {
    /// The real database could not be read.
    Dataset(DatasetError),
    /// Settings contradict each other, and it was found only now.
    Contradiction {
        /// Where: `workload`, `sink search`, `strategy CDC`.
        place: String,
        /// What.
        why: Contradiction,
    },
    /// Schedules are chosen, replayed and shrunk in the virtual world only, and the scenario asks for another.
    NotVirtual(&'static str),
    /// The scenario asks for what its world cannot give, and it was found only now.
    Refused(Problems),
    /// The world failed: a store, a disk, a file.
    World {
        /// The strategy that was being run, and the seed, where a run had begun.
        strategy: String,
        /// What failed.
        error: Box<WorldError>,
    },
    /// It was interrupted before any run was finished.
    Interrupted,
}

impl RunError {
    /// The exit status that a command ends with: 64 for what the scenario says, 3 for what could not be read or done,
    /// 70 for a fault of driftlab's own.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Contradiction { .. } | Self::NotVirtual(_) | Self::Refused(_) => 64,
            Self::World { error, .. } if matches!(**error, WorldError::Unfaithful { .. }) => 70,
            Self::Dataset(_) | Self::World { .. } => 3,
            Self::Interrupted => 2,
        }
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dataset(error) => error.fmt(f),
            Self::Contradiction { place, why } => write!(f, "{place}: `{}`: {}", why.setting, why.message),
            Self::NotVirtual(kind) => write!(
                f,
                "the world `{kind}` does nothing twice in the same way, so there is no schedule to choose, to replay or to shrink; `driftlab run` runs it, \
                 and schedules are explored with `kind = \"virtual\"`"
            ),
            Self::Refused(problems) => write!(f, "{}", problems.render(Colour::Off)),
            Self::World { strategy, error } => write!(f, "the real world failed under {strategy}: {error}"),
            Self::Interrupted => f.write_str("interrupted before any run was finished; nothing was written"),
        }
    }
}

impl std::error::Error for RunError {}

impl From<DatasetError> for RunError {
    fn from(error: DatasetError) -> Self {
        Self::Dataset(error)
    }
}
