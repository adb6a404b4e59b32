//! `torn_transaction`: a sink shows part of a transaction.
//!
//! The fractured read of RAMP (Bailis et al., 2014): a transaction wrote `x` and `y`; the sink shows `x` exactly as the transaction left it,
//! and `y` older than that. For each transaction of several rows and each sink two counters say how many of its keys are shown exactly at it
//! and how many older; it is torn while neither is zero. When a key moves from one version to another, only the transactions
//! between the two have to be told, so a row change costs a constant on average.

use crate::anomaly::Anomaly;
use crate::casebook::{CaseNo, Casebook};
use crate::check::Check;
use crate::finding::Until;
use crate::judgement::Judgement;
use crate::phrase::Phrases;
use crate::story::{Story, Told};
use crate::timeline::{Changed, CommitNo, KeyNo, Moved, NO_VERSION, Outdated, State, Timeline, VersionNo};
use driftlab_model::{Fingerprint, Row, Time};

/// Counts, for each transaction and sink, the keys shown at it and older than it.
#[derive(Default)]
pub(crate) struct Torn {
    /// Where the counts of each commit are, one for each sink; [`NOWHERE`] for commits of a single row.
    places: Vec<u32>,
    counts: Vec<Count>,
    sinks: usize,
    /// Counts that changed in this instant.
    changed: Vec<(CommitNo, u32)>,
}

const NOWHERE: u32 = u32::MAX;

#[derive(Clone, Copy, Default)]
struct Count {
    exact: u32,
    older: u32,
    case: Option<CaseNo>,
    queued: bool,
}

impl Check for Torn {
    fn new(timeline: &Timeline) -> Self {
        Self { sinks: timeline.sinks.len(), ..Self::default() }
    }

    fn restart(&mut self, _: &Timeline) {
        self.places.clear();
        self.counts.clear();
        self.changed.clear();
    }

    #[inline]
    fn outdated(&mut self, timeline: &Timeline, step: &Outdated, _: &mut Casebook) {
        if !timeline.is_alone() {
            let commit = timeline.last_commit();
            self.make_room(timeline, commit);
            self.count(commit, step.sink, |count| count.older += 1);
        }
    }

    fn changed(&mut self, timeline: &Timeline, step: &Changed, _: &mut Casebook) {
        // While there was no transaction of several rows there is nothing to count.
        if !self.counts.is_empty() || !timeline.is_alone() {
            self.follow(timeline, step);
        }
    }

    #[inline]
    fn moved(&mut self, timeline: &Timeline, step: &Moved, _: &mut Casebook) {
        if !self.counts.is_empty() {
            self.shift(timeline, step.sink, step.key, step.before, step.after);
        }
    }

    fn loaded(&mut self, timeline: &Timeline, sink: usize) {
        for commit in 1..=timeline.last_commit() {
            self.count(commit, sink, |_| {});
        }
    }

    #[inline]
    fn instant_over(&mut self, timeline: &Timeline, book: &mut Casebook) {
        while let Some((commit, sink)) = self.changed.pop() {
            let place = self.places[commit as usize] as usize + sink as usize;
            self.counts[place].queued = false;
            self.judge(timeline, commit, sink as usize, place, book);
        }
    }

    fn fingerprint(&self, _: &Timeline, _: &Casebook, print: &mut Fingerprint<'_>) {
        // The counts follow from what is shown; which of them are cases does too, once the moment is over.
        print.word(self.counts.iter().filter(|count| count.case.is_some()).count() as u64);
    }

    fn conclude(&mut self, timeline: &Timeline, book: &mut Casebook, _: &mut Judgement) {
        self.instant_over(timeline, book);
    }
}

impl Torn {
    fn follow(&mut self, timeline: &Timeline, step: &Changed) {
        if !timeline.sinks[step.sink].shows_rows() {
            return;
        }
        let commit = timeline.version(step.version).commit;
        self.make_room(timeline, commit);
        if step.before.latest < step.version {
            self.count(commit, step.sink, |count| count.older += 1);
        }
        if step.changes {
            self.shift(timeline, step.sink, step.key, step.before, timeline.slots[step.slot].state);
        }
    }

    fn make_room(&mut self, timeline: &Timeline, commit: CommitNo) {
        while self.places.len() <= commit as usize {
            let entry = timeline.commits[self.places.len()];
            // The load is no transaction, and a transaction of one row cannot be torn.
            if self.places.is_empty() || entry.end - entry.first < 2 {
                self.places.push(NOWHERE);
            } else {
                self.places.push(self.counts.len() as u32);
                self.counts.resize(self.counts.len() + self.sinks, Count::default());
            }
        }
    }

