//! What a store can still tell of the past: the changes that it keeps, and how far they reach.
//!
//! A strategy leaves behind more than copies: tables with the newest row of each key, an outbox, a log, streams of events. Whoever asks afterwards what was true, when it
//! changed and why, has these to ask and nothing else. As [`Journal`]s they can all be asked in the same way.

use crate::key::Key;
use crate::position::Lsn;
use crate::row::{Row, TransactionId};
use crate::schema::TableId;
use crate::time::Time;

/// A moment in the life of the source: right after a commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Where the commit's record ends in the source's log.
    pub position: Lsn,
    /// When it committed.
    pub at: Time,
}

/// What the stores of a strategy can tell when a run has ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Testimony {
    /// The journals, the most telling first; the tables, which say what is there now, are the last.
    pub journals: Vec<Journal>,
    /// Tables that the strategy keeps for itself: nobody asks what was in them.
    pub own: Vec<TableId>,
    /// What the clock that stamps rows showed when the run began.
    pub began: Time,
}

/// What one store keeps of the past.
#[derive(Clone, Debug, PartialEq)]
pub struct Journal {
    /// What the store is called: `tables`, `outbox`, `log`.
    pub place: String,
    /// The changes, those of one key in the order in which they were made.
    pub entries: Vec<Entry>,
    /// From when on every change is among the entries; `None` where that can be said of no moment.
    pub whole_since: Option<Moment>,
    /// What is left of what was before that.
    pub earlier: Earlier,
}

/// What a journal has of the time before it is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// Whatever happens to be among the entries: that a key has none says nothing.
    Some,
    /// The newest change of every key that has changed since the beginning.
    Newest,
    /// The newest change of every key that has changed since the beginning, and still has a row: a row that was deleted may have left no trace.
    NewestOfRows,
}

/// A change, as a store keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The row's key; [`Key::all_of`] its table where all rows of that went at once.
    pub key: Key,
    /// The row before.
    pub before: Before,
    /// The row after; `None` for a deletion. A partial one where the store never had the rest of it.
    pub after: Option<Row>,
    /// The transaction that made it; `None` where the store has a mark and nothing else.
    pub transaction: Option<TransactionId>,
    /// Where its commit's record ends in the source's log, where the store keeps that; otherwise [`Entry::at`] says when it was made.
    pub position: Option<Lsn>,
    /// When it was made, since the beginning of the run, by what the store knows: a stamp is given before the commit.
    pub at: Time,
    /// Who asked for it, and what for, where the store keeps that.
    pub cause: Option<Cause>,
}

/// What a store keeps of a row before a change.
#[derive(Clone, Debug, PartialEq)]
pub enum Before {
    /// Nothing: what stood there is not known.
    Unkept,
    /// Nothing, because it is no change: a row read and written down, which had been there as it is.
    Same,
    /// The row; `None` where there was none.
    Kept(Option<Row>),
}

/// Who asked for a change, and what for, as the business says it and not as the database does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// On whose behalf: `customer 7`.
    pub who: String,
    /// What happened: `cancelled`.
    pub why: String,
}

/// What a strategy that stores what happened can tell out of its own tables.
#[derive(Clone, Debug)]
pub struct Recount {
    /// What followed from all that happened.
    pub journal: Journal,
    /// The tables in which it stores what happened: they are how it remembers, and nobody asks what was in them.
    pub own: Vec<TableId>,
}

impl Entry {
    /// Whether it says all of what the row was after it.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !self.after.as_ref().is_some_and(Row::is_partial)
    }

    /// Whether it was made by a moment, as far as the store can tell.
    #[must_use]
    pub fn is_by(&self, moment: Moment) -> bool {
        self.position.map_or(self.at <= moment.at, |position| position <= moment.position)
    }
}
