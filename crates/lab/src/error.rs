//! Why a scenario could not be run.

use crate::dataset::DatasetError;
use driftlab_model::Contradiction;
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
    /// The scenario asks for a world that this version does not run.
    World(&'static str),
    /// It was interrupted before any run was finished.
    Interrupted,
}

impl RunError {
    /// The exit status that a command ends with: 64 for what the scenario says, 3 for what could not be read or done.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Contradiction { .. } | Self::World(_) => 64,
            Self::Dataset(_) => 3,
            Self::Interrupted => 2,
        }
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dataset(error) => error.fmt(f),
            Self::Contradiction { place, why } => write!(f, "{place}: `{}`: {}", why.setting, why.message),
            Self::World(kind) => {
                write!(f, "this version of driftlab runs scenarios in the virtual world only, not `{kind}`")
            }
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
