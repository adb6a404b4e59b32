//! `not_a_prefix` and `non_monotonic`, for caches.
//!
//! A cache claims nothing of the keys that it does not hold, so its state cannot be looked up as a whole. But each shown version was the
//! source's from its own commit to before the next one's, and a state of the source that looks like the cache exists exactly if all these
//! intervals have a position in common: the latest beginning lies before the earliest end.

use super::prefix::{Backwards, not_a_prefix};
use super::witness::{Witness, begin, end, is_impossible};
use crate::casebook::{CaseNo, Casebook};
use crate::check::Check;
use crate::judgement::Judgement;
use crate::timeline::{Changed, CommitNo, KeyNo, Kind, Moved, State, Timeline};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Follows what caches hold.
#[derive(Default)]
pub(crate) struct CachePrefix {
    tracks: Vec<Track>,
}

struct Track {
    sink: usize,
    held: Intervals,
    dirty: bool,
    violation: Option<CaseNo>,
    regression: Option<CaseNo>,
    /// A position that the cache has surely reached.
    reached: CommitNo,
}

/// The intervals of the keys that a cache holds.
#[derive(Default)]
pub(super) struct Intervals {
    /// Beginnings, the latest first. Entries of versions that are not shown any more are dropped when they come to the top.
    begins: BinaryHeap<(CommitNo, KeyNo)>,
    /// Ends of versions that have been replaced at the source, the earliest first; cleaned the same way.
    ends: BinaryHeap<Reverse<(CommitNo, KeyNo)>>,
    /// Keys of which no state ever looked like what is shown.
    impossible: u64,
}

/// What the intervals have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Common {
    /// The positions from the first on, to before the second where there is one.
    Positions(CommitNo, Option<CommitNo>),
    /// Nothing.
    Nothing,
}

impl Intervals {
    pub(super) fn clear(&mut self) {
        self.begins.clear();
        self.ends.clear();
        self.impossible = 0;
    }

    /// A version became the current one of its key: what is shown of the key, if it is the version before, has come to its end.
    pub(super) fn changed(&mut self, timeline: &Timeline, step: &Changed) -> bool {
        let version = timeline.version(step.version);
        if step.before.kind == Kind::Row && step.before.exact == version.previous {
            self.ends.push(Reverse((version.commit, version.key)));
            return true;
        }
        if step.before != step.after {
            self.moved(timeline, version.key, step.before, step.after);
            return true;
        }
        false
    }

    pub(super) fn moved(&mut self, timeline: &Timeline, key: KeyNo, before: State, after: State) {
        self.impossible += u64::from(is_impossible(after));
        self.impossible -= u64::from(is_impossible(before));
        if after.kind != Kind::Row {
            return;
        }
        self.begins.push((begin(timeline, after.exact), key));
        if let Some(end) = end(timeline, after.exact) {
            self.ends.push(Reverse((end, key)));
        }
    }

    pub(super) fn common(&mut self, timeline: &Timeline, sink: usize) -> Common {
        let shown = |key: KeyNo| {
            let state = timeline.slot(sink, key).state;
            (state.kind == Kind::Row).then_some(state.exact)
        };
        let begins = |(commit, key): (CommitNo, KeyNo)| {
            shown(key).is_some_and(|version| begin(timeline, version) == commit)
        };
        let ends = |(commit, key): (CommitNo, KeyNo)| {
            shown(key).is_some_and(|version| end(timeline, version) == Some(commit))
        };
        // What lies below the top is cleaned only when there is too much of it.
        let most = 64 + 4 * timeline.keys.len();
        if self.begins.len() > most {
            let mut all = std::mem::take(&mut self.begins).into_vec();
            all.sort_unstable();
            all.dedup();
            all.retain(|entry| begins(*entry));
            self.begins = all.into();
        }
        if self.ends.len() > most {
            let mut all = std::mem::take(&mut self.ends).into_vec();
            all.sort_unstable();
            all.dedup();
            all.retain(|Reverse(entry)| ends(*entry));
            self.ends = all.into();
        }
        while self.begins.peek().is_some_and(|entry| !begins(*entry)) {
            self.begins.pop();
        }
        while self.ends.peek().is_some_and(|Reverse(entry)| !ends(*entry)) {
            self.ends.pop();
        }
        let first = self.begins.peek().map_or(0, |top| top.0);
        let last = self.ends.peek().map(|Reverse(top)| top.0);
        if self.impossible > 0 || last.is_some_and(|last| first >= last) {
            return Common::Nothing;
        }
        Common::Positions(first, last)
    }

