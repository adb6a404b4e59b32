//! `stale_overwrite` and `resurrected`, when they happen: an older version of a key takes the place of a newer one.

use crate::anomaly::Anomaly;
use crate::casebook::{CaseNo, Casebook};
use crate::check::Check;
use crate::finding::Until;
use crate::phrase::Phrases;
use crate::story::{Story, Told};
use crate::timeline::{Changed, KeyNo, Moved, Overtaken, StepBack, Timeline, VersionNo};
use driftlab_model::{Fingerprint, Lookup, ProcessId, Row, Time};
use smallvec::SmallVec;

/// Follows each key's shown versions.
#[derive(Default)]
pub(crate) struct KeyOrder {
    /// The open cases of each slot: it may have gone back several times before it healed.
    open: Lookup<usize, SmallVec<[CaseNo; 2]>>,
}

impl Check for KeyOrder {
    fn new(_: &Timeline) -> Self {
        Self::default()
    }

    fn restart(&mut self, _: &Timeline) {
        self.open.clear();
    }

    #[inline]
    fn changed(&mut self, timeline: &Timeline, step: &Changed, book: &mut Casebook) {
        // What is shown may become right again because the source comes round to it: both have no row now.
        if !self.open.is_empty() && timeline.since(step.sink, step.key) == Time::NEVER {
            self.heal(step.slot, timeline.now, book);
        }
        if !timeline.steps_back.is_empty() {
            for back in &timeline.steps_back {
                self.regress_in_hindsight(timeline, step, back, book);
            }
        }
    }

    #[inline]
    fn moved(&mut self, timeline: &Timeline, step: &Moved, book: &mut Casebook) {
        if step.heals {
            self.heal(step.slot, timeline.now, book);
        }
        if let Some(overtaken) = step.regresses {
            self.regress(timeline, step, overtaken, book);
        }
    }

    fn fingerprint(&self, timeline: &Timeline, book: &Casebook, print: &mut Fingerprint<'_>) {
        let mut open = 0u128;
        for slot in timeline.touched_slots() {
            for case in self.open.get(&slot).into_iter().flatten() {
                let mut part = print.part();
                part.word(slot as u64);
                book.print_case(*case, &mut part);
                open = open.wrapping_add(part.value());
            }
        }
        print.sum(open);
    }
}

impl KeyOrder {
    fn regress(&mut self, timeline: &Timeline, step: &Moved, overtaken: Overtaken, book: &mut Casebook) {
        let Overtaken { high, at, below } = overtaken;
        let story = Regression {
            sink: step.sink,
            key: step.key,
            newer: high,
            newer_row: step.row_before.clone().filter(|_| step.before.exact == high),
            newer_at: at,
            older: step.as_of,
            older_row: timeline.slots[step.slot].row.clone(),
            at: timeline.now,
            by: step.by,
            first_time: step.as_of > below,
        };
        let case = book.open(
            story.anomaly(timeline),
            Some(step.sink),
            Some(step.key),
            timeline.now,
            Box::new(story),
        );
        self.open.or_insert_with(step.slot, SmallVec::new).push(case);
    }

    fn regress_in_hindsight(
        &mut self,
        timeline: &Timeline,
        step: &Changed,
        back: &StepBack,
        book: &mut Casebook,
    ) {
        let key = step.key;
        let StepBack { newer_at, newer_row, older, end } = back;
        let story = Regression {
            sink: step.sink,
            key,
            newer: step.version,
            newer_row: newer_row.clone(),
            newer_at: *newer_at,
            older: older.version,
            older_row: older.row.clone(),
            at: older.at,
            by: older.by,
            first_time: older.is_first,
        };
        let anomaly = story.anomaly(timeline);
        if let Some(end) = end {
            let time = (older.at, Until::Healed(*end));
            book.record(anomaly, Some(step.sink), Some(key), time, Box::new(story));
        } else {
            let case = book.open(anomaly, Some(step.sink), Some(key), older.at, Box::new(story));
            self.open.or_insert_with(step.slot, SmallVec::new).push(case);
        }
    }

    fn heal(&mut self, slot: usize, at: Time, book: &mut Casebook) {
        for case in self.open.remove(&slot).into_iter().flatten() {
            book.close(case, at);
        }
    }
}

struct Regression {
    sink: usize,
    key: KeyNo,
    newer: VersionNo,
    newer_row: Option<Row>,
    newer_at: Time,
    older: VersionNo,
    older_row: Option<Row>,
    at: Time,
    by: ProcessId,
    /// Whether the older version had never been shown before.
    first_time: bool,
}

impl Regression {
    fn anomaly(&self, timeline: &Timeline) -> Anomaly {
        if timeline.version(self.newer).is_absence() && self.older_row.is_some() {
            Anomaly::Resurrected
        } else {
            Anomaly::StaleOverwrite
        }
    }
}

impl Story for Regression {
    fn tell(&self, phrases: &Phrases<'_>, until: Until) -> Told {
        let (sink, key) = (phrases.sink(self.sink), phrases.key(self.key));
        let (newer, older) = (phrases.version(self.newer), phrases.version(self.older));
        let later = self.at - self.newer_at;
        let lasting = phrases.lasting(self.at, until);
        let (newer_author, older_author) = (phrases.author(newer.commit), phrases.author(older.commit));
        let second = if newer.previous == self.older { "second" } else { "later" };
        let newer_row = self.newer_row.as_ref();
        let newer_value = match newer_row {
            Some(row) => phrases.value(self.key, row, self.older_row.as_ref()),
            None => format!("{newer_author}'s row"),
        };
        let sentence = match &self.older_row {
            Some(row) if newer.is_absence() => format!(
                "{key} was deleted by {newer_author} and {sink} had shown that; {later} later {} was shown again; wrong {lasting}",
                phrases.value(self.key, row, None),
            ),
            Some(row) if self.first_time => format!(
                "{newer_value} of {key} was committed {second} but reached {sink} first; {} overwrote it {later} later; wrong {lasting}",
                phrases.value_after(self.key, row, newer_row),
            ),
            Some(row) => format!(
                "{sink} showed {newer_value} of {key}; {later} later the older {} was shown again; wrong {lasting}",
                phrases.value(self.key, row, newer_row),
            ),
            None if older.commit == 0 => {
                format!("{sink} showed {newer_value} of {key}; {later} later it was gone; wrong {lasting}")
            }
            None => format!(
                "{newer_value} of {key} was committed after {older_author} deleted it; {sink} showed it, but the deletion took it away {later} later; wrong {lasting}"
            ),
        };
        let transactions = phrases.transactions(&[self.older, self.newer]);
        let mut processes = vec![self.by];
        processes.extend(phrases.clients(&transactions).into_iter().filter(|by| *by != self.by));
        Told { sentence, transactions, processes }
    }
}
