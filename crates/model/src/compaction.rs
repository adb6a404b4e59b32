//! What a compaction leaves of a log: one rule, for every log.
//!
//! A compacted log keeps the newest event of each key, so that reading it from its start gives the current state, however long its history. The newest is
//! the one that the source wrote last ([`ChangeEvent::position`]), and not the one with the highest offset: an append that is repeated puts an old event behind a newer one, and
//! a log that went by offsets would keep the old one and forget the newer. Of an event that was appended several times the first stays, so that what is left still
//! lies in the order in which the source wrote it.
//!
//! A deletion is an event like any other until its key has no other event and it is older than [`Compaction::tombstones`]; then it goes too. That it
//! goes one compaction after all that it covers makes it safe to put compacted segments in place one at a time: whatever part of
//! the work is done when the power fails, no row is left whose deletion is gone. A reader who was away meanwhile may hold a row whose deletion
//! is not there any more. It cannot see that, so it is told: [`Compacted::forgotten`].

use crate::change::ChangeEvent;
use crate::hash::Lookup;
use crate::key::Key;
use crate::position::{Lsn, Offset};
use crate::row::Row;
use crate::settings::{Kind, Setting, Settings};
use crate::time::{Span, Time};

/// How a log is compacted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compaction {
    /// How often; what was appended since the last time is left alone until the next.
    pub every: Span,
    /// How long a deletion stays after it was appended, at least.
    pub tombstones: Span,
}

/// How far a partition has been compacted. Both only ever grow; 0 where it never was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compacted {
    /// Below it events may be missing for which newer ones of the same key are there, below it too.
    pub below: Offset,
    /// Below it deletions may be missing altogether: who has read a part of the log, and not to here, may hold rows that are no more.
    pub forgotten: Offset,
}

/// What matters of an event when a log is compacted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// The row that it is about; an event that has no key is about the log itself, and stays.
    pub key: Key,
    /// Where in the source's log it was found, and which event of its transaction it is: what was written later has more of this.
    pub place: (Lsn, u32),
    /// Whether it leaves no row.
    pub deletes: bool,
    /// Whether it says a part of the row only, and the rest is in events before it.
    pub partial: bool,
}

/// What becomes of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It stays, as it is and where it is.
    Stays,
    /// There is a newer event of its key.
    Superseded,
    /// It is a deletion whose time is over.
    Forgotten,
}

/// The newest event of each key in the part of a partition that is compacted, and where that is followed by parts of the row, these too: first all records are noted, then each is judged.
///
/// It takes memory for each key, and none for each event.
#[derive(Debug, Default)]
pub struct Survivors {
    newest: Lookup<Key, Newest>,
    last: Option<Offset>,
}

#[derive(Debug)]
struct Newest {
    place: (Lsn, u32),
    offset: Offset,
    /// Whether it is the only event of its key.
    alone: bool,
}

impl Compaction {
    /// The setting `compact`, as the section `[log]` has it.
    pub const EVERY: Setting = Setting {
        name: "compact",
        summary: "how often the log is compacted to the newest event of each key; unset: never",
        kind: Kind::Span,
        default: None,
    };

    /// The setting `tombstones`.
    pub const TOMBSTONES: Setting = Setting {
        name: "tombstones",
        summary: "how long a compacted log keeps a deletion; a reader that was away for longer may never hear of it",
        kind: Kind::Span,
        default: Some("24h"),
    };

    /// What the settings `compact` and `tombstones` say.
    #[must_use]
    pub fn from_settings(settings: &Settings) -> Option<Self> {
        let every = settings.span_if_set("compact")?;
        Some(Self { every, tombstones: settings.span("tombstones") })
    }

    /// The moment up to which deletions must have been appended to be forgotten now; `None` where the log is younger than that.
    #[must_use]
    pub fn horizon(self, now: Time) -> Option<Time> {
        now.nanos().checked_sub(self.tombstones.nanos()).map(Time::from_nanos)
    }
}

impl From<&ChangeEvent> for Heading {
    fn from(event: &ChangeEvent) -> Self {
        let change = &event.change;
        Self {
            key: change.key.clone(),
            place: (event.position, event.index),
            deletes: change.after.is_none(),
            partial: change.after.as_ref().is_some_and(Row::is_partial),
        }
    }
}

impl Survivors {
    /// Notes a record. All that are to be compacted are noted, in the order of their offsets, before any is judged.
    pub fn note(&mut self, offset: Offset, heading: &Heading) {
        self.last = Some(offset);
        if heading.key.is_empty() {
            return;
        }
        let place = heading.place;
        match self.newest.get_mut(&heading.key) {
            Some(newest) if heading.partial => newest.alone = false,
            None if heading.partial => {
                let nothing = Newest { place: Default::default(), offset: Offset(u64::MAX), alone: false };
                self.newest.insert(heading.key.clone(), nothing);
            }
            Some(newest) if place > newest.place => *newest = Newest { place, offset, alone: false },
            Some(newest) => newest.alone = false,
            None => drop(self.newest.insert(heading.key.clone(), Newest { place, offset, alone: true })),
        }
    }

