//! What an anomaly is, and what each level makes of it.

use crate::phenomena::{self, Phenomenon};
use crate::play::{Played, play};
use crate::schedule::Move;
use crate::{dirty, lost_update, predicates, skew, vanishing};
use driftlab_sim::database::Isolation;
use std::collections::BTreeSet;

/// An anomaly, the schedule that provokes it, and what is expected of each level.
pub(crate) struct Anomaly {
    /// Its name in the literature.
    pub(crate) name: &'static str,
    /// Its name in words.
    pub(crate) title: &'static str,
    /// Where the name is from.
    pub(crate) source: &'static str,
    /// What happens, in one sentence.
    pub(crate) story: &'static str,
    pub(crate) trial: Trial,
    /// What PostgreSQL does at read committed, and at repeatable read, which is its snapshot isolation.
    pub(crate) postgres: [Verdict; 2],
}

/// How an anomaly is tried.
pub(crate) enum Trial {
    Schedule {
        moves: &'static [Move],
        /// Whether what was played shows it.
        shows: fn(&Played) -> bool,
        /// What is expected at read committed, and at snapshot.
        expected: [Expected; 2],
    },
    /// The database has no way to say it.
    Inexpressible(&'static str),
}

/// What is expected of a level.
pub(crate) struct Expected {
    pub(crate) verdict: Verdict,
    /// The phenomena of the history, all of them.
    pub(crate) phenomena: &'static [Phenomenon],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Possible,
    Prevented,
}

pub(crate) const LEVELS: [(Isolation, &str); 2] =
    [(Isolation::ReadCommitted, "read committed"), (Isolation::Snapshot, "snapshot")];

/// All of them, in the order of the page.
pub(crate) fn all() -> impl Iterator<Item = &'static Anomaly> {
    [dirty::FAMILY, vanishing::FAMILY, predicates::FAMILY, lost_update::FAMILY, skew::FAMILY]
        .into_iter()
        .flatten()
        .copied()
}

pub(crate) const fn possible(phenomena: &'static [Phenomenon]) -> Expected {
    Expected { verdict: Verdict::Possible, phenomena }
}

pub(crate) const fn prevented(phenomena: &'static [Phenomenon]) -> Expected {
    Expected { verdict: Verdict::Prevented, phenomena }
}

impl Anomaly {
    /// Plays the schedule at both levels, and gives what was played for a closer look.
    ///
    /// # Panics
    /// Where a level does not keep what it promises, or does not show what it allows.
    pub(crate) fn try_at_both_levels(&self) -> [Played; 2] {
        let Trial::Schedule { moves, shows, expected } = &self.trial else {
            panic!("{} has no schedule", self.name)
        };
        std::array::from_fn(|i| {
            let (level, name) = LEVELS[i];
            let played = play(level, moves);
            let verdict = if shows(&played) { Verdict::Possible } else { Verdict::Prevented };
            assert_eq!(verdict, expected[i].verdict, "{} at {name}: {:?}", self.name, played.told);
            let found = phenomena::of(&played.history);
            let listed: BTreeSet<Phenomenon> = expected[i].phenomena.iter().copied().collect();
            assert_eq!(found, listed, "{} at {name}: {:#?}", self.name, played.history);
            played
        })
    }
}