    fn count(&mut self, commit: CommitNo, sink: usize, change: impl FnOnce(&mut Count)) {
        let Some(&place) = self.places.get(commit as usize) else { return };
        if place == NOWHERE {
            return;
        }
        let count = &mut self.counts[place as usize + sink];
        change(count);
        if !count.queued {
            count.queued = true;
            self.changed.push((commit, sink as u32));
        }
    }

    fn shift(&mut self, timeline: &Timeline, sink: usize, key: KeyNo, before: State, after: State) {
        let commit = |version: VersionNo| timeline.version(version).commit;
        if before.exact != after.exact {
            if before.exact != NO_VERSION {
                self.count(commit(before.exact), sink, |count| count.exact -= 1);
            }
            if after.exact != NO_VERSION {
                self.count(commit(after.exact), sink, |count| count.exact += 1);
            }
        }
        if before.latest == after.latest {
            return;
        }
        let (low, high) = (before.latest.min(after.latest), before.latest.max(after.latest));
        let forwards = after.latest == high;
        let mut at = match low {
            NO_VERSION => timeline.key(key).base,
            _ => timeline.version(low).next,
        };
        while at != NO_VERSION && at <= high {
            self.count(commit(at), sink, |count| {
                count.older = if forwards { count.older - 1 } else { count.older + 1 };
            });
            at = timeline.version(at).next;
        }
    }

    fn judge(
        &mut self,
        timeline: &Timeline,
        commit: CommitNo,
        sink: usize,
        place: usize,
        book: &mut Casebook,
    ) {
        let Count { exact, older, case, .. } = self.counts[place];
        let is_torn = exact > 0 && older > 0 && timeline.sinks[sink].loaded.is_some();
        match case {
            None if is_torn => {
                let story = Box::new(Fracture::found(timeline, commit, sink));
                let key = Some(story.older);
                let case = book.open(Anomaly::TornTransaction, Some(sink), key, timeline.now, story);
                self.counts[place].case = Some(case);
            }
            Some(case) if !is_torn => {
                book.close(case, timeline.now);
                self.counts[place].case = None;
            }
            _ => {}
        }
    }
}

struct Fracture {
    commit: CommitNo,
    sink: usize,
    exact: KeyNo,
    exact_row: Option<Row>,
    older: KeyNo,
    older_row: Option<Row>,
    at: Time,
}

impl Fracture {
    fn found(timeline: &Timeline, commit: CommitNo, sink: usize) -> Self {
        let entry = timeline.commits[commit as usize];
        let (mut exact, mut older) = (0, 0);
        for version in (entry.first..entry.end).rev() {
            let key = timeline.version(version).key;
            let state = timeline.slot(sink, key).state;
            if state.exact == version {
                exact = key;
            } else if state.latest < version {
                older = key;
            }
        }
        let row = |key| timeline.slot(sink, key).row.clone();
        let at = timeline.now;
        Self { commit, sink, exact, exact_row: row(exact), older, older_row: row(older), at }
    }
}

impl Story for Fracture {
    fn tell(&self, phrases: &Phrases<'_>, until: Until) -> Told {
        let sink = phrases.sink(self.sink);
        let (exact, older) = (phrases.key(self.exact), phrases.key(self.older));
        let client = phrases.author(self.commit);
        let column = self.exact_row.as_ref().and_then(|row| phrases.telling_column(self.exact, row, None));
        let shows = match (&self.exact_row, column) {
            (Some(row), Some(column)) => {
                format!("shows {client}'s {} of {exact}", phrases.cell(self.exact, row, column))
            }
            (Some(_), None) => format!("shows {client}'s row of {exact}"),
            (None, _) => format!("shows that {client} deleted {exact}"),
        };
        let table = |key| phrases.timeline.key(key).key.table();
        let same = column.filter(|_| table(self.exact) == table(self.older));
        let still = match &self.older_row {
            Some(row) => {
                let column = same.or_else(|| phrases.telling_column(self.older, row, None));
                let value = column.map_or("row".to_owned(), |column| phrases.cell(self.older, row, column));
                format!("still {}'s {value} of {older}", phrases.writer(row.write()))
            }
            None => format!("no {older} yet"),
        };
        let lasting = phrases.lasting(self.at, until);
        let sentence = format!(
            "{sink} {shows} but {still}, though {client} changed both in one transaction (commit {}); torn {lasting}",
            self.commit
        );
        let entry = phrases.timeline.commits[self.commit as usize];
        Told { sentence, transactions: vec![entry.transaction], processes: vec![entry.by] }
    }
}