    /// What becomes of a record that was noted, appended at a moment; deletions up to `horizon` may be forgotten.
    ///
    /// The last record stays whatever it is: it says where the log had got to.
    #[must_use]
    pub fn judge(&self, offset: Offset, at: Time, heading: &Heading, horizon: Option<Time>) -> Verdict {
        let Some(newest) = self.newest.get(&heading.key).filter(|_| self.last != Some(offset)) else {
            return Verdict::Stays;
        };
        if heading.partial {
            // Not before the row that it is a part of has been told whole again.
            return if heading.place < newest.place { Verdict::Superseded } else { Verdict::Stays };
        }
        if newest.offset != offset {
            return Verdict::Superseded;
        }
        let is_over = horizon.is_some_and(|horizon| at <= horizon);
        if heading.deletes && newest.alone && is_over { Verdict::Forgotten } else { Verdict::Stays }
    }

    /// How many keys there are.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.newest.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::TableId;

    /// Judges records of (key, position in the source's log, whether it deletes), appended one a second, when deletions live for so many seconds.
    fn judged(records: &[(i64, u64, bool)], now: u64, tombstones: u64) -> Vec<Verdict> {
        let at = |n: u64| Time::ZERO + Span::from_secs(n);
        let key = |n: i64| if n < 0 { Key::new(TableId(0), &[]) } else { Key::integer(TableId(0), n) };
        let heading = |&(n, lsn, deletes): &(i64, u64, bool)| Heading {
            key: key(n),
            place: (Lsn(lsn), 0),
            deletes,
            partial: false,
        };
        let mut survivors = Survivors::default();
        for (record, n) in records.iter().zip(0..) {
            survivors.note(Offset(n), &heading(record));
        }
        let compaction = Compaction { every: Span::from_secs(1), tombstones: Span::from_secs(tombstones) };
        let judge =
            |(record, n)| survivors.judge(Offset(n), at(n), &heading(record), compaction.horizon(at(now)));
        records.iter().zip(0..).map(judge).collect()
    }

    use Verdict::{Forgotten, Stays, Superseded};

    #[test]
    fn the_newest_event_of_each_key_stays_and_so_does_the_last_of_all() {
        let records = [(1, 1, false), (2, 2, false), (1, 3, false), (3, 4, true), (3, 2, false)];
        assert_eq!(judged(&records, 9, 99), [Superseded, Stays, Stays, Stays, Stays]);
    }

    /// A producer whose append was repeated puts an old event behind a newer one. A log that keeps the highest offset of a key would lose the newer.
    #[test]
    fn an_append_that_comes_again_does_not_supersede_what_came_between() {
        let records = [(1, 5, false), (1, 6, false), (1, 5, false), (1, 6, false), (2, 7, false)];
        assert_eq!(judged(&records, 9, 99), [Superseded, Stays, Superseded, Superseded, Stays]);
    }

    /// Its rows must be gone before it goes: a log that is put in place segment by segment could otherwise lose the deletion first.
    #[test]
    fn a_deletion_goes_when_its_time_is_over_and_nothing_else_of_its_key_is_left() {
        let covering = [(1, 1, false), (1, 2, true), (9, 9, false)];
        assert_eq!(judged(&covering, 99, 5), [Superseded, Stays, Stays]);
        let alone = [(1, 2, true), (9, 9, false)];
        assert_eq!(judged(&alone, 99, 5), [Forgotten, Stays]);
        assert_eq!(judged(&alone, 5, 5), [Forgotten, Stays], "as old as the limit");
        assert_eq!(judged(&alone, 4, 5), [Stays, Stays], "a log younger than the limit");
    }

    /// A log that kept the newest event alone would keep a part, and lose the row that it is a part of.
    #[test]
    fn a_part_of_a_row_stays_beside_the_row_until_that_is_told_whole_again() {
        let heading = |lsn, partial, deletes| Heading {
            key: Key::integer(TableId(0), 1),
            place: (Lsn(lsn), 0),
            deletes,
            partial,
        };
        let at = |n: u64| Time::ZERO + Span::from_secs(n);
        let judged = |headings: &[Heading]| -> Vec<Verdict> {
            let mut survivors = Survivors::default();
            let last = Heading { key: Key::integer(TableId(0), 9), ..heading(99, false, false) };
            let all: Vec<&Heading> = headings.iter().chain([&last]).collect();
            (0..).zip(&all).for_each(|(n, heading)| survivors.note(Offset(n), heading));
            let judge =
                |(n, heading): (u64, &&Heading)| survivors.judge(Offset(n), at(0), heading, Some(at(9)));
            (0..).zip(&all).take(headings.len()).map(judge).collect()
        };
        let (part, whole) = (|lsn| heading(lsn, true, false), |lsn| heading(lsn, false, false));
        assert_eq!(judged(&[whole(1), part(2), part(3)]), [Stays; 3]);
        assert_eq!(judged(&[whole(1), part(2), whole(3), part(4)]), [Superseded, Superseded, Stays, Stays]);
        assert_eq!(judged(&[part(2)]), [Stays], "the row is in another segment");
        let deletion = heading(3, false, true);
        assert_eq!(judged(&[part(2), deletion.clone()]), [Superseded, Stays]);
        assert_eq!(judged(&[deletion]), [Forgotten]);
    }

    #[test]
    fn events_about_the_log_itself_stay() {
        let records = [(-1, 1, true), (-1, 2, true), (-1, 2, true), (5, 3, false)];
        assert_eq!(judged(&records, 99, 0), [Stays; 4]);
    }
}