    /// The two keys whose intervals have nothing in common.
    pub(super) fn witness(&self, timeline: &Timeline, sink: usize) -> Witness {
        let (Some(&(_, newer)), Some(&Reverse((_, older)))) = (self.begins.peek(), self.ends.peek()) else {
            return Witness::Whole;
        };
        let version = |key| timeline.slot(sink, key).state.exact;
        Witness::Pair { newer: (newer, version(newer)), older: (older, version(older)) }
    }
}

impl Check for CachePrefix {
    fn new(timeline: &Timeline) -> Self {
        let is_cache =
            |sink: &usize| timeline.sinks[*sink].shows_rows() && !timeline.sinks[*sink].claims_all();
        let tracks = (0..timeline.sinks.len()).filter(is_cache).map(|sink| Track {
            sink,
            held: Intervals::default(),
            dirty: false,
            violation: None,
            regression: None,
            reached: 0,
        });
        Self { tracks: tracks.collect() }
    }

    fn restart(&mut self, _: &Timeline) {
        for track in &mut self.tracks {
            track.held.clear();
            (track.dirty, track.violation, track.regression, track.reached) = (false, None, None, 0);
        }
    }

    fn changed(&mut self, timeline: &Timeline, step: &Changed, _: &mut Casebook) {
        if let Some(track) = self.tracks.iter_mut().find(|track| track.sink == step.sink) {
            track.dirty |= track.held.changed(timeline, step);
        }
    }

    fn moved(&mut self, timeline: &Timeline, step: &Moved, _: &mut Casebook) {
        if let Some(track) = self.tracks.iter_mut().find(|track| track.sink == step.sink) {
            track.held.moved(timeline, step.key, step.before, step.after);
            track.dirty = true;
        }
    }

    #[inline]
    fn instant_over(&mut self, timeline: &Timeline, book: &mut Casebook) {
        for track in &mut self.tracks {
            if track.dirty && timeline.sinks[track.sink].loaded.is_some() {
                track.dirty = false;
                track.judge(timeline, book);
            }
        }
    }

    fn conclude(&mut self, timeline: &Timeline, book: &mut Casebook, _: &mut Judgement) {
        self.instant_over(timeline, book);
    }
}

impl Track {
    fn judge(&mut self, timeline: &Timeline, book: &mut Casebook) {
        let Common::Positions(first, last) = self.held.common(timeline, self.sink) else {
            if self.violation.is_none() {
                let witness = match self.held.impossible {
                    0 => self.held.witness(timeline, self.sink),
                    _ => Witness::find(timeline, self.sink, |_| true),
                };
                self.violation = Some(not_a_prefix(self.sink, witness, timeline.now, book));
            }
            return;
        };
        if let Some(case) = self.violation.take() {
            book.close(case, timeline.now);
        }
        // The cache is at some position from `first` to before `last`. It has gone back for sure only if all of them lie below what it had reached.
        match last {
            Some(last) if last <= self.reached => {
                if self.regression.is_none() {
                    let backwards =
                        Backwards { sink: self.sink, from: self.reached, to: last - 1, at: timeline.now };
                    self.regression = Some(backwards.open(book));
                }
            }
            _ => {
                self.reached = self.reached.max(first);
                if let Some(case) = self.regression.take() {
                    book.close(case, timeline.now);
                }
            }
        }
    }
}
