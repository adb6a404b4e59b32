use driftlab_sink::Intake;
use serde::{Deserialize, Serialize};

/// Which files make the warehouse, and what else must change with them in one step. Written to a file of its own that is swapped whole: readers see the one
/// before or this one, and so does whoever opens the folder after a crash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// The version of this layout.
    pub(super) layout: u32,
    /// What the warehouse makes of changes.
    pub(super) mode: Mode,
    /// The data files, oldest first: what a later one says of a key supersedes what an earlier one says.
    pub(super) files: Vec<FileEntry>,
    /// Loads, and the bookmark.
    pub(super) intake: Intake,
}

/// A data file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileEntry {
    pub(super) id: u64,
    pub(super) table: u16,
    pub(super) rows: u64,
    /// What it counts for.
    pub(super) role: Role,
}

/// What the warehouse makes of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mode {
    /// The row takes the place of the one before.
    Merge,
    /// Every version is kept.
    Append,
    /// What changed is added to totals.
    Sum,
}

/// What a data file counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    /// For what readers see.
    Data,
    /// Only for which effects have been applied: a load took the place of the totals that they went into.
    Effects,
}

pub(super) const LAYOUT: u32 = 1;

impl Manifest {
    pub(super) fn new(mode: Mode) -> Self {
        Self { layout: LAYOUT, mode, files: Vec::new(), intake: Intake::default() }
    }
}

impl Mode {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Append => "append",
            Self::Sum => "sum",
        }
    }
}
