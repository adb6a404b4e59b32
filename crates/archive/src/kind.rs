//! The kinds of events that a row can tell of, by their names in the column `event`.

/// What a row tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Load,
    Began,
    Committed,
    Aborted,
    Shown,
    Applied,
    Loaded,
    Read,
    Finished,
    Lifecycle,
    Fault,
    Milestone,
    Cost,
}

/// All kinds with their names; a kind's place here is its code in the column.
pub(crate) const KINDS: [(&str, Kind); 13] = [
    ("load", Kind::Load),
    ("began", Kind::Began),
    ("committed", Kind::Committed),
    ("aborted", Kind::Aborted),
    ("shown", Kind::Shown),
    ("applied", Kind::Applied),
    ("loaded", Kind::Loaded),
    ("read", Kind::Read),
    ("finished", Kind::Finished),
    ("lifecycle", Kind::Lifecycle),
    ("fault", Kind::Fault),
    ("milestone", Kind::Milestone),
    ("cost", Kind::Cost),
];
