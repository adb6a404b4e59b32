//! In-order batching by transaction: events go in one by one, and whole transactions come out.

use driftlab_model::{Bookmark, ChangeEvent, Kind, Setting, Settings, TransactionId};
use smallvec::{SmallVec, smallvec};
use std::collections::BTreeMap;

/// What becomes visible in a sink in one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grouping {
    /// Each change by itself.
    Rows,
    /// Whole transactions.
    Transactions,
}

impl Grouping {
    /// The setting `apply` with a default.
    pub(crate) const fn setting(default: &'static str) -> Setting {
        Setting {
            name: "apply",
            summary: "What a sink takes in one step.",
            kind: Kind::Choice(&[
                ("rows", "each change by itself: readers see half-applied transactions"),
                ("transaction", "whole transactions, in one atomic step"),
            ]),
            default: Some(default),
        }
    }

    pub(crate) fn of(settings: &Settings) -> Self {
        match settings.word("apply") {
            "transaction" => Self::Transactions,
            _ => Self::Rows,
        }
    }
}

/// Events that belong together: one, or all of a transaction.
pub(crate) struct Group {
    /// The events, in order.
    pub(crate) events: SmallVec<[ChangeEvent; 1]>,
    /// The position that is reached once they are applied.
    pub(crate) end: Bookmark,
}

/// Puts events together into groups.
///
/// The events of concurrent transactions may lie interleaved. A group comes out with its *last* event, so groups come out in an
/// order that agrees with every row lock: who had to wait for another's lock wrote its own last event later.
pub(crate) struct Grouper {
    grouping: Grouping,
    open: BTreeMap<TransactionId, Open>,
    compacted: Option<Group>,
}

struct Open {
    before: Bookmark,
    events: SmallVec<[ChangeEvent; 1]>,
}

impl Grouper {
    pub(crate) fn new(grouping: Grouping) -> Self {
        Self { grouping, open: BTreeMap::new(), compacted: None }
    }

    /// Takes the next event, which lies after the position `before` and ends at `end`; gives the group that it completes.
    pub(crate) fn push(&mut self, event: ChangeEvent, before: Bookmark, end: Bookmark) -> Option<Group> {
        let (transaction, is_last) = (event.transaction, event.is_last());
        if self.grouping == Grouping::Rows || (is_last && !self.open.contains_key(&transaction)) {
            return Some(Group { events: smallvec![event], end });
        }
        let open = self.open.entry(transaction).or_insert_with(|| Open { before, events: SmallVec::new() });
        open.events.push(event);
        if !is_last {
            return None;
        }
        self.open.remove(&transaction).map(|open| Group { events: open.events, end })
    }

    /// Takes the next event out of the part of a log that is compacted, which ends at `end`.
    ///
    /// Transactions are not whole there: what somebody wrote over later is missing. What the source had in between cannot be shown any more, so all of that part makes one group,
    /// which [`Grouper::settle`] gives where the part ends. Rows come out one by one as ever.
    pub(crate) fn push_compacted(&mut self, event: ChangeEvent, end: Bookmark) -> Option<Group> {
        if self.grouping == Grouping::Rows {
            return Some(Group { events: smallvec![event], end });
        }
        let group = self.compacted.get_or_insert_with(|| Group { events: SmallVec::new(), end });
        // The rest of a transaction that was read in part may be gone by now.
        group.events.extend(std::mem::take(&mut self.open).into_values().flat_map(|open| open.events));
        group.events.push(event);
        group.end = end;
        None
    }

    /// What was read of a compacted part, now that it is behind.
    pub(crate) fn settle(&mut self) -> Option<Group> {
        self.compacted.take()
    }

    /// Where reading must begin again to find all that is still incomplete, given that it has got to `cursor`.
    pub(crate) fn resume_from(&self, cursor: Bookmark) -> Bookmark {
        self.open.values().map(|open| open.before).min().unwrap_or(cursor)
    }

    /// Whether nothing is incomplete.
    pub(crate) fn is_empty(&self) -> bool {
        self.open.is_empty() && self.compacted.is_none()
    }

    /// Forgets what is incomplete.
    pub(crate) fn clear(&mut self) {
        self.open.clear();
        self.compacted = None;
    }
}
