//! The ladder of guarantees that a sink can give, weakest first.

use std::fmt;

/// A level of the ladder; each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Equal to the source at quiescence.
    Convergent,
    /// Each key's shown versions follow the source's order.
    PerKeyTimeline,
    /// Each partition of the log is at some prefix of its own.
    PartitionVectorPrefix,
    /// Always equal to some state that the source had.
    Prefix,
    /// And never going backwards.
    MonotonicPrefix,
    /// And no reader sees part of a transaction, across sinks too.
    Atomic,
    /// And every client sees its own acknowledged writes.
    ReadYourWrites,
}

/// All levels, weakest first.
pub const LEVELS: &[Level] = &[
    Level::Convergent,
    Level::PerKeyTimeline,
    Level::PartitionVectorPrefix,
    Level::Prefix,
    Level::MonotonicPrefix,
    Level::Atomic,
    Level::ReadYourWrites,
];

impl Level {
    /// Its name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Convergent => "convergent",
            Self::PerKeyTimeline => "per-key timeline",
            Self::PartitionVectorPrefix => "partition-vector prefix",
            Self::Prefix => "prefix",
            Self::MonotonicPrefix => "monotonic prefix",
            Self::Atomic => "atomic",
            Self::ReadYourWrites => "read-your-writes",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How a sink fared on one level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It held, and there was enough to judge by.
    Held,
    /// It was broken; the witness in a sentence.
    Broken(String),
    /// There was too little to judge by; why.
    Unknown(&'static str),
}

/// How a sink fared on every level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    /// One standing a level, in the order of [`LEVELS`].
    pub standings: Vec<Standing>,
}

impl Ladder {
    /// The strongest level up to which every level held; `None` where not even convergence did.
    #[must_use]
    pub fn strongest(&self) -> Option<Level> {
        let held = self.standings.iter().take_while(|standing| **standing == Standing::Held).count();
        held.checked_sub(1).map(|top| LEVELS[top])
    }

    /// The first level that did not hold, with its standing.
    #[must_use]
    pub fn first_missing(&self) -> Option<(Level, &Standing)> {
        let at = self.standings.iter().position(|standing| *standing != Standing::Held)?;
        Some((LEVELS[at], &self.standings[at]))
    }

    /// What held in both of two runs: a level is broken where either run broke it (the first witness stays), unknown where no run could judge it.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let merge = |(a, b): (&Standing, &Standing)| match (a, b) {
            (Standing::Broken(_), _) => a.clone(),
            (_, Standing::Broken(_)) => b.clone(),
            (Standing::Held, _) => a.clone(),
            _ => b.clone(),
        };
        Self { standings: self.standings.iter().zip(&other.standings).map(merge).collect() }
    }
}
