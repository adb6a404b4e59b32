//! Checkers that are broken on purpose: if the mutants die under these as well, they prove nothing.
//!
//! None of them touches the checker. A [`Sabotage`] stands between the world and the checker and withholds events, or between the checker and
//! whoever asks, and withholds the verdict.

use driftlab_check::{ANOMALIES, Checker, Judgement};
use driftlab_model::{Commit, Event, Milestone, Observer, Time, View};
use std::sync::Arc;

/// A way of breaking a checker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sabotage {
    /// Its verdict is thrown away.
    AlwaysPasses,
    /// It never hears of a deletion, by whomever.
    IgnoresDeletions,
    /// It says something only where the numbers of rows differ in the end.
    CountsRows,
    /// It is not told when the run has come to rest, so nothing is ever permanent.
    SkipsTheEnd,
    /// It hears of the first events only.
    SeesTheBeginning,
}

/// How many events a checker hears of that sees the beginning only.
const BEGINNING: usize = 25;

impl Sabotage {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::AlwaysPasses,
        Self::IgnoresDeletions,
        Self::CountsRows,
        Self::SkipsTheEnd,
        Self::SeesTheBeginning,
    ];

    /// What such a checker does, in a few words.
    #[must_use]
    pub const fn summary(self) -> &'static str {
        match self {
            Self::AlwaysPasses => "always passes",
            Self::IgnoresDeletions => "ignores deletions",
            Self::CountsRows => "compares row counts only",
            Self::SkipsTheEnd => "skips the comparison at the end",
            Self::SeesTheBeginning => "sees the first 25 events only",
        }
    }

    /// Whether somebody who asks such a checker is told of an anomaly.
    pub(crate) fn tells(self, judgement: &Judgement, name: &str) -> bool {
        let counts_differ = || judgement.sinks.iter().any(|sink| sink.silent.row_count.noticed.count() > 0);
        match self {
            Self::AlwaysPasses => false,
            Self::CountsRows => is_seen(judgement, name) && counts_differ(),
            _ => is_seen(judgement, name),
        }
    }

    /// The event as such a checker hears of it, which is the `number`th of its history; `None` where it does not.
    fn pass(self, number: usize, event: &Event) -> Option<Event> {
        match (self, event) {
            (Self::IgnoresDeletions, Event::Committed { by, commit }) => {
                let mut commit = Commit::clone(commit);
                commit.changes.retain(|change| change.after.is_some());
                Some(Event::Committed { by: *by, commit: Arc::new(commit) })
            }
            (Self::IgnoresDeletions, Event::Shown { by, sink, keys }) => {
                let keys = keys.iter().filter(|shown| matches!(shown.view, View::Row(_))).cloned().collect();
                Some(Event::Shown { by: *by, sink: *sink, keys })
            }
            (Self::SkipsTheEnd, Event::Milestone(Milestone::Quiescent)) => None,
            (Self::SeesTheBeginning, _) if number > BEGINNING => None,
            _ => Some(event.clone()),
        }
    }
}

/// Whether a judgement reports an anomaly of this name in any sink.
///
/// # Panics
/// When no anomaly has this name.
pub(crate) fn is_seen(judgement: &Judgement, name: &str) -> bool {
    let entry = ANOMALIES.iter().find(|entry| entry.name == name).expect("mutants name known anomalies");
    judgement.sinks.iter().any(|sink| sink.tally(entry.anomaly).total > 0)
}

/// A sabotaged checker.
pub(crate) struct Blindfolded {
    pub(crate) sabotage: Sabotage,
    pub(crate) checker: Checker,
    heard: usize,
}

impl Blindfolded {
    pub(crate) const fn new(sabotage: Sabotage, checker: Checker) -> Self {
        Self { sabotage, checker, heard: 0 }
    }

    pub(crate) fn restart(&mut self) {
        self.checker.restart();
        self.heard = 0;
    }
}

impl Observer for Blindfolded {
    fn observe(&mut self, at: Time, event: &Event) {
        self.heard += 1;
        if let Some(event) = self.sabotage.pass(self.heard, event) {
            self.checker.observe(at, &event);
        }
    }
}
